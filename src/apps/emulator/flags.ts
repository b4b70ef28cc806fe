// The flags of `opensqt emulator` → what an emulator is started with. Files are read here, nothing is started.

import { existsSync, readFileSync } from "node:fs";
import { type AccountSpec, DEMO_ACCOUNT } from "../../exchange/emulator/accounts.ts";
import { readAccount } from "../../exchange/emulator/control/readings.ts";
import type { EmulatorOptions } from "../../exchange/emulator/emulator.ts";
import { loadRecordings, type Recording, recorderSkewMs } from "../../exchange/emulator/market/capture.ts";
import type { MarketChoice } from "../../exchange/emulator/market/choice.ts";
import { isPreset, PRESETS, presetWords } from "../../exchange/emulator/market/presets.ts";
import { type MemoryPlace, readMemory } from "../../exchange/emulator/memory.ts";
import type { ProtocolName } from "../../exchange/emulator/protocol.ts";
import { REGISTRY } from "../../exchange/emulator/registry.ts";
import { parseScript } from "../../exchange/emulator/script.ts";
import type { ClockMode } from "../../exchange/emulator/time.ts";
import { EXIT_CODES } from "../opensqt/exit-codes.ts";
import { CommandError, usageError } from "../opensqt/output.ts";

export interface EmulatorFlags {
  readonly protocol?: readonly ProtocolName[];
  readonly port?: string;
  readonly controlPort: string;
  readonly host: string;
  readonly allowRemote?: true;
  readonly clock: ClockMode;
  readonly speed: string;
  readonly seed: string;
  readonly market?: readonly string[];
  readonly loop?: true;
  readonly recorderSkew?: true;
  readonly accounts?: string;
  readonly script?: string;
  readonly strictParameters?: true;
  readonly legacy: "serve" | "silent" | "close";
  readonly memory?: string;
  readonly json?: true;
}

export interface Started {
  readonly options: EmulatorOptions;
  readonly protocols: readonly ProtocolName[];
  readonly accounts: readonly AccountSpec[];
  /** Added to the time everybody is told, ms. */
  readonly skewMs: number;
  /** Where it is kept; null: nowhere. */
  readonly place: MemoryPlace | null;
  /** "calm synthetic market, seed 1". */
  readonly words: string;
}

/** Errors: CommandError 2 for a flag, 3 for a file; DataError of recordings; EmulatorError of scripts and memory. */
export async function startOf(flags: EmulatorFlags, nowMs: number): Promise<Started> {
  const protocols = flags.protocol ?? REGISTRY.map(({ name }) => name);
  assertEffect(flags);
  const { market, words, skewMs } = await marketOf(flags);
  const accounts = flags.accounts === undefined ? [DEMO_ACCOUNT] : accountsOf(flags.accounts);
  const { memory, seed } = flags;
  const speed = whole("--speed", flags.speed, { min: 1, max: 1_000_000 });
  const clock = { mode: flags.clock, speed };
  const place = memory === undefined ? null : { folder: memory, marketName: (flags.market ?? ["calm"]).join(" ") };
  const saved = place === null ? null : readMemory(place, { seed, market, clock, nowMs });
  return {
    protocols,
    accounts,
    skewMs,
    place,
    words: saved === null ? words : `${words}, going on`,
    options: {
      protocols,
      ports: portsOf(flags, protocols),
      controlPort: whole("--control-port", flags.controlPort, PORTS),
      host: flags.host,
      allowRemote: flags.allowRemote === true,
      clock,
      seed,
      market,
      accounts,
      script: flags.script === undefined ? [] : parseScript(textOf(flags.script), flags.script),
      habits: { strictParameters: flags.strictParameters === true, legacy: flags.legacy },
      saved,
    },
  };
}

const PORTS = { min: 0, max: 65_535 };

/** A flag that would change nothing is a mistake of who gave it. Errors: CommandError 2. */
function assertEffect({ clock, speed, market = [], loop, recorderSkew }: EmulatorFlags): void {
  if (speed !== "1" && clock !== "paced") {
    throw usageError(`--speed ${speed} does nothing with --clock ${clock}; say --clock paced, or leave it out`);
  }
  const isRecorded = market.some((each) => !isPreset(each) && each !== "hand");
  const idle = loop === true ? "--loop" : recorderSkew === true ? "--recorder-skew" : null;
  if (idle !== null && !isRecorded) throw usageError(`${idle} is for recordings; name them with --market`);
}

function portsOf({ port }: EmulatorFlags, protocols: readonly ProtocolName[]): Readonly<Record<string, number>> {
  if (port === undefined) return {};
  const given = whole("--port", port, PORTS);
  if (given !== 0 && protocols.length > 1) {
    throw usageError(
      `--port ${port} is one port, and there are ${protocols.length} protocols; name one with --protocol, or give 0`,
    );
  }
  return Object.fromEntries(protocols.map((name) => [name, given]));
}

async function marketOf(
  flags: EmulatorFlags,
): Promise<{ readonly market: MarketChoice; readonly words: string; readonly skewMs: number }> {
  const given = flags.market ?? ["calm"];
  const [first = "calm"] = given;
  const { seed } = flags;
  if (given.length === 1 && first === "hand")
    return { market: { kind: "hand" }, words: "market fed by hand", skewMs: 0 };
  if (given.length === 1 && isPreset(first)) {
    const market = { kind: "preset", preset: first } as const;
    return { market, words: `synthetic market "${first}" (${presetWords(first)}), seed ${seed}`, skewMs: 0 };
  }
  const named = given.find((each) => isPreset(each) || each === "hand");
  if (named !== undefined)
    throw usageError(`--market ${named} stands alone; give it, or recordings (${PRESETS.join(", ")}, hand)`);
  const nowhere = given.find((each) => !existsSync(each));
  if (nowhere !== undefined) {
    const names = [...PRESETS, "hand"].join(", ");
    throw usageError(`--market ${nowhere} is neither a market nor a file that is there; markets are ${names}`);
  }
  const recordings: readonly Recording[] = await loadRecordings(given);
  const skewMs = flags.recorderSkew === true ? recorderSkewMs(recordings) : 0;
  const symbols = recordings.map(({ symbol }) => symbol).join(", ");
  const words = `recorded market of ${symbols}, the others synthetic, seed ${seed}`;
  return { market: { kind: "capture", recordings, loop: flags.loop === true }, words, skewMs };
}

function accountsOf(file: string): readonly AccountSpec[] {
  try {
    const list: unknown = JSON.parse(textOf(file));
    if (!Array.isArray(list)) throw new CommandError(EXIT_CODES.refused, `${file} holds no list of accounts`);
    const known = { protocols: REGISTRY.map(({ name }) => name), accounts: [], instruments: [] };
    return list.map((body: unknown) => readAccount({ body, known }));
  } catch (error) {
    if (error instanceof CommandError) throw error;
    const text = error instanceof Error ? error.message : String(error);
    throw new CommandError(EXIT_CODES.refused, `${file}: ${text}`, "docs/emulator.md shows a list of accounts.");
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    throw new CommandError(EXIT_CODES.refused, `${file} cannot be read: there is no such file, or it is not ours`);
  }
}

function whole(flag: string, text: string, range: { readonly min: number; readonly max: number }): number {
  const value = /^\d{1,9}$/.test(text) ? Number.parseInt(text, 10) : Number.NaN;
  if (value >= range.min && value <= range.max) return value;
  throw usageError(`${flag} ${text} is not allowed; give a whole number from ${range.min} to ${range.max}`);
}
