// Instrument rules for recorded data, which carry none themselves: presets for what is known, else what the user says.
// A preset is a snapshot of the exchange's rules when the data were recorded, not what it trades by today.

import { parseDecimal } from "../base/decimal.ts";
import { lots } from "../market/amounts.ts";
import type { Instrument } from "../market/instrument.ts";
import type { Market } from "./book-sync.ts";
import { DataError } from "./error.ts";

const EIGHT_HOURS_MS = 8 * 3_600_000;

/** BTCUSDT on Binance USDⓈ-M in August 2024: tick 0.1, lot 0.001, at least 100 USDT an order, standard fees. */
export const BINANCE_USDM_BTCUSDT: Instrument = {
  exchange: "binance",
  symbol: "BTC/USDT:USDT",
  kind: "perpetual",
  base: "BTC",
  quote: "USDT",
  tickSize: "0.1",
  lotSize: "0.001",
  minLots: lots(1),
  maxLots: lots(1_000_000),
  minNotional: 1_000_000,
  minNotionalOnReduceOnly: false,
  makerPpm: 200,
  takerPpm: 500,
  feeIn: "quote",
  status: "trading",
  openOrdersMax: 200,
  fundingIntervalMs: EIGHT_HOURS_MS,
  leverage: 10,
  maintenancePpm: 4000,
  inverse: false,
};

/** BTCUSDT on Binance spot in August 2024: tick 0.01, lot 0.00001, at least 5 USDT an order, standard fees. */
export const BINANCE_SPOT_BTCUSDT: Instrument = {
  ...BINANCE_USDM_BTCUSDT,
  symbol: "BTC/USDT",
  kind: "spot",
  tickSize: "0.01",
  lotSize: "0.00001",
  maxLots: lots(900_000_000),
  minNotional: 50_000_000,
  minNotionalOnReduceOnly: true,
  makerPpm: 1000,
  takerPpm: 1000,
  feeIn: "received",
  fundingIntervalMs: 0,
  leverage: 1,
  maintenancePpm: 0,
};

/**
 * BTC/USD on Bitfinex spot in 2019, for candles: its prices lie on no coarser grid than 10^−8. The lot of 0.001 keeps
 * price × quantity of a whole ladder within safe integers; volumes below it are rounded down.
 */
export const BITFINEX_BTCUSD: Instrument = {
  ...BINANCE_SPOT_BTCUSDT,
  exchange: "bitfinex",
  symbol: "BTC/USD",
  quote: "USD",
  tickSize: "0.00000001",
  lotSize: "0.001",
  maxLots: lots(1_000_000_000),
  minNotional: 0,
  takerPpm: 2000,
};

/** How the user names and overrides rules; all optional. */
export interface RuleOptions {
  /** Whole rules, from the configuration. */
  readonly instrument?: Instrument;
  /** The symbol the data must be of, as the exchange writes it (BTCUSDT) or as we do (BTC/USDT:USDT). */
  readonly symbol?: string;
  readonly market?: Market;
  /** Grid of an instrument without a preset. */
  readonly tickSize?: string;
  readonly lotSize?: string;
}

/** `BTC/USDT:USDT` and `BTC/USDT` → `BTCUSDT`: the name in Binance's frames. */
export const exchangeSymbol = (symbol: string): string => (symbol.split(":")[0] ?? "").replace("/", "").toUpperCase();

const PRESETS: readonly { readonly symbol: string; readonly market: Market; readonly rules: Instrument }[] = [
  { symbol: "BTCUSDT", market: "usdm", rules: BINANCE_USDM_BTCUSDT },
  { symbol: "BTCUSDT", market: "spot", rules: BINANCE_SPOT_BTCUSDT },
  { symbol: "BTCUSD", market: "spot", rules: BITFINEX_BTCUSD },
];

/** Rules known for a symbol as the exchange writes it. */
export const presetFor = (symbol: string, market: Market): Instrument | undefined =>
  PRESETS.find((item) => item.symbol === symbol && item.market === market)?.rules;

/** Rules of what a file holds. Throws {@link DataError} `unknownInstrument` when nobody says its tick and lot. */
export function rulesFor(file: string, symbol: string, market: Market, options: RuleOptions): Instrument {
  if (options.instrument !== undefined) return options.instrument;
  const preset = presetFor(symbol, market);
  const tickSize = stepOption(options.tickSize ?? preset?.tickSize, "--tick");
  const lotSize = stepOption(options.lotSize ?? preset?.lotSize, "--lot");
  if (tickSize === null || lotSize === null) {
    throw new DataError("unknownInstrument", {
      file,
      what: symbol === "" ? "no line names a symbol" : `the rules of ${symbol} (${market}) are not known`,
      expected: `one of ${PRESETS.map((item) => `${item.symbol} ${item.market}`).join(", ")}`,
      advice: "Give its tick and lot (--tick 0.01 --lot 0.001), or its instrument in the configuration",
    });
  }
  if (preset !== undefined) return { ...preset, tickSize, lotSize };
  const quote = /(USDT|USDC|FDUSD|BUSD|USD|EUR|BTC|ETH|BNB)$/.exec(symbol)?.[0] ?? "";
  const base = symbol.slice(0, symbol.length - quote.length);
  const settled = market === "usdm" ? `${base}/${quote}:${quote}` : `${base}/${quote}`;
  const like = market === "usdm" ? BINANCE_USDM_BTCUSDT : BINANCE_SPOT_BTCUSDT;
  return { ...like, symbol: settled, base, quote, tickSize, lotSize, minNotional: 0 };
}

function stepOption(text: string | undefined, option: string): string | null {
  if (text === undefined) return null;
  const parsed = parseDecimal(text);
  if (parsed.ok && parsed.value.digits > 0n && /^\d+(\.\d+)?$/.test(text)) return text;
  throw new DataError("badOption", {
    file: option,
    what: `"${text}" is no step`,
    expected: "a positive decimal number such as 0.01",
    advice: "Give the step as the exchange prints it",
  });
}
