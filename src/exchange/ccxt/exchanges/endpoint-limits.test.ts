// What requests cost of limits that are counted by endpoint.

import assert from "node:assert/strict";
import { test } from "node:test";
import { BITGET_SWAP } from "./bitget.ts";
import { BYBIT_LINEAR } from "./bybit.ts";
import type { ExchangeTable } from "./exchange-table.ts";
import { GATE_SWAP } from "./gate.ts";
import { OKX_SWAP } from "./okx.ts";

const costs = ({ limits }: ExchangeTable, method: string, path: string, params: object = {}): readonly string[] =>
  limits
    .costs({ api: "private", method, path, params: { ...params }, cost: 1 })
    .map(({ bucket, cost }) => `${bucket} ${cost}`);

test("EXCH-25 lists are counted by their orders, requests by their endpoint and by all they share", () => {
  const three = { list: [{}, {}, {}] };
  assert.deepEqual(costs(OKX_SWAP, "POST", "trade/batch-orders", three), ["POST trade/batch-orders 3", "orders-2s 3"]);
  assert.deepEqual(costs(OKX_SWAP, "POST", "trade/cancel-order"), ["POST trade/cancel-order 1"]);
  const request = { category: "linear", request: [{}, {}] };
  assert.deepEqual(costs(BYBIT_LINEAR, "POST", "v5/order/create-batch", request), [
    "POST v5/order/create-batch 2",
    "ip-5s 1",
  ]);
  assert.deepEqual(costs(GATE_SWAP, "POST", "{settle}/batch_orders", three), [
    "POST {settle}/batch_orders 3",
    "orders-1s 3",
  ]);
  assert.deepEqual(costs(BITGET_SWAP, "GET", "v2/nobody/knows"), ["others 1", "ip-1m 1"]);
});

test("EXCH-25 every bucket a request may cost is one the budget knows", () => {
  for (const table of [OKX_SWAP, BYBIT_LINEAR, GATE_SWAP, BITGET_SWAP]) {
    const names = new Set(table.limits.buckets.map(({ name }) => name));
    assert.equal(names.size, table.limits.buckets.length, table.name);
    for (const name of names) {
      const [method = "", path = ""] = name.split(" ");
      if (path === "") continue;
      for (const { bucket } of table.limits.costs({ api: "", method, path, params: {}, cost: 1 })) {
        assert.ok(names.has(bucket), bucket);
      }
    }
  }
});
