// Replies of OKX as the examples of its API guide show them (https://www.okx.com/docs-v5/en/, the sections "Trading
// Account", "Order Book Trading" and "Public Data"), with ids and amounts of these tests.

import type { Answer } from "./exchange-stage.ts";
import { NOW_MS } from "./exchange-stage.ts";

export const ok = (...data: readonly unknown[]): object => ({ code: "0", msg: "", data });

/** "Get instruments": one contract is 0.01 BTC, and orders may be for 0.01 of it. */
export const SWAP_INSTRUMENT = {
  alias: "",
  baseCcy: "",
  category: "1",
  ctMult: "1",
  ctType: "linear",
  ctVal: "0.01",
  ctValCcy: "BTC",
  expTime: "",
  instFamily: "BTC-USDT",
  instId: "BTC-USDT-SWAP",
  instType: "SWAP",
  lever: "100",
  listTime: "1606468572000",
  lotSz: "0.01",
  maxLmtSz: "100000000",
  maxMktSz: "85000",
  minSz: "0.01",
  optType: "",
  quoteCcy: "",
  settleCcy: "USDT",
  state: "live",
  stk: "",
  tickSz: "0.1",
  uly: "BTC-USDT",
};

export const SPOT_INSTRUMENT = {
  ...SWAP_INSTRUMENT,
  baseCcy: "BTC",
  ctMult: "",
  ctType: "",
  ctVal: "",
  ctValCcy: "",
  instFamily: "",
  instId: "BTC-USDT",
  instType: "SPOT",
  lotSz: "0.00000001",
  minSz: "0.00001",
  quoteCcy: "USDT",
  settleCcy: "",
  uly: "",
};

/** "Get account configuration". */
export const CONFIG = {
  acctLv: "2",
  autoLoan: false,
  ctIsoMode: "automatic",
  greeksType: "PA",
  ip: "",
  label: "v5 test",
  level: "Lv1",
  perm: "read_only,trade",
  posMode: "net_mode",
  uid: "44705892343619584",
};

/** "Get balance": futures mode tells equity and maintenance margin by currency, and no adjusted equity. */
export const BALANCE = {
  adjEq: "",
  details: [
    {
      availBal: "4834.31",
      availEq: "4834.31",
      cashBal: "4900",
      ccy: "USDT",
      eq: "4950.5",
      frozenBal: "65.6",
      mmr: "12.25",
      upl: "50.5",
      uTime: "1705449605015",
    },
  ],
  imr: "",
  mmr: "",
  totalEq: "4951",
  uTime: "1705474164160",
};

/** "Get order details", of an order filled in part. */
export const ORDER = {
  accFillSz: "0.02",
  avgPx: "59999",
  cTime: "1597026383085",
  cancelSource: "",
  category: "normal",
  ccy: "",
  clOrdId: "ob1",
  fee: "-0.006",
  feeCcy: "USDT",
  fillPx: "59999",
  fillSz: "0.02",
  fillTime: "1597026383085",
  instId: "BTC-USDT-SWAP",
  instType: "SWAP",
  lever: "5",
  ordId: "680800019749904384",
  ordType: "post_only",
  pnl: "0",
  posSide: "net",
  px: "59999",
  rebate: "0",
  rebateCcy: "USDT",
  reduceOnly: "false",
  side: "buy",
  state: "partially_filled",
  sz: "0.05",
  tag: "",
  tdMode: "cross",
  tradeId: "744876980",
  uTime: "1597026383085",
};

/** "Get transaction details (last 3 months)"; a fee below zero is paid, one above is a rebate. */
export const FILL = {
  billId: "6",
  clOrdId: "ob1",
  execType: "T",
  fee: "-0.006",
  feeCcy: "USDT",
  feeRate: "-0.0005",
  fillPx: "59999",
  fillSz: "0.02",
  instId: "BTC-USDT-SWAP",
  instType: "SWAP",
  ordId: "680800019749904384",
  posSide: "net",
  side: "buy",
  subType: "1",
  tag: "",
  tradeId: "744876980",
  ts: "1795233000000",
};

export const TAKEN = {
  clOrdId: "ob1",
  ordId: "680800019749904384",
  sCode: "0",
  sMsg: "",
  tag: "",
  ts: "1695190491421",
};

export const OKX: Readonly<Record<string, Answer>> = {
  "GET /api/v5/public/time": () => ok({ ts: String(NOW_MS) }),
  "GET /api/v5/public/instruments": ok(SWAP_INSTRUMENT),
  "GET /api/v5/public/funding-rate": ok({
    fundingRate: "0.0000182221218054",
    fundingTime: "1795248000000",
    instId: "BTC-USDT-SWAP",
    instType: "SWAP",
    nextFundingRate: "",
    nextFundingTime: "1795262400000",
    ts: "1795233000000",
  }),
  "GET /api/v5/account/config": ok(CONFIG),
  "GET /api/v5/account/balance": ok(BALANCE),
  "GET /api/v5/account/leverage-info": ok({
    instId: "BTC-USDT-SWAP",
    mgnMode: "cross",
    posSide: "net",
    lever: "5",
  }),
  // the coin-margined rates stand beside ours
  "GET /api/v5/account/trade-fee": ok({
    category: "1",
    instType: "SWAP",
    level: "Lv1",
    maker: "-0.0008",
    makerU: "0.00005",
    taker: "-0.001",
    takerU: "-0.0005",
    ts: "1763979985847",
  }),
  "POST /api/v5/trade/batch-orders": ok(TAKEN),
  "POST /api/v5/trade/cancel-order": ok(TAKEN),
  "GET /api/v5/trade/order": ok(ORDER),
  "GET /api/v5/trade/orders-pending": ok(),
  "GET /api/v5/trade/fills-history": ok(),
  "POST /api/v5/trade/cancel-all-after": ok({ triggerTime: "1587971460", tag: "", ts: "1587971400" }),
};

export const refusal = (sCode: string, sMsg: string, clOrdId = "ob1"): object => ({
  code: "1",
  msg: "All operations failed",
  data: [{ clOrdId, ordId: "", sCode, sMsg, tag: "", ts: "1695190491421" }],
});
