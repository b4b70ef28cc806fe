// Requests stay within what the configuration allows: no second with more orders than the bucket can give, and a
// decided cancel leaves at once, since cancels never wait for a budget. What an exchange counts is the ccxt port's own.

import { CLOSER_SLOT } from "../../../src/engine/names.ts";
import type { Checker, Evidence, Moment } from "./checker.ts";

const CANCEL_MS = 1_000;
/** A cancel that left so shortly before may still be on its way, with its next try awaited. */
const UNDER_WAY_MS = 3_000;
/** One without an answer is not sent again before its deadline, and no answer comes while nothing can be heard. */
const UNANSWERED_MS = 20_000;

export function requestBudget({ journal, nowMs, report }: Evidence): Checker {
  const name = "request-budget";
  /** Event times of the newest orders; the closer has a bucket of its own. */
  let strategy: number[] = [];
  let closer: number[] = [];
  /** Cancels that were decided and did not leave yet, by the time they must have. */
  let waiting = new Map<string, number>();
  const left = new Map<string, number>();
  const unanswered = new Set<string>();
  /** Orders that were withdrawn before they left, with their cancels (DUR-38). */
  const neverLeft = new Set<string>();

  const underWay = (id: string): boolean =>
    nowMs() - (left.get(id) ?? Number.NEGATIVE_INFINITY) <= (unanswered.has(id) ? UNANSWERED_MS : UNDER_WAY_MS);

  /** Asked for before the process was stopped: its request may leave, and its answer be awaited, only since then. */
  const isHeldUp = (id: string, ableSinceMs: number): boolean =>
    unanswered.has(id) && (left.get(id) ?? 0) < ableSinceMs && nowMs() - ableSinceMs <= UNANSWERED_MS;

  function count(times: number[], atMs: number): void {
    const { limits } = journal.shadow;
    times.push(atMs);
    while ((times[0] ?? atMs) <= atMs - 1_000) times.shift();
    const most = limits === null ? Number.POSITIVE_INFINITY : limits.ordersBurst + limits.ordersPerSecondMax;
    if (times.length > most) report(name, `${times.length} orders within a second, the bucket gives ${most} at most`);
  }

  function judge({ ableSinceMs, nowMs: now }: Moment): void {
    for (const [id, untilMs] of waiting) {
      if (untilMs >= now || isHeldUp(id, ableSinceMs)) continue;
      waiting.delete(id);
      if (ableSinceMs <= untilMs - CANCEL_MS) report(name, `the cancel of ${id} did not leave within a second`);
    }
  }

  return {
    name,
    onEvent(_record, event) {
      if (event.kind === "run-started") {
        waiting = new Map();
        unanswered.clear();
      }
      // the one before it had its answer: what is decided after that has a second of its own
      if (event.kind === "outcome" && event.of === "cancel") {
        waiting.delete(event.clientOrderId);
        unanswered.delete(event.clientOrderId);
      }
      if (event.kind === "outcome" && event.of === "place" && event.result === "not-sent") {
        waiting.delete(event.clientOrderId);
        neverLeft.add(event.clientOrderId);
      }
    },
    onEffect({ atMs }, effect) {
      if (effect.kind === "place") count(effect.order.slotKey === CLOSER_SLOT ? closer : strategy, atMs);
      if (effect.kind !== "cancel" || waiting.has(effect.clientOrderId) || neverLeft.has(effect.clientOrderId)) return;
      if (!underWay(effect.clientOrderId)) waiting.set(effect.clientOrderId, nowMs() + CANCEL_MS);
    },
    onSent(sent) {
      if (sent.kind !== "cancel") return;
      waiting.delete(sent.clientOrderId);
      left.set(sent.clientOrderId, nowMs());
      unanswered.add(sent.clientOrderId);
    },
    onMoment(moment) {
      if (waiting.size > 0) judge(moment);
    },
    onCut() {
      strategy = [];
      closer = [];
      waiting = new Map();
    },
  };
}
