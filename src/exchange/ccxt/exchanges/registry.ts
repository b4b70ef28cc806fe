// Which exchanges have a table of their own; any other id of ccxt runs through the generic one (EXCH-61).

import { BINANCE_SPOT } from "./binance-spot.ts";
import { BINANCE_USDM } from "./binance-usdm.ts";
import type { ExchangeTable } from "./exchange-table.ts";
import { genericTable, type Proven } from "./generic.ts";

/** By our name of the exchange. */
const TABLES: Readonly<Record<string, { readonly spot: ExchangeTable; readonly perpetual: ExchangeTable }>> = {
  binance: { spot: BINANCE_SPOT, perpetual: BINANCE_USDM },
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
