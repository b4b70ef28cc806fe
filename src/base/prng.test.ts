// Seeded randomness: equal seeds give equal sequences on any machine, for good.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Prng } from "./prng.ts";

const PINNED = [920651081, 3624554963, 5, 454386701];

test("equal seeds give equal sequences, and these never change", () => {
  const draw = (seed: string | number): number[] => {
    const prng = new Prng(seed);
    return [prng.uint32(), prng.uint32(), prng.integer(1, 6), prng.uint32()];
  };
  assert.deepEqual(draw(1), draw("1"));
  assert.notDeepEqual(draw(1), draw(2));
  assert.deepEqual(draw(1), PINNED);
});

test("a generator restored from its state goes on where it was", () => {
  const prng = new Prng("x");
  for (let i = 0; i < 100; i += 1) prng.uint32();
  const again = new Prng([...prng.state]);
  for (let i = 0; i < 100; i += 1) assert.equal(again.uint32(), prng.uint32());
});

test("draws keep their bounds and roughly their means", () => {
  const prng = new Prng("bounds");
  const seen = new Set<number>();
  let sum = 0;
  let wait = 0;
  let hits = 0;
  for (let i = 0; i < 20_000; i += 1) {
    const x = prng.float();
    assert.ok(x >= 0 && x < 1);
    sum += x;
    const die = prng.integer(1, 6);
    assert.ok(die >= 1 && die <= 6);
    seen.add(die);
    wait += prng.exponential(5);
    if (prng.chance(0.25)) hits += 1;
    assert.ok(["a", "b"].includes(prng.pick(["a", "b"])));
  }
  assert.equal(seen.size, 6);
  assert.ok(Math.abs(sum / 20_000 - 0.5) < 0.01);
  assert.ok(Math.abs(wait / 20_000 - 5) < 0.2);
  assert.ok(Math.abs(hits / 20_000 - 0.25) < 0.015);
});

test("a fork does not depend on how much its parent is drawn from afterwards", () => {
  const fork = (draws: number): number => {
    const parent = new Prng(7);
    const child = parent.fork("market");
    for (let i = 0; i < draws; i += 1) parent.uint32();
    return child.uint32();
  };
  assert.equal(fork(0), fork(50));
  assert.notEqual(new Prng(7).fork("market").uint32(), new Prng(7).fork("takers").uint32());
});
