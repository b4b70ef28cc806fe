import assert from "node:assert/strict";
import { test } from "node:test";
import { lots, ticks } from "../../market/amounts.ts";
import type { NewOrder } from "../../trading/order.ts";
import { BINANCE_USDM } from "./exchanges/binance-usdm.ts";
import { type CcxtInstrument, NO_FACTS, readInstrument } from "./instruments.ts";
import type { Raw } from "./raw.ts";
import { type Formats, wireOrder } from "./wire-order.ts";

const market = (more: Raw = {}): Raw => ({
  id: "BTCUSDT",
  symbol: "BTC/USDT:USDT",
  base: "BTC",
  quote: "USDT",
  swap: true,
  contractSize: "1",
  precision: { price: "0.1", amount: "0.001" },
  limits: { amount: { min: "0.002", max: "1000" }, price: { min: "100", max: "1000000" }, cost: { min: "5" } },
  info: { status: "TRADING", filters: [{ filterType: "MAX_NUM_ORDERS", limit: "200" }] },
  ...more,
});

function read(more: Raw = {}, precisionMode: unknown = 4): CcxtInstrument {
  const found = readInstrument(market(more), { table: BINANCE_USDM, precisionMode, facts: NO_FACTS, nowMs: 0 });
  if (!found.ok) throw new Error(found.error);
  return found.value;
}

const EXACT: Formats = { price: (_symbol, text) => text, amount: (_symbol, text) => text };

const order = (price: number, quantity: number, more: Partial<NewOrder> = {}): NewOrder => ({
  symbol: "BTC/USDT:USDT",
  side: "buy",
  price: ticks(price),
  quantity: lots(quantity),
  timeInForce: "GTC",
  postOnly: true,
  reduceOnly: false,
  slotKey: "a",
  ...more,
});

const refusal = (of: NewOrder, { id = "oabc", formats = EXACT } = {}): string => {
  const made = wireOrder(of, id, { of: read(), formats });
  return made.ok ? "sent" : made.error;
};

test("EXCH-30 an order under a minimum or outside the limits known now is refused before it is sent", () => {
  assert.equal(refusal(order(600_000, 5)), "sent");
  assert.match(refusal(order(600_000, 1)), /below the least, 0.002/);
  assert.match(refusal(order(600_000, 1_000_001)), /above the most, 1000/);
  assert.match(refusal(order(999, 5)), /price is below 100/);
  assert.match(refusal(order(10_000_001, 5)), /price is above 1000000/);
  assert.match(refusal(order(1000, 2)), /value is below/);
  assert.equal(refusal(order(1000, 2, { reduceOnly: true })), "sent", "reducing is not bound by the least value here");
  assert.match(refusal(order(0, 5)), /must be positive/);
});

test("EXCH-30 what ccxt would send is compared with what was meant, and any difference refuses the order", () => {
  const rounding: Formats = { price: () => "60000", amount: (_symbol, text) => text };
  assert.equal(refusal(order(600_000, 5), { formats: rounding }), "sent", "60000 is 60000.0");
  assert.match(refusal(order(600_001, 5), { formats: rounding }), /price 60000.1 .* would be sent as 60000/);
  const cutting: Formats = { price: (_symbol, text) => text, amount: () => "0.00" };
  assert.match(refusal(order(600_000, 5), { formats: cutting }), /quantity 0.005/);
  const throwing: Formats = {
    price: () => {
      throw new Error("must be greater");
    },
    amount: (_symbol, text) => text,
  };
  assert.match(refusal(order(600_000, 5), { formats: throwing }), /must be greater/);
});

test("EXCH-05 an id no exchange of the five would take is never sent", () => {
  for (const id of ["t1", "", "1a", "o-1", "o".repeat(29), "O1"]) {
    assert.match(refusal(order(600_000, 5), { id }), /EXCH-05/, id);
  }
  assert.equal(refusal(order(600_000, 5), { id: `o${"z".repeat(27)}` }), "sent");
});

test("EXCH-03 instruments carry our names, and the exchange's name beside them", () => {
  const { instrument, wireName } = read();
  assert.deepEqual([instrument.symbol, wireName, instrument.kind], ["BTC/USDT:USDT", "BTCUSDT", "perpetual"]);
});

test("EXCH-29 metadata is read whole: steps, limits, status, open orders, contract size", () => {
  const { instrument } = read({ contractSize: "0.01", info: { status: "SETTLING" } });
  assert.equal(instrument.lotSize, "0.00001");
  assert.deepEqual([instrument.minLots, instrument.maxLots, instrument.status], [2, 1_000_000, "cancel-only"]);
  // 5 USDT in ticks of 0.1 × lots of 0.00001
  assert.equal(instrument.minNotional, 5_000_000);
  assert.equal(read().instrument.openOrdersMax, 200);
  assert.equal(read({ precision: { price: "1", amount: "3" } }, 2).instrument.tickSize, "0.1");
});

test("EXCH-38 an instrument that cannot be expressed exactly is refused with the reason", () => {
  const trouble = (more: Raw, precisionMode: unknown = 4): string => {
    const found = readInstrument(market(more), { table: BINANCE_USDM, precisionMode, facts: NO_FACTS, nowMs: 0 });
    return found.ok ? "read" : found.error;
  };
  assert.match(trouble({ precision: { price: "5", amount: "5" } }, 3), /cannot be expressed/);
  assert.match(trouble({ precision: { price: null, amount: "1" } }), /price step/);
  assert.match(trouble({ swap: false }), /no perpetual/);
});
