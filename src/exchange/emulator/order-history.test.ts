import assert from "node:assert/strict";
import { test } from "node:test";
import type { RecordEntry } from "../../sim/record.ts";
import { OrderHistory } from "./order-history.ts";

let n = 0;

function accepted(exchangeOrderId: string, clientOrderId: string): RecordEntry {
  n += 1;
  const what = { account: "demo@binance-usdm", symbol: "BTC/USDT:USDT", exchangeOrderId, clientOrderId };
  const asked = { side: "buy", price: 600_000, quantity: 2, reduceOnly: false } as const;
  return { kind: "accepted", n, atUs: n * 1000, ...what, ...asked };
}

function ended(exchangeOrderId: string, clientOrderId: string): RecordEntry {
  n += 1;
  const what = { account: "demo@binance-usdm", symbol: "BTC/USDT:USDT", exchangeOrderId, clientOrderId };
  return { kind: "ended", n, atUs: n * 1000, ...what, status: "canceled", why: "", cumulative: 0 };
}

test("EMU-35 EMU-43 the history keeps open orders and the last that ended, counts others, is restored", () => {
  const history = new OrderHistory(3);
  history.record(accepted("1", "rests"));
  for (let i = 2; i <= 6; i += 1) {
    history.record(accepted(String(i), "again"));
    history.record(ended(String(i), "again"));
  }
  const known = (of: OrderHistory): readonly string[] => of.withClientId("again").map((life) => life.exchangeOrderId);
  assert.deepEqual(known(history), ["4", "5", "6"]);
  assert.equal(history.withClientId("rests").length, 1);
  assert.deepEqual([history.size, history.forgotten], [6, 2]);

  const restored = new OrderHistory(3);
  restored.restore(history.save(), history.forgotten);
  assert.deepEqual(known(restored), ["4", "5", "6"]);
  restored.record(ended("1", "rests"));
  assert.deepEqual(known(restored), ["5", "6"]);
  for (let i = 7; i < 10_000; i += 1) {
    restored.record(accepted(String(i), `once ${i}`));
    restored.record(ended(String(i), `once ${i}`));
  }
  assert.deepEqual(known(restored), []);
  assert.deepEqual([restored.save().length, restored.size, restored.forgotten], [3, 9_999, 9_996]);
  assert.equal(restored.withClientId("once 9999").length, 1);
});
