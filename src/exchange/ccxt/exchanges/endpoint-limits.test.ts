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

test("EXCH-25 headers tell the limit of the endpoint asked and what is left of it, of others nothing", () => {
  const used = ({ limits }: ExchangeTable, method: string, path: string, headers: Record<string, string>): unknown =>
    limits.used(headers, { api: "private", method, path, params: {}, cost: 1 });
  const bybit = { "x-bapi-limit": "20", "x-bapi-limit-status": "3", "x-bapi-limit-reset-timestamp": "1795233139000" };
  const order = "v5/order/create";
  assert.deepEqual(used(BYBIT_LINEAR, "POST", order, bybit), [{ bucket: `POST ${order}`, used: 17, limit: 20 }]);
  const gate = { "x-gate-ratelimit-limit": "200", "x-gate-ratelimit-requests-remain": "199" };
  const orders = "{settle}/orders";
  assert.deepEqual(used(GATE_SWAP, "GET", orders, gate), [{ bucket: `GET ${orders}`, used: 1, limit: 200 }]);
  for (const odd of [
    {},
    { "x-bapi-limit": "20" },
    { ...bybit, "x-bapi-limit-status": "21" },
    { ...bybit, "x-bapi-limit": "x" },
  ])
    assert.deepEqual(used(BYBIT_LINEAR, "POST", order, odd), []);
  assert.deepEqual(used(BYBIT_LINEAR, "GET", "v5/nobody/knows", bybit), []);
  assert.deepEqual(BYBIT_LINEAR.limits.used(bybit, null), []);
});
