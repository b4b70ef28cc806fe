// Funding payments of OKX, Bybit, Gate and Bitget, as the examples of their documents show them: what was received is
// above zero, whatever sign the exchange gives it.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { FundingResult } from "../../src/exchange/port.ts";
import { BITGET, ok as bitget } from "./bitget-replies.ts";
import { BYBIT, ok as bybit, EXECUTION } from "./bybit-replies.ts";
import { type Answer, asked, exchangeStage, money } from "./exchange-stage.ts";
import { GATE } from "./gate-replies.ts";
import { OKX, ok as okx } from "./okx-replies.ts";

const SYMBOL = "BTC/USDT:USDT";
/** A settlement, Unix ms. */
const AT = 1_795_219_200_000;
const PAID = "-0.018";

const ROWS: readonly (readonly [exchange: string, replies: Readonly<Record<string, Answer>>])[] = [
  [
    "okx",
    {
      ...OKX,
      "GET /api/v5/account/bills-archive": okx({
        bal: "4900",
        balChg: PAID,
        billId: "377970609204146187",
        ccy: "USDT",
        fee: "0",
        instId: "BTC-USDT-SWAP",
        instType: "SWAP",
        mgnMode: "cross",
        pnl: PAID,
        subType: "173",
        sz: "3",
        ts: String(AT),
        type: "8",
      }),
      "GET /api/v5/public/funding-rate-history": okx({
        fundingRate: "0.0001",
        fundingTime: String(AT),
        instId: "BTC-USDT-SWAP",
        instType: "SWAP",
        realizedRate: "0.0001",
      }),
    },
  ],
  [
    "bybit",
    {
      ...BYBIT,
      // a fee above zero was paid
      "GET /v5/execution/list": bybit({
        nextPageCursor: "",
        category: "linear",
        list: [
          { ...EXECUTION, execType: "Funding", execFee: "0.018", feeRate: "0.0001", execTime: String(AT), side: "Buy" },
        ],
      }),
      "GET /v5/market/funding/history": bybit({
        category: "linear",
        list: [{ symbol: "BTCUSDT", fundingRate: "0.0001", fundingRateTimestamp: String(AT) }],
      }),
    },
  ],
  [
    "gate",
    {
      ...GATE,
      "GET /api/v4/futures/usdt/account_book": [
        {
          time: AT / 1000,
          change: PAID,
          balance: "4900",
          text: "BTC_USDT",
          type: "fund",
          contract: "BTC_USDT",
        },
      ],
      "GET /api/v4/futures/usdt/funding_rate": [{ t: AT / 1000, r: "0.0001" }],
    },
  ],
  [
    "bitget",
    {
      ...BITGET,
      "GET /api/v2/mix/account/bill": bitget({
        bills: [
          {
            billId: "1",
            symbol: "BTCUSDT",
            amount: PAID,
            fee: "0",
            businessType: "contract_settle_fee",
            coin: "USDT",
            cTime: String(AT),
          },
        ],
        endId: "1",
      }),
      "GET /api/v2/mix/market/history-fund-rate": bitget([
        { symbol: "BTCUSDT", fundingRate: "0.0001", fundingTime: String(AT) },
      ]),
    },
  ],
];

for (const [exchange, replies] of ROWS) {
  test(`EXCH-36 ${exchange}: a funding payment is below zero when it was paid`, async (context) => {
    const { port } = await exchangeStage(context, { exchange, market: "perpetual", symbol: SYMBOL, replies });
    const read = await asked<FundingResult>((done) => port.funding?.(SYMBOL, AT - 1000, done));
    assert.ok(read.result === "ok", read.result === "ok" ? "" : read.text);
    assert.deepEqual(
      read.settlements.map(({ amount, settledAtMs, ratePpt }) => ({ amount, settledAtMs, ratePpt })),
      [{ amount: money(PAID), settledAtMs: AT, ratePpt: 100_000_000 }],
    );
  });
}
