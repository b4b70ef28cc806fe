// What is told of a stream: only changes, and never "fresh" of one that was not heard of before.

import assert from "node:assert/strict";
import { test } from "node:test";
import { HealthBoard } from "./health-board.ts";
import type { Pulse } from "./liveness.ts";

const ORDERS = { subject: "orders", symbol: "" };

/** What bots hear of these pulses, one after the other. */
function heard(pulses: readonly Pulse[]): string[] {
  const board = new HealthBoard();
  const told: string[] = [];
  board.onFeed = (_name, _feed, state) => void told.push(state);
  for (const pulse of pulses) board.say(ORDERS, { pulse, text: "" });
  return told;
}

const ROWS: readonly (readonly [pulses: readonly Pulse[], told: readonly string[]])[] = [
  [["live"], ["fresh"]],
  [["suspect"], []],
  [["suspect", "live"], ["fresh"]],
  [
    ["suspect", "stale", "suspect", "live"],
    ["stale", "fresh"],
  ],
  [["live", "suspect", "live"], ["fresh"]],
  [
    ["live", "suspect", "stale", "live"],
    ["fresh", "stale", "fresh"],
  ],
];

for (const [pulses, told] of ROWS) {
  test(`EXCH-22 EXCH-23 bots hear [${told.join(", ")}] of ${pulses.join(", ")}`, () => {
    assert.deepEqual(heard(pulses), told);
  });
}

test("EXCH-23 a stream that is only suspect was never alive: who comes is told that it is stale", () => {
  const board = new HealthBoard();
  assert.equal(board.isJudged(ORDERS), false);
  board.say(ORDERS, { pulse: "suspect", text: "" });
  assert.deepEqual([board.isJudged(ORDERS), board.staleFeeds("BTC/USDT")], [false, []]);
  board.say(ORDERS, { pulse: "stale", text: "" });
  assert.deepEqual([board.isJudged(ORDERS), board.staleFeeds("BTC/USDT")], [true, ["orders"]]);
  board.drop(ORDERS);
  assert.equal(board.isJudged(ORDERS), false);
});
