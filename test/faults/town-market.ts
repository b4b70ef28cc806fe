// Where a town trades: BTC against USDT, as a perpetual or on spot, and what that changes. Test code only.

import type { ProtocolName } from "../../src/exchange/emulator/protocol.ts";

export interface TownMarket {
  readonly protocol: ProtocolName;
  readonly market: "perpetual" | "spot";
  readonly symbol: string;
  /** Ticks in a tenth of a USDT, and lots in a thousandth of a BTC. */
  readonly tenth: number;
  readonly thousandth: number;
  /** How much wider prices walk than on the perpetual, and the width of a cell of the grid: it must earn its fees. */
  readonly stretch: number;
  readonly interval: string;
  /** The exchange's word for what becomes of an order. */
  readonly orderEvent: string;
}

export const USDM: TownMarket = {
  protocol: "binance-usdm",
  market: "perpetual",
  symbol: "BTC/USDT:USDT",
  tenth: 1,
  thousandth: 1,
  stretch: 1,
  interval: "30.0",
  orderEvent: "ORDER_TRADE_UPDATE",
};

export const SPOT: TownMarket = {
  protocol: "binance-spot",
  market: "spot",
  symbol: "BTC/USDT",
  tenth: 10,
  thousandth: 100,
  stretch: 4,
  interval: "130.0",
  orderEvent: "executionReport",
};

/** By the word of `make faults MARKET=…`; null: there is no such market. */
export const townMarket = (word: string): TownMarket | null => (word === "usdm" ? USDM : word === "spot" ? SPOT : null);
