// The state machine of every breaker (RISK-18) as little stories, and the table of them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { BREAKERS, type BreakerRow, type BreakerState, breakerStep, isBreakerName, type Trip } from "./breaker.ts";

const TRIP: Trip = { reason: "why", value: "6", limit: "5", action: "A" };

/** Plays a little text: `trip@0 look@900000 …`; a `!` after look says that the cause holds. */
function play(row: BreakerRow, story: string): string {
  let state: BreakerState | null = null;
  const seen: string[] = [];
  for (const word of story.split(" ")) {
    const [what = "", at = "0"] = word.split("@");
    const nowMs = Number(at) * 1_000;
    const input =
      what === "trip"
        ? ({ kind: "trip", trip: TRIP } as const)
        : what === "close"
          ? ({ kind: "close" } as const)
          : ({ kind: "look", causeHolds: what.endsWith("!") } as const);
    const step = breakerStep(row, state, { input, nowMs });
    state = step.state;
    if (step.became !== null) seen.push(`${step.became}@${at}`);
  }
  return seen.join(" ");
}

const STORIES: readonly (readonly [name: string, row: BreakerRow, story: string, seen: string])[] = [
  [
    "cool-down, probation and closed take the same time each",
    BREAKERS["consecutive-losses"],
    "trip@0 look@899 look@900 look@1799 look@1800",
    "open@0 probation@900 closed@1800",
  ],
  [
    "a trip within probation doubles the cool-down, and the probation after it",
    BREAKERS["consecutive-losses"],
    "trip@0 look@900 trip@1000 look@2799 look@2800 look@4599 look@4600",
    "open@0 probation@900 open@1000 probation@2800 closed@4600",
  ],
  [
    "eight times is the most",
    BREAKERS.latency,
    "trip@0 look@60 trip@60 look@180 trip@180 look@420 trip@420 look@900 trip@900 look@1379 look@1380",
    "open@0 probation@60 open@60 probation@180 open@180 probation@420 open@420 probation@900 open@900 probation@1380",
  ],
  [
    "after it closed the next trip is a first one",
    BREAKERS.latency,
    "trip@0 look@60 look@120 trip@130 look@190",
    "open@0 probation@60 closed@120 open@130 probation@190",
  ],
  [
    "while its cause holds it stays open beyond its cool-down",
    BREAKERS.latency,
    "trip@0 look!@60 look!@600 look@601",
    "open@0 probation@601",
  ],
  [
    "a manual one waits for the operator, however long",
    BREAKERS["drawdown-window"],
    "trip@0 look@9999999 close@10000000",
    "open@0 closed@10000000",
  ],
  ["one that lasts as long as its cause closes with it", BREAKERS.unknown, "trip@0 look!@5 look@6", "open@0 closed@6"],
  ["one that is closed has nothing that could be gone", BREAKERS.unknown, "look@1 look!@2 close@3", ""],
  ["a second trip of an open one is the same cause", BREAKERS.rejects, "trip@0 trip@1 trip@2", "open@0"],
];

for (const [name, row, story, seen] of STORIES) {
  test(`RISK-18 ${name}`, () => assert.equal(play(row, story), seen));
}

test("RISK-18 a trip that asks for more than the open one does makes it stricter and is told", () => {
  const row = BREAKERS["stale-feed"];
  const open = breakerStep(row, null, { input: { kind: "trip", trip: { ...TRIP, action: "P" } }, nowMs: 0 }).state;
  const more = breakerStep(row, open, { input: { kind: "trip", trip: { ...TRIP, action: "F" } }, nowMs: 5 });
  assert.deepEqual([more.became, more.state?.action, more.state?.openedAtMs], ["open", "F", 0]);
  assert.equal(
    breakerStep(row, more.state, { input: { kind: "trip", trip: { ...TRIP, action: "O" } }, nowMs: 6 }).became,
    null,
  );
});

test("RISK-18 pause, no opening, cancel all, flatten: each is stricter than those before it", () => {
  const row = BREAKERS["margin-ratio"];
  const ladder = ["P", "O", "A", "F"] as const;
  for (const [i, action] of ladder.entries()) {
    const open = breakerStep(row, null, { input: { kind: "trip", trip: { ...TRIP, action } }, nowMs: 0 }).state;
    const stricter = ladder.filter(
      (wanted) =>
        breakerStep(row, open, { input: { kind: "trip", trip: { ...TRIP, action: wanted } }, nowMs: 1 }).became !==
        null,
    );
    assert.deepEqual(stricter, ladder.slice(i + 1), action);
  }
});

test("RISK-18 only one with a cool-down has an end in sight", () => {
  const untilMs = (row: BreakerRow) =>
    breakerStep(row, null, { input: { kind: "trip", trip: TRIP }, nowMs: 7 }).state?.untilMs;
  assert.deepEqual([BREAKERS.latency, BREAKERS.unknown, BREAKERS.divergence].map(untilMs), [60_007, null, null]);
});

test("RISK-18 an open breaker keeps its terms where a release gave its row others", () => {
  const look = { input: { kind: "look", causeHolds: false }, nowMs: 9_999_999 } as const;
  const { state: timed } = breakerStep(BREAKERS.latency, null, { input: { kind: "trip", trip: TRIP }, nowMs: 0 });
  assert.deepEqual(
    breakerStep(BREAKERS.divergence, timed, look),
    { state: timed, became: null },
    "manual now: it waits",
  );
  const { state: manual } = breakerStep(BREAKERS.manual, null, { input: { kind: "trip", trip: TRIP }, nowMs: 0 });
  assert.deepEqual(breakerStep(BREAKERS.latency, manual, look), { state: manual, became: null }, "it had no end");
});

test("RISK-18 a name is a breaker's or is not", () => {
  assert.deepEqual(["latency", "manual", "lateness", "toString"].map(isBreakerName), [true, true, false, false]);
});

test("RISK-42 each opening is told by one alert: most by the common one, critical where positions are at stake", () => {
  const told = Object.entries(BREAKERS).map(([name, { alert, severity }]) => `${name} ${alert} ${severity}`);
  assert.deepEqual(told, [
    "consecutive-losses breaker-opened error",
    "drawdown-window breaker-opened critical",
    "drawdown-amount breaker-opened critical",
    "drawdown-total breaker-opened critical",
    "latency breaker-opened error",
    "stale-feed feed-stale warning",
    "margin-ratio margin critical",
    "liquidation liquidation critical",
    "retries breaker-opened error",
    "rejects breaker-opened error",
    "unknown breaker-opened error",
    "divergence divergence critical",
    "net-exposure breaker-opened error",
    "manual breaker-opened critical",
  ]);
});

test("RISK-18 the table's scopes, actions and cool-downs", () => {
  const rows = Object.entries(BREAKERS).map(([name, { scope, action, ends }]) => `${name} ${scope} ${action} ${ends}`);
  assert.deepEqual(rows, [
    "consecutive-losses bot A 900000",
    "drawdown-window bot A manual",
    "drawdown-amount bot A manual",
    "drawdown-total account F manual",
    "latency account O 60000",
    "stale-feed instrument O gone",
    "margin-ratio account F manual",
    "liquidation instrument F manual",
    "retries account O 300000",
    "rejects bot P 300000",
    "unknown instrument O gone",
    "divergence instrument O manual",
    "net-exposure account O 60000",
    "manual bot O manual",
  ]);
});
