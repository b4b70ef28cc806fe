// One seed from beginning to end (TEST-13): two virtual hours or 20,000 events under faults, then the healing, then the
// verdict. The same scenario gives the same trace hash (TEST-11).

import { productionEngine } from "../../src/host/engine.ts";
import { replayJournal } from "../../src/host/replay-journal.ts";
import { JournalError } from "../../src/journal/errors.ts";
import { openMemoryJournal } from "../../src/journal/memory.ts";
import type { FaultName } from "../../src/sim/fault-plan.ts";
import type { StrategyContext } from "../../src/strategy/contract.ts";
import type { GridConfig } from "../../src/strategy/grid/config.ts";
import { gridStrategy } from "../../src/strategy/grid/grid.ts";
import type { GridState } from "../../src/strategy/grid/state.ts";
import type { Ending } from "./checkers/checker.ts";
import type { Decisions } from "./decisions.ts";
import type { HarnessFault } from "./faults.ts";
import { Hands } from "./hands.ts";
import { People } from "./people.ts";
import type { Wraps } from "./process.ts";
import { isQuiet } from "./quiet.ts";
import type { Scenario } from "./scenario.ts";
import { START_MS, TAG, type Violation, World } from "./world.ts";

export interface Verdict {
  readonly scenario: Scenario;
  readonly violations: readonly Violation[];
  readonly log: readonly string[];
  readonly hash: string;
  readonly virtualMs: number;
  readonly events: number;
  readonly fills: number;
  readonly placed: number;
  readonly latched: string | null;
  readonly exchangeFaults: ReadonlyMap<FaultName, number>;
  readonly harnessFaults: ReadonlyMap<HarnessFault, number>;
  readonly coverage: ReadonlyMap<string, number>;
  readonly points: ReadonlyMap<string, number>;
  readonly ends: ReadonlyMap<string, number>;
  /** What chance decided, so that the run can be had again without dice. */
  readonly decisions: Decisions;
}

export interface Options {
  /** Breakages put in, for sabotage. */
  readonly wraps?: Wraps;
  /** The one checker that is listened to; all when null. */
  readonly only?: string | null;
  /** Strikes and hits of an earlier run, instead of dice. */
  readonly decisions?: Decisions | null;
}

const HEALING_MS = 120_000;
/** Within the healing: when people give everything back, and when the market comes to rest. */
const PEOPLE_MS = 40_000;
const REST_MS = 95_000;
/** When the process is killed once more, with every fault over: what recovery takes is then its own. */
const LAST_KILL_MS = 65_000;

