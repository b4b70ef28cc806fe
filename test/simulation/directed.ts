// Seeds that are for one cell of the coverage (TEST-16): a short life in which the moment is brought about again and
// again, and the fault strikes whenever it is there. What chance leaves out is reached by these, in any commit.

import { CELLS, type Cell, OF_A_PLACE } from "./coverage.ts";
import { FAULT_KINDS, type FaultKind, type FaultRates, isExchangeFault } from "./faults.ts";

export interface Aim {
  readonly kind: FaultKind;
  readonly cell: Cell;
}

/** How long a directed seed lives: longer where the market has to do its part. */
export function directedLife({ cell }: Aim): { readonly durationMs: number; readonly eventsMax: number } {
  const minutes = cell === "partly filled" || cell === "monitor" ? 60 : 20;
  return { durationMs: minutes * 60_000, eventsMax: 8_000 };
}

/** Seeds from here on are directed ones: the cell and the try are in the number. */
const FIRST = 900_000_000;
const TRIES = 1_000;

/** What brings a moment about. */
const PROVOKING: { readonly [cell in Cell]?: readonly FaultKind[] } = {
  idle: ["killSwitch", "flatten"],
  cancelling: ["pause", "update", "openBreaker"],
  unknown: ["acceptThenTimeout", "timeoutNotAccepted", "serverErrorAfterAccept"],
  settling: ["acceptThenTimeout", "acceptLate", "kill", "killAtPoint"],
  paused: ["pause"],
  breaker: ["openBreaker", "accountBreaker"],
  killed: ["killSwitch"],
  draining: ["stop"],
  recovering: ["kill"],
};

/** Requests that fail so often leave the bot in the moment, and some orders in peace. */
const PER_REQUEST = 0.1;
const PER_HOUR = 60;

/** The number of the nth seed for a cell; there are a thousand. */
export function directedSeed({ kind, cell }: Aim, nth: number): number {
  return FIRST + (FAULT_KINDS.indexOf(kind) * CELLS.length + CELLS.indexOf(cell)) * TRIES + (nth % TRIES);
}

/** What a seed is for; null for those of the swarm. */
export function aimOf(seed: number): Aim | null {
  const at = Math.floor((seed - FIRST) / TRIES);
  const kind = FAULT_KINDS[Math.floor(at / CELLS.length)];
  const cell = CELLS[at % CELLS.length];
  return at < 0 || kind === undefined || cell === undefined ? null : { kind, cell };
}

/** The faults of a directed seed: what provokes its moment, and its own where only the exchange can strike with it. */
export function directedFaults({ kind, cell }: Aim): FaultRates {
  const rates = new Map<FaultKind, number>();
  const provoking = PROVOKING[cell] ?? [];
  for (const each of provoking) rates.set(each, HOURLY.has(each) || !isExchangeFault(each) ? PER_HOUR : PER_REQUEST);
  // only an order whose outcome neither reply nor stream told is looked up so soon
  if (kind === "lookupLag") for (const each of UNTOLD) rates.set(each, 0.4);
  // one that was decided in the same turn as what changed the mode: of a slow disk's turns many events are one
  if (OF_A_PLACE.has(kind)) rates.set("slowLoop", PER_HOUR);
  // the exchange asks itself about nothing while no fault has a rate
  if (isExchangeFault(kind) && !rates.has(kind)) rates.set(kind, HOURLY.has(kind) ? PER_HOUR : PER_REQUEST / 100);
  return rates;
}

const UNTOLD = ["cutReply", "serverErrorAfterAccept", "dropEvent"] as const;
const HOURLY: ReadonlySet<FaultKind> = new Set<FaultKind>(["silentStall", "maintenance"]);

/** The cells of a report as aims, `kind × cell` each. */
export function aimsOf(missing: readonly string[]): readonly Aim[] {
  const aims = FAULT_KINDS.flatMap((kind) => CELLS.map((cell) => ({ kind, cell })));
  const wanted = new Set(missing);
  return aims.filter(({ kind, cell }) => wanted.has(`${kind} × ${cell}`));
}
