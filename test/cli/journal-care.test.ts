// OPS-11, DUR-28…30 on the command line: a journal compacted, backed up, restored, begun anew, dumped.

import assert from "node:assert/strict";
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { assertRefused, opensqt } from "./command-line.ts";

const folder = mkdtempSync(join(tmpdir(), "opensqt-care-"));
const journal = join(folder, "j");
after(() => rmSync(folder, { recursive: true, force: true }));

const run = opensqt(
  ["backtest run --synthetic 30m --quiet".split(" "), ["--out", join(folder, "r"), "--journal", journal]].flat(),
);

const dataOf = <T>(words: readonly string[]): T => {
  const said = opensqt([...words, "--json"]);
  assert.equal(said.code, 0, said.err);
  return (JSON.parse(said.out) as { readonly ok: boolean; readonly data: T }).data;
};

/** A copy of the journal, to be changed. */
function copyOf(name: string): string {
  const to = join(folder, name);
  cpSync(journal, to, { recursive: true });
  return to;
}

test("OPS-11 DUR-28 compact archives what is old; replay, explain and verify answer as before", () => {
  assert.equal(run.code, 0, run.err);
  const dir = copyOf("compacted");
  const before = dataOf<{ stateHash: string; events: number }>(["replay", journal]);
  const facts = dataOf<{ archived: number; oldest: number }>(["journal", "compact", dir, "--keep-days", "0"]);
  assert.equal(facts.oldest, facts.archived);
  if (facts.archived === 0) assert.fail("the run takes too few snapshots");
  assert.equal(readdirSync(join(dir, "archive")).length, 1);
  const replayed = dataOf<{ stateHash: string; events: number; baseSeq: number }>(["replay", dir]);
  assert.deepEqual([replayed.stateHash, replayed.events, replayed.baseSeq], [before.stateHash, before.events, 0]);
  assert.match(opensqt(["journal", "verify", dir]).out, /\d+ records, the chain is whole/);
  const [order = ""] = opensqt(["journal", "dump", dir, "--to", "200"]).out.match(/"o[0-9a-z]{23}"/) ?? [];
  const id = order.slice(1, -1);
  assert.equal(opensqt(["explain", id, "--journal", dir]).out, opensqt(["explain", id, "--journal", journal]).out);
  rmSync(join(dir, "archive"), { recursive: true });
  assert.match(opensqt(["journal", "verify", dir]).out, /were archived, and their archives are not here/);
  const part = dataOf<{ stateHash: string; baseSeq: number }>(["replay", dir]);
  assert.ok(part.baseSeq > 0 && part.stateHash === before.stateHash);
  assertRefused(opensqt(["journal", "compact", dir, "--keep-days", "soon"]), 2, "--keep-days soon is not allowed");
});

test("OPS-11 DUR-30 DUR-27 a backup is checked, and restored with its lineage raised and the old files kept", () => {
  const dir = copyOf("live");
  const backup = join(folder, "backup");
  const said = opensqt(["journal", "backup", dir, backup]);
  assert.equal(said.code, 0, said.err);
  assert.match(said.out, /records up to event \d+ are in .*backup, checked/);
  assert.equal(opensqt(["journal", "verify", backup]).code, 0);
  assertRefused(opensqt(["journal", "backup", dir, backup]), 2, "there is a journal in");
  const restored = dataOf<{ lineage: number; aside: string }>(["journal", "restore", backup, dir]);
  assert.equal(restored.lineage, 2);
  assert.ok(existsSync(join(restored.aside, "journal.db")));
  const again = opensqt(["journal", "restore", backup, dir, "--lineage", "9"]);
  assert.match(
    again.out,
    /it is lineage 9\nwhat was there is kept in .*\nStart the bot: it cancels its own open orders/,
  );
  assertRefused(opensqt(["journal", "restore", join(folder, "nowhere"), dir]), 3, "there is no journal at");
  writeFileSync(join(backup, "journal.db"), "not a database".repeat(1000));
  assertRefused(opensqt(["journal", "restore", backup, dir]), 6, "JOURNAL_CORRUPT");
});

test("OPS-11 DUR-27 adopt begins anew, and asks whose journal it is where nothing says so", () => {
  const dir = copyOf("lost");
  const adopted = opensqt(["journal", "adopt", dir]);
  assert.equal(adopted.code, 0, adopted.err);
  assert.match(adopted.out, /has an empty journal of btc-grid; it is lineage 2\nwhat was there is kept in/);
  const empty = join(folder, "empty");
  assertRefused(opensqt(["journal", "adopt", empty]), 2, "give --bot and --tag");
  assertRefused(opensqt(["journal", "adopt", empty, "--bot", "b", "--tag", "no"]), 2, "--tag no is not allowed");
  const made = dataOf<{ lineage: number; aside: null }>(
    `journal adopt ${empty} --bot btc-grid --tag abc123 --lineage 4`.split(" "),
  );
  assert.deepEqual([made.lineage, made.aside], [4, null]);
});

test("OPS-11 dump gives every record as one line of JSON, or those of some events", () => {
  const all = opensqt(["journal", "dump", journal]).out.trimEnd().split("\n");
  const first = JSON.parse(all[0] ?? "") as { position: number; kind: string; body: unknown; at: string };
  assert.deepEqual([first.position, first.kind, typeof first.body], [1, "run-started", "object"]);
  assert.match(first.at, /^\d{4}-\d\d-\d\dT/);
  const part = opensqt(["journal", "dump", journal, "--from", "10", "--to", "12"]).out.trimEnd().split("\n");
  const seqs = part.map((line) => (JSON.parse(line) as { seq: number }).seq);
  assert.deepEqual(new Set(seqs), new Set([10, 11, 12]));
  assert.ok(part.length < all.length);
  const bodyOf = (lines: readonly string[], kind: string): Record<string, unknown> =>
    lines
      .map((line) => JSON.parse(line) as { kind: string; body: Record<string, unknown> })
      .find((r) => r.kind === kind)?.body ?? {};
  const fill = bodyOf(all, "fill");
  const raw = bodyOf(opensqt(["journal", "dump", journal, "--raw"]).out.trimEnd().split("\n"), "fill");
  assert.equal(Number(fill["price"]) * 10, raw["price"], "ticks of 0.1 as a price");
  assert.match(`${String(fill["quantity"])} ${String(fill["fee"])}`, /^0\.\d{3} 0\.\d+$/);
  assert.match(JSON.stringify(raw["fee"]), /^\{"\$n":"\d+"\}$/);
  assertRefused(opensqt(["journal", "dump", journal, "--from", "999999999"]), 3, "is not there");
  assertRefused(opensqt(["journal", "dump", journal, "--to", "x"]), 2, "--to x is not allowed");
});
