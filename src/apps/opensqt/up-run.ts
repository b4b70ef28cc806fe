// What `opensqt up` does: plans the three processes, supervises them, tells where the console is, and stops them in
// order on a signal, at the end of a recording, or when one that trades has ended for good. Wiring only.

import { writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { makeFolder } from "../../config/make-folder.ts";
import type { UpConfig } from "../../config/process/shapes.ts";
import { release } from "../../config/release.ts";
import { JournalError } from "../../journal/errors.ts";
import { JournalLock } from "../../journal/lock.ts";
import { LogFile } from "../../observe/log-file.ts";
import { HEAP_FLAGS } from "../emulator/heap.ts";
import { stopSignal } from "../process/stop-signal.ts";
import { assertYes } from "./bot-change.ts";
import { EXIT_CODES } from "./exit-codes.ts";
import { CommandError, note, print, printJson } from "./output.ts";
import { isAlive, type RunFile, readRunFile, removeRunFile, writeRunFile } from "./run-file.ts";
import type { ChildPlan } from "./up/child.ts";
import { marketOf } from "./up/market.ts";
import { dataDirOf, planUp, readUp, type UpOptions, type UpPlan } from "./up/plan.ts";
import { type ProcessName, type ProcessPlans, Supervisor } from "./up/supervisor.ts";
import { Voice } from "./up/voice.ts";
import { KEY_NAMES, LOOPBACK } from "./up/wiring.ts";

export type { UpOptions } from "./up/plan.ts";

/** Of a graceful stop each: the engine proves that its orders are gone (DUR-58). */
const STOP_MS: Readonly<Record<ProcessName, number>> = {
  emulator: 10_000,
  connector: 10_000,
  "market-maker": 60_000,
  "live-server": 10_000,
};
/** How long a predecessor that lost its supervisor may take to end. */
const PREDECESSOR_MS = 20_000;
const PORT_TRIES_MAX = 3;
const PATIENCE_MS = 3_000;
const EXCHANGE_ASK_MS = 1_000;

const PORT_WORDS = [
  ["connectorGrpc", "the connector's gRPC"],
  ["connectorHttp", "the connector's http"],
  ["marketMakerGrpc", "the market-maker's gRPC"],
  ["marketMakerHttp", "the market-maker's http"],
  ["liveServerHttp", "the console"],
] as const;

/** Runs until everything has ended; sets the exit code. Errors: those of configuration, data, lock and start. */
export async function up(options: UpOptions): Promise<void> {
  const voice = new Voice(options.quiet === true || options.json === true);
  const config = readUp(options, process.env);
  for (const warning of config.warnings) note(warning);
  const dataDir = dataDirOf(config, options);
  await assertRealMoney(config, options);
  await predecessorGone(dataDir, voice);
  const lock = lockOf(dataDir);
  try {
    // somebody else may take a port between its choice and its use
    for (let tries = 1; ; tries += 1) {
      const plan = await planUp(config, options, process.env);
      if (await supervise(plan, { options, voice, last: tries >= PORT_TRIES_MAX })) break;
    }
  } finally {
    removeRunFile(dataDir);
    lock.release();
  }
}

/** Real money is shown before anything starts, and agreed to. Errors: CommandError 2 and 3. */
async function assertRealMoney(config: UpConfig, options: UpOptions): Promise<void> {
  const { real, environment } = config.connector;
  if (real === null || environment !== "live") return;
  const { words } = marketOf(config, options);
  note(`${words}, account ${config.connector.account.name}, keys from ${real.credentials?.apiKey.source ?? "nowhere"}`);
  for (const { id, symbol, values } of config.marketMaker.bots) {
    const { orderNotionalMax: order, positionNotionalMax: position, exposureGrossMax: exposure } = values.risk;
    const limits = `order ${limitText(order)}, position ${limitText(position)}, exposure ${limitText(exposure)}`;
    note(`  ${id} on ${symbol}, budget ${values.budget}; at most: ${limits}`);
  }
  await assertYes(options, "Trade with real money", "environment: testnet to practise");
}

const limitText = (value: unknown): string => (typeof value === "string" ? value : "unlimited");

/** One `up` a folder. Errors: CommandError 8 naming the other, JournalError 13 where nothing can be written. */
function lockOf(dataDir: string): JournalLock {
  try {
    return new JournalLock(dataDir, "up", { host: hostname(), pid: process.pid, sinceMs: Date.now() });
  } catch (error) {
    if (!(error instanceof JournalError) || error.code !== "LOCK_HELD") throw error;
    const pid = readRunFile(dataDir)?.pid;
    const who = pid === undefined ? "another process" : `process ${pid}`;
    const hint = "opensqt status shows it, opensqt stop ends it; another folder with --data-dir is another system.";
    throw new CommandError(EXIT_CODES.leaseHeld, `LOCK_HELD: opensqt up runs in ${dataDir} already: ${who}`, hint);
  }
}

interface Manner {
  readonly options: UpOptions;
  readonly voice: Voice;
  /** A port that was lost is an error now. */
  readonly last: boolean;
}

/** False when a port was lost at the start: everything is down again, and another choice may be tried. */
async function supervise(plan: UpPlan, { options, voice, last }: Manner): Promise<boolean> {
  const startedAtMs = Date.now();
  const logs = logFiles(plan.dataDir);
  const supervisor: Supervisor = new Supervisor({
    plans: childPlans(plan),
    voice,
    keep: (name, line) => logs[name].write(line),
    logOf: (name) => logs[name].path,
    onChange: () => keepRunFile(plan, supervisor, startedAtMs),
  });
  const stop = stopSignal({});
  // a second signal ends the process at once, and the children with it
  process.once("exit", () => supervisor.kill());
  const money = plan.config.connector.environment === "live" ? "" : ", paper money";
  voice.say("up", `OpenSQT ${release()}: ${plan.words}${money}, kept in ${plan.dataDir}`);
  for (const [what, words] of PORT_WORDS) voice.port(words, plan.chosen[what]);
  if (plan.emulator !== null) {
    const { path, text } = plan.emulator.accounts;
    makeFolder(dirname(path));
    writeFileSync(path, text, { mode: 0o600 });
    voice.port("the emulator", plan.emulator.wire);
    voice.port("its control API", plan.emulator.control);
  }
  const asked = stop.asked.then((by) => ({ by, exitCode: null }));
  const ended = supervisor.ended.then((exitCode) => ({ by: "the end of a process", exitCode }));
  let failure: unknown = null;
  try {
    const started = await Promise.race([supervisor.start().then(() => null), asked]);
    if (started === null) {
      sayReady(plan, options, supervisor);
      const over = exchangeOver(plan, stop);
      const { by } = await Promise.race([asked, ended, over]);
      voice.say("up", `stopping: ${by}`);
    }
  } catch (error) {
    failure = error;
  }
  const { exitCode } = await supervisor.stop();
  stop.close();
  await Promise.all(Object.values(logs).map((log) => log.close()));
  if (failure !== null && supervisor.portLost && !last) return false;
  if (failure !== null) throw failure;
  voice.say("up", exitCode === EXIT_CODES.done ? "stopped" : `stopped with exit code ${exitCode}`);
  process.exitCode = exitCode;
  return true;
}

function childPlans(plan: UpPlan): ProcessPlans {
  const { connector, marketMaker, liveServer } = plan.texts;
  const { ports, keys, emulator } = plan;
  const child = (name: ProcessName, text: string, port: number, own: Readonly<Record<string, string>>): ChildPlan => ({
    name,
    command: [process.execPath, process.argv[1] ?? "", name],
    environment: { ...inherited(), OPENSQT_CONFIG_YAML: text, ...own },
    url: `http://${LOOPBACK}:${port}`,
    patienceMs: PATIENCE_MS,
    stopMsMax: STOP_MS[name],
  });
  const emulated = (words: readonly string[], port: number): ChildPlan => ({
    ...child("emulator", "", port, {}),
    command: [process.execPath, ...HEAP_FLAGS, process.argv[1] ?? "", ...words],
  });
  return {
    ...(emulator === null ? {} : { emulator: emulated(emulator.words, emulator.control.port) }),
    connector: child("connector", connector, ports.connectorHttp, {}),
    "market-maker": child("market-maker", marketMaker, ports.marketMakerHttp, { [KEY_NAMES.engine]: keys.engine }),
    "live-server": child("live-server", liveServer, ports.liveServerHttp, { [KEY_NAMES.view]: keys.view }),
  };
}

/** The environment, without what would lead a child to another configuration. */
function inherited(): Readonly<Record<string, string>> {
  const { OPENSQT_CONFIG: _file, OPENSQT_CONFIG_YAML: _text, ...rest } = process.env;
  return Object.fromEntries(
    Object.entries(rest).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

function logFiles(dataDir: string): Readonly<Record<ProcessName, LogFile>> {
  const file = (name: ProcessName): LogFile => new LogFile(join(dataDir, "logs", `${name}.log`));
  return {
    emulator: file("emulator"),
    connector: file("connector"),
    "market-maker": file("market-maker"),
    "live-server": file("live-server"),
  };
}

function runFileOf({ ports, keys, emulator }: UpPlan, supervisor: Supervisor, startedAtMs: number): RunFile {
  const http = (port: number): string => `http://${LOOPBACK}:${port}`;
  const grpc = (port: number): string => `${LOOPBACK}:${port}`;
  return {
    v: 1,
    release: release(),
    pid: process.pid,
    startedAtMs,
    console: `${http(ports.liveServerHttp)}/`,
    connector: { pid: supervisor.pid("connector"), grpc: grpc(ports.connectorGrpc), http: http(ports.connectorHttp) },
    marketMaker: {
      pid: supervisor.pid("market-maker"),
      grpc: grpc(ports.marketMakerGrpc),
      http: http(ports.marketMakerHttp),
    },
    liveServer: { pid: supervisor.pid("live-server"), http: http(ports.liveServerHttp) },
    ...(emulator === null
      ? {}
      : {
          emulator: {
            pid: supervisor.pid("emulator"),
            wire: http(emulator.wire.port),
            control: http(emulator.control.port),
          },
        }),
    operatorKey: keys.operator,
  };
}

/** A disk that refuses must not stop what trades. */
function keepRunFile(plan: UpPlan, supervisor: Supervisor, startedAtMs: number): void {
  try {
    writeRunFile(plan.dataDir, runFileOf(plan, supervisor, startedAtMs));
  } catch (error) {
    note(`run.json cannot be written: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function sayReady(plan: UpPlan, { json, quiet }: UpOptions, supervisor: Supervisor): void {
  const run = runFileOf(plan, supervisor, 0);
  if (json === true) {
    const { connector, marketMaker, liveServer } = run;
    printJson({ console: run.console, pid: process.pid, dataDir: plan.dataDir, connector, marketMaker, liveServer });
    return;
  }
  if (quiet === true) return;
  print(`Console  ${run.console}`);
  if (run.emulator !== undefined)
    note(`Emulator ${run.emulator.wire}, control API ${run.emulator.control}/control/health`);
  note("Ctrl-C stops in order; opensqt top shows it here, opensqt status tells it.");
}

/**
 * Resolves when the connector says that its recording is over (a synthetic market never is), or that its memory
 * cannot be written: bots must stop while there is an exchange to cancel their orders at.
 */
async function exchangeOver({ ports }: UpPlan, stop: { readonly stopping: boolean }): Promise<{ readonly by: string }> {
  while (!stop.stopping) {
    const { recordingOver, memoryLost } = await statusOf(ports.connectorHttp);
    if (recordingOver === true) return { by: "the end of the recording" };
    if (typeof memoryLost === "string" && memoryLost !== "") return { by: "the simulated exchange cannot be kept" };
    await wait(EXCHANGE_ASK_MS, undefined, { ref: false });
  }
  return new Promise(() => undefined);
}

async function statusOf(port: number): Promise<{ readonly recordingOver?: unknown; readonly memoryLost?: unknown }> {
  try {
    const response = await fetch(`http://${LOOPBACK}:${port}/status`, { signal: AbortSignal.timeout(EXCHANGE_ASK_MS) });
    return (await response.json()) as { readonly recordingOver?: unknown; readonly memoryLost?: unknown };
  } catch {
    // it is being started again; its own end is told elsewhere
    return {};
  }
}

/** Processes whose supervisor was killed end by themselves; until then they hold what this start needs. */
async function predecessorGone(dataDir: string, voice: Voice): Promise<void> {
  const run = readRunFile(dataDir);
  if (run === null || isAlive(run.pid)) return;
  const left = [run.liveServer.pid, run.marketMaker.pid, run.connector.pid, run.emulator?.pid ?? null];
  const untilMs = performance.now() + PREDECESSOR_MS;
  if (left.some(isAlive)) voice.say("up", "waiting for the processes of a run that was killed to end");
  while (left.some(isAlive) && performance.now() < untilMs) await wait(100);
}
