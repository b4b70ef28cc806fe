// The three ways out of a damaged journal, on the simulated exchange (DUR-27, DUR-42): whatever the bot did since is
// found there. Nothing is sent twice, nothing stays unknown, and what nobody explains is an audited adjustment.

import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { withDatabase } from "../../test/contract/journal-sqlite.ts";
import { backupJournal } from "../journal/backup.ts";
import type { JournalRecord } from "../journal/port.ts";
import { openJournalReader } from "../journal/reader.ts";
import { adoptJournal, restoreJournal } from "../journal/restore.ts";
import { salvageJournal } from "../journal/salvage.ts";
import { parseClientOrderId } from "../trading/client-order-id.ts";
import { ANN, botOf, type FleetProcess, type FleetWorld, symbolOf, trading, world } from "./fleet/fleet.fixture.ts";
import type { ExchangeRead } from "./reconciler.ts";

const BOT = "b-one";
const HOLDER = { host: "test", pid: 1, sinceMs: 1_700_000_000_000 };
/** Steps that move the price through the lattice, so that orders are filled. */
const LIVE_MS = 15_000;

/** All that the exchange knows of the account's orders, fills and position. */
async function exchangeOf(w: FleetWorld): Promise<Pick<ExchangeRead, "orders" | "fills"> & { position: number }> {
  const port = w.connect();
  const symbol = symbolOf(0);
  const asked = await w.until(
    new Promise<Pick<ExchangeRead, "orders" | "fills"> & { position: number }>((resolve, reject) => {
      port.openOrders(symbol, (orders) =>
        port.fills(symbol, { sinceMs: 0, cursor: null }, (fills) =>
          port.account(symbol, (account) => {
            if (orders.result !== "ok" || fills.result !== "ok" || account.result !== "ok")
              reject(new Error("no answer"));
            else {
              const position = account.positions.find((one) => one.symbol === symbol)?.lots ?? 0;
              resolve({ orders: orders.orders, fills: fills.fills, position });
            }
          }),
        ),
      );
    }),
  );
  port.close();
  return asked;
}

/** Places of all journals the folder ever had. */
function placesOf(dir: string): readonly JournalRecord[] {
  const folders = [
    dir,
    ...readdirSync(dir)
      .filter((name) => name.startsWith("before-"))
      .map((name) => join(dir, name)),
  ];
  return folders.flatMap((folder) => {
    if (!existsSync(join(folder, "journal.db"))) return [];
    const reader = openJournalReader(folder, { archives: true });
    const places = [...reader.records(0)].filter(({ kind }) => kind === "place");
    reader.close();
    return places;
  });
}

/** The bot trades, its journal is backed up, it trades on and is killed: yesterday's backup, and orders since. */
async function killedLater(t: TestContext): Promise<{ w: FleetWorld; dir: string; backup: string }> {
  const w = world(t, 1);
  const first = w.start();
  await trading(w, first, BOT, 0);
  await w.run(LIVE_MS);
  const backup = join(w.folder, "backup");
  await w.until(backupJournal(join(w.folder, "bots", BOT), backup));
  const at = botOf(first, BOT).journal?.seq ?? 0;
  await w.untilTrue(() => (botOf(first, BOT).state?.fillSeq ?? 0) > at + 20, 3_600_000);
  await w.run(LIVE_MS);
  w.kill(first);
  return { w, dir: join(w.folder, "bots", BOT), backup: join(w.folder, "backup") };
}

