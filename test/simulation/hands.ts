// When what strikes: the swarm's dice, or the decisions of an earlier run. Half of the strikes wait for a moment of
// their own (an order being placed, a recovery, a pause), so that rare moments are struck too (TEST-16).

import { Prng } from "../../src/base/prng.ts";
import { CELLS, type Cell, cellsOf } from "./coverage.ts";
import { type Decisions, decideExchange, type Hit, type Strike } from "./decisions.ts";
import {
  type FaultKind,
  type HarnessFault,
  harnessFaults,
  isExchangeFault,
  isMarketFault,
  isPeopleFault,
} from "./faults.ts";
import { MarketStrikes } from "./market-strikes.ts";
import type { People } from "./people.ts";
import { Strikes } from "./strikes.ts";
import type { World } from "./world.ts";

/** What is over as soon as it happened, and what people do: a recovery after it takes no longer. */
const SHORT: ReadonlySet<HarnessFault> = new Set<HarnessFault>([
  "kill",
  "killAtPoint",
  "powerCut",
  "stop",
  "doubleStop",
]);

/** How long a strike waits for its moment, µs. */
const PATIENCE_US = 300_000_000;
const PATIENCE_STEERED_US = 3_600_000_000;
/** A directed fault strikes again after so long, or at so many of the exchange's questions. */
const DIRECTED_EVERY_MS = 20_000;
const DIRECTED_CHANCE = 0.3;
/** Aimed strikes of one moment: more would hide one another. */
const AT_ONCE = 8;
/** What ends the process goes last, so that what strikes with it still finds it alive. */
const ENDING: ReadonlySet<HarnessFault> = new Set<HarnessFault>(["kill", "powerCut", "takenOver", "freeze", "sleep"]);

interface Waiting {
  readonly kind: HarnessFault;
  readonly cell: Cell;
  readonly untilUs: number;
}

export class Hands {
  readonly fired = new Map<HarnessFault, number>();
  /** Fault × what the bot's orders were doing, fault × mode (TEST-16). */
  readonly coverage = new Map<string, number>();
  readonly strikes: Strike[] = [];
  readonly hits: Hit[] = [];
  readonly hours: Hit[] = [];
  private readonly world: World;
  private readonly people: People;
  private readonly machine: Strikes;
  private readonly market: MarketStrikes;
  private readonly given: Decisions | null;
  private aims: Waiting[] = [];
  private lookedAt = -1;
  private over = false;

  /** `given`: strikes and hits of an earlier run, instead of dice. */
  constructor(world: World, people: People, given: Decisions | null = null) {
    this.world = world;
    this.people = people;
    this.given = given;
    const restart = (why: string): void => this.restart(why);
    this.machine = new Strikes(world, { over: () => this.over, restart });
    this.market = new MarketStrikes(world, () => this.over);
    world.onGone = restart;
    world.onStarted = () => {
      people.tellGrant();
      people.tellAccount();
    };
    world.onLook = () => this.look();
    const dice = new Prng(`directed/${world.scenario.seed}`);
    const { aim } = world.scenario;
    decideExchange(world.exchange, given, {
      wanted: (fault) =>
        fault === aim?.kind && !this.over && world.alive && this.moment(aim.cell) && dice.chance(DIRECTED_CHANCE),
      onHit: (hit) => {
        this.hits.push(hit);
        this.cover(hit.fault);
      },
      onHour: (hit) => {
        this.hours.push(hit);
        this.cover(hit.fault);
      },
    });
  }

  /** A directed seed: its fault strikes when its moment is seen, and again a while later. */
  private direct({ kind, cell }: { readonly kind: HarnessFault; readonly cell: Cell }): void {
    if (this.over) return;
    const waits = this.given !== null || this.aims.some((aim) => aim.kind === kind);
    if (!waits) this.aims.push({ kind, cell, untilUs: Number.POSITIVE_INFINITY });
    this.world.after(DIRECTED_EVERY_MS, () => this.direct({ kind, cell }));
  }

  /** Begins the swarm: every kind draws when it strikes next. */
  begin(): void {
    const { scenario } = this.world;
    if (scenario.points !== undefined) this.machine.armPoint();
    this.people.attend(() => !this.over);
    const { aim } = scenario;
    // with a script they strike with nothing, and wake as they did: so far the exchange looks ahead
    if (aim !== undefined && !isExchangeFault(aim.kind)) this.direct({ kind: aim.kind, cell: aim.cell });
    for (const [kind, perHour] of harnessFaults(scenario.faults)) {
      this.next(kind, perHour, new Prng(`next/${scenario.seed}/${kind}`));
    }
    if (this.given !== null) this.world.script.play(this.given.strikes, (strike) => this.fire(strike));
  }

