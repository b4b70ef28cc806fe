// Which exchanges have a table of their own; any other id of ccxt runs through the generic one (EXCH-61).

import { BINANCE_SPOT } from "./binance-spot.ts";
import { BINANCE_USDM } from "./binance-usdm.ts";
import { BITGET_SPOT, BITGET_SWAP, BITGET_UNIFIED_SPOT, BITGET_UNIFIED_SWAP } from "./bitget.ts";
import { BYBIT_LINEAR, BYBIT_SPOT } from "./bybit.ts";
import type { ExchangeTable } from "./exchange-table.ts";
import { GATE_SWAP } from "./gate.ts";
import { GATE_SPOT } from "./gate-spot.ts";
import { genericTable, type Proven } from "./generic.ts";
import { OKX_SPOT, OKX_SWAP } from "./okx.ts";

/** By our name of the exchange. */
const TABLES: Readonly<Record<string, { readonly spot: ExchangeTable; readonly perpetual: ExchangeTable }>> = {
  binance: { spot: BINANCE_SPOT, perpetual: BINANCE_USDM },
  okx: { spot: OKX_SPOT, perpetual: OKX_SWAP },
  bybit: { spot: BYBIT_SPOT, perpetual: BYBIT_LINEAR },
  gate: { spot: GATE_SPOT, perpetual: GATE_SWAP },
  bitget: { spot: BITGET_SPOT, perpetual: BITGET_SWAP },
  // a unified account speaks another API; which one it is, is told and not guessed (EXCH-34)
  bitgetuta: { spot: BITGET_UNIFIED_SPOT, perpetual: BITGET_UNIFIED_SWAP },
};

export interface Found {
  readonly table: ExchangeTable;
  /** It has no column of its own: a standing warning says what that means. */
  readonly generic: boolean;
}

export function tableOf(exchange: string, market: "spot" | "perpetual", proven?: Proven): Found {
  const own = Object.hasOwn(TABLES, exchange) ? TABLES[exchange] : undefined;
  if (own !== undefined) return { table: own[market], generic: false };
  return { table: genericTable(exchange, market, proven), generic: true };
}
