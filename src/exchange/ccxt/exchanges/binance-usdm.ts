// Binance USDⓈ-M perpetuals (column B-F of exchanges.md section 3).

import { flagOf, recordOf, recordsOf, textOf, wholeOf } from "../raw.ts";
import { USDM_LIMITS } from "./binance-limits.ts";
import { afterTradeId, BINANCE, binanceRights, createElement, DAY_MS, movedUrl } from "./binance-shared.ts";
import type { AccountRead, ExchangeTable } from "./exchange-table.ts";

const HOUR_MS = 3_600_000;

/** Sums of one asset; of the whole account, in dollars, where assets are margin for each other. */
function account(reply: unknown, asset: string, kind: string | null): AccountRead {
  const whole = recordOf(reply);
  const own = recordsOf(whole["assets"]).find((each) => each["asset"] === asset);
  const told = own ?? recordOf(null);
  const multi = kind === "multi-asset";
  return {
    total: textOf(told["walletBalance"]),
    equity: textOf(multi ? whole["totalMarginBalance"] : told["marginBalance"]),
    maintenanceMargin: textOf(multi ? whole["totalMaintMargin"] : told["maintMargin"]),
    available: textOf(multi ? whole["availableBalance"] : told["availableBalance"]),
  };
}

export const BINANCE_USDM: ExchangeTable = {
  ...BINANCE,
  ccxtId: "binanceusdm",
  market: "perpetual",
  options: { fetchMarkets: { types: ["linear"] }, defaultType: "swap", recvWindow: 5000 },
  moved: (url, to) => movedUrl(url, to),
  amend: true,
  reduceOnly: true,
  placeBatchMax: 5,
  cancelBatchMax: 10,
  placeBatch: (orders) => ({ method: "createOrders", args: [orders.map(createElement)] }),
  cancelBatch: (symbol, clientOrderIds) => ({ method: "cancelOrders", args: [[], symbol, { clientOrderIds }] }),
  // ccxt's editOrder forwards names the exchange does not know; this is the request itself
  amendCall: ({ wireName, side, clientOrderId, price, amount }) => ({
    method: "fapiPrivatePutOrder",
    args: [{ symbol: wireName, side: side.toUpperCase(), origClientOrderId: clientOrderId, quantity: amount, price }],
  }),
  limits: USDM_LIMITS,
  minNotionalOnReduceOnly: false,
  fundingIntervalMs: () => null,
  fundingIntervals: { call: { method: "fetchFundingIntervals", args: [] }, absentMs: 8 * HOUR_MS },
  fills: { pageMax: 1000, afterId: afterTradeId, spanMsMax: 7 * DAY_MS, first: { fromId: 0 } },
  account,
  fundingPayment: (entry) => {
    const info = recordOf(entry["info"]);
    const atMs = wholeOf(info["time"]);
    const amount = textOf(info["income"]);
    const asset = textOf(info["asset"]);
    if (atMs === null || amount === null || asset === null) return null;
    return { atMs, asset, amount, rate: null, mark: null, amountOfPosition: null };
  },
  accountKind: {
    call: { method: "fapiPrivateGetMultiAssetsMargin", args: [] },
    read: (reply) => {
      const multi = flagOf(recordOf(reply)["multiAssetsMargin"]);
      return { kind: multi === true ? "multi-asset" : "single-asset", supported: true, advice: "", options: {} };
    },
  },
  positionMode: {
    call: { method: "fapiPrivateGetPositionSideDual", args: [] },
    read: (reply) => {
      const dual = flagOf(recordOf(reply)["dualSidePosition"]);
      return dual === null ? null : !dual;
    },
  },
  rights: binanceRights("enableFutures"),
  marginSettings: {
    call: (_symbol, wireName) => ({ method: "fapiPrivateGetSymbolConfig", args: [{ symbol: wireName }] }),
    read: (reply, wireName) => {
      const found = recordsOf(reply).find((each) => each["symbol"] === wireName);
      const mode = textOf(found?.["marginType"])?.toLowerCase() ?? null;
      const marginMode = mode === "crossed" ? "cross" : mode;
      return { leverage: textOf(found?.["leverage"]), marginMode };
    },
  },
  deadMan: {
    kind: "heartbeat",
    ttlMsMin: 1000,
    ttlMsMax: 600_000,
    call: (wireName, ttlMs) => ({
      method: "fapiPrivatePostCountdownCancelAll",
      args: [{ symbol: wireName, countdownTime: ttlMs ?? 0 }],
    }),
  },
};
