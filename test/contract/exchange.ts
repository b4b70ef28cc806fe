// The contract of the exchange port (EXCH-51): what every implementation must do, played on the same simulated exchange.
// The numbers are those of the table in docs/spec/exchanges.md; an implementation that cannot do a case says why.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { ExchangePort } from "../../src/exchange/port.ts";
import { lots } from "../../src/market/amounts.ts";
import { foreignOrderId } from "../../src/trading/client-order-id.ts";
import { Hands, makeWorld, openOn, positionOn, SYMBOL, type World, type WorldOptions } from "./exchange-stage.ts";

/** A way to reach the simulated exchange. */
export interface PortMaker {
  readonly name: string;
  /** Case number → why it cannot be asked of this implementation. */
  readonly skips: ReadonlyMap<number, string>;
  open(world: World): Promise<{ readonly port: ExchangePort; close(): Promise<void> }>;
}

interface Stage {
  readonly world: World;
  readonly hands: Hands;
}

interface Case {
  readonly n: number;
  readonly text: string;
  readonly world?: WorldOptions;
  readonly play: (stage: Stage) => Promise<void>;
}

const LATE = {
  feed: { kind: "zero" as const },
  entry: { kind: "zero" as const },
  response: { kind: "constant" as const, us: 30_000 },
};

