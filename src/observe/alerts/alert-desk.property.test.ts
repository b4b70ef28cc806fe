// Laws of the desk under any order of alerts, ends and looks: nothing is lost without being counted, a channel is never
// told more than its rate, and a critical alert is never held back.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { AlertSeverity } from "../../trading/effect.ts";
import { causeOf, type Notice, severityOf } from "./alert.ts";
import { AlertDesk } from "./alert-desk.ts";
import { alertOf, at } from "./desk.fixture.ts";
import { BURST, DIGEST_MS, PER_MINUTE, QUEUE_MAX } from "./lane.ts";

interface Step {
  readonly afterMs: number;
  readonly act: "alert" | "end" | "send" | "fail";
  readonly code: number;
  readonly severity: AlertSeverity;
  readonly quiet: boolean;
}

const step: fc.Arbitrary<Step> = fc.record({
  afterMs: fc.oneof(fc.constant(0), fc.nat(2_000), fc.nat(400_000)),
  act: fc.constantFrom("alert", "alert", "alert", "end", "send", "fail"),
  code: fc.nat(6),
  severity: fc.constantFrom("info", "warning", "error", "critical"),
  quiet: fc.boolean(),
});

const RUNS = { numRuns: 300 };

/** Plays the steps as a process would, looking whenever the desk asks for it. */
function play(steps: readonly Step[]) {
  const dropped: AlertSeverity[] = [];
  const channels = new Map([["slack", { minSeverity: "info", bots: null } as const]]);
  const desk = new AlertDesk({ channels, onDropped: (_channel, severity) => dropped.push(severity) });
  const lane = desk.lane("slack");
  const told: { readonly notice: Notice; readonly nowMs: number; readonly quiet: boolean }[] = [];
  let nowMs = 0;
  let taken = 0;
  for (const { afterMs, act, code, severity, quiet } of steps) {
    nowMs += afterMs;
    const moment = at(nowMs, quiet);
    const due = desk.nextAtMs();
    if (due !== null && due <= nowMs) desk.look(moment);
    const alert = alertOf({ code: `code-${code}`, severity });
    if (act === "alert") {
      taken += 1;
      desk.take(alert, { moment });
    } else if (act === "end") desk.end(causeOf(alert), "", { moment });
    else {
      const notice = lane.next(moment);
      if (notice !== null && act === "send") told.push({ notice, nowMs, quiet });
      if (notice !== null && act === "fail") lane.giveBack(notice, nowMs);
    }
    assert.ok(lane.size <= QUEUE_MAX);
  }
  return { desk, lane, told, dropped, taken, nowMs };
}

/** Alerts a notice stands for. */
function alertsIn(notice: Notice): number {
  switch (notice.kind) {
    case "alert":
      return 1;
    case "repeats":
      return notice.times;
    case "resolved":
      return 0;
    case "digest":
      return notice.lines.filter(({ code }) => !code.endsWith("/resolved")).reduce((sum, { times }) => sum + times, 0);
  }
}

test("RISK-41 every alert is told, counted in a number that is told, or counted as dropped", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const kept = steps.filter(({ act }) => act !== "fail");
      const { desk, lane, told, dropped, taken, nowMs } = play(kept);
      const end = at(nowMs + DIGEST_MS * 10);
      desk.flush(end);
      const left = lane.drain(end);
      const all = [...told.map(({ notice }) => notice), ...left].reduce((sum, notice) => sum + alertsIn(notice), 0);
      assert.equal(all + dropped.length, taken);
    }),
    RUNS,
  );
});

test("RISK-41 a critical alert is never dropped, and what is taken out first is the gravest", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const { lane, dropped, nowMs } = play(steps);
      assert.ok(!dropped.includes("critical"));
      const critical = lane
        .drain(at(nowMs))
        .map((notice) => severityOf(notice) === "critical" && notice.kind !== "digest");
      assert.deepEqual(
        critical,
        critical.toSorted((a, b) => Number(b) - Number(a)),
      );
    }),
    RUNS,
  );
});

test("OPS-28 in quiet hours nothing but critical alerts is taken out", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      for (const { notice, quiet } of play(steps).told) {
        if (quiet) assert.equal(severityOf(notice), "critical");
      }
    }),
    RUNS,
  );
});

test("RISK-41 however many come, beside critical ones no more than the rate goes out", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(500), { minLength: 1, maxLength: 200 }), (gaps) => {
      const steps = gaps.flatMap((afterMs, code): Step[] => [
        { afterMs, act: "alert", code, severity: "warning", quiet: false },
        { afterMs: 0, act: "send", code: 0, severity: "info", quiet: false },
      ]);
      const { told, nowMs } = play(steps);
      assert.ok(told.length <= BURST + Math.ceil((nowMs * PER_MINUTE) / 60_000));
    }),
    RUNS,
  );
});
