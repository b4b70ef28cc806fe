// Cases 35 to 46: the exchange's rules, its book, funding, liquidation, the dead-man timer, complete lists.

import assert from "node:assert/strict";
import { type Case, moving, onlyPerpetual } from "./exchange-case.ts";
import { RANDOM_CASE } from "./exchange-random-case.ts";

/** What the dead-man timer is left in case 40: calls may be that late. */
const LEFT_MS = 4_000;
/** Open orders and fills of case 41, and how many of them are sent together. */
const ORDERS = 120;
const AT_ONCE = 10;

export const RULE_CASES: readonly Case[] = [
  {
    n: 35,
    text: "a gap in the book: stale first, then whole again, equal to the exchange's book",
    faults: ["sequenceGap"],
    play: async (stage) => {
      const { hands, inject, heal, say, unit } = stage;
      const watch = hands.watch();
      await stage.ready(watch);
      inject("sequenceGap", { times: 1 });
      // a gap shows with the next change that is told
      const stop = moving(stage);
      let gap = 0;
      try {
        await watch.until((heard) => {
          gap = heard.findIndex((each) => each.kind === "feed" && each.feed === "book" && each.state === "stale");
          return gap < 0 ? undefined : true;
        });
        heal();
        await watch.until((heard) => {
          const fresh = heard.findIndex(
            (each, i) => i > gap && each.kind === "feed" && each.feed === "book" && each.state === "fresh",
          );
          return fresh < 0 ? undefined : true;
        });
      } finally {
        stop();
      }
      say("book 599998x7 / 600004x9");
      const book = await watch.first("book", ({ bids }) => bids[0]?.[0] === 599_998);
      assert.deepEqual([book.bids, book.asks], [[[599_998, 7 * unit]], [[600_004, 9 * unit]]]);
    },
  },
  {
    n: 38,
    text: "funding settles: one entry with the right sign and amount, by stream and by question",
    unless: onlyPerpetual,
    play: async ({ hands, port, instrument, settleFunding, ready }) => {
      const watch = hands.watch();
      await ready(watch);
      await hands.place("buy 600001 x 10 ioc");
      await watch.fills(1);
      settleFunding();
      const settled = await watch.first("funding-settled");
      // −0.01 BTC × 60,000 × 0.0001
      assert.deepEqual([settled.amount, settled.positionLots], [-60_000_000_000_000_000n, 10]);
      const asked = await new Promise<unknown[]>((resolve) => {
        assert.ok(port.funding !== undefined);
        port.funding(instrument.symbol, 0, (result) =>
          resolve(result.result === "ok" ? result.settlements.map(({ amount }) => amount) : [result.text]),
        );
      });
      assert.deepEqual(asked, [settled.amount]);
      assert.equal(watch.heard.filter(({ kind }) => kind === "funding-settled").length, 1);
    },
  },
  {
    n: 39,
    text: "liquidation: fills of that origin are delivered, and the position agrees with the exchange",
    setup: { balance: "2500" },
    unless: onlyPerpetual,
    play: async ({ hands, truth, liquidate, unit, ready }) => {
      const watch = hands.watch();
      await ready(watch);
      await hands.place("buy 600020 x 200 ioc");
      await watch.fills(3);
      liquidate();
      const fills = await watch.until((heard) => {
        const found = heard.filter((message) => message.kind === "fill" && message.origin === "liquidation");
        return found.length > 0 ? found : undefined;
      });
      assert.ok(fills.length > 0);
      const account = await hands.account();
      const held = account.result === "ok" ? (account.positions[0]?.lots ?? 0) : null;
      assert.equal(held, truth.position() * unit);
    },
  },
  {
    n: 40,
    text: "dead-man timer: calls stop, all orders are gone after the time to live; refreshed calls keep them",
    unless: ({ port }) => (port.deadMan === undefined ? "this exchange has no timer of its own" : null),
    play: async ({ hands, port, truth, instrument, ready }) => {
      const watch = hands.watch();
      await ready(watch);
      const { id } = await hands.place("buy 599990 x 5");
      const arm = (ttlMs: number | null): Promise<string> =>
        new Promise((resolve) => port.deadMan?.arm(instrument.symbol, ttlMs, ({ result }) => resolve(result)));
      assert.equal(await arm(LEFT_MS), "accepted");
      const end = Date.now() + 1.5 * LEFT_MS;
      while (Date.now() < end) {
        assert.equal(await arm(LEFT_MS), "accepted");
        await new Promise((resolve) => setTimeout(resolve, 400));
      }
      assert.deepEqual(truth.open(), [id]);
      assert.equal((await watch.ended(id)).status, "canceled");
      assert.deepEqual(truth.open(), []);
    },
  },
  {
    n: 41,
    text: "many open orders and fills: the lists are complete, and the cursor goes on after the last",
    play: async ({ hands, say, startMs, ready }) => {
      const watch = hands.watch();
      await ready(watch);
      const placed: Awaited<ReturnType<typeof hands.place>>[] = [];
      for (let from = 0; from < ORDERS; from += AT_ONCE) {
        const prices = Array.from({ length: AT_ONCE }, (_, i) => 590_000 + from + i);
        placed.push(...(await Promise.all(prices.map((price) => hands.place(`buy ${price} x 1`)))));
      }
      // an exchange's limit of orders may keep some back, which is said
      const accepted = placed.filter(({ result }) => result === "accepted");
      assert.ok(
        accepted.length >= ORDERS / 2 && placed.every(({ result }) => result === "accepted" || result === "not-sent"),
      );
      const open = await hands.openOrders();
      assert.deepEqual(
        open.result === "ok" && open.orders.map(({ clientOrderId }) => clientOrderId).toSorted(),
        accepted.map(({ id }) => id).toSorted(),
      );
      say("sold 589000x1");
      await watch.fills(accepted.length);
      const first = await hands.fills({ sinceMs: startMs, cursor: null });
      assert.ok(first.result === "ok");
      assert.equal(first.fills.length, accepted.length);
      const rest = await hands.fills({ sinceMs: startMs, cursor: first.cursor });
      assert.deepEqual(rest, { result: "ok", fills: [], cursor: first.cursor });
    },
  },
  {
    n: 42,
    text: "a slow subscriber is cut with Overrun; others see every event",
    unless: () => "subscribers are the connector's: API-18 in src/rpc/call.test.ts proves it on real streams",
    play: () => Promise.resolve(),
  },
  {
    n: 43,
    text: "contract-counted and coin-counted instruments give equal lots for equal base quantity",
    unless: () => "every instrument here counts coins: the vectors of OKX and Gate prove it",
    play: () => Promise.resolve(),
  },
  {
    n: 44,
    text: "a halted instrument takes no order and still allows cancelling; the change is said",
    play: async ({ hands, status, ready }) => {
      const watch = hands.watch();
      await ready(watch);
      const { id } = await hands.place("buy 599990 x 5");
      status("halted");
      assert.notEqual((await hands.place("buy 599980 x 5")).result, "accepted");
      const said = await watch.first("instrument", ({ instrument }) => instrument.status !== "trading");
      assert.equal(said.instrument.status, "halted");
      assert.equal((await hands.cancel(id)).result, "accepted");
    },
  },
  RANDOM_CASE,
  {
    n: 46,
    text: "candles are told oldest first, and an instrument nobody knows is unavailable",
    play: async ({ hands, port, instrument, ready }) => {
      await ready(hands.watch());
      const { symbol } = instrument;
      const candles = await new Promise<readonly number[]>((resolve) =>
        port.candles({ symbol, interval: "1m", count: 5 }, (told) => {
          resolve(told.result === "ok" ? told.candles.map(({ openAtMs }) => openAtMs) : [Number.NaN]);
        }),
      );
      assert.deepEqual(
        candles,
        candles.toSorted((a, b) => a - b),
      );
      const known = await new Promise<unknown>((resolve) =>
        // the exchange's name is the port's own
        port.instrument(symbol, (told) => {
          resolve(told.result === "ok" ? { ...told.instrument, exchange: instrument.exchange } : told.text);
        }),
      );
      assert.deepEqual(known, instrument);
      const other = await new Promise<string>((resolve) =>
        port.instrument("NONE/USDT", ({ result }) => resolve(result)),
      );
      assert.equal(other, "unavailable");
    },
  },
];
