// Orders through ccxt against the emulated Binance: what is sent, how it ends, and what can be found of it.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { openCcxtPort } from "../../src/exchange/ccxt/ccxt-port.ts";
import type { Emulator } from "../../src/exchange/emulator/emulator.ts";
import { callersApproval } from "../../src/risk/wire-approval.ts";
import { foreignOrderId } from "../../src/trading/client-order-id.ts";
import { Hands, orderOf } from "../contract/exchange-stage.ts";
import { portOptions, portStage, SPOT, USDM, until } from "./port-stage.ts";

const ORDER = "POST /fapi/v1/order";
const BATCH = "POST /fapi/v1/batchOrders";

for (const market of [USDM, SPOT]) {
  test(`EXCH-01 an order through ${market.protocol} is accepted, looked up, open, and cancelled`, async (context) => {
    const { hands, openIds, port } = await portStage(context, { of: market });
    assert.equal(port.name, "binance");
    const price = market === USDM ? 590_000 : 5_900_000;
    const placed = await hands.place(`buy ${price} x 10`);
    assert.equal(placed.result, "accepted", JSON.stringify(placed));
    const found = await hands.lookup(placed.id);
    assert.ok(found.result === "found");
    assert.deepEqual(
      [found.order.status, found.order.price, found.order.quantity, found.order.cumulative, found.order.clientOrderId],
      ["open", price, 10 * market.unit, 0, placed.id],
    );
    const open = await hands.openOrders();
    assert.deepEqual(open.result === "ok" && open.orders.map((order) => order.clientOrderId), [placed.id]);
    assert.deepEqual(await hands.cancel(placed.id), { result: "accepted" });
    assert.deepEqual(openIds(), []);
    const gone = await hands.lookup(placed.id);
    assert.equal(gone.result === "found" && gone.order.status, "canceled");
  });
}

test("EXCH-41 what Binance refuses on the wire ends rejected with its reason, code and text", async (context) => {
  const { hands } = await portStage(context);
  const crossing = await hands.place("buy 600100 x 5");
  assert.ok(crossing.result === "rejected");
  assert.equal(crossing.reason, "POST_ONLY_WOULD_TAKE");
  assert.match(crossing.text, /^-5022 /);
  const reducing = await hands.place("sell 610000 x 5 taker reduce");
  assert.deepEqual(
    [reducing.result, reducing.result === "rejected" && reducing.reason],
    ["rejected", "REDUCE_ONLY_REJECTED"],
  );
  const dear = await hands.place("buy 590000 x 9000000");
  assert.deepEqual([dear.result, dear.result === "rejected" && dear.reason], ["rejected", "INSUFFICIENT_FUNDS"]);
});

test("EXCH-13 orders of one turn leave as lists of five, and a list of one as an order of its own", async (context) => {
  const { hands, sentTo, openIds } = await portStage(context);
  const placed = await Promise.all(Array.from({ length: 6 }, (_, n) => hands.place(`buy ${590_000 - n} x 10`)));
  assert.deepEqual(
    placed.map(({ result }) => result),
    Array(6).fill("accepted"),
  );
  const sizes = sentTo(BATCH).map(({ values }) => (JSON.parse(values.get("batchOrders") ?? "[]") as unknown[]).length);
  assert.deepEqual([sizes, sentTo(ORDER).length], [[5], 1]);
  assert.equal(openIds().length, 6);
  const cancelled = await Promise.all(placed.map(({ id }) => hands.cancel(id)));
  assert.deepEqual(cancelled, Array(6).fill({ result: "accepted" }));
  assert.equal(sentTo("DELETE /fapi/v1/batchOrders").length, 1);
});

test("EXCH-12 of a list with refused elements each order gets its own outcome", async (context) => {
  const { hands, openIds } = await portStage(context);
  const lines = Array.from({ length: 12 }, (_, n) =>
    n === 3 || n === 9 ? "buy 700000 x 10" : `buy ${590_000 - n} x 10`,
  );
  const placed = await Promise.all(lines.map((line) => hands.place(line)));
  const refused = placed.flatMap(({ result }, n) => (result === "rejected" ? [n] : []));
  assert.deepEqual(refused, [3, 9]);
  assert.deepEqual(
    openIds(),
    placed
      .filter(({ result }) => result === "accepted")
      .map(({ id }) => id)
      .sort(),
  );
  for (const each of placed) {
    const found = await hands.lookup(each.id);
    assert.equal(found.result, each.result === "accepted" ? "found" : "absent");
    if (found.result === "found" && each.result === "accepted") {
      assert.equal(found.order.exchangeOrderId, each.exchangeOrderId, "the outcome is of this order and no other");
    }
  }
});

test("EXCH-14 a cancel of what never was, or is over, is not-open and says nothing of fills", async (context) => {
  const { hands } = await portStage(context);
  const placed = await hands.place("buy 590000 x 10");
  await hands.cancel(placed.id);
  const [again, never] = await Promise.all([hands.cancel(placed.id), hands.cancel(foreignOrderId("onever"))]);
  assert.deepEqual([again.result, never.result], ["not-open", "not-open"]);
  assert.deepEqual(await hands.lookup(foreignOrderId("onever")), { result: "absent" });
});

