// One word for every bot of a process: a breaker over all of them holds each.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Scope } from "../../rpc/generated/opensqt/market_maker/v1/types.ts";
import { startTown } from "../api/books.fixture.ts";
import { phaseOf } from "./bot-view.ts";

test("OPS-21 one breaker over all bots holds every bot of the process, until it is closed", async (t) => {
  const { risk, world, process } = await startTown(t, 3, 5_000);
  const phases = (): string[] => process.fleet.bots().map((bot) => phaseOf(bot));
  await world.untilTrue(() => phases().every((phase) => phase === "RUNNING"));
  const reason = "the account lost more than it may in a day";
  const opened = await world.until(risk().openCircuitBreaker({ scope: Scope.ALL, action: "halt", reason }));
  assert.ok(opened.breaker?.open);
  await world.untilTrue(() => [0, 1, 2].every((n) => world.open(n) === 0));
  assert.deepEqual(phases(), ["BLOCKED", "BLOCKED", "BLOCKED"]);
  await world.run(10_000);
  assert.deepEqual([world.open(0), world.open(1), world.open(2)], [0, 0, 0]);
  const { breakers } = await risk("reader").getCircuitBreakerStatus({ scope: Scope.ALL });
  assert.equal(breakers.filter(({ open, reason: why }) => open && why.includes(reason)).length, 3);
  for (const { id } of process.fleet.bots()) {
    await world.until(risk().closeCircuitBreaker({ name: "manual", id, reason: "seen" }));
  }
  await world.untilTrue(() => phases().every((phase) => phase === "RUNNING"));
});
