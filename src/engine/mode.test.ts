// Which mode risk is in and which gates the strategy hears of: both follow from what stands in the state, and from
// nothing else.

import assert from "node:assert/strict";
import { test } from "node:test";
import { lots } from "../market/amounts.ts";
import { benchWith } from "./breakers.fixture.ts";
import { gatesToTell, modeOf } from "./mode.ts";
import type { Block, BotState, Phase } from "./state.ts";

const PAUSE = "operator";
const block = (change: Partial<Block> = {}): Block => ({
  reason: "why",
  sinceMs: 7,
  level: "HOLD",
  leg: "both",
  reducing: true,
  ...change,
});

/** A running bot in which nothing stands but these blocks. */
function blocked(blocks: Readonly<Record<string, Partial<Block>>> = {}, change: Partial<BotState> = {}): BotState {
  const { state } = benchWith();
  const own = Object.entries(blocks).map(([name, each]) => [name, block(each)] as const);
  return Object.assign(state, { blocks: new Map(own), gates: new Map() }, change);
}

/** `breaker both, nothing passes, since 7: why` */
function mode(state: BotState): string {
  const { mode: name, blocks, reducingAllowed, sinceMs, reason } = modeOf(state);
  return `${name} ${blocks}, ${reducingAllowed ? "reducing passes" : "nothing passes"}, since ${sinceMs}: ${reason}`;
}

/** Gates that are not at RUN, as `risk HALT/both: why`. */
const gates = (state: BotState): readonly string[] =>
  gatesToTell(state).map(({ gate, level, leg, reason }) => `${gate} ${level}/${leg}: ${reason}`);

test("RISK-05 before the bot runs nothing passes, while it stops only what reduces", () => {
  const at = (phase: Phase, stopAtMs: number | null = null): string => mode(blocked({}, { phase, nowMs: 9, stopAtMs }));
  const recovering = (phase: Phase): string => `recovering both, nothing passes, since 9: the bot is ${phase}`;
  for (const phase of ["new", "recovering", "starting", "refused"] as const) assert.equal(at(phase), recovering(phase));
  assert.equal(at("stopping", 5), "draining both, reducing passes, since 5: the bot is stopping");
  assert.equal(at("stopped"), "draining both, reducing passes, since 9: the bot is stopping");
  assert.equal(at("running"), "normal both, reducing passes, since 0: ");
});

test("RISK-05 a kill is stricter than a stop, a breaker than the monitor, the monitor than a pause", () => {
  const all = { [PAUSE]: { reason: "pause" }, monitor: { reason: "monitor" }, rejects: { reason: "breaker" } };
  assert.equal(mode(blocked(all)), "breaker both, reducing passes, since 7: breaker");
  const { rejects: _, ...without } = all;
  assert.equal(mode(blocked(without)), "monitor both, reducing passes, since 7: monitor");
  assert.equal(mode(blocked({ [PAUSE]: {} })), "paused both, reducing passes, since 7: why");
  const state = blocked(all, { phase: "stopping" });
  state.kill = { ...state.kill, phase: "killed", latchedAtMs: 3 };
  assert.equal(mode(state), "killed both, nothing passes, since 3: kill switch: killed");
});

test("RISK-05 of several blocks one that refuses reducing orders too decides, else the first", () => {
  const reducing = { reason: "first" };
  const strict = { reason: "strict", reducing: false };
  assert.equal(mode(blocked({ a: reducing, b: strict })), "breaker both, nothing passes, since 7: strict");
  assert.equal(
    mode(blocked({ a: reducing, b: { reason: "second" } })),
    "breaker both, reducing passes, since 7: first",
  );
  const monitor = { reason: "monitor", reducing: false };
  assert.equal(mode(blocked({ monitor })), "monitor both, reducing passes, since 7: monitor", "it is no breaker");
});

test("RISK-05 a pause of one leg refuses that leg's entries: buys of the long one, sells of the short one", () => {
  const side = (blocks: Readonly<Record<string, Partial<Block>>>): string => modeOf(blocked(blocks)).blocks;
  assert.deepEqual([side({ [PAUSE]: { leg: "L" } }), side({ [PAUSE]: { leg: "S" } })], ["buy", "sell"]);
  assert.deepEqual([side({ monitor: { leg: "L" } }), side({ monitor: { leg: "S" } })], ["buy", "sell"]);
  assert.equal(side({ monitor: { leg: "L" }, [PAUSE]: { leg: "L" } }), "buy");
  assert.equal(side({ monitor: { leg: "L" }, [PAUSE]: { leg: "S" } }), "both", "the pause holds beside it");
  assert.equal(side({ [PAUSE]: { leg: "both" } }), "both");
});

