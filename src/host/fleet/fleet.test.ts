// Many bots in one process: what is wanted of each is durable, lasts over a restart, and concerns that bot alone.

import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { REGISTRY_FOLDER } from "../../journal/registry.ts";
import { phaseOf } from "./bot-view.ts";
import { ANN, acts, botOf, botText, done, refusal, symbolOf, trading, world } from "./fleet.fixture.ts";

test("OPS-18 a bot is created, started, paused and resumed while the process runs, and each is kept", async (t) => {
  const w = world(t, 1);
  const p = w.start();
  done(await w.until(p.fleet.create({ id: "a", text: botText("a", 0), dryRun: false }, ANN)));
  const bot = botOf(p, "a");
  assert.equal(phaseOf(bot), "CREATED");
  done(await w.until(p.fleet.startBot("a", ANN)));
  assert.equal(phaseOf(bot), "STARTING");
  await w.untilTrue(() => phaseOf(bot) === "RUNNING" && w.open(0) >= 3);

  const paused = done(await w.until(p.fleet.pause({ id: "a", cancelEntries: true, leg: "both" }, ANN)));
  assert.ok(paused.sequence > 0);
  assert.deepEqual([phaseOf(bot), bot.record.wanted], ["PAUSED", "paused"]);
  await w.run(2_000);
  assert.equal(w.open(0), 0);
  done(await w.until(p.fleet.resume("a", ANN)));
  await w.untilTrue(() => w.open(0) >= 3);
  assert.deepEqual(acts(p, "a"), ["create", "start", "pause", "resume"]);
  await w.until(p.fleet.close("test"));
  assert.equal(w.open(0), 0);
});

test("OPS-18 after a restart every bot is as it was wanted: running, paused, stopped, deleted", async (t) => {
  const w = world(t, 4);
  const first = w.start();
  for (const [n, id] of ["a", "b", "c", "d"].entries()) await trading(w, first, id, n);
  done(await w.until(first.fleet.pause({ id: "b", cancelEntries: false, leg: "L" }, ANN)));
  for (const id of ["c", "d"]) done(await w.until(first.fleet.stop({ id, cancelOnExit: null }, ANN)));
  await w.untilTrue(() => phaseOf(botOf(first, "c")) === "STOPPED" && phaseOf(botOf(first, "d")) === "STOPPED");
  done(await w.until(first.fleet.delete({ id: "d", dryRun: false }, ANN)));
  await w.until(first.fleet.close("test"));

  const second = w.start();
  await w.untilTrue(() => phaseOf(botOf(second, "a")) === "RUNNING" && phaseOf(botOf(second, "b")) === "PAUSED");
  assert.equal(phaseOf(botOf(second, "c")), "STOPPED");
  assert.equal(second.fleet.bot("d"), null);
  assert.equal(botOf(second, "b").state?.blocks.get("operator")?.leg, "L");
  await w.until(second.fleet.close("test"));
});

test("OPS-18 a pause that reached the registry and not the bot is told to it after the restart", async (t) => {
  const w = world(t, 1);
  const first = w.start();
  await trading(w, first, "a", 0);
  await w.until(first.fleet.close("test"));
  const between = w.start();
  const { registry } = between.fleet;
  // the process dies between the commit and the command
  registry.want(
    "a",
    { act: "pause", wanted: "paused", pause: { cancelEntries: true, leg: "both" } },
    { ...ANN, atMs: 1 },
  );
  await w.until(between.fleet.close("test"));

  const last = w.start();
  await w.untilTrue(() => phaseOf(botOf(last, "a")) === "PAUSED");
  await w.run(2_000);
  assert.equal(w.open(0), 0);
  await w.until(last.fleet.close("test"));
});

test("OPS-19 a bot is deleted only when it is stopped and flat; its journal is kept", async (t) => {
  const w = world(t, 1);
  const p = w.start();
  await trading(w, p, "a", 0);
  assert.match(refusal(await w.until(p.fleet.delete({ id: "a", dryRun: false }, ANN))), /^CONDITION: a is not stopped/);
  done(await w.until(p.fleet.stop({ id: "a", cancelOnExit: "none" }, ANN)));
  await w.untilTrue(() => phaseOf(botOf(p, "a")) === "STOPPED");
  assert.match(refusal(await w.until(p.fleet.delete({ id: "a", dryRun: false }, ANN))), /^CONDITION: a is not flat/);
  done(await w.until(p.fleet.startBot("a", ANN)));
  await w.untilTrue(() => phaseOf(botOf(p, "a")) === "RUNNING");
  done(await w.until(p.fleet.flatten("a", ANN)));
  await w.untilTrue(() => botOf(p, "a").state?.ledger.position === 0 && w.open(0) === 0);
  assert.equal(phaseOf(botOf(p, "a")), "PAUSED");
  done(await w.until(p.fleet.stop({ id: "a", cancelOnExit: "all" }, ANN)));
  await w.untilTrue(() => phaseOf(botOf(p, "a")) === "STOPPED");
  const bot = botOf(p, "a");
  done(await w.until(p.fleet.delete({ id: "a", dryRun: false }, ANN)));
  assert.equal(p.fleet.bot("a"), null);
  assert.ok(bot.hasJournal);
  await w.until(p.fleet.close("test"));
});

