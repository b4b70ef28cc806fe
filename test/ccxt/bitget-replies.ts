// Replies of Bitget's classic API as the examples of its documents show them (https://www.bitget.com/api-doc/).

import type { Answer, Sent } from "./exchange-stage.ts";
import { NOW_MS, Status } from "./exchange-stage.ts";
import { BITGET_CONTRACT } from "./listed-instruments.ts";

export const ok = (data: unknown): object => ({ code: "00000", msg: "success", requestTime: NOW_MS, data });
export const refused = (code: string, msg: string): Status =>
  new Status(400, { code, msg, requestTime: NOW_MS, data: null });

/** "Get Order Detail". */
export const ORDER = {
  symbol: "BTCUSDT",
  size: "0.005",
  orderId: "1098394344950345728",
  clientOid: "ob1",
  baseVolume: "0.002",
  fee: "-0.012",
  price: "59999",
  priceAvg: "59999",
  state: "partially_filled",
  side: "buy",
  force: "post_only",
  posSide: "net",
  marginCoin: "USDT",
  quoteVolume: "119.998",
  leverage: "5",
  marginMode: "crossed",
  tradeSide: "buy_single",
  posMode: "one_way_mode",
  orderType: "limit",
  cTime: "1684738540559",
  uTime: "1684738540561",
};

/** "Get Order Fill Details": `totalFee` is below zero when paid. */
export const FILL = {
  tradeId: "1099444000000000001",
  symbol: "BTCUSDT",
  orderId: "1098394344950345728",
  price: "59999",
  baseVolume: "0.002",
  feeDetail: [{ deduction: "no", feeCoin: "USDT", totalDeductionFee: null, totalFee: "-0.02236284" }],
  side: "buy",
  quoteVolume: "119.998",
  profit: "0",
  enterPointSource: "api",
  tradeSide: "buy_single",
  posMode: "one_way_mode",
  tradeScope: "taker",
  cTime: "1795233000000",
};

export const ACCOUNTS = [
  {
    marginCoin: "USDT",
    locked: "0",
    available: "4850",
    crossedMaxAvailable: "4840.5",
    isolatedMaxAvailable: "4840.5",
    maxTransferOut: "4800",
    accountEquity: "5000",
    usdtEquity: "5000",
    crossedRiskRate: "0.0025",
    unrealizedPL: "100",
  },
];

export const BITGET: Readonly<Record<string, Answer>> = {
  "GET /api/v2/public/time": () => ok({ serverTime: String(NOW_MS) }),
  "GET /api/v2/mix/market/contracts": ({ query }: Sent) => ok(query.includes("USDT-FUTURES") ? [BITGET_CONTRACT] : []),
  "GET /api/v2/spot/account/info": ok({ userId: "1", ips: "127.0.0.1", authorities: ["coow", "coor", "stow"] }),
  "GET /api/v2/mix/account/accounts": ok(ACCOUNTS),
  "GET /api/v2/mix/account/account": ok({
    marginCoin: "USDT",
    crossedMarginLeverage: 5,
    isolatedLongLever: 10,
    isolatedShortLever: 10,
    marginMode: "crossed",
    posMode: "one_way_mode",
  }),
  "GET /api/v2/common/trade-rate": ok({ makerFeeRate: "-0.0001", takerFeeRate: "0.0006" }),
  "POST /api/v2/mix/order/place-order": ok({ orderId: "1098394344950345728", clientOid: "ob1" }),
  "POST /api/v2/mix/order/cancel-order": ok({ orderId: "1098394344950345728", clientOid: "ob1" }),
  "GET /api/v2/mix/order/detail": ok(ORDER),
};
