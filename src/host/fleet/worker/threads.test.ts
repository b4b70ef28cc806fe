// A thread for each bot: one that throws, one that never ends and one that hangs once do not hold up the others, and
// what this process knows of a bot is what the bot's thread recorded.

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { sha256 } from "../../../base/canonical.ts";
import { openJournalReader } from "../../../journal/reader.ts";
import { productionEngine } from "../../engine.ts";
import { phaseOf } from "../bot-view.ts";
import { ANN, botOf, botText, done, refusal } from "../fleet.fixture.ts";
import { seedsOf, type ThreadedProcess, ThreadedWorld, untilTrue } from "./threads.fixture.ts";

async function running(p: ThreadedProcess, w: ThreadedWorld, ids: readonly number[]): Promise<void> {
  for (const { id } of p.fleet.bots()) if (botOf(p, id).stage === "idle") done(await p.fleet.startBot(id, ANN));
  for (const n of ids) {
    const bot = botOf(p, `bot-${n}`);
    await untilTrue(() => phaseOf(bot) === "RUNNING" && w.open(n).length >= 3, `bot-${n} trades: ${phaseOf(bot)}`);
  }
}

/** While its thread opens, or just after. It is gone when the stop is over: the next one finds the journal free. */
async function stoppedWhileItOpens(p: ThreadedProcess): Promise<void> {
  const bot = botOf(p, "bot-0");
  done(await p.fleet.startBot("bot-0", ANN));
  assert.equal(bot.stage, "opening");
  const change = { id: "bot-0", text: botText("bot-0", 0, { interval: '"70"' }), revision: 1, dryRun: false };
  assert.match(refusal(await p.fleet.update(change, ANN)), /^CONDITION: bot-0 is starting/);
  await untilTrue(() => bot.hasJournal, "its thread has the journal");
  done(await p.fleet.stop({ id: "bot-0", cancelOnExit: null }, ANN));
  await bot.idle();
  assert.equal(bot.stage, "idle");
}

const codesOf = ({ alerts }: ThreadedProcess, id: string): string[] =>
  alerts.filter(({ bot }) => bot === id).map(({ code }) => code);

const p99 = (turns: readonly number[]): number =>
  turns.toSorted((a, b) => a - b)[Math.floor((turns.length * 99) / 100)] ?? 0;

test("OPS-17 OPS-15 RISK-19 one of five bots throws, one never ends, one hangs once: the others trade", async (t) => {
  const w = await ThreadedWorld.open(t, 5);
  const p = await w.start(seedsOf(5));
  await running(p, w, [0, 1, 2, 3, 4]);
  for (const turns of p.turns.values()) turns.length = 0;
  const before = [3, 4].map((n) => botOf(p, `bot-${n}`).state?.seq ?? 0);
  const tell = (id: string, reason: string) => p.fleet.command(id, { name: "resume" }, { ...ANN, reason });
  const [threw, hung, once] = await Promise.all([
    tell("bot-0", "throw"),
    tell("bot-1", "loop"),
    tell("bot-2", `once ${join(w.folder, "hung")}`),
  ]);
  for (const answer of [threw, hung, once]) assert.match(refusal(answer), /^CONDITION: the bot stopped before/);
  for (const id of ["bot-0", "bot-1"]) {
    await untilTrue(() => phaseOf(botOf(p, id)) === "QUARANTINED", `${id} is put aside`);
    const end = botOf(p, id).end;
    assert.equal(end?.code, "POISONED");
    assert.ok(codesOf(p, id).includes("bot-quarantined"), id);
    // as of before the event that it is poisoned by
    assert.equal(botOf(p, id).state?.seq, (end.atSeq ?? 0) - 1);
  }
  await untilTrue(() => phaseOf(botOf(p, "bot-2")) === "RUNNING" && w.open(2).length >= 3, "bot-2 is recovered");
  assert.deepEqual(
    codesOf(p, "bot-2").filter((code) => code.startsWith("bot-")),
    ["bot-crashed"],
  );
  await untilTrue(() => w.open(0).length === 0 && w.open(1).length === 0, "no order of theirs is left");
  for (const [i, n] of [3, 4].entries()) {
    const id = `bot-${n}`;
    assert.equal(phaseOf(botOf(p, id)), "RUNNING");
    assert.ok((botOf(p, id).state?.seq ?? 0) > (before[i] ?? 0) + 20, `${id} hears of its market`);
    assert.deepEqual(codesOf(p, id), []);
    assert.ok(p99(p.turns.get(id) ?? []) < (w.threads().silentMs ?? 0) / 2, "nothing of the silence is in its turns");
  }
});

test("OPS-17 DUR-51 what is known here of a bot is what its thread recorded, through stops and restarts", async (t) => {
  const w = await ThreadedWorld.open(t, 2);
  const first = await w.start(seedsOf(2));
  const bot = botOf(first, "bot-0");
  await stoppedWhileItOpens(first);
  await running(first, w, [0, 1]);
  done(await first.fleet.pause({ id: "bot-0", cancelEntries: true, leg: "both" }, ANN));
  assert.ok(bot.state?.blocks.has("operator"), "whoever hears the answer finds it in the state");
  await untilTrue(() => w.open(0).length === 0, "its entries are gone");
  done(await first.fleet.resume("bot-0", ANN));
  await untilTrue(() => w.open(0).length >= 3, "they are back");
  const known = bot.state;
  assert.ok(known !== null);
  assert.deepEqual([...known.orders.keys()].toSorted(), w.open(0).toSorted());
  await first.fleet.close("test");
  const reader = openJournalReader(join(w.folder, "bots", "bot-0"));
  const snapshot = reader.newestSnapshot(() => undefined);
  reader.close();
  assert.equal(snapshot?.seq, known.seq);
  assert.equal(snapshot.stateHash, sha256(productionEngine.encode(known)));
  assert.equal(w.open(0).length + w.open(1).length, 0, "they stopped in order");
  const second = await w.start([]);
  const waits = new Set<string>();
  second.fleet.observe(({ waiting }) => waits.add(waiting));
  await untilTrue(() => w.open(0).length >= 3 && w.open(1).length >= 3, "both trade again");
  assert.ok((botOf(second, "bot-0").state?.seq ?? 0) > known.seq);
  assert.ok(
    [...waits].some((text) => /^its journal is replayed: \d+ %$/.test(text)),
    "how far its thread had come was told",
  );
});
