// Placing through a connector on 127.0.0.1: what is refused leaves no trace on the exchange, what is repeated is found.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { RemoteStage } from "../../../test/contract/exchange-remote.ts";
import { makeWorld, openOn, positionOn, SYMBOL, type WorldOptions } from "../../../test/contract/exchange-stage.ts";
import { MONOTONIC_CLOCK } from "../../host/wall-clock.ts";
import type { PlaceOrderRequest } from "../../rpc/generated/opensqt/market_maker/v1/exchange.ts";
import { OrderSide, OrderType, TimeInForce } from "../../rpc/generated/opensqt/market_maker/v1/types.ts";
import { refusedBy } from "../../rpc/village.fixture.ts";
import { UNCOUNTED } from "./observer.ts";

type Wish = Partial<PlaceOrderRequest>;

const wish = (change: Wish = {}): Wish => ({
  symbol: SYMBOL,
  side: OrderSide.BUY,
  type: OrderType.LIMIT,
  timeInForce: TimeInForce.GTC,
  quantity: { value: "0.005" },
  price: { value: "59999.0" },
  postOnly: true,
  clientOrderId: "o1",
  ...change,
});

async function stageFor(
  t: TestContext,
  world: WorldOptions = {},
  options: Parameters<typeof RemoteStage.open>[1] = {},
) {
  const made = makeWorld(world);
  const stage = await RemoteStage.open(made, options);
  t.after(async () => {
    await stage.close();
    made.driver.stop();
  });
  const trader = stage.exchange("trader");
  // the exchange has a book before anybody trades
  await trader.getBook({ symbol: SYMBOL });
  return { world: made, stage, trader };
}

/** Requests that reached the exchange. */
const requests = (world: ReturnType<typeof makeWorld>): number => world.exchange.desk.orderCount;

test("API-13 hostile, missing and off-grid fields of PlaceOrder are refused and leave no trace", async (t) => {
  const { world, trader } = await stageFor(t);
  const table: [field: string, change: Wish][] = [
    ["client_order_id", { clientOrderId: "" }],
    ["client_order_id", { clientOrderId: "t123" }],
    ["client_order_id", { clientOrderId: "o".repeat(29) }],
    ["client_order_id", { clientOrderId: "o1'; DROP TABLE orders" }],
    ["client_order_id", { clientOrderId: "o1\n" }],
    ["symbol", { symbol: "" }],
    ["symbol", { symbol: "btc/usdt" }],
    ["symbol", { symbol: "X".repeat(100_000) }],
    ["exchange", { exchange: "nasdaq" }],
    ["side", { side: OrderSide.UNSPECIFIED }],
    ["side", { side: 77 as OrderSide }],
    ["type", { type: OrderType.UNSPECIFIED }],
    ["time_in_force", { timeInForce: TimeInForce.UNSPECIFIED }],
    ["time_in_force", { timeInForce: 9 as TimeInForce }],
    ["quantity", { quantity: undefined }],
    ["quantity", { quantity: { value: "" } }],
    ["quantity", { quantity: { value: "0" } }],
    ["quantity", { quantity: { value: "-1" } }],
    ["quantity", { quantity: { value: "1e3" } }],
    ["quantity", { quantity: { value: "NaN" } }],
    ["quantity", { quantity: { value: "0.0015" } }],
    ["quantity", { quantity: { value: "9".repeat(38) } }],
    ["quantity", { quantity: { value: "1".repeat(5_000) } }],
    ["price", { price: undefined }],
    ["price", { price: { value: "59999.05" } }],
    ["price", { price: { value: "0" } }],
    ["price", { price: { value: "-59999" } }],
    ["price", { price: { value: " 59999" } }],
    ["price", { type: OrderType.MARKET, timeInForce: TimeInForce.IOC, postOnly: false }],
    ["post_only", { timeInForce: TimeInForce.IOC }],
    ["post_only", { timeInForce: TimeInForce.FOK }],
    ["post_only", { type: OrderType.MARKET, price: undefined }],
    ["borrow_mode", { borrowMode: "all_of_it" }],
    ["bot_id", { botId: "b".repeat(65) }],
    ["send_by_ms", { sendByMs: 1_750_000_000 }],
    ["send_by_ms", { sendByMs: -1 }],
  ];
  for (const [field, change] of table) {
    const refusal = await refusedBy(trader.placeOrder(wish(change)));
    const told = `${field} ${JSON.stringify(change).slice(0, 80)}: ${refusal.message.slice(0, 120)}`;
    assert.equal(refusal.status, "INVALID_ARGUMENT", told);
    assert.deepEqual([refusal.outcome, refusal.metadata["field"]], ["not_sent", field], told);
    assert.ok(refusal.message.length < 600, told);
  }
  assert.equal(requests(world), 0);
  assert.equal((await trader.placeOrder(wish())).outcome?.order?.clientOrderId, "o1");
});

