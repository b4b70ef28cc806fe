// What a decision was made from, as a person reads it: the grid keeps its `because` in ticks and lots (GRID-25), and
// nobody divides by ten in his head while something is wrong.

import { lots, ticks } from "../market/amounts.ts";
import { formatPrice, formatQuantity, type Instrument } from "../market/instrument.ts";

const PRICES: ReadonlySet<string> = new Set(["entry", "exit", "ref0", "ref", "bid", "ask"]);
const QUANTITIES: ReadonlySet<string> = new Set(["held"]);

/** Each fact as text; prices and quantities decimal where the instrument is known. */
export function factTexts(
  facts: Readonly<Record<string, unknown>>,
  instrument: Instrument | null,
): readonly (readonly [name: string, text: string])[] {
  return Object.entries(facts).map(([name, value]) => [name, textOf(name, value, instrument)]);
}

function textOf(name: string, value: unknown, instrument: Instrument | null): string {
  if (instrument === null || typeof value !== "number") return String(value);
  if (PRICES.has(name)) return formatPrice(instrument, ticks(value));
  return QUANTITIES.has(name) ? formatQuantity(instrument, lots(value)) : String(value);
}
