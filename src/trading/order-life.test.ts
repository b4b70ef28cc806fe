// Every cell of the place table, written out as in durability.md section 9.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { PlaceState } from "./order.ts";
import { nextPlaceState, type PlaceFacts, type PlaceInput } from "./order-life.ts";

const COLUMNS: readonly PlaceInput[] = [
  "send-starts",
  "accepted",
  "refused",
  "not-sent",
  "no-answer",
  "shown",
  "not-found-window-open",
  "not-found-window-over",
  "restart",
];

const TABLE: Readonly<Record<PlaceState, string>> = {
  recorded: "sent | bug | bug | withdrawn | bug | acknowledged | recorded | absent | unknown",
  sent: "bug | acknowledged | rejected | withdrawn | unknown | acknowledged | sent | sent | unknown",
  unknown: "bug | acknowledged | rejected | unknown | unknown | acknowledged | unknown | absent | unknown",
  acknowledged:
    "bug | acknowledged | acknowledged + alert | acknowledged | acknowledged | acknowledged | acknowledged | acknowledged + reconcile | acknowledged",
  rejected:
    "bug | acknowledged + late-order | rejected | rejected | rejected | acknowledged + late-order | rejected | rejected | rejected",
  withdrawn:
    "bug | acknowledged + late-order | withdrawn | withdrawn | withdrawn | acknowledged + late-order | withdrawn | withdrawn | withdrawn",
  absent:
    "bug | acknowledged + late-order | absent | absent | absent | acknowledged + late-order | absent | absent | absent",
};

const ONCE: PlaceFacts = { everySendRefused: true, stillValid: false };

function cell(state: PlaceState, input: PlaceInput, facts: PlaceFacts = ONCE): string {
  const next = nextPlaceState(state, input, facts);
  if (next.kind === "bug") return "bug";
  assert.equal(next.kind, "next");
  return next.action === null ? next.state : `${next.state} + ${next.action}`;
}

for (const [state, row] of Object.entries(TABLE) as [PlaceState, string][]) {
  const cells = row.split("|").map((text) => text.trim());
  COLUMNS.forEach((input, column) => {
    test(`DUR-34 a ${state} order, when ${input}: ${cells[column]}`, () => {
      assert.equal(cell(state, input), cells[column]);
    });
  });
}

test("DUR-34 an unsent order may go out again while its decision is valid", () => {
  assert.equal(cell("sent", "not-sent", { everySendRefused: true, stillValid: true }), "recorded");
});

test("DUR-34 a refusal after an unanswered send of the same id proves nothing", () => {
  assert.equal(cell("sent", "refused", { everySendRefused: false, stillValid: false }), "unknown");
  assert.equal(cell("unknown", "refused", { everySendRefused: false, stillValid: false }), "unknown");
});

test("DUR-36 TEST-P10 unknown ends only by evidence, and positive evidence always wins", () => {
  for (const input of COLUMNS) {
    const after = cell("unknown", input);
    const evidence = ["accepted", "refused", "shown", "not-found-window-over"].includes(input);
    if (!evidence && after !== "bug") assert.equal(after, "unknown", input);
  }
  for (const state of Object.keys(TABLE) as PlaceState[]) {
    assert.match(cell(state, "shown"), /^acknowledged/);
    assert.ok(!cell(state, "not-found-window-open").startsWith("absent") || state === "absent");
  }
});
