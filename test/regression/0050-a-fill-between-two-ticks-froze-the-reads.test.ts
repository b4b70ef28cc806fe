// Found by reading: liquidations and deleveraging execute at the price of bankruptcy, finer than the tick. The fill was
// refused, and with it every later list of fills: nothing was booked or settled any more.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { stepsOf } from "../../src/exchange/ccxt/amount.ts";
import { decodeFill } from "../../src/exchange/ccxt/decode.ts";
import { genericTable } from "../../src/exchange/ccxt/exchanges/generic.ts";
import { formatMoney } from "../../src/market/instrument.ts";
import { foreignOrderId } from "../../src/trading/client-order-id.ts";
import { balanceOf, bookFill, emptyLedger, profitAndLoss } from "../../src/trading/ledger.ts";
import { BTC_PERPETUAL } from "../instruments.ts";

const STEPS = stepsOf({ tick: BTC_PERPETUAL.tickSize, amountStep: BTC_PERPETUAL.lotSize, contract: "1" });
assert.ok(STEPS.ok);
const OF = { instrument: BTC_PERPETUAL, wireName: "", steps: STEPS.value, priceMin: null, priceMax: null, readAtMs: 0 };
const ABOUT = { table: genericTable("someone", "perpetual"), clientOrderId: null };

const recordOf = (side: string, price: string, fee: { readonly cost: string; readonly currency: string }) => ({
  id: "7",
  order: "9",
  side,
  price,
  amount: "0.003",
  timestamp: 1_795_233_139_000,
  takerOrMaker: "taker",
  fee,
  info: {},
});

const fillOf = (side: string, price: string, fee = { cost: "0.05", currency: BTC_PERPETUAL.quote }) => {
  const read = decodeFill(recordOf(side, price, fee), OF, ABOUT);
  assert.ok(read.ok, read.ok ? "" : read.error);
  return { ...read.value, atMs: 0, clientOrderId: foreignOrderId("x") };
};

test("EXCH-02 a fill between two ticks is booked with the money that moved, to the last unit", () => {
  for (const [side, cash] of [
    ["buy", "-180.0537037034999"],
    ["sell", "179.9537037034999"],
  ] as const) {
    const ledger = emptyLedger();
    const fill = fillOf(side, "60001.2345678333");
    bookFill(ledger, BTC_PERPETUAL, fill);
    assert.equal(formatMoney(balanceOf(ledger, "cash", BTC_PERPETUAL.quote)), cash, side);
    const { net } = profitAndLoss(ledger, BTC_PERPETUAL, null);
    assert.ok(net >= -(10n ** 18n), "the difference is in the profit as well");
  }
});

test("EXCH-02 the tick that counts is the one worse for us, whatever the price between two", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10 ** 9 }), fc.constantFrom("buy", "sell"), (millionths, side) => {
      const text = (millionths / 1e6 + 60_000).toFixed(6);
      const inMoney = fillOf(side, text);
      const inCoins = fillOf(side, text, { cost: "0.00001", currency: "BNB" });
      const exact = STEPS.ok ? STEPS.value.milliTicks(text) : null;
      assert.ok(exact?.ok);
      assert.equal(inCoins.price, inMoney.price);
      assert.equal(inCoins.feeAsset, "BNB");
      assert.ok(side === "buy" ? inMoney.price * 1000 >= exact.value - 1 : inMoney.price * 1000 <= exact.value + 1);
    }),
    { numRuns: 100 },
  );
});
