// Moving to another lattice (GRID-44): at HALT and with no order out, held lots move to the nearest free new slot whose
// exit is not worse than the old one. Lots are conserved; only the operator asks for this.

import { bigCeilDiv, bigFloorDiv, toSafe } from "../../base/integer.ts";
import { ticks } from "../../market/amounts.ts";
import { unitMoney } from "../../market/instrument.ts";
import { isCellFree } from "./adopt.ts";
import { gapFindings } from "./checks.ts";
import type { GridConfig } from "./config.ts";
import { openGate, setBoth } from "./gates.ts";
import { slotAt, worstFirst } from "./held.ts";
import { type Lattice, latticeOf, latticeSpecFor } from "./lattice.ts";
import { exitLevel } from "./plan.ts";
import type { GridState, LatticeSpec, PendingLattice, Slot } from "./state.ts";
import { restartIndicators } from "./trend.ts";
import { alert, type GridTurn } from "./turn.ts";

/** Asks for another lattice: everything is cancelled first, then {@link carryOut} moves the lots. */
export function askForLattice(turn: GridTurn, pending: PendingLattice): void {
  turn.state.pending = pending;
  setBoth(turn.state, "relattice", "HALT", "moving to another lattice");
}

/** Carries a pending lattice out once nothing is outstanding, or refuses it with an alert. */
export function carryOut(turn: GridTurn, old: LatticeSpec): void {
  const { state } = turn;
  const { pending } = state;
  if (pending === null || state.reference.ref0 === 0) return;
  for (const slot of state.slots.values()) if (slot.order !== null) return;
  const problem = tryLattice(turn, pending, old);
  state.pending = null;
  openGate(state, "relattice");
  if (problem !== null) alert(turn, "relattice-refused", "error", `the lattice stays as it was: ${problem}`);
  else {
    openGate(state, "instrument");
    const { anchor, step } = state.lattice ?? old;
    alert(turn, "relattice", "info", "the lattice was changed", { anchor, step });
  }
  turn.out.acceptConfig(state.config);
}

function tryLattice(turn: GridTurn, pending: PendingLattice, old: LatticeSpec): string | null {
  const { state, context } = turn;
  const { instrument } = context;
  const holds = state.stray !== 0 || [...state.slots.values()].some((slot) => slot.held > 0);
  if (instrument.lotSize !== state.lotSize && holds) return "the lot size changed while lots are held";
  if (instrument.status !== "trading") return `the instrument is ${instrument.status}`;
  // anchor as configured, else the old one; never a price of today (N-07)
  const convert = tickConverter(state.tickSize, instrument.tickSize);
  const spec = latticeSpecFor(pending.config, convert(old.anchor, false));
  if (spec.step < 1 || spec.anchor < 1) return "gridCount does not fit between rangeLow and rangeHigh";
  const lattice = latticeOf(spec);
  const { refuse } = gapFindings(pending.config, lattice, instrument);
  if (refuse[0] !== undefined) return refuse[0];
  const moved = moveSlots(state, latticeOf(old), { lattice, convert });
  if (moved === null) return "held lots would exit outside the fence of the new lattice";
  state.slots = moved;
  for (const [id, route] of state.finished) state.finished.set(id, { ...route, width: 0 });
  state.lattice = spec;
  state.config = pending.config;
  state.tickSize = instrument.tickSize;
  state.lotSize = instrument.lotSize;
  state.sizeAlerts.clear();
  state.indicators.stride = 1;
  restartIndicators(turn);
  return null;
}

type Converter = (price: number, up: boolean) => number;

/** Old ticks to new ticks, rounded up or down; the same where the tick is the same. */
function tickConverter(from: string, to: string): Converter {
  const old = unitMoney({ tickSize: from, lotSize: "1" });
  const unit = unitMoney({ tickSize: to, lotSize: "1" });
  return (price, up) => toSafe((up ? bigCeilDiv : bigFloorDiv)(BigInt(price) * old, unit));
}

/** New slots for everything held, or null when an exit would fall outside the new fence. */
function moveSlots(
  state: GridState,
  old: Lattice,
  to: { readonly lattice: Lattice; readonly convert: Converter },
): Map<number, Slot> | null {
  const target = { ...state, slots: new Map<number, Slot>() };
  for (const leg of ["L", "S"] as const) {
    // nearest exits first: each takes the nearest cell that is left
    const held = [...worstFirst(state, leg)].sort(
      (a, b) => (leg === "L" ? exitLevel(a) - exitLevel(b) : exitLevel(b) - exitLevel(a)) || a.j - b.j,
    );
    for (const slot of held) {
      const exit = to.convert(old.price(exitLevel(slot)), leg === "L");
      if (exit < to.lattice.fenceLow || exit > to.lattice.fenceHigh) return null;
      const moved = slotAt(target, freeCell(target, to.lattice, leg, exit), { width: 1, leg });
      moved.held += slot.held;
    }
  }
  return target.slots;
}

function freeCell(target: GridState, lattice: Lattice, leg: "L" | "S", exit: number): number {
  const step = leg === "L" ? 1 : -1;
  let j = leg === "L" ? lattice.ceilLevel(exit, 1) - 1 : lattice.floorLevel(exit, 1);
  while (!isCellFree(target, j, 1)) j += step;
  return j;
}

/** Configuration of a `reanchor`: everything as it is but the anchor. */
export const reanchored = (config: GridConfig, price: number): GridConfig => ({ ...config, anchor: ticks(price) });
