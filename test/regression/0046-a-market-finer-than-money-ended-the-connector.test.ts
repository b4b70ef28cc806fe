// Found by reading: an instrument whose tick times lot is finer than 10^-18 of its quote asset was no refusal but a bug
// of ours, which ended the connector with all the other instruments it serves.

import assert from "node:assert/strict";
import { test } from "node:test";
import { genericTable } from "../../src/exchange/ccxt/exchanges/generic.ts";
import { NO_FACTS, readInstrument } from "../../src/exchange/ccxt/instruments.ts";

const read = (price: string, amount: string): string => {
  const market = { symbol: "X/BTC", id: "XBTC", base: "X", quote: "BTC", spot: true, precision: { price, amount } };
  const about = { table: genericTable("someone", "spot"), precisionMode: 4, facts: NO_FACTS, nowMs: 0 } as const;
  const found = readInstrument({ ...market, active: true, info: {}, limits: {} }, about);
  return found.ok ? "read" : found.error;
};

test("EXCH-02 an instrument whose money is finer than ours is refused with the reason", () => {
  assert.equal(read("0.00000001", "0.0000000001"), "read");
  assert.match(read("0.000000001", "0.0000000001"), /^X\/BTC cannot be expressed: steps of 0.000000001 by/);
  assert.match(read("1000", "0.0000000000000000001"), /cannot be expressed: .* finer than/);
});
