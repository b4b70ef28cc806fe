// A process's own strain: judged at its bounds, and measured for real.

import assert from "node:assert/strict";
import { test } from "node:test";
import { OwnStrain, ownReadings, type StrainReadings } from "./own-strain.ts";

const MINUTE_MS = 60_000;

function strained(change: Partial<StrainReadings>): OwnStrain {
  return new OwnStrain({ nowMs: () => 0, memory: () => 0, files: () => null, lagMs: () => 0, ...change });
}

test("RISK-42 fd-high: more than 80 % of the files that may be open", () => {
  const of = (open: number): boolean => strained({ files: () => ({ open, max: 1_000 }) }).files().ok;
  assert.deepEqual([of(800), of(801)], [true, false]);
  assert.match(strained({ files: () => ({ open: 900, max: 1_000 }) }).files().text, /900 of 1000 files are open/);
});

test("RISK-42 memory-growth: over 100 MB an hour once half an hour is known; what a start takes is no growth", () => {
  const at = { ms: 0, bytes: 200e6 };
  const strain = strained({ nowMs: () => at.ms, memory: () => at.bytes });
  const after = (minutes: number, perHour: number): boolean => {
    let ok = true;
    for (let n = 0; n < minutes; n += 1) {
      at.ms += MINUTE_MS;
      at.bytes += perHour / 60;
      ({ ok } = strain.growth());
    }
    return ok;
  };
  assert.equal(after(29, 6e9), true, "a start");
  assert.equal(after(90, 0), true, "it stays");
  assert.equal(after(60, 99e6), true);
  assert.equal(after(60, 130e6), false);
  assert.match(strain.growth().text, /1[23]\d MB an hour more; restart at a quiet moment/);
});

test("RISK-42 loop-lag: p99 of a minute above 100 ms, asked for once a minute; a start is no lag", () => {
  const at = { ms: 0, lag: 900, asked: 0 };
  const lagMs = (): number => {
    at.asked += 1;
    return at.lag;
  };
  const strain = strained({ nowMs: () => at.ms, lagMs });
  assert.equal(strain.loop().ok, true);
  at.lag = 100;
  at.ms += MINUTE_MS;
  assert.equal(strain.loop().ok, true);
  at.lag = 101;
  assert.equal(strain.loop().ok, true, "the minute is not over");
  at.ms += MINUTE_MS;
  assert.equal(strain.loop().ok, false);
  assert.equal(at.asked, 3);
});

test("RISK-42 this process tells its memory, its files and its loop", () => {
  const readings = ownReadings();
  const files = readings.files();
  assert.ok((readings.memory() ?? 0) > 10e6);
  assert.ok(files === null || (files !== "exhausted" && files.open > 3 && files.max > files.open));
  assert.ok(readings.lagMs() >= 0);
  readings.close();
});