test("API-13 margin that cannot be routed is refused, never sent as plain spot", async (t) => {
  const { world, trader } = await stageFor(t);
  for (const change of [{ useMargin: true }, { borrowMode: "auto_borrow" }]) {
    const refusal = await refusedBy(trader.placeOrder(wish(change)));
    assert.deepEqual(
      [refusal.status, refusal.reason, refusal.outcome],
      ["FAILED_PRECONDITION", "MARGIN_UNAVAILABLE", "not_sent"],
    );
  }
  assert.equal(requests(world), 0);
});

test("API-13 reduce-only on spot is INVALID_ARGUMENT", async (t) => {
  const { trader } = await stageFor(t, { instrument: { kind: "spot" } });
  const refusal = await refusedBy(trader.placeOrder(wish({ reduceOnly: true })));
  assert.deepEqual([refusal.status, refusal.metadata["field"]], ["INVALID_ARGUMENT", "reduce_only"]);
});

test("API-12 EXCH-50 an older run of a bot is FENCED, and a decision past its time is not sent", async (t) => {
  const { world, trader } = await stageFor(t);
  await trader.placeOrder(wish({ botId: "a", epoch: 7 }));
  const fenced = await refusedBy(trader.placeOrder(wish({ clientOrderId: "o2", botId: "a", epoch: 6 })));
  assert.deepEqual([fenced.status, fenced.reason, fenced.outcome], ["FAILED_PRECONDITION", "FENCED", "not_sent"]);
  const silent = await refusedBy(trader.placeOrder(wish({ clientOrderId: "o2", botId: "a" })));
  assert.equal(silent.reason, "FENCED");
  const late = await refusedBy(trader.placeOrder(wish({ clientOrderId: "o3", sendByMs: world.clock.nowMs() - 1 })));
  assert.deepEqual([late.status, late.reason, late.outcome], ["DEADLINE_EXCEEDED", "SEND_BY_PASSED", "not_sent"]);
  assert.deepEqual(openOn(world), ["o1"]);
  await trader.placeOrder(wish({ clientOrderId: "o4", botId: "b", epoch: 1 }));
  await trader.placeOrder(wish({ clientOrderId: "o5", botId: "a", epoch: 8 }));
  assert.deepEqual(openOn(world), ["o1", "o4", "o5"]);
});

test("API-29 a key bound to bots places, arms and cancels for no other", async (t) => {
  const { world, trader, stage } = await stageFor(t, {}, { bots: ["a"] });
  const refused = await refusedBy(trader.placeOrder(wish({ botId: "b" })));
  assert.deepEqual([refused.status, refused.outcome], ["PERMISSION_DENIED", "not_sent"]);
  assert.equal((await refusedBy(trader.armDeadMan({ botId: "b", ttlMs: 5_000 }))).status, "PERMISSION_DENIED");
  const others = "oaaaaaa0000000000000000x";
  await stage.exchange("operator").armDeadMan({ botId: "b", ttlMs: 0, tag: "aaaaaa" });
  assert.equal((await refusedBy(trader.cancelAllOrders({ tag: "aaaaaa" }))).status, "PERMISSION_DENIED");
  assert.equal((await refusedBy(trader.emergencyCancel({ tag: "aaaaaa" }))).status, "PERMISSION_DENIED");
  assert.ok(others.length > 0);
  await trader.placeOrder(wish({ botId: "a" }));
  assert.deepEqual(openOn(world), ["o1"]);
});

test("API-14 a repeat joins the running call or gets its answer; another body is refused", async (t) => {
  const { world, trader } = await stageFor(t);
  const answers = await Promise.all([1, 2, 3].map(() => trader.placeOrder(wish())));
  assert.equal(requests(world), 1);
  assert.deepEqual(new Set(answers.map(({ outcome }) => outcome?.order?.orderId)).size, 1);
  assert.equal(answers.filter(({ outcome }) => outcome?.duplicate === true).length, 2);
  const other = await refusedBy(trader.placeOrder(wish({ quantity: { value: "0.006" } })));
  assert.deepEqual([other.status, other.reason, other.outcome], ["ALREADY_EXISTS", "DUPLICATE_ID", "not_sent"]);
  const taken = wish({ clientOrderId: "o2", price: { value: "60000.1" }, postOnly: false });
  await trader.placeOrder(taken);
  const again = await trader.placeOrder(taken);
  assert.equal(again.outcome?.duplicate, true);
  assert.equal(positionOn(world), 5, "an order that has ended is not sent again");
});

