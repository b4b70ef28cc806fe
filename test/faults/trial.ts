// One fault while the grid trades: injected, healed, and both sides compared. Tells when it was noticed
// and when all was well again. Test code only.

import { type Differences, differ, differences } from "./sides.ts";
import { type GivenFault, pause, type Sign, Town, type TownOptions, until } from "./town.ts";
import type { TownMarket } from "./town-market.ts";

export interface Trial {
  /** Name of the row; the fault's own where there is one of it. */
  readonly name: string;
  readonly faults: readonly GivenFault[];
  /** How long the market goes on under it before anybody may be well; 4 s unless given. */
  readonly tradeMs?: number;
  /** Money from outside, units of 10^-18 USDT. */
  readonly movedIn?: bigint;
  /** What is rightly told until somebody looks: words of it. */
  readonly stays?: readonly string[];
  /** Code of the alert with which the bot stops by itself: then no order of it may be left, instead of trading on. */
  readonly stops?: string;
  /** The two sides rightly differ afterwards: something happened that is not the bot's. */
  readonly differs?: boolean;
  readonly town?: Partial<TownOptions>;
  /** Before it: what else must be so. */
  readonly first?: (town: Town) => Promise<void> | void;
  /** What must have been said or be so afterwards. */
  readonly afterwards?: (town: Town, seen: TrialSeen) => Promise<void> | void;
}

export interface TrialSeen {
  readonly name: string;
  readonly fired: number;
  /** From the first firing to the first sign of it; null: nothing had to be noticed. */
  readonly noticedMs: number | null;
  readonly noticedBy: string;
  /** From the first firing until both sides were equal again; 0: they never differed for longer than a request lasts. */
  readonly equalMs: number;
  /** Until every stream was fresh and nothing was blocked or unknown, too. */
  readonly healedMs: number;
  readonly differences: Differences;
  readonly signs: readonly Sign[];
  readonly fills: number;
}

const LOOK_MS = 25;
/** A difference that is over so soon is an order or a fill on its way. */
const ON_ITS_WAY_MS = 400;
const HEAL_MS = 90_000;
/** For what is told from what never comes: a machine that others use too may be late with everything. */
export const PATIENCE_MS = 60_000;

/** The sides differ, or one of them does not know. */
const UNEQUAL = /^(?:duplicate|position|money|unknown)| (?:only (?:in|at)|not booked|booked too many)/;
const MARKET = /^(?:book|trades|funding) |^block feed-(?:book|funding)/;
/** What is told on good days too. */
const USUAL = / (?:live|fresh)\b|^connector serving|-5022|would immediately match|start-warning/;

/** What is not well, by its words, and since when. */
class Watcher {
  firedAtMs: number | null = null;
  lastIllMs: number | null = null;
  lastUnequalMs: number | null = null;
  ill: readonly string[] = [];
  private readonly since = new Map<string, number>();

  look(town: Town, { movedIn = 0n, stays = [], differs = false }: Trial, ids: readonly string[]): void {
    const nowMs = Date.now();
    if (this.firedAtMs === null && ids.some((id) => (town.gate.desk.view(id)?.fired ?? 0) > 0)) this.firedAtMs = nowMs;
    const now = new Set(
      illness(town, differs ? null : movedIn).filter((each) => !stays.some((word) => each.includes(word))),
    );
    for (const what of this.since.keys()) if (!now.has(what)) this.since.delete(what);
    for (const what of now) if (!this.since.has(what)) this.since.set(what, nowMs);
    this.ill = [...this.since].filter(([, sinceMs]) => nowMs - sinceMs > ON_ITS_WAY_MS).map(([what]) => what);
    if (this.ill.length > 0) this.lastIllMs = nowMs;
    if (this.ill.some((what) => UNEQUAL.test(what))) this.lastUnequalMs = nowMs;
  }
}

/** `movedIn` null: the sides may differ. */
export function illness(town: Town, movedIn: bigint | null): readonly string[] {
  const { state } = town.host;
  const unknown = [...state.orders.values()].filter(({ place }) => place === "unknown");
  const down = [...town.health.values()].filter((each) => each.state !== "live");
  // a market that rests has no trades, and may send no books
  const quiet = (what: string): boolean => town.isResting && MARKET.test(what);
  return [
    ...(movedIn === null ? [] : differ(differences(town, movedIn))),
    ...unknown.map(({ clientOrderId }) => `unknown ${clientOrderId}`),
    ...[...state.blocks].map(([name, { reason }]) => `block ${name} ${reason}`),
    ...down.map(({ subject, state: how }) => `${subject} ${how}`),
  ].filter((what) => !quiet(what));
}

