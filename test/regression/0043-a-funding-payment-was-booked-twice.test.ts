// Found by reading: a payment was named by the time of its rate, and by its own while that rate was not published yet.
// The two differ by milliseconds to seconds, so one payment that was read before and after was booked twice.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { FundingResult } from "../../src/exchange/port.ts";
import { asked, exchangeStage } from "../ccxt/exchange-stage.ts";
import { OKX, ok } from "../ccxt/okx-replies.ts";

const SYMBOL = "BTC/USDT:USDT";
/** The settlement; it is booked a little later. */
const AT = 1_795_219_200_000;
const BOOKED = AT + 740;
const INSTRUMENT = { instId: "BTC-USDT-SWAP", instType: "SWAP" } as const;

test("DUR-06 EXCH-36 a funding payment is the same one before and after its rate is published", async (context) => {
  const rates = "GET /api/v5/public/funding-rate-history";
  const bill = { balChg: "-0.018", billId: "1", ccy: "USDT", pnl: "-0.018", sz: "3", ts: String(BOOKED), type: "8" };
  const bills = ok({ ...INSTRUMENT, ...bill, subType: "173" });
  const replies = { ...OKX, "GET /api/v5/account/bills-archive": bills, [rates]: { code: "0", msg: "", data: [] } };
  const about = { exchange: "okx", market: "perpetual", symbol: SYMBOL, replies } as const;
  const { port, replies: now } = await exchangeStage(context, about);
  const read = async (): Promise<readonly number[]> => {
    const found = await asked<FundingResult>((done) => port.funding?.(SYMBOL, AT - 1000, done));
    assert.ok(found.result === "ok", found.result === "ok" ? "" : found.text);
    return found.settlements.map(({ settledAtMs }) => settledAtMs);
  };
  const before = await read();
  now[rates] = ok({ ...INSTRUMENT, fundingRate: "0.0001", fundingTime: String(AT), realizedRate: "0.0001" });
  assert.deepEqual(await read(), before);
  assert.deepEqual(before, [BOOKED]);
});
