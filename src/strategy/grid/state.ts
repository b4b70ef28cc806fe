// Everything the grid remembers between two events. Plain canonical data: it is hashed, snapshotted and restored as it
// is; the order of its Maps is part of it. Nothing derived is kept here that a planner run would not leave the same.

import type { Lots, MilliTicks, Ticks } from "../../market/amounts.ts";
import type { Instrument } from "../../market/instrument.ts";
import type { ClientOrderId } from "../../trading/client-order-id.ts";
import type { Leg } from "../../trading/command.ts";
import type { GateLevel } from "../contract.ts";
import type { GridConfig, Spacing } from "./config.ts";

/** What the lattice is made of: `step` is ticks (arithmetic) or ppm (geometric). */
export interface LatticeSpec {
  readonly spacing: Spacing;
  readonly anchor: Ticks;
  readonly step: number;
}

export type Purpose = "entry" | "exit";
/** The four order columns of the slot table. */
export type SlotOrderState = "SENT" | "LIVE" | "CANCEL" | "UNKNOWN";

/** The one order a slot may have. Executed lots are booked in its {@link Route}. */
export interface SlotOrder {
  readonly id: ClientOrderId;
  readonly purpose: Purpose;
  readonly side: "buy" | "sell";
  readonly price: Ticks;
  readonly quantity: Lots;
  state: SlotOrderState;
}

/** The cell between level j and level j + width. */
export interface Slot {
  readonly j: number;
  width: number;
  leg: Leg;
  held: number;
  order: SlotOrder | null;
  /** Nothing is placed for the slot before this time; 0 when it never cooled. */
  coolUntilMs: number;
  /** Post-only rejects in a row (GRID-37). */
  postOnlyRejects: number;
  /** The next order of the slot may be a plain limit (GRID-37). */
  plainNext: boolean;
  /** Other rejects in a row (GRID-27). */
  otherRejects: number;
}

/** Where the executions of an order go (GRID-29). Nothing is ever parsed out of an id. */
export interface Route {
  readonly j: number;
  /** Width of the cell; 0 when the lattice changed since, so that late lots are stray. */
  readonly width: number;
  readonly leg: Leg;
  readonly purpose: Purpose;
  readonly quantity: number;
  booked: number;
  /** 0 while the order is its slot's own. */
  finishedAtMs: number;
}

export interface Gate {
  L: GateLevel;
  S: GateLevel;
  reason: string;
}

/** Last accepted book and the run of books waiting to be believed (GRID-10). Prices are 0 while there is none. */
export interface ReferenceState {
  bid: number;
  ask: number;
  ref0: number;
  first: number;
  second: number;
}

export interface IndicatorState {
  /** Start of the newest closed candle; 0 when the window is empty. */
  lastOpenMs: number;
  /** A reload was asked for: older candles begin the window anew. */
  reloading: boolean;
  /**
   * Closes and true ranges of closed candles, oldest first; ranges lack the first candle, which has no close before it.
   */
  closes: number[];
  ranges: number[];
  sumFast: number;
  sumSlow: number;
  sumRange: number;
  /** Stride m in force, and the value waiting to replace it with the candles that gave it in a row. */
  stride: number;
  candidate: number;
  candidateCount: number;
}

/** Facts of the account at the first start that decide about adoption (GRID-42). */
export interface StartPosition {
  readonly lots: number;
  readonly entry: MilliTicks | null;
  readonly oneWayMode: boolean;
}

/** A lattice waiting for the last order to end (GRID-44). */
export interface PendingLattice {
  readonly config: GridConfig;
  readonly anchor: Ticks | null;
  readonly tickSize: string;
  readonly lotSize: string;
}

export interface GridState {
  phase: "starting" | "running" | "refused";
  /** Recovery is over; the planner may run. */
  recovered: boolean;
  /** Configuration in force. */
  config: GridConfig;
  /** Largest event time seen: locks and cooldowns never shorten. */
  nowMs: number;
  lattice: LatticeSpec | null;
  /** Steps of the instrument the lattice and the lots are counted in. */
  tickSize: string;
  lotSize: string;
  reference: ReferenceState;
  start: StartPosition | null;
  slots: Map<number, Slot>;
  routes: Map<ClientOrderId, Route>;
  finished: Map<ClientOrderId, Route>;
  gates: Map<string, Gate>;
  /** Margin lock (GRID-38). */
  lock: { untilMs: number; lengthMs: number };
  /** Signed lots no slot owns (GRID-30). */
  stray: number;
  /** Base fees so far in Money, and the lots already taken off slots for them (GRID-03). */
  baseFees: bigint;
  baseFeeLots: number;
  /** Signed lots by cause: Σ held(L) − Σ held(S) + stray = fills + adopted − writtenOff − baseFeeLots. */
  tally: { fills: number; adopted: number; writtenOff: number };
  indicators: IndicatorState;
  timerAtMs: number | null;
  pending: PendingLattice | null;
  /** Levels whose size was 0 and whose alert went out (GRID-17). */
  sizeAlerts: Map<number, number>;
  counts: {
    booksIgnored: number;
    candlesIgnored: number;
    orderEventsIgnored: number;
    cumulativeBack: number;
    unknownOrders: number;
  };
}

export function emptyIndicators(): IndicatorState {
  return {
    lastOpenMs: 0,
    reloading: false,
    closes: [],
    ranges: [],
    sumFast: 0,
    sumSlow: 0,
    sumRange: 0,
    stride: 1,
    candidate: 0,
    candidateCount: 0,
  };
}

export function initialState(config: GridConfig, instrument: Instrument): GridState {
  return {
    phase: "starting",
    recovered: false,
    config,
    nowMs: 0,
    lattice: null,
    tickSize: instrument.tickSize,
    lotSize: instrument.lotSize,
    reference: { bid: 0, ask: 0, ref0: 0, first: 0, second: 0 },
    start: null,
    slots: new Map(),
    routes: new Map(),
    finished: new Map(),
    gates: new Map(),
    lock: { untilMs: 0, lengthMs: 0 },
    stray: 0,
    baseFees: 0n,
    baseFeeLots: 0,
    tally: { fills: 0, adopted: 0, writtenOff: 0 },
    indicators: emptyIndicators(),
    timerAtMs: null,
    pending: null,
    sizeAlerts: new Map(),
    counts: { booksIgnored: 0, candlesIgnored: 0, orderEventsIgnored: 0, cumulativeBack: 0, unknownOrders: 0 },
  };
}
