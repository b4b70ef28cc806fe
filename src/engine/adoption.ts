// How many lots an operator may still say that a bot holds. A query only; the strategy takes them up (GRID-42).

import { type Lots, lots } from "../market/amounts.ts";
import type { BotState } from "./state.ts";
import { strategyOf } from "./strategies.ts";
import { provenPosition } from "./unbooked.ts";

/**
 * Signed lots of the side of `wanted` that may be adopted while the exchange holds `held`: those the books count and no
 * slot owns, and those it holds beyond the books. Lots it lacks are taken off.
 */
export function adoptableLots(state: BotState, wanted: Lots, held: Lots): Lots {
  const sign = wanted < 0 ? -1 : 1;
  const stray = Math.max(0, sign * strayOf(state));
  return lots(sign * Math.max(0, stray + sign * (held - provenPosition(state))));
}

function strayOf({ config, strategy }: BotState): number {
  return config === null || strategy === null ? 0 : (strategyOf(config.strategy).strayLots?.(strategy) ?? 0);
}
