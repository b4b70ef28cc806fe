// How far a kill has come, over one bot or many (RISK-22): the steps of the report, from the state alone, so that a
// restart in the middle tells the same story.

import type { BotState } from "../../engine/state.ts";
import { provenPosition } from "../../engine/unbooked.ts";

/** In order; `done` and `failed` end it. `gate` is the moment of the latch, told by whoever pulls the switch. */
export type KillStep = "gate" | "cancel" | "prove" | "flatten" | "done" | "failed";
const STEPS: readonly KillStep[] = ["gate", "cancel", "prove", "flatten", "done", "failed"];

export interface KillFigures {
  readonly step: KillStep;
  /** Those of them that have gone since the report are left out: it is read by somebody who looks for them. */
  readonly ordersLeft: readonly string[];
  /** Symbols. */
  readonly positionsLeft: readonly string[];
  readonly proven: boolean;
  readonly tookMs: number;
}

/** Null while the bot is not killed. */
export function killOf(state: BotState): KillFigures | null {
  const { kill } = state;
  if (kill.phase === "off") return null;
  const { report } = kill;
  const position = provenPosition(state);
  const symbol = state.instrument?.symbol ?? state.identity.bot;
  const positionsLeft = position === 0 || report?.dust === true ? [] : [symbol];
  const atMs = report === null ? state.nowMs : kill.latchedAtMs + (report.flatAfterMs ?? 0);
  return {
    step: stepOf(state),
    ordersLeft: [...state.orders.keys()].filter((id) => report === null || report.ordersLeft.includes(id)),
    positionsLeft,
    proven: report?.proved ?? false,
    tookMs: Math.max(0, (report === null ? state.nowMs : Math.max(atMs, ...report.cleanReadsAtMs)) - kill.latchedAtMs),
  };
}

function stepOf(state: BotState): KillStep {
  const { kill } = state;
  if (kill.report !== null) return kill.report.proved ? "done" : "failed";
  if (kill.phase === "flattening") return "flatten";
  return state.orders.size > 0 ? "cancel" : "prove";
}

/** Many kills as one: as far as the last of them; proven only when all are. Null without any. */
export function killsTogether(kills: readonly KillFigures[]): KillFigures | null {
  if (kills.length === 0) return null;
  const isOver = kills.every(({ step }) => step === "done" || step === "failed");
  const running = kills.filter(({ step }) => step !== "done" && step !== "failed");
  const places = running.map(({ step }) => STEPS.indexOf(step));
  const failed = kills.some(({ step }) => step === "failed");
  return {
    step: isOver ? (failed ? "failed" : "done") : (STEPS[Math.min(...places)] ?? "gate"),
    ordersLeft: kills.flatMap(({ ordersLeft }) => ordersLeft),
    positionsLeft: kills.flatMap(({ positionsLeft }) => positionsLeft),
    proven: kills.every(({ proven }) => proven),
    tookMs: Math.max(...kills.map(({ tookMs }) => tookMs)),
  };
}
