// A subscriber that wanted candles and hardly any books (one a day) made every other one wait for its next book.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Publisher } from "../../src/sim/publisher.ts";

const wish = { bookIntervalUs: 100_000, candleInterval: null, trades: false, marks: false };

test("EXCH-20 a subscriber that waits for long keeps nobody else waiting", () => {
  let price = 100;
  const publisher = new Publisher({
    symbol: "X",
    usable: () => true,
    levels: (side) => [[side === "buy" ? price : price + 1, 1]],
  });
  const sent: string[] = [];
  publisher.add({ ...wish, bookIntervalUs: 86_400_000_000 }, () => sent.push("patient"));
  publisher.add(wish, () => sent.push("hasty"));
  publisher.publish(1_000);
  // a look without a change, while the patient one is not due
  publisher.dirty = true;
  publisher.publish(150_000);
  price = 101;
  publisher.dirty = true;
  assert.equal(publisher.lookUs(160_000), 160_000);
  publisher.publish(160_000);
  assert.deepEqual(sent, ["patient", "hasty", "hasty"]);
  assert.equal(publisher.lookUs(160_000), 86_400_001_000);
});
