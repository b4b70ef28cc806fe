// The instruments tests speak about, once. A test that needs another rule says so: `{ ...ETH_PERPETUAL, leverage: 3 }`.
// Prices and quantities are in ticks and lots, `minNotional` in value units.

import { lots } from "../src/market/amounts.ts";
import type { Instrument } from "../src/market/instrument.ts";

/** ETH/USDT perpetual of the worked examples: tick 0.01, lot 0.001, at least 20 USDT, maker 2 bps, taker 5 bps. */
export const ETH_PERPETUAL: Instrument = {
  exchange: "sim",
  symbol: "ETH/USDT:USDT",
  kind: "perpetual",
  base: "ETH",
  quote: "USDT",
  tickSize: "0.01",
  lotSize: "0.001",
  minLots: lots(1),
  maxLots: lots(1_000_000),
  minNotional: 2_000_000,
  minNotionalOnReduceOnly: false,
  makerPpm: 200,
  takerPpm: 500,
  feeIn: "quote",
  status: "trading",
  openOrdersMax: 200,
  fundingIntervalMs: 28_800_000,
  leverage: 1,
  maintenancePpm: 5000,
  inverse: false,
};

/** BTC/USDT perpetual: tick 0.1, lot 0.001, at least 5 USDT (not asked of reduce-only orders), 10× leverage. */
export const BTC_PERPETUAL: Instrument = {
  ...ETH_PERPETUAL,
  exchange: "simulated",
  symbol: "BTC/USDT:USDT",
  base: "BTC",
  tickSize: "0.1",
  minNotional: 50_000,
  leverage: 10,
  maintenancePpm: 4000,
};

/** BTC/USDT spot: tick 0.01, lot 0.00001, at least 5 USDT of any order, fees in what is received. */
export const BTC_SPOT: Instrument = {
  ...BTC_PERPETUAL,
  symbol: "BTC/USDT",
  kind: "spot",
  tickSize: "0.01",
  lotSize: "0.00001",
  minNotional: 50_000_000,
  minNotionalOnReduceOnly: true,
  feeIn: "received",
  fundingIntervalMs: 0,
  leverage: 1,
  maintenancePpm: 0,
};
