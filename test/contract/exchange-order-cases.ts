// Cases 1 to 23: orders, their fills, outcomes that are unknown, ids sent twice, cancels.

import assert from "node:assert/strict";
import { foreignOrderId } from "../../src/trading/client-order-id.ts";
import type { Case } from "./exchange-case.ts";
import { openOn, positionOn } from "./exchange-stage.ts";

export const ORDER_CASES: readonly Case[] = [
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
];
