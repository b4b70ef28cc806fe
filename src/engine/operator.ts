// Operator commands and conditions of the host: what they change in the engine, and what the strategy hears (GRID-46).

import { type RiskLimits, wantedLimits } from "../risk/limits.ts";
import type { StrategyInput } from "../strategy/contract.ts";
import type { BotConfigData, CommandEvent, HostCondition } from "../trading/event.ts";
import { acceptDivergence } from "./account.ts";
import { closeBreaker, openBreaker } from "./manual-breaker.ts";
import { PAUSE_BLOCK } from "./names.ts";
import { beginStop, budgetOf, limitsFor } from "./run.ts";
import { killTurn } from "./standing.ts";
import type { Turn } from "./turn.ts";

export function onCommand(turn: Turn, event: CommandEvent): readonly StrategyInput[] {
  const { state } = turn;
  const { command, by, reason } = event;
  const heard: StrategyInput = { kind: "command", command, by, reason };
  switch (command.name) {
    case "pause": {
      const level = command.cancelEntries ? "REDUCE" : "HOLD";
      const why = `paused by ${by}: ${reason}`;
      state.blocks.set(PAUSE_BLOCK, { reason: why, sinceMs: state.nowMs, level, leg: command.leg, reducing: true });
      turn.gatesChanged = true;
      return [heard];
    }
    case "start":
    case "resume":
      turn.gatesChanged = state.blocks.delete(PAUSE_BLOCK) || turn.gatesChanged;
      return [heard];
    case "stop":
      beginStop(turn, command.cancelOnExit ?? state.config?.cancelOnExit ?? "all");
      return [heard];
    case "kill":
      killTurn(turn, { kind: "kill", flatten: command.flatten, by, reason });
      turn.alert("kill", "critical", `kill switch pulled by ${by}: ${reason}`, { flatten: command.flatten });
      return [heard];
    case "killReset":
      killTurn(turn, { kind: "reset" });
      state.closer = null;
      turn.gatesChanged = true;
      return [heard];
    case "reconcileAccept":
      return [heard, ...acceptDivergence(turn, by)];
    case "limits":
      if (state.config !== null && state.limits !== null) {
        state.limits = wantedLimits(state.config.risk as RiskLimits, state.limits, command.wanted);
      }
      return [heard];
    case "breakerOpen":
      openBreaker(turn, command.action, `opened by ${by}: ${reason}`);
      return [heard];
    case "breakerClose":
      closeBreaker(turn, command, by);
      return [heard];
    case "update":
      return update(turn, command.config);
    case "adopt":
    // its own gates are the strategy's matter; the engine's open when their cause is gone, or by `breakerClose`
    case "clearGate":
    case "flatten":
    case "writeOff":
    case "reanchor":
    case "relattice":
      return [heard];
  }
}

/** New values of the *live* class: in force at once, told to the strategy as one input (GRID-44). */
function update(turn: Turn, config: BotConfigData): readonly StrategyInput[] {
  const { state } = turn;
  if (state.config === null) return [];
  const { strategyConfig } = config;
  const limits = limitsFor(state, config);
  turn.beforeUpdate = { config: state.config, limits: state.limits, budget: state.budget };
  state.config = { ...config, strategy: state.config.strategy };
  state.configRevision += 1;
  state.limits = limits;
  state.budget = budgetOf(state, config.budget);
  return [{ kind: "config", config: strategyConfig }];
}

/** Overload, low disk or an unmeasurable clock pause opening risk until they are gone (RISK-18, action P). */
export function onHostCondition(turn: Turn, event: HostCondition): readonly StrategyInput[] {
  const { state } = turn;
  const name = `host-${event.condition}`;
  turn.gatesChanged = true;
  if (!event.active) {
    state.blocks.delete(name);
    return [];
  }
  state.blocks.set(name, { reason: event.text, sinceMs: state.nowMs, level: "HOLD", leg: "both", reducing: true });
  turn.alert(`host-${event.condition}`, "warning", event.text, {});
  return [];
}
