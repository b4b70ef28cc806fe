// What is done to a bot: killed at a point, at random, again and again, frozen, doubled, cut from the power. Each
// ordeal ends with the bot recovered, and a row of what the witness found.

import type { CrashPoint } from "../../src/base/crash-point.ts";
import { Prng } from "../../src/base/prng.ts";
import type { Passage } from "./bot-process.ts";
import type { Reach } from "./points.ts";
import { cutPower } from "./power-cut.ts";
import type { Stage, Verdict } from "./stage.ts";
import type { Exit } from "./victim.ts";
import { NotInTime, pass, until } from "./victim.ts";

/** One line of the table. */
export interface Row extends Verdict {
  readonly what: string;
  readonly mode: string;
  readonly recoveryMs: number;
}

/** Longest time to the passage of a point that is armed. */
const HIT_MS = 120_000;
/** Fills between two ordeals, so that the next finds a bot in the middle of things. */
const FILLS = 3;
/** Restarts by nothing but kills. */
const IN_A_ROW = 20;
/** Starts, or stops, made to reach a point of recovery, or of a stop. */
const STARTS_MAX = 5;
const FROZEN_MS = 3_000;

export class Ordeals {
  readonly stage: Stage;
  private readonly prng: Prng;
  private readonly rows: Row[];

  constructor(stage: Stage, rows: Row[]) {
    this.stage = stage;
    this.rows = rows;
    this.prng = new Prng(`${stage.options.seed}/ordeals`);
  }

  /**
   * The bot dies at a named point by its own hand, and is started again. Errors: NotInTime when the point is not hit.
   */
  async diesAt(point: CrashPoint, reach: Reach): Promise<void> {
    const nth = this.prng.integer(1, reach.nthMax);
    await this.died({ point, nth, after: null }, await this.reach({ point, nth, after: null }, reach));
  }

  /** As {@link diesAt}, in a turn that books a fill. */
  async diesBooking(point: CrashPoint): Promise<void> {
    const at = { point, nth: 1, after: "stream.fill-received" } as const;
    await this.died(at, await this.reach(at, { way: "trading", nthMax: 1 }));
  }

  private async died({ point, nth, after }: Passage, exit: Exit): Promise<void> {
    if (exit.signal !== "SIGKILL") {
      throw new NotInTime(`${point} was not hit (passage ${nth}): ${JSON.stringify(exit)} ${this.stage.lastWords()}`);
    }
    await this.recovers(`${point}${after === null ? `@${nth}` : " with a fill"}`);
  }

  async randomKill(): Promise<void> {
    const afterMs = this.prng.integer(0, 600);
    await pass(afterMs);
    await this.stage.living().kill();
    await this.recovers(`SIGKILL after ${afterMs} ms`);
  }

  /** Killed again and again while it starts, recovers, or has just begun to trade. */
  async killedInARow(): Promise<void> {
    for (let i = 0; i < IN_A_ROW; i += 1) {
      await this.stage.living().kill();
      this.stage.start();
      await pass(this.prng.integer(150, 700));
    }
    await this.stage.living().kill();
    await this.recovers(`${IN_A_ROW} kills in a row`);
  }

  /** SIGSTOP: the machine slept, the exchange did not. */
  async frozen(): Promise<void> {
    const victim = this.stage.living();
    victim.signal("SIGSTOP");
    await pass(FROZEN_MS);
    victim.signal("SIGCONT");
    await this.stage.trade(FILLS);
    await this.judged(`SIGSTOP for ${FROZEN_MS} ms`, 0);
  }

  /** A second copy is refused and says who holds the journal; the first goes on as if nothing was. */
  async doubled(): Promise<{ readonly exit: Exit; readonly text: string; readonly holder: number }> {
    const first = this.stage.living();
    const second = this.stage.copy();
    const exit = await second.gone("a second copy", HIT_MS);
    await this.stage.trade(FILLS);
    await this.judged("a second copy", 0);
    return { exit, text: second.errors, holder: first.pid };
  }

  /** Killed, and what no sync had forced to the disk is gone (DUR-17). */
  async powerCut(): Promise<void> {
    await pass(this.prng.integer(100, 800));
    await this.stage.living().kill();
    const lost = cutPower(this.stage.folder);
    this.stage.witness.cut();
    await this.recovers(`power cut, ${lost} records lost`);
  }

  /** Where it ends: one stop as it should be, and the journal whole. */
  async stops(): Promise<Exit> {
    const victim = this.stage.living();
    victim.signal("SIGTERM");
    return await victim.gone("a clean stop", HIT_MS);
  }

  async recovers(what: string): Promise<void> {
    const recoveryMs = await this.stage.recover();
    await this.stage.trade(FILLS);
    await this.judged(what, recoveryMs);
  }

  async judged(what: string, recoveryMs: number, whole = false): Promise<void> {
    const verdict = await this.stage.judge(whole);
    this.rows.push({ what, mode: this.stage.options.mode, recoveryMs: Math.round(recoveryMs), ...verdict });
  }

  private async reach(at: Passage, { way }: Reach): Promise<Exit> {
    const { stage } = this;
    const gone = (): Promise<Exit> => stage.living().gone(`${at.point}@${at.nth}`, HIT_MS);
    switch (way) {
      case "trading":
        stage.living().die(at);
        return await gone();
      case "stopping":
        return await this.stopTo(at);
      case "settling":
        return await this.startTo(at, async () => {
          stage.living().die({ point: "send.after-write", nth: 1, after: null });
          await gone();
        });
      case "starting":
        return await this.startTo(at, () => stage.living().kill());
      case "reconfigured":
        return await this.startTo(at, async () => {
          await stage.living().kill();
          stage.reconfigure();
        });
    }
  }

  /** A stop may find nothing to do at the point (one order to cancel has no half): then another is made. */
  private async stopTo(at: Passage): Promise<Exit> {
    const { stage } = this;
    for (let i = 0; i < STARTS_MAX; i += 1) {
      const victim = stage.living();
      victim.die(at);
      // a signal overtakes what is written to the input: an answer shows that it was read
      await victim.standing();
      victim.signal("SIGTERM");
      const exit = await victim.gone(`${at.point}@${at.nth}`, HIT_MS);
      if (exit.signal === "SIGKILL" || exit.code !== 0) return exit;
      await stage.recover();
      await stage.trade(FILLS);
    }
    throw new NotInTime(`${at.point} was not passed in ${STARTS_MAX} stops: ${stage.lastWords()}`);
  }

  /**
   * A start may find nothing to do at the point (no tail, an order that was settled by the stream): then another is
   * made.
   */
  private async startTo(at: Passage, kill: () => Promise<unknown>): Promise<Exit> {
    const { stage } = this;
    for (let i = 0; i < STARTS_MAX; i += 1) {
      await kill();
      const victim = stage.start(at);
      const exit = await until(`${at.point}@${at.nth} or a recovery`, HIT_MS, () =>
        victim.recoveredMs === null ? (victim.ended ?? undefined) : (victim.ended ?? "recovered"),
      );
      if (exit !== "recovered") return exit;
      await stage.trade(FILLS);
    }
    throw new NotInTime(`${at.point}@${at.nth} was not passed in ${STARTS_MAX} starts: ${stage.lastWords()}`);
  }
}
