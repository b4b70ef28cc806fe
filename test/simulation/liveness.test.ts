// What the checker of liveness makes of a grid that stands still, and of one whose slots wait for what is gone.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { liveness } from "./checkers/liveness.ts";
import { drawScenario } from "./scenario.ts";
import { latchedOf } from "./simulate.ts";
import { START_MS, World } from "./world.ts";

/** A grid that nothing disturbs quotes for two minutes; everything is settled then. */
function quoting(context: TestContext): World {
  const world = new World({ ...drawScenario(2), faults: new Map() });
  context.after(() => world.close());
  world.start();
  world.market.restsFromUs = (START_MS + 60_000) * 1000;
  world.run(START_MS + 120_000);
  assert.ok(world.tape.openOrders().length > 0, "it quotes");
  return world;
}

function complaints({ tape, journal }: World, latched: string | null): readonly string[] {
  const told: string[] = [];
  const report = (_checker: string, text: string): void => void told.push(text);
  const never = { durablePosition: () => 0, nowMs: () => 0, disturbedUntilMs: () => 0, faultless: true };
  const ending = { exchangePosition: 0, cashChange: 0n, cashByHand: 0n, latched, verify: () => null };
  liveness({ tape, journal, report, ...never }).atEnd?.(ending);
  return told;
}

test("TEST-14 a slot whose order neither the bot nor the exchange knows any more is told by its name", (context) => {
  const world = quoting(context);
  assert.deepEqual(complaints(world, latchedOf(world)), []);
  const [[id] = []] = world.journal.shadow.orders;
  assert.ok(id !== undefined);
  world.journal.shadow.orders.delete(id);
  const order = world.tape.orders.get(id);
  assert.ok(order !== undefined);
  order.open = false;
  const told = complaints(world, latchedOf(world));
  assert.match(told.join(), new RegExp(`^slot -?\\d+ waits for ${id}, which is no order any more$`));
});

test("TEST-14 what its slots have out is no reason for a grid to quote nothing", (context) => {
  const world = quoting(context);
  assert.doesNotMatch(latchedOf(world) ?? "", /entry|exit (?:buy|sell)/);
  for (const order of world.tape.orders.values()) order.open = false;
  assert.ok(complaints(world, null).includes("nothing is wrong, and nothing is quoted"));
});
