// One exchange that nobody kills, one bot's folder, and the processes that run on it one after another. Waits for
// conditions, never for time; ends what it started, by its id.

import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SyncPolicy } from "../../src/journal/port.ts";
import { openJournalReader } from "../../src/journal/reader.ts";
import type { BotOptions, Passage, Standing } from "./bot-process.ts";
import type { ExchangeOptions } from "./exchange-process.ts";
import { machineMs } from "./machine-clock.ts";
import { Line } from "./remote-port.ts";
import { NotInTime, until, Victim } from "./victim.ts";
import type { Truth } from "./wire.ts";
import { type Sides, Witness } from "./witness.ts";

export interface StageOptions {
  readonly seed: string;
  readonly mode: "long" | "neutral";
  readonly sync: SyncPolicy;
}

const BOT = "crash";
const TAG = "crash1";
/** `make crash`: every point, and times as a free machine keeps them; else only what never comes is told from late. */
export const everything = process.env["OPENSQT_CRASH_ALL"] === "1";
/** Longest time after the market came to rest until nothing is under way; DUR-71 allows ten seconds. */
const QUIET_MS = everything ? 10_000 : 60_000;
const START_MS_MAX = everything ? 20_000 : 120_000;
const TRADE_MS_MAX = everything ? 60_000 : 120_000;

/** A lively grid: many small levels, orders larger than most trades, so that they are filled in parts. */
const configOf = ({ mode, sync }: StageOptions, orderQuote: string): string => `
bot:
  id: ${BOT}
  tag: ${TAG}
  strategy: grid
  instrument: "BTC/USDT:USDT"
  grid:
    mode: ${mode}
    spacing: geometric
    spacingBps: "6"
    orderQuote: "${orderQuote}"
    entryLevels: 6
    exitLevels: 6
    heldSlotsMax: 100
    openOrdersMax: 48
  risk:
    positionNotionalMax: "200000"
    orderNotionalMax: "5000"
exchange: simulated
journal:
  sync: ${sync}
simulated:
  balance: "100000"
`;

export interface Verdict {
  readonly duplicates: number;
  readonly lostFills: number;
  readonly positionDifference: number;
  readonly ledgerDifference: number;
  /** All violations, as text. */
  readonly texts: readonly string[];
}

export class Stage {
  readonly options: StageOptions;
  readonly folder: string;
  readonly witness: Witness;
  victim: Victim | null = null;
  /** Processes started so far. */
  private started = 0;
  private readonly dir: string;
  private readonly exchange: ChildProcess;
  private readonly socket: string;
  private line: Line | null = null;
  private orderQuote = 600;

  constructor(options: StageOptions) {
    this.options = options;
    this.dir = mkdtempSync(join(tmpdir(), "opensqt-crash-"));
    this.folder = join(this.dir, "bots", BOT);
    this.socket = join(this.dir, "exchange.sock");
    const record = join(this.dir, "record.jsonl");
    mkdirSync(this.folder, { recursive: true });
    const open = () => openJournalReader(this.folder, { archives: true });
    this.witness = new Witness({ open, record, bot: BOT, tag: TAG });
    const exchange: ExchangeOptions = {
      socket: this.socket,
      record,
      seed: options.seed,
      config: this.config(),
      startMs: Date.now(),
      machineMs: machineMs(),
      speed: 1,
    };
    const file = join(import.meta.dirname, "exchange-process.ts");
    this.exchange = spawn(process.execPath, [file, JSON.stringify(exchange)], { stdio: ["ignore", "pipe", "inherit"] });
  }

  /** Errors: NotInTime when the exchange does not come up. */
  async open(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.exchange.stdout?.once("data", () => resolve());
      this.exchange.once("exit", () => reject(new NotInTime("the exchange ended while it started")));
    });
    this.line = await Line.open(this.socket);
  }

  async close(): Promise<void> {
    await this.victim?.kill();
    this.line?.close();
    const gone = new Promise((resolve) => this.exchange.once("exit", resolve));
    if (this.exchange.exitCode === null && this.exchange.kill("SIGKILL")) await gone;
    rmSync(this.dir, { recursive: true, force: true });
  }

  start(crashAt: Passage | null = null): Victim {
    this.victim = this.copy(crashAt);
    return this.victim;
  }

  /** A process on the same folder beside whatever runs. */
  copy(crashAt: Passage | null = null): Victim {
    this.started += 1;
    const { socket, dir: folder } = this;
    const options: BotOptions = { socket, folder, config: this.config(), snapshotEvents: 150, crashAt };
    return new Victim(options);
  }

  /** The configuration of the next start is another one. */
  reconfigure(): void {
    this.orderQuote = this.orderQuote === 600 ? 660 : 600;
  }

  /** Starts and waits until the bot has recovered; how long that took, from the start of the process. */
  async recover(): Promise<number> {
    const victim = this.start();
    return await victim.recovered(START_MS_MAX);
  }

  /** Waits until `more` fills happened on the exchange since now. */
  async trade(more: number): Promise<void> {
    this.living();
    const before = (await this.truth()).fills;
    await until(`${more} fills`, TRADE_MS_MAX, async () =>
      (await this.truth()).fills >= before + more ? true : undefined,
    );
  }

  /** Prices stand still and nobody trades, or not any more. */
  async market(resting: boolean): Promise<void> {
    await this.talk().ask<null>({ call: "market", resting });
  }

  /** Lets the market rest until nothing is under way, judges, and lets it go on. */
  async judge(whole = false): Promise<Verdict> {
    await this.market(true);
    const sides = await this.quiet();
    this.witness.judge(sides, { whole, started: this.started });
    await this.market(false);
    return this.verdict(sides);
  }

  private async quiet(): Promise<Sides> {
    const victim = this.living();
    const last: { truth: Truth | null; standing: Standing | null } = { truth: null, standing: null };
    try {
      return await until("both sides agree", QUIET_MS, async () => {
        const standing = await victim.standing();
        this.witness.catchUp();
        const truth = await this.truth();
        last.truth = truth;
        last.standing = standing;
        return this.witness.difference(truth, standing) === null ? { truth, standing } : undefined;
      });
    } catch (error) {
      const { truth, standing } = last;
      if (!(error instanceof NotInTime) || truth === null || standing === null) throw error;
      const difference = this.witness.difference(truth, standing) ?? "the exchange does not come to rest";
      this.witness.violations.push({ checker: "settled", text: difference });
      return { truth, standing };
    }
  }

  private verdict({ truth, standing }: Sides): Verdict {
    const all = this.witness.violations.splice(0);
    const count = (checker: string): number => all.filter((violation) => violation.checker === checker).length;
    return {
      duplicates: count("duplicate-orders"),
      lostFills: count("lost-fills"),
      positionDifference: standing.position - truth.position,
      ledgerDifference: count("ledger"),
      texts: all.map(({ checker, text }) => `${checker}: ${text}`),
    };
  }

  private truth(): Promise<Truth> {
    return this.talk().ask<Truth>({ call: "truth" });
  }

  private talk(): Line {
    if (this.line === null) throw new NotInTime("the exchange is not open");
    return this.line;
  }

  lastWords(): string {
    return this.victim?.lastWords() ?? "";
  }

  /** The process that runs. Errors: NotInTime when none does. */
  living(): Victim {
    if (this.victim === null || this.victim.ended !== null) {
      throw new NotInTime(`no process runs: ${this.victim?.lastWords() ?? ""}`);
    }
    return this.victim;
  }

  private config(): string {
    return configOf(this.options, String(this.orderQuote));
  }
}
