import assert from "node:assert/strict";
import { test } from "node:test";
import { BTC_PERPETUAL } from "../../../test/instruments.ts";
import { lots, ticks } from "../../market/amounts.ts";
import { TimeInForce } from "../../rpc/generated/opensqt/market_maker/v1/types.ts";
import { foreignOrderId } from "../../trading/client-order-id.ts";
import type { OrderEvent } from "../../trading/event.ts";
import type { Unstamped } from "../port.ts";
import { Instruments } from "./instruments.ts";
import { OrderMemory } from "./order-memory.ts";

const { symbol } = BTC_PERPETUAL;
const ORDER = {
  symbol,
  side: "buy",
  price: ticks(600_000),
  quantity: lots(10),
  timeInForce: "GTC",
  postOnly: true,
  reduceOnly: false,
  slotKey: "",
} as const;

const idOf = (n: number) => foreignOrderId(`o${n}`);

const saidOf = (n: number, status: OrderEvent["status"]): Unstamped<OrderEvent> => ({
  kind: "order",
  symbol,
  clientOrderId: idOf(n),
  exchangeOrderId: `x${n}`,
  side: "buy",
  price: ORDER.price,
  quantity: ORDER.quantity,
  status,
  cumulative: lots(0),
  reason: null,
  source: "stream",
});

function memoryOf(count: number, status: OrderEvent["status"]): OrderMemory {
  const memory = new OrderMemory(new Instruments());
  for (let n = 0; n < count; n += 1) {
    memory.asked(idOf(n), { order: ORDER, botId: "b", timeInForce: TimeInForce.GTC, atMs: n });
    memory.told(saidOf(n, "open"), n);
    if (status !== "open") memory.told(saidOf(n, status), n);
  }
  return memory;
}

test("TEST-25 API-16 ten thousand ended orders are remembered, and twice as many at most", () => {
  const memory = memoryOf(20_000, "canceled");
  assert.equal(memory.botOf(idOf(9_999)), "");
  assert.equal(memory.botOf(idOf(10_000)), "b");
});

test("TEST-25 API-16 an order whose end nobody hears is forgotten after fifty thousand others, one that is heard of is not", () => {
  const memory = memoryOf(50_000, "open");
  memory.told(saidOf(0, "open"), 60_000);
  for (let n = 50_000; n < 50_010; n += 1) {
    memory.asked(idOf(n), { order: ORDER, botId: "b", timeInForce: TimeInForce.GTC, atMs: n });
  }
  assert.equal(memory.botOf(idOf(0)), "b");
  assert.equal(memory.botOf(idOf(10)), "");
  assert.equal(memory.botOf(idOf(11)), "b");
});
