// Cases 18 to 30: cancels, batches, sweeps, amending, and orders the rules refuse.

import assert from "node:assert/strict";
import type { SendOutcome } from "../../src/exchange/port.ts";
import { callersApproval } from "../../src/risk/wire-approval.ts";
import { foreignOrderId } from "../../src/trading/client-order-id.ts";
import { type Case, onlyPerpetual } from "./exchange-case.ts";
import { orderOf } from "./exchange-stage.ts";

const NO_SWEEP = "sweeping a bot's orders is the connector's: see the remote ports";

/** Between two orders that arrive while all are cancelled, and how long that may take. */
const FLOOD_MS = 40;
const SWEEP_MS = 4_000;

export const CANCEL_CASES: readonly Case[] = [
  {
    n: 18,
    text: "cancel of an open order ends cancelled, with proof",
    play: async ({ hands, truth, ready }) => {
      const watch = hands.watch();
      await ready(watch);
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
    play: async ({ hands, say, ready }) => {
      const watch = hands.watch();
      await ready(watch);
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
    play: async ({ hands, say, truth, unit, ready }) => {
      const watch = hands.watch();
      await ready(watch);
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
    play: async ({ hands, ready }) => {
      await ready(hands.watch());
      const id = foreignOrderId("onever");
      assert.equal((await hands.cancel(id)).result, "not-open");
      assert.equal((await hands.lookup(id)).result, "absent");
    },
  },
  {
    n: 22,
    text: "twelve orders at once with the third and the ninth too small: ten accepted, two not, each under its own id",
    play: async ({ hands, truth, ready }) => {
      await ready(hands.watch());
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
    play: async ({ hands, truth, remote, instrument, ready }) => {
      await ready(hands.watch());
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
    play: async ({ hands, truth, remote, foreign, instrument, ready }) => {
      const watch = hands.watch();
      await ready(watch);
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
    play: async ({ hands, truth, remote, instrument, ready }) => {
      await ready(hands.watch());
      const accepted: string[] = [];
      const state = { over: false };
      const arriving = (async () => {
        for (let n = 1; !state.over; n += 1) {
          const { result, id } = await hands.place(`buy ${599_000 + n} x 5`, foreignOrderId(`oflood${n}`));
          if (result === "accepted") accepted.push(id);
          await new Promise((resolve) => setTimeout(resolve, FLOOD_MS));
        }
      })();
      while (accepted.length < 10) await new Promise((resolve) => setTimeout(resolve, FLOOD_MS));
      const first = [...accepted];
      // whatever comes later than the deadline is no answer but an error
      const asked = { symbol: instrument.symbol, tag: "flood" };
      const swept = await remote
        ?.exchange("trader")
        .cancelAllOrders(asked, { deadlineMs: SWEEP_MS })
        .finally(() => {
          state.over = true;
        });
      assert.ok(swept !== undefined);
      await arriving;
      const open = truth.open();
      assert.ok(accepted.length > first.length, "orders arrived all the while");
      assert.equal(swept.cancelled, accepted.length - open.length, "as many as it says, no more and no less");
      const left = swept.left.map(({ clientOrderId }) => clientOrderId);
      // nothing left and no proof of it is the truth too where the last look came late
      assert.ok(!swept.proven || left.length === 0);
      assert.deepEqual(
        first.filter((id) => open.includes(id)),
        [],
        "what stood when it was asked is gone",
      );
      assert.ok(left.every((id) => accepted.includes(id)));
      // once nothing arrives any more, the next one proves that it is all gone
      const last = await remote?.exchange("trader").cancelAllOrders(asked);
      assert.deepEqual([last?.proven, last?.left, truth.open()], [true, [], []]);
    },
  },
  {
    n: 27,
    text: "amend keeps the id and the filled quantity; amend of a filled order is no acceptance",
    unless: ({ port }) =>
      port.amend === undefined ? "this port offers no amend (EXCH-17, api/unimplemented.md)" : null,
    play: async ({ hands, port, say, truth, instrument, unit, ready }) => {
      const watch = hands.watch();
      await ready(watch);
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
    play: async ({ hands, truth, ready }) => {
      await ready(hands.watch());
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
    play: async ({ hands, ready }) => {
      await ready(hands.watch());
      const placed = await hands.place("buy 599990 x 500");
      assert.equal(placed.result, "rejected");
      assert.ok(placed.result === "rejected" && placed.reason === "INSUFFICIENT_FUNDS" && placed.text.length > 0);
    },
  },
  {
    n: 30,
    text: "reduce-only with no position opens nothing",
    unless: (stage) => (stage.port.capabilities.reduceOnly ? onlyPerpetual(stage) : "spot has no reduce-only"),
    play: async ({ hands, truth, ready }) => {
      const watch = hands.watch();
      await ready(watch);
      const placed = await hands.place("sell 600010 x 5 reduce");
      if (placed.result === "accepted") assert.equal((await watch.ended(placed.id)).status, "canceled");
      else assert.equal(placed.result, "rejected");
      assert.deepEqual([truth.open(), truth.position()], [[], 0]);
    },
  },
];
