// A planner run on slots that a test sets by hand: cells of 2.00 around 3,000.00, full orders of ten lots. For tests.

import { EXAMPLE, GridBench } from "../../../test/grid/bench.ts";
import { lots, ticks } from "../../market/amounts.ts";
import type { Instrument } from "../../market/instrument.ts";
import type { Leg } from "../../trading/command.ts";
import type { GateLevel } from "../contract.ts";
import type { GridTexts } from "./config-reader.ts";
import { latticeOf } from "./lattice.ts";
import { type Plan, preparePlan } from "./plan.ts";
import type { Purpose, Slot, SlotOrder } from "./state.ts";

/** A slot as a test tells it; `out` is its order. */
export interface SlotTold extends Partial<Omit<Slot, "order">> {
  readonly j: number;
  readonly out?: {
    readonly purpose: Purpose;
    readonly price: number;
    readonly quantity?: number;
    readonly state?: SlotOrder["state"];
  };
}

export interface PlanTold {
  readonly texts?: Partial<GridTexts>;
  readonly instrument?: Instrument;
  /** Accepted book, in ticks. */
  readonly bid?: number;
  readonly ask?: number;
  readonly nowMs?: number;
  readonly level?: GateLevel;
  readonly openOrdersLimit?: number;
}

class PlanBench extends GridBench {
  /** What was asked for since the last time. */
  take(): string {
    const text = this.lines.join("\n");
    this.lines = [];
    return text;
  }
}

export interface Planned {
  readonly plan: Plan;
  readonly bench: PlanBench;
}

/** The grid as it stands at 2,999.99/3,000.01 unless told otherwise. */
export function planOf(slots: readonly SlotTold[], told: PlanTold = {}): Planned {
  const { texts = {}, instrument, bid = 299_999, ask = 300_001, nowMs = 0, level = "RUN" } = told;
  const bench = new PlanBench({ ...EXAMPLE, ...texts }, instrument === undefined ? {} : { instrument });
  bench.start("2999.99/3000.01");
  bench.openOrdersLimit = told.openOrdersLimit ?? 180;
  const { state } = bench;
  state.slots.clear();
  state.routes.clear();
  state.nowMs = nowMs;
  state.reference = { bid, ask, ref0: Math.floor((bid + ask) / 2), first: 0, second: 0 };
  if (level !== "RUN") state.gates.set("operator", { L: level, S: level, reason: "test" });
  for (const each of slots) state.slots.set(each.j, slotOf(bench, each));
  bench.take();
  const turn = { state, context: bench.context, out: bench, effects: 0 };
  return { plan: preparePlan(turn, latticeOf(state.lattice ?? fail())), bench };
}

function fail(): never {
  throw new Error("the grid has no lattice before its start");
}

function slotOf(bench: PlanBench, { out, ...told }: SlotTold): Slot {
  const plain = { postOnlyRejects: 0, plainNext: false, otherRejects: 0, coolUntilMs: 0 };
  const slot: Slot = { width: 1, leg: "L", held: 0, order: null, ...plain, ...told };
  if (out === undefined) return slot;
  const side = (slot.leg === "L") === (out.purpose === "entry") ? "buy" : "sell";
  const [price, quantity] = [ticks(out.price), lots(out.quantity ?? 10)];
  const common = { symbol: bench.instrument.symbol, timeInForce: "GTC", postOnly: true, reduceOnly: false } as const;
  const id = bench.place({ ...common, side, price, quantity, slotKey: String(slot.j) }, { code: "before" });
  const { j, width, leg } = slot;
  bench.state.routes.set(id, { j, width, leg, purpose: out.purpose, quantity, booked: 0, finishedAtMs: 0 });
  return { ...slot, order: { id, purpose: out.purpose, side, price, quantity, state: out.state ?? "LIVE" } };
}

export const holding = (j: number, leg: Leg = "L", held = 10): SlotTold => ({ j, leg, held });
