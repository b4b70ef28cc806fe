// `opensqt emulator`: starts it, says where everything listens, keeps its memory, and stops it in order on a signal.

import { type Emulator, startEmulator } from "../../exchange/emulator/emulator.ts";
import { EmulatorError } from "../../exchange/emulator/error.ts";
import { type MemoryPlace, writeMemory } from "../../exchange/emulator/memory.ts";
import { HTTP_LISTENS } from "../../observe/http.ts";
import { openLog } from "../../observe/log.ts";
import { EXIT_CODES } from "../opensqt/exit-codes.ts";
import { CommandError, note, print, printJson } from "../opensqt/output.ts";
import { takeEnvironment } from "../process/reloader.ts";
import { SUPERVISED, stopSignal } from "../process/stop-signal.ts";
import { type EmulatorFlags, type Started, startOf } from "./flags.ts";
import { accountLine, clientLines } from "./words.ts";

const KEEP_EVERY_MS = 1_000;

/** Runs until it is asked to stop. Errors: CommandError; DataError of a recording. */
export async function emulator(flags: EmulatorFlags): Promise<void> {
  const environment = takeEnvironment();
  const stop = stopSignal(environment);
  const voice = voiceOf(environment[SUPERVISED] === "1");
  try {
    const started = await refusing(() => startOf(flags, Date.now()));
    const running = await refusing(() => startEmulator({ ...started.options, onTrouble: (text) => voice.warn(text) }));
    if (started.skewMs !== 0) running.control.operator.skew(null, started.skewMs);
    const { place } = started;
    let keeper: (() => void) | null = null;
    try {
      if (place !== null) assertKept(place, running);
      keeper = place === null ? null : keepMemory(running, place, (text) => voice.warn(text));
      sayReady(flags, started, running);
      voice.listens(`http://${flags.host}:${running.controlPort}`);
      voice.say(`stopping: ${await stop.asked}`);
    } finally {
      keeper?.();
      await running.close();
    }
  } finally {
    stop.close();
    voice.close();
  }
}

/** Errors: CommandError 3 where nothing can be kept: better now than after a day. */
function assertKept(place: MemoryPlace, running: Emulator): void {
  try {
    writeMemory(place, running.control.universe.save());
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CommandError(EXIT_CODES.refused, `--memory ${place.folder} cannot be written: ${why}`);
  }
}

/** Writes the world while it changes, and once more when it ends. */
function keepMemory(running: Emulator, place: MemoryPlace, trouble: (text: string) => void): () => void {
  let kept = -1;
  let told = false;
  const keep = (): void => {
    const { universe } = running.control;
    if (universe.exchange.changes === kept) return;
    kept = universe.exchange.changes;
    try {
      writeMemory(place, universe.save());
    } catch (error) {
      if (!told)
        trouble(`${place.folder} cannot be written: ${error instanceof Error ? error.message : String(error)}`);
      told = true;
    }
  };
  const timer = setInterval(keep, KEEP_EVERY_MS);
  return () => {
    clearInterval(timer);
    kept = -1;
    keep();
  };
}

function sayReady(flags: EmulatorFlags, { words, protocols, accounts }: Started, running: Emulator): void {
  const { ports, controlPort } = running;
  const host = flags.host.includes(":") ? `[${flags.host}]` : flags.host;
  const control = `http://${host}:${controlPort}`;
  if (flags.json === true) {
    const listed = accounts.map(({ name, apiKey, secret }) => ({
      name,
      apiKey: apiKey ?? `${name}-key`,
      secret: secret ?? `${name}-secret`,
    }));
    printJson({ ports, control, pid: process.pid, market: words, accounts: listed });
    return;
  }
  print(`Emulator: ${words}. No real money, no real exchange.\n`);
  for (const name of protocols) {
    print(`${name.padEnd(14)} http://${host}:${ports[name]}  ws://${host}:${ports[name]}`);
    for (const line of clientLines(name, { host, port: ports[name] ?? 0 })) print(`  ${line}`);
    print("");
  }
  print(`control        ${control}/control/health`);
  for (const account of accounts) print(accountLine(account));
  note("Ctrl-C stops it. docs/emulator.md tells the rest.");
}

interface Voice {
  say(text: string): void;
  warn(text: string): void;
  listens(url: string): void;
  close(): void;
}

/** JSON lines for `opensqt up`, words for people. */
function voiceOf(supervised: boolean): Voice {
  if (!supervised) return { say: note, warn: note, listens: () => undefined, close: () => undefined };
  const log = openLog({ process: "emulator" });
  return {
    say: (text) => log.info(text),
    warn: (text) => log.warn(text),
    listens: (url) => log.info("http listens", { code: HTTP_LISTENS, url }),
    close: () => log.close(),
  };
}

/** What the emulator refuses, as the command line says it. */
async function refusing<T>(start: () => Promise<T>): Promise<T> {
  try {
    return await start();
  } catch (error) {
    if (!(error instanceof EmulatorError)) throw error;
    const usage = error.code === "ADDRESS_NOT_LOOPBACK";
    const { cause } = error;
    const why = cause instanceof Error && !error.message.includes(cause.message) ? ` (${cause.message})` : "";
    throw new CommandError(usage ? EXIT_CODES.usage : EXIT_CODES.refused, `${error.message}${why}`);
  }
}
