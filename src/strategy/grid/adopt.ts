// Lots that came or went without an order of the grid: adopting a position (GRID-42), writing lots off, corrections of
// the reconciler (RISK-33). Sums are exact: nothing is lost, nothing invented.

import { ceilDiv, floorDiv } from "../../base/integer.ts";
import { lots, ticks } from "../../market/amounts.ts";
import type { Leg } from "../../trading/command.ts";
import { usesLeg } from "./config.ts";
import { addStray, legSign, slotAt, takeHeld } from "./held.ts";
import { type Lattice, latticeOf } from "./lattice.ts";
import { exitMinLots, minLots, targetLots } from "./sizes.ts";
import type { GridState, Slot } from "./state.ts";
import { alert, type GridTurn } from "./turn.ts";

/**
 * Spreads `count` lots over whole slots from the basis on, in milliticks. False, and nothing done, when no cell fits.
 */
export function distribute(turn: GridTurn, leg: Leg, count: number, basisMilli: number): boolean {
  const { state } = turn;
  if (state.lattice === null) return false;
  const lattice = latticeOf(state.lattice);
  const stride = state.indicators.stride;
  const up = leg === "L";
  const first = up
    ? lattice.ceilLevel(ceilDiv(basisMilli, 1000), stride)
    : lattice.floorLevel(floorDiv(basisMilli, 1000), stride) - stride;
  let rest = count;
  let last: Slot | null = null;
  let occupied = 0;
  for (const slot of state.slots.values()) if (slot.held > 0) occupied += 1;
  for (let j = first; isInFence(lattice, j, stride); j += up ? stride : -stride) {
    if (!isCellFree(state, j, stride)) continue;
    const isLast = occupied + 1 >= state.config.heldSlotsMax;
    const taken = isLast ? rest : Math.min(fullOrder(turn, lattice, up ? j : j + stride), rest);
    const exit = lattice.price(up ? j + stride : j);
    // too little for an exit of its own, or nothing: the slot before takes it
    if (last !== null && taken < exitMinLots(turn.context.instrument, state.config, exit)) break;
    last = slotAt(state, j, { width: stride, leg });
    last.leg = leg;
    last.width = stride;
    last.held += taken;
    rest -= taken;
    occupied += 1;
  }
  if (last === null) return false;
  last.held += rest;
  return true;
}

const fullOrder = (turn: GridTurn, lattice: Lattice, level: number): number => {
  const { instrument } = turn.context;
  const price = lattice.price(level);
  return Math.max(targetLots(instrument, turn.state.config, price), minLots(instrument, price));
};

const isInFence = (lattice: Lattice, j: number, width: number): boolean =>
  lattice.price(j) >= lattice.fenceLow && lattice.price(j + width) <= lattice.fenceHigh;

/** No slot with an order or lots overlaps the cell. */
export function isCellFree(state: GridState, j: number, width: number): boolean {
  for (const slot of state.slots.values()) {
    if (slot.order === null && slot.held === 0) continue;
    if (slot.j < j + width && j < slot.j + slot.width) return false;
  }
  return true;
}

/** Basis of an adoption (GRID-42) in milliticks: never one that lets an exit take a loss against the average. */
export function adoptBasis(state: GridState, leg: Leg, averageMilli: number | null): number {
  const market = state.reference.ref0 * 1000;
  if (averageMilli === null) return market;
  return leg === "L" ? Math.max(market, averageMilli) : Math.min(market, averageMilli);
}

/** Takes a signed position into slots, stray lots of the same sign first. False, with an alert, when it cannot. */
export function adopt(turn: GridTurn, signed: number, basisMilli: number): boolean {
  const { state } = turn;
  const leg: Leg = signed > 0 ? "L" : "S";
  const size = Math.abs(signed);
  if (size === 0 || !usesLeg(state.config, leg) || !distribute(turn, leg, size, basisMilli)) {
    const text = `${signed} lots cannot be adopted: mode ${state.config.mode}, or no free cell inside the fence`;
    alert(turn, "adopt-refused", "error", text, { lots: signed });
    return false;
  }
  const own = Math.sign(state.stray) === Math.sign(signed) ? Math.min(size, Math.abs(state.stray)) : 0;
  addStray(state, -legSign(leg) * own);
  bookOutside(turn, legSign(leg) * (size - own), basisMilli);
  return true;
}

/** Lots that came from outside the bot: counted, and told to the ledger. */
function bookOutside(turn: GridTurn, signed: number, basisMilli: number): void {
  if (signed === 0) return;
  turn.state.tally.adopted += signed;
  turn.effects += 1;
  turn.out.adjustLedger(lots(signed), ticks(floorDiv(basisMilli, 1000)), { code: "adopt", lots: signed });
}

/** Gives lots of a leg up: stray ones of its sign first, then those of its slots, worst entry first. */
export function writeOff(turn: GridTurn, count: number, leg: Leg): void {
  const { state } = turn;
  const sign = legSign(leg);
  const strayOwn = Math.max(0, Math.min(count, sign * state.stray));
  addStray(state, -sign * strayOwn);
  const taken = takeHeld(state, leg, count - strayOwn);
  // lots missing as stray of the other sign are thereby found: no change outside
  const found = Math.max(0, Math.min(taken, -sign * state.stray));
  addStray(state, sign * found);
  const outside = sign * (strayOwn + taken - found);
  if (strayOwn + taken < count) {
    const facts = { lots: count, writtenOff: strayOwn + taken };
    alert(turn, "write-off", "warning", `only ${strayOwn + taken} of ${count} lots were there to write off`, facts);
  }
  if (outside === 0) return;
  state.tally.writtenOff += outside;
  turn.effects += 1;
  turn.out.adjustLedger(lots(-outside), ticks(state.reference.ref0), { code: "write_off", lots: -outside });
}

/** A correction the reconciler already booked in the ledger: strays first, then lots that are gone, then adoption. */
export function correct(turn: GridTurn, signed: number): void {
  const { state } = turn;
  const sign = Math.sign(signed);
  state.tally.adopted += signed;
  let rest = Math.abs(signed);
  const absorbed = Math.max(0, Math.min(rest, -sign * state.stray));
  addStray(state, sign * absorbed);
  rest -= absorbed;
  rest -= takeHeld(state, sign > 0 ? "S" : "L", rest);
  const leg: Leg = sign > 0 ? "L" : "S";
  if (rest === 0) return;
  const adopted = usesLeg(state.config, leg) && state.reference.ref0 > 0;
  if (!adopted || !distribute(turn, leg, rest, adoptBasis(state, leg, null))) addStray(state, sign * rest);
}
