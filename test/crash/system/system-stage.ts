// One emulated exchange that nobody kills, and the real connector and the real market-maker on it, which live and die
// one after another. Waits for conditions, never for time; ends what it started, by its id.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PostgresStore } from "../../../src/journal/postgres/store.ts";
import { openJournalReader } from "../../../src/journal/reader.ts";
import { openRpcClient, type RpcClient } from "../../../src/rpc/client.ts";
import { balanceOf } from "../../../src/trading/ledger.ts";
import type { PostgresServer } from "../../postgres.ts";
import type { Standing } from "../bot-process.ts";
import { machineMs } from "../machine-clock.ts";
import { cutPower } from "../power-cut.ts";
import type { Verdict } from "../stage.ts";
import { NotInTime, until } from "../victim.ts";
import { type Sides, Witness, type WitnessReader } from "../witness.ts";
import { App } from "./app.ts";
import type { Death } from "./death.ts";
import type { SystemTruth } from "./emulator-process.ts";
import { EmulatedExchange } from "./exchange.ts";
import { isKillOver, isNotThere, killWrong, standingOf, verdictOf } from "./judgement.ts";
import {
  BOT,
  connectorConfig,
  engineConfig,
  KEYS,
  type Mode,
  OPERATOR_KEY,
  type Protocol,
  type StoreKind,
  TAG,
  URL_VARIABLE,
} from "./system-config.ts";

export interface SystemOptions {
  readonly seed: string;
  readonly mode: Mode;
  readonly protocol: Protocol;
  readonly store: StoreKind;
  /** With `store: postgres`. */
  readonly server: PostgresServer | null;
  /** Silence after which the connector cancels; a minute unless told. */
  readonly deadManMs?: number;
}

export type Who = "engine" | "connector";

const CLOCK_ERROR_MS = Number.POSITIVE_INFINITY; // no order of moments is read from three processes' clocks
const QUIET_MS = 60_000;
const START_MS_MAX = 180_000; // what never comes is told from what comes late
const CONNECTOR_READY = /"code":"listens"/;
const SAMPLES = 3;

let made = 0;

export class SystemStage {
  readonly options: SystemOptions;
  readonly folder: string;
  readonly witness: Witness;
  engine: App | null = null;
  connector: App | null = null;
  /** Market-makers started so far, and the epoch of the newest run before the last of them. */
  private engines = 0;
  private epochBefore = 0;
  /** When processes were started, by the machine. */
  readonly startedAtMs: number[] = [];
  private exchange: EmulatedExchange | null = null;
  private readonly schema: string;
  private readonly database: PostgresStore | null;
  private readonly key: { readonly apiKey: string; readonly secret: string };
  private clients: RpcClient[] = [];

  constructor(options: SystemOptions) {
    this.options = options;
    made += 1;
    this.schema = `crash${made}`;
    this.key = { apiKey: `crash-${process.pid}-${made}`, secret: "crash-secret" };
    this.folder = mkdtempSync(join(tmpdir(), "opensqt-crash-system-"));
    for (const name of ["store", "connector"]) mkdirSync(join(this.folder, name));
    const { server } = options;
    this.database = server === null ? null : new PostgresStore({ url: server.url, schema: this.schema });
    this.witness = this.newWitness();
    const { deadManMs = 60_000 } = options;
    this.write("market-maker.yaml", engineConfig({ ...options, schema: this.schema, deadManMs }));
  }

  /** The market walks, nobody trades yet. */
  async open(): Promise<void> {
    const { seed, protocol } = this.options;
    const account = { name: "crash", ...this.key };
    this.exchange = await EmulatedExchange.start({ protocol, seed, account, record: this.record });
    this.write("connector.yaml", connectorConfig(protocol, { port: this.exchange.port, key: this.key }));
    await this.market(false);
  }

