// A ccxt port of one of the exchanges with its network replaced: replies are written down by route, every request that
// leaves is kept, and the signature of each signed one is computed again from the text that was sent.

import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import type { TestContext } from "node:test";
import { PacedClock } from "../../src/base/paced-clock.ts";
import { type CcxtPort, type CcxtPortOptions, openCcxtPort } from "../../src/exchange/ccxt/ccxt-port.ts";
import type { HttpReply, HttpRequest, Transport } from "../../src/exchange/ccxt/transport.ts";
import type { UpstreamHealth } from "../../src/exchange/port.ts";
import { MONOTONIC_CLOCK } from "../../src/host/wall-clock.ts";
import { parseMoney } from "../../src/market/instrument.ts";
import { SILENT_LOG } from "../../src/observe/log.ts";

export interface Sent {
  /** `POST /api/v5/trade/order`. */
  readonly route: string;
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  /** As sent; "" without one. */
  readonly text: string;
  readonly json: unknown;
}

/** A body, or a status and a body, or what is answered to what was sent. */
export type Answer = object | string | ((sent: Sent) => unknown);

export class Status {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}) {
    this.status = status;
    this.body = body;
    this.headers = headers;
  }
}

export const KEYS = { apiKey: "the-key", secret: "the-secret", passphrase: "the-phrase" } as const;
export const NOW_MS = 1_795_233_139_000;

export interface ExchangeStage {
  readonly port: CcxtPort;
  readonly sent: readonly Sent[];
  readonly health: readonly UpstreamHealth[];
  /** Replies may be changed while the port lives. */
  readonly replies: Record<string, Answer>;
  readonly sentTo: (route: string) => readonly Sent[];
  readonly last: (route: string) => Sent;
}

export interface StageAbout {
  readonly exchange: string;
  readonly market: "spot" | "perpetual";
  readonly symbol: string;
  readonly replies: Readonly<Record<string, Answer>>;
  readonly more?: Partial<CcxtPortOptions>;
}

export function stageTransport(exchange: string, replies: Record<string, Answer>, sent: Sent[]): Transport {
  return {
    send: (request, left): Promise<HttpReply> => {
      const asked = sentOf(request);
      sent.push(asked);
      checkSignature(exchange, asked);
      left();
      const answer = Object.hasOwn(replies, asked.route) ? replies[asked.route] : undefined;
      const given: unknown = typeof answer === "function" ? answer(asked) : answer;
      const {
        status,
        body,
        headers: told,
      } = given === undefined
        ? new Status(404, "no such path")
        : given instanceof Status
          ? given
          : new Status(200, given);
      const text = typeof body === "string" ? body : JSON.stringify(body);
      const headers = { "content-type": "application/json", ...told };
      return Promise.resolve({ status, statusText: "", headers, text });
    },
    close: () => undefined,
  };
}

export async function exchangeStage(context: TestContext, about: StageAbout): Promise<ExchangeStage> {
  const replies: Record<string, Answer> = { ...about.replies };
  const sent: Sent[] = [];
  const clock = new PacedClock(MONOTONIC_CLOCK, NOW_MS, 1);
  const port = await openCcxtPort({
    exchange: about.exchange,
    market: about.market,
    symbols: [about.symbol],
    credentials: KEYS,
    environment: "live",
    clock,
    log: SILENT_LOG,
    transport: stageTransport(about.exchange, replies, sent),
    times: { readMs: 3000, patientMs: 3000 },
    ...about.more,
  });
  context.after(() => port.closed());
  const health: UpstreamHealth[] = [];
  port.watchHealth((news) => health.push(news));
  const sentTo = (route: string): readonly Sent[] => sent.filter((each) => each.route === route);
  const last = (route: string): Sent => {
    const found = sentTo(route).at(-1);
    assert.ok(found, `nothing was sent to ${route}, but to ${sent.map((each) => each.route).join(", ")}`);
    return found;
  };
  return { port, sent, health, replies, sentTo, last };
}

function sentOf({ method, url, headers, body }: HttpRequest): Sent {
  const { pathname, search } = new URL(url);
  const text = body ?? "";
  return {
    route: `${method} ${pathname}`,
    query: search.slice(1),
    headers,
    text,
    json: text === "" ? null : parsed(text),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return Object.fromEntries(new URLSearchParams(text));
  }
}

const hmac = (hash: "sha256" | "sha512", form: "hex" | "base64", text: string): string =>
  createHmac(hash, KEYS.secret).update(text).digest(form);

/** By the exchanges' documents: emulator.md section 2, column "signed text". */
function checkSignature(exchange: string, { route, query, headers, text }: Sent): void {
  const [method = "", path = ""] = route.split(" ");
  const of = (name: string): string => headers[name] ?? "";
  const asked = query === "" ? path : `${path}?${query}`;
  const rows: Readonly<Record<string, () => readonly [string, string]>> = {
    okx: () => [of("OK-ACCESS-SIGN"), hmac("sha256", "base64", `${of("OK-ACCESS-TIMESTAMP")}${method}${asked}${text}`)],
    bybit: () => {
      const head = `${of("X-BAPI-TIMESTAMP")}${KEYS.apiKey}${of("X-BAPI-RECV-WINDOW")}`;
      return [of("X-BAPI-SIGN"), hmac("sha256", "hex", head + (method === "GET" ? query : text))];
    },
    gate: () => {
      const digest = createHash("sha512").update(text).digest("hex");
      const lines = [method, path, decodeURIComponent(query), digest, of("Timestamp")];
      return [of("SIGN"), hmac("sha512", "hex", lines.join("\n"))];
    },
    bitget: () => [of("ACCESS-SIGN"), hmac("sha256", "base64", `${of("ACCESS-TIMESTAMP")}${method}${asked}${text}`)],
  };
  const [told, own] = rows[exchange.replace(/uta$/, "")]?.() ?? ["", ""];
  // market data is not signed
  if (told !== "") assert.equal(told, own, `the signature of ${route}`);
}

/** What a port calls back with, awaited. */
export const asked = <T>(ask: (done: (result: T) => void) => void): Promise<T> =>
  new Promise((resolve) => ask(resolve));

/** Money of decimal text. */
export function money(text: string): bigint {
  const read = parseMoney(text, "exact");
  assert.ok(read.ok, `${text} is no money`);
  return read.value;
}
