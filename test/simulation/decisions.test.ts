// A run by its decisions: what struck, when among the things of its moment, and what the exchange drew when it did.

import assert from "node:assert/strict";
import { test } from "node:test";
import { FaultPlan } from "../../src/sim/fault-plan.ts";
import { type Decisions, decideExchange, type Hit, type Strike } from "./decisions.ts";
import { drawScenario } from "./scenario.ts";
import { Shrinker } from "./shrink.ts";
import { simulate } from "./simulate.ts";
import { START_MS, World } from "./world.ts";

const QUIET = drawScenario(5_002);

test("TEST-18 a strike of a script comes after as many wakes of its microsecond as it came", () => {
  const world = new World(QUIET);
  const atUs = START_MS * 1000 + 1_234_567;
  const seen: string[] = [];
  for (const name of ["a", "b", "c"]) world.clock.atUs(atUs, () => seen.push(`${name} ${world.script.wokenNow}`));
  world.after(1_500, () => undefined);
  const strike = (after: number, alone: boolean): Strike => ({ atUs, after, alone, kind: "pause", dice: "" });
  // the first came by the wake of "c", which no longer counts twice; the last after more than are there now
  const script = [strike(2, false), strike(3, true), strike(9, true)];
  world.script.play(script, ({ after }) => seen.push(`strike ${after}`));
  world.run(START_MS + 2_000);
  assert.deepEqual(seen, ["a 0", "b 1", "strike 2", "c 2", "strike 3", "strike 9"]);
  world.close();
});

/** Asks a plan 200 times; what each hit drew, and what was written down. */
function asked(given: Decisions | null): { readonly drawn: readonly string[]; readonly hits: readonly Hit[] } {
  const faults = new FaultPlan({ lateEvent: 0.1, cutReply: 0.1, silentStall: 5 }, "a plan");
  const drawn: string[] = [];
  const hits: Hit[] = [];
  const hours: Hit[] = [];
  const heard = { onHit: (hit: Hit) => hits.push(hit), onHour: (hit: Hit) => hours.push(hit), wanted: () => false };
  decideExchange({ faults }, given, heard);
  for (let n = 1; n <= 200; n += 1) {
    if (n % 50 === 0) {
      faults.count("silentStall");
      drawn.push(`hour ${n}: ${faults.waitUs("silentStall")}`);
    }
    for (const fault of ["lateEvent", "cutReply"] as const) {
      if (faults.hit(fault)) drawn.push(`${fault} ${n}: ${faults.prng.integer(1, 1e9)}`);
    }
  }
  return { drawn, hits: given === null ? [...hits, ...hours] : hits };
}

test("TEST-18 what a fault of the exchange draws when it strikes is the same without dice, and without others", () => {
  const { drawn, hits } = asked(null);
  const isHour = ({ fault }: Hit): boolean => fault === "silentStall";
  const all: Decisions = { strikes: [], hits: hits.filter((hit) => !isHour(hit)), hours: hits.filter(isHour) };
  assert.ok(all.hits.length > 10 && all.hours.length === 4);
  assert.deepEqual(asked(all).drawn, drawn);
  const late = all.hits.filter(({ fault }) => fault === "lateEvent");
  assert.deepEqual(
    asked({ ...all, hits: late }).drawn,
    drawn.filter((text) => !text.startsWith("cutReply")),
  );
});

test("TEST-18 a failure that its decisions do not show is not made smaller, and that is said", () => {
  const short = { ...QUIET, durationMs: 60_000 };
  const held = simulate(short);
  const failure = { ...held, violations: [{ checker: "position", text: "1 is not 2", atMs: START_MS + 1_000 }] };
  const small = new Shrinker(failure, { ms: 60, nowMs: () => 0 }).shrink();
  assert.deepEqual([small.shown, small.runs], [false, 1]);
});
