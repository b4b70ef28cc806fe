// The configuration file of `opensqt live-server` as a zod schema: the table of live.md section 7.

import { z } from "zod";
import { SYMBOL } from "../instruments.ts";
import { choice, list, optionalSecret, optionalText, requiredChoice, requiredText, text, whole } from "../key.ts";
import { KnownKeys } from "../schema-walk.ts";
import { PATH } from "../simulated-schema.ts";
import { ADDRESS_RULE, BOT_ID, clientTls, HOST, httpWithOrigins, log, NAME, tls, words } from "./sections.ts";

const source = z.strictObject({
  name: requiredText({ ...NAME, meaning: "what the console calls it" }),
  kind: requiredChoice(["connector", "engine"], "what it is"),
  address: requiredText({ ...ADDRESS_RULE, meaning: "where its gRPC listens" }),
  tls: clientTls(),
  key: optionalSecret("a reader's API key"),
});

const HASH = { pattern: /^[0-9a-f]{64}$/, range: "64 hex digits" } as const;
const PROXY = { pattern: /^[0-9a-fA-F:.]{2,45}(\/\d{1,3})?$/, range: "an address or ADDRESS/BITS" } as const;

const auth = () =>
  z
    .strictObject({
      mode: choice("none", ["none", "key", "jwt"], "how viewers show who they are; none is for loopback only"),
      keys: words([], HASH, "SHA-256 of viewers' keys"),
      jwt: z
        .strictObject({
          secret: optionalSecret("HS256: at least 32 bytes"),
          publicKey: optionalText({ ...PATH, meaning: "ES256: PEM file of the public key" }),
        })
        .optional(),
    })
    .prefault({});

const door = z.strictObject({
  bot: optionalText({
    pattern: BOT_ID,
    range: "1–32 of a-z, 0-9 and -",
    meaning: "one bot; all of the engine's unless given",
  }),
  url: requiredText({
    pattern: /^https?:\/\/[A-Za-z0-9.[\]:-]{1,255}$/,
    range: "http://HOST:PORT or https://HOST:PORT",
    meaning: "the engine's operator door, as a browser reaches it",
  }),
});

const web = () =>
  z
    .strictObject({
      directory: optionalText({ ...PATH, meaning: "folder of your own pages, served in place of the console" }),
      csp: text("frame-ancestors 'none'", {
        pattern: /^[\x20-\x7e]{1,2000}$/,
        range: "a Content-Security-Policy",
        meaning: "policy of the pages of web.directory",
      }),
      doors: list(door, {
        min: 0,
        max: 100,
        meaning: "operator doors the console may talk to; the local engine's unless given",
      }),
    })
    .prefault({});

const MS = { min: 1, max: 600_000, unit: "ms" } as const;

const limits = () =>
  z
    .strictObject({
      clientsMax: whole(1000, { min: 1, max: 10_000, meaning: "connections at once" }),
      clientsPerAddressMax: whole(250, { min: 1, max: 1000, meaning: "connections of one address" }),
      bufferMessages: whole(256, {
        min: 16,
        max: 4096,
        unit: "messages",
        meaning: "messages that wait for one client",
      }),
      inboundPerSecond: whole(100, { min: 1, max: 1000, unit: "messages/s", meaning: "messages a client may send" }),
      pingMs: whole(54_000, { ...MS, meaning: "time between pings; below pongMs" }),
      pongMs: whole(60_000, { ...MS, meaning: "silence of a client that ends it" }),
      writeMs: whole(10_000, { ...MS, meaning: "time a write may take" }),
    })
    .prefault({});

/** Everything but the sources, which `opensqt up` knows by itself. */
export const LIVE_SERVER_SECTIONS = {
  instruments: words(
    [],
    { pattern: SYMBOL, range: "BASE/QUOTE or BASE/QUOTE:QUOTE" },
    "instruments shown; all unless given",
  ),
  interval: choice("1m", ["1m", "3m", "5m", "15m", "1h"], "candles of the classic messages"),
  historyLimit: whole(100, { min: 1, max: 1000, unit: "candles", meaning: "candles a client gets when it connects" }),
  http: httpWithOrigins(8081, { fallback: [], meaning: "other origins whose pages may read" })
    .extend({
      allowedHosts: words([], { pattern: HOST, range: "a host name" }, "names it answers to beside the loopback ones"),
      trustedProxies: words([], PROXY, "proxies whose X-Forwarded-For is believed"),
    })
    .prefault({}),
  tls: tls(),
  auth: auth(),
  web: web(),
  limits: limits(),
  log: log(),
} as const;

export const LIVE_SERVER_SCHEMA = z.strictObject({
  sources: list(source, { min: 0, max: 100, meaning: "connectors and engines it shows; the local ones unless given" }),
  ...LIVE_SERVER_SECTIONS,
});

export type LiveServerValues = z.infer<typeof LIVE_SERVER_SCHEMA>;

export const LIVE_SERVER_KEYS = new KnownKeys(LIVE_SERVER_SCHEMA);
