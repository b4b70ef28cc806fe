// Logins of private sockets as the exchanges ask for them: text, keyed hash, message. The secret is read from ccxt's
// own instance and goes nowhere but into the hash.

import { createHmac } from "node:crypto";
import type { CcxtInstance } from "../ccxt-instance.ts";
import { type Raw, recordOf, textOf } from "../raw.ts";

/** Keyed hash of a text. */
export function keyedHash(
  secret: string,
  text: string,
  { hash, form }: { readonly hash: "sha256" | "sha512"; readonly form: "hex" | "base64" },
): string {
  return createHmac(hash, secret).update(text).digest(form);
}

export interface SocketKeys {
  readonly apiKey: string;
  readonly secret: string;
  readonly passphrase: string;
}

export const keysOf = (instance: CcxtInstance): SocketKeys => ({
  apiKey: textOf(instance.kept("apiKey")) ?? "",
  secret: textOf(instance.kept("secret")) ?? "",
  passphrase: textOf(instance.kept("password")) ?? "",
});

/** An address of ccxt's own list, moved or not: `urls.api.…`, its host name filled in. */
export function apiUrl(instance: CcxtInstance, ...path: readonly string[]): string {
  let found: unknown = recordOf(instance.kept("urls"))["api"];
  for (const name of path) found = recordOf(found)[name];
  const hostname = textOf(instance.kept("hostname")) ?? "";
  return (textOf(found) ?? "").replace("{hostname}", hostname);
}

/** As {@link apiUrl}, below `ws`. */
export const socketUrl = (instance: CcxtInstance, ...path: readonly string[]): string =>
  apiUrl(instance, "ws", ...path);

/** `{op: "login"}` of OKX and Bitget: seconds, GET and a path. */
export function loginMessage(keys: SocketKeys, path: string, seconds: number): Raw {
  const timestamp = String(seconds);
  const sign = keyedHash(keys.secret, `${timestamp}GET${path}`, { hash: "sha256", form: "base64" });
  return { op: "login", args: [{ apiKey: keys.apiKey, passphrase: keys.passphrase, timestamp, sign }] };
}

/** `{op: "auth"}` of Bybit: good until `expiresMs`. */
export function authMessage(keys: SocketKeys, expiresMs: number): Raw {
  const sign = keyedHash(keys.secret, `GET/realtime${expiresMs}`, { hash: "sha256", form: "hex" });
  return { op: "auth", args: [keys.apiKey, String(expiresMs), sign] };
}

/** A signed subscription of Gate: each channel has a signature of its own. */
export function channelMessage(
  keys: SocketKeys,
  {
    channel,
    payload,
    seconds,
  }: { readonly channel: string; readonly payload: readonly string[]; readonly seconds: number },
): Raw {
  const text = `channel=${channel}&event=subscribe&time=${seconds}`;
  const sign = keyedHash(keys.secret, text, { hash: "sha512", form: "hex" });
  const auth = { method: "api_key", KEY: keys.apiKey, SIGN: sign };
  const said = { time: seconds, channel, event: "subscribe", auth };
  return payload.length === 0 ? said : { ...said, payload };
}
