// What a bot may cost: a minute of slow steps warns, the next pauses its entries, a fast one ends that; the same for
// the bytes of its journal.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type BotBounds, Bounds } from "./bounds.ts";

const MIB = 1 << 20;

function bounded(limits: Partial<BotBounds> = {}) {
  const said: string[] = [];
  const machine = { ms: 0, bytes: 0 };
  const bounds = new Bounds(
    {
      offer: (event) => said.push(event.kind === "host-condition" ? `${event.condition} ${event.active}` : event.kind),
      alert: ({ code, severity }) => said.push(`${code} ${severity}`),
    },
    {
      stepMsMax: 10,
      journalMibPerHourMax: 100,
      ...limits,
      machineMs: () => machine.ms,
      journalBytes: () => machine.bytes,
    },
  );
  /** A minute with so many steps of these lengths, and so many MiB; what was said of it. */
  const minute = ({ steps = [], mib = 0 }: { readonly steps?: readonly number[]; readonly mib?: number }): string[] => {
    for (const ms of steps) bounds.stepped(ms);
    machine.bytes += mib * MIB;
    machine.ms += 60_000;
    bounds.look();
    return said.splice(0);
  };
  return { bounds, machine, said, minute };
}

const steps = (fast: number, slow: number, slowMs: number): number[] => [
  ...Array.from({ length: fast }, () => 1),
  ...Array.from({ length: slow }, () => slowMs),
];

test("OPS-16 a minute whose p99 step is above stepMsMax warns, a second one pauses, a fast one ends the pause", () => {
  const { minute } = bounded();
  assert.deepEqual(minute({ steps: steps(980, 20, 11) }), ["step-slow warning"]);
  assert.deepEqual(minute({ steps: steps(980, 20, 11) }), ["slow-steps true"]);
  assert.deepEqual(minute({ steps: steps(980, 20, 11) }), []);
  assert.deepEqual(minute({ steps: steps(980, 20, 6) }), [], "not yet below half of it");
  assert.deepEqual(minute({ steps: steps(1_000, 0, 0) }), ["slow-steps false"]);
});

test("OPS-16 one slow minute between fast ones warns and pauses nothing", () => {
  const { minute } = bounded();
  for (let round = 0; round < 3; round += 1) {
    assert.deepEqual(minute({ steps: steps(50, 5, 20) }), ["step-slow warning"]);
    assert.deepEqual(minute({ steps: steps(50, 0, 0) }), []);
  }
});

for (const [what, given] of [
  ["one long step among few", steps(20, 1, 5_000)],
  ["one in a hundred", steps(990, 10, 11)],
  ["steps as long as the bound", steps(0, 100, 10)],
  ["no step at all", []],
] as const) {
  test(`OPS-16 ${what} is within stepMsMax`, () => {
    assert.deepEqual(bounded().minute({ steps: given }), []);
  });
}

test("OPS-16 nothing is judged before a minute is over", () => {
  const { bounds, machine, said } = bounded();
  for (const ms of steps(0, 100, 50)) bounds.stepped(ms);
  machine.ms += 59_999;
  bounds.look();
  assert.deepEqual(said, []);
});

test("OPS-16 a journal that grows is warned of at 80 % of the bound, pauses above it, and goes on below half", () => {
  const { minute } = bounded();
  assert.deepEqual(minute({ mib: 79 }), []);
  assert.deepEqual(minute({ mib: 1 }), ["journal-grows warning"]);
  assert.deepEqual(minute({ mib: 20 }), [], "as much as is allowed");
  assert.deepEqual(minute({ mib: 1 }), ["journal-growth true"]);
  for (let n = 0; n < 56; n += 1) assert.deepEqual(minute({}), [], "the hour is not over");
  assert.deepEqual(minute({}), ["journal-growth false"], "the first 79 MiB are an hour old");
});

test("OPS-16 bytes of more than an hour ago do not count", () => {
  const { minute } = bounded();
  for (let n = 0; n < 600; n += 1) assert.deepEqual(minute({ mib: 1 }), []);
});