export function simulate(scenario: Scenario, options: Options = {}): Verdict {
  const { wraps = {}, only = null, decisions = null } = options;
  const world = new World(scenario, wraps, only);
  everySecond(world);
  meetExchange(world);
  const people = new People(world);
  const hands = new Hands(world, people, decisions);
  try {
    hands.begin();
    world.start();
    world.run(START_MS + scenario.durationMs, () => world.journal.events >= scenario.eventsMax);
    if (world.violations.length === 0) heal(world, hands, people);
    if (world.violations.length === 0) judge(world, people);
  } catch (error) {
    world.report("harness", error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
  try {
    return verdictOf(world, hands);
  } finally {
    world.close();
  }
}

/**
 * The exchange begins with its market's first row, and goes ahead of the clock up to the next wake, a second at most:
 * who acts at the beginning, or out of turn as the healing does, waits until the clock is there too. What was asked
 * before would arrive in what is past already.
 */
function meetExchange(world: World): void {
  world.run(Math.max(world.nowMs(), Math.ceil(world.exchange.nowUs() / 1000)));
}

function everySecond(world: World): void {
  world.after(1_000, () => everySecond(world));
}

function heal(world: World, hands: Hands, people: People): void {
  meetExchange(world);
  world.note("healing");
  world.healing = true;
  hands.end();
  world.exchange.faults.change({});
  world.after(500, () => world.start());
  // engine time may be ahead of a clock that was set right: it has to catch up first
  const aheadMs = Math.max(0, world.journal.shadow.nowMs - world.nowMs());
  const from = world.nowMs() + aheadMs;
  world.after(aheadMs + PEOPLE_MS, () => people.settle());
  if (world.prng.chance(0.5)) world.after(aheadMs + LAST_KILL_MS, () => world.kill());
  world.market.restsFromUs = (from + REST_MS) * 1000;
  world.run(from + HEALING_MS);
  // an answer may be under way just then: what settles by itself within moments is settled
  world.run(world.nowMs() + 15_000, () => isQuiet(world));
}

function judge(world: World, people: People): void {
  const ending: Ending = {
    exchangePosition: world.exchangePosition(),
    cashChange: world.cashChange(),
    cashByHand: people.cash(),
    latched: latchedOf(world),
    verify: () => verify(world),
  };
  world.finish((checker) => checker.atEnd?.(ending));
}

/** The chain whole, and the production replay in agreement with the process that still runs. */
function verify(world: World): string | null {
  const live = world.main?.host;
  if (world.refused) return chainOf(world);
  if (live == null || !world.alive) return "no process runs after the healing";
  const hash =
    live.state.seq === world.journal.shadow.seq
      ? null
      : `the process is at event ${live.state.seq}, the journal at ${world.journal.shadow.seq}`;
  if (hash !== null) return hash;
  if (productionEngine.encode(live.state) !== productionEngine.encode(world.journal.shadow))
    return "the replayed state is not the live one";
  return chainOf(world);
}

function chainOf(world: World): string | null {
  world.kill();
  world.disk.processDied();
  try {
    const journal = openMemoryJournal(world.disk, { bot: "sim", tag: TAG });
    journal.verify(0);
    if (world.scenario.seed % 10 === 0)
      replayJournal(journal, { engine: productionEngine, fromSeq: 1, toSeq: Number.POSITIVE_INFINITY });
    return null;
  } catch (error) {
    return error instanceof JournalError ? error.message : String(error);
  }
}

/** Why the bot may stand still; null when it should be quoting. */
export function latchedOf(world: World): string | null {
  const { shadow } = world.journal;
  if (shadow.kill.phase !== "off") return "killed";
  // a start that hangs is no reason; one that the safety check refused is
  if (shadow.phase !== "running") return world.refused ? "refused" : null;
  if (shadow.closer !== null) return "closing";
  for (const name of shadow.blocks.keys()) return name;
  const { instrument, config, limits } = shadow;
  if (config === null || instrument === null || limits === null) return "not configured";
  const context: StrategyContext = {
    nowMs: shadow.nowMs,
    seq: shadow.seq,
    instrument,
    position: shadow.ledger.position,
    priceBandBps: limits.priceBandBps,
    priceBandFarBps: limits.priceBandFarBps,
    openOrdersLimit: limits.openOrdersMax,
  };
  const view = gridStrategy.view(config.strategyConfig as GridConfig, context, shadow.strategy as GridState);
  if (view.phase !== "running") return `grid ${view.phase}`;
  const [gate] = view.gates;
  if (gate !== undefined) return gate;
  // a slot with an order out is no reason to have none
  const waiting = view.ladder.filter(({ clientOrderId, note }) => clientOrderId === null && note !== "");
  const notes = [...new Set(waiting.map(({ note }) => note))];
  return notes.length > 0 ? notes.join(" ") : null;
}

function verdictOf(world: World, hands: Hands): Verdict {
  return {
    scenario: world.scenario,
    violations: world.violations,
    log: world.log,
    hash: world.traceHash(),
    virtualMs: world.nowMs() - START_MS,
    events: world.journal.events,
    fills: world.tape.fills.size,
    placed: world.journal.places.size,
    latched: latchedOf(world),
    exchangeFaults: world.exchange.faults.counts,
    harnessFaults: hands.fired,
    coverage: hands.coverage,
    points: world.pointsHit,
    ends: world.ends,
    decisions: { strikes: hands.strikes, hits: hands.hits, hours: hands.hours },
  };
}
