// What is done to the real processes: killed at a point, at random, cut from the power, killed again while they
// recover, frozen, doubled. Each ordeal ends with all well again, and a row of what the witness found.

import type { CrashPoint } from "../../../src/base/crash-point.ts";
import { Prng } from "../../../src/base/prng.ts";
import { BotServiceDefinition } from "../../../src/rpc/generated/opensqt/market_maker/v1/bot.ts";
import type { Row } from "../ordeal.ts";
import { NotInTime, pass, until } from "../victim.ts";
import type { App } from "./app.ts";
import { type Death, HIT_MS } from "./death.ts";
import { killedAt } from "./kill-switch.ts";
import { BOT, botText } from "./system-config.ts";
import { AGAIN, type SystemReach } from "./system-points.ts";
import type { SystemStage } from "./system-stage.ts";

/** Who dies at a point of the market-maker. */
export type Victim = "market-maker" | "connector" | "both";
/**
 * What makes it worse: nothing; what was not synced is lost (or the database dies too); dead again in recovery; answers
 * and events of the exchange get lost meanwhile (EMU-42).
 */
export type Worse = "plain" | "power" | "again" | "foul";

export interface SystemRow extends Row {
  readonly point: string;
  readonly victim: Victim;
  readonly worse: Worse;
  readonly store: string;
  readonly protocol: string;
  /** Recovery is judged by DUR-50: a market-maker was started, and nothing disturbed it. */
  readonly timed: boolean;
}

const FILLS = 2;
const STARTS_MAX = 5;
/** What an exchange lets be asked in a minute is enough for so many starts; more would wait for their turn. */
const STARTS_A_MINUTE = 5;
const MINUTE_MS = 60_000;

export class SystemOrdeals {
  readonly stage: SystemStage;
  private readonly rows: SystemRow[];
  private readonly prng: Prng;
  private orderQuote = 600;

  constructor(stage: SystemStage, rows: SystemRow[]) {
    this.stage = stage;
    this.rows = rows;
    this.prng = new Prng(`${stage.options.seed}/ordeals`);
  }

  /** Waits until a minute has room for one more start, which every death brings. */
  private async paced(): Promise<void> {
    if (this.stage.isSimulated) return;
    const nth = this.stage.startedAtMs.at(-STARTS_A_MINUTE);
    await pass(nth === undefined ? 0 : Math.max(0, nth + MINUTE_MS - performance.now()));
  }

  /** Dead at the point, worse as told, well again. Errors: NotInTime when the point is not passed. */
  async diesAt(point: CrashPoint, reach: SystemReach, how: { readonly victim: Victim; readonly worse: Worse }) {
    const { victim, worse } = how;
    await this.paced();
    if (worse === "foul") await this.stage.weather(true);
    await this.reached(point, reach, victim);
    const note = worse === "plain" || worse === "foul" ? "" : await this.made(worse);
    await this.recovers({ point, note, ...how }, reach.way !== "killing");
  }

  async randomKill(victim: Victim): Promise<void> {
    await this.paced();
    const afterMs = this.prng.integer(0, 1_500);
    await pass(afterMs);
    const { stage } = this;
    if (victim !== "connector") stage.living("engine").signal("SIGKILL");
    if (victim !== "market-maker") stage.living("connector").signal("SIGKILL");
    if (victim !== "connector") await stage.living("engine").exit;
    if (victim !== "market-maker") await stage.living("connector").exit;
    await this.recovers({ point: "random", note: `after ${afterMs} ms`, victim, worse: "plain" });
  }

  /** All well, some trading, and the judgement. `trades`: the bot goes on; else it is killed for good by its switch. */
  async recovers(
    told: { readonly point: string; readonly note?: string; readonly victim: Victim; readonly worse: Worse },
    trades = true,
  ): Promise<void> {
    const recoveryMs = trades ? await this.stage.recover() : await this.stage.recoverKilled();
    if (trades) await this.stage.trade(FILLS);
    if (told.worse === "foul") await this.stage.weather(false);
    await this.judged({ ...told, recoveryMs });
  }

  async judged(
    told: {
      readonly point: string;
      readonly note?: string;
      readonly victim: Victim;
      readonly worse: Worse;
      readonly recoveryMs: number;
    },
    whole = false,
  ): Promise<void> {
    const { mode, store, protocol } = this.stage.options;
    const verdict = await this.stage.judge(whole);
    const { note = "", recoveryMs, ...how } = told;
    this.rows.push({
      ...how,
      ...verdict,
      what: `${how.point}${note === "" ? "" : ` (${note})`}`,
      mode,
      store,
      protocol,
      recoveryMs: Math.round(recoveryMs),
      timed: recoveryMs > 0 && how.victim === "market-maker" && how.worse !== "foul",
    });
  }

  private async reached(point: CrashPoint, reach: SystemReach, victim: Victim): Promise<void> {
    const { stage } = this;
    const nth = this.prng.integer(1, reach.nthMax);
    switch (reach.way) {
      case "trading":
        await this.passed(stage.living("engine"), this.deathAt(point, nth, victim));
        return;
      case "connector": {
        const pids = victim === "both" ? [stage.living("engine").pid, 0] : [0];
        await this.passed(stage.living("connector"), { point, nth, pids });
        return;
      }
      case "stopping": {
        await this.stopTo(point, nth, victim);
        return;
      }
      case "reconfigured": {
        const engine = stage.living("engine");
        const death = this.deathAt(point, nth, victim);
        await engine.die(death);
        await this.reconfigure();
        await this.hit(engine, death);
        return;
      }
      case "killing": {
        const death = this.deathAt(point, nth, victim);
        await killedAt(stage, death, () => this.hit(stage.living("engine"), death));
        return;
      }
      case "starting":
        await this.startTo({ point, nth }, victim, () => stage.living("engine").kill());
        return;
      case "settling":
        await this.startTo({ point, nth }, victim, () =>
          this.passed(stage.living("engine"), this.deathAt("send.after-write", 1, "market-maker")),
        );
        return;
    }
  }

