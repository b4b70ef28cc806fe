// The soak by the wall clock (TEST-24, TEST-47): `opensqt up` over the emulator's wire, a disconnect each minute and a
// kill each ten, a sample a minute of all processes together as the system tells of them, and both sides compared at
// the end.

import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { assertAgreement } from "../system/agreement.ts";
import { type ProcessName, System, until } from "../system/system.ts";
import type { Told } from "./page.ts";
import { HEAD, sampleLine } from "./page.ts";
import type { Sample } from "./samples.ts";
import { type Bound, judge } from "./verdict.ts";

const CONFIG = `
bot:
  id: btc-grid
  strategy: grid
  instrument: "BTC/USDT:USDT"
  cancelOnExit: all
  grid: { mode: neutral, spacing: geometric, spacingBps: "6", orderQuote: "130", entryLevels: 5, exitLevels: 5 }
`;
const BOT = { id: "btc-grid", symbol: "BTC/USDT:USDT" };
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const MB = 1024 * 1024;
/** Disconnects between two kills; a run of minutes is no use without one. */
const killEvery = (hours: number): number => (hours < 0.5 ? 3 : 10);
const NAMES: readonly ProcessName[] = ["marketMaker", "connector", "liveServer"];

export async function soakWall(hours: number, print: (text: string) => void): Promise<Told> {
  const system = await System.start({ config: CONFIG, words: ["--exchange", "emulator"], lifeMs: hours * HOUR_MS * 2 });
  try {
    await until(
      "orders rest",
      async () => (await system.exchange.getOpenOrders({ symbol: BOT.symbol })).orders.length > 3,
    );
    const soaked = await lived(system, hours, print);
    await system.ready();
    await until("journal and exchange agree", async () => {
      await assertAgreement(system, BOT);
      return true;
    });
    const told = await toldOf(system, soaked, hours);
    const { code, err } = await system.stop();
    if (code !== 0) throw new Error(`it did not stop cleanly: ${code} ${err.slice(-500)}`);
    return told;
  } finally {
    await system.close();
  }
}

interface Soaked {
  readonly samples: readonly Sample[];
  readonly hours: number;
  readonly disconnects: number;
  readonly kills: number;
}

async function lived(system: System, hours: number, print: (text: string) => void): Promise<Soaked> {
  const startedMs = performance.now();
  const samples: Sample[] = [];
  let [disconnects, kills] = [0, 0];
  let recoveryMs: number | null = null;
  print(HEAD);
  while (performance.now() - startedMs < hours * HOUR_MS) {
    await wait(MINUTE_MS);
    disconnects += 1;
    await disconnect(system);
    if (disconnects % killEvery(hours) === 0) {
      const name = NAMES[kills % NAMES.length] ?? "marketMaker";
      kills += 1;
      const beforeMs = performance.now();
      await system.killed(name);
      recoveryMs = performance.now() - beforeMs;
    }
    await system.ready();
    samples.push(await sampled(system, (performance.now() - startedMs) / HOUR_MS, recoveryMs));
    const [last] = samples.slice(-1);
    if (last !== undefined) print(sampleLine(last));
  }
  return { samples, hours: (performance.now() - startedMs) / HOUR_MS, disconnects, kills };
}

/** Every socket of the exchange's wire is closed from its side. */
async function disconnect(system: System): Promise<void> {
  const control = system.run.emulator?.control;
  if (control === undefined) throw new Error("the emulator has no control API");
  const body = JSON.stringify({ code: 1006 });
  await fetch(`${control}/control/sockets/close`, { method: "POST", body });
}

/** What the system's own figures are: all processes together. */
async function sampled(system: System, hour: number, recoveryMs: number | null): Promise<Sample> {
  const { run, folder } = system;
  const pids = [run.connector.pid, run.marketMaker.pid, run.liveServer.pid].flatMap((pid) => pid ?? []);
  const data = readdirSync(join(folder, "data"), { recursive: true, encoding: "utf8" });
  const bytes = (ends: RegExp): number =>
    data.filter((path) => ends.test(path)).reduce((sum, path) => sum + sizeOf(join(folder, "data", path)), 0);
  const heaps = await Promise.all([run.connector, run.marketMaker, run.liveServer].map(({ http }) => heapOf(http)));
  return {
    hour,
    heapMb: heaps.reduce((sum, heap) => sum + heap, 0) / MB,
    rssMb: pids.reduce((sum, pid) => sum + statusKb(pid, "VmRSS"), 0) / 1024,
    handles: await leastDescriptors(pids),
    journalMb: bytes(/journal\.db$/) / MB,
    walMb: bytes(/-wal$/) / MB,
    archivesMb: bytes(/archive/) / MB,
    stateKb: 0,
    snapshotMs: 0,
    recoveryMs,
    turnP99Us: 0,
  };
}

/** Open descriptors, the least of three looks: sockets that a disconnect or a kill has just left are being closed. */
async function leastDescriptors(pids: readonly number[]): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let look = 0; look < 3; look += 1) {
    if (look > 0) await wait(1_000);
    const open = pids.reduce((sum, pid) => sum + readdirSync(`/proc/${pid}/fd`).length, 0);
    least = Math.min(least, open);
  }
  return least;
}

/** As the process counts it itself, rubbish included. */
async function heapOf(http: string): Promise<number> {
  const text = await (await fetch(`${http}/metrics`)).text();
  return Math.round(JSON.parse(/^nodejs_heap_size_used_bytes ([\d.e+]+)$/m.exec(text)?.[1] ?? "0") as number);
}

function sizeOf(path: string): number {
  try {
    return statSync(path).size;
  } catch {
    return 0; // it went while it was looked at
  }
}

function statusKb(pid: number, field: string): number {
  const line = readFileSync(`/proc/${pid}/status`, "utf8")
    .split("\n")
    .find((each) => each.startsWith(`${field}:`));
  return Number.parseInt(line?.replace(/\D+/, "") ?? "0", 10);
}

async function toldOf(system: System, { samples, hours, disconnects, kills }: Soaked, asked: number): Promise<Told> {
  const { fills } = await system.positions.getFills({ botIds: [BOT.id], pageSize: 1000, pageToken: "" });
  const warmHours = Math.min(1, hours / 4);
  const whole = {
    hours,
    warmHours,
    requests: 1,
    strange: 0,
    violations: [],
    p99s: [],
    journalMbMax: 512,
  };
  // a system tells neither its state's size nor its heap after a collection: what it cannot tell is not judged
  const told: readonly Bound[] = judge(samples, whole).filter(({ measure }) =>
    /resident|handles|journal|write-ahead|samples/.test(measure),
  );
  const agree: Bound = { measure: "journal and exchange, order for order", seen: "equal", bound: "equal", holds: true };
  return {
    what: "`opensqt up` over the emulator's wire: connector, market-maker and live-server by the wall clock.",
    command: `make soak HOURS=${asked}`,
    facts: [
      ["by the wall clock", `${Math.round(hours * 60)} min`],
      ["disconnects of the exchange's sockets", `${disconnects}`],
      ["kills", `${kills}`],
      ["fills", `${fills.length}${fills.length === 1000 ? " or more" : ""}`],
    ],
    bounds: [...told, agree],
    samples,
  };
}
