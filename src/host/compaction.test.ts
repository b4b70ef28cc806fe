// The journal of a running bot is kept small while it trades: nobody notices, and nothing is lost.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { folder, open } from "../../test/contract/journal-sqlite.ts";
import { snapshotOf, turns } from "../../test/contract/journal-turns.ts";
import { openJournalReader } from "../journal/reader.ts";
import { SqliteStore } from "../journal/sqlite-store.ts";
import { explainOrder } from "./api/bot-explain.ts";
import { Compaction } from "./compaction.ts";
import type { OwnAlert } from "./context.ts";
import { productionEngine } from "./engine.ts";
import { botOf, trading, world } from "./fleet/fleet.fixture.ts";
import { replayJournal } from "./replay-journal.ts";

const NOTHING_KEPT = { keepMs: 0, bytesMax: Number.MAX_SAFE_INTEGER };
const LATER = 2_000_000_000_000;

test("DUR-28 DUR-29 a bot is compacted between its turns, recovers after a kill, and is replayed whole", async (t) => {
  const w = world(t, 1);
  const change = { retention: NOTHING_KEPT, snapshots: { events: 150, ms: 1_000_000_000 } };
  const first = w.start(change);
  await trading(w, first, "b-one", 0);
  const dir = (): string => new SqliteStore(w.folder).folderOf("b-one");
  await w.untilTrue(() => (botOf(first, "b-one").journal?.oldest ?? 0) > 600, 600_000);
  w.kill(first);

  const second = w.start(change);
  await w.untilTrue(() => botOf(second, "b-one").state?.phase === "running");
  await w.run(20_000);
  assert.deepEqual([...first.ends, ...second.ends], []);
  const { journal } = botOf(second, "b-one");
  const oldest = journal?.oldest ?? 0;
  assert.ok(oldest > 0);

  const whole = openJournalReader(dir(), { archives: true });
  const own = openJournalReader(dir());
  t.after(() => [whole, own].map((reader) => reader.close()));
  assert.deepEqual([whole.oldest, whole.verify(0)], [0, whole.position]);
  const range = { engine: productionEngine, fromSeq: 1, toSeq: whole.seq };
  const all = replayJournal(whole, range);
  const part = replayJournal(own, range);
  assert.equal(all.baseSeq, 0, "archives and journal: from the beginning");
  assert.ok(part.baseSeq > 0, "the journal alone: from the snapshot it begins with");
  assert.equal(part.stateHash, all.stateHash);

  const old = [...whole.records(0)].find(({ kind }) => kind === "place")?.clientOrderId ?? assert.fail();
  const asked = { clientOrderId: old, orderId: "", tradeId: "", refusalId: "" };
  await assert.rejects(
    explainOrder(second.fleet, asked, new AbortController().signal),
    /is archived: ask where the archives lie: opensqt explain .* --journal /,
  );
});

test("DUR-29 slices are spaced by the machine's time, and begin again with the next snapshot", (t) => {
  const journal = open(folder(t));
  turns(journal, 700);
  for (let i = 0; i < 3; i += 1) {
    turns(journal, 100);
    journal.writeSnapshot(snapshotOf(journal));
  }
  const now = { ms: 0 };
  const alerts: OwnAlert[] = [];
  const alert = (said: OwnAlert): number => alerts.push(said);
  const compaction = new Compaction({ journal, retention: NOTHING_KEPT, machineMs: () => now.ms, alert });
  const rounds: number[] = [];
  for (; now.ms < 2000; now.ms += 50) {
    compaction.betweenTurns(LATER);
    rounds.push(journal.oldest);
  }
  assert.equal(rounds.indexOf(journal.oldest), 8, "a slice a tenth of a second: four that write, one that registers");
  compaction.snapshotTaken();
  turns(journal, 10);
  journal.writeSnapshot(snapshotOf(journal));
  const before = journal.oldest;
  for (let until = now.ms + 1000; now.ms < until; now.ms += 100) compaction.betweenTurns(LATER);
  assert.ok(journal.oldest > before);
  assert.deepEqual(alerts, []);
  journal.close();
});

test("DUR-28 what cannot be archived is told, and the journal takes turns as before", (t) => {
  const dir = folder(t);
  const journal = open(dir);
  for (let i = 0; i < 3; i += 1) {
    turns(journal, 10);
    journal.writeSnapshot(snapshotOf(journal));
  }
  // a file where the folder of archives should be
  writeFileSync(join(dir, "archive"), "");
  const alerts: OwnAlert[] = [];
  const alert = (said: OwnAlert): number => alerts.push(said);
  const compaction = new Compaction({ journal, retention: NOTHING_KEPT, machineMs: () => 0, alert });
  compaction.betweenTurns(LATER);
  assert.deepEqual([alerts[0]?.code, alerts[0]?.severity], ["journal-not-compacted", "warning"]);
  turns(journal, 3);
  journal.close();
});
