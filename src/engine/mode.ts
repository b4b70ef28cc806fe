// Which mode risk is in (RISK-05) and which gates the strategy must hear of. Both are functions of the state alone.

import type { ModeFact, RiskMode } from "../risk/facts.ts";
import type { GateLevel, StrategyInput } from "../strategy/contract.ts";
import type { Leg } from "../trading/command.ts";
import { MONITOR_BLOCK, PAUSE_BLOCK } from "./names.ts";
import type { Block, BotState } from "./state.ts";

/** The strictest mode that holds now. */
export function modeOf(state: BotState): ModeFact {
  if (state.kill.phase !== "off")
    return mode("killed", `kill switch: ${state.kill.phase}`, state.kill.latchedAtMs, false);
  switch (state.phase) {
    case "new":
    case "recovering":
    case "starting":
    case "refused":
      return mode("recovering", `the bot is ${state.phase}`, state.nowMs, false);
    case "stopping":
    case "stopped":
      return mode("draining", "the bot is stopping", state.stopAtMs ?? state.nowMs, true);
    case "running":
      break;
  }
  const strictest = strictestBlock(state);
  if (strictest !== null) return mode("breaker", strictest.reason, strictest.sinceMs, strictest.reducing);
  const monitor = state.blocks.get(MONITOR_BLOCK);
  const pause = state.blocks.get(PAUSE_BLOCK);
  if (monitor !== undefined) {
    // a pause of another side holds beside it
    const blocks = pause === undefined || pause.leg === monitor.leg ? sideOf(monitor.leg) : "both";
    return { ...mode("monitor", monitor.reason, monitor.sinceMs, true), blocks };
  }
  if (pause !== undefined) {
    return { ...mode("paused", pause.reason, pause.sinceMs, true), blocks: sideOf(pause.leg) };
  }
  return mode("normal", "", 0, true);
}

/** The first of those that refuse reducing orders too, else the first. */
function strictestBlock({ blocks }: BotState): Block | null {
  let found: Block | null = null;
  for (const [name, block] of blocks) {
    if (name === PAUSE_BLOCK || name === MONITOR_BLOCK) continue;
    if (!block.reducing) return block;
    found ??= block;
  }
  return found;
}

function mode(name: RiskMode, reason: string, sinceMs: number, reducingAllowed: boolean): ModeFact {
  return { mode: name, reason, sinceMs, blocks: "both", reducingAllowed };
}

/** Entries of leg L are buys, of leg S sells. */
const sideOf = (leg: Leg | "both"): "buy" | "sell" | "both" => (leg === "both" ? "both" : leg === "L" ? "buy" : "sell");

/** A gate as the strategy hears it. */
type GateInput = Extract<StrategyInput, { kind: "gate" }>;
type GateNow = Omit<GateInput, "kind">;

/**
 * The gates that differ from what the strategy last heard; remembers them as heard. A gate never told stands at RUN.
 */
export function gatesToTell(state: BotState): readonly GateInput[] {
  const changed: GateInput[] = [];
  for (const now of gatesOf(state)) {
    const text = now.level === "RUN" ? "RUN" : `${now.level}/${now.leg}`;
    if ((state.gates.get(now.gate) ?? "RUN") === text) continue;
    state.gates.set(now.gate, text);
    changed.push({ kind: "gate", ...now });
  }
  return changed;
}

function gatesOf(state: BotState): readonly GateNow[] {
  const gates: GateNow[] = [stoppingGate(state), riskGate(state)];
  const pause = state.blocks.get(PAUSE_BLOCK);
  gates.push(
    pause === undefined
      ? { gate: "operator", level: "RUN", leg: "both", reason: "" }
      : { gate: "operator", level: pause.level, leg: pause.leg, reason: pause.reason },
  );
  gates.push(monitorGate(state));
  gates.push(feedGate(state, "feed-book", "FREEZE"), feedGate(state, "feed-orders", "HOLD"));
  return gates;
}

function stoppingGate(state: BotState): GateNow {
  const gate = "stopping";
  if (state.phase !== "stopping" && state.phase !== "stopped") return { gate, level: "RUN", leg: "both", reason: "" };
  const level: GateLevel = state.stopPolicy === "all" ? "HALT" : state.stopPolicy === "opening" ? "REDUCE" : "HOLD";
  return { gate, level, leg: "both", reason: `stopping, cancelOnExit ${state.stopPolicy}` };
}

function riskGate(state: BotState): GateNow {
  if (state.kill.phase !== "off") return { gate: "risk", level: "HALT", leg: "both", reason: "kill switch" };
  if (state.closer !== null)
    return { gate: "risk", level: "HALT", leg: "both", reason: `closing: ${state.closer.because}` };
  let level: GateLevel = "RUN";
  let reason = "";
  for (const [name, block] of state.blocks) {
    if (name === PAUSE_BLOCK || name === MONITOR_BLOCK || name === "feed-book" || name === "feed-orders") continue;
    if (ORDER.indexOf(block.level) > ORDER.indexOf(level)) {
      level = block.level;
      reason = block.reason;
    }
  }
  return { gate: "risk", level, leg: "both", reason };
}

function monitorGate({ blocks }: BotState): GateNow {
  const block = blocks.get(MONITOR_BLOCK);
  return block === undefined
    ? { gate: "monitor", level: "RUN", leg: "both", reason: "" }
    : { gate: "monitor", level: block.level, leg: block.leg, reason: block.reason };
}

function feedGate(state: BotState, gate: "feed-book" | "feed-orders", level: GateLevel): GateNow {
  const block = state.blocks.get(gate);
  return block === undefined
    ? { gate, level: "RUN", leg: "both", reason: "" }
    : { gate, level, leg: "both", reason: block.reason };
}

const ORDER: readonly GateLevel[] = ["RUN", "HOLD", "REDUCE", "FREEZE", "HALT"];
