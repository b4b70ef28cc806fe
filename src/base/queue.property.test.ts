// The bounded queue against an array (TEST-P24): never over its maximum, nothing lost, nothing reordered.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { BugError } from "./assert.ts";
import { BoundedQueue } from "./queue.ts";

const numRuns = Number(process.env["OPENSQT_PROPERTY_RUNS"] ?? 200);

test("TEST-P24 a queue stays within its maximum under any input and gives back what it took, in order", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 9 }),
      fc.array(fc.oneof(fc.nat(), fc.constant("shift" as const))),
      (capacity, steps) => {
        const queue = new BoundedQueue<number>(capacity);
        const model: number[] = [];
        for (const step of steps) {
          if (step === "shift") assert.equal(queue.shift(), model.shift());
          else {
            assert.equal(queue.push(step), model.length < capacity);
            if (model.length < capacity) model.push(step);
          }
          assert.equal(queue.size, model.length);
          assert.ok(queue.size <= queue.capacity);
          assert.equal(queue.peek(), model[0]);
        }
      },
    ),
    { numRuns, seed: 505 },
  );
});

test("TEST-P24 a queue without room for one item is a bug", () => {
  for (const capacity of [0, -1, 1.5, Number.NaN]) assert.throws(() => new BoundedQueue(capacity), BugError);
});
