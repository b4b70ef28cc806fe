// Rules of the instruments that simulated markets know by name, and those a configuration makes by overriding them.
// Real exchanges tell their own rules; nothing here is used against them.

import { parseDecimal } from "../base/decimal.ts";
import { toSafe } from "../base/integer.ts";
import { fail, ok, type Result } from "../base/result.ts";
import { type Lots, lots } from "../market/amounts.ts";
import { type Instrument, parseMoney, parseQuantity, unitMoney } from "../market/instrument.ts";

/** Decimal texts as a person writes them; absent ones come from the preset. */
export interface InstrumentRules {
  readonly tickSize?: string | undefined;
  readonly lotSize?: string | undefined;
  readonly minQuantity?: string | undefined;
  readonly maxQuantity?: string | undefined;
  readonly minNotional?: string | undefined;
  readonly makerPpm?: number | undefined;
  readonly takerPpm?: number | undefined;
  readonly openOrdersMax?: number | undefined;
  readonly leverage?: number | undefined;
  readonly maintenancePpm?: number | undefined;
}

interface Preset {
  readonly tickSize: string;
  readonly lotSize: string;
  readonly maxQuantity: string;
  readonly minNotional: string;
  /** Whether the smallest notional binds reduce-only orders too. */
  readonly minNotionalOnReduceOnly: boolean;
}

/** As Binance lists them (exchangeInfo, USDⓈ-M and spot); the fees are its regular tier. */
export const INSTRUMENT_PRESETS: { readonly [symbol: string]: Preset } = {
  "BTC/USDT:USDT": {
    tickSize: "0.1",
    lotSize: "0.001",
    maxQuantity: "1000",
    minNotional: "100",
    minNotionalOnReduceOnly: false,
  },
  "ETH/USDT:USDT": {
    tickSize: "0.01",
    lotSize: "0.001",
    maxQuantity: "10000",
    minNotional: "20",
    minNotionalOnReduceOnly: false,
  },
  "BTC/USDT": {
    tickSize: "0.01",
    lotSize: "0.00001",
    maxQuantity: "9000",
    minNotional: "5",
    minNotionalOnReduceOnly: true,
  },
  "ETH/USDT": {
    tickSize: "0.01",
    lotSize: "0.0001",
    maxQuantity: "9000",
    minNotional: "5",
    minNotionalOnReduceOnly: true,
  },
};

/** `BASE/QUOTE` or `BASE/QUOTE:SETTLE` (EXCH-03). */
export const SYMBOL = /^[A-Z0-9]{1,20}\/[A-Z0-9]{1,20}(:[A-Z0-9]{1,20})?$/;

/** What is wrong with one rule; `field` is null when it is the symbol. */
export interface InstrumentProblem {
  readonly field: keyof InstrumentRules | null;
  readonly text: string;
}

export const DEFAULT_LEVERAGE = 3;
const LOTS_MAX = 1_000_000_000;

/** Integer rules of `symbol` with the overrides, or every problem. Steps finer than money can hold are refused. */
export function simulatedInstrument(
  symbol: string,
  rules: InstrumentRules,
): Result<Instrument, readonly InstrumentProblem[]> {
  const preset = INSTRUMENT_PRESETS[symbol];
  const named = symbolParts(symbol);
  if (!named.ok) return fail([{ field: null, text: named.error }]);
  const tickSize = rules.tickSize ?? preset?.tickSize;
  const lotSize = rules.lotSize ?? preset?.lotSize;
  if (tickSize === undefined || lotSize === undefined) return fail([{ field: null, text: unknownSymbol(symbol) }]);
  if (!isStep(tickSize, lotSize)) {
    return fail([
      { field: "tickSize", text: `tick ${tickSize} times lot ${lotSize} is finer than 10^-18 of the quote` },
    ]);
  }
  const spot = named.value.kind === "spot";
  const steps = { tickSize, lotSize };
  const problems: InstrumentProblem[] = [];
  const quantity = (field: "minQuantity" | "maxQuantity", text: string): Lots => {
    const read = parseQuantity(steps, text, field === "minQuantity" ? "up" : "down");
    if (read.ok) return read.value;
    problems.push({ field, text: read.error });
    return lots(1);
  };
  const minLots = quantity("minQuantity", rules.minQuantity ?? lotSize);
  const largest = rules.maxQuantity ?? preset?.maxQuantity;
  const maxLots = largest === undefined ? lots(LOTS_MAX) : quantity("maxQuantity", largest);
  const minNotional = valueUnits(steps, rules.minNotional ?? preset?.minNotional ?? "5");
  if (minNotional === null) problems.push({ field: "minNotional", text: "is too large for these steps" });
  if (maxLots < minLots) problems.push({ field: "maxQuantity", text: "must not be below minQuantity" });
  if (problems.length > 0) return fail(problems);
  return ok({
    exchange: "simulated",
    symbol,
    ...named.value,
    ...steps,
    minLots,
    maxLots,
    minNotional: minNotional ?? 0,
    minNotionalOnReduceOnly: spot || (preset?.minNotionalOnReduceOnly ?? false),
    makerPpm: rules.makerPpm ?? 200,
    takerPpm: rules.takerPpm ?? 500,
    feeIn: spot ? "received" : "quote",
    status: "trading",
    openOrdersMax: rules.openOrdersMax ?? 200,
    fundingIntervalMs: spot ? 0 : 28_800_000,
    leverage: spot ? 1 : (rules.leverage ?? DEFAULT_LEVERAGE),
    maintenancePpm: spot ? 0 : (rules.maintenancePpm ?? 4_000),
    inverse: false,
  });
}

export type Named = Pick<Instrument, "kind" | "base" | "quote">;

/** What a symbol says by itself. */
export function symbolParts(symbol: string): Result<Named, string> {
  if (!SYMBOL.test(symbol)) return fail(unknownSymbol(symbol));
  const [pair = "", settle] = symbol.split(":");
  const [base = "", quote = ""] = pair.split("/");
  if (settle === undefined) return ok({ kind: "spot", base, quote });
  if (settle === quote) return ok({ kind: "perpetual", base, quote });
  return fail(`${symbol} is an inverse contract, settled in ${settle}; give one that settles in ${quote}`);
}

const unknownSymbol = (symbol: string): string => {
  const known = Object.keys(INSTRUMENT_PRESETS).join(", ");
  const any = "any BASE/QUOTE[:QUOTE] with simulated.instrument.tickSize and lotSize";
  return `${symbol} is not allowed; give ${known}, or ${any}`;
};

function isStep(tickSize: string, lotSize: string): boolean {
  const tick = parseDecimal(tickSize);
  const lot = parseDecimal(lotSize);
  return tick.ok && lot.ok && tick.value.scale + lot.value.scale <= 18;
}

/** Money text in value units (tick × lot of quote), rounded up; null when it leaves the safe integers. */
function valueUnits(steps: Pick<Instrument, "tickSize" | "lotSize">, text: string): number | null {
  const amount = parseMoney(text, "up");
  if (!amount.ok) return null;
  const unit = unitMoney(steps);
  const units = (amount.value + unit - 1n) / unit;
  return units > BigInt(Number.MAX_SAFE_INTEGER) ? null : toSafe(units);
}
