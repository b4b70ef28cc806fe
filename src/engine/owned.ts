// What of an account is the bot's own on spot (RISK-34): the coins its fills brought less the fees taken in coins, told
// apart from coins that were there before it. A perpetual's position is the ledger's.

import { bigFloorDiv, toSafe } from "../base/integer.ts";
import { type Lots, lots, type Money } from "../market/amounts.ts";
import { baseMoney, type Instrument } from "../market/instrument.ts";
import { balanceOf, type LedgerState } from "../trading/ledger.ts";
import type { BotState } from "./state.ts";

/** Whole lots that can be sold: a fee taken in base eats what the ledger's fills still count (GRID-03). */
export function ownedLots({ instrument, ledger }: Pick<BotState, "instrument" | "ledger">): Lots {
  if (instrument === null || instrument.kind !== "spot") return ledger.position;
  const holding = holdingOf(ledger, instrument);
  const known = COUNTED.get(instrument);
  if (known !== undefined && known.holding === holding) return known.lots;
  const owned = lots(toSafe(bigFloorDiv(holding, baseMoney(instrument, lots(1)))));
  COUNTED.set(instrument, { holding, lots: owned });
  return owned;
}

/** It is asked at every book and changes with fills: the newest answer of an instrument is kept beside it. */
const COUNTED = new WeakMap<Instrument, { readonly holding: bigint; readonly lots: Lots }>();

/** Lots the ledger counts that fees have eaten. */
export const eatenLots = (state: Pick<BotState, "instrument" | "ledger">): number =>
  state.ledger.position - ownedLots(state);

const holdingOf = (ledger: LedgerState, instrument: Instrument): bigint =>
  balanceOf(ledger, "holding", instrument.base);

/** The position a spot account of `baseTotal` shows for this bot; fractions of a lot are not its business. */
export function positionShown(state: BotState, baseTotal: Money): Lots {
  const { instrument, spotBaseline, ledger } = state;
  const owned = ownedLots(state);
  if (instrument === null || spotBaseline === null) return owned;
  const perLot = baseMoney(instrument, lots(1));
  const unexplained = baseTotal - BigInt(spotBaseline) * perLot - holdingOf(ledger, instrument);
  return lots(owned + toSafe(unexplained / perLot));
}

/**
 * Lots entered the ledger, or left it, without a fill. What the last read of the exchange could not explain is
 * explained by it; the rest were coins of the account that were not ours until now.
 */
export function moveBaseline(state: BotState, quantity: Lots): void {
  if (state.spotBaseline === null) return;
  const { suspicion } = state;
  const unexplained = suspicion === null ? 0 : suspicion.exchange - suspicion.local;
  const explained = Math.min(Math.max(unexplained, Math.min(0, quantity)), Math.max(0, quantity));
  state.spotBaseline = lots(state.spotBaseline - quantity + explained);
  if (explained !== 0) state.suspicion = null;
}
