// Every kind of event reaches the bot that asked for its instrument, and no other; each strategy takes all of them.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { ExchangePort, StreamMessage } from "../../exchange/port.ts";
import { lots, milliTicks, money, ticks } from "../../market/amounts.ts";
import { foreignOrderId } from "../../trading/client-order-id.ts";
import type { EventKind } from "../../trading/event.ts";
import type { BotBinder } from "./binder.ts";
import { phaseOf } from "./bot-view.ts";
import { configBinder } from "./config-binder.ts";
import { ANN, botOf, botText, FleetWorld, symbolOf } from "./fleet.fixture.ts";
import { PROBE_NAME, probeBinder } from "./probe-binder.fixture.ts";

type Heard = (message: StreamMessage) => void;

/** One message of each kind a stream brings, for one instrument. */
function messagesFor(symbol: string, atMs: number): readonly StreamMessage[] {
  const id = foreignOrderId("somebody-else-1");
  const order = { clientOrderId: id, exchangeOrderId: "x77", side: "buy", price: ticks(590_000) } as const;
  const ohlc = { open: ticks(600_000), high: ticks(600_000), low: ticks(600_000), close: ticks(600_000) };
  return [
    {
      kind: "book",
      symbol,
      bids: [[ticks(599_990), lots(9)]],
      asks: [[ticks(600_010), lots(9)]],
      exchangeAtMs: atMs,
      replaced: 0,
    },
    {
      kind: "trades",
      symbol,
      count: 1,
      volume: lots(1),
      last: ticks(600_000),
      high: ticks(600_000),
      low: ticks(600_000),
    },
    { kind: "candle", symbol, interval: "1m", openAtMs: 0, ...ohlc, volume: lots(1), closed: true },
    { kind: "mark", symbol, mark: milliTicks(600_000_000) },
    { kind: "funding-rate", symbol, ratePpt: 1, nextAtMs: atMs + 1 },
    {
      kind: "funding-settled",
      symbol,
      settledAtMs: 1,
      ratePpt: 1,
      mark: milliTicks(600_000_000),
      positionLots: lots(0),
      amount: money(0n),
    },
    {
      kind: "order",
      symbol,
      ...order,
      quantity: lots(1),
      status: "open",
      cumulative: lots(0),
      reason: null,
      source: "stream",
    },
    {
      kind: "fill",
      symbol,
      tradeId: "others-1",
      ...order,
      quantity: lots(1),
      feeAsset: "USDT",
      fee: money(0n),
      liquidity: "maker",
      origin: "order",
      exchangeAtMs: atMs,
    },
    { kind: "account", equity: money(10n ** 22n), quoteAvailable: money(10n ** 22n), maintenanceMargin: money(0n) },
    { kind: "position", symbol, lots: lots(0), askedAtSeq: 0, liquidation: null },
    { kind: "feed", feed: "candles", state: "stale" },
  ];
}

/** What the streams bring; the rest comes from the host and the operator. */
const STREAMED: readonly EventKind[] = messagesFor("", 0).map(({ kind }) => kind);
const OWN: readonly EventKind[] = [
  "run-started",
  "configured",
  "start-facts",
  "recovered",
  "timer",
  "command",
  "outcome",
];

/** The world's port, with a way to speak to whoever subscribed to an instrument. */
function tapped(w: FleetWorld, heard: Map<string, Set<Heard>>): ExchangePort {
  const port = w.connect();
  const subscribe: ExchangePort["subscribe"] = (request, listener) => {
    const listeners = heard.get(request.symbol) ?? new Set<Heard>();
    heard.set(request.symbol, listeners.add(listener));
    const end = port.subscribe(request, listener);
    return () => {
      listeners.delete(listener);
      end();
    };
  };
  return Object.assign(Object.create(port) as ExchangePort, { subscribe });
}

for (const [strategy, binder] of [
  ["grid", configBinder],
  [PROBE_NAME, probeBinder],
] as const satisfies readonly (readonly [string, BotBinder])[]) {
  test(`OPS-14 every kind of event reaches the ${strategy} bot of its instrument and no other`, async (t) => {
    const w = new FleetWorld(2);
    t.after(() => w.remove());
    const heard = new Map<string, Set<Heard>>();
    const p = w.start({ binder, portOf: () => tapped(w, heard), seeds: [botText("a", 0), botText("b", 1)] });
    await w.untilTrue(
      () => p.fleet.bots().every((bot) => phaseOf(bot) === "RUNNING") && w.open(0) > 0 && w.open(1) > 0,
    );
    assert.equal(botOf(p, "a").state?.config?.strategy, strategy);
    const seen = new Map<string, Set<string>>();
    p.fleet.observe(({ id }, turn) => {
      for (const event of turn?.events ?? []) {
        const symbol = "symbol" in event ? event.symbol : "";
        seen.set(id, (seen.get(id) ?? new Set()).add(`${event.kind} ${symbol}`));
      }
    });
    assert.equal(heard.get(symbolOf(0))?.size, 1);
    for (const message of messagesFor(symbolOf(0), w.clock.nowMs())) {
      for (const listener of heard.get(symbolOf(0)) ?? []) listener(message);
    }
    await w.until(p.fleet.pause({ id: "a", cancelEntries: true, leg: "both" }, ANN));
    await w.run(2_000);
    const kinds = new Set([...(seen.get("a") ?? [])].map((each) => each.split(" ")[0]));
    for (const kind of STREAMED) assert.ok(kinds.has(kind), `a hears of ${kind}`);
    const ownKinds = new Set([...(botOf(p, "a").journal?.records(0) ?? [])].map(({ kind }) => kind));
    for (const kind of OWN) assert.ok(ownKinds.has(kind), `a's journal has ${kind}`);
    for (const each of seen.get("b") ?? []) assert.ok(!each.includes(symbolOf(0)), `b hears of ${each}`);
    assert.deepEqual(p.ends, []);
    await w.until(p.fleet.close("test"));
  });
}
