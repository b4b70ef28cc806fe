// The account machine over the bots of one process: grants, breakers and kill reach every bot, and outlive a kill -9.

import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { openJournalReader } from "../../journal/reader.ts";
import { accountLimits, usdt } from "../../risk/account/account.fixture.ts";
import type { AccountLimits } from "../../trading/account-event.ts";
import { replayAny } from "../account/replay-any.ts";
import { ANN, botOf, botText, done, type FleetProcess, type FleetWorld, world } from "./fleet.fixture.ts";

const LIMITS = accountLimits({ exposureGrossMax: usdt(10_000) });

const start = (w: FleetWorld, limits: Partial<AccountLimits> = {}): FleetProcess =>
  w.start({ account: { limits: { ...LIMITS, ...limits } } });

async function running(w: FleetWorld, p: FleetProcess, id: string, n: number): Promise<void> {
  done(await w.until(p.fleet.create({ id, text: botText(id, n), dryRun: false }, ANN)));
  done(await w.until(p.fleet.startBot(id, ANN)));
  await w.untilTrue(() => botOf(p, id).host?.state.phase === "running");
}

const grantOf = (p: FleetProcess, id: string): bigint | undefined => botOf(p, id).host?.state.grant?.gross;

function account(p: FleetProcess): NonNullable<FleetProcess["fleet"]["account"]> {
  const { account: desk } = p.fleet;
  assert.ok(desk !== null);
  return desk;
}

test("RISK-09 DUR-01 a second bot gets its part of the account once the first has given it back", async (t) => {
  const w = world(t, 2);
  const p = start(w);
  await running(w, p, "a", 0);
  assert.equal(grantOf(p, "a"), usdt(10_000), "alone it has all of it");
  await running(w, p, "b", 1);
  await w.untilTrue(() => grantOf(p, "b") === usdt(5_000));
  assert.equal(grantOf(p, "a"), usdt(5_000));
  // in the account's journal a's acknowledgement stands before b's larger grant
  const { journal } = account(p).host;
  const kinds = [...journal.records(0)].map(({ kind, body }) => ({ kind, body }));
  const larger = kinds.findIndex(
    ({ kind, body }) => kind === "grant" && body.includes('"bot":"b"') && body.includes("5000000000000000000000"),
  );
  const acknowledged = kinds.findIndex(
    ({ kind, body }) => kind === "grant-acknowledged" && body.includes('"bot":"a"') && body.includes('"id":2'),
  );
  assert.ok(acknowledged > 0 && acknowledged < larger, `${acknowledged} before ${larger}`);
  await w.until(p.fleet.close("test"));
  // the account's journal is replayed like a bot's, from the beginning and from its last snapshot
  const reader = openJournalReader(join(w.folder, "account"));
  const { lastSeq } = replayAny(reader, { fromSeq: 1, toSeq: Number.MAX_SAFE_INTEGER });
  assert.equal(lastSeq, account(p).host.state.seq);
  assert.equal(reader.newestSnapshot(() => undefined)?.seq, lastSeq);
  reader.close();
});

test("RISK-09 DUR-51 grants, breakers and the kill of the account outlive a kill -9", async (t) => {
  const w = world(t, 2);
  const first = start(w);
  await running(w, first, "a", 0);
  await running(w, first, "b", 1);
  account(first).command({ name: "breakerOpen", action: "P" }, { by: "ann", reason: "news" });
  await w.untilTrue(() => botOf(first, "b").host?.state.blocks.has("account:manual") === true);
  account(first).command({ name: "kill", flatten: false }, { by: "ann", reason: "worse news" });
  w.kill(first);
  const second = start(w);
  assert.equal(account(second).host.state.kill?.reason, "worse news");
  assert.ok(account(second).host.state.breakers.has("manual"));
  await w.untilTrue(() => ["a", "b"].every((id) => botOf(second, id).host?.state.kill.phase === "killed"));
  for (const id of ["a", "b"]) assert.ok(botOf(second, id).host?.state.blocks.has("account:manual"), id);
  assert.equal(w.open(0) + w.open(1), 0);
  await w.until(second.fleet.close("test"));
});

test("RISK-18 RISK-21 the account's journal is lost: its breaker holds, is known again, is closed by hand", async (t) => {
  const w = world(t, 1);
  const first = start(w);
  await running(w, first, "a", 0);
  account(first).command({ name: "breakerOpen", action: "O" }, { by: "ann", reason: "news" });
  await w.untilTrue(() => botOf(first, "a").host?.state.blocks.has("account:manual") === true);
  w.kill(first);
  rmSync(join(w.folder, "account"), { recursive: true });
  const second = start(w);
  await w.untilTrue(() => account(second).host.state.breakers.has("manual"));
  await w.untilTrue(() => botOf(second, "a").host?.state.phase === "running");
  const held = (): boolean => botOf(second, "a").host?.state.blocks.has("account:manual") === true;
  assert.ok(held());
  const { reason, action } = account(second).host.state.breakers.get("manual") ?? assert.fail();
  assert.deepEqual([reason, action], ["remembered by a bot: opened by ann: news", "O"]);
  account(second).command({ name: "breakerClose", breaker: "manual", force: false }, { by: "ann", reason: "over" });
  await w.untilTrue(() => !held());
  await w.until(second.fleet.close("test"));
});
