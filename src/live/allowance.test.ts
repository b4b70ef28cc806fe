// So many a second with so many at once, for one and for each of many.

import assert from "node:assert/strict";
import { test } from "node:test";
import { AllowancesByAddress } from "./allowance.ts";

test("LIVE-10 ten handshakes a second an address, twenty at once; another address has its own", () => {
  const handshakes = new AllowancesByAddress({ perSecond: 10, burst: 20 });
  const taken = (address: string, atMs: number, count: number): number =>
    Array.from({ length: count }, () => handshakes.take(address, atMs)).filter((yes) => yes).length;
  assert.equal(taken("a", 0, 40), 20);
  assert.equal(taken("a", 100, 40), 1);
  assert.equal(taken("b", 100, 40), 20);
  assert.equal(taken("a", 1100, 40), 10);
  assert.equal(taken("a", 60_000, 40), 20, "what is not used is not saved beyond the burst");
});

test("memory of addresses is bounded: a crowd beyond it shares one allowance", () => {
  const handshakes = new AllowancesByAddress({ perSecond: 1, burst: 2 });
  for (let index = 0; index < 10_000; index += 1) assert.equal(handshakes.take(`a${index}`, 0), true);
  assert.deepEqual(
    ["x", "y", "z"].map((address) => handshakes.take(address, 0)),
    [true, true, false],
  );
  assert.equal(handshakes.take("x", 5000), true, "those who were quiet are forgotten");
});
