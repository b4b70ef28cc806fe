// A key that the exchange refuses while the connection lives.

import assert from "node:assert/strict";
import { test } from "node:test";
import { VirtualClock } from "../../base/virtual-clock.ts";
import { KeyStanding } from "./key-standing.ts";

function stage() {
  const clock = new VirtualClock(1_700_000_000_000);
  const told: string[] = [];
  const key = new KeyStanding({
    clock,
    exchange: "binance",
    health: ({ subject, state }) => told.push(`${subject} ${state}`),
    refused: () => told.push("streams lost"),
  });
  return { clock, told, key };
}

test("EXCH-39 a refused key is said once, stops orders, and a read that works brings it back", () => {
  const { told, key } = stage();
  for (let n = 0; n < 3; n += 1) key.refuse("-2015 Invalid API-key", false);
  assert.match(key.objection() ?? "", /^binance refuses the API key \(-2015 Invalid API-key\): check it there, or put/);
  key.works();
  assert.equal(key.objection(), null);
  assert.deepEqual(told, ["credentials down", "streams lost", "credentials live"]);
});

test("EXCH-39 a key that reads and may not trade is tried once a minute; another key at once", () => {
  const { clock, told, key } = stage();
  key.refuse("-2015", true);
  clock.runUntil((1_700_000_000_000 + 59_000) * 1000);
  key.works();
  assert.notEqual(key.objection(), null);
  clock.runUntil((1_700_000_000_000 + 60_000) * 1000);
  key.works();
  assert.equal(key.objection(), null);
  key.refuse("-2015", true);
  key.replaced();
  assert.equal(key.objection(), null);
  assert.equal(told.at(-1), "credentials live");
});
