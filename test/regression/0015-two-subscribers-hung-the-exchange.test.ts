// Simulation seed 3: with two subscribers whose books were due at different times the market looked again and again at
// the same instant; and a closed connection went on being followed.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Publisher } from "../../src/sim/publisher.ts";

const wish = { bookIntervalUs: 100_000, candleInterval: null, trades: false, marks: false };

test("BT-13 a book that was sent to one subscriber and is not due for the other is looked at when it is due", () => {
  let price = 100;
  const publisher = new Publisher({
    symbol: "X",
    usable: () => true,
    levels: (side) => [[side === "buy" ? price : price + 1, 1]],
  });
  const sent: string[] = [];
  publisher.add(wish, () => sent.push("first"));
  publisher.publish(1_000);
  publisher.add(wish, () => sent.push("second"));
  publisher.publish(2_000);
  price = 101;
  publisher.publish(101_000);
  assert.ok(publisher.dueUs > 101_000, "nobody is looked at again at this instant");
  publisher.publish(102_000);
  assert.deepEqual(sent, ["first", "second", "first", "second"]);
});
