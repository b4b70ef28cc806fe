// The instruments of the emulated Binance USDⓈ-M market, and each one's entry of `exchangeInfo` (EMU-07). What may
// change while it runs (status, steps, limits) is made from the instrument as it is now; the rest is told as it always
// was.

import { formatDecimal, parseDecimal } from "../../../../base/decimal.ts";
import { lots, ticks } from "../../../../market/amounts.ts";
import {
  formatMoney,
  formatPrice,
  formatQuantity,
  type Instrument,
  notionalMoney,
} from "../../../../market/instrument.ts";
import type { EmulatedInstrument } from "../../world.ts";
import { digitsOf } from "../wire/amounts.ts";

const HOUR_MS = 3_600_000;

const PERPETUAL = {
  exchange: "binance-usdm",
  kind: "perpetual",
  quote: "USDT",
  minLots: lots(1),
  maxLots: lots(10_000_000),
  minNotionalOnReduceOnly: false,
  makerPpm: 200,
  takerPpm: 500,
  feeIn: "quote",
  status: "trading",
  openOrdersMax: 200,
  fundingIntervalMs: 8 * HOUR_MS,
  leverage: 20,
  maintenancePpm: 5_000,
  inverse: false,
} as const;

const perpetual = (
  base: string,
  given: Pick<Instrument, "tickSize" | "lotSize" | "minNotional"> & Partial<Instrument>,
): Instrument => ({ ...PERPETUAL, base, symbol: `${base}/USDT:USDT`, ...given });

/** What the market lists at the start. `minNotional` counts ticks × lots: 5 USDT of BTCUSDT are 50,000. */
export const USDM_INSTRUMENTS: readonly Instrument[] = [
  perpetual("BTC", { tickSize: "0.1", lotSize: "0.001", minNotional: 50_000, maintenancePpm: 4_000 }),
  perpetual("ETH", { tickSize: "0.01", lotSize: "0.001", minNotional: 500_000 }),
  perpetual("SOL", { tickSize: "0.01", lotSize: "0.01", minNotional: 50_000, fundingIntervalMs: 4 * HOUR_MS }),
  perpetual("DOGE", { tickSize: "0.00001", lotSize: "1", minNotional: 500_000, fundingIntervalMs: HOUR_MS }),
  perpetual("SHIB", { tickSize: "0.00000001", lotSize: "1", minNotional: 500_000_000, maxLots: lots(10_000_000_000) }),
  perpetual("LUNA", { tickSize: "0.0001", lotSize: "1", minNotional: 50_000, status: "halted" }),
  perpetual("FTT", { tickSize: "0.001", lotSize: "0.1", minNotional: 50_000, status: "cancel-only" }),
];

/** Any USDⓈ-M instrument as its exchange describes it. `bandPpm`: farthest price from the mid, null without a band. */
export const emulatedUsdm = (instrument: Instrument, bandPpm: number | null): EmulatedInstrument => ({
  protocol: "binance-usdm",
  wireName: `${instrument.base}${instrument.quote}`,
  instrument,
  description: entryOf(instrument, bandPpm),
});

const STATUS: { readonly [status in Instrument["status"]]: string } = {
  trading: "TRADING",
  halted: "PENDING_TRADING",
  "cancel-only": "SETTLING",
  delisting: "CLOSE",
};

/** What never changes of an instrument's entry. */
function descriptionOf(instrument: Instrument): Readonly<Record<string, unknown>> {
  const { base, quote } = instrument;
  return {
    symbol: `${base}${quote}`,
    pair: `${base}${quote}`,
    contractType: "PERPETUAL",
    deliveryDate: 4133404800000,
    onboardDate: 1569398400000,
    maintMarginPercent: "2.5000",
    requiredMarginPercent: "5.0000",
    baseAsset: base,
    quoteAsset: quote,
    marginAsset: quote,
    settlePlan: 0,
    baseAssetPrecision: 8,
    quotePrecision: 8,
    underlyingType: "COIN",
    underlyingSubType: ["PoW"],
    triggerProtect: "0.0500",
    liquidationFee: "0.012500",
    marketTakeBound: "0.05",
    maxMoveOrderLimit: 10_000,
    orderTypes: ["LIMIT", "MARKET", "STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET", "TRAILING_STOP_MARKET"],
    timeInForce: ["GTC", "IOC", "FOK", "GTX", "GTD"],
  };
}

/** Its entry of `exchangeInfo` as it is now. */
function entryOf(instrument: Instrument, bandPpm: number | null): Readonly<Record<string, unknown>> {
  const status = STATUS[instrument.status];
  return {
    ...descriptionOf(instrument),
    status,
    contractStatus: status,
    pricePrecision: digitsOf(instrument.tickSize),
    quantityPrecision: digitsOf(instrument.lotSize),
    filters: filtersOf(instrument, bandPpm),
  };
}

function filtersOf(instrument: Instrument, bandPpm: number | null): readonly unknown[] {
  const { minLots, maxLots } = instrument;
  const band = BigInt(bandPpm ?? 1_000_000);
  const lotSize = {
    minQty: formatQuantity(instrument, minLots),
    maxQty: formatQuantity(instrument, maxLots),
    stepSize: formatQuantity(instrument, lots(1)),
  };
  return [
    {
      filterType: "PRICE_FILTER",
      minPrice: formatPrice(instrument, ticks(1)),
      maxPrice: formatPrice(instrument, ticks(priceTicksMax(instrument))),
      tickSize: formatPrice(instrument, ticks(1)),
    },
    { filterType: "LOT_SIZE", ...lotSize },
    { filterType: "MARKET_LOT_SIZE", ...lotSize },
    { filterType: "MAX_NUM_ORDERS", limit: instrument.openOrdersMax },
    { filterType: "MAX_NUM_ALGO_ORDERS", limit: 10 },
    { filterType: "MIN_NOTIONAL", notional: minNotionalText(instrument) },
    {
      filterType: "PERCENT_PRICE",
      multiplierUp: formatDecimal(1_000_000n + band, 6, 4),
      multiplierDown: formatDecimal(1_000_000n - band, 6, 4),
      multiplierDecimal: "4",
    },
  ];
}

/** Smallest notional of an order as decimal text: 5. */
export const minNotionalText = (instrument: Instrument): string =>
  formatMoney(notionalMoney(instrument, ticks(instrument.minNotional), lots(1)));

/** Highest price the exchange takes, in ticks: a million units of the quote, or a million ticks where they are fine. */
export function priceTicksMax(instrument: Pick<Instrument, "tickSize">): number {
  const tick = parseDecimal(instrument.tickSize);
  const fine = !tick.ok || tick.value.scale > 5;
  return fine ? 1_000_000_000 : 10 ** digitsOf(instrument.tickSize) * 1_000_000;
}
