// Sections several processes share, as zod schemas: listeners, certificates, callers, logs.

import { z } from "zod";
import { choice, list, optionalSecret, optionalText, requiredChoice, requiredText, text, whole } from "../key.ts";
import { PATH } from "../simulated-schema.ts";

export const HOST = /^(\[[0-9a-fA-F:.]{2,45}\]|[0-9a-fA-F:]{2,45}|[A-Za-z0-9]([A-Za-z0-9.-]{0,252}[A-Za-z0-9])?)$/;
const PORT = "(\\d{1,4}|[1-5]\\d{4}|6[0-4]\\d{3}|65[0-4]\\d{2}|655[0-2]\\d|6553[0-5])";
const NAMED = "(\\[[0-9a-fA-F:.]{2,45}\\]|[A-Za-z0-9]([A-Za-z0-9.-]{0,252}[A-Za-z0-9])?)";
const ADDRESS = new RegExp(`^(unix:[^\\0]{1,100}|${NAMED}:${PORT})$`);
const ORIGIN = /^https?:\/\/[A-Za-z0-9.[\]:-]{1,255}$/;
export const BOT_ID = /^[a-z0-9][a-z0-9-]{0,31}$/;
export const NAME = {
  pattern: /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
  range: "1–64 of letters, digits, ., _ and -",
} as const;

export const ADDRESS_RULE = { pattern: ADDRESS, range: "HOST:PORT or unix:PATH" } as const;
export const ORIGIN_RULE = { pattern: ORIGIN, range: "http://HOST[:PORT] or https://HOST[:PORT]" } as const;

const postgres = () =>
  z.strictObject({
    url: optionalSecret(
      "address of the database that keeps journals and registry, postgresql://USER:PASSWORD@HOST/DATABASE",
    ),
    schema: text("opensqt", {
      pattern: /^[a-z_][a-z0-9_]{0,62}$/,
      range: "1–63 of a-z, 0-9 and _",
      meaning: "Postgres schema the tables are in; a store is one schema",
    }),
    host: optionalText({ ...NAME, meaning: "name of this host in leases; the machine's own unless given" }),
    leaseMs: whole(15_000, {
      min: 3_000,
      max: 60_000,
      unit: "ms",
      meaning: "life of a lease without renewal; its holder stops sending after four fifths of it",
    }),
  });

export const store = () =>
  z
    .strictObject({
      sqlite: text("./data", {
        ...PATH,
        meaning: "folder of the journals; with postgres, of what a machine keeps besides",
      }),
      postgres: postgres().optional(),
    })
    .prefault({});

export const log = () =>
  z
    .strictObject({ level: choice("info", ["debug", "info", "warn", "error"], "least level that is written") })
    .prefault({});

const listener = (port: number) => ({
  bind: text("127.0.0.1", {
    pattern: HOST,
    range: "a host name or address, without port",
    meaning: "where the listener of /health, /ready, /status and /metrics listens",
  }),
  port: whole(port, { min: 0, max: 65_535, meaning: "its port; 0 takes any free one" }),
});

export const http = (port: number) => z.strictObject(listener(port)).prefault({});

/** With the origins of pages that may call it. */
export const httpWithOrigins = (port: number, origins: { readonly fallback: string[]; readonly meaning: string }) =>
  z.strictObject({ ...listener(port), allowedOrigins: words(origins.fallback, ORIGIN_RULE, origins.meaning) });

/** A list of plain words with a default. */
export function words(
  fallback: readonly string[],
  rule: { readonly pattern: RegExp; readonly range: string },
  meaning: string,
) {
  const entries = list(requiredText({ ...rule, meaning: "one of them" }), { min: 0, max: 1000, meaning });
  return fallback.length === 0 ? entries : entries.unwrap().default([...fallback]);
}

export const tls = () =>
  z
    .strictObject({
      cert: requiredText({ ...PATH, meaning: "PEM file of the certificate this process shows, on gRPC and HTTP" }),
      key: requiredText({ ...PATH, meaning: "PEM file of its private key, readable by its owner alone" }),
      clientCa: optionalText({ ...PATH, meaning: "PEM file of the authority whose certificates callers may show" }),
    })
    .optional();

export const clientTls = () =>
  z
    .strictObject({
      ca: optionalText({ ...PATH, meaning: "PEM file of the authority that is trusted; the system's unless given" }),
      cert: optionalText({ ...PATH, meaning: "PEM file of the certificate shown to the other side" }),
      key: optionalText({ ...PATH, meaning: "PEM file of its private key, readable by its owner alone" }),
      serverName: optionalText({
        pattern: HOST,
        range: "a host name",
        meaning: "name the other side's certificate must carry; the host of the address unless given",
      }),
    })
    .optional();

const client = z.strictObject({
  name: requiredText({ ...NAME, meaning: "who calls, as logs and the journal say" }),
  role: requiredChoice(["reader", "trader", "operator"], "what it may do"),
  key: optionalSecret("its API key"),
  sha256: optionalText({ pattern: /^[0-9a-f]{64}$/, range: "64 hex digits", meaning: "SHA-256 of its API key" }),
  san: optionalText({
    pattern: /^[\x21-\x7e]{1,255}$/,
    range: "a name, exactly as in the certificate",
    meaning: "subject alternative name of its certificate",
  }),
  bots: list(requiredText({ pattern: BOT_ID, range: "1–32 of a-z, 0-9 and -", meaning: "a bot" }), {
    min: 0,
    max: 1000,
    meaning: "bots it may place orders for; any unless given",
  }),
});

export const grpc = (bind: string) =>
  z
    .strictObject({
      bind: text(bind, { ...ADDRESS_RULE, meaning: "where gRPC listens; port 0 takes any free one" }),
      clients: list(client, { min: 0, max: 1000, meaning: "who may call, and as what" }),
      requestsPerSecondMax: whole(100, {
        min: 1,
        max: 100_000,
        unit: "requests/s",
        meaning: "refill of a caller's budget, twenty times that for a trader; cancels and kill do not count",
      }),
      requestsBurst: whole(200, {
        min: 1,
        max: 100_000,
        unit: "requests",
        meaning: "requests that may come at once, twenty times that for a trader",
      }),
    })
    .prefault({});

/** Where to call, whom to trust and what to show. */
export const peer = (address: string) =>
  z
    .strictObject({
      address: text(address, { ...ADDRESS_RULE, meaning: "where its gRPC listens" }),
      tls: clientTls(),
      key: optionalSecret("API key shown to it"),
    })
    .prefault({});

/** Where a real exchange is, and whose keys would be used. */
export const environment = () =>
  choice("emulator", ["live", "testnet", "emulator"], "which world the exchange is of; simulated ones are emulator");
