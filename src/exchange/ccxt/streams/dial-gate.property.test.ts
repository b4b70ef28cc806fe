// Dials of one account keep their distance, and waits before redials grow as the exchange wants them to.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { VirtualClock } from "../../../base/virtual-clock.ts";
import { redialWaitMs } from "../../../rpc/backoff.ts";
import { DialGate } from "./dial-gate.ts";
import { STREAM_TIMES } from "./times.ts";

const numRuns = Number.parseInt(process.env["OPENSQT_PROPERTY_RUNS"] ?? "200", 10);

const T0 = 1_750_000_000_000;

test("EXCH-42 sockets of one account are dialled at least 350 ms apart, each in its turn", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(2_000), { minLength: 1, maxLength: 12 }), async (askedMs) => {
      const clock = new VirtualClock(T0);
      const gate = new DialGate(clock, STREAM_TIMES.dialGapMs);
      const dialled: number[] = [];
      const asked: Promise<unknown>[] = [];
      for (const at of askedMs) {
        clock.at(T0 + at, () => {
          asked.push(gate.pass().then((turn) => (turn ? dialled.push(clock.nowMs()) : 0)));
        });
      }
      while (clock.runNext()) await Promise.resolve();
      await Promise.all(asked);
      assert.equal(dialled.length, askedMs.length);
      for (let i = 1; i < dialled.length; i += 1) {
        assert.ok((dialled[i] ?? 0) - (dialled[i - 1] ?? 0) >= 350, dialled.join(" "));
      }
    }),
    { numRuns },
  );
});

test("EXCH-42 a gate that closes lets nobody wait", async () => {
  const clock = new VirtualClock(T0);
  const gate = new DialGate(clock, 350);
  const waiting = [gate.pass(), gate.pass()];
  gate.close();
  assert.deepEqual(await Promise.all([...waiting, gate.pass()]), [false, false, false]);
  assert.equal(clock.nextUs(), Number.POSITIVE_INFINITY, "no timer is left");
});

test("EXCH-42 waits before redials are 3, 5, 10, 30, 30 s, each within 20 %", () => {
  const plain = [3_000, 5_000, 10_000, 30_000, 30_000, 30_000];
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (dice) => {
      plain.forEach((expected, i) => {
        const wait = redialWaitMs(i + 1, STREAM_TIMES.redialWaitsMs, () => dice);
        assert.ok(wait >= expected * 0.8 && wait <= expected * 1.2, `${i + 1}: ${wait}`);
      });
    }),
    { numRuns },
  );
});
