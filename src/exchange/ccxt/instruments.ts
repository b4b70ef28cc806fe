// The instruments of one port: from markets as ccxt tells them to our integers (EXCH-02, EXCH-03, EXCH-29), kept until
// the exchange tells them differently. A market that cannot be expressed exactly is refused with the reason.

import { fail, ok, type Result } from "../../base/result.ts";
import { lots } from "../../market/amounts.ts";
import { type Instrument, unitMoney } from "../../market/instrument.ts";
import { moneyOf, ppmOf, type Steps, stepsOf } from "./amount.ts";
import type { ExchangeTable } from "./exchanges/exchange-table.ts";
import { decimalOf, flagOf, type Raw, recordOf, textOf, wholeOf } from "./raw.ts";

/** An instrument and what only this implementation needs of it. */
export interface CcxtInstrument {
  readonly instrument: Instrument;
  /** The exchange's own name. */
  readonly wireName: string;
  readonly steps: Steps;
  /** Bounds of the price in ticks; null: none told. */
  readonly priceMin: number | null;
  readonly priceMax: number | null;
  /** Unix ms of the reading. */
  readonly readAtMs: number;
}

/** What the account and other calls say of an instrument, beside its market. */
export interface InstrumentFacts {
  readonly makerPpm: number | null;
  readonly takerPpm: number | null;
  readonly leverage: number | null;
  readonly maintenancePpm: number | null;
  readonly fundingIntervalMs: number | null;
}

export const NO_FACTS: InstrumentFacts = {
  makerPpm: null,
  takerPpm: null,
  leverage: null,
  maintenancePpm: null,
  fundingIntervalMs: null,
};

const TICK_SIZE = 4;
const DECIMAL_PLACES = 2;
const MOST = Number.MAX_SAFE_INTEGER;
/** Assumed where the exchange does not tell: no order is refused for it, and margins err on the safe side. */
const OPEN_ORDERS_MAX = 200;
const MAINTENANCE_PPM = 10_000;
const FEE_PPM = 1000;

export class Instruments {
  private readonly known = new Map<string, CcxtInstrument>();

  get(symbol: string): CcxtInstrument | null {
    return this.known.get(symbol) ?? null;
  }

  set(symbol: string, instrument: CcxtInstrument): void {
    this.known.set(symbol, instrument);
  }

  all(): readonly CcxtInstrument[] {
    return [...this.known.values()];
  }

  /** By the exchange's own name. */
  byWireName(wireName: string): CcxtInstrument | null {
    return this.all().find((each) => each.wireName === wireName) ?? null;
  }
}

/** Reads one market. Errors: why it cannot be traded exactly. */
export function readInstrument(
  market: Raw,
  about: {
    readonly table: ExchangeTable;
    readonly precisionMode: unknown;
    readonly facts: InstrumentFacts;
    readonly nowMs: number;
  },
): Result<CcxtInstrument, string> {
  const { table, facts } = about;
  const symbol = textOf(market["symbol"]) ?? "";
  const info = recordOf(market["info"]);
  const precision = recordOf(market["precision"]);
  const contract = table.market === "spot" ? "1" : decimalOf(market["contractSize"]);
  // taken for 1 where it is 100, every order would be a hundred times too large
  if (contract === null) return fail(`${symbol} cannot be expressed: the size of its contract is not told`);
  const steps = stepsOf({
    tick: stepText(precision["price"], about.precisionMode),
    amountStep: stepText(precision["amount"], about.precisionMode),
    contract,
  });
  if (!steps.ok) return fail(`${symbol} cannot be expressed: ${steps.error}`);
  if (!steps.value.areMoney) {
    const { tickSize, lotSize } = steps.value;
    return fail(`${symbol} cannot be expressed: steps of ${tickSize} by ${lotSize} are finer than 10^-18 of its money`);
  }
  const objection = table.inexpressible(info);
  if (objection !== null) return fail(`${symbol} cannot be traded exactly: ${objection}`);
  if (table.market === "perpetual" && market["swap"] !== true) return fail(`${symbol} is no perpetual`);
  const { tickSize, lotSize } = steps.value;
  const limits = recordOf(market["limits"]);
  const amount = recordOf(limits["amount"]);
  const price = recordOf(limits["price"]);
  const bound = (value: unknown, of: "lots" | "ticks", rounding: "up" | "down"): number | null => {
    const text = decimalOf(value);
    if (text === null) return null;
    const read = of === "lots" ? steps.value.lots(text, rounding) : steps.value.ticks(text, rounding);
    return read.ok && read.value > 0 ? read.value : null;
  };
  const instrument: Instrument = {
    exchange: table.name,
    symbol,
    kind: table.market,
    base: textOf(market["base"]) ?? "",
    quote: textOf(market["quote"]) ?? "",
    tickSize,
    lotSize,
    minLots: lots(bound(amount["min"], "lots", "up") ?? 1),
    maxLots: lots(bound(amount["max"], "lots", "down") ?? MOST),
    minNotional: notionalUnits(decimalOf(recordOf(limits["cost"])["min"]), unitMoney({ tickSize, lotSize })),
    minNotionalOnReduceOnly: table.minNotionalOnReduceOnly,
    makerPpm: facts.makerPpm ?? ppmOf(decimalOf(market["maker"])) ?? FEE_PPM,
    takerPpm: facts.takerPpm ?? ppmOf(decimalOf(market["taker"])) ?? FEE_PPM,
    feeIn: table.market === "spot" ? "received" : "quote",
    status: table.status({ active: market["active"], ...info }),
    openOrdersMax: table.openOrdersMax(info) ?? OPEN_ORDERS_MAX,
    fundingIntervalMs: table.market === "spot" ? 0 : (facts.fundingIntervalMs ?? 0),
    leverage: table.market === "spot" ? 1 : (facts.leverage ?? 1),
    maintenancePpm: table.market === "spot" ? 0 : (facts.maintenancePpm ?? MAINTENANCE_PPM),
    inverse: flagOf(market["inverse"]) === true,
  };
  return ok({
    instrument,
    wireName: textOf(market["id"]) ?? "",
    steps: steps.value,
    priceMin: bound(price["min"], "ticks", "up"),
    priceMax: bound(price["max"], "ticks", "down"),
    readAtMs: about.nowMs,
  });
}

/** ccxt gives steps as steps, or as numbers of decimals; significant digits are no grid. */
function stepText(value: unknown, precisionMode: unknown): string | null {
  const text = decimalOf(value);
  if (precisionMode === TICK_SIZE || text === null) return text;
  const places = wholeOf(text);
  if (precisionMode !== DECIMAL_PLACES || places === null || places < 0 || places > 30) return null;
  return places === 0 ? "1" : `0.${"0".repeat(places - 1)}1`;
}

/** Smallest notional in value units, rounded up; 0 where none is told. */
function notionalUnits(text: string | null, unit: bigint): number {
  const amount = moneyOf(text);
  if (amount === null || amount <= 0n) return 0;
  const units = (amount + unit - 1n) / unit;
  return units > BigInt(MOST) ? MOST : Number.parseInt(units.toString(), 10);
}

/** Whether two readings differ in anything but their time. */
export const isChanged = (before: CcxtInstrument, after: CcxtInstrument): boolean =>
  JSON.stringify(before.instrument) !== JSON.stringify(after.instrument);
