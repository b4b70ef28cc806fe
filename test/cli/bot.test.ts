// GRID-46 over the socket: every operator command of the command line reaches a real running bot, with who and why, and
// what is wrong is refused in one sentence.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { DEFAULT_CONFIG_TEXT } from "../../src/config/default-config.ts";
import { openJournalReader } from "../../src/journal/reader.ts";
import { assertRefused, opensqt, type Said, startOpensqt, withFolder } from "./command-line.ts";
import { put } from "./market-files.ts";

/** Asks until the bot runs: it has to recover first. The bot's process has a time limit. */
function untilRunning(ask: () => Said): void {
  for (;;) {
    const said = ask();
    if (said.code === 0 && /phase +running/.test(said.out)) return;
  }
}

test("GRID-46 the operator's commands reach a running bot, are journaled with who and why, and their answers printed", async () => {
  await withFolder(async (folder) => {
    const dir = join(folder, "data");
    const up = startOpensqt(["up", "--quiet", "--data-dir", dir], { cwd: folder });
    const bot = (...words: string[]): Said => opensqt(["bot", ...words, "--data-dir", dir]);
    const told = (...words: string[]): Said => bot(...words, "--reason", "a test", "--by", "anna");
    try {
      untilRunning(() => bot("status"));
      assert.match(bot("orders").out, /^side +price/);
      assert.match(bot("ladder").out, /phase running/);
      const status = JSON.parse(bot("status", "--json").out) as { ok: boolean; data: { bot: string } };
      assert.equal(status.data.bot, "btc-grid");
      for (const words of [
        ["pause", "--cancel-entries"],
        ["resume"],
        ["reconcile", "accept"],
        ["clear-gate", "operator"],
      ]) {
        const said = told(...words);
        assert.equal(said.code, 0, `${words.join(" ")}: ${said.err}`);
        assert.match(said.out, /journaled as event \d+/);
      }
      changeIt(folder, told);
      assertRefused(told("adopt", "a lot"), 3, '"a lot" is not a decimal number');
      assertRefused(told("write-off", "0.001", "--leg", "X"), 2, "--leg X is not allowed; give L, S");
      assertRefused(bot("kill"), 2, "--reason");
      const second = opensqt(["up", "--quiet", "--data-dir", dir], { cwd: folder });
      assertRefused(second, 8, "LOCK_HELD", `process ${up.pid}`);
      assert.equal(told("kill").code, 0);
      assert.match(bot("status").out, /kill +(cancelling|done|killed|\w+)/);
      assert.equal(told("reset").code, 0);
    } finally {
      up.kill("SIGTERM");
    }
    await up.ended;
    const journal = join(dir, "synthetic-1", "bots", "btc-grid");
    assert.equal(opensqt(["replay", journal]).code, 0);
    assert.deepEqual(new Set(operators(journal)), new Set(["anna: a test"]));
  });
});

/** OPS-09: what changes is shown with its class; what cannot be done this way is refused before it is sent. */
function changeIt(folder: string, told: (...words: string[]) => Said): void {
  const live = put(folder, "live.yaml", DEFAULT_CONFIG_TEXT.replace("entryLevels: 6", "entryLevels: 5"));
  const wider = put(folder, "wider.yaml", DEFAULT_CONFIG_TEXT.replace('spacingBps: "6"', 'spacingBps: "9"'));
  const dry = told("update", live, "--dry-run");
  assert.equal(dry.code, 0, dry.err);
  assert.match(dry.err, /grid\.entryLevels: 6 → 5 {2}\(live: takes effect at once\)/);
  assert.match(dry.out, /nothing was sent/);
  assertRefused(told("update", live), 2, "give --yes");
  assert.match(told("update", live, "--yes").out, /journaled as event/);
  assertRefused(told("update", wider, "--yes"), 3, "grid.spacingBps (drain)", "see relattice");
  const loses = put(folder, "loses.yaml", readFileSync(wider, "utf8").replace('"9"', '"2"'));
  assertRefused(told("relattice", loses, "--yes"), 4, "the grid would not start", "loses");
  assert.match(told("relattice", wider, "--yes").out, /journaled as event/);
}

/** `by: reason` of every command in a journal. */
function operators(journal: string): string[] {
  const reader = openJournalReader(journal);
  try {
    const said: string[] = [];
    for (const { kind, body } of reader.records(0)) {
      if (kind !== "command") continue;
      const { by, reason } = JSON.parse(body) as { by: string; reason: string };
      said.push(`${by}: ${reason}`);
    }
    return said;
  } finally {
    reader.close();
  }
}
