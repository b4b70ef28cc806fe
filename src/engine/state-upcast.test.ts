// A snapshot of an older release goes on as the newest shape: what opened stays open, what is new begins empty.

import assert from "node:assert/strict";
import { test } from "node:test";
import { money } from "../market/amounts.ts";
import type { Block } from "./state.ts";
import { upcastState } from "./state-upcast.ts";

const block = (level: Block["level"], reason: string): Block => ({
  reason,
  sinceMs: 7,
  level,
  leg: "both",
  reducing: true,
});

/** What of a state of version 1 its step looks at, and a field it does not. */
const FIRST = {
  version: 1,
  seq: 42,
  equity: { equity: money(5n), quoteAvailable: money(4n), atMs: 3 },
  closer: { because: "flatten.command", nextAtMs: 2, startedAtMs: 1 },
  blocks: new Map([
    ["manual", block("HALT", "ann said so")],
    ["feed-book", block("FREEZE", "the book feed is stale")],
  ]),
};

test("DUR-31 a state of version 1 is one of version 2: the rest of it stays, what is new begins empty", () => {
  const { breakers: _, ...second } = upcastState(FIRST, 1, 2);
  assert.deepEqual(second, {
    ...FIRST,
    version: 2,
    equity: { ...FIRST.equity, maintenanceMargin: null },
    closer: { ...FIRST.closer, target: 0 },
    liquidation: null,
    history: {
      lookedAtMs: 0,
      roundTrips: { samples: [], over: 0, judgedAtMs: 0 },
      retries: { tries: [], errors: [] },
      profit: [],
      startEquity: null,
      refusalsInRow: 0,
      lossesInRow: 0,
      slots: new Map(),
      closing: new Map(),
      freshSinceMs: null,
      warned: { margin: false, liquidation: false },
      halving: null,
      forced: new Map(),
      unasked: null,
    },
    monitor: { watched: new Map(), triggeredAtMs: null, blindSinceMs: null, blind: false },
    approvals: 0,
    divergences: [],
  });
  const flat = upcastState({ ...FIRST, equity: null, closer: null }, 1, 2);
  assert.deepEqual([flat["equity"], flat["closer"]], [null, null]);
});

test("DUR-31 RISK-18 what an operator or a divergence opened is an open breaker, as strict as its block was", () => {
  const opened = (blocks: Readonly<Record<string, Block>>): unknown =>
    upcastState({ ...FIRST, blocks: new Map(Object.entries(blocks)) }, 1, 2)["breakers"];
  const open = (action: string, reason: string) => ({
    phase: "open",
    reason,
    value: "",
    limit: "",
    action,
    openedAtMs: 7,
    cooldownMs: 0,
    untilMs: null,
  });
  assert.deepEqual(opened({ "feed-book": block("FREEZE", "stale") }), new Map(), "no breaker opened it");
  assert.deepEqual(
    opened({ manual: block("REDUCE", "ann"), divergence: block("HALT", "3 lots more") }),
    new Map([
      ["divergence", open("A", "3 lots more")],
      ["manual", open("O", "ann")],
    ]),
  );
  for (const level of ["RUN", "HOLD", "FREEZE"] as const)
    assert.deepEqual(opened({ manual: block(level, "ann") }), new Map([["manual", open("P", "ann")]]));
});

test("DUR-33 a state of the version that is wanted is left as it is", () => {
  assert.equal(upcastState(FIRST, 1, 1), FIRST);
  const second = upcastState(FIRST, 1, 2);
  assert.equal(upcastState(second, 2, 2), second);
});
