// Cancels that could not leave, because no connector was there, were counted as tries at the exchange: a connector that
// was killed and came back left every bot behind an open `retries` breaker for minutes.

import assert from "node:assert/strict";
import { test } from "node:test";
import { World } from "../../src/host/bench.fixture.ts";
import type { Fate } from "../../src/host/village.fixture.ts";

/** How often the first cancel says it was tried, when its first two tries have this fate. */
function toldTries(fate: Fate): number | undefined {
  const world = new World();
  const bot = world.running();
  let cancels = 0;
  world.village.fate = (what) => {
    if (what !== "cancel") return "fine";
    cancels += 1;
    return cancels <= 4 ? fate : "fine";
  };
  bot.host.command({ name: "pause", cancelEntries: true, leg: "both" }, { by: "a", reason: "b" }, () => {});
  bot.host.drain();
  world.run(10_000);
  const events = bot.turns.flatMap((turn) => turn.events);
  const ended = events.find((event) => event.kind === "outcome" && event.of === "cancel");
  assert.ok(ended?.kind === "outcome" && ended.result !== "not-sent", JSON.stringify(ended));
  return ended.tries;
}

test("RISK-18 tries that never left this machine are no retries; those that did are", () => {
  assert.equal(toldTries("not-sent"), undefined, "one request reached the exchange");
  assert.equal(toldTries("lost"), 3);
});
