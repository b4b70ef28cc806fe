// OPS-11, DUR-28 for the account machine: its journal is kept small while it works, and the commands that care for a
// bot's journal care for its folder too.

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { VirtualClock } from "../../src/base/virtual-clock.ts";
import { AccountHost } from "../../src/host/account/account-host.ts";
import { openJournalReader } from "../../src/journal/reader.ts";
import { money, ZERO_MONEY } from "../../src/market/amounts.ts";
import { accountLimits } from "../../src/risk/account/account.fixture.ts";
import { opensqt } from "./command-line.ts";

const folder = mkdtempSync(join(tmpdir(), "opensqt-account-journal-"));
const dir = join(folder, "account");
after(() => rmSync(folder, { recursive: true, force: true }));

/** A run of the account in which one bot's exposure goes up and down a thousand times. */
function live(): { readonly oldest: number; readonly alerts: readonly string[] } {
  const clock = new VirtualClock(1_700_000_000_000);
  const alerts: string[] = [];
  const limits = accountLimits({ exposureGrossMax: money(1_000n * 10n ** 18n) });
  const account = new AccountHost({
    folder,
    sync: "kill",
    limits,
    clock,
    machine: clock,
    host: "test",
    pid: process.pid,
    release: "0",
    coreHash: "0",
    reserveBytes: 0,
    snapshots: { events: 200, ms: 1_000_000_000 },
    retention: { keepMs: 60_000, bytesMax: Number.MAX_SAFE_INTEGER },
    deliver: () => undefined,
    onAlert: ({ code }) => alerts.push(code),
    onWarning: (text) => alerts.push(text),
  });
  account.offer({ kind: "bot-joined", bot: "a", base: "BTC", wanted: money(500n * 10n ** 18n) });
  for (let i = 0; i < 1_500; i += 1) {
    clock.runUntil(clock.nowUs() + 1_000_000);
    const exposure = money(BigInt(i % 7) * 10n ** 18n);
    const bot = { bot: "a", exposure, net: exposure, profit: ZERO_MONEY, budget: null, cash: null, orders: 1 };
    account.offer({ kind: "account-figures", bots: [bot], equity: null, outside: null, requests: [] });
  }
  const { oldest } = account.journal;
  account.close();
  return { oldest, alerts };
}

const dataOf = <T>(words: readonly string[]): T => {
  const said = opensqt([...words, "--json"]);
  assert.equal(said.code, 0, said.err);
  return (JSON.parse(said.out) as { readonly data: T }).data;
};

test("DUR-28 DUR-30 OPS-11 the account's journal is archived as it grows, compacted, backed up and verified", () => {
  const { oldest, alerts } = live();
  assert.ok(oldest > 0, "old records went to the archive while the machine worked");
  assert.deepEqual(alerts, []);
  assert.ok(existsSync(join(dir, "archive")));
  const before = dataOf<{ stateHash: string; baseSeq: number }>(["replay", dir]);
  assert.equal(before.baseSeq, 0, "archives and journal: from the beginning");
  const compacted = dataOf<{ archived: number; oldest: number }>(["journal", "compact", dir, "--keep-days", "0"]);
  assert.ok(compacted.archived > 0 && compacted.oldest > oldest);
  assert.equal(dataOf<{ stateHash: string }>(["replay", dir]).stateHash, before.stateHash);
  const backup = join(folder, "backup");
  assert.equal(opensqt(["journal", "backup", dir, backup]).code, 0);
  for (const each of [dir, backup]) assert.match(opensqt(["journal", "verify", each]).out, /the chain is whole/);
  rmSync(join(dir, "archive"), { recursive: true });
  const own = openJournalReader(dir);
  const kept = own.kept().map(({ kind }) => kind);
  own.close();
  assert.ok(kept.includes("account-configured"), "by which limits it ran is known for ever");
});