const CASES: readonly Case[] = [
  {
    n: 1,
    text: "a post-only order is acknowledged, appears in open orders, and its update carries the client id",
    play: async ({ world, hands }) => {
      const watch = hands.watch();
      await watch.first("book");
      const placed = await hands.place("buy 599990 x 5");
      assert.equal(placed.result, "accepted");
      const update = await watch.first("order", ({ clientOrderId }) => clientOrderId === placed.id);
      assert.deepEqual([update.status, update.price, update.quantity, update.cumulative], ["open", 599_990, 5, 0]);
      const open = await hands.openOrders();
      assert.deepEqual(open.result === "ok" && open.orders.map((order) => order.clientOrderId), [placed.id]);
      assert.deepEqual(openOn(world), [placed.id]);
    },
  },
  {
    n: 2,
    text: "a post-only order that would cross ends without a fill, with the exchange's reason",
    play: async ({ world, hands }) => {
      await hands.watch().first("book");
      const placed = await hands.place("buy 600001 x 5");
      assert.deepEqual(
        [placed.result, placed.result === "rejected" && placed.reason],
        ["rejected", "POST_ONLY_WOULD_TAKE"],
      );
      assert.deepEqual([openOn(world), positionOn(world)], [[], 0]);
    },
  },
  {
    n: 3,
    text: "a partial fill, then the rest: cumulative quantity rises, two fills, fees exact to the last digit",
    play: async ({ world, hands }) => {
      const watch = hands.watch();
      await watch.first("book");
      const { id } = await hands.place("buy 600000 x 5");
      world.market.say("sold 600000x2");
      await watch.fills(1);
      world.market.say("sold 600000x9");
      const fills = await watch.fills(2);
      assert.deepEqual(
        fills.map(({ quantity, price, fee, feeAsset, liquidity, clientOrderId }) => [
          quantity,
          price,
          fee,
          feeAsset,
          liquidity,
          clientOrderId,
        ]),
        // 60,000 × 0.002 and × 0.003, 200 ppm of each
        [
          [2, 600_000, 24_000_000_000_000_000n, "USDT", "maker", id],
          [3, 600_000, 36_000_000_000_000_000n, "USDT", "maker", id],
        ],
      );
      const end = await watch.ended(id);
      assert.deepEqual([end.status, end.cumulative], ["filled", 5]);
      const cumulative = watch.heard.flatMap((message) => (message.kind === "order" ? [message.cumulative] : []));
      assert.deepEqual(
        cumulative,
        [...cumulative].sort((a, b) => a - b),
      );
    },
  },
  {
    n: 4,
    text: "a taker fill through three price levels gives three fills with three prices",
    play: async ({ world, hands }) => {
      const watch = hands.watch();
      await watch.first("book");
      await hands.place("buy 600020 x 150 ioc");
      const fills = await watch.fills(3);
      assert.deepEqual(
        fills.map(({ price, quantity, liquidity }) => `${price} x ${quantity} ${liquidity}`),
        ["600001 x 40 taker", "600010 x 70 taker", "600020 x 40 taker"],
      );
      assert.equal(positionOn(world), 150);
    },
  },
  {
    n: 5,
    text: "a maker rebate arrives as a negative fee",
    world: { instrument: { makerPpm: -100 } },
    play: async ({ world, hands }) => {
      const watch = hands.watch();
      await watch.first("book");
      await hands.place("buy 600000 x 1");
      world.market.say("sold 600000x9");
      assert.deepEqual(
        (await watch.fills(1)).map(({ fee }) => fee),
        [-6_000_000_000_000_000n],
      );
    },
  },
  {
    n: 6,
    text: "a fill that arrives before the reply to the place is attributed to the right order",
    world: { faults: { fillBeforeAck: 1 } },
    play: async ({ hands }) => {
      const watch = hands.watch();
      await watch.first("book");
      const placing = hands.place("buy 600001 x 5 taker");
      const [fill] = await watch.fills(1);
      const placed = await placing;
      assert.equal(placed.result, "accepted");
      assert.equal(fill?.clientOrderId, placed.id);
      assert.equal(fill?.exchangeOrderId, placed.result === "accepted" && placed.exchangeOrderId);
    },
  },
  {
    n: 7,
    text: "a duplicated user event is delivered once",
    world: { faults: { duplicateEvent: 1 } },
    play: async ({ world, hands }) => {
      const watch = hands.watch();
      await watch.first("book");
      const first = await hands.place("buy 600000 x 2");
      world.market.say("sold 600000x9");
      await watch.ended(first.id);
      // a later order's fill comes after the double of the first
      const second = await hands.place("buy 599990 x 2");
      world.market.say("sold 599980x1");
      await watch.ended(second.id);
      await watch.until(() => (world.exchange.faults.counts.get("duplicateEvent") ?? 0) >= 6 || undefined);
      const ids = watch.heard.flatMap((message) => (message.kind === "fill" ? [message.tradeId] : []));
      assert.deepEqual(ids, [...new Set(ids)]);
      assert.equal(new Set(ids).size, 2);
    },
  },
  {
    n: 10,
    text: "accepted, then time-out: the outcome is unknown, the look-up finds it, one order on the exchange",
    world: { faults: { acceptThenTimeout: 1 }, requestExpiryMs: 200 },
    play: async ({ world, hands }) => {
      await hands.watch().first("book");
      const placed = await hands.place("buy 599990 x 5");
      assert.equal(placed.result, "unknown");
      const found = await hands.lookup(placed.id);
      assert.equal(found.result === "found" && found.order.status, "open");
      assert.equal(openOn(world).length, 1);
    },
  },
  {
    n: 11,
    text: "never received, then time-out: the outcome is unknown, and the look-up says absent",
    world: { faults: { timeoutNotAccepted: 1 }, requestExpiryMs: 200 },
    play: async ({ world, hands }) => {
      await hands.watch().first("book");
      const placed = await hands.place("buy 599990 x 5");
      assert.equal(placed.result, "unknown");
      assert.equal((await hands.lookup(placed.id)).result, "absent");
      assert.deepEqual(openOn(world), []);
    },
  },
  {
    n: 12,
    text: "the reply is cut in the middle: unknown, and the look-up finds it",
    world: { faults: { cutReply: 1 } },
    play: async ({ hands }) => {
      await hands.watch().first("book");
      const placed = await hands.place("buy 599990 x 5");
      assert.equal(placed.result, "unknown");
      assert.equal((await hands.lookup(placed.id)).result, "found");
    },
  },
  {
    n: 13,
    text: "a 5xx after acceptance: unknown, and the look-up finds it",
    world: { faults: { serverErrorAfterAccept: 1 } },
    play: async ({ hands }) => {
      await hands.watch().first("book");
      const placed = await hands.place("buy 599990 x 5");
      assert.equal(placed.result, "unknown");
      assert.equal((await hands.lookup(placed.id)).result, "found");
    },
  },
  {
    n: 14,
    text: "a 503 with nothing accepted: unknown, never a second order",
    world: { faults: { serverErrorNotAccepted: 1 } },
    play: async ({ world, hands }) => {
      await hands.watch().first("book");
      const placed = await hands.place("buy 599990 x 5");
      assert.equal(placed.result, "unknown");
      assert.equal((await hands.lookup(placed.id)).result, "absent");
      assert.deepEqual(openOn(world), []);
    },
  },
  {
    n: 15,
    text: "the same id sent while open: the existing order is returned",
    play: async ({ world, hands }) => {
      await hands.watch().first("book");
      const first = await hands.place("buy 599990 x 5");
      const second = await hands.place("buy 599990 x 5", first.id);
      assert.deepEqual(second, first);
      assert.equal(openOn(world).length, 1);
    },
  },
  {
    n: 16,
    text: "the same id after a fill: the port sends nothing new",
    play: async ({ world, hands }) => {
      const watch = hands.watch();
      await watch.first("book");
      const first = await hands.place("buy 600001 x 5 taker");
      await watch.ended(first.id);
      const second = await hands.place("buy 600001 x 5 taker", first.id);
      assert.deepEqual(second, first);
      assert.equal(positionOn(world), 5);
    },
  },
  {
    n: 18,
    text: "cancel of an open order ends cancelled, with proof",
    play: async ({ world, hands }) => {
      const watch = hands.watch();
      await watch.first("book");
      const { id } = await hands.place("buy 599990 x 5");
      assert.deepEqual(await hands.cancel(id), { result: "accepted" });
      assert.equal((await watch.ended(id)).status, "canceled");
      const found = await hands.lookup(id);
      assert.equal(found.result === "found" && found.order.status, "canceled");
      assert.deepEqual(openOn(world), []);
    },
  },
  {
    n: 19,
    text: "cancel of an order that was filled: not open, the fill is there",
    play: async ({ world, hands }) => {
      const watch = hands.watch();
      await watch.first("book");
      const { id } = await hands.place("buy 600000 x 5");
      world.market.say("sold 600000x9");
      await watch.fills(1);
      assert.equal((await hands.cancel(id)).result, "not-open");
      const found = await hands.lookup(id);
      assert.equal(found.result === "found" && found.order.status, "filled");
    },
  },
  {
    n: 20,
    text: "cancel after a partial fill: the fill is recorded, the remainder cancelled",
    play: async ({ world, hands }) => {
      const watch = hands.watch();
      await watch.first("book");
      const { id } = await hands.place("buy 600000 x 5");
      world.market.say("sold 600000x2");
      await watch.fills(1);
      assert.equal((await hands.cancel(id)).result, "accepted");
      const end = await watch.ended(id);
      assert.deepEqual([end.status, end.cumulative, positionOn(world)], ["canceled", 2, 2]);
    },
  },
  {
    n: 21,
    text: "cancel of an id never sent: not open, look-up absent",
    play: async ({ hands }) => {
      await hands.watch().first("book");
      const id = foreignOrderId("onever");
      assert.equal((await hands.cancel(id)).result, "not-open");
      assert.equal((await hands.lookup(id)).result, "absent");
    },
  },
  {
    n: 22,
    text: "twelve orders at once with the third and the ninth too small: ten accepted, two not, each under its own id",
    play: async ({ world, hands }) => {
      await hands.watch().first("book");
      const sizes = Array.from({ length: 12 }, (_, i) => (i === 2 || i === 8 ? 0 : 5));
      const outcomes = await Promise.all(sizes.map((size, i) => hands.place(`buy ${599_000 + i} x ${size}`)));
      assert.deepEqual(
        outcomes.map(({ result }) => result === "accepted"),
        sizes.map((size) => size > 0),
      );
      assert.equal(openOn(world).length, 10);
    },
  },
  {
    n: 23,
    text: "several orders whose replies are lost: every one unknown, each found by itself",
    world: { faults: { acceptThenTimeout: 1 }, requestExpiryMs: 200 },
    play: async ({ hands }) => {
      await hands.watch().first("book");
      const outcomes = await Promise.all([1, 2, 3].map((i) => hands.place(`buy ${599_000 + i} x 5`)));
      assert.deepEqual(
        outcomes.map(({ result }) => result),
        ["unknown", "unknown", "unknown"],
      );
      for (const { id } of outcomes) assert.equal((await hands.lookup(id)).result, "found");
    },
  },
  {
    n: 28,
    text: "a quantity under the minimum is not accepted and leaves nothing",
    world: { instrument: { minLots: lots(5) } },
    play: async ({ world, hands }) => {
      await hands.watch().first("book");
      const { result } = await hands.place("buy 599990 x 4");
      assert.ok(result === "rejected" || result === "not-sent", result);
      assert.deepEqual(openOn(world), []);
    },
  },
  {
    n: 29,
    text: "insufficient margin is rejected with the exchange's reason and text",
    world: { balance: 10 },
    play: async ({ hands }) => {
      await hands.watch().first("book");
      const placed = await hands.place("buy 599990 x 500");
      assert.equal(placed.result, "rejected");
      assert.ok(placed.result === "rejected" && placed.reason === "INSUFFICIENT_FUNDS" && placed.text.length > 0);
    },
  },
  {
    n: 30,
    text: "reduce-only with no position opens nothing",
    play: async ({ world, hands }) => {
      await hands.watch().first("book");
      const placed = await hands.place("sell 600010 x 5 reduce");
      assert.equal(placed.result, "rejected");
      assert.deepEqual([openOn(world), positionOn(world)], [[], 0]);
    },
  },
  {
    n: 31,
    text: "a request over the exchange's limit is rejected as rate limited",
    world: { faults: { rateLimit: 1 } },
    play: async ({ hands }) => {
      await hands.watch().first("book");
      const placed = await hands.place("buy 599990 x 5");
      assert.ok(placed.result === "rejected" && placed.reason === "RATE_LIMITED", placed.result);
    },
  },
  {
    n: 35,
    text: "a gap in the book: stale first, then whole again, equal to the exchange's book",
    play: async ({ world, hands }) => {
      const watch = hands.watch();
      await watch.first("book");
      world.market.say("broken");
      await watch.first("feed", ({ feed, state }) => feed === "book" && state === "stale");
      world.market.say("book 500000x7 / 500003x9");
      await watch.first("feed", ({ feed, state }) => feed === "book" && state === "fresh");
      const book = await watch.first("book", ({ bids }) => bids[0]?.[0] === 500_000);
      assert.deepEqual([book.bids, book.asks], [[[500_000, 7]], [[500_003, 9]]]);
    },
  },
  {
    n: 38,
    text: "funding settles: one entry with the right sign and amount, by stream and by question",
    play: async ({ world, hands }) => {
      const watch = hands.watch();
      await watch.first("book");
      await hands.place("buy 600001 x 10 ioc");
      await watch.fills(1);
      world.market.say("mark 600000");
      world.market.say("funding 100000000");
      const settled = await watch.first("funding-settled");
      // −0.01 BTC × 60,000 × 0.0001
      assert.deepEqual(
        [settled.amount, settled.positionLots, settled.ratePpt],
        [-60_000_000_000_000_000n, 10, 100_000_000],
      );
      await watch.first("funding-rate", ({ ratePpt }) => ratePpt === 100_000_000);
      const asked = await new Promise<unknown>((resolve) => {
        assert.ok(hands.port.funding !== undefined);
        hands.port.funding(SYMBOL, 0, (result) => resolve(result.result === "ok" ? result.settlements : result.text));
      });
      assert.deepEqual(asked, [settled]);
    },
  },
  {
    n: 39,
    text: "liquidation: fills of that origin are delivered, and the position agrees with the exchange",
    world: { balance: 2_500 },
    play: async ({ world, hands }) => {
      const watch = hands.watch();
      await watch.first("book");
      await hands.place("buy 600020 x 200 ioc");
      await watch.fills(3);
      world.market.say("book 450000x900 / 450001x900");
      world.market.say("mark 450000");
      const fills = await watch.until((heard) => {
        const found = heard.filter((message) => message.kind === "fill" && message.origin === "liquidation");
        return found.length > 0 ? found : undefined;
      });
      assert.ok(fills.length > 0);
      const account = await hands.account();
      assert.equal(account.result === "ok" && account.positions[0]?.lots, positionOn(world));
    },
  },
  {
    n: 41,
    text: "many open orders and fills: the lists are complete, and the cursor goes on after the last",
    play: async ({ world, hands }) => {
      const watch = hands.watch();
      await watch.first("book");
      const placed = await Promise.all(Array.from({ length: 120 }, (_, i) => hands.place(`buy ${590_000 + i} x 1`)));
      const open = await hands.openOrders();
      assert.deepEqual(
        open.result === "ok" && open.orders.map(({ clientOrderId }) => clientOrderId).toSorted(),
        placed.map(({ id }) => id).toSorted(),
      );
      world.market.say("sold 589000x1");
      await watch.fills(120);
      const first = await hands.fills({ sinceMs: 0, cursor: null });
      assert.ok(first.result === "ok");
      assert.equal(first.fills.length, 120);
      const rest = await hands.fills({ sinceMs: 0, cursor: first.cursor });
      assert.deepEqual(rest, { result: "ok", fills: [], cursor: first.cursor });
    },
  },
  {
    n: 44,
    text: "a halted instrument takes no order and still allows cancelling; the change is said",
    play: async ({ world, hands }) => {
      const watch = hands.watch();
      await watch.first("book");
      const { id } = await hands.place("buy 599990 x 5");
      world.exchange.market(SYMBOL).setStatus("halted");
      const said = await watch.first("instrument");
      assert.equal(said.instrument.status, "halted");
      assert.notEqual((await hands.place("buy 599980 x 5")).result, "accepted");
      assert.equal((await hands.cancel(id)).result, "accepted");
    },
  },
  {
    n: 45,
    text: "after many orders in turn, position from our fills equals the exchange's",
    play: async ({ world, hands }) => {
      const watch = hands.watch();
      await watch.first("book");
      for (let i = 0; i < 60; i += 1) {
        const taker = i % 3 === 0;
        const buys = i % 2 === 0;
        const price = buys ? (taker ? 600_001 : 599_990) : taker ? 600_000 : 600_010;
        const placed = await hands.place(`${buys ? "buy" : "sell"} ${price} x ${(i % 7) + 1}${taker ? " ioc" : ""}`);
        if (i % 5 === 0) await hands.cancel(placed.id);
        if (i % 4 === 0) world.market.say(buys ? "sold 599980x3" : "bought 600020x3");
      }
      const done = await hands.fills({ sinceMs: 0, cursor: null });
      assert.ok(done.result === "ok");
      const heard = await watch.fills(done.fills.length);
      const sum = heard.reduce((total, { side, quantity }) => total + (side === "buy" ? quantity : -quantity), 0);
      assert.equal(sum, positionOn(world));
      assert.ok(done.fills.length > 10);
    },
  },
  {
    n: 46,
    text: "candles are told oldest first, and an instrument nobody knows is unavailable",
    world: { latency: LATE },
    play: async ({ world, hands }) => {
      await hands.watch().first("book");
      const candles = await new Promise<string>((resolve) =>
        hands.port.candles({ symbol: SYMBOL, interval: "1m", count: 5 }, ({ result }) => resolve(result)),
      );
      assert.equal(candles, "ok");
      const known = await new Promise<unknown>((resolve) => hands.port.instrument(SYMBOL, resolve));
      assert.deepEqual(known, { result: "ok", instrument: world.exchange.market(SYMBOL).instrument });
      const other = await new Promise<string>((resolve) =>
        hands.port.instrument("NONE/USDT", ({ result }) => resolve(result)),
      );
      assert.equal(other, "unavailable");
    },
  },
];

/** Registers every case for one implementation. */
export function exchangeContract(maker: PortMaker): void {
  for (const { n, text, world: options, play } of CASES) {
    const reason = maker.skips.get(n);
    const skip = reason === undefined ? false : reason;
    test(`EXCH-51 ${maker.name} case ${n}: ${text}`, { skip, timeout: 30_000 }, async () => {
      const world = makeWorld(options);
      const opened = await maker.open(world);
      try {
        await play({ world, hands: new Hands(opened.port) });
      } finally {
        await opened.close();
        world.driver.stop();
      }
    });
  }
}
