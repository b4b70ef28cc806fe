// What is kept on disk and read back: journal records, snapshots, the head file, memories of the simulated exchange and
// of the connector. The codec itself makes the real ones.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { BugError } from "../../../src/base/assert.ts";
import { decodeCanonical, encodeCanonical, sha256 } from "../../../src/base/canonical.ts";
import { decodeState } from "../../../src/engine/snapshot.ts";
import { fenceFile } from "../../../src/exchange/connector/fence-file.ts";
import { EmulatorError } from "../../../src/exchange/emulator/error.ts";
import { readMemory } from "../../../src/exchange/emulator/memory.ts";
import { readExchange, SavedExchangeError } from "../../../src/exchange/simulated-file.ts";
import {
  checkBody,
  decodeEffect,
  decodeEvent,
  effectBody,
  eventBody,
  type RecordToDecode,
} from "../../../src/journal/codec.ts";
import { JournalError } from "../../../src/journal/errors.ts";
import { HeadFile, readHead } from "../../../src/journal/head.ts";
import { snapshotProblem } from "../../../src/journal/snapshot-check.ts";
import { anyEffect } from "../../arbitraries/effect.ts";
import { anyEvent } from "../../arbitraries/event.ts";
import { BrokenLaw, type Decoder, type FuzzTarget, nothingThrown, textOf } from "../target.ts";

/** A record as one line: kind, then body. */
const eventLine = anyEvent.map((event) => `${event.kind} ${eventBody(event)}`);
const effectLine = anyEffect.map((effect) => `${effect.kind} ${effectBody(effect)}`);

function recordOf(type: "event" | "effect", bytes: Uint8Array): RecordToDecode {
  const text = textOf(bytes);
  const at = text.indexOf(" ");
  const kind = at === -1 ? text : text.slice(0, at);
  const clientOrderId = type === "effect" && /^(?:place|cancel|lookup)/.test(kind) ? "o1abc" : null;
  return { position: 1, type, kind, version: 1, atMs: 1, clientOrderId, body: at === -1 ? "" : text.slice(at + 1) };
}

function readRecord(type: "event" | "effect", bytes: Uint8Array): unknown {
  const record = recordOf(type, bytes);
  const value = type === "event" ? decodeEvent(record) : decodeEffect(record);
  checkBody(record);
  const again = type === "event" ? eventBody(decodeEvent(record)) : effectBody(decodeEffect(record));
  if (again !== record.body) throw new BrokenLaw("a record that is read and checked encodes to other bytes");
  return value;
}

/** A file of its own for each decoder. */
function overFile(name: string, read: (path: string, folder: string) => unknown): Decoder {
  const folder = mkdtempSync(join(tmpdir(), "opensqt-fuzz-"));
  const path = join(folder, name);
  return {
    read: (bytes) => {
      writeFileSync(path, bytes);
      return read(path, folder);
    },
    close: () => rmSync(folder, { recursive: true }),
  };
}

function headBytes(): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), "opensqt-fuzz-"));
  try {
    const path = join(folder, "head");
    const file = new HeadFile(path);
    file.write({ position: 41, hash: sha256("41") });
    file.write({ position: 42, hash: sha256("42") });
    file.close();
    const head = readHead(path);
    if (head?.position !== 42) throw new Error("the head file does not tell its newest slot");
    return Buffer.from(encodeCanonical(head));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const STATE = encodeCanonical({
  version: 1,
  orders: new Map([["o1", { price: 5, money: 12n ** 20n }]]),
  mode: "running",
});
const isNamed =
  (...classes: readonly (new (...args: never[]) => Error)[]) =>
  (error: unknown): boolean =>
    classes.some((each) => error instanceof each);
/** The two words by which canonical text says that it is none. */
const isNoText = isNamed(SyntaxError, TypeError);

export const JOURNAL: readonly FuzzTarget[] = [
  {
    name: "journal-event",
    corpus: fc.sample(eventLine, { numRuns: 40, seed: 1 }),
    near: eventLine,
    isTyped: isNamed(JournalError),
    open: () => ({ read: (bytes) => readRecord("event", bytes) }),
  },
  {
    name: "journal-effect",
    corpus: fc.sample(effectLine, { numRuns: 20, seed: 1 }),
    near: effectLine,
    isTyped: isNamed(JournalError),
    open: () => ({ read: (bytes) => readRecord("effect", bytes) }),
  },
  {
    name: "canonical",
    corpus: [STATE, '[1,{"$n":"-5"},{"$m":[["a",null]]}]'],
    isTyped: isNoText,
    open: () => ({
      read: (bytes) => {
        const value = decodeCanonical(textOf(bytes));
        // foreign JSON may hold what canonical text cannot; what it can, comes back
        return value === null ? null : typeof value;
      },
    }),
  },
  {
    name: "snapshot",
    corpus: [STATE],
    isTyped: isNamed(BugError, SyntaxError, TypeError),
    open: () => ({
      read: (bytes) => {
        const state = textOf(bytes);
        const chainHash = sha256("record");
        const snapshot = { version: 1, position: 1, seq: 1, chainHash, stateHash: sha256(state), state };
        if (snapshotProblem(snapshot, chainHash) !== null) return null;
        if (encodeCanonical(decodeCanonical(state)) !== state)
          throw new BrokenLaw("a valid snapshot encodes otherwise");
        return decodeState(state);
      },
    }),
  },
  {
    name: "head-file",
    corpus: [headBytes()],
    isTyped: nothingThrown,
    open: () => overFile("head", readHead),
  },
  {
    name: "saved-exchange",
    corpus: ['{"version":1,"nowMs":5,"wallets":{"$m":[]}}'],
    isTyped: isNamed(SavedExchangeError),
    open: () => overFile("exchange.json", (path) => void readExchange(path)),
  },
  {
    name: "emulator-memory",
    corpus: ['{"version":1,"marketName":"calm","seed":"1","nowMs":5}'],
    isTyped: isNamed(EmulatorError),
    open: () =>
      overFile("world.json", (_path, folder) => {
        const clock = { mode: "manual", speed: 1, startMs: 1 } as const;
        const market = { kind: "preset", preset: "calm" } as const;
        readMemory({ folder, marketName: "calm" }, { seed: "1", market, clock, nowMs: 1 });
      }),
  },
  {
    name: "fence-file",
    corpus: ['{"grid":3,"dip":14}'],
    isTyped: nothingThrown,
    open: () =>
      overFile("fence.json", (path) => {
        const said: string[] = [];
        const known = fenceFile(path, { error: (text) => said.push(text) }).read();
        return known.lost !== said.length > 0
          ? new BrokenLaw("lost and not said, or said and not lost")
          : known.highest;
      }),
  },
];
