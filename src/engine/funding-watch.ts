// Funding that should have been booked and was not (RISK-42 `funding-missed`): the exchange announced a settlement, the
// bot held something through it, and a quarter of an hour later the ledger knows of none. It tells; it books nothing.

import { lots, type MilliTicks, ticks } from "../market/amounts.ts";
import { formatQuantity, type Instrument, notionalMoney } from "../market/instrument.ts";
import type { StrategyInput } from "../strategy/contract.ts";
import type { FundingRateEvent } from "../trading/event.ts";
import type { FundingAnnounced } from "./state.ts";
import { currentMark, type Turn } from "./turn.ts";

/** Exchanges book late, and the host asks again each minute. */
const LATE_MS = 900_000;
/** A settlement is booked under a time near the announced one. */
const EARLY_MS = 60_000;
/** Payments below a hundredth of the quote asset may be rounded away, 10^-18. */
const WORTH_MIN = 10n ** 16n;
const PPT = 10n ** 12n;

/** The predicted rate and its time: the newest word counts until that time is there. */
export function onFundingRate(turn: Turn, event: FundingRateEvent): readonly StrategyInput[] {
  const { state } = turn;
  const { nextAtMs: atMs, ratePpt } = event;
  if (event.symbol !== state.instrument?.symbol) return [];
  settleDue(turn);
  if (atMs > state.nowMs) state.fundingNext = { atMs, ratePpt, held: state.ledger.position };
  return [];
}

/** Each second while the bot runs. */
export function watchFunding(turn: Turn): void {
  const { state } = turn;
  settleDue(turn);
  const { fundingNext: next, fundingOwed: owed } = state;
  if (next !== undefined && next.held !== state.ledger.position) {
    state.fundingNext = { ...next, held: state.ledger.position };
  }
  if (owed === undefined) return;
  if (isBooked(state.lastFundingAtMs, owed)) delete state.fundingOwed;
  else if (state.nowMs >= owed.atMs + LATE_MS) {
    delete state.fundingOwed;
    const held = `${formatQuantity(turn.instrument, lots(Math.abs(owed.held)))} ${turn.instrument.base}`;
    const text = `the exchange was to settle funding on ${held} a quarter of an hour ago, and has booked none`;
    turn.alert("funding-missed", "warning", text, { settleAtMs: owed.atMs, lots: owed.held });
  }
}

/** The announced time has come: what was held before it and is held still is owed. */
function settleDue({ state, instrument }: Turn): void {
  const { fundingNext: next } = state;
  if (next === undefined || next.atMs > state.nowMs) return;
  delete state.fundingNext;
  const isHeld = next.held !== 0 && state.ledger.position !== 0;
  if (isHeld && isWorth(instrument, next, currentMark(state)) && !isBooked(state.lastFundingAtMs, next)) {
    state.fundingOwed = next;
  }
}

const isBooked = (lastAtMs: number | null, { atMs }: FundingAnnounced): boolean =>
  lastAtMs !== null && lastAtMs >= atMs - EARLY_MS;

function isWorth(instrument: Instrument, { held, ratePpt }: FundingAnnounced, mark: MilliTicks | null): boolean {
  if (mark === null) return ratePpt !== 0;
  const notional = notionalMoney(instrument, ticks(Math.floor(mark / 1_000)), lots(Math.abs(held)));
  return notional * BigInt(Math.abs(ratePpt)) >= WORTH_MIN * PPT;
}
