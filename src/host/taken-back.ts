// An order that is decided and cancelled in one turn: sent, its cancel would race it.

import type { EffectToAppend } from "../journal/port.ts";
import type { ClientOrderId } from "../trading/client-order-id.ts";

const NONE: ReadonlySet<ClientOrderId> = new Set();

interface SortedOut {
  /** All effects in their order, but the places and cancels of the orders taken back. */
  readonly leaving: readonly EffectToAppend[];
  readonly takenBack: ReadonlySet<ClientOrderId>;
}

/** Sorts a turn's effects into those that leave and the orders whose place and cancel are both among them. */
export function withoutTakenBack(effects: readonly EffectToAppend[]): SortedOut {
  const takenBack = effects.length > 1 ? takenBackIn(effects) : NONE;
  if (takenBack.size === 0) return { leaving: effects, takenBack };
  const leaves = ({ effect }: EffectToAppend): boolean =>
    !((effect.kind === "place" || effect.kind === "cancel") && takenBack.has(effect.clientOrderId));
  return { leaving: effects.filter(leaves), takenBack };
}

function takenBackIn(effects: readonly EffectToAppend[]): ReadonlySet<ClientOrderId> {
  if (!effects.some(({ effect }) => effect.kind === "cancel")) return NONE;
  const placed = new Set<ClientOrderId>();
  const takenBack = new Set<ClientOrderId>();
  for (const { effect } of effects) {
    if (effect.kind === "place") placed.add(effect.clientOrderId);
    else if (effect.kind === "cancel" && placed.has(effect.clientOrderId)) takenBack.add(effect.clientOrderId);
  }
  return takenBack;
}
