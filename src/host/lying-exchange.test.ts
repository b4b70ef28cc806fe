// An exchange that shows a position the bot does not have: once, for long, and then no more. What the operator sees,
// and that nothing is lost, changed or sent for it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Process, World } from "./bench.fixture.ts";

const WHO = { by: "ann", reason: "the exchange has corrected itself" };
/** More reads than happen in any of these lives. */
const LONG = 1_000;

function holding(): { world: World; bot: Process; held: number } {
  const world = new World();
  const bot = world.running();
  const [order = assert.fail("no order")] = world.village.open();
  world.village.fill(order, 10);
  world.run(1_000);
  const held = world.village.position;
  assert.ok(held !== 0);
  assert.equal(bot.host.state.ledger.position, held);
  return { world, bot, held };
}

const told = ({ alerts }: Process, code: string) => alerts.filter((alert) => alert.code === code);

/** The books of the bot are those of the exchange, and of its fills none is missing. */
function assertWhole({ host, journal }: Process, { village }: World): void {
  assert.equal(host.state.ledger.position, village.position);
  assert.equal(host.state.ledger.fills, village.fills.length);
  for (const { symbol, tradeId, side } of village.fills) {
    assert.equal(journal?.hasFill(host.state.instrument?.exchange ?? "", symbol, tradeId, side), true, tradeId);
  }
}

test("RISK-31 RISK-33 a position that is wrong in one read is asked for again, and nothing comes of it", () => {
  const { world, bot } = holding();
  world.village.lies.push(70);
  world.run(180_000);
  assert.equal(world.village.lies.length, 0, "the lie was told");
  assert.equal(bot.host.state.breakers.has("divergence"), false);
  assert.deepEqual(bot.host.state.divergences, []);
  assert.deepEqual([...told(bot, "divergence"), ...told(bot, "adjusted")], []);
  assert.ok(world.village.open().length > 0, "it trades on");
  assertWhole(bot, world);
});

test("RISK-33 an exchange that goes on lying stops the bot with one alert, until the truth is back", () => {
  const { world, bot, held } = holding();
  world.village.lies.push(...Array.from({ length: LONG }, () => 70));
  world.run(300_000);
  const [alert, ...more] = told(bot, "divergence");
  assert.deepEqual([alert?.severity, alert?.facts["local"], alert?.facts["exchange"]], ["critical", held, held + 70]);
  assert.deepEqual(more, [], "one alert for one cause");
  assert.ok(bot.host.state.breakers.has("divergence"));
  assert.equal(world.village.open().filter(({ side }) => side === "buy").length, 0, "entries are gone");
  assert.deepEqual(told(bot, "adjusted"), [], "nothing is corrected");
  assertWhole(bot, world);

  world.village.lies.length = 0;
  world.run(120_000);
  assert.ok(bot.host.state.breakers.has("divergence"), "only the operator ends it");
  bot.host.command({ name: "reconcileAccept" }, WHO, () => {});
  world.run(61_000);
  world.village.book(300_000);
  world.run(1_000);
  assert.equal(bot.host.state.breakers.has("divergence"), false);
  assert.deepEqual(told(bot, "adjusted"), [], "there was nothing to correct");
  assert.ok(world.village.open().length > 0, "it trades again");
  assertWhole(bot, world);
});