test("EXCH-16 everything of an instrument goes by one call, foreign orders too", async (context) => {
  const { hands, port, openIds, sentTo } = await portStage(context, { exclusive: true });
  await Promise.all([hands.place("buy 590000 x 10"), hands.place("sell 610000 x 10")]);
  const outcome = await new Promise((done) => port.cancelEverything?.(USDM.symbol, done));
  assert.deepEqual([outcome, openIds()], [{ result: "accepted" }, []]);
  assert.equal(sentTo("DELETE /fapi/v1/allOpenOrders").length, 1);
});

test("EXCH-17 an order is amended under its own id, each revision once; spot offers none", async (context) => {
  const { hands, port, openIds } = await portStage(context);
  const { id } = await hands.place("buy 590000 x 10");
  const amend = (price: number, revision: number) =>
    new Promise<{ readonly result: string }>((done) => {
      const order = callersApproval(orderOf(`buy ${price} x 7`));
      port.amend?.({ symbol: USDM.symbol, clientOrderId: id, revision, order }, done);
    });
  assert.equal((await amend(590_100, 1)).result, "accepted");
  assert.equal((await amend(590_200, 1)).result, "not-sent", "a revision is sent once");
  const found = await hands.lookup(id);
  assert.ok(found.result === "found");
  assert.deepEqual([found.order.price, found.order.quantity, found.order.status], [590_100, 7, "open"]);
  assert.deepEqual(openIds(), [id]);
  await hands.cancel(id);
  assert.equal((await amend(590_300, 2)).result, "rejected", "it is open no more");
  const spot = await portStage(context, { of: SPOT });
  assert.deepEqual([spot.port.amend === undefined, spot.port.capabilities.amend], [true, false]);
});

test("EXCH-30 an order under the least quantity or value leaves no byte", async (context) => {
  const { hands, sentTo } = await portStage(context, { of: SPOT });
  assert.equal((await hands.place("buy 5900000 x 0")).result, "not-sent");
  const tiny = await new Promise<{ readonly result: string }>((done) => {
    const order = callersApproval({ ...orderOf("buy 5900000 x 1", SPOT), quantity: orderOf("buy 1 x 1").quantity });
    hands.port.place({ clientOrderId: foreignOrderId("otiny"), order }, done);
  });
  assert.equal(tiny.result, "not-sent");
  assert.equal(sentTo("POST /api/v3/order").length, 0);
});

test("EXCH-08 every order carries the time it may be accepted, from when it was asked for", async (context) => {
  const { hands, sentTo, port } = await portStage(context);
  await Promise.all([hands.place("buy 590000 x 10"), hands.place("buy 590001 x 10")]);
  await hands.place("buy 590002 x 10");
  assert.equal(port.requestExpiryMs, 2000);
  for (const { values } of [...sentTo(BATCH), ...sentTo(ORDER)]) {
    const window = Number.parseInt(values.get("recvWindow") ?? "", 10);
    assert.ok(window > 1000 && window <= 2000, `recvWindow ${window}`);
  }
});

test("EXCH-33 no partner code, no id of ccxt's own and no unasked question leaves", async (context) => {
  const { hands, sent } = await portStage(context);
  await hands.place("buy 590000 x 10");
  const routes = new Set(sent.map(({ route }) => route));
  for (const { route, headers, values } of sent) {
    assert.equal(headers["Referer"] ?? headers["referer"], undefined, route);
    assert.doesNotMatch(values.toString(), /x-[a-zA-Z0-9]{8}/, route);
  }
  for (const unasked of ["/sapi/v1/capital/config/getall", "/sapi/v1/margin/allPairs"]) {
    assert.ok(!routes.has(`GET ${unasked}`), unasked);
  }
  assert.equal([...routes].filter((route) => route.endsWith("/exchangeInfo")).length, 1);
});

test("EXCH-11 an id that is open already returns the order it names", async (context) => {
  const stage = await portStage(context);
  const first = await stage.hands.place("buy 590000 x 10");
  assert.ok(first.result === "accepted");
  // another process of the same bot: this port has never heard of the id
  const other = await portStageOn(context, stage.emulator);
  const second = await other.place("buy 590000 x 10", first.id);
  assert.deepEqual(
    [second.result, second.result === "accepted" && second.exchangeOrderId],
    ["accepted", first.exchangeOrderId],
  );
  assert.equal(stage.ordersOf(first.id), 1);
});

test("EXCH-10 an id whose order was filled is looked up, never sent a second time", async (context) => {
  const { hands, trade, ordersOf, sentTo } = await portStage(context);
  const first = await hands.place("buy 599990 x 5");
  assert.ok(first.result === "accepted");
  trade("sell", "59990", "1");
  await until("the fill", () => ordersOf(first.id) === 1);
  const again = await hands.place("buy 599990 x 5", first.id);
  assert.deepEqual(
    [again.result, again.result === "accepted" && again.exchangeOrderId],
    ["accepted", first.exchangeOrderId],
  );
  assert.deepEqual([ordersOf(first.id), sentTo(ORDER).length], [1, 1]);
});

test("EXCH-10 an id asked for twice at once is sent once", async (context) => {
  const { hands, ordersOf } = await portStage(context);
  const id = hands.nextId();
  const both = await Promise.all([hands.place("buy 590000 x 10", id), hands.place("buy 590000 x 10", id)]);
  assert.deepEqual([both.map(({ result }) => result).sort(), ordersOf(id)], [["accepted", "unknown"], 1]);
});

async function portStageOn(context: TestContext, emulator: Emulator): Promise<Hands> {
  const port = await openCcxtPort(portOptions(emulator, USDM));
  context.after(() => port.closed());
  return new Hands(port, USDM);
}
