// Cases 28 to 46: the exchange's rules, its streams, funding, liquidation, complete lists.

import assert from "node:assert/strict";
import { lots } from "../../src/market/amounts.ts";
import type { Case } from "./exchange-case.ts";
import { openOn, positionOn, SYMBOL } from "./exchange-stage.ts";

const LATE = {
  feed: { kind: "zero" as const },
  entry: { kind: "zero" as const },
  response: { kind: "constant" as const, us: 30_000 },
};

export const RULE_CASES: readonly Case[] = [
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
