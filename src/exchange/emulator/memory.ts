// An emulator that remembers its world from one process to the next: kept in one file of a folder, a whole one or the
// one before. Between two writings a killed process loses what happened: it rehearses clients' crashes, not its own.

import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { decodeCanonical, encodeCanonical } from "../../base/canonical.ts";
import { EmulatorError } from "./error.ts";
import type { SavedWorld } from "./saved-world.ts";

const FILE = "world.json";
const VERSION = 1;

/** The market itself is not kept: who starts the emulator again names the same one. */
type Kept = Omit<SavedWorld, "market"> & { readonly version: number; readonly marketName: string };

/** What a world is kept as; another market or another seed is another world. */
export interface MemoryPlace {
  readonly folder: string;
  /** Of the market, as its starter calls it. */
  readonly marketName: string;
}

export function writeMemory({ folder, marketName }: MemoryPlace, { market: _market, ...saved }: SavedWorld): void {
  // what stands in a folder of the machine's own making (/proc) would keep a recursive call busy for ever
  if (!existsSync(folder)) mkdirSync(folder, { recursive: !existsSync(dirname(folder)) });
  const temporary = join(folder, `${FILE}.tmp`);
  const kept: Kept = { version: VERSION, marketName, ...saved };
  writeFileSync(temporary, encodeCanonical(plain(kept)));
  renameSync(temporary, join(folder, FILE));
}

/** Null: nothing is kept there. Errors: {@link EmulatorError} STATE for a file of another seed or another version. */
export function readMemory({ folder, marketName }: MemoryPlace, expected: ExpectedWorld): SavedWorld | null {
  const path = join(folder, FILE);
  if (!existsSync(path)) return null;
  const { version: _version, marketName: keptName, ...saved } = keptAt(path);
  const { clock, seed, market, nowMs } = expected;
  if (saved.seed !== seed || keptName !== marketName) {
    const text = `${path} is a world of the market ${keptName}, seed ${saved.seed}`;
    throw new EmulatorError("STATE", `${text}, and asked for is ${marketName}, seed ${seed}; name another folder`);
  }
  return { ...saved, nowMs: clock.mode === "wall" ? Math.max(saved.nowMs, nowMs) : saved.nowMs, clock, market };
}

/** What the starter asks for. */
export interface ExpectedWorld extends Pick<SavedWorld, "seed" | "market" | "clock"> {
  /** The machine's time, Unix ms. */
  readonly nowMs: number;
}

/** Of this release: what it names itself by is text. */
const isKept = (kept: unknown): kept is Kept =>
  typeof kept === "object" &&
  kept !== null &&
  "version" in kept &&
  kept.version === VERSION &&
  "seed" in kept &&
  typeof kept.seed === "string" &&
  "marketName" in kept &&
  typeof kept.marketName === "string";

function keptAt(path: string): Kept {
  try {
    const kept: unknown = decodeCanonical(readFileSync(path, "utf8"));
    if (isKept(kept)) return kept;
  } catch (cause) {
    throw new EmulatorError("STATE", `${path} is damaged; move it away to start afresh`, { cause });
  }
  throw new EmulatorError("STATE", `${path} was kept by another release; move it away to start afresh`);
}

/** Without what is not there: canonical text knows no `undefined`. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Map) return new Map([...value].map(([key, each]) => [key, plain(each)]));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, each]) => (each === undefined ? [] : [[key, plain(each)]])),
  );
}
