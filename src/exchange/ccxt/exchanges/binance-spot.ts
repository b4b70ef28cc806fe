// Binance spot (column B-S of exchanges.md section 3): no batches, no dead-man timer, no amend that keeps the id.

import { decimalOf, recordOf, recordsOf, textOf } from "../raw.ts";
import { SPOT_LIMITS } from "./binance-limits.ts";
import { afterTradeId, BINANCE, binanceRights, DAY_MS, movedUrl } from "./binance-shared.ts";
import type { ExchangeTable } from "./exchange-table.ts";
import { STREAMS_GIVEN } from "./streams-given.ts";

export const BINANCE_SPOT: ExchangeTable = {
  ...BINANCE,
  ccxtId: "binance",
  market: "spot",
  options: { fetchMarkets: { types: ["spot"] }, defaultType: "spot", recvWindow: 5000 },
  // ccxt takes a socket for spot only where its address holds `/stream`
  moved: (url, to) => movedUrl(url, to, (path) => (path === "/ws" ? "/stream/ws" : path)),
  streams: STREAMS_GIVEN.spot,
  amend: false,
  reduceOnly: false,
  placeBatchMax: 1,
  cancelBatchMax: 1,
  placeBatch: ([order]) => (order === undefined ? { method: "createOrders", args: [[]] } : BINANCE.place(order)),
  cancelBatch: (symbol, [id]) => BINANCE.cancel(symbol, id ?? ""),
  amendCall: () => null,
  limits: SPOT_LIMITS,
  minNotionalOnReduceOnly: true,
  fundingIntervalMs: () => 0,
  fundingIntervals: null,
  fills: { pageMax: 1000, afterId: afterTradeId, spanMsMax: DAY_MS, first: { fromId: 0 } },
  account: (reply, asset) => {
    const own = recordsOf(recordOf(reply)["balances"]).find((each) => each["asset"] === asset);
    const available = decimalOf(own?.["free"]);
    return { total: null, equity: null, maintenanceMargin: null, available: textOf(available) };
  },
  fundingPayment: () => null,
  accountKind: null,
  positionMode: null,
  rights: binanceRights("enableSpotAndMarginTrading"),
  marginSettings: null,
  deadMan: null,
};
