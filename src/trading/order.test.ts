import assert from "node:assert/strict";
import { test } from "node:test";
import { liveOrder } from "../../test/risk-examples.ts";
import { lots } from "../market/amounts.ts";
import { isLive, type OrderStatus, type PlaceState, remainingLots } from "./order.ts";

/** place → with no word of the exchange yet, and with each word it may give: does the order count as live? */
const LIVES: Readonly<Record<PlaceState, string>> = {
  recorded: "none live, open live, filled over, canceled over, expired over",
  sent: "none live, open live, filled over, canceled over, expired over",
  unknown: "none live, open live, filled over, canceled over, expired over",
  acknowledged: "none live, open live, filled over, canceled over, expired over",
  rejected: "none over, open over, filled over, canceled over, expired over",
  withdrawn: "none over, open over, filled over, canceled over, expired over",
  absent: "none over, open over, filled over, canceled over, expired over",
};

for (const [place, row] of Object.entries(LIVES)) {
  test(`RISK-51 an order that is ${place} counts until the exchange's word or proof ends it`, () => {
    for (const cell of row.split(", ")) {
      const [word, expected] = cell.split(" ");
      const status = word === "none" ? null : (word as OrderStatus);
      const order = liveOrder(1, {}, { place: place as PlaceState, status });
      assert.equal(isLive(order) ? "live" : "over", expected, cell);
    }
  });
}

test("RISK-51 what may still execute of 5 lots: all, the rest, and never less than nothing", () => {
  const left = [0, 2, 5, 6].map((done) =>
    remainingLots(liveOrder(1, { quantity: lots(5) }, { cumulative: lots(done) })),
  );
  assert.deepEqual(left, [5, 3, 0, 0]);
});
