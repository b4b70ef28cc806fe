import assert from "node:assert/strict";
import { test } from "node:test";
import { present } from "../../../../base/assert.ts";
import { lots, ticks, ZERO_MONEY } from "../../../../market/amounts.ts";
import { USDM_INSTRUMENTS } from "./instruments.ts";
import { FOREIGN_FORM, OrderMemory, RunningPosition, type UsdmOrder, type UsdmTrade } from "./order-memory.ts";

const DAY_MS = 86_400_000;

const order = (orderId: number, clientOrderId: string): UsdmOrder => ({
  ...FOREIGN_FORM,
  orderId,
  clientOrderId,
  wireName: "BTCUSDT",
  instrument: present(USDM_INSTRUMENTS[0], "an instrument"),
  side: "buy",
  price: 1,
  quantity: 10,
  filled: 0,
  filledValue: 0n,
  status: "NEW",
  timeMs: 0,
  updatedMs: 0,
});

test("EMU-18 unfilled cancelled orders vanish after three days, others stay", () => {
  const memory = new OrderMemory();
  const [unfilled, filled] = [order(1, "a"), { ...order(2, "b"), filled: 1 }];
  for (const each of [unfilled, filled]) {
    memory.add(each);
    memory.end(each, "CANCELED", 1_000);
  }
  const found = (clientOrderId: string, nowMs: number): boolean =>
    memory.find({ orderId: null, clientOrderId }, nowMs) !== null;
  assert.ok(found("a", 1_000 + 3 * DAY_MS));
  assert.ok(!found("a", 1_001 + 3 * DAY_MS));
  assert.ok(found("b", 30 * DAY_MS));
  assert.deepEqual(
    memory.all("BTCUSDT", 30 * DAY_MS).map(({ orderId }) => orderId),
    [2],
  );
});

test("EMU-16 what a fill realized is counted against the average entry, also when the position turns over", () => {
  const position = new RunningPosition({ lots: 0, cost: 0n });
  assert.equal(position.book(10, 1_000n), 0n);
  assert.equal(position.book(10, 1_200n), 0n);
  assert.equal(position.book(-5, 600n), 50n, "bought at 110, sold at 120");
  assert.equal(position.book(-20, 2_400n), 150n);
  assert.deepEqual([position.lots, position.cost], [-5, -600n]);
  assert.equal(position.book(5, 500n), 100n, "sold at 120, bought at 100");
  assert.deepEqual([position.lots, position.cost, position.realized], [0, 0n, 300n]);
});

test("EMU-13 own trades that are forgotten are not silently missing: who asks for them is told", () => {
  const memory = new OrderMemory(2);
  const one = order(1, "a");
  const fill = {
    kind: "fill",
    symbol: one.instrument.symbol,
    tradeId: "1",
    clientOrderId: null,
    exchangeOrderId: "1",
    side: "buy",
    price: ticks(1),
    quantity: lots(1),
    feeAsset: "USDT",
    fee: ZERO_MONEY,
    liquidity: "maker",
    origin: "order",
    exchangeAtMs: 0,
  } as const;
  const trade = (id: number): UsdmTrade => ({ id, order: one, fill, realized: 0n, atMs: 1_000 * id });
  for (let id = 1; id <= 4; id += 1) memory.addTrade(trade(id));
  assert.ok(memory.reaches({ fromId: null, startMs: 0 }), "nothing is forgotten yet");
  memory.addTrade(trade(5));
  const kept = memory.tradesOf("BTCUSDT").map(({ id }) => id);
  assert.deepEqual(kept, [3, 4, 5]);
  assert.deepEqual(
    [2_000, 2_001].map((startMs) => memory.reaches({ fromId: null, startMs })),
    [false, true],
  );
  assert.deepEqual(
    [2, 3].map((fromId) => memory.reaches({ fromId, startMs: null })),
    [false, true],
  );
  assert.ok(memory.reaches({ fromId: null, startMs: null }), "the newest are always there");
});
