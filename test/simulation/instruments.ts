// The instruments of the simulation: perpetuals with ticks, lots, minima and fees of very different size.

import { lots } from "../../src/market/amounts.ts";
import type { Instrument } from "../../src/market/instrument.ts";

type Pair = readonly [instrument: Instrument, price: number];

const COMMON = {
  exchange: "sim",
  kind: "perpetual",
  quote: "USDT",
  maxLots: lots(1_000_000),
  minNotionalOnReduceOnly: false,
  makerPpm: 200,
  takerPpm: 500,
  feeIn: "quote",
  status: "trading",
  openOrdersMax: 200,
  fundingIntervalMs: 28_800_000,
  leverage: 3,
  maintenancePpm: 5000,
  inverse: false,
} as const;

/** What a seed may trade, and where its price begins, in ticks. */
export const INSTRUMENTS: readonly [Pair, ...Pair[]] = [
  [
    {
      ...COMMON,
      symbol: "ETH/USDT:USDT",
      base: "ETH",
      tickSize: "0.01",
      lotSize: "0.001",
      minLots: lots(1),
      minNotional: 2_000_000,
    },
    300_000,
  ],
  [
    {
      ...COMMON,
      symbol: "BTC/USDT:USDT",
      base: "BTC",
      tickSize: "0.1",
      lotSize: "0.001",
      minLots: lots(1),
      minNotional: 50_000,
      minNotionalOnReduceOnly: true,
    },
    420_000,
  ],
  [
    {
      ...COMMON,
      symbol: "DOGE/USDT:USDT",
      base: "DOGE",
      tickSize: "0.00001",
      lotSize: "1",
      minLots: lots(1),
      minNotional: 500_000,
      makerPpm: -50,
    },
    12_345,
  ],
];

/** Those of which an order is many lots, so that it may be filled in parts. */
export const OF_MANY_LOTS: readonly [Pair, ...Pair[]] = [INSTRUMENTS[0], ...INSTRUMENTS.slice(2)];