/** It runs in the new lineage, agrees with the exchange in everything, and sent nothing of the old again. */
async function goesOn(w: FleetWorld, dir: string, lineage: number): Promise<FleetProcess> {
  const before = await exchangeOf(w);
  const process = w.start();
  await w.untilTrue(() => botOf(process, BOT).state?.phase === "running");
  await w.run(LIVE_MS);
  assert.deepEqual(process.ends, []);
  const { state, journal } = botOf(process, BOT);
  assert.ok(state !== null && journal !== null);
  assert.equal(state.ledger.position, (await exchangeOf(w)).position);
  for (const { clientOrderId } of (await exchangeOf(w)).orders) {
    assert.equal(parseClientOrderId(clientOrderId)?.lineage, lineage, "orders of before are cancelled");
  }
  // lots that no slot of the grid owns wait for the operator's word (GRID-40)
  if (state.gates.size > 0 || w.open(0) === 0) {
    await w.until(botOf(process, BOT).command({ name: "adopt", lots: state.ledger.position, average: null }, ANN));
  }
  await w.untilTrue(() => w.open(0) > 0, 600_000);
  await w.run(LIVE_MS);
  const now = await exchangeOf(w);
  assert.equal(state.ledger.position, now.position);
  assert.equal(state.tailLost, undefined);
  assert.deepEqual(
    [...state.orders.values()].filter(({ place }) => place === "unknown"),
    [],
  );
  assert.deepEqual(
    new Set(now.orders.map(({ clientOrderId }) => clientOrderId)),
    new Set(state.orders.keys()),
    "the same orders are open on both sides",
  );
  for (const { clientOrderId } of now.orders) assert.equal(parseClientOrderId(clientOrderId)?.lineage, lineage);
  for (const fill of now.fills) {
    assert.ok(journal.hasFill(state.instrument?.exchange ?? "", fill.symbol, fill.tradeId, fill.side), fill.tradeId);
  }
  const places = placesOf(dir).map(({ clientOrderId }) => clientOrderId);
  const old = new Set([...before.orders, ...before.fills].map(({ clientOrderId }) => clientOrderId));
  const mine = [...journal.records(0)].filter(
    (record) => record.kind === "place" && record.epoch === journal.meta.epoch,
  );
  assert.ok(mine.length > 0, "it trades");
  for (const { clientOrderId } of mine) assert.ok(!old.has(clientOrderId as never), "no id is used again");
  for (const { clientOrderId } of now.fills) assert.ok(clientOrderId === null || places.includes(clientOrderId));
  assert.equal(journal.verify(0), journal.position - journal.oldest);
  return process;
}

test("DUR-27 DUR-42 DUR-43 yesterday's backup: no order sent again or unknown, all fills booked", async (t) => {
  const { w, dir, backup } = await killedLater(t);
  restoreJournal(backup, dir, HOLDER);
  const process = await goesOn(w, dir, 2);
  assert.ok(
    process.alerts.every(({ code }) => code !== "adjusted"),
    "all is explained by fills",
  );
});

test("DUR-25 DUR-24 the same backup put there by hand is behind the exchange: exit 6, nothing is sent", async (t) => {
  const { w, dir, backup } = await killedLater(t);
  // a copy by hand keeps the lineage; what would tell of the missing end, the head, is the copy's own
  restoreJournal(backup, dir, HOLDER);
  withDatabase(dir, (db) =>
    db.exec(`DELETE FROM meta; ATTACH '${join(backup, "journal.db")}' AS b; INSERT INTO meta SELECT * FROM b.meta`),
  );
  const before = await exchangeOf(w);
  const process = w.start();
  await w.run(LIVE_MS);
  const [end] = process.ends;
  assert.deepEqual([end?.end.code, end?.end.exitCode], ["JOURNAL_BEHIND_EXCHANGE", 6]);
  assert.match(
    end?.end.text ?? "",
    /which this journal has not decided yet.*Ways out:.*restore BACKUP FOLDER --lineage 2.*salvage.*adopt/s,
  );
  const after = await exchangeOf(w);
  const gone = before.orders.filter((order) => !after.orders.some((one) => one.clientOrderId === order.clientOrderId));
  const filled = new Set(after.fills.map(({ clientOrderId }) => clientOrderId));
  assert.ok(
    gone.every(({ clientOrderId }) => filled.has(clientOrderId)),
    "nothing was cancelled",
  );
  assert.ok(after.orders.length + gone.length === before.orders.length, "nothing was placed");
});

test("DUR-27 a journal that lost its end is salvaged: the bot finds the rest on the exchange", async (t) => {
  const { w, dir } = await killedLater(t);
  const reader = openJournalReader(dir);
  const cut = Math.floor(reader.position / 2);
  reader.close();
  withDatabase(dir, (db) => db.exec(`UPDATE record SET body = '{}' WHERE position = ${cut}`));
  withDatabase(dir, (db) => db.exec("DELETE FROM snapshot"));
  const saved = join(w.folder, "saved");
  const { goodTo, meta } = salvageJournal(dir, saved, HOLDER);
  assert.deepEqual([goodTo, meta.lineage], [cut - 1, 2]);
  restoreJournal(saved, dir, HOLDER);
  await goesOn(w, dir, 3);
});

test("DUR-27 a bot whose journal is gone begins anew: old orders cancelled, old fills booked", async (t) => {
  const { w, dir } = await killedLater(t);
  const { tag } = openJournalReader(dir).meta;
  assert.equal(adoptJournal(dir, { bot: BOT, tag, lineageMin: 2 }, HOLDER).lineage, 2);
  await goesOn(w, dir, 2);
});
