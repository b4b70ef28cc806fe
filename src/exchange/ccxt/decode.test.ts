// Records with fields missing: what is not told is no zero.

import assert from "node:assert/strict";
import { test } from "node:test";
import { BTC_PERPETUAL } from "../../../test/instruments.ts";
import { stepsOf } from "./amount.ts";
import { decodeOrder } from "./decode.ts";
import { BINANCE_USDM } from "./exchanges/binance-usdm.ts";
import { NO_FACTS, readInstrument } from "./instruments.ts";

const TICK_SIZES = 4;

test("EXCH-09 an order that ended without what of it was filled is not read: nobody takes it for unfilled", () => {
  const steps = stepsOf({ tick: BTC_PERPETUAL.tickSize, amountStep: BTC_PERPETUAL.lotSize, contract: "1" });
  assert.ok(steps.ok);
  const of = {
    instrument: BTC_PERPETUAL,
    wireName: "",
    steps: steps.value,
    priceMin: null,
    priceMax: null,
    readAtMs: 0,
  };
  const record = { id: "7", clientOrderId: "o1", side: "buy", amount: "0.010", price: "60000.0", info: {} };
  const about = { table: BINANCE_USDM, source: "lookup" } as const;
  for (const status of ["closed", "canceled", "expired", "rejected"]) {
    assert.ok(!decodeOrder({ ...record, status }, of, about).ok, status);
    const whole = decodeOrder({ ...record, status, filled: "0.004" }, of, about);
    assert.ok(whole.ok && whole.value.cumulative === 4 && whole.value.status !== "filled", status);
  }
  assert.ok(decodeOrder({ ...record, status: "open" }, of, about).ok);
});

test("EXCH-38 EXCH-61 a perpetual whose contract size is not told is refused, never taken for one coin", () => {
  const market = {
    symbol: "BTC/USDT:USDT",
    id: "BTCUSDT",
    swap: true,
    base: "BTC",
    quote: "USDT",
    precision: { price: "0.1", amount: "1" },
    limits: {},
    info: { status: "TRADING" },
  };
  const about = { table: BINANCE_USDM, precisionMode: TICK_SIZES, facts: NO_FACTS, nowMs: 0 };
  const refused = readInstrument(market, about);
  assert.ok(!refused.ok && /size of its contract is not told/.test(refused.error));
  const read = readInstrument({ ...market, contractSize: "0.01" }, about);
  assert.ok(read.ok && read.value.instrument.lotSize === "0.01");
});
