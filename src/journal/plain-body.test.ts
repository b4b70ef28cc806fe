// Bodies as decimal text: what is known to be a price, a quantity or money is told exactly, nothing else is touched.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { isTold, plainBody, stepsIn } from "./plain-body.ts";

const STEPS = { tickSize: "0.1", lotSize: "0.001" };

test("OPS-11 prices, quantities and money are decimal text; reasons and names are as they were", () => {
  const body = {
    price: 599_630,
    quantity: 2,
    mark: 599_990_500,
    fee: { $n: "24014000000000000" },
    bids: [[599_999, 363]],
    openOrders: [{ price: -1, cumulative: 0 }],
    liquidation: null,
    seq: 7,
    symbol: "BTC/USDT:USDT",
    because: { price: 5 },
  };
  assert.deepEqual(plainBody(body, STEPS), {
    price: "59963.0",
    quantity: "0.002",
    mark: "59999.05",
    fee: "0.024014",
    bids: [["59999.9", "0.363"]],
    openOrders: [{ price: "-0.1", cumulative: "0.000" }],
    liquidation: null,
    seq: 7,
    symbol: "BTC/USDT:USDT",
    because: { price: 5 },
  });
});

test("OPS-11 without an instrument money alone is told; steps are read off the record that has them", () => {
  assert.deepEqual(plainBody({ price: 5, gross: { $n: "1500000000000000000" } }, null), { price: 5, gross: "1.5" });
  assert.deepEqual(stepsIn({ revision: 1, instrument: { ...STEPS, symbol: "x" } }), STEPS);
  for (const body of [null, 5, {}, { instrument: "BTC" }]) assert.equal(stepsIn(body), null);
});

test("OPS-11 every price and quantity that a decoder reads is told as one", () => {
  const read = readdirSync(import.meta.dirname)
    .filter((name) => /^decode-.*(?<!\.test)\.ts$/.test(name))
    .flatMap((name) => [
      ...readFileSync(join(import.meta.dirname, name), "utf8").matchAll(
        /\.(?:ticks|lots|milliTicks)(?:OrNull|IfGiven)?\("(\w+)"\)|levels\(b, "(\w+)"\)/g,
      ),
    ])
    .map(([, unit, levels]) => unit ?? levels ?? "");
  assert.ok(read.length > 20);
  assert.deepEqual(
    read.filter((name) => !isTold(name)),
    [],
  );
});
