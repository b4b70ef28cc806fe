// The mailbox under any input: what may be merged is merged to the same end, what may not be dropped all arrives in
// order, and nothing grows without bound.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { lots, milliTicks, money, ticks } from "../market/amounts.ts";
import { foreignOrderId } from "../trading/client-order-id.ts";
import type { EngineEvent } from "../trading/event.ts";
import type { HostEvent } from "./context.ts";
import { Mailbox } from "./mailbox.ts";

const RUNS = Number.parseInt(process.env["OPENSQT_PROPERTY_RUNS"] ?? "200", 10);

const SYMBOLS = ["A/USDT", "B/USDT"] as const;
const symbol = fc.constantFrom(...SYMBOLS);
const price = fc.integer({ min: 1, max: 1000 }).map(ticks);
const count = fc.integer({ min: 1, max: 50 });

const market: fc.Arbitrary<HostEvent> = fc.oneof(
  fc.record({ symbol, bid: price, depth: fc.integer({ min: 1, max: 9 }) }).map(
    ({ symbol, bid, depth }): HostEvent => ({
      kind: "book",
      symbol,
      bids: Array.from({ length: depth }, (_, i) => [ticks(bid - i), lots(1)]),
      asks: [[ticks(bid + 1), lots(1)]],
      exchangeAtMs: 0,
      replaced: 0,
    }),
  ),
  fc
    .record({ symbol, mark: price })
    .map(({ symbol, mark }): HostEvent => ({ kind: "mark", symbol, mark: milliTicks(mark) })),
  fc
    .record({ symbol, ratePpt: count })
    .map(({ symbol, ratePpt }): HostEvent => ({ kind: "funding-rate", symbol, ratePpt, nextAtMs: 0 })),
  fc.record({ symbol, count, last: price, high: price, low: price }).map(
    ({ symbol, count, last, high, low }): HostEvent => ({
      kind: "trades",
      symbol,
      count,
      volume: lots(count),
      last,
      high: ticks(Math.max(high, low, last)),
      low: ticks(Math.min(high, low, last)),
    }),
  ),
  fc.record({ symbol, close: price, closed: fc.boolean(), openAtMs: count }).map(
    ({ symbol, close, closed, openAtMs }): HostEvent => ({
      kind: "candle",
      symbol,
      interval: "1m",
      openAtMs,
      open: close,
      high: close,
      low: close,
      close,
      volume: lots(1),
      closed,
    }),
  ),
  fc.constantFrom("a", "b").map((name): HostEvent => ({ kind: "timer", name, missed: 0 })),
  fc
    .record({
      feed: fc.constantFrom("book" as const, "orders" as const),
      state: fc.constantFrom("stale" as const, "fresh" as const),
    })
    .map(({ feed, state }): HostEvent => ({ kind: "feed", feed, state })),
);

const certain: fc.Arbitrary<HostEvent> = fc.oneof(
  count.map(
    (n): HostEvent => ({
      kind: "fill",
      symbol: "A/USDT",
      tradeId: `t${n}`,
      clientOrderId: null,
      exchangeOrderId: "x",
      side: "buy",
      price: ticks(1),
      quantity: lots(n),
      feeAsset: "USDT",
      fee: money(0n),
      liquidity: "maker",
      origin: "order",
      exchangeAtMs: 0,
    }),
  ),
  count.map(
    (n): HostEvent => ({
      kind: "outcome",
      of: "place",
      clientOrderId: foreignOrderId(`o${n}`),
      result: "unknown",
      exchangeOrderId: null,
      reason: null,
      text: "",
    }),
  ),
  fc.constant<HostEvent>({ kind: "command", command: { name: "resume" }, by: "a", reason: "b" }),
);

const DROPPABLE = new Set(["book", "mark", "funding-rate", "trades", "timer", "feed"]);
const isCertain = (event: HostEvent): boolean =>
  !DROPPABLE.has(event.kind) && !(event.kind === "candle" && !event.closed);

const strip = ({ atMs: _atMs, ...event }: EngineEvent): unknown => event;

