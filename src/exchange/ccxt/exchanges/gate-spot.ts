// Gate spot (column Gate of exchanges.md section 3): quantities in the base asset, pages by their number.

import type { InstrumentStatus } from "../../../market/instrument.ts";
import { recordOf, recordsOf, textOf } from "../raw.ts";
import type { AccountRead, ExchangeTable } from "./exchange-table.ts";
import { GATE, prefixed } from "./gate.ts";
import { GATE_SPOT_LIMITS } from "./gate-words.ts";
import { STREAMS_GIVEN } from "./streams-given.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const NOTHING: AccountRead = { total: null, equity: null, maintenanceMargin: null, available: null };

export const GATE_SPOT: ExchangeTable = {
  ...GATE,
  market: "spot",
  options: { fetchMarkets: { types: ["spot"] }, defaultType: "spot", unifiedAccount: false },
  streams: STREAMS_GIVEN.spot,
  reduceOnly: false,
  // an ended order is found by its text for an hour
  lookupReachMs: HOUR_MS,
  cancelBatchMax: 20,
  cancelBatch: (symbol, ids) => ({ method: "cancelOrders", args: [ids.map(prefixed), symbol] }),
  amendCall: ({ symbol, side, clientOrderId, price, amount }) => ({
    method: "editOrder",
    args: [prefixed(clientOrderId), symbol, "limit", side, amount, price],
  }),
  limits: GATE_SPOT_LIMITS,
  status: (info): InstrumentStatus => {
    const state = textOf(info["trade_status"]);
    // buyable and sellable: one side only
    return state === "tradable" ? "trading" : state === "untradable" || state === null ? "halted" : "cancel-only";
  },
  openOrdersMax: () => null,
  minNotionalOnReduceOnly: true,
  inexpressible: () => null,
  fundingIntervalMs: () => 0,
  fills: {
    pageMax: 1000,
    afterId: () => null,
    spanMsMax: 30 * DAY_MS,
    first: null,
    older: ({ records, pages }) => (records.length === 0 ? null : { page: pages + 1 }),
  },
  openOrdersPages: {
    pageMax: 100,
    after: ({ records, pages }) => (records.length === 0 ? null : { page: pages + 1 }),
  },
  account: (reply, asset) => {
    if (recordOf(reply)["balances"] !== undefined) {
      return { ...NOTHING, available: textOf(recordOf(recordOf(recordOf(reply)["balances"])[asset])["available"]) };
    }
    const own = recordsOf(reply).find((each) => each["currency"] === asset);
    return { ...NOTHING, available: textOf(own?.["available"]) ?? "0" };
  },
  fundingPayment: () => null,
  positionMode: null,
  marginSettings: null,
  deadMan: {
    kind: "heartbeat",
    ttlMsMin: 5000,
    ttlMsMax: 600_000,
    call: (pair, ttlMs) => ({
      method: "privateSpotPostCountdownCancelAll",
      args: [{ timeout: Math.ceil((ttlMs ?? 0) / 1000), currency_pair: pair }],
    }),
  },
};
