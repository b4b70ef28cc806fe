// A configuration for data somebody brings without one: a plain grid scaled to the instrument's price and fees, so that
// a first backtest shows something. It is no advice; it is a text like any other, and the report keeps it.

import { formatDecimal } from "../base/decimal.ts";
import { ceilDiv } from "../base/integer.ts";
import type { Ticks } from "../market/amounts.ts";
import { formatPrice, formatQuantity, type Instrument } from "../market/instrument.ts";

/** What the grid is made for: rules as the data know them, and the first price. */
export interface DataFacts {
  readonly instrument: Instrument;
  readonly firstPrice: Ticks;
  /** Candles span months: the gap is wider there. */
  readonly candles: boolean;
}

const CANDLE_GAP_PPM = 10_000;
const GAP_PPM_MIN = 200;

/** YAML text. A cycle earns a quarter more than its maker fees; on candles the gap is at least 1 %. */
export function configTextFor({ instrument, firstPrice, candles }: DataFacts): string {
  const { kind, symbol, tickSize, lotSize, makerPpm, takerPpm, minLots } = instrument;
  const spot = kind === "spot";
  const gapPpm = Math.max(GAP_PPM_MIN, ceilDiv(5 * 2 * Math.max(0, makerPpm), 4) + 100, candles ? CANDLE_GAP_PPM : 0);
  const mode = spot ? "long" : "neutral";
  return `# Made for ${symbol} around ${formatPrice(instrument, firstPrice)}, since no configuration was named: a plain ${mode} grid.
bot:
  id: first-look
  strategy: grid
  instrument: "${symbol}"
  grid:
    mode: ${mode}
    spacing: geometric
    spacingBps: "${formatDecimal(BigInt(gapPpm), 2)}"
    orderQuote: "${spot ? "100" : "130"}"
    overspendPct: 60
    entryLevels: ${spot ? 10 : 6}
    exitLevels: ${spot ? 10 : 6}
    heldSlotsMax: ${spot ? 45 : 30}
simulated:
  balance: "10000"
  instrument:
    tickSize: "${tickSize}"
    lotSize: "${lotSize}"
    minQuantity: "${formatQuantity(instrument, minLots)}"
    minNotional: "${formatDecimal(notionalText(instrument), scaleOf(tickSize) + scaleOf(lotSize))}"
    makerPpm: ${makerPpm}
    takerPpm: ${takerPpm}
`;
}

const scaleOf = (step: string): number => step.split(".")[1]?.length ?? 0;

/** Smallest notional in units of the product of both steps' last digits. */
function notionalText({ minNotional, tickSize, lotSize }: Instrument): bigint {
  return BigInt(minNotional) * digitsOf(tickSize) * digitsOf(lotSize);
}

const digitsOf = (step: string): bigint => BigInt(step.replace(".", ""));