test("OPS-16 OPS-20 RISK-07 one instrument belongs to one bot, and a process has so many bots", async (t) => {
  const w = world(t, 3);
  const p = w.start({ botsMax: 2 });
  done(await w.until(p.fleet.create({ id: "a", text: botText("a", 0), dryRun: false }, ANN)));
  const shared = await w.until(p.fleet.create({ id: "b", text: botText("b", 0), dryRun: false }, ANN));
  assert.equal(
    refusal(shared),
    `CONDITION: ${symbolOf(0)} belongs to bot a: one instrument of an account belongs to one bot`,
  );
  assert.match(
    refusal(await w.until(p.fleet.create({ id: "a", text: botText("a", 1), dryRun: false }, ANN))),
    /^EXISTS/,
  );
  done(await w.until(p.fleet.create({ id: "b", text: botText("b", 1), dryRun: false }, ANN)));
  const third = await w.until(p.fleet.create({ id: "c", text: botText("c", 2), dryRun: false }, ANN));
  assert.match(refusal(third), /^LIMIT: this process has 2 bots/);
  const absent = await w.until(p.fleet.create({ id: "d", text: botText("d", 2), dryRun: true }, ANN));
  assert.match(refusal(absent), /^LIMIT/);
  await w.until(p.fleet.close("test"));
});

test("OPS-18 two changes of one bot at once are made one after the other, and the second sees the first", async (t) => {
  const w = world(t, 1);
  const p = w.start();
  await trading(w, p, "a", 0);
  const update = (levels: string) =>
    p.fleet.update({ id: "a", text: botText("a", 0, { skewLevels: levels }), revision: 1, dryRun: false }, ANN);
  const [one, two] = await w.until(Promise.all([update("1"), update("2")]));
  assert.ok(one.ok);
  assert.match(refusal(two), /^STALE_REVISION/);
  await w.until(p.fleet.close("test"));
  assert.match(refusal(await w.until(p.fleet.resume("a", ANN))), /^CLOSING/);
});

test("API-11 a second stop changes nothing, and a start while it stops begins another run", async (t) => {
  const w = world(t, 1);
  const p = w.start();
  await trading(w, p, "a", 0);
  const stop = () => p.fleet.stop({ id: "a", cancelOnExit: "all" }, ANN);
  done(await w.until(stop()));
  const again = done(await w.until(stop()));
  assert.equal(phaseOf(again.bot), "STOPPING");
  done(await w.until(p.fleet.startBot("a", ANN)));
  await w.untilTrue(() => phaseOf(botOf(p, "a")) === "RUNNING" && w.open(0) >= 3);
  assert.deepEqual(
    p.ends.map(({ end }) => [end.code, end.ordersLeft]),
    [["CLEAN", []]],
  );
  assert.deepEqual(acts(p, "a"), ["create", "start", "stop", "start"]);
  done(await w.until(stop()));
  await w.until(p.fleet.close("test"));
  assert.equal(p.ends.at(-1)?.end.code, "CLEAN");
  assert.equal(w.open(0), 0);
});

test("DUR-59 a second close ends every run at once, and says which orders it leaves", async (t) => {
  const w = world(t, 1);
  const p = w.start();
  await trading(w, p, "a", 0);
  const first = p.fleet.close("SIGTERM");
  await Promise.all([first, p.fleet.close("SIGTERM")]);
  assert.equal(p.ends[0]?.end.code, "SECOND_SIGNAL");
  assert.ok((p.ends[0]?.end.ordersLeft.length ?? 0) >= 3);
});

test("OPS-18 what the registry cannot write is not done", async (t) => {
  const w = world(t, 2);
  const p = w.start();
  await trading(w, p, "a", 0);
  p.fleet.registry.close();
  const paused = await w.until(p.fleet.pause({ id: "a", cancelEntries: true, leg: "both" }, ANN));
  assert.match(refusal(paused), /^CANNOT_WRITE/);
  const made = await w.until(p.fleet.create({ id: "b", text: botText("b", 1), dryRun: false }, ANN));
  assert.match(refusal(made), /^CANNOT_WRITE/);
  await w.run(1_000);
  assert.deepEqual(
    p.fleet.bots().map((bot) => [bot.id, phaseOf(bot)]),
    [["a", "RUNNING"]],
  );
});

test("OPS-18 a bot from before there was a registry is seeded as its journal left it: a pause stays one", async (t) => {
  const w = world(t, 1);
  const first = w.start({ seeds: [botText("a", 0)] });
  await w.untilTrue(() => w.open(0) >= 3);
  done(await w.until(first.fleet.pause({ id: "a", cancelEntries: true, leg: "L" }, ANN)));
  await w.until(first.fleet.close("test"));
  rmSync(join(w.folder, REGISTRY_FOLDER), { recursive: true });
  const second = w.start({ seeds: [botText("a", 0)] });
  await w.untilTrue(() => phaseOf(botOf(second, "a")) === "PAUSED");
  assert.deepEqual(acts(second, "a"), ["seed", "pause"]);
  assert.deepEqual(botOf(second, "a").record.pause, { cancelEntries: true, leg: "L" });
  await w.until(second.fleet.close("test"));
});
