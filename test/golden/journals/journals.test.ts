// Journals of earlier releases (DUR-31, DUR-33): each opens and verifies for ever. Those of this shape of the state
// replay to their recorded end; of older ones the snapshot is read, and what old code decided is not decided again.

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { zstdDecompressSync } from "node:zlib";
import { decodeCanonical, encodeCanonical } from "../../../src/base/canonical.ts";
import { STATE_VERSION } from "../../../src/engine/state.ts";
import { productionEngine } from "../../../src/host/engine.ts";
import { rebuildState } from "../../../src/host/rebuild.ts";
import { replayJournal } from "../../../src/host/replay-journal.ts";
import { replayedBy } from "../../../src/host/snapshot-version.ts";
import { JournalError } from "../../../src/journal/errors.ts";
import { openJournalReader } from "../../../src/journal/reader.ts";
import { openSqliteJournal } from "../../../src/journal/sqlite-open.ts";
import { verifyJournal } from "../../../src/journal/verify.ts";

const HERE = import.meta.dirname;

interface Golden {
  readonly release: string;
  readonly coreHash: string;
  readonly stateVersion: number;
  readonly position: number;
  readonly seq: number;
  readonly chainHash: string;
  readonly stateHash: string;
  readonly snapshotSeq: number;
}

const NAMES = readdirSync(HERE)
  .filter((name) => name.endsWith(".json"))
  .map((name) => name.slice(0, -5));

function unpacked(t: TestContext, name: string): { readonly dir: string; readonly golden: Golden } {
  const dir = mkdtempSync(join(tmpdir(), "golden-"));
  t.after(() => rmSync(dir, { recursive: true }));
  for (const file of ["journal.db", "journal.db-wal", "head"]) {
    const packed = join(HERE, `${name}.${file}.zst`);
    if (existsSync(packed)) writeFileSync(join(dir, file), zstdDecompressSync(readFileSync(packed)));
  }
  return { dir, golden: JSON.parse(readFileSync(join(HERE, `${name}.json`), "utf8")) as Golden };
}

function codeOf(
  work: () => unknown,
): { readonly code: string; readonly exitCode: number; readonly text: string } | null {
  try {
    work();
    return null;
  } catch (error) {
    if (error instanceof JournalError) return { code: error.code, exitCode: error.exitCode, text: error.message };
    throw error;
  }
}

for (const name of NAMES) {
  test(`DUR-31 the journal ${name} opens, verifies, and replays to its end or names the release that does`, (t) => {
    const { dir, golden } = unpacked(t, name);
    const report = verifyJournal(dir);
    assert.equal(report.damage, null);
    assert.deepEqual([report.goodTo, report.hash], [golden.position, golden.chainHash]);
    const reader = openJournalReader(dir);
    const range = { engine: productionEngine, fromSeq: 1, toSeq: Number.MAX_SAFE_INTEGER };
    const replay = () => replayedBy(reader, { coreHash: "of this code" }, () => replayJournal(reader, range));
    if (golden.stateVersion === STATE_VERSION) assert.equal(replay().stateHash, golden.stateHash);
    else {
      const refused = codeOf(replay);
      assert.deepEqual([refused?.code, refused?.exitCode], ["JOURNAL_NEEDS_RELEASE", 7]);
      const text = refused?.text ?? "";
      assert.ok(text.startsWith(`JOURNAL_NEEDS_RELEASE ${golden.release}: `), text);
    }
    reader.close();
  });

  test(`DUR-33 DUR-32 this release goes on from ${name}, after a backup, by its snapshot`, (t) => {
    const { dir, golden } = unpacked(t, name);
    const reader = openJournalReader(dir);
    const { bot, tag } = reader.meta;
    reader.close();
    const holder = { host: "here", pid: 1, sinceMs: 0 };
    const options = {
      bot,
      tag,
      sync: "kill",
      holder,
      warn: (text: string): void => assert.fail(text),
      reserveBytes: 0,
    } as const;
    const journal = openSqliteJournal(dir, options);
    const identity = { bot, tag, lineage: journal.meta.lineage };
    const rebuild = { engine: productionEngine, identity, journal, coreHash: "of this code" };
    if (name.endsWith("-clean")) assert.equal(golden.snapshotSeq, golden.seq, "nothing is left to decide again");
    const { state } = rebuildState(rebuild);
    assert.deepEqual([state.version, state.seq], [STATE_VERSION, golden.seq]);
    const text = productionEngine.encode(state);
    assert.equal(encodeCanonical(decodeCanonical(text)), text);
    journal.close();
    assert.equal(verifyJournal(dir).damage, null);
    const backups = readdirSync(dir).filter((file) => file.includes("-before-"));
    for (const file of backups) {
      const kept = mkdtempSync(join(tmpdir(), "golden-"));
      t.after(() => rmSync(kept, { recursive: true }));
      writeFileSync(join(kept, "journal.db"), readFileSync(join(dir, file)));
      assert.equal(verifyJournal(kept).hash, golden.chainHash, "the backup is the journal as it was");
    }
    if (golden.stateVersion === 1) assert.equal(backups.length, 1);
  });
}
