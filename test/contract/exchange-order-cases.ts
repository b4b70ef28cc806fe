// Cases 1 to 7 and 15 to 30: orders, their fills and fees, ids sent twice, cancels, sweeps, refusals.

import assert from "node:assert/strict";
import type { SendOutcome } from "../../src/exchange/port.ts";
import { callersApproval } from "../../src/risk/wire-approval.ts";
import { foreignOrderId } from "../../src/trading/client-order-id.ts";
import { type Case, feeOf, onlyPerpetual } from "./exchange-case.ts";
import { orderOf } from "./exchange-stage.ts";

const NO_SWEEP = "sweeping a bot's orders is the connector's: see the remote ports";

export const ORDER_CASES: readonly Case[] = [
  {
    n: 1,
    text: "a post-only order is acknowledged, appears in open orders, and its update carries the client id",
    play: async ({ hands, truth, unit }) => {
      const watch = hands.watch();
      await watch.first("book");
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
    play: async ({ hands, truth }) => {
      const watch = hands.watch();
      await watch.first("book");
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
      await watch.first("book");
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
    play: async ({ hands, truth, unit }) => {
      const watch = hands.watch();
      await watch.first("book");
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
      await watch.first("book");
      await stage.hands.place("buy 599995 x 1");
      stage.say("sold 599980x9");
      const [fill] = await watch.fills(1);
      const { fee } = feeOf(stage, { side: "buy", price: 599_995, units: 1, ppm: -100 });
      assert.ok(fee < 0n);
      assert.equal(fill?.fee, fee);
    },
  },
  {
    n: 6,
    text: "a fill that arrives before the reply to the place is attributed to the right order",
    faults: ["fillBeforeAck"],
    play: async ({ hands, inject }) => {
      const watch = hands.watch();
      await watch.first("book");
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
    play: async ({ hands, inject, say, struck }) => {
      const watch = hands.watch();
      await watch.first("book");
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
    play: async ({ hands, inject, say, unit }) => {
      const watch = hands.watch();
      await watch.first("book");
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
    play: async ({ hands, truth }) => {
      await hands.watch().first("book");
      const first = await hands.place("buy 599990 x 5");
      const second = await hands.place("buy 599990 x 5", first.id);
      assert.deepEqual(second, first);
      assert.equal(truth.open().length, 1);
    },
  },
  {
    n: 16,
    text: "the same id after a fill: the port sends nothing new",
    play: async ({ hands, truth }) => {
      const watch = hands.watch();
      await watch.first("book");
      const first = await hands.place("buy 600001 x 5 taker");
      await watch.ended(first.id);
      const second = await hands.place("buy 600001 x 5 taker", first.id);
      assert.deepEqual(second, first);
      assert.equal(truth.position(), 5);
    },
  },
  {
    n: 18,
    text: "cancel of an open order ends cancelled, with proof",
    play: async ({ hands, truth }) => {
      const watch = hands.watch();
      await watch.first("book");
      const { id } = await hands.place("buy 599990 x 5");
      assert.deepEqual(await hands.cancel(id), { result: "accepted" });
      assert.equal((await watch.ended(id)).status, "canceled");
      const found = await hands.lookup(id);
      assert.equal(found.result === "found" && found.order.status, "canceled");
      assert.deepEqual(truth.open(), []);
    },
  },
  {
    n: 19,
    text: "cancel of an order that was filled: not open, the fill is there",
    play: async ({ hands, say }) => {
      const watch = hands.watch();
      await watch.first("book");
      const { id } = await hands.place("buy 599995 x 5");
      say("sold 599980x9");
      await watch.fills(1);
      assert.equal((await hands.cancel(id)).result, "not-open");
      const found = await hands.lookup(id);
      assert.equal(found.result === "found" && found.order.status, "filled");
    },
  },
  {
    n: 20,
    text: "cancel after a partial fill: the fill is recorded, the remainder cancelled",
    play: async ({ hands, say, truth, unit }) => {
      const watch = hands.watch();
      await watch.first("book");
      const { id } = await hands.place("buy 599995 x 5");
      say("sold 599995x2");
      await watch.fills(1);
      assert.equal((await hands.cancel(id)).result, "accepted");
      const end = await watch.ended(id);
      assert.deepEqual([end.status, end.cumulative, truth.position()], ["canceled", 2 * unit, 2]);
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
    play: async ({ hands, truth }) => {
      await hands.watch().first("book");
      const sizes = Array.from({ length: 12 }, (_, i) => (i === 2 || i === 8 ? 0 : 5));
      const outcomes = await Promise.all(sizes.map((size, i) => hands.place(`buy ${599_000 + i} x ${size}`)));
      assert.deepEqual(
        outcomes.map(({ result }) => result === "accepted"),
        sizes.map((size) => size > 0),
      );
      const accepted = outcomes.flatMap(({ result, id }) => (result === "accepted" ? [id] : []));
      assert.deepEqual(truth.open().toSorted(), accepted.toSorted());
    },
  },
  {
    n: 24,
    text: "cancelling nothing sends nothing",
    unless: ({ remote }) =>
      remote === null ? "the port has no list call (decision 0027): see the remote ports" : null,
    play: async ({ hands, truth, remote, instrument }) => {
      await hands.watch().first("book");
      const { id } = await hands.place("buy 599990 x 5");
      const before = truth.requests("orders");
      const empty = { symbol: instrument.symbol, clientOrderIds: [] };
      assert.deepEqual(await remote?.exchange("trader").batchCancelOrders(empty), { results: [] });
      assert.deepEqual([truth.requests("orders"), truth.open()], [before, [id]]);
    },
  },
  {
    n: 25,
    text: "cancelling all of a bot leaves a foreign order untouched and reports zero left",
    unless: ({ remote }) => (remote === null ? NO_SWEEP : null),
    play: async ({ hands, truth, remote, foreign, instrument }) => {
      const watch = hands.watch();
      await watch.first("book");
      const own = ["oownaa1", "oownaa2"].map((id) => foreignOrderId(id));
      await Promise.all(own.map((id, i) => hands.place(`buy ${599_000 + i} x 5`, id)));
      foreign("buy 598000 x 5", "webby1");
      await watch.until(() => truth.open().length === 3 || undefined);
      const swept = await remote?.exchange("trader").cancelAllOrders({ symbol: instrument.symbol, tag: "ownaa" });
      assert.deepEqual([swept?.proven, swept?.left, swept?.cancelled], [true, [], 2]);
      assert.deepEqual(truth.open(), ["webby1"]);
    },
  },
  {
    n: 26,
    text: "cancelling all while orders keep arriving ends by the deadline with a truthful report",
    unless: ({ remote }) => (remote === null ? NO_SWEEP : null),
    play: async ({ hands, truth, remote, instrument }) => {
      await hands.watch().first("book");
      const state = { over: false, n: 0 };
      const arriving = (async () => {
        while (!state.over && state.n < 60) {
          state.n += 1;
          await hands.place(`buy ${599_000 + state.n} x 5`, foreignOrderId(`oflood${state.n}`));
        }
      })();
      const asked = { symbol: instrument.symbol, tag: "flood" };
      const options = { signal: AbortSignal.timeout(3_000) };
      const swept = await remote
        ?.exchange("trader")
        .cancelAllOrders(asked, options)
        .catch(() => null);
      const stillOpen = truth.open();
      state.over = true;
      await arriving;
      // proven: nothing of it stood at the end, whatever came after; otherwise it says what is left or nothing at all
      if (swept?.proven === true) assert.ok(stillOpen.length <= 1, `left open: ${stillOpen.join(" ")}`);
      else assert.ok(swept === null || swept === undefined || swept.left.length > 0);
    },
  },
  {
    n: 27,
    text: "amend keeps the id and the filled quantity; amend of a filled order is no acceptance",
    unless: ({ port }) =>
      port.amend === undefined ? "this port offers no amend (EXCH-17, api/unimplemented.md)" : null,
    play: async ({ hands, port, say, truth, instrument, unit }) => {
      const watch = hands.watch();
      await watch.first("book");
      const { id } = await hands.place("buy 599995 x 5");
      say("sold 599995x2");
      await watch.fills(1);
      const amend = (text: string, revision: number): Promise<SendOutcome> => {
        const order = callersApproval(orderOf(text, hands.meant));
        const { symbol } = instrument;
        return new Promise((resolve) => port.amend?.({ symbol, clientOrderId: id, revision, order }, resolve));
      };
      assert.equal((await amend("buy 599993 x 6", 1)).result, "accepted");
      const moved = await watch.first("order", ({ price }) => price === 599_993);
      assert.deepEqual([moved.clientOrderId, moved.cumulative, moved.quantity], [id, 2 * unit, 6 * unit]);
      say("sold 599970x9");
      await watch.ended(id);
      assert.notEqual((await amend("buy 599990 x 7", 2)).result, "accepted");
      assert.equal(truth.position(), 6);
    },
  },
  {
    n: 28,
    text: "a too small quantity is not accepted, leaves nothing, and where requests are counted, sends none",
    play: async ({ hands, truth }) => {
      await hands.watch().first("book");
      const before = truth.requests("orders");
      const { result } = await hands.place("buy 599990 x 0");
      assert.ok(result === "rejected" || result === "not-sent", result);
      if (before !== null) assert.equal(result, "not-sent");
      assert.deepEqual(truth.open(), []);
    },
  },
  {
    n: 29,
    text: "insufficient margin is rejected with the exchange's reason and text",
    setup: { balance: "10" },
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
    unless: (stage) => (stage.port.capabilities.reduceOnly ? onlyPerpetual(stage) : "spot has no reduce-only"),
    play: async ({ hands, truth }) => {
      const watch = hands.watch();
      await watch.first("book");
      const placed = await hands.place("sell 600010 x 5 reduce");
      if (placed.result === "accepted") assert.equal((await watch.ended(placed.id)).status, "canceled");
      else assert.equal(placed.result, "rejected");
      assert.deepEqual([truth.open(), truth.position()], [[], 0]);
    },
  },
];
