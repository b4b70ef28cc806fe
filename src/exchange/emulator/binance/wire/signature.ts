// Signatures over the exact bytes received (EMU-06): query then body as they were sent, without the signature itself;
// of a WebSocket request its parameters in alphabetical order. HMAC-SHA256, hex.

import { createHmac, timingSafeEqual, verify } from "node:crypto";

/** Text that a request's signature is made over, and the signature; null where none was sent. */
export function signedText(query: string, body: string): { readonly text: string; readonly signature: string | null } {
  const [bareQuery, inQuery] = withoutSignature(query);
  const [bareBody, inBody] = withoutSignature(body);
  return { text: bareQuery + bareBody, signature: inQuery ?? inBody };
}

/** Text that the signature of a WebSocket request is made over: `apiKey=…&timestamp=…`, names in order. */
export function signedParameters(values: Iterable<readonly [string, string]>): string {
  const sorted = [...values].filter(([name]) => name !== "signature").sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return sorted.map(([name, value]) => `${name}=${value}`).join("&");
}

export const signatureOf = (secret: string, text: string): string =>
  createHmac("sha256", secret).update(text).digest("hex");

/** An account whose secret is a public key signs with Ed25519, in base64; every other one with HMAC. */
export const isPublicKey = (secret: string): boolean => secret.startsWith("-----BEGIN PUBLIC KEY-----");

/** True where the signature is the secret's over the text. Letters of the hex may be of any case. */
export function signatureHolds(secret: string, text: string, signature: string): boolean {
  if (isPublicKey(secret)) return verify(null, Buffer.from(text), secret, signedBytes(signature));
  const expected = Buffer.from(signatureOf(secret, text));
  const given = Buffer.from(signature.toLowerCase());
  return expected.length === given.length && timingSafeEqual(expected, given);
}

const NAME = "signature=";

function withoutSignature(text: string): readonly [bare: string, signature: string | null] {
  let at = text.indexOf(NAME);
  while (at > 0 && text[at - 1] !== "&") at = text.indexOf(NAME, at + 1);
  if (at === -1) return [text, null];
  const mark = text.indexOf("&", at);
  const end = mark === -1 ? text.length : mark;
  // one separator goes with it
  const bare = at === 0 ? text.slice(end + 1) : text.slice(0, at - 1) + text.slice(end);
  return [bare, text.slice(at + NAME.length, end)];
}

/** Base64, percent-encoded where it came in a query. */
const signedBytes = (signature: string): Buffer => Buffer.from(signature.replace(/%([0-9A-F]{2})/gi, byte), "base64");
const byte = (_whole: string, hex: string): string => String.fromCharCode(Number.parseInt(hex, 16));
