import assert from "node:assert/strict";
import { test } from "node:test";
import {
  initialKillState,
  isKilled,
  type KillFacts,
  type KillInput,
  type KillState,
  type KillWant,
  killStep,
} from "./kill.ts";

const kill = (flatten: boolean): KillInput => ({ kind: "kill", flatten, by: "ops", reason: "drill" });
const turn: KillInput = { kind: "turn" };
const read = (ownOpen: number): KillInput => ({ kind: "read", ownOpen });
const order = (id: string, cancelAsked = false, closer = false) => ({ id, cancelAsked, closer });

/** Plays a kill from second 0 and tells what was wanted at each step. */
class Drill {
  state: KillState = initialKillState();
  wants: readonly KillWant[] = [];

  at(ms: number, input: KillInput, facts: Partial<KillFacts> = {}): string {
    const decision = killStep(this.state, input, {
      nowMs: 1_000_000 + ms,
      live: [],
      positionLots: 0,
      flat: true,
      ...facts,
    });
    this.state = decision.state;
    this.wants = decision.wants;
    const texts = decision.wants.filter((want) => want.kind !== "wake").map(describe);
    return [this.state.phase, ...texts].join(", ");
  }

  report() {
    return this.state.report;
  }
}

function describe(want: KillWant): string {
  if (want.kind === "cancel") return `cancel ${want.ids.join(" ")}`;
  return want.kind === "report" ? want.code : want.kind;
}

test("RISK-22 latch, cancel, prove by two reads a second apart, report", () => {
  const drill = new Drill();
  assert.equal(drill.at(0, kill(false), { live: [order("a"), order("b")] }), "cancelling, cancel a b, read");
  assert.equal(drill.at(200, turn, { live: [order("a", true), order("b", true)] }), "cancelling");
  assert.equal(drill.at(300, read(1), { live: [order("b", true)] }), "cancelling, read", "one is still shown");
  assert.equal(drill.at(500, read(0)), "cancelling", "the first clean read");
  assert.equal(drill.at(1_400, turn), "cancelling");
  assert.equal(drill.at(1_500, turn), "cancelling, read");
  assert.equal(drill.at(1_600, read(0)), "killed, kill-proved");
  assert.deepEqual(drill.report(), {
    proved: true,
    ordersLeft: [],
    positionLots: 0,
    dust: false,
    flatAfterMs: null,
    cleanReadsAtMs: [1_000_500, 1_001_600],
    latchedAtMs: 1_000_000,
  });
  assert.equal(drill.at(1_700, turn), "killed", "reported once");
  assert.deepEqual(drill.wants, [], "nothing is left to wake for");
});

test("RISK-22 two reads closer than a second are one, and an order that shows up starts the proof again", () => {
  const drill = new Drill();
  drill.at(0, kill(false));
  drill.at(100, read(0));
  assert.equal(drill.at(900, read(0)), "cancelling");
  assert.equal(drill.at(1_000, turn, { live: [order("late")] }), "cancelling, cancel late, read");
  assert.deepEqual(drill.state.cleanReadsAtMs, []);
  assert.equal(drill.at(1_100, read(1)), "cancelling, read", "a stranger with our tag in the read");
  assert.equal(drill.at(2_200, read(0)), "cancelling", "one clean read after it is no proof");
  assert.equal(drill.at(3_200, read(0)), "killed, kill-proved");
});

test("RISK-22 a cancel that does nothing is asked again after a second, never more often", () => {
  const drill = new Drill();
  drill.at(0, kill(false), { live: [order("a")] });
  assert.equal(drill.at(999, turn, { live: [order("a", true)] }), "cancelling");
  assert.match(drill.at(1_000, turn, { live: [order("a", true)] }), /cancel a/);
  assert.ok(drill.wants.some((want) => want.kind === "wake" && want.atMs === 1_002_000));
  assert.doesNotMatch(drill.at(1_900, turn, { live: [order("a", true)] }), /cancel a/);
});

test("RISK-22 orders that cannot be proven gone in 15 s are reported as failed, and are still cancelled after", () => {
  const drill = new Drill();
  drill.at(0, kill(false), { live: [order("a")] });
  assert.match(drill.at(14_999, turn, { live: [order("a", true)] }), /^cancelling/);
  assert.match(drill.at(15_000, turn, { live: [order("a", true)] }), /^killed.*kill-failed/);
  assert.deepEqual(drill.report()?.ordersLeft, ["a"]);
  assert.match(drill.at(16_000, turn, { live: [order("a", true)] }), /cancel a/);
  assert.ok(
    drill.wants.some((want) => want.kind === "wake"),
    "it wakes itself while something lives",
  );
});

test("RISK-22 flattening begins after the proof and ends flat, with the time it took", () => {
  const drill = new Drill();
  const held = { positionLots: 5, flat: false };
  drill.at(0, kill(true), held);
  drill.at(100, read(0), held);
  assert.equal(drill.at(1_200, read(0), held), "flattening, flatten");
  assert.equal(
    drill.at(2_000, turn, { ...held, live: [order("c", false, true)] }),
    "flattening, flatten",
    "the closer's order stays",
  );
  assert.equal(drill.at(2_500, turn), "killed, kill-proved");
  assert.equal(drill.report()?.flatAfterMs, 2_500);
});

test("RISK-22 flattening gives up after 60 s with what is left, and starts without proof rather than never", () => {
  const drill = new Drill();
  const stuck = { positionLots: 5, flat: false, live: [order("a", true)] };
  drill.at(0, kill(true), stuck);
  assert.match(drill.at(15_000, turn, stuck), /^flattening.*flatten/);
  assert.match(drill.at(74_999, turn, stuck), /^flattening/);
  assert.match(drill.at(75_000, turn, stuck), /^killed.*kill-failed/);
  assert.equal(drill.report()?.positionLots, 5);
});

