// Replies of Bybit as the examples of its V5 documents show them (https://bybit-exchange.github.io/docs/v5/).

import type { Answer } from "./exchange-stage.ts";
import { NOW_MS } from "./exchange-stage.ts";
import { BYBIT_LINEAR } from "./listed-instruments.ts";

export const UUID = "c6f055d9-7f21-4079-913d-e6523a9cfffa";

export const ok = (result: unknown, retExtInfo: unknown = {}): object => ({
  retCode: 0,
  retMsg: "OK",
  result,
  retExtInfo,
  time: NOW_MS,
});
export const refused = (retCode: number, retMsg: string): object => ({ ...ok({}), retCode, retMsg });
export const listed = (...list: readonly unknown[]): object => ok({ category: "linear", list, nextPageCursor: "" });

export const POSITION = {
  positionIdx: 0,
  symbol: "BTCUSDT",
  side: "Sell",
  size: "0.003",
  avgPrice: "59999.5",
  positionValue: "180",
  tradeMode: 0,
  leverage: "5",
  markPrice: "60000",
  liqPrice: "72000",
  positionMM: "1",
  positionIM: "36",
  createdTime: "1676538056258",
  updatedTime: "1697673600012",
};

export const ORDER = {
  orderId: UUID,
  orderLinkId: "ob1",
  symbol: "BTCUSDT",
  price: "59999",
  qty: "0.005",
  side: "Buy",
  positionIdx: 0,
  orderStatus: "PartiallyFilled",
  cancelType: "UNKNOWN",
  rejectReason: "EC_NoError",
  avgPrice: "59999",
  leavesQty: "0.003",
  cumExecQty: "0.002",
  cumExecValue: "119.998",
  cumExecFee: "0.012",
  timeInForce: "PostOnly",
  orderType: "Limit",
  reduceOnly: false,
  createdTime: "1684738540559",
  updatedTime: "1684738540561",
};

/** "Get Trade History": `execFee` is positive when paid. */
export const EXECUTION = {
  symbol: "BTCUSDT",
  orderType: "Limit",
  orderLinkId: "ob1",
  side: "Buy",
  orderId: UUID,
  leavesQty: "0",
  execTime: "1795233000000",
  feeCurrency: "USDT",
  isMaker: false,
  execFee: "0.066",
  feeRate: "0.00055",
  execId: "e0cbe81d-0f18-5866-9415-cf319b5dab3b",
  execPrice: "59999",
  execValue: "120",
  execQty: "0.002",
  execType: "Trade",
};

export const BYBIT: Readonly<Record<string, Answer>> = {
  "GET /v5/market/time": () => ok({ timeSecond: String(NOW_MS / 1000), timeNano: `${NOW_MS}000000` }),
  "GET /v5/market/instruments-info": listed(BYBIT_LINEAR),
  "GET /v5/market/risk-limit": listed(),
  "GET /v5/user/query-api": ok({
    readOnly: 0,
    permissions: { ContractTrade: ["Order", "Position"], Spot: ["SpotTrade"], Wallet: [], Exchange: [] },
    ips: ["127.0.0.1"],
  }),
  "GET /v5/account/info": ok({ marginMode: "REGULAR_MARGIN", unifiedMarginStatus: 6, updatedTime: "1697078946000" }),
  "GET /v5/position/list": listed(POSITION),
  "GET /v5/account/fee-rate": ok({ list: [{ symbol: "BTCUSDT", takerFeeRate: "0.00055", makerFeeRate: "-0.0001" }] }),
  "GET /v5/account/wallet-balance": ok({
    list: [
      {
        accountType: "UNIFIED",
        totalEquity: "5000",
        totalMarginBalance: "4990.5",
        totalAvailableBalance: "4800",
        totalMaintenanceMargin: "1.5",
        coin: [{ coin: "USDT", equity: "4990.5", walletBalance: "4980", locked: "0", unrealisedPnl: "10.5" }],
      },
    ],
  }),
  "POST /v5/order/create": ok({ orderId: UUID, orderLinkId: "ob1" }),
  "POST /v5/order/cancel": ok({ orderId: UUID, orderLinkId: "ob1" }),
  "GET /v5/order/realtime": listed(),
  "GET /v5/order/history": listed(),
  "GET /v5/execution/list": listed(),
};
