// Prices and quantities of one instrument to its own digits, so that columns stand straight: 42180.0 → 42180.00.

import { useMemo } from "react";
import type { Instrument } from "../../src/live/messages.ts";
import { useChosen } from "./chosen.ts";
import { digitsOf, isDecimal, rounded } from "./money/exact.ts";
import { plain } from "./money/show.ts";

export interface Digits {
  readonly price: (text: string) => string;
  readonly qty: (text: string) => string;
}

/** Of an average price: never fewer than the prices it is made of. */
export const averageDigits = (instrument: Pick<Instrument, "tick"> | undefined): number =>
  Math.max(4, digitsOf(instrument?.tick ?? ""));

/** Padded, never cut: a value finer than the step is shown whole. */
function padded(text: string, step: string | undefined): string {
  if (step === undefined || !isDecimal(text)) return plain(text);
  return plain(digitsOf(text) > digitsOf(step) ? text : rounded(text, digitsOf(step)));
}

export function useDigits(): Digits {
  const { instrument } = useChosen();
  const { tick, lot } = instrument ?? {};
  return useMemo(() => ({ price: (text) => padded(text, tick), qty: (text) => padded(text, lot) }), [tick, lot]);
}
