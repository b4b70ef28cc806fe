// Real processes, real files, real SIGKILL (DUR section 16, TEST-20…23): the bot dies at every named point and at
// random, and the exchange, which nobody kills, is the witness. OPENSQT_CRASH_ALL=1 runs every point in both modes;
// without it each point runs in one of them, the other with the next commit, and all lives at once.

import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { CRASH_POINTS, type CrashPoint } from "../../src/base/crash-point.ts";
import { commitNumber } from "../commit-number.ts";
import { Ordeals, type Row } from "./ordeal.ts";
import { REACHABLE, type Reach, UNREACHABLE, WITH_A_FILL } from "./points.ts";
import { everything, Stage, type StageOptions } from "./stage.ts";
import { crashTable } from "./table.ts";

// DUR-50 gives 5 s on a machine that is free for it, as `make crash` should have; in a suite that shares its cores only
// what never comes back is told from what comes late
const RECOVERY_MS_MAX = everything ? 5_000 : 90_000;
const MODES = ["long", "neutral"] as const;
/** At random, in each mode; kills.ts makes a thousand. */
const KILLS = 5;
/** All lives at once: they wait more than they work. */
const LIVES = 3 * MODES.length;

const commit = commitNumber();
const seed = process.env["OPENSQT_CRASH_SEED"] ?? String(commit);
const rows: Row[] = [];

after(() => {
  const again = `make crash SEED=${seed}`;
  process.stdout.write(`${crashTable(rows)}\nseed=${seed} commit=${commit} replay: ${again}\n`);
});

/** The points of one mode today. */
function pointsOf(mode: (typeof MODES)[number]): readonly (readonly [CrashPoint, Reach])[] {
  const all = Object.entries(REACHABLE) as [CrashPoint, Reach][];
  const turn = commit + MODES.indexOf(mode);
  return all.filter((_, i) => everything || (i + turn) % MODES.length === 0);
}

/** What takes long and is the same for both modes befalls one of them, the other with the next commit. */
const isTurnOf = (mode: (typeof MODES)[number], what: number): boolean =>
  everything || (commit + what) % MODES.length === MODES.indexOf(mode);

/** Runs `act` on a stage of its own, and takes it down whatever happens. */
async function onStage(options: StageOptions, act: (ordeals: Ordeals) => Promise<void>): Promise<void> {
  const stage = new Stage(options);
  try {
    await stage.open();
    await act(new Ordeals(stage, rows));
  } finally {
    await stage.close();
  }
}

function expectNothingWrong(from: number, mode: string): void {
  const mine = rows.slice(from).filter((row) => row.mode === mode);
  const wrong = mine.flatMap(({ what, texts }) => texts.map((text) => `${what}: ${text}`));
  assert.deepEqual(wrong, [], "duplicates, losses or differences");
  const late = mine.filter(({ recoveryMs }) => recoveryMs > RECOVERY_MS_MAX);
  assert.deepEqual(
    late.map(({ what, recoveryMs }) => `${what}: ${recoveryMs} ms`),
    [],
    `recovered later than ${RECOVERY_MS_MAX} ms`,
  );
}

test("DUR-72 every crash point is either reached or left out with a reason", () => {
  const listed = [...Object.keys(REACHABLE), ...Object.keys(UNREACHABLE)].sort();
  assert.deepEqual(listed, [...CRASH_POINTS].sort());
});

describe("DUR-71 TEST-21 killed at any point", { concurrency: everything ? MODES.length : LIVES }, () => {
  for (const mode of MODES) {
    test(`DUR-71 DUR-49 TEST-20 TEST-22 a ${mode} grid killed at every point loses nothing and does nothing twice`, async () => {
      const from = rows.length;
      await onStage({ seed: `${seed}/points/${mode}`, mode, sync: "kill" }, async (ordeals) => {
        await ordeals.recovers("first start");
        for (const [point, reach] of pointsOf(mode)) await ordeals.diesAt(point, reach);
        for (const point of WITH_A_FILL) await ordeals.diesBooking(point);
        await ordeals.judged("whole replay", 0, true);
        assert.equal((await ordeals.stops()).code, 0, "a stop after all that is a clean one");
      });
      expectNothingWrong(from, mode);
    });

    test(`DUR-73 TEST-23 a ${mode} grid killed at random, in a row, frozen, and doubled, goes on where it was`, async () => {
      const from = rows.length;
      await onStage({ seed: `${seed}/random/${mode}`, mode, sync: "kill" }, async (ordeals) => {
        await ordeals.recovers("first start");
        for (let i = 0; i < KILLS; i += 1) await ordeals.randomKill();
        if (isTurnOf(mode, 0)) await ordeals.killedInARow();
        if (isTurnOf(mode, 1)) {
          await ordeals.frozen();
          const { exit, text, holder } = await ordeals.doubled();
          assert.equal(exit.code, 8, text);
          assert.match(text, new RegExp(`LOCK_HELD.*process ${holder} `));
        }
        await ordeals.judged("whole replay", 0, true);
      });
      expectNothingWrong(from, mode);
    });

    test(`DUR-17 TEST-21 a ${mode} grid that lost what was not forced to the disk finds it on the exchange`, async () => {
      const from = rows.length;
      await onStage({ seed: `${seed}/power/${mode}`, mode, sync: "send" }, async (ordeals) => {
        await ordeals.recovers("first start");
        for (let i = 0; i < 3; i += 1) await ordeals.powerCut();
        await ordeals.judged("whole replay", 0, true);
      });
      expectNothingWrong(from, mode);
    });
  }
});
