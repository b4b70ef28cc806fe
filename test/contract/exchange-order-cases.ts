// Cases 1 to 8, 15 and 16: orders, their fills and fees, events twice and in the wrong order, ids sent twice.

import assert from "node:assert/strict";
import { type Case, feeOf } from "./exchange-case.ts";

export const ORDER_CASES: readonly Case[] = [
  {
    n: 1,
    text: "a post-only order is acknowledged, appears in open orders, and its update carries the client id",
    play: async ({ hands, truth, unit, ready }) => {
      const watch = hands.watch();
      await ready(watch);
      const placed = await hands.place("buy 599990 x 5");
      assert.equal(placed.result, "accepted");
      const update = await watch.first("order", ({ clientOrderId }) => clientOrderId === placed.id);
      const { status, price, quantity, cumulative } = update;
      assert.deepEqual([status, price, quantity, cumulative], ["open", 599_990, 5 * unit, 0]);
      const open = await hands.openOrders();
      assert.deepEqual(open.result === "ok" && open.orders.map((order) => order.clientOrderId), [placed.id]);
      assert.deepEqual(truth.open(), [placed.id]);
    },
  },
  {
    n: 2,
    text: "a post-only order that would cross ends without a fill, with the exchange's reason",
    play: async ({ hands, truth, ready }) => {
      const watch = hands.watch();
      await ready(watch);
      const placed = await hands.place("buy 600001 x 5");
      if (placed.result === "accepted") assert.equal((await watch.ended(placed.id)).status, "canceled");
      else {
        const reason = placed.result === "rejected" && placed.reason;
        assert.deepEqual([placed.result, reason], ["rejected", "POST_ONLY_WOULD_TAKE"]);
      }
      assert.deepEqual([truth.open(), truth.position()], [[], 0]);
    },
  },
  {
    n: 3,
    text: "a partial fill, then the rest: cumulative quantity rises, two fills, fees exact to the last digit",
    play: async (stage) => {
      const { hands, unit, fees } = stage;
      const watch = hands.watch();
      await stage.ready(watch);
      const { id } = await hands.place("buy 599995 x 5");
      stage.say("sold 599995x2");
      await watch.fills(1);
      stage.say("sold 599995x9");
      const fills = await watch.fills(2);
      assert.deepEqual(
        fills.map(({ quantity, price, fee, feeAsset, liquidity, clientOrderId }) => {
          return { quantity, price, fee, feeAsset, liquidity, clientOrderId };
        }),
        [2, 3].map((units) => ({
          quantity: units * unit,
          price: 599_995,
          ...feeOf(stage, { side: "buy", price: 599_995, units, ppm: fees.makerPpm }),
          liquidity: "maker",
          clientOrderId: id,
        })),
      );
      const end = await watch.ended(id);
      assert.deepEqual([end.status, end.cumulative], ["filled", 5 * unit]);
      const cumulative = watch.heard.flatMap((message) => (message.kind === "order" ? [message.cumulative] : []));
      const rising = [...cumulative].sort((a, b) => a - b);
      assert.deepEqual(cumulative, rising);
    },
  },
  {
    n: 4,
    text: "a taker fill through three price levels gives three fills with three prices",
    play: async ({ hands, truth, unit, ready }) => {
      const watch = hands.watch();
      await ready(watch);
      await hands.place("buy 600020 x 150 ioc");
      const fills = await watch.fills(3);
      assert.deepEqual(
        fills.map(({ price, quantity, liquidity }) => `${price} x ${quantity / unit} ${liquidity}`),
        ["600001 x 40 taker", "600010 x 70 taker", "600020 x 40 taker"],
      );
      assert.equal(truth.position(), 150);
    },
  },
  {
    n: 5,
    text: "a maker rebate arrives as a negative fee",
    setup: { makerPpm: -100 },
    play: async (stage) => {
      const watch = stage.hands.watch();
      await stage.ready(watch);
      await stage.hands.place("buy 599995 x 1");
      stage.say("sold 599980x9");
      const [fill] = await watch.fills(1);
      const { fee } = feeOf(stage, { side: "buy", price: 599_995, units: 1, ppm: -100 });
      assert.ok(fee < 0n);
      assert.equal(fill?.fee, fee);
    },
  },
  {
    n: 5,
    text: "a fee in a third asset keeps that asset, by stream and by question, and nothing else is taken",
    setup: { feesInBnb: true },
    play: async (stage) => {
      const { hands, truth, instrument, fees, startMs } = stage;
      const watch = hands.watch();
      await stage.ready(watch);
      const owned = (): readonly bigint[] =>
        ["BNB", instrument.base, instrument.quote].map((each) => truth.balance(each));
      const before = owned();
      await hands.place("buy 599995 x 1");
      stage.say("sold 599980x9");
      const [fill] = await watch.fills(1);
      // the value in quote, and with it the fee that would be: three quarters of it, at 600 each
      const worth = (ppm: number): bigint => feeOf(stage, { side: "sell", price: 599_995, units: 1, ppm }).fee;
      const inQuote = worth(fees.makerPpm);
      assert.ok(inQuote > 0n && inQuote % 800n === 0n);
      assert.deepEqual([fill?.fee, fill?.feeAsset], [inQuote / 800n, "BNB"]);
      const told = await hands.fills({ sinceMs: startMs, cursor: null });
      const asked = told.result === "ok" ? told.fills.map(({ fee, feeAsset }) => [fee, feeAsset]) : [];
      assert.deepEqual(asked, [[inQuote / 800n, "BNB"]]);
      const spot = instrument.kind === "spot";
      const bought = spot ? feeOf(stage, { side: "buy", price: 599_995, units: 1, ppm: 1_000_000 }).fee : 0n;
      const moved = owned().map((each, i) => each - (before[i] ?? 0n));
      assert.deepEqual(moved, [-inQuote / 800n, bought, -worth(1_000_000)]);
    },
  },
  {
    n: 6,
    text: "a fill that arrives before the reply to the place is attributed to the right order",
    faults: ["fillBeforeAck"],
    play: async ({ hands, inject, ready }) => {
      const watch = hands.watch();
      await ready(watch);
      inject("fillBeforeAck");
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
    faults: ["duplicateEvent"],
    play: async ({ hands, inject, say, struck, ready }) => {
      const watch = hands.watch();
      await ready(watch);
      inject("duplicateEvent");
      const first = await hands.place("buy 599995 x 2");
      say("sold 599980x9");
      await watch.ended(first.id);
      // a later order's fill comes after the double of the first
      const second = await hands.place("buy 599990 x 2");
      say("sold 599970x1");
      await watch.ended(second.id);
      await watch.until(() => struck("duplicateEvent") >= 4 || undefined);
      const ids = watch.heard.flatMap((message) => (message.kind === "fill" ? [message.tradeId] : []));
      assert.deepEqual(ids, [...new Set(ids)]);
      assert.equal(ids.length, 2);
    },
  },
  {
    n: 8,
    text: "two user events in the wrong order leave the correct final state",
    faults: ["reorderEvents"],
    play: async ({ hands, inject, say, unit, ready }) => {
      const watch = hands.watch();
      await ready(watch);
      const { id } = await hands.place("buy 599995 x 5");
      await watch.first("order", ({ clientOrderId }) => clientOrderId === id);
      inject("reorderEvents");
      say("sold 599995x2");
      say("sold 599995x9");
      const fills = await watch.fills(2);
      const end = await watch.ended(id);
      assert.deepEqual([end.status, end.cumulative], ["filled", 5 * unit]);
      assert.equal(new Set(fills.map(({ tradeId }) => tradeId)).size, 2);
      const most = Math.max(...watch.heard.map((each) => (each.kind === "order" ? each.cumulative : 0)));
      assert.equal(most, 5 * unit);
    },
  },
  {
    n: 15,
    text: "the same id sent while open: the existing order is returned",
    play: async ({ hands, truth, ready }) => {
      await ready(hands.watch());
      const first = await hands.place("buy 599990 x 5");
      const second = await hands.place("buy 599990 x 5", first.id);
      assert.deepEqual(second, first);
      assert.equal(truth.open().length, 1);
    },
  },
  {
    n: 16,
    text: "the same id after a fill: the port sends nothing new",
    play: async ({ hands, truth, ready }) => {
      const watch = hands.watch();
      await ready(watch);
      const first = await hands.place("buy 600001 x 5 taker");
      await watch.ended(first.id);
      const second = await hands.place("buy 600001 x 5 taker", first.id);
      assert.deepEqual(second, first);
      assert.equal(truth.position(), 5);
    },
  },
];
