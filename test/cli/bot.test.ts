// GRID-46 over gRPC: every operator command of the command line reaches a running system, with who and why, and what is
// wrong is refused in one sentence.

import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { DEFAULT_CONFIG_TEXT } from "../../src/config/default-config.ts";
import { openJournalReader } from "../../src/journal/reader.ts";
import { assertRefused, opensqt, type Said, startOpensqt, withFolder } from "./command-line.ts";
import { put } from "./market-files.ts";

type Call = (...words: string[]) => Said;

test("GRID-46 OPS-11 OPS-22 OPS-64 the operator's commands reach a running system, are journaled with who and why, and answered", async () => {
  await withFolder(async (folder) => {
    const dir = join(folder, "data");
    const up = startOpensqt(["up", "--data-dir", dir], { cwd: folder, timeoutMs: 180_000 });
    const ask: Call = (...words) => opensqt([...words, "--data-dir", dir]);
    const told: Call = (...words) => ask(...words, "--reason", "a test");
    try {
      await up.seen(/Console {2}http/);
      assert.equal(statSync(join(dir, "run.json")).mode & 0o777, 0o600, "run.json holds an operator key");
      assert.match(ask("health", "--ready").out, /connector +200\nmarket-maker +200\nlive-server +200/);
      answers(ask);
      for (const words of [["pause", "--cancel-entries"], ["resume"], ["flatten"], ["resume"]]) {
        const said = told("bot", ...words);
        assert.equal(said.code, 0, `${words.join(" ")}: ${said.err}`);
        assert.match(said.out, /journaled as event \d+/);
      }
      breakers(ask, told);
      refusals(ask, told);
      changeIt(folder, told);
      const second = opensqt(["up", "--quiet", "--data-dir", dir], { cwd: folder });
      assertRefused(second, 8, "LOCK_HELD", `process ${up.pid}`);
      kill(ask, told);
      assert.equal(ask("stop").code, 0);
    } catch (error) {
      up.kill("SIGTERM");
      throw error;
    }
    assert.equal((await up.ended).code, 0, up.said());
    assertRefused(ask("status"), 5, "no opensqt up is running", "opensqt up");
    const journal = join(dir, "synthetic-1", "bots", "btc-grid");
    assert.equal(opensqt(["replay", journal]).code, 0);
    assert.deepEqual(new Set(operators(journal)), new Set(["operator: a test"]));
  });
});

function answers(ask: Call): void {
  const status = JSON.parse(ask("status", "--json").out) as {
    v: number;
    ok: boolean;
    data: { bots: { bot: string }[] };
  };
  assert.deepEqual([status.v, status.ok, status.data.bots[0]?.bot], [1, true, "btc-grid"]);
  assert.match(ask("orders").out, /^bot +side +price|^no open orders/);
  assert.match(ask("positions").out, /^bot +symbol +quantity/);
  assert.match(ask("fills", "--since", "1h").out, /^time +bot|^no fills/);
  assert.match(ask("pnl").out, /^gross +/);
  assert.match(ask("bot", "list").out, /btc-grid +(running|blocked)/);
  assert.match(ask("bot", "ladder").out, /^slot +leg +state|^no level yet/);
  assert.match(ask("breaker", "list").out, /^name +scope/);
  assert.match(ask("top").out, /^btc-grid {2}BTC\/USDT:USDT/);
}

/** RISK-21: what the help says of a breaker is what the engine takes, the default first of all. */
function breakers(ask: Call, told: Call): void {
  for (const [words, shown] of [
    [[], "account +simulated +open +reduce"],
    [["--action", "halt", "--bot", "btc-grid"], "bot +btc-grid +open +halt"],
  ] as const) {
    const opened = told("breaker", "open", ...words);
    assert.equal(opened.code, 0, `${words.join(" ")}: ${opened.err}`);
    assert.match(ask("breaker", "list").out, new RegExp(`manual +${shown}`));
    assert.equal(told("breaker", "close", "manual").code, 0);
  }
  assertRefused(told("breaker", "open", "--action", "block"), 2, "pause, reduce, halt, flatten");
}

function refusals(ask: Call, told: Call): void {
  assertRefused(told("bot", "adopt", "a lot"), 3, '"a lot" is not a decimal number');
  assertRefused(told("bot", "write-off", "0.001", "--leg", "X"), 2, "--leg X is not allowed; give L, S");
  assertRefused(told("bot", "clear-gate", "nothing"), 4, "gate nothing is not shut");
  assertRefused(told("bot", "command", "nonsense"), 3, "nonsense", "reanchor");
  assertRefused(told("bot", "pause", "--bot", "nobody"), 3, "there is no bot nobody");
  assertRefused(told("reconcile", "accept"), 4, "nothing of latest waits to be accepted");
  assertRefused(ask("kill"), 2, "--reason");
  assertRefused(ask("bot", "pause"), 2, "--reason");
  assertRefused(ask("fills", "--since", "yesterday"), 2, "--since yesterday is not allowed");
}

function kill(ask: Call, told: Call): void {
  const said = told("kill", "--bot", "btc-grid");
  assert.equal(said.code, 0, said.err);
  assert.match(said.out, /done: no order left.*proven/);
  assert.match(ask("status").out, /btc-grid +killed/);
  assert.match(ask("kill", "status").out, /a kill is in force/);
  assert.match(told("kill", "reset", "--bot", "btc-grid").out, /^the kill is lifted; it was at done: .*proven/);
  assert.match(told("kill", "reset").out, /^no kill was in force/);
  assert.match(ask("kill", "status").out, /no kill is in force/);
}

/** OPS-09: what changes is shown with its class; what cannot be done this way is refused before it is sent. */
function changeIt(folder: string, told: Call): void {
  const live = put(folder, "live.yaml", DEFAULT_CONFIG_TEXT.replace("entryLevels: 6", "entryLevels: 5"));
  const wider = put(folder, "wider.yaml", DEFAULT_CONFIG_TEXT.replace('spacingBps: "6"', 'spacingBps: "9"'));
  const other = put(folder, "other.yaml", DEFAULT_CONFIG_TEXT.replace("BTC/USDT:USDT", "ETH/USDT:USDT"));
  const bad = put(folder, "bad.yaml", DEFAULT_CONFIG_TEXT.replace("entryLevels: 6", "entryLevels: -6"));
  const dry = told("bot", "update", live, "--dry-run");
  assert.equal(dry.code, 0, dry.err);
  assert.match(dry.err, /grid\.entryLevels: 6 → 5 {2}\(live: takes effect at once\)/);
  assert.match(dry.out, /nothing was changed/);
  assertRefused(told("bot", "update", live), 2, "give --yes");
  assert.match(told("bot", "update", live, "--yes").out, /journaled, revision 2/);
  assertRefused(told("bot", "update", bad, "--yes"), 3, "bad.yaml:", "entryLevels", "-6 is not allowed");
  assertRefused(told("bot", "update", other, "--yes"), 4, "instrument cannot change");
  const loses = put(folder, "loses.yaml", readFileSync(wider, "utf8").replace('"9"', '"2"'));
  assertRefused(told("bot", "update", loses, "--yes"), 3, "loses");
  assert.match(told("bot", "update", wider, "--yes").out, /journaled, revision 3/);
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
