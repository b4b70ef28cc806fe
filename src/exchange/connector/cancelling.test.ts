// Cancels, sweeps and the dead-man timer of a connector on 127.0.0.1.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { RemoteStage } from "../../../test/contract/exchange-remote.ts";
import { makeWorld, openOn, SYMBOL, type World, type WorldOptions } from "../../../test/contract/exchange-stage.ts";
import { OrderSide, OrderStatus, OrderType, TimeInForce } from "../../rpc/generated/opensqt/market_maker/v1/types.ts";
import { refusedBy } from "../../rpc/village.fixture.ts";
import { makeClientOrderId } from "../../trading/client-order-id.ts";

async function stageFor(
  t: TestContext,
  options: WorldOptions = {},
  more: NonNullable<Parameters<typeof RemoteStage.open>[1]> = {},
) {
  const world = makeWorld(options);
  const stage = await RemoteStage.open(world, more);
  t.after(async () => {
    await stage.close();
    world.driver.stop();
  });
  const trader = stage.exchange("trader");
  await trader.getBook({ symbol: SYMBOL });
  const place = (clientOrderId: string, ticks: number, botId = "") =>
    trader.placeOrder({
      symbol: SYMBOL,
      side: OrderSide.BUY,
      type: OrderType.LIMIT,
      timeInForce: TimeInForce.GTX,
      quantity: { value: "0.001" },
      price: { value: `${ticks}.0` },
      clientOrderId,
      botId,
    });
  return { world, stage, trader, place };
}

const idOf = (tag: string, seq: number): string => makeClientOrderId({ tag, lineage: 1, seq, index: 0 });

