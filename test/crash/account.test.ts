// Crash point 20 in a real process: killed between the commit of a grant and its delivery, again and again, the account
// never grants more than there is, and ends where it would have ended undisturbed.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { accountEngine } from "../../src/host/account/account-engine.ts";
import { replayTail } from "../../src/host/replay-tail.ts";
import { openJournalReader } from "../../src/journal/reader.ts";

const VICTIM = join(import.meta.dirname, "account-process.ts");
const LIMIT = 1_000n * 10n ** 18n;
/** Passages of the point in one undisturbed run with three bots. */
const PASSAGES = [1, 2, 3, 4] as const;

function run(folder: string, dieAt: number): { readonly signal: string | null; readonly held: readonly Held[] } {
  const { signal, stdout, stderr, status } = spawnSync(process.execPath, [VICTIM, folder, String(dieAt)], {
    encoding: "utf8",
    timeout: 60_000,
  });
  assert.ok(signal !== null || status === 0, stderr);
  return { signal, held: signal === null ? (JSON.parse(stdout) as Held[]) : [] };
}

interface Held {
  readonly bot: string;
  readonly held: string;
  readonly gross: string;
}

interface Line {
  readonly run?: true;
  readonly bot?: string;
  readonly gross?: string;
}

/** The most all bots together believed at any moment, from what was delivered; a new process knows nothing yet. */
function mostBelieved(folder: string): bigint {
  const beliefs = new Map<string, bigint>();
  let most = 0n;
  for (const text of readFileSync(join(folder, "told.jsonl"), "utf8").trim().split("\n")) {
    const { run: isRun, bot = "", gross = "0" } = JSON.parse(text) as Line;
    if (isRun === true) beliefs.clear();
    else beliefs.set(bot, BigInt(gross));
    const sum = [...beliefs.values()].reduce((a, b) => a + b, 0n);
    if (sum > most) most = sum;
  }
  return most;
}

test("DUR-71 RISK-09 killed between a grant's commit and its delivery, the account grants no more", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "account-crash-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const passage of PASSAGES) {
    const { signal } = run(folder, passage);
    assert.equal(signal, "SIGKILL", `passage ${passage} is reached`);
    const reader = openJournalReader(join(folder, "account"));
    reader.verify(0);
    const identity = { bot: "account", tag: "accoun", lineage: reader.meta.lineage };
    const { state } = replayTail(reader, { engine: accountEngine, identity, warn: () => undefined });
    reader.close();
    const sum = [...state.bots.values()].reduce((all, { held }) => all + held, 0n);
    assert.ok(sum <= LIMIT, `${sum} is counted of ${LIMIT}`);
  }
  const { held } = run(folder, 0);
  assert.ok(mostBelieved(folder) <= LIMIT);
  const third = LIMIT / 3n;
  for (const { bot, gross } of held)
    assert.ok(BigInt(gross) >= third && BigInt(gross) <= third + 1n, `${bot}: ${gross}`);
  assert.equal(held.length, 3);
});
