// A new configuration for a bot of the fleet: what it shows, when it is refused, and when it is in force.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ticks } from "../../market/amounts.ts";
import { asGridConfig } from "../../strategy/grid/config-change.ts";
import { phaseOf } from "./bot-view.ts";
import { ANN, acts, botOf, botText, done, type FleetProcess, refusal, trading, world } from "./fleet.fixture.ts";

const intervalOf = (p: FleetProcess, id: string): number | null =>
  asGridConfig(botOf(p, id).state?.config?.strategyConfig)?.interval ?? null;

test("OPS-09 OPS-10 an update shows every changed key with its class; live ones are in force at once", async (t) => {
  const w = world(t, 1);
  const p = w.start();
  await trading(w, p, "a", 0);
  const text = botText("a", 0, { skewLevels: "2" });
  const looked = done(await w.until(p.fleet.update({ id: "a", text, revision: 1, dryRun: true }, ANN)));
  assert.deepEqual(looked, {
    bot: null,
    sequence: 0,
    diff: [{ key: "grid.skewLevels", old: "0", new: "2", change: "live" }],
  });
  assert.equal(botOf(p, "a").record.revision, 1);
  const made = done(await w.until(p.fleet.update({ id: "a", text, revision: 1, dryRun: false }, ANN)));
  assert.ok(made.sequence > 0);
  assert.equal(botOf(p, "a").record.revision, 2);
  assert.equal(asGridConfig(botOf(p, "a").state?.config?.strategyConfig)?.skewLevels, 2);

  const stale = await w.until(p.fleet.update({ id: "a", text: botText("a", 0), revision: 1, dryRun: false }, ANN));
  assert.match(refusal(stale), /^STALE_REVISION: a is at revision 2, not 1/);
  const bad = await w.until(p.fleet.update({ id: "a", text: "id: a\nnonsense: 1\n", revision: 2, dryRun: false }, ANN));
  assert.match(refusal(bad), /^CONFIG/);
  assert.deepEqual(acts(p, "a"), ["create", "start", "update"]);
  await w.until(p.fleet.close("test"));
});

test("OPS-09 a change of the lattice drains the entries first, and is in force after a restart too", async (t) => {
  const w = world(t, 1);
  const p = w.start();
  await trading(w, p, "a", 0);
  assert.equal(intervalOf(p, "a"), 600);
  const text = botText("a", 0, { interval: '"80"' });
  const made = done(await w.until(p.fleet.update({ id: "a", text, revision: 1, dryRun: false }, ANN)));
  assert.deepEqual(made.diff, [{ key: "grid.interval", old: "60", new: "80", change: "drain" }]);
  await w.untilTrue(() => intervalOf(p, "a") === 800);
  await w.until(p.fleet.close("test"));
  const again = w.start();
  await w.untilTrue(() => phaseOf(botOf(again, "a")) === "RUNNING");
  await w.run(2_000);
  assert.equal(intervalOf(again, "a"), 800);
  await w.until(again.fleet.close("test"));
});

test("OPS-09 what makes a bot the one it is cannot change under its id, and flat keys need it flat", async (t) => {
  const w = world(t, 2);
  const p = w.start();
  await trading(w, p, "a", 0);
  const other = await w.until(p.fleet.update({ id: "a", text: botText("a", 1), revision: 1, dryRun: false }, ANN));
  assert.match(refusal(other), /^CONDITION: instrument cannot change/);
  const text = botText("a", 0, { mode: "neutral" });
  const legs = await w.until(p.fleet.update({ id: "a", text, revision: 1, dryRun: false }, ANN));
  assert.match(refusal(legs), /^CONDITION: grid.mode changes only without position and orders/);
  assert.deepEqual(acts(p, "a"), ["create", "start"]);
  await w.until(p.fleet.close("test"));
});

test("OPS-10 an update that would lose money every cycle is refused, and the registry is as before", async (t) => {
  const w = world(t, 1);
  const p = w.start();
  await trading(w, p, "a", 0);
  // the fee's loss is noticed by the grid itself, on its own lattice
  const text = botText("a", 0, { edgeBpsMin: '"50"' });
  const refused = await w.until(p.fleet.update({ id: "a", text, revision: 1, dryRun: false }, ANN));
  assert.match(refusal(refused), /^(CONFIG|CONDITION)/);
  const record = botOf(p, "a").record;
  assert.equal(record.config, botText("a", 0));
  await w.until(p.fleet.close("test"));
});

test("OPS-09 live keys changed while the bot stood are in force when it runs; an anchor by hand stays", async (t) => {
  const w = world(t, 1);
  const p = w.start();
  await trading(w, p, "a", 0);
  await w.untilTrue(() => (botOf(p, "a").state?.ledger.position ?? 0) > 0, 3_600_000);
  const gridOf = () => asGridConfig(botOf(p, "a").state?.config?.strategyConfig);
  done(await w.until(p.fleet.command("a", { name: "reanchor", price: ticks(601_000) }, ANN)));
  await w.untilTrue(() => gridOf()?.anchor === 601_000);
  done(await w.until(p.fleet.stop({ id: "a", cancelOnExit: "all" }, ANN)));
  await w.untilTrue(() => phaseOf(botOf(p, "a")) === "STOPPED");
  const text = botText("a", 0, { skewLevels: "2" });
  done(await w.until(p.fleet.update({ id: "a", text, revision: 1, dryRun: false }, ANN)));
  const wide = botText("a", 0, { interval: '"90"' });
  const held = await w.until(p.fleet.update({ id: "a", text: wide, revision: 2, dryRun: false }, ANN));
  assert.match(refusal(held), /^CONDITION: grid.interval changes while/);
  done(await w.until(p.fleet.startBot("a", ANN)));
  await w.untilTrue(() => phaseOf(botOf(p, "a")) === "RUNNING" && gridOf()?.skewLevels === 2);
  assert.equal(gridOf()?.anchor, 601_000);
  await w.until(p.fleet.close("test"));
});
