// Prices and quantities of public data to whole ticks and lots, fast: every level of every book passes here.

import { gridOf } from "../../wire/grid.ts";
import type { CcxtInstrument } from "../instruments.ts";
import { listOf, textOf } from "../raw.ts";
import type { WholeLevel } from "./depth-chain.ts";

/** Ticks; null: off the grid, or no number. */
export function ticksOf(text: string, { steps }: CcxtInstrument): number | null {
  const quick = gridOf(steps.tickSize).units(text);
  if (quick.ok) return quick.value;
  const slow = steps.ticks(text);
  return slow.ok ? slow.value : null;
}

/** Whole lots; what others rest with may be finer than our lots. Null: no number. */
export function lotsOf(text: string, { steps }: CcxtInstrument): number | null {
  if (steps.contract === "1") {
    const quick = gridOf(steps.lotSize).units(text);
    if (quick.ok) return quick.value;
  }
  const slow = steps.lots(text, "down");
  return slow.ok ? slow.value : null;
}

/** Null: a row that cannot be read exactly, so the book cannot either. */
export function levelsOf(rows: readonly unknown[], of: CcxtInstrument): readonly WholeLevel[] | null {
  const levels: WholeLevel[] = [];
  for (const row of rows) {
    const [price, quantity] = listOf(row);
    const at = ticksOf(textOf(price) ?? "", of);
    const size = lotsOf(textOf(quantity) ?? "", of);
    if (at === null || size === null) return null;
    levels.push([at, size]);
  }
  return levels;
}