  async close(): Promise<void> {
    for (const client of this.clients) client.close();
    await this.engine?.kill();
    await this.connector?.kill();
    await this.exchange?.close();
    await this.database?.abandon();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Its connector is the exchange, and lives. */
  get isSimulated(): boolean {
    return this.options.protocol === "simulated";
  }

  private write(name: string, text: string): void {
    writeFileSync(join(this.folder, name), text);
  }

  private get record(): string {
    return join(this.folder, "record.jsonl");
  }

  start(who: Who, given: { readonly death?: Death; readonly files?: number } = {}): App {
    const name = who === "engine" ? "market-maker" : "connector";
    const url = this.options.server?.url;
    const environment = { ...KEYS, ...(url === undefined ? {} : { [URL_VARIABLE]: url }) };
    this.startedAtMs.push(performance.now());
    const app = new App({ words: [name, "--config", `${name}.yaml`], folder: this.folder, environment, ...given });
    if (who === "connector") {
      this.connector = app;
      return app;
    }
    this.look();
    this.epochBefore = this.witness.runEpoch;
    this.engines += 1;
    this.engine = app;
    return app;
  }

  /** The process of that name that runs. Errors: NotInTime when none does. */
  living(who: Who): App {
    const app = this[who];
    if (app === null || app.ended !== null) throw new NotInTime(`no ${who} runs: ${app?.lastWords() ?? ""}`);
    return app;
  }

  /**
   * Starts what does not run and waits until all is well. Ms from the start of the market-maker to `recovered`; where
   * only the connector was started, from its start until nothing is blocked any more.
   */
  async recover(): Promise<number> {
    const engineRuns = this.engine !== null && this.engine.ended === null;
    await this.startConnector();
    const engine = engineRuns ? this.living("engine") : this.start("engine");
    const { startedMs } = engineRuns ? this.living("connector") : engine;
    const recoveredMs = await this.awaited("recovered", () => this.hasRecovered);
    const wellMs = await this.awaited("nothing blocked", () => this.standing().blocks.length === 0);
    return (engineRuns ? wellMs : recoveredMs) - startedMs;
  }

  /** As {@link recover}, for a bot whose kill switch was pulled: until nothing is left. Ms to `recovered`. */
  async recoverKilled(): Promise<number> {
    await this.startConnector();
    const engine = this.engine === null || this.engine.ended !== null ? this.start("engine") : this.engine;
    const recoveredMs = await this.awaited("recovered", () => this.hasRecovered);
    const { journal, violations } = this.witness;
    await this.awaited("the kill over", () => isKillOver(journal.shadow));
    const wrong = killWrong(journal.shadow);
    if (wrong !== null) violations.push({ checker: "kill", text: wrong });
    return recoveredMs - engine.startedMs;
  }

  async startConnector(): Promise<void> {
    if (this.isSimulated || (this.connector !== null && this.connector.ended === null)) return;
    await this.start("connector").seen(CONNECTOR_READY, START_MS_MAX);
  }

  /** The newest market-maker has recovered. */
  get hasRecovered(): boolean {
    return this.witness.recoveredEpoch > this.epochBefore;
  }

  /** The machine's time when it held. Errors: NotInTime, with what both processes said last. */
  private async awaited(what: string, holds: () => boolean): Promise<number> {
    try {
      return await until(what, START_MS_MAX, () => {
        this.living("engine");
        if (!this.isSimulated) this.living("connector");
        this.look();
        return holds() ? machineMs() : undefined;
      });
    } catch (error) {
      const { phase, blocks } = this.standing();
      const words = [this.engine, this.connector].map((app) => app?.lastWords() ?? "");
      throw new NotInTime([String(error), `${phase}, blocks ${blocks.join(" ")}`, ...words].join("\n"));
    }
  }

  /** Reads what both sides wrote; a journal that is not made yet has nothing. */
  look(): void {
    try {
      this.witness.catchUp();
    } catch (error) {
      if (!isNotThere(error)) throw error;
    }
  }

  /** Waits for `more` fills on the exchange. */
  async trade(more: number): Promise<void> {
    const before = (await this.truth()).fills;
    await until(`${more} fills`, START_MS_MAX, async () => {
      this.living("engine");
      return (await this.truth()).fills >= before + more ? true : undefined;
    });
  }

  async market(resting: boolean): Promise<void> {
    await this.there().market(resting);
  }

  /** Answers and events of the exchange get lost, or no more (EMU-42). */
  async weather(isFoul: boolean): Promise<void> {
    await this.there().weather(isFoul);
  }

  async cutStreams(): Promise<void> {
    await this.there().cut();
  }

  truth(): Promise<SystemTruth> {
    return this.there().truth();
  }

  /** How the bot stands, by its journal alone. */
  standing(): Standing {
    return standingOf(this.witness);
  }

  /** Lets the market rest until both sides agree and nothing is under way, judges, and lets it go on. */
  async judge(whole = false): Promise<Verdict> {
    await this.market(true);
    const sides = await this.quiet();
    this.witness.judge(sides, { whole, started: this.engines });
    await this.market(false);
    return verdictOf(this.witness, sides);
  }

  private async quiet(): Promise<Sides> {
    let truth = await this.truth();
    let same = 0;
    let seq = -1;
    try {
      await until("both sides agree", QUIET_MS, async () => {
        this.look();
        truth = await this.truth();
        const standing = this.standing();
        const agree = this.witness.difference(truth, standing) === null;
        same = agree && standing.fills === seq ? same + 1 : 0;
        seq = standing.fills;
        return same >= SAMPLES ? true : undefined;
      });
    } catch (error) {
      if (!(error instanceof NotInTime)) throw error;
      const text = this.witness.difference(truth, this.standing()) ?? "it does not come to rest";
      this.witness.violations.push({ checker: "settled", text });
    }
    // as they were when they agreed: a grid may go on to quote in the next moment
    const standing = this.standing();
    const coins = balanceOf(this.witness.journal.shadow.ledger, "holding", "BTC");
    if (truth.coins !== null && truth.coins !== coins) {
      this.witness.violations.push({ checker: "position", text: `${coins} coins by the books, ${truth.coins} held` });
    }
    return { truth, standing };
  }

  /** The market-maker is dead; what no sync had forced to the disk is gone, or the database was killed too. */
  async powerCut(): Promise<string> {
    const { server } = this.options;
    if (server !== null) {
      await server.kill();
      await server.start();
      // what was committed without being forced to the disk may be gone, and other records take its place
      this.witness.cut();
      return "database killed";
    }
    const lost = cutPower(join(this.folder, "store", "bots", BOT));
    this.witness.cut();
    return `power cut, ${lost} lost`;
  }

  client(who: Who): RpcClient {
    const address = `unix:${join(this.folder, `${who}.sock`)}`;
    const known = this.clients.find((client) => client.address === address);
    if (known !== undefined) return known;
    const client = openRpcClient({ address, key: OPERATOR_KEY });
    this.clients.push(client);
    return client;
  }

  private there(): EmulatedExchange {
    if (this.exchange === null) throw new NotInTime("the exchange is not open");
    return this.exchange;
  }

  private newWitness(): Witness {
    const open = (): WitnessReader =>
      this.database === null
        ? openJournalReader(join(this.folder, "store", "bots", BOT), { archives: true })
        : this.database.openReader(BOT, { archives: true });
    // it knows fees by the name of the simulated exchange; that they are booked to the digit is lost-fills' matter too.
    // What was open when a kill was proved needs an order of moments, which is not read from three clocks: `killWrong`
    // and the comparison of open orders at the end say it here
    const without = ["funding-and-fees", "kill-proof"];
    return new Witness({ open, record: this.record, bot: BOT, tag: TAG, clockErrorMs: CLOCK_ERROR_MS, without });
  }
}
