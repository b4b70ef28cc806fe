// Cases 10 to 17 and 23: outcomes that are unknown, and the look-up that settles them. Nothing is ever sent twice
// unless it was shown that the first never was.

import assert from "node:assert/strict";
import { inspect } from "node:util";
import type { ClientOrderId } from "../../src/trading/client-order-id.ts";
import type { Case, Stage, StageFault } from "./exchange-case.ts";

/** The order is asked for while the fault strikes; what came of it is looked up once it is gone. */
async function unknownBy({ hands, inject, heal, ready }: Stage, fault: StageFault): Promise<ClientOrderId> {
  await ready(hands.watch());
  inject(fault);
  const placed = await hands.place("buy 599990 x 5");
  heal();
  assert.equal(placed.result, "unknown", inspect(placed));
  return placed.id;
}

const accepted = (n: number, text: string, fault: StageFault): Case => ({
  n,
  text: `${text}: the outcome is unknown, the look-up finds it, one order on the exchange`,
  faults: [fault],
  play: async (stage) => {
    const id = await unknownBy(stage, fault);
    const found = await stage.hands.lookup(id);
    assert.equal(found.result === "found" && found.order.status, "open");
    assert.deepEqual(stage.truth.open(), [id]);
  },
});

const never = (n: number, text: string, fault: StageFault): Case => ({
  n,
  text: `${text}: the outcome is unknown, the look-up says absent, sent again once there is one order`,
  faults: [fault],
  play: async (stage) => {
    const id = await unknownBy(stage, fault);
    assert.equal((await stage.hands.lookup(id)).result, "absent");
    assert.deepEqual(stage.truth.open(), []);
    // a connector looks itself, and sends again only once the first can no longer be accepted (EXCH-10)
    for (;;) {
      const { result } = await stage.hands.place("buy 599990 x 5", id);
      if (result === "accepted") break;
      assert.ok(result === "unknown" || result === "not-sent", result);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    assert.deepEqual(stage.truth.open(), [id]);
  },
});

export const OUTCOME_CASES: readonly Case[] = [
  accepted(10, "accepted, then time-out", "acceptThenTimeout"),
  never(11, "never received, then time-out", "timeoutNotAccepted"),
  accepted(12, "the reply is cut in the middle", "cutReply"),
  accepted(13, "a 503 after acceptance", "serverErrorAfterAccept"),
  never(14, "a 503 with nothing accepted", "serverErrorNotAccepted"),
  {
    n: 17,
    text: "a request delayed beyond its expiry is refused by the exchange: the look-up says absent, nothing rests",
    faults: ["acceptLate"],
    play: async ({ hands, inject, heal, truth, ready }) => {
      await ready(hands.watch());
      inject("acceptLate", { delayMs: 4_000 });
      const placed = await hands.place("buy 599990 x 5");
      heal();
      assert.equal(placed.result, "unknown");
      const end = Date.now() + 5_000;
      while (Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 100));
      assert.equal((await hands.lookup(placed.id)).result, "absent");
      assert.deepEqual(truth.open(), []);
    },
  },
  {
    n: 23,
    text: "several orders whose replies are lost: every one unknown, each found by itself",
    faults: ["acceptThenTimeout"],
    play: async ({ hands, inject, heal, truth, ready }) => {
      await ready(hands.watch());
      inject("acceptThenTimeout");
      const outcomes = await Promise.all([1, 2, 3].map((i) => hands.place(`buy ${599_000 + i} x 5`)));
      heal();
      assert.deepEqual(
        outcomes.map(({ result }) => result),
        ["unknown", "unknown", "unknown"],
      );
      for (const { id } of outcomes) assert.equal((await hands.lookup(id)).result, "found");
      assert.equal(truth.open().length, 3);
    },
  },
];
