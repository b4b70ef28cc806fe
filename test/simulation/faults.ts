// Every kind of fault a seed may switch on (TEST-15): those of the simulated exchange by their own names, and those
// that only the harness can do to a process, its disk, its clock, its network, or that people do.

import type { Prng } from "../../src/base/prng.ts";
import { FAULTS, type FaultName, type Faults } from "../../src/sim/fault-plan.ts";

/** What strikes the machine and its processes. Mean number an hour, least and most. */
const MACHINE_FAULTS = {
  // process
  kill: [1, 30],
  killAtPoint: [2, 60],
  freeze: [0.5, 10],
  secondCopy: [0.5, 6],
  takenOver: [0.3, 3],
  stop: [0.3, 4],
  doubleStop: [0.3, 3],
  // disk
  powerCut: [0.5, 10],
  commitFails: [0.5, 10],
  diskFull: [0.5, 6],
  readOnly: [0.3, 3],
  slowCommit: [1, 40],
  lostTail: [0.3, 3],
  flippedByte: [0.3, 3],
  oldBackup: [0.3, 3],
  // clock
  clockStepAhead: [0.5, 10],
  clockStepBack: [0.5, 10],
  clockDrift: [0.5, 4],
  sleep: [0.3, 3],
  // network of the process
  partition: [1, 20],
  deaf: [1, 20],
  mute: [1, 20],
  slowReader: [1, 15],
  connectorRestart: [1, 15],
  // the process is busy
  slowLoop: [0.5, 10],
} as const satisfies Record<string, readonly [number, number]>;

/** What the market and the exchange around it do. Mean number an hour, least and most. */
const MARKET_FAULTS = {
  stepsChanged: [0.3, 3],
  minimumChanged: [0.3, 3],
  delisting: [0.3, 3],
  tradingHalt: [0.5, 8],
  adl: [0.5, 8],
  liquidated: [0.3, 3],
  fundingMoved: [0.5, 8],
  priceSpike: [0.5, 8],
  markMoved: [0.5, 6],
  bookBroken: [1, 15],
  bookCrossed: [1, 15],
  transfer: [0.5, 6],
} as const satisfies Record<string, readonly [number, number]>;

/** What people do. Mean number an hour, least and most. */
const PEOPLE_FAULTS = {
  pause: [0.5, 10],
  killSwitch: [0.2, 3],
  update: [0.5, 10],
  limits: [0.5, 6],
  relattice: [0.3, 3],
  flatten: [0.2, 2],
  handTrade: [0.3, 4],
  handOrder: [0.5, 6],
  openBreaker: [0.5, 6],
  looserLimits: [0.5, 6],
  // the account machine, as a bot hears it
  grantChanged: [0.5, 6],
  accountBreaker: [0.5, 4],
} as const satisfies Record<string, readonly [number, number]>;

const HARNESS_FAULTS = { ...MACHINE_FAULTS, ...MARKET_FAULTS, ...PEOPLE_FAULTS };

export type MachineFault = keyof typeof MACHINE_FAULTS;
export type PeopleFault = keyof typeof PEOPLE_FAULTS;
export type MarketFault = keyof typeof MARKET_FAULTS;
export type HarnessFault = MachineFault | MarketFault | PeopleFault;
export type FaultKind = FaultName | HarnessFault;

/** Kind → rate: a probability per request or message, or a mean number an hour. */
export type FaultRates = ReadonlyMap<FaultKind, number>;

/** The harness has these itself, so that they strike at chosen moments. */
const HERE: ReadonlySet<string> = new Set(["halt", "spike", "crossedBook", "sequenceGap"]);
const EXCHANGE_KINDS = Object.keys(FAULTS).filter((name): name is FaultName => name in FAULTS && !HERE.has(name));
const HARNESS_KINDS = Object.keys(HARNESS_FAULTS).filter((name): name is HarnessFault => name in HARNESS_FAULTS);
export const FAULT_KINDS: readonly FaultKind[] = [...EXCHANGE_KINDS, ...HARNESS_KINDS];

const EXCHANGE_RATES = {
  request: [0.001, 0.1],
  message: [0.001, 0.05],
  hour: [0.5, 12],
} as const;

/** The exchange seldom gets to ask itself about these: a look-up within the half second after an acceptance. */
const RARELY_ASKED: { readonly [name in FaultName]?: readonly [number, number] } = { lookupLag: [0.1, 1] };

/** What brings rare moments about: a steered seed has them all. */
const PROVOKING: ReadonlySet<FaultKind> = new Set<FaultKind>([
  ...(["killSwitch", "stop", "pause", "kill", "partition", "deaf", "update", "openBreaker"] as const),
  ...(["acceptThenTimeout", "timeoutNotAccepted", "cancelLost", "readUnavailable"] as const),
]);

/** How the swarm is drawn: for rare moments, and so many times as often by the hour. */
export interface Swarm {
  readonly steered: boolean;
  readonly denser: number;
}

/** The swarm: each kind on with probability ½, its rate log-uniform. */
export function drawFaults(prng: Prng, { steered, denser }: Swarm): FaultRates {
  const rates = new Map<FaultKind, number>();
  for (const kind of FAULT_KINDS) {
    // both are drawn whatever the first says, so that switching one kind off leaves the others as they were
    const on = prng.chance(0.5);
    const drawn = prng.float();
    // steered: in the upper part of each range
    const at = steered ? 0.6 + 0.4 * drawn : drawn;
    const [low, high] = rangeOf(kind);
    const hourly = !isExchangeFault(kind) || FAULTS[kind] === "hour";
    const rate = low * (high / low) ** at * (hourly ? denser : 1);
    if (on || (steered && PROVOKING.has(kind))) rates.set(kind, rate);
  }
  return rates;
}

const rangeOf = (kind: FaultKind): readonly [number, number] =>
  isExchangeFault(kind) ? (RARELY_ASKED[kind] ?? EXCHANGE_RATES[FAULTS[kind]]) : HARNESS_FAULTS[kind];

export const isExchangeFault = (kind: FaultKind): kind is FaultName => kind in FAULTS;

export const isMarketFault = (kind: HarnessFault): kind is MarketFault => kind in MARKET_FAULTS;

export const isPeopleFault = (kind: HarnessFault): kind is PeopleFault => kind in PEOPLE_FAULTS;

/** The part the simulated exchange carries out itself. */
export function exchangeFaults(rates: FaultRates): Faults {
  const faults: { [name in FaultName]?: number } = {};
  for (const [kind, rate] of rates) if (isExchangeFault(kind)) faults[kind] = rate;
  return faults;
}

/** The part that is the harness's work: kind and mean number an hour. */
export function harnessFaults(rates: FaultRates): readonly (readonly [HarnessFault, number])[] {
  const faults: [HarnessFault, number][] = [];
  for (const [kind, rate] of rates) if (!isExchangeFault(kind)) faults.push([kind, rate]);
  return faults;
}
