// The price the grid acts on (GRID-10 … GRID-14): which books are believed, where the window stands. Mid price, never a
// single print; the skew moves entries only.

import { ceilDiv, clamp, compareProducts, floorDiv, multiply, toSafe, truncDiv } from "../../base/integer.ts";
import type { Leg } from "../../trading/command.ts";
import type { GridConfig } from "./config.ts";
import type { Lattice } from "./lattice.ts";
import type { ReferenceState } from "./state.ts";

/** GRID-10: takes a book, or counts it out. True when it is accepted and is the reference from here on. */
export function acceptBook(state: ReferenceState, bid: number, ask: number, jumpBpsMax: number): boolean {
  if (!(Number.isSafeInteger(bid) && Number.isSafeInteger(ask) && bid > 0 && bid < ask)) {
    breakRun(state);
    return false;
  }
  const mid = floorDiv(bid + ask, 2);
  if (state.ref0 === 0 || !isWithin(mid, state.ref0, jumpBpsMax)) {
    if (!isThirdInRow(state, mid, jumpBpsMax)) return false;
  }
  state.bid = bid;
  state.ask = ask;
  state.ref0 = mid;
  state.first = 0;
  state.second = 0;
  return true;
}

/** A book that cannot be judged ends the run of books waiting to be believed. */
export function breakRun(state: ReferenceState): void {
  state.first = 0;
  state.second = 0;
}

/** Third book in a row within the jump of the first of the three; otherwise the run slides on by one. */
function isThirdInRow(state: ReferenceState, mid: number, jumpBpsMax: number): boolean {
  if (state.first === 0) {
    state.first = mid;
    return false;
  }
  if (state.second === 0) {
    state.second = mid;
    return false;
  }
  if (isWithin(state.second, state.first, jumpBpsMax) && isWithin(mid, state.first, jumpBpsMax)) return true;
  state.first = state.second;
  state.second = mid;
  return false;
}

const isWithin = (mid: number, of: number, jumpBpsMax: number): boolean =>
  compareProducts(mid > of ? mid - of : of - mid, 10_000, jumpBpsMax, of) <= 0;

/** Where the window stands: GRID-11 … GRID-13. Reused between events, so the hot path allocates nothing. */
export interface Frame {
  ref: number;
  /** Level nearest `ref` among multiples of the stride. */
  c: number;
  gap: number;
  /** First entry levels of the legs. */
  kL: number;
  kS: number;
}

export const emptyFrame = (): Frame => ({ ref: 0, c: 0, gap: 0, kL: 0, kS: 0 });

/** What a frame is computed from besides the book. `net`: L slots holding lots less S slots holding lots. */
export interface FrameInputs {
  readonly lattice: Lattice;
  readonly config: GridConfig;
  readonly stride: number;
  readonly net: number;
}

/** Fills `frame` from the accepted book. */
export function computeFrame(inputs: FrameInputs, book: ReferenceState, frame: Frame): void {
  const { lattice, config, stride } = inputs;
  const shift = skewShift(inputs, book.ref0);
  const ref = clamp(book.ref0 - shift, lattice.fenceLow, lattice.fenceHigh);
  const c = lattice.nearestLevel(ref, stride);
  const gap = lattice.price(c + stride) - lattice.price(c);
  const entryGap = Math.max(1, ceilDiv(multiply(gap, config.entryGapPct), 100));
  let kL = lattice.floorLevel(Math.min(ref - entryGap, book.ask - 1), stride);
  let kS = lattice.ceilLevel(Math.max(ref + entryGap, book.bid + 1), stride);
  if (config.mode === "neutral") {
    if (kL > c - stride) kL = c - stride;
    if (kS < c + stride) kS = c + stride;
  }
  frame.ref = ref;
  frame.c = c;
  frame.gap = gap;
  frame.kL = kL;
  frame.kS = kS;
}

/** GRID-11: truncDiv(net·skewLevels·g0, heldSlotsMax), never more than skewLevels gaps. */
export function skewShift(inputs: FrameInputs, ref0: number): number {
  const { lattice, config, stride } = inputs;
  if (config.skewLevels === 0 || inputs.net === 0) return 0;
  const c0 = lattice.nearestLevel(clamp(ref0, lattice.fenceLow, lattice.fenceHigh), 1);
  const g0 = lattice.price(c0 + stride) - lattice.price(c0);
  const net = clamp(inputs.net, -config.heldSlotsMax, config.heldSlotsMax);
  const weight = net * config.skewLevels;
  if (Math.abs(weight * g0) <= Number.MAX_SAFE_INTEGER) return truncDiv(weight * g0, config.heldSlotsMax);
  return toSafe((BigInt(weight) * BigInt(g0)) / BigInt(config.heldSlotsMax));
}

/** GRID-14: rank of an entry of a slot; null where it has none. */
export function rankOf(frame: Frame, leg: Leg, slot: { readonly j: number; readonly width: number }, stride: number) {
  if (slot.width !== stride) return null;
  const distance = leg === "L" ? frame.kL - slot.j : slot.j + slot.width - frame.kS;
  return distance % stride === 0 ? truncDiv(distance, stride) : null;
}
