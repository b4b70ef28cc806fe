// Which faults are injected, and whether one strikes now (EMU-28). Pure: it knows the time and the seed it is given, so
// the same questions in the same order strike the same way. It does nothing itself; the gates and the acts do.

import { Prng } from "../../../base/prng.ts";
import { isFault, rowOf, type WireFault } from "./catalogue.ts";
import { type FaultFiring, type FaultMatter, type FaultSpec, type Parameters, touches } from "./fault.ts";

export interface FaultDeskOptions {
  readonly seed: string;
  readonly nowMs: () => number;
  /** Hears of each firing, in order. */
  readonly fired: (firing: FaultFiring) => void;
}

/** A fault that strikes now. */
export interface Struck {
  readonly id: string;
  readonly name: WireFault;
  readonly parameters: Parameters;
}

/** An injected fault and what it did so far; `state` by the clock and its counts. */
export interface FaultView extends FaultSpec {
  readonly id: string;
  readonly sinceMs: number;
  readonly matched: number;
  readonly fired: number;
  readonly state: "waiting" | "active" | "spent" | "over";
  /** Why a deed had nothing to do; null where it was done. */
  readonly note: string | null;
}

interface Injected {
  readonly id: string;
  readonly name: WireFault;
  readonly spec: FaultSpec;
  readonly sinceMs: number;
  readonly prng: Prng;
  matched: number;
  fired: number;
  note: string | null;
}

export class FaultDesk {
  private readonly options: FaultDeskOptions;
  private readonly faults = new Map<string, Injected>();
  private readonly watchers = new Set<(id: string) => void>();
  private injected = 0;
  private firings = 0;

  constructor(options: FaultDeskOptions) {
    this.options = options;
  }

  /** Puts a fault in force; its name must be in the catalogue (`readFault` sees to that). Returns its id. */
  add(spec: FaultSpec): string {
    const { name } = spec;
    if (!isFault(name)) throw new RangeError(`${name} is no fault of the catalogue`);
    this.injected += 1;
    const id = `f${this.injected}`;
    const prng = new Prng(`${this.options.seed}/faults/${id}`);
    this.faults.set(id, { id, name, spec, sinceMs: this.options.nowMs(), prng, matched: 0, fired: 0, note: null });
    return id;
  }

  /** Takes a fault back; what it began ends with it. */
  remove(id: string): boolean {
    if (!this.faults.delete(id)) return false;
    for (const watcher of this.watchers) watcher(id);
    return true;
  }

  clear(): number {
    const ids = [...this.faults.keys()];
    for (const id of ids) this.remove(id);
    return ids.length;
  }

  /** Calls with the id of each fault taken back. Returns what ends it. */
  onRemoved(watcher: (id: string) => void): () => void {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  }

  get count(): number {
    return this.faults.size;
  }

  list(): FaultView[] {
    return [...this.faults.values()].map((each) => this.viewOf(each));
  }

  view(id: string): FaultView | null {
    const fault = this.faults.get(id);
    return fault === undefined ? null : this.viewOf(fault);
  }

  /** Whether the fault is in force and means this, without counting a match. */
  covers(id: string, matter: FaultMatter): boolean {
    const fault = this.faults.get(id);
    return fault !== undefined && this.stateOf(fault) === "active" && this.means(id, matter);
  }

  /** Whether the fault is there still: not taken back, and its time not over. */
  lasts(id: string): boolean {
    const fault = this.faults.get(id);
    return fault !== undefined && this.options.nowMs() < untilOf(fault);
  }

  /** Whether the fault means this, without counting it as a match. */
  means(id: string, matter: FaultMatter): boolean {
    const fault = this.faults.get(id);
    return fault !== undefined && meansIt(fault, matter);
  }

  /**
   * The first fault of that name that strikes this, in the order they were injected; null: none does. `agrees` may
   * object before anything is counted as fired.
   */
  strike(name: WireFault, matter: FaultMatter, agrees?: (struck: Struck) => boolean): Struck | null {
    for (const fault of this.faults.values()) {
      if (fault.name !== name || !this.hits(fault, matter)) continue;
      const { id, spec } = fault;
      if (agrees?.({ id, name, parameters: spec.parameters }) !== false) return this.fire(fault, matter);
    }
    return null;
  }

  /** One certain fault, whatever the others do: acts that follow requests. */
  strikeWith(id: string, matter: FaultMatter): Struck | null {
    const fault = this.faults.get(id);
    return fault !== undefined && this.hits(fault, matter) ? this.fire(fault, matter) : null;
  }

  /** Counts a firing that no match brought about: an act whose time came. Null: it is over or spent. */
  claim(id: string, matter: FaultMatter): Struck | null {
    const fault = this.faults.get(id);
    if (fault === undefined || this.stateOf(fault) !== "active") return null;
    if (fault.spec.probability < 1 && !fault.prng.chance(fault.spec.probability)) return null;
    return this.fire(fault, matter);
  }

  /** What came of a deed. */
  note(id: string, note: string | null): void {
    const fault = this.faults.get(id);
    if (fault !== undefined) fault.note = note;
  }

  /** A number of the fault's own sequence: 0 … `most`. */
  draw(id: string, most: number): number {
    const fault = this.faults.get(id);
    return fault === undefined || most <= 0 ? 0 : fault.prng.integer(0, most);
  }

  private hits(fault: Injected, matter: FaultMatter): boolean {
    const { spec } = fault;
    if (this.stateOf(fault) !== "active") return false;
    if (!meansIt(fault, matter)) return false;
    fault.matched += 1;
    if (fault.matched <= spec.after) return false;
    return spec.probability >= 1 || fault.prng.chance(spec.probability);
  }

  private fire(fault: Injected, touched: FaultMatter): Struck {
    fault.fired += 1;
    this.firings += 1;
    const { id, name } = fault;
    this.options.fired({ n: this.firings, atMs: this.options.nowMs(), id, fault: name, touched });
    return { id, name, parameters: fault.spec.parameters };
  }

  private stateOf(fault: Injected): FaultView["state"] {
    const { spec } = fault;
    const nowMs = this.options.nowMs();
    if (spec.times !== null && fault.fired >= spec.times) return "spent";
    if (nowMs >= untilOf(fault)) return "over";
    return nowMs < (spec.atMs ?? 0) ? "waiting" : "active";
  }

  private viewOf(fault: Injected): FaultView {
    const { id, sinceMs, matched, fired, note } = fault;
    return { ...fault.spec, id, sinceMs, matched, fired, note, state: this.stateOf(fault) };
  }
}

/** The filter holds, and the event is of the kind asked for. */
function meansIt({ spec, name }: Injected, matter: FaultMatter): boolean {
  const { kind } = spec.parameters;
  if (typeof kind === "string" && matter.event !== null && matter.event !== kind) return false;
  return touches(spec.filter, matter, rowOf(name));
}

const untilOf = ({ spec, sinceMs }: Injected): number =>
  spec.forMs === null ? Number.POSITIVE_INFINITY : (spec.atMs ?? sinceMs) + spec.forMs;

export const wholeOf = (struck: Struck, name: string): number => {
  const value = struck.parameters[name];
  return typeof value === "number" ? value : 0;
};
export const flagOf = (struck: Struck, name: string): boolean => struck.parameters[name] === true;
