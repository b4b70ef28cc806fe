// The account machine died between recording a command and recording what it decided about it. The next run recorded
// the decision and told nobody: an alert is told at least once, whoever raises it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setCrashPoint } from "../../src/base/crash-point.ts";
import { VirtualClock } from "../../src/base/virtual-clock.ts";
import { AccountHost } from "../../src/host/account/account-host.ts";
import { money } from "../../src/market/amounts.ts";
import { accountLimits } from "../../src/risk/account/account.fixture.ts";
import { copyAsKilled, folder } from "../contract/journal-sqlite.ts";

class Killed extends Error {}

const LIMITS = accountLimits({ exposureGrossMax: money(10n ** 21n) });

for (const point of ["turn.after-events-commit", "turn.after-effects-commit"]) {
  test(`DUR-49 RISK-22 a kill of the account whose machine died at ${point} is told by the next run`, (t) => {
    const clock = new VirtualClock(1_700_000_000_000);
    const told: string[] = [];
    const start = (dir: string): AccountHost =>
      new AccountHost({
        folder: dir,
        sync: "send",
        limits: LIMITS,
        clock,
        machine: clock,
        host: "test",
        pid: process.pid,
        release: "0",
        coreHash: "0",
        reserveBytes: 0,
        deliver: () => undefined,
        onAlert: ({ code }) => void told.push(code),
        onWarning: assert.fail,
      });
    const [dir, after] = [folder(t), folder(t)];
    const dying = start(dir);
    t.after(() => setCrashPoint(null));
    setCrashPoint((name) => {
      if (name !== point) return;
      setCrashPoint(null);
      copyAsKilled(`${dir}/account`, `${after}/account`);
      throw new Killed(name);
    });
    const kill = { name: "kill", flatten: false } as const;
    assert.throws(() => dying.command(kill, { by: "mika", reason: "enough" }), Killed);
    dying.journal.close();
    assert.deepEqual(told, []);
    const next = start(after);
    assert.notEqual(next.state.kill, null, "it is killed");
    assert.equal(told[0], "kill");
    next.close();
  });
}