/** Opens a town, lets the grid trade, puts the faults in force and waits until all is well again. */
export async function tryFault(trial: Trial, at: TownMarket, seed = "1"): Promise<TrialSeen> {
  const town = await Town.open({ seed: `${seed}/${trial.name}`, at, ...trial.town });
  try {
    return await under(town, trial);
  } finally {
    await town.close();
  }
}

async function under(town: Town, trial: Trial): Promise<TrialSeen> {
  const { tradeMs = 4_000 } = trial;
  await until("all is well before the fault", PATIENCE_MS, () => illness(town, 0n).length === 0);
  await trial.first?.(town);
  const from = town.signs.length;
  const ids = trial.faults.map((fault) => town.inject(fault));
  const watcher = new Watcher();
  const look = (): void => watcher.look(town, trial, ids);
  const looking = setInterval(look, LOOK_MS);
  try {
    await until(`${trial.name} strikes`, PATIENCE_MS, () => watcher.firedAtMs !== null);
    const idle = ids.map((id) => town.gate.desk.view(id)?.note ?? null).find((note) => note !== null);
    // what an exchange without notices says of itself is no deed that was not done
    if (idle !== undefined && idle !== "the exchange gives no notice") throw new Error(`${trial.name}: ${idle}`);
    await pause(tradeMs);
    await until(`${trial.name} is over`, HEAL_MS, () => isOver(town, ids));
    await wellAgain(town, watcher, trial);
    const fills = town.host.state.ledger.fills;
    if (trial.stops !== undefined) await stopped(town, trial, trial.stops);
    else {
      const trades = (): boolean => town.host.state.ledger.fills > fills;
      await until("the grid trades on", PATIENCE_MS, trades).catch((error: unknown) => {
        throw new Error(`${trial.name}: ${String(error)}\n${town.story()}`);
      });
    }
    town.market.calm();
    await wellAgain(town, watcher, trial);
    const last = await lasting(town, trial.movedIn);
    const seen = told(town, trial, { watcher, from, ids, last });
    await trial.afterwards?.(town, seen);
    return seen;
  } finally {
    clearInterval(looking);
  }
}

/** It told why, and nothing of it is left on the exchange. */
async function stopped(town: Town, { name }: Trial, code: string): Promise<void> {
  const safe = (): boolean => town.alerts.some((alert) => alert.code === code) && town.ownOrders().length === 0;
  await until(`${name} stops the bot by ${code}`, PATIENCE_MS, safe).catch((error: unknown) => {
    throw new Error(`${String(error)}\nopen: ${town.ownOrders().join(" ")}\n${town.story()}`);
  });
}

/** Nothing has been wrong for a second; what still is, is told by the comparison. */
async function wellAgain(town: Town, watcher: Watcher, trial: Trial): Promise<void> {
  const sinceMs = Date.now();
  const isWell = (): boolean => Date.now() - Math.max(sinceMs, watcher.lastIllMs ?? 0) > 1_000;
  await until("all is well", HEAL_MS, isWell).catch((error: unknown) => {
    throw new Error(`${trial.name}: ${String(error)}\nill: ${watcher.ill.join("; ")}\n${town.story()}`);
  });
}

/** The comparison; what is on its way at one look is not at the next. */
async function lasting(town: Town, movedIn: bigint | undefined): Promise<Differences> {
  for (let look = 1; ; look += 1) {
    const now = differences(town, movedIn);
    if (look === 20 || differ(now).length === 0) return now;
    await pause(100);
  }
}

function isOver(town: Town, ids: readonly string[]): boolean {
  return ids.every((id) => {
    const state = town.gate.desk.view(id)?.state;
    return state === "spent" || state === "over" || state === undefined;
  });
}

function told(
  town: Town,
  trial: Trial,
  about: {
    readonly watcher: Watcher;
    readonly from: number;
    readonly ids: readonly string[];
    readonly last: Differences;
  },
): TrialSeen {
  const { watcher, from, ids, last } = about;
  const firedAtMs = watcher.firedAtMs ?? Date.now();
  const signs = town.signs.slice(from);
  const usual = trial.name.startsWith("postOnlyReject") ? /live:/ : USUAL;
  const first = signs.find(({ atMs, what }) => atMs >= firedAtMs - 2 * LOOK_MS && !usual.test(what));
  const since = (atMs: number | null): number => (atMs === null ? 0 : Math.max(0, atMs - firedAtMs));
  return {
    name: trial.name,
    fired: ids.reduce((sum, id) => sum + (town.gate.desk.view(id)?.fired ?? 0), 0),
    noticedMs: first === undefined ? null : Math.max(0, first.atMs - firedAtMs),
    noticedBy: first?.what ?? "",
    equalMs: since(watcher.lastUnequalMs),
    healedMs: since(watcher.lastIllMs),
    differences: last,
    signs,
    fills: town.host.state.ledger.fills,
  };
}
