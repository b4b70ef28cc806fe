// What browsers and pages send: requests of the console, bodies of the operator door, queries of the HTTP API.

import fc from "fast-check";
import { requestFrom } from "../../../src/host/door/request-json.ts";
import { readRequest } from "../../../src/live/console-request.ts";
import { pageOf, wholeOf } from "../../../src/live/page-of.ts";
import {
  FlattenBotRequest,
  PauseBotRequest,
  SendCommandRequest,
  UpdateBotRequest,
} from "../../../src/rpc/generated/opensqt/market_maker/v1/bot.ts";
import {
  OpenCircuitBreakerRequest,
  TriggerKillSwitchRequest,
} from "../../../src/rpc/generated/opensqt/market_maker/v1/risk.ts";
import { RpcRefusal } from "../../../src/rpc/refusal.ts";
import { BrokenLaw, type FuzzTarget, nothingThrown, textOf } from "../target.ts";

const ASKED = [
  { type: "subscribe", topics: ["orders", "fills"], of: { bot: "grid", exchange: "binance" }, perSecond: 4 },
  { type: "unsubscribe", topics: ["kline"], of: { symbol: "BTC/USDT:USDT", interval: "1m" } },
  { type: "candles", requestId: "1", exchange: "binance", symbol: "BTC/USDT", interval: "1m", before: 0, limit: 100 },
  { type: "explain", requestId: "2", id: "o1abc" },
  { type: "config", requestId: "3", bot: "grid" },
  { type: "preview", requestId: "4", bot: "grid", config: "strategy: grid\n", more: true },
  { type: "state", requestId: "5", bot: "grid", sequence: 5, at: 1_700_000_000_000 },
].map((each) => JSON.stringify(each));

const COMMANDS = [
  { bot: "grid", requestId: "1", reason: "why" },
  { name: "grid", request_id: "1", reason: "why", dryRun: true },
  { scope: "bot", bot: "grid", requestId: "9", reason: "stop", parameters: { a: "1" } },
].map((each) => JSON.stringify(each));

const TYPES = [
  PauseBotRequest,
  FlattenBotRequest,
  SendCommandRequest,
  UpdateBotRequest,
  OpenCircuitBreakerRequest,
  TriggerKillSwitchRequest,
] as const;

/** The server's own reader of JSON stands before: what is none, and keys that change a prototype, never come here. */
function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(textOf(bytes));
  } catch {
    return undefined;
  }
}

export const SERVED: readonly FuzzTarget[] = [
  {
    name: "console",
    corpus: ASKED,
    near: fc.json(),
    isTyped: nothingThrown,
    open: () => ({
      read: (bytes) => {
        const read = readRequest(textOf(bytes));
        if (!read.ok) return read.message === "" ? new BrokenLaw("refused without saying why") : null;
        const again = readRequest(JSON.stringify(read.request));
        if (!again.ok || JSON.stringify(again.request) !== JSON.stringify(read.request)) {
          throw new BrokenLaw("a request that was read is not read again");
        }
        return read.request;
      },
    }),
  },
  {
    name: "operator-door",
    corpus: COMMANDS,
    near: fc.json(),
    isTyped: (error) => error instanceof RpcRefusal && error.status === "INVALID_ARGUMENT",
    open: () => ({
      read: (bytes) => {
        const body = parsed(bytes);
        if (body === undefined) return null;
        const refusals: unknown[] = [];
        const read = TYPES.map((type) => {
          try {
            return requestFrom<unknown>(type, body);
          } catch (error) {
            refusals.push(error);
            return null;
          }
        });
        // each type reads for itself; one that throws what it may not is shown
        for (const refusal of refusals) if (!(refusal instanceof RpcRefusal)) throw refusal;
        if (refusals.length === TYPES.length) throw refusals[0];
        return read;
      },
    }),
  },
  {
    name: "http-query",
    corpus: ["limit=10&after=5|x&bot=grid", "limit=100&cursor=abc", "since=1700000000000"],
    isTyped: nothingThrown,
    open: () => ({
      read: (bytes) => {
        const query = Object.fromEntries(new URLSearchParams(textOf(bytes)));
        const items = [{ key: "a" }, { key: "b" }];
        return [
          wholeOf(query, "since", { min: 0, max: 1e14, fallback: 100 }),
          pageOf({ items, keyOf: ({ key }) => key }, query),
        ];
      },
    }),
  },
];
