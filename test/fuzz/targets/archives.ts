// Archives of a journal: packed files as they lie on the disk, and the lines in them behind the packing. What is not as
// it was written is a JournalError with a position.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import fc from "fast-check";
import { type ArchiveRange, ArchiveWriter, archivePath, readArchive } from "../../../src/journal/archive.ts";
import { draftEvents, genesisOf } from "../../../src/journal/chain.ts";
import { JournalError } from "../../../src/journal/errors.ts";
import { anyEvent } from "../../arbitraries/event.ts";
import { BrokenLaw, type Decoder, type FuzzTarget } from "../target.ts";

const OWNER = { journalId: "1f9f1c52-6ad0-4a3c-9a7e-2f0f6c1d9e11", bot: "grid" };
const RECORDS = 4;

interface Real {
  readonly range: ArchiveRange;
  readonly packed: Buffer;
  readonly lines: Buffer;
}

/** An archive of a few events, written by the writer itself. */
function made(): Real {
  const dir = mkdtempSync(join(tmpdir(), "opensqt-fuzz-"));
  try {
    const hash = genesisOf({ format: 1, tag: "fuzz01", ...OWNER });
    const tail = { position: 0, hash, seq: 0, atMs: 0, effectSeq: 0, effectIndex: -1 };
    const events = fc.sample(anyEvent, { numRuns: RECORDS, seed: 3 }).sort((a, b) => a.atMs - b.atMs);
    const { records } = draftEvents(tail, 1, 1, events);
    const range = { from: 1, to: records.length, hashBefore: hash, hashAfter: records.at(-1)?.hash ?? "" };
    const writer = new ArchiveWriter(dir, OWNER, range);
    writer.append(records);
    writer.finish();
    const packed = readFileSync(archivePath(dir, range));
    return { range, packed, lines: zstdDecompressSync(packed) };
  } finally {
    rmSync(dir, { recursive: true });
  }
}

function decoder({ range, packed }: Real, pack: (bytes: Uint8Array) => Uint8Array): Decoder {
  const dir = mkdtempSync(join(tmpdir(), "opensqt-fuzz-"));
  const writer = new ArchiveWriter(dir, OWNER, range);
  writer.finish();
  const path = archivePath(dir, range);
  const whole = (bytes: Uint8Array): string => {
    writeFileSync(path, bytes);
    return JSON.stringify(readArchive(dir, range, OWNER.journalId));
  };
  const real = whole(packed);
  return {
    read: (bytes) => {
      // the chain covers every record: what is read is what was written, or an error
      if (whole(pack(bytes)) !== real) throw new BrokenLaw("other records than were written are believed");
      return null;
    },
    close: () => rmSync(dir, { recursive: true }),
  };
}

const isTyped = (error: unknown): boolean => error instanceof JournalError;

export function archiveTargets(): readonly FuzzTarget[] {
  const real = made();
  const asIs = (bytes: Uint8Array): Uint8Array => bytes;
  return [
    { name: "archive", corpus: [real.packed], isTyped, share: 2, open: () => decoder(real, asIs) },
    { name: "archive-lines", corpus: [real.lines], isTyped, share: 2, open: () => decoder(real, zstdCompressSync) },
  ];
}
