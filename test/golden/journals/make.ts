// Makes the golden journals of a release (DUR-31): `node test/golden/journals/make.ts NAME` writes NAME-clean, of a bot
// that was stopped in order, and NAME-killed, of the same life killed in the middle. Once committed they are never made
// again: what this release wrote must open, verify and replay under every later one.

import { cpSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zstdCompressSync } from "node:zlib";
import { STATE_VERSION } from "../../../src/engine/state.ts";
import { coreHash } from "../../../src/host/core-hash.ts";
import { productionEngine } from "../../../src/host/engine.ts";
import { botOf, type FleetProcess, FleetWorld, trading } from "../../../src/host/fleet/fleet.fixture.ts";
import { replayJournal } from "../../../src/host/replay-journal.ts";
import { openJournalReader } from "../../../src/journal/reader.ts";

const BOT = "golden";
const [name = ""] = process.argv.slice(2);
if (!/^[0-9a-z.]+$/.test(name)) throw new Error("name the release: node test/golden/journals/make.ts 2026.11.21");

const change = { snapshots: { events: 120, ms: 1_000_000_000 }, release: name, coreHash: coreHash() };

/** Keeps the journal as it lies, and what it must replay to. */
function keep(world: FleetWorld, kind: "clean" | "killed"): void {
  const copy = mkdtempSync(join(tmpdir(), "golden-"));
  const from = join(world.folder, "bots", BOT);
  const left = ["journal.db", "journal.db-wal", "head"].filter(
    (file) => (statSync(join(from, file), { throwIfNoEntry: false })?.size ?? 0) > 0,
  );
  for (const file of left) cpSync(join(from, file), join(copy, file));
  const reader = openJournalReader(copy);
  const replayed = replayJournal(reader, { engine: productionEngine, fromSeq: 1, toSeq: Number.MAX_SAFE_INTEGER });
  const { position, seq, chainHash } = reader;
  const [snapshot] = reader.snapshots();
  const facts = {
    release: name,
    coreHash: coreHash(),
    stateVersion: STATE_VERSION,
    position,
    seq,
    chainHash,
    stateHash: replayed.stateHash,
    snapshotSeq: snapshot?.seq ?? 0,
  };
  reader.close();
  const to = join(import.meta.dirname, `${name}-${kind}`);
  for (const file of left) writeFileSync(`${to}.${file}.zst`, zstdCompressSync(readFileSync(join(from, file))));
  writeFileSync(`${to}.json`, `${JSON.stringify(facts, null, 2)}\n`);
  rmSync(copy, { recursive: true });
}

const world = new FleetWorld(1);
const life: FleetProcess = world.start(change);
await trading(world, life, BOT, 0);
await world.untilTrue(() => (botOf(life, BOT).state?.seq ?? 0) > 500);
keep(world, "killed");
await world.until(life.fleet.close("golden"));
keep(world, "clean");
world.remove();
