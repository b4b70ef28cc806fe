// What live-server is told by its configuration, as the parts need it. Made by apps/live-server from the file; no part
// reads the file itself.

import type { ClientLimits } from "./client.ts";

export type AuthSettings =
  | { readonly mode: "none" }
  /** SHA-256 of viewers' keys, hex. */
  | { readonly mode: "key"; readonly hashes: readonly string[] }
  | { readonly mode: "jwt"; readonly secret: string }
  /** PEM of the public key. */
  | { readonly mode: "jwt"; readonly publicKey: string };

export interface WebSettings {
  /** Files of somebody's own in place of the console; null = the built-in one. */
  readonly directory: string | null;
  /** Content-Security-Policy of those files. */
  readonly csp: string;
  /** Folder of the built console. */
  readonly builtIn: string;
  /** Operator doors of engines, as a browser reaches them; beside those the engines name. No bot: all of them. */
  readonly doors: readonly { readonly bot: string; readonly url: string }[];
}

export interface LiveSettings {
  readonly bind: string;
  readonly port: number;
  readonly release: string;
  /** Candles of the classic messages and of the opening. */
  readonly interval: string;
  readonly intervals: readonly string[];
  readonly historyLimit: number;
  /** Symbols in our words; empty = all of the sources. The first is the one a classic connection gets unasked. */
  readonly instruments: readonly string[];
  readonly allowedOrigins: readonly string[];
  readonly allowedHosts: readonly string[];
  readonly trustedProxies: readonly string[];
  readonly auth: AuthSettings;
  readonly web: WebSettings;
  /** PEM files; null = plain HTTP. */
  readonly tls: { readonly cert: string; readonly key: string } | null;
  readonly limits: ClientLimits & { readonly clientsMax: number; readonly clientsPerAddressMax: number };
}

/** Everything by default, on loopback; tests and scripts change what they mean. */
export function defaultSettings(changes: Partial<LiveSettings> & { readonly builtIn?: string } = {}): LiveSettings {
  const { builtIn = "", ...others } = changes;
  return {
    bind: "127.0.0.1",
    port: 8081,
    release: "unknown",
    interval: "1m",
    intervals: ["1m"],
    historyLimit: 100,
    instruments: [],
    allowedOrigins: [],
    allowedHosts: [],
    trustedProxies: [],
    auth: { mode: "none" },
    web: { directory: null, csp: "frame-ancestors 'none'", builtIn, doors: [] },
    tls: null,
    limits: {
      clientsMax: 1000,
      clientsPerAddressMax: 250,
      bufferMessages: 256,
      inboundPerSecond: 100,
      pingMs: 54_000,
      pongMs: 60_000,
      writeMs: 10_000,
    },
    ...others,
  };
}