  /** Nothing new strikes; what lasts is ended. */
  end(): void {
    this.over = true;
    this.aims = [];
    const { world } = this;
    world.armedPoint = null;
    world.disk.fault = () => null;
    world.commitUs = () => 0;
    world.network.in = "open";
    world.network.out = "open";
    world.network.lateUs = 0;
    world.machine.correct();
    this.market.end();
    for (const process of [world.main, ...world.copies]) process?.unfreeze();
  }

  private next(kind: HarnessFault, perHour: number, prng: Prng): void {
    const waitMs = Math.max(1_000, prng.exponential(3_600_000 / perHour));
    const { steered, aim } = this.world.scenario;
    const aimed = prng.chance(aim !== undefined ? 0 : steered ? 0.95 : 0.6);
    const cells = CELLS.filter((cell) => !this.coverage.has(`${kind} × ${cell}`));
    const cell = cells[prng.integer(0, Math.max(0, cells.length - 1))] ?? null;
    this.world.after(waitMs, () => {
      if (this.over) return;
      const { clock } = this.world;
      const patienceUs = steered ? PATIENCE_STEERED_US : PATIENCE_US;
      const waiting = this.aims.some((aim) => aim.kind === kind && aim.cell === cell);
      const waits = aimed && cell !== null && !waiting;
      if (this.given === null && waits) this.aims.push({ kind, cell, untilUs: clock.nowUs() + patienceUs });
      else if (this.given === null) this.draw(kind, { alone: false });
      this.next(kind, perHour, prng);
    });
  }

  /** Strikes whose moment has come, or that waited long enough. */
  private look(): void {
    const { world } = this;
    if (this.aims.length === 0 || world.journal.events === this.lookedAt || !world.alive) return;
    this.lookedAt = world.journal.events;
    const cells = cellsOf(world.journal.shadow);
    const nowUs = world.clock.nowUs();
    const ripe = this.aims.filter(({ cell, untilUs }) => cells.has(cell) || untilUs <= nowUs);
    if (ripe.length === 0) return;
    const due = [...ripe.filter(({ kind }) => !ENDING.has(kind)), ...ripe.filter(({ kind }) => ENDING.has(kind))];
    due.length = Math.min(due.length, AT_ONCE);
    this.aims = this.aims.filter((aim) => !due.includes(aim));
    // not in the middle of what the process is doing: there only crash points are
    for (const { kind } of due) world.clock.atUs(nowUs, () => this.draw(kind, { alone: true }));
  }

  private draw(kind: HarnessFault, { alone }: Pick<Strike, "alone">): void {
    const { clock, scenario, script } = this.world;
    const dice = `strike/${scenario.seed}/${kind}/${this.fired.get(kind) ?? 0}`;
    this.fire({ atUs: clock.nowUs(), after: script.wokenNow, alone, kind, dice });
  }

  private fire(strike: Strike): void {
    const { world } = this;
    const { kind, dice } = strike;
    if (this.over) return;
    this.fired.set(kind, (this.fired.get(kind) ?? 0) + 1);
    this.strikes.push(strike);
    this.cover(kind);
    world.note(`fault ${kind}`);
    if (!SHORT.has(kind)) world.disturbed(300_000);
    world.throwing(new Prng(dice), () => {
      if (isPeopleFault(kind)) this.people.act(kind);
      else if (isMarketFault(kind)) this.market.strike(kind);
      else this.machine.strike(kind);
    });
  }

  private moment(cell: Cell): boolean {
    return cellsOf(this.world.journal.shadow).has(cell);
  }

  private cover(kind: FaultKind): void {
    const { world } = this;
    if (this.over || !world.alive) return;
    for (const cell of cellsOf(world.journal.shadow)) {
      const name = `${kind} × ${cell}`;
      this.coverage.set(name, (this.coverage.get(name) ?? 0) + 1);
    }
  }

  private restart(why: string): void {
    const { world } = this;
    const prng = new Prng(`restart/${world.scenario.seed}/${world.processes}`);
    // what the safety check refused is not started again at once: somebody reads why first
    const refused = why === "SAFETY_REFUSED";
    const drawn = prng.pick([50, 400, 2_000, 20_000]) * (0.5 + prng.float());
    const waitMs = refused ? (world.healing ? 5_000 : 300_000) : world.healing ? 200 : drawn;
    world.after(waitMs, () => world.start());
    world.note(`the bot is gone (${why}); back in ${Math.round(waitMs)} ms`);
  }
}
