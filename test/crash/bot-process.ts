// The victim: one bot wired with journal, lock and watch, on an exchange in another
// process. Told on its standard input where to die or to say how it stands. Run by victim.ts with its options as JSON.

import { writeSync } from "node:fs";
import { createInterface } from "node:readline";
import { exitCodeOf } from "../../src/apps/opensqt/exit-codes.ts";
import { assert, present } from "../../src/base/assert.ts";
import { sha256 } from "../../src/base/canonical.ts";
import { type CrashPoint, setCrashPoint } from "../../src/base/crash-point.ts";
import { loadConfig, renderProblems } from "../../src/config/load.ts";
import { productionEngine } from "../../src/host/engine.ts";
import { sharedClock } from "./machine-clock.ts";
import { type BotMarket, type OneBot, startOneBot } from "./one-bot.ts";
import { Line, RemotePort } from "./remote-port.ts";
import type { Hello } from "./wire.ts";

export interface BotOptions {
  readonly socket: string;
  readonly folder: string;
  readonly config: string;
  readonly snapshotEvents: number;
  /** Where to die from the beginning on. */
  readonly crashAt: Passage | null;
}

/** Dies at the `nth` passage of a point; with `after`, counted from the first passage of that one. */
export interface Passage {
  readonly point: CrashPoint;
  readonly nth: number;
  readonly after: CrashPoint | null;
}

/** How the process stands, said when asked. */
export interface Standing {
  readonly kind: "standing";
  readonly seq: number;
  readonly epoch: number;
  readonly stateHash: string;
  readonly phase: string;
  readonly position: number;
  readonly fills: number;
  /** Own open orders that the exchange acknowledged. */
  readonly open: readonly string[];
  /** Anything under way or not known; 0 when the bot stands still. */
  readonly unsettled: number;
  readonly blocks: readonly string[];
}

export type Said =
  | { readonly kind: "recovered" }
  | { readonly kind: "alert"; readonly code: string; readonly severity: string; readonly text: string }
  | { readonly kind: "warning"; readonly text: string }
  | { readonly kind: "end"; readonly exitCode: number; readonly text: string }
  | Standing;

export type Told = { readonly die: Passage } | { readonly say: "standing" };

const options = JSON.parse(present(process.argv[2], "the options")) as BotOptions;

// synchronous: what was said before a kill was said
const say = (said: Said): void => {
  writeSync(1, `${JSON.stringify(said)}\n`);
};

function dieAt({ point, nth, after }: Passage): void {
  let left = nth;
  let counts = after === null;
  setCrashPoint((name) => {
    if (name === after) counts = true;
    if (name !== point || !counts) return;
    left -= 1;
    if (left === 0) process.kill(process.pid, "SIGKILL");
  });
}

function standing({ host, journal }: OneBot): Standing {
  const { state } = host;
  const orders = [...state.orders.values()];
  const open = orders.filter(({ place, cancelAsked }) => place === "acknowledged" && !cancelAsked);
  return {
    kind: "standing",
    seq: state.seq,
    epoch: journal.meta.epoch,
    stateHash: sha256(productionEngine.encode(state)),
    phase: state.phase,
    position: state.ledger.position,
    fills: state.ledger.fills,
    open: open.map(({ clientOrderId }) => clientOrderId),
    unsettled: orders.length - open.length + host.inFlight + host.settling.open + host.loop.mailbox.size,
    blocks: [...state.blocks.keys()],
  };
}

async function run(): Promise<void> {
  if (options.crashAt !== null) dieAt(options.crashAt);
  const loaded = loadConfig({ text: options.config, file: "the crash test" }, { environment: {} });
  assert(loaded.ok, () => (loaded.ok ? "" : renderProblems(loaded.error)));
  const line = await Line.open(options.socket);
  const hello = await line.ask<Hello>({ call: "hello" });
  const { startMs, machineUs, speedMilli } = hello;
  const clock = sharedClock({ startMs, machineMs: machineUs / 1000, speed: speedMilli / 1000 });
  const market: BotMarket = {
    clock,
    folder: options.folder,
    connect: () => new RemotePort(line, clock, hello),
    stop: () => line.close(),
  };
  const bot = await startOneBot(loaded.value, market, {
    onAlert: ({ code, severity, text }) => say({ kind: "alert", code, severity, text }),
    onProgress: ({ step }) => {
      if (step === "recovered") say({ kind: "recovered" });
    },
    onWarning: (text) => say({ kind: "warning", text }),
    snapshots: { events: options.snapshotEvents, ms: 300_000 },
  });
  process.on("SIGTERM", () => bot.host.requestStop("SIGTERM", 143));
  const input = createInterface({ input: process.stdin });
  input.on("line", (text) => {
    const told = JSON.parse(text) as Told;
    if ("die" in told) dieAt(told.die);
    else say(standing(bot));
  });
  const end = await bot.ended;
  say({ kind: "end", exitCode: end.exitCode, text: end.text });
  process.exitCode = end.exitCode;
  input.close();
  process.stdin.destroy();
}

try {
  await run();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(exitCodeOf(error));
}