/** Resolves once the exchange shows these open orders and no other. */
async function openIs(world: World, ids: readonly string[]): Promise<void> {
  while (JSON.stringify(openOn(world).toSorted()) !== JSON.stringify([...ids].toSorted())) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test("API-11 a cancel ends accepted, or not_open with the order as a look-up shows it", async (t) => {
  const { trader, place } = await stageFor(t);
  const placed = await place("o1", 59_000);
  assert.deepEqual(await trader.cancelOrder({ symbol: SYMBOL, clientOrderId: "o1" }), {
    result: "accepted",
    order: undefined,
  });
  const again = await trader.cancelOrder({ symbol: SYMBOL, clientOrderId: "o1" });
  assert.deepEqual([again.result, again.order?.status], ["not_open", OrderStatus.CANCELED]);
  const never = await trader.cancelOrder({ symbol: SYMBOL, clientOrderId: "onever" });
  assert.deepEqual(never, { result: "not_open", order: undefined });
  await place("o2", 59_000);
  const open = await trader.getOpenOrders({ symbol: SYMBOL });
  const orderId = open.orders[0]?.orderId ?? "";
  assert.equal((await trader.cancelOrder({ symbol: SYMBOL, orderId })).result, "accepted");
  const gone = await trader.getOrder({ symbol: SYMBOL, orderId: placed.outcome?.order?.orderId ?? "" });
  assert.equal(gone.order?.clientOrderId, "o1");
});

test("API-13 hostile fields of cancels and sweeps are refused and cancel nothing", async (t) => {
  const { world, trader, place } = await stageFor(t);
  await place("o1", 59_000);
  const table: [status: string, call: () => Promise<unknown>][] = [
    ["INVALID_ARGUMENT", () => trader.cancelOrder({ clientOrderId: "o1" })],
    ["NOT_FOUND", () => trader.cancelOrder({ symbol: "NONE/USDT", clientOrderId: "o1" })],
    ["INVALID_ARGUMENT", () => trader.cancelOrder({ symbol: SYMBOL })],
    ["INVALID_ARGUMENT", () => trader.cancelOrder({ symbol: SYMBOL, clientOrderId: "t1" })],
    ["NOT_FOUND", () => trader.cancelOrder({ symbol: SYMBOL, orderId: "no such order" })],
    ["FAILED_PRECONDITION", () => trader.cancelOrder({ symbol: SYMBOL, clientOrderId: "o1", useMargin: true })],
    ["INVALID_ARGUMENT", () => trader.batchCancelOrders({ symbol: SYMBOL, clientOrderIds: Array(51).fill("o1") })],
    ["INVALID_ARGUMENT", () => trader.batchCancelOrders({ symbol: SYMBOL, clientOrderIds: ["o1", ""] })],
    ["INVALID_ARGUMENT", () => trader.cancelAllOrders({})],
    ["INVALID_ARGUMENT", () => trader.cancelAllOrders({ tag: "%" })],
    ["INVALID_ARGUMENT", () => trader.cancelAllOrders({ tag: "o".repeat(28) })],
    ["INVALID_ARGUMENT", () => trader.cancelAllOrders({ tag: "o1", everything: true })],
    ["INVALID_ARGUMENT", () => trader.emergencyCancel({ tag: "" })],
    ["INVALID_ARGUMENT", () => trader.armDeadMan({ ttlMs: 5_000 })],
    ["INVALID_ARGUMENT", () => trader.armDeadMan({ botId: "a", ttlMs: 10 })],
    ["INVALID_ARGUMENT", () => trader.armDeadMan({ botId: "a", ttlMs: -1 })],
    ["INVALID_ARGUMENT", () => trader.armDeadMan({ botId: "a", ttlMs: 5_000, symbol: "NONE/USDT" })],
    ["INVALID_ARGUMENT", () => trader.armDeadMan({ botId: "a", ttlMs: 5_000, tag: "a b" })],
  ];
  for (const [i, [status, call]] of table.entries()) {
    const refusal = await refusedBy(call());
    assert.equal(refusal.status, status, `${i}: ${refusal.message}`);
  }
  assert.deepEqual(openOn(world), ["o1"]);
});

test("API-11 a batch of cancels answers one result an id; an empty one sends nothing", async (t) => {
  const { world, trader, place } = await stageFor(t);
  await place("o1", 59_000);
  await place("o2", 59_001);
  assert.deepEqual(await trader.batchCancelOrders({ symbol: SYMBOL, clientOrderIds: [] }), { results: [] });
  const { results } = await trader.batchCancelOrders({ symbol: SYMBOL, clientOrderIds: ["o2", "ox", "o1"] });
  assert.deepEqual(
    results.map(({ clientOrderId, result }) => [clientOrderId, result]),
    [
      ["o2", "accepted"],
      ["ox", "not_open"],
      ["o1", "accepted"],
    ],
  );
  assert.deepEqual(openOn(world), []);
});

test("EXCH-16 cancelling a tag proves that none is left; everything needs an operator", async (t) => {
  const { world, stage, trader, place } = await stageFor(t);
  const own = [idOf("aaaaaa", 1), idOf("aaaaaa", 2)];
  const others = [idOf("bbbbbb", 1), "handmade1"];
  for (const [i, id] of [...own, ...others].entries()) await place(id, 59_000 + i);
  assert.deepEqual(await trader.cancelAllOrders({ tag: "aaaaaa" }), { cancelled: 2, left: [], proven: true });
  await openIs(world, others);
  assert.deepEqual(await trader.emergencyCancel({ tag: "bbbbbb" }), { cancelled: 1, left: [], proven: true });
  await openIs(world, ["handmade1"]);
  assert.equal((await refusedBy(trader.cancelAllOrders({ everything: true }))).status, "PERMISSION_DENIED");
  assert.deepEqual(await stage.exchange("operator").cancelAllOrders({ everything: true, symbol: SYMBOL }), {
    cancelled: 1,
    left: [],
    proven: true,
  });
  await openIs(world, []);
});

test("EXCH-16 a sweep that cannot cancel says by its deadline what is left, and claims no proof", async (t) => {
  const { trader, place } = await stageFor(t, { faults: { cancelLost: 1 } });
  await place(idOf("aaaaaa", 1), 59_000);
  const swept = await trader.cancelAllOrders({ tag: "aaaaaa" }, { deadlineMs: 1_500 });
  assert.equal(swept.proven, false);
  assert.deepEqual(
    swept.left.map(({ clientOrderId }) => clientOrderId),
    [idOf("aaaaaa", 1)],
  );
});

test("API-45 RISK-38 without a renewal the connector cancels the bot's own orders and no other", async (t) => {
  const { world, stage, trader, place } = await stageFor(t);
  const own = [idOf("aaaaaa", 1), idOf("aaaaaa", 2)];
  await place(own[0] ?? "", 59_000, "a");
  // placed before this connector began, as far as it knows: known by its tag alone
  await place(own[1] ?? "", 59_001);
  await place("ohand", 59_002);
  await place(idOf("bbbbbb", 1), 59_003, "b");
  const armed = await trader.armDeadMan({ botId: "a", ttlMs: 1_000, tag: "aaaaaa", epoch: 1 });
  assert.equal(armed.kind, "connector");
  assert.ok(armed.armedUntilMs > Date.now() - 1_000);
  assert.equal(stage.connector.status.deadManTimers, 1);
  await openIs(world, ["ohand", idOf("bbbbbb", 1)]);
  assert.equal(stage.connector.status.deadManTimers, 0);
});

test("API-45 a renewal keeps the orders, ttl 0 disarms, and an older run arms nothing", async (t) => {
  const { world, stage, trader, place } = await stageFor(t);
  await place(idOf("aaaaaa", 1), 59_000, "a");
  const arm = (ttlMs: number, epoch = 2) => trader.armDeadMan({ botId: "a", ttlMs, tag: "aaaaaa", epoch });
  const first = await arm(60_000);
  const second = await arm(120_000);
  assert.ok(second.armedUntilMs > first.armedUntilMs);
  assert.equal(stage.connector.status.deadManTimers, 1);
  assert.equal((await refusedBy(arm(1_000, 1))).reason, "FENCED");
  assert.equal((await arm(0)).armedUntilMs, 0);
  assert.equal(stage.connector.status.deadManTimers, 0);
  assert.equal(openOn(world).length, 1);
});

test("API-45 a bot that is back while its orders are being cancelled ends that at once", async (t) => {
  const fired = Promise.withResolvers<void>();
  const back = Promise.withResolvers<void>();
  const log = {
    info: () => undefined,
    warn: (text: string) => (text.endsWith("the bot is back") ? back.resolve() : undefined),
    error: (text: string) => (text.includes("fired") ? fired.resolve() : undefined),
  };
  // no cancel gets through: the sweep alone would try for 20 s
  const { trader, place } = await stageFor(t, { faults: { cancelLost: 1 } }, { log });
  await place(idOf("aaaaaa", 1), 59_000, "a");
  await trader.armDeadMan({ botId: "a", ttlMs: 1_000, tag: "aaaaaa", epoch: 1 });
  await fired.promise;
  const askedMs = performance.now();
  await trader.armDeadMan({ botId: "a", ttlMs: 60_000, tag: "aaaaaa", epoch: 2 });
  await back.promise;
  assert.ok(performance.now() - askedMs < 10_000, "it went on against a bot that is there");
});
