// `opensqt replay` of a journal that an older release began, and that goes on well on this one, told to start that old
// release on it, or to begin anew from the exchange: right for a bot that cannot start, ruin for one that runs.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { zstdDecompressSync } from "node:zlib";
import { productionEngine } from "../../src/host/engine.ts";
import { replayJournal } from "../../src/host/replay-journal.ts";
import { type ReplayedFor, replayedBy } from "../../src/host/snapshot-version.ts";
import { JournalError } from "../../src/journal/errors.ts";
import { openJournalReader } from "../../src/journal/reader.ts";

const GOLDEN = join(import.meta.dirname, "../golden/journals/2026.11.20-clean");

test("DUR-33 a replay of what an older release decided says so, and sends nobody away from this one", (t) => {
  const dir = mkdtempSync(join(tmpdir(), "look-"));
  t.after(() => rmSync(dir, { recursive: true }));
  for (const file of ["journal.db", "head"]) {
    writeFileSync(join(dir, file), zstdDecompressSync(readFileSync(`${GOLDEN}.${file}.zst`)));
  }
  const reader = openJournalReader(dir);
  t.after(() => reader.close());
  const range = { engine: productionEngine, fromSeq: 1, toSeq: Number.MAX_SAFE_INTEGER };
  const told = (replayedFor: ReplayedFor): string => {
    try {
      replayedBy(reader, { coreHash: "of this code", replayedFor }, () => replayJournal(reader, range));
    } catch (error) {
      if (error instanceof JournalError && error.code === "JOURNAL_NEEDS_RELEASE") return error.message;
      throw error;
    }
    return assert.fail("it was replayed");
  };
  assert.match(told("look"), /Only that code replays them/);
  assert.doesNotMatch(told("look"), /adopt|stop it cleanly|[Ss]tart /);
  assert.match(told("start"), /Start 2026\.11\.20 once and stop it cleanly/);
});
