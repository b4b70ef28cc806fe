// A power cut under a sync policy (DUR-15, DUR-17), on the simulated exchange: what no sync had forced is gone, and
// the bot finds it on the exchange, or refuses to start where it cannot know what it sent.

import assert from "node:assert/strict";
import { copyFileSync, existsSync, rmSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { cutPower } from "../../test/crash/power-cut.ts";
import { botOf, type FleetProcess, type FleetWorld, symbolOf, trading, world } from "./fleet/fleet.fixture.ts";

const BOT = "b-one";
const WHO = { by: "ann", reason: "news", requestId: "", address: "" };

const dirOf = (w: FleetWorld): string => join(w.folder, "bots", BOT);

function positionOf(w: FleetWorld): Promise<number> {
  const port = w.connect();
  return w.until(
    new Promise((resolve) => {
      port.account(symbolOf(0), (account) => {
        port.close();
        const held =
          account.result === "ok" ? account.positions.find(({ symbol }) => symbol === symbolOf(0)) : undefined;
        resolve(held?.lots ?? 0);
      });
    }),
  );
}

async function agrees(w: FleetWorld, process: FleetProcess): Promise<void> {
  await w.untilTrue(() => botOf(process, BOT).state?.phase === "running");
  await w.run(5_000);
  const { state, journal } = botOf(process, BOT);
  assert.deepEqual(process.ends, []);
  assert.equal(state?.ledger.position, await positionOf(w));
  assert.ok([...(state?.orders.values() ?? [])].every(({ place }) => place !== "unknown"));
  assert.equal(journal?.verify(0), journal?.position);
}

test("DUR-17 DUR-15 after a power cut under send, what came after the last place is on the exchange", async (t) => {
  const w = world(t, 1);
  const first = w.start({ sync: "send" });
  await trading(w, first, BOT, 0);
  // an exit rests where an entry was filled; its acknowledgement, and the market since, were not forced to the disk
  await w.untilTrue(() => (botOf(first, BOT).state?.fillSeq ?? 0) > 20, 3_600_000);
  w.kill(first);
  const lost = cutPower(dirOf(w));
  assert.ok(lost > 0, "something was not forced");
  const second = w.start({ sync: "send" });
  await agrees(w, second);
});

test("DUR-11 DUR-17 RISK-21 under send a kill that a person ordered outlives a power cut at once after it", async (t) => {
  const w = world(t, 1);
  const first = w.start({ sync: "send" });
  await trading(w, first, BOT, 0);
  await w.until(first.fleet.command(BOT, { name: "kill", flatten: false }, WHO));
  w.kill(first);
  cutPower(dirOf(w));
  const second = w.start({ sync: "send" });
  await w.untilTrue(() => botOf(second, BOT).state?.kill.phase === "killed");
});

test("DUR-24 DUR-25 DUR-15 a power cut under kill may lose what was sent: the exchange tells", async (t) => {
  const w = world(t, 1);
  const first = w.start({ sync: "kill" });
  await trading(w, first, BOT, 0);
  const synced = join(w.folder, "synced");
  const log = join(dirOf(w), "journal.db-wal");
  const length = statSync(log).size;
  copyFileSync(join(dirOf(w), "head"), synced);
  await w.untilTrue(() => (botOf(first, BOT).state?.fillSeq ?? 0) > 20, 3_600_000);
  await w.run(5_000);
  w.kill(first);
  // the log as it was on the disk, and head too: nothing here tells of what came after
  const dir = dirOf(w);
  truncateSync(join(dir, "journal.db-wal"), length);
  rmSync(join(dir, "journal.db-shm"), { force: true });
  copyFileSync(join(w.folder, "synced"), join(dir, "head"));
  assert.ok(existsSync(join(dir, "journal.db")));
  const open = w.open(0);
  const second = w.start({ sync: "kill" });
  await w.run(10_000);
  assert.deepEqual(
    second.ends.map(({ end }) => [end.code, end.exitCode]),
    [["JOURNAL_BEHIND_EXCHANGE", 6]],
  );
  assert.ok(w.open(0) <= open);
});