test("GRID-33 a gate is told when it changed, and once; one that was never told stands open", () => {
  const state = blocked();
  assert.deepEqual(gates(state), []);
  state.blocks.set(PAUSE, block({ leg: "L" }));
  assert.deepEqual([gates(state), gates(state)], [["operator HOLD/L: why"], []]);
  state.blocks.set(PAUSE, block({ leg: "S" }));
  assert.deepEqual(gates(state), ["operator HOLD/S: why"], "the same level of another leg is news");
  state.blocks.delete(PAUSE);
  assert.deepEqual([gates(state), gates(state)], [["operator RUN/both: "], []]);
});

test("GRID-33 each cause has its gate, opened again when the cause is gone", () => {
  const told = (name: string): readonly string[] => {
    const state = blocked({ [name]: {} });
    const closed = gates(state);
    state.blocks.clear();
    return [...closed, ...gates(state)];
  };
  assert.deepEqual(told("operator"), ["operator HOLD/both: why", "operator RUN/both: "]);
  assert.deepEqual(told("monitor"), ["monitor HOLD/both: why", "monitor RUN/both: "]);
  assert.deepEqual(told("feed-book"), ["feed-book FREEZE/both: why", "feed-book RUN/both: "]);
  assert.deepEqual(told("feed-orders"), ["feed-orders HOLD/both: why", "feed-orders RUN/both: "]);
  assert.deepEqual(told("rejects"), ["risk HOLD/both: why", "risk RUN/both: "]);
  const short = blocked({ monitor: { leg: "S", level: "REDUCE" } });
  assert.deepEqual(gates(short), ["monitor REDUCE/S: why"]);
});

test("DUR-58 a stop halts, reduces or holds by its policy, and so does one that is over", () => {
  const stop = (stopPolicy: BotState["stopPolicy"], phase: Phase = "stopping"): readonly string[] =>
    gates(blocked({}, { phase, stopPolicy }));
  assert.deepEqual(stop("all"), ["stopping HALT/both: stopping, cancelOnExit all"]);
  assert.deepEqual(stop("opening"), ["stopping REDUCE/both: stopping, cancelOnExit opening"]);
  assert.deepEqual(stop("none"), ["stopping HOLD/both: stopping, cancelOnExit none"]);
  assert.deepEqual(stop("all", "stopped"), ["stopping HALT/both: stopping, cancelOnExit all"]);
  const again = blocked({}, { phase: "stopping", stopPolicy: "all" });
  gatesToTell(again);
  again.phase = "running";
  assert.deepEqual(gates(again), ["stopping RUN/both: "]);
});

test("RISK-18 RISK-22 the strictest breaker makes the risk gate, the closer and a kill halt", () => {
  const levels = { a: { level: "REDUCE", reason: "a" }, b: { level: "FREEZE", reason: "b" }, c: { level: "HOLD" } };
  assert.deepEqual(gates(blocked(levels as Record<string, Partial<Block>>)), ["risk FREEZE/both: b"]);
  assert.deepEqual(gates(blocked({ a: { level: "HOLD" }, b: { level: "REDUCE" } })), ["risk REDUCE/both: why"]);
  const equal = { a: { reason: "first" }, b: { reason: "second" } };
  assert.deepEqual(gates(blocked(equal)), ["risk HOLD/both: first"]);
  const { HALT, ...order } = { HALT: 4, FREEZE: 3, REDUCE: 2, HOLD: 1 };
  for (const level of Object.keys(order) as (keyof typeof order)[]) {
    const above = blocked({ a: { level, reason: "a" }, b: { level: "HALT", reason: "b" } });
    assert.deepEqual(gates(above), ["risk HALT/both: b"], `${HALT} is above ${level}`);
  }
  const closer = { because: "flatten.command", nextAtMs: 0, startedAtMs: 0, target: lots(0) };
  const closing = blocked({ a: { reason: "a" } }, { closer });
  assert.deepEqual(gates(closing), ["risk HALT/both: closing: flatten.command"]);
  closing.kill = { ...closing.kill, phase: "cancelling" };
  closing.gates.clear();
  assert.deepEqual(gates(closing), ["risk HALT/both: kill switch"]);
});