test("RISK-22 a second kill only adds flattening; reset alone unlatches", () => {
  const drill = new Drill();
  drill.at(0, kill(false));
  drill.at(100, read(0));
  drill.at(1_100, read(0));
  assert.equal(drill.state.phase, "killed");
  assert.equal(drill.at(2_000, kill(false), { positionLots: 5, flat: false }), "killed");
  assert.equal(drill.at(3_000, kill(true), { positionLots: 5, flat: false }), "flattening, flatten");
  assert.equal(drill.at(4_000, turn), "killed, kill-proved");
  assert.equal(drill.report()?.flatAfterMs, 4_000);
  assert.ok(isKilled(drill.state));
  assert.equal(drill.at(5_000, { kind: "reset" }), "off");
  assert.equal(drill.at(5_000, turn), "off");
});

test("RISK-24 flat is nothing above what the exchange takes: dust is reported, not a failure", () => {
  const drill = new Drill();
  const dust = { positionLots: 1, flat: true };
  drill.at(0, kill(true), dust);
  drill.at(100, read(0), dust);
  assert.equal(drill.at(1_100, read(0), dust), "killed, kill-proved");
  assert.equal(drill.report()?.dust, true);
  assert.equal(drill.report()?.positionLots, 1);
});

test("RISK-22 a read that is not answered is asked for again after a second", () => {
  const drill = new Drill();
  assert.equal(drill.at(0, kill(false)), "cancelling, read");
  assert.equal(drill.at(999, turn), "cancelling");
  assert.equal(drill.at(1_000, turn), "cancelling, read");
});

test("RISK-22 flattening asked for while cancelling waits for the proof; asked for later it ends after 60 s", () => {
  const held = { positionLots: 5, flat: false };
  const early = new Drill();
  early.at(0, kill(false), { ...held, live: [order("a")] });
  assert.equal(early.at(100, kill(true), { ...held, live: [order("a", true)] }), "cancelling");
  assert.deepEqual([early.state.flatten, early.state.flatteningSinceMs], [true, null]);
  const late = killedAt(1_100, false);
  assert.equal(late.at(3_000, kill(true), held), "flattening, flatten");
  assert.equal(late.at(62_999, turn, held), "flattening, flatten");
  assert.equal(late.at(63_000, turn, held), "killed, kill-failed", "not flat is no success, though no order is left");
  assert.deepEqual([late.report()?.positionLots, late.report()?.flatAfterMs], [5, null]);
});

/** Proven and reported at this time. */
function killedAt(ms: number, flatten: boolean): Drill {
  const drill = new Drill();
  drill.at(0, kill(flatten));
  drill.at(100, read(0));
  assert.equal(drill.at(ms, read(0)), "killed, kill-proved");
  return drill;
}

test("RISK-22 what was not read twice is not proven, though no order is known", () => {
  const drill = new Drill();
  drill.at(0, kill(false));
  assert.equal(drill.at(15_000, turn), "killed, kill-failed");
});

test("RISK-22 a kill without flattening is proven while the position is held, and later lots are left alone", () => {
  const drill = new Drill();
  const held = { positionLots: 5, flat: false };
  drill.at(0, kill(false), held);
  drill.at(100, read(0), held);
  assert.equal(drill.at(1_100, read(0), held), "killed, kill-proved");
  assert.equal(drill.at(2_000, turn, { positionLots: 9, flat: false }), "killed");
});

test("RISK-22 it is not over while the closer's order lives, flat or not, and names it when time is up", () => {
  const drill = new Drill();
  const closing = { live: [order("c", false, true)] };
  drill.at(0, kill(true), closing);
  drill.at(100, read(0), closing);
  assert.equal(drill.at(1_100, read(0), closing), "flattening, flatten");
  assert.equal(drill.at(61_100, turn, closing), "killed, kill-failed");
  assert.deepEqual(drill.report()?.ordersLeft, ["c"]);
});

test("RISK-22 lots that come after the report are closed like those before, and reported once more", () => {
  const drill = killedAt(1_100, true);
  assert.equal(drill.at(5_000, turn, { positionLots: 3, flat: false }), "flattening, flatten");
  assert.equal(drill.at(6_000, turn), "killed, kill-proved");
  assert.equal(drill.report()?.flatAfterMs, 6_000);
});

test("RISK-22 what was left at the report is the closer's: only more of it, or the other side, is closed anew", () => {
  const left = (): Drill => {
    const drill = new Drill();
    const held = { positionLots: 5, flat: false };
    drill.at(0, kill(true), held);
    drill.at(100, read(0), held);
    drill.at(1_100, read(0), held);
    assert.equal(drill.at(61_100, turn, held), "killed, kill-failed");
    return drill;
  };
  const after = (positionLots: number): string => left().at(62_000, turn, { positionLots, flat: false });
  assert.deepEqual([5, 4, 0].map(after), ["killed", "killed", "killed"]);
  assert.deepEqual([6, -2].map(after), ["flattening, flatten", "flattening, flatten"]);
});

test("RISK-22 before a kill a read says nothing, and a reset leaves neither who, why nor how of it", () => {
  const drill = new Drill();
  assert.equal(drill.at(0, read(0)), "off");
  assert.deepEqual(drill.state, initialKillState());
  drill.at(1_000, kill(true));
  const { by, reason, flatten } = drill.state;
  assert.deepEqual([by, reason, flatten], ["ops", "drill", true]);
  drill.at(2_000, { kind: "reset" });
  const after = drill.state;
  assert.deepEqual([after.by, after.reason, after.flatten], ["", "", false]);
});