function takeAll(mailbox: Mailbox, size: number): EngineEvent[] {
  const taken: EngineEvent[] = [];
  while (mailbox.size > 0) taken.push(...mailbox.take(size, 1));
  return taken;
}

test("TEST-P13 DUR-07 what may not be dropped arrives whole and in stream order", () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(market, certain), { maxLength: 200 }),
      fc.integer({ min: 1, max: 20 }),
      (events, size) => {
        const mailbox = new Mailbox();
        for (const event of events) mailbox.offer(event, false);
        const arrived = takeAll(mailbox, size)
          .filter((event) => isCertain(event))
          .map(strip);
        assert.deepEqual(arrived, events.filter(isCertain));
      },
    ),
    { numRuns: RUNS, seed: 13 },
  );
});

type Seen = Map<string, unknown>;

/** What somebody who reads every event knows at the end. */
function readAll(events: readonly HostEvent[]): Seen {
  const seen: Seen = new Map();
  for (const event of events) {
    // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- only what is conflated
    switch (event.kind) {
      case "book":
        seen.set(`book ${event.symbol}`, [event.bids.slice(0, 5), event.asks.slice(0, 5)]);
        add(seen, `books ${event.symbol}`, event.replaced + 1);
        break;
      case "mark":
        seen.set(`mark ${event.symbol}`, event.mark);
        break;
      case "funding-rate":
        seen.set(`rate ${event.symbol}`, event.ratePpt);
        break;
      case "trades":
        add(seen, `trades ${event.symbol}`, event.count);
        add(seen, `volume ${event.symbol}`, event.volume);
        seen.set(`last ${event.symbol}`, event.last);
        seen.set(`high ${event.symbol}`, Math.max(event.high, Number(seen.get(`high ${event.symbol}`) ?? 0)));
        seen.set(`low ${event.symbol}`, Math.min(event.low, Number(seen.get(`low ${event.symbol}`) ?? 1e9)));
        break;
      case "candle":
        if (!event.closed) seen.set(`candle ${event.symbol}`, event.close);
        break;
      case "timer":
        add(seen, `timer ${event.name}`, event.missed + 1);
        break;
      case "feed":
        seen.set(`feed ${event.feed}`, event.state);
        break;
      default:
    }
  }
  return seen;
}

const add = (seen: Seen, key: string, value: number): void => {
  seen.set(key, Number(seen.get(key) ?? 0) + value);
};

test("TEST-P13 DUR-07 conflated and full market data end in the same picture, nothing uncounted", () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(market, certain), { maxLength: 200 }),
      fc.array(fc.nat(5), { maxLength: 60 }),
      (events, takes) => {
        const mailbox = new Mailbox();
        const arrived: EngineEvent[] = [];
        for (const [i, event] of events.entries()) {
          mailbox.offer(event, false);
          arrived.push(...mailbox.take(takes[i] ?? 0, 1));
        }
        arrived.push(...takeAll(mailbox, 256));
        const byKey = (a: [string, unknown], b: [string, unknown]): number => (a[0] < b[0] ? -1 : 1);
        assert.deepEqual([...readAll(arrived)].sort(byKey), [...readAll(events)].sort(byKey));
      },
    ),
    { numRuns: RUNS, seed: 14 },
  );
});

test("TEST-P24 DUR-08 the mailbox stays within its bounds under any input, and says full instead of dropping", () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(market, certain), { maxLength: 300 }),
      fc.integer({ min: 1, max: 20 }),
      (events, capacity) => {
        const mailbox = new Mailbox(capacity);
        let kept = 0;
        for (const event of events) {
          const offered = mailbox.offer(event, false);
          if (isCertain(event)) {
            assert.equal(offered, kept < capacity ? "queued" : "full");
            if (offered === "queued") kept += 1;
          }
          assert.ok(mailbox.pressure <= capacity);
          assert.ok(mailbox.size <= capacity + 2 * 5 + 2 + 2);
        }
        assert.equal(takeAll(mailbox, 256).filter(isCertain).length, kept);
      },
    ),
    { numRuns: RUNS, seed: 24 },
  );
});
