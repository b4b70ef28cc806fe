// Instruments of the emulated Binance spot market and how its exchangeInfo describes them (EMU-07): BTC and ETH, a
// cheap one below 0.0001, and one that is halted. Filters are told from the rules the simulated exchange keeps.

import { lots } from "../../../../market/amounts.ts";
import type { Instrument } from "../../../../market/instrument.ts";
import type { EmulatedInstrument } from "../../world.ts";
import { eightDigits, priceText, quantityText, valueText, ZERO_TEXT } from "./amounts.ts";

/** Highest price taken, in ticks. */
export const PRICE_MAX_TICKS = 100_000_000;
/** A buy may rest this far below the market, and a sell this far above it. */
const RESTING_DOWN = "0.2";
const RESTING_UP = "5";

const spot = (base: string, given: Partial<Instrument>): Instrument => ({
  exchange: "binance",
  symbol: `${base}/USDT`,
  kind: "spot",
  base,
  quote: "USDT",
  tickSize: "0.01",
  lotSize: "0.00001",
  minLots: lots(1),
  maxLots: lots(900_000_000),
  minNotional: 50_000_000,
  minNotionalOnReduceOnly: true,
  makerPpm: 1_000,
  takerPpm: 1_000,
  feeIn: "received",
  status: "trading",
  openOrdersMax: 200,
  fundingIntervalMs: 0,
  leverage: 1,
  maintenancePpm: 0,
  inverse: false,
  ...given,
});

/** What the emulated spot market lists where nothing else is asked for. */
export const SPOT_INSTRUMENTS: readonly Instrument[] = [
  spot("BTC", {}),
  spot("ETH", { lotSize: "0.0001", minNotional: 5_000_000, maxLots: lots(90_000_000) }),
  spot("PEPE", { tickSize: "0.00000001", lotSize: "1", minNotional: 100_000_000, maxLots: lots(92_141_578_000) }),
  spot("LUNA", { tickSize: "0.0001", lotSize: "0.01", minNotional: 5_000_000, status: "halted" }),
];

export const spotWireName = (instrument: Pick<Instrument, "base" | "quote">): string =>
  `${instrument.base}${instrument.quote}`;

/** An instrument with its own entry in exchangeInfo. `bandPpm` is how far an order may go through the market. */
export function emulatedSpot(instrument: Instrument, bandPpm: number | null): EmulatedInstrument {
  return {
    protocol: "binance-spot",
    wireName: spotWireName(instrument),
    instrument,
    description: describeSpot(instrument, bandPpm),
  };
}

/** The instrument's entry in `GET /api/v3/exchangeInfo`. */
export function describeSpot(instrument: Instrument, bandPpm: number | null): Readonly<Record<string, unknown>> {
  const { base, quote } = instrument;
  return {
    symbol: spotWireName(instrument),
    status: statusWord(instrument),
    baseAsset: base,
    baseAssetPrecision: 8,
    quoteAsset: quote,
    quotePrecision: 8,
    quoteAssetPrecision: 8,
    baseCommissionPrecision: 8,
    quoteCommissionPrecision: 8,
    orderTypes: ["LIMIT", "LIMIT_MAKER", "MARKET"],
    icebergAllowed: false,
    ocoAllowed: false,
    otoAllowed: false,
    opoAllowed: false,
    quoteOrderQtyMarketAllowed: true,
    allowTrailingStop: false,
    cancelReplaceAllowed: true,
    amendAllowed: true,
    pegInstructionsAllowed: false,
    isSpotTradingAllowed: true,
    isMarginTradingAllowed: false,
    filters: filtersOf(instrument, bandPpm),
    permissions: [],
    permissionSets: [["SPOT"]],
    defaultSelfTradePreventionMode: "EXPIRE_TAKER",
    allowedSelfTradePreventionModes: ["EXPIRE_TAKER"],
  };
}

function statusWord({ status }: Instrument): string {
  if (status === "trading") return "TRADING";
  return status === "halted" ? "HALT" : "BREAK";
}

function filtersOf(instrument: Instrument, bandPpm: number | null): readonly Readonly<Record<string, unknown>>[] {
  const tick = eightDigits(instrument.tickSize);
  const step = eightDigits(instrument.lotSize);
  const minQty = quantityText(instrument, instrument.minLots);
  const maxQty = quantityText(instrument, instrument.maxLots);
  const sizes = (filterType: string, least: string, of: string): Readonly<Record<string, unknown>> => ({
    filterType,
    minQty: least,
    maxQty,
    stepSize: of,
  });
  const filters: Readonly<Record<string, unknown>>[] = [
    { filterType: "PRICE_FILTER", minPrice: tick, maxPrice: priceText(instrument, PRICE_MAX_TICKS), tickSize: tick },
    sizes("LOT_SIZE", minQty, step),
    sizes("MARKET_LOT_SIZE", ZERO_TEXT, ZERO_TEXT),
  ];
  if (bandPpm !== null) {
    filters.push({
      filterType: "PERCENT_PRICE_BY_SIDE",
      bidMultiplierUp: multiplier(1_000_000 + bandPpm),
      bidMultiplierDown: RESTING_DOWN,
      askMultiplierUp: RESTING_UP,
      askMultiplierDown: multiplier(1_000_000 - bandPpm),
      avgPriceMins: 0,
    });
  }
  filters.push(
    {
      filterType: "NOTIONAL",
      minNotional: valueText(instrument, instrument.minNotional),
      applyMinToMarket: true,
      maxNotional: eightDigits("9000000"),
      applyMaxToMarket: false,
      avgPriceMins: 0,
    },
    { filterType: "MAX_NUM_ORDERS", maxNumOrders: instrument.openOrdersMax },
    { filterType: "MAX_NUM_ALGO_ORDERS", maxNumAlgoOrders: 5 },
  );
  return filters;
}

/** Millionths as a multiplier: 1050000 is `1.05`. */
function multiplier(ppm: number): string {
  const whole = Math.floor(ppm / 1_000_000);
  const fraction = String(ppm % 1_000_000)
    .padStart(6, "0")
    .replace(/0+$/, "");
  return fraction === "" ? String(whole) : `${whole}.${fraction}`;
}

/** Whether a resting price is too far from the market: less than a fifth of it, or more than five times. */
export function tooFarAway(side: "buy" | "sell", price: number, mid: number): boolean {
  if (mid === 0) return false;
  return side === "buy" ? price * 5 < mid : price > mid * 5;
}