test("API-14 the repeat of an order nobody answered for is looked up, and never sent beside the first", async (t) => {
  const { world, trader } = await stageFor(t, { faults: { acceptThenTimeout: 1 }, requestExpiryMs: 100 });
  const first = await refusedBy(trader.placeOrder(wish()));
  assert.deepEqual([first.status, first.reason, first.outcome], ["UNAVAILABLE", "UNAVAILABLE", "unknown"]);
  const second = await trader.placeOrder(wish());
  assert.equal(second.outcome?.duplicate, true);
  assert.deepEqual(openOn(world), ["o1"]);
});

test("API-14 two late repeats at once are looked up, and sent once", async (t) => {
  let laterMs = 0;
  const machine = { ...MONOTONIC_CLOCK, monotonicMs: () => MONOTONIC_CLOCK.monotonicMs() + laterMs };
  const outcomes: string[] = [];
  const metrics = { ...UNCOUNTED, outcome: (outcome: string) => void outcomes.push(outcome) };
  const { trader } = await stageFor(t, {}, { machine, metrics });
  const refused = wish({ side: OrderSide.SELL, price: { value: "60001.0" }, reduceOnly: true, postOnly: false });
  await refusedBy(trader.placeOrder(refused));
  laterMs = 700_000;
  // the next send forgets what became of the first
  await trader.placeOrder(wish({ clientOrderId: "o2" }));
  await Promise.all([1, 2].map(() => refusedBy(trader.placeOrder(refused))));
  assert.deepEqual(outcomes, ["rejected", "accepted", "rejected"]);
});

test("API-22 a rejected order carries the exchange's own code and text, and so does its repeat", async (t) => {
  const { trader } = await stageFor(t);
  for (let tries = 0; tries < 2; tries += 1) {
    const refusal = await refusedBy(trader.placeOrder(wish({ price: { value: "60000.1" } })));
    assert.deepEqual(
      [refusal.status, refusal.reason, refusal.outcome],
      ["FAILED_PRECONDITION", "WOULD_CROSS", "rejected"],
    );
    assert.equal(refusal.metadata["exchange_code"], "POST_ONLY_WOULD_TAKE");
    assert.ok((refusal.metadata["exchange_text"] ?? "").length > 0);
    assert.equal(refusal.metadata["exchange"], "simulated");
  }
});

test("API-12 a batch answers one outcome an order in the order asked, and refuses more than fifty whole", async (t) => {
  const { world, trader } = await stageFor(t);
  const orders = Array.from({ length: 12 }, (_, i) =>
    wish({
      clientOrderId: `o${i}`,
      ...(i === 2 ? { price: { value: "1.05" } } : {}),
      ...(i === 8 ? { symbol: "?" } : {}),
    }),
  );
  const { outcomes, allSuccess } = await trader.batchPlaceOrders({ orders });
  assert.equal(allSuccess, false);
  assert.deepEqual(
    outcomes.map(({ clientOrderId }) => clientOrderId),
    orders.map(({ clientOrderId }) => clientOrderId),
  );
  assert.deepEqual(
    outcomes.map(({ error }) => error?.metadata["outcome"] ?? "ok"),
    orders.map((_, i) => (i === 2 || i === 8 ? "not_sent" : "ok")),
  );
  assert.equal(openOn(world).length, 10);
  assert.deepEqual(await trader.batchPlaceOrders({ orders: [] }), { outcomes: [], allSuccess: true });
  const many = Array.from({ length: 51 }, (_, i) => wish({ clientOrderId: `p${i}` }));
  assert.equal((await refusedBy(trader.batchPlaceOrders({ orders: many }))).status, "INVALID_ARGUMENT");
  assert.equal(openOn(world).length, 10);
});

test("API-10 a request over four mebibytes is refused and leaves no trace", async (t) => {
  const { world, trader } = await stageFor(t);
  const refusal = await refusedBy(trader.placeOrder(wish({ effectId: "x".repeat(5 * 1024 * 1024) })));
  assert.equal(refusal.status, "RESOURCE_EXHAUSTED");
  assert.equal(requests(world), 0);
});

test("API-27 a reader changes nothing", async (t) => {
  const { world, stage } = await stageFor(t);
  const reader = stage.exchange("reader");
  for (const call of [
    reader.placeOrder(wish()),
    reader.cancelAllOrders({ tag: "abc" }),
    reader.emergencyCancel({ tag: "abc" }),
    reader.armDeadMan({ botId: "a", ttlMs: 5_000 }),
  ]) {
    assert.equal((await refusedBy(call)).status, "PERMISSION_DENIED");
  }
  assert.equal(
    (await refusedBy(stage.exchange("trader").cancelAllOrders({ everything: true }))).status,
    "PERMISSION_DENIED",
  );
  assert.equal(requests(world), 0);
});