  /** A market-maker's death, with the connector before it or in its place. */
  private deathAt(point: CrashPoint, nth: number, victim: Victim): Death {
    if (this.stage.isSimulated) return { point, nth, pids: [0] };
    const { pid } = this.stage.living("connector");
    return { point, nth, pids: victim === "both" ? [pid, 0] : victim === "connector" ? [pid] : [0] };
  }

  private async passed(app: App, death: Death): Promise<void> {
    await app.die(death);
    await this.hit(app, death);
  }

  /** Passed, and everybody who dies there is dead. */
  private async hit(app: App, { point, pids }: Death): Promise<void> {
    const { engine, connector } = this.stage;
    await until(`${point} is passed`, HIT_MS, () => {
      if (app.passed || app.ended?.signal === "SIGKILL") return true;
      if (app.ended !== null) throw new NotInTime(`${point}: it ended: ${JSON.stringify(app.ended)}`);
      return undefined;
    }).catch((error: unknown) => {
      throw new NotInTime(`${String(error)}\n${app.lastWords()}`);
    });
    for (const each of [engine, connector]) {
      if (each !== null && (pids.includes(each.pid) || (each === app && pids.includes(0)))) {
        await each.gone(`the end of process ${each.pid}`, HIT_MS);
      }
    }
  }

  /** A stop may be over before the point, when its cancels are told by the stream first: then another is made. */
  private async stopTo(point: CrashPoint, nth: number, victim: Victim): Promise<void> {
    const { stage } = this;
    for (let i = 0; i < STARTS_MAX; i += 1) {
      const engine = stage.living("engine");
      const death = this.deathAt(point, nth, victim);
      await engine.die(death);
      engine.signal("SIGTERM");
      const over = await until("passed or stopped", HIT_MS, () =>
        engine.passed || engine.ended !== null ? { code: engine.ended?.code ?? null } : undefined,
      );
      if (engine.passed || over.code === null) {
        await this.hit(engine, death);
        // where only its connector died, its stop ends by itself
        await engine.gone("the end of its stop", HIT_MS);
        return;
      }
      await stage.recover();
      await stage.trade(FILLS);
    }
    throw new NotInTime(`${point} was not passed in ${STARTS_MAX} stops: ${stage.engine?.lastWords() ?? ""}`);
  }

  /** A start may find nothing to do at the point: then another is made. */
  private async startTo(
    { point, nth }: { readonly point: CrashPoint; readonly nth: number },
    victim: Victim,
    kill: () => Promise<unknown>,
  ): Promise<void> {
    const { stage } = this;
    for (let i = 0; i < STARTS_MAX; i += 1) {
      await kill();
      const death = this.deathAt(point, nth, victim);
      const died = await this.diedStarting(stage.start("engine", { death }), death);
      if (died) return;
      await stage.recover();
      await stage.trade(FILLS);
    }
    throw new NotInTime(`${point}@${nth} was not passed in ${STARTS_MAX} starts: ${stage.engine?.lastWords() ?? ""}`);
  }

  /** False: it recovered first. */
  private diedStarting(engine: App, { pids }: Death): Promise<boolean> {
    const { connector } = this.stage;
    let recoveredBefore = false;
    return until("dead or recovered", HIT_MS, () => {
      const isOver = (each: App | null): boolean => each === null || each.ended !== null;
      if (engine.passed || engine.ended?.signal === "SIGKILL") {
        // all who die there do it in one moment, and are told of one by one
        const isDone =
          (!pids.includes(0) || isOver(engine)) && (!pids.includes(connector?.pid ?? -1) || isOver(connector));
        return isDone ? true : undefined;
      }
      if (engine.ended !== null)
        throw new NotInTime(`it ended: ${JSON.stringify(engine.ended)}\n${engine.lastWords()}`);
      // what it said of the point was said before it recovered, and has been heard by the next look
      if (recoveredBefore) return false;
      this.stage.look();
      recoveredBefore = this.stage.hasRecovered;
      return undefined;
    });
  }

  private async made(worse: "power" | "again"): Promise<string> {
    const { stage } = this;
    const engineRuns = stage.engine !== null && stage.engine.ended === null;
    if (engineRuns) await stage.engine?.kill();
    if (worse === "power") return await stage.powerCut();
    if (stage.connector?.ended != null) await stage.startConnector();
    const point = AGAIN[this.prng.integer(0, AGAIN.length - 1)] ?? AGAIN[0];
    const death: Death = { point, nth: 1, pids: [0] };
    const engine = stage.start("engine", { death });
    const died = await this.diedStarting(engine, death);
    if (!died) await engine.kill();
    return `${died ? point : "killed"} again`;
  }

  private async reconfigure(): Promise<void> {
    const { stage } = this;
    const { protocol, mode } = stage.options;
    this.orderQuote = this.orderQuote === 600 ? 660 : 600;
    const bots = stage.client("engine").client(BotServiceDefinition);
    const { bot } = await bots.getBot({ botId: BOT });
    const config = botText(protocol, mode, String(this.orderQuote));
    const call = { botId: BOT, config, revision: bot?.revision ?? 0, reason: "the crash test", dryRun: false };
    const answer = await bots.updateBot(call).catch(() => null); // it dies before it answers
    if (answer !== null && answer.errors.length > 0) throw new NotInTime(JSON.stringify(answer.errors));
  }
}
