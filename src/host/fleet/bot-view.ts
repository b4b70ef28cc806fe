// A bot as the API shows it: phase, gates, counters and money, as plain values with decimals as text. Reads the state
// between turns; changes nothing.

import { ownedLots } from "../../engine/owned.ts";
import type { BotState } from "../../engine/state.ts";
import { markOf, profitOf, strategyView } from "../../engine/view.ts";
import { money } from "../../market/amounts.ts";
import { formatMoney, formatQuantity } from "../../market/instrument.ts";
import type { GateLevel } from "../../strategy/contract.ts";
import type { Leg } from "../../trading/command.ts";
import { type BotPhase, botPhase } from "./bot-phase.ts";
import type { FleetBot } from "./fleet-bot.ts";

export interface GateView {
  readonly name: string;
  readonly level: GateLevel;
  readonly leg: Leg | "both";
  readonly reason: string;
  /** Unix ms; 0 where nobody remembers. */
  readonly sinceMs: number;
}

export interface BotView {
  readonly id: string;
  readonly strategy: string;
  readonly exchange: string;
  readonly symbols: readonly string[];
  readonly phase: BotPhase;
  readonly gates: readonly GateView[];
  readonly configHash: string;
  readonly revision: number;
  readonly sequence: number;
  readonly lagMs: number;
  readonly liveOrders: number;
  readonly unknownOrders: number;
  readonly heldSlots: number;
  /** Signed, in the base asset; null where nothing is known. */
  readonly position: string | null;
  readonly realizedNet: string | null;
  readonly unrealized: string | null;
  readonly budget: string | null;
  readonly startedAtMs: number;
}

/** Gates of the engine as a strategy repeats them: they are told by the engine itself. */
const ENGINE_GATES = new Set(["operator", "stopping", "risk", "monitor", "feed-book", "feed-orders"]);
const LEVELS: readonly GateLevel[] = ["RUN", "HOLD", "REDUCE", "FREEZE", "HALT"];

/** Every gate that is not at RUN: the engine's blocks, then the strategy's own. */
export function gatesOf(state: BotState): readonly GateView[] {
  const gates: GateView[] = [];
  for (const [name, { level, leg, reason, sinceMs }] of state.blocks) gates.push({ name, level, leg, reason, sinceMs });
  const { kill } = state;
  if (kill.phase !== "off") {
    const reason = `${kill.by}: ${kill.reason}`;
    gates.push({ name: "kill", level: "HALT", leg: "both", reason, sinceMs: kill.latchedAtMs });
  }
  return [...gates, ...strategyGates(state)];
}

function strategyGates(state: BotState): readonly GateView[] {
  const reasons = reasonsOf(state.strategy);
  const view = strategyView(state);
  if (view?.phase === "refused") {
    const reason = "the strategy refuses to start; its alerts say why";
    return [{ name: "start", level: "HALT", leg: "both", reason, sinceMs: 0 }];
  }
  return (view?.gates ?? []).flatMap((text): GateView[] => {
    const [name = "", ...rest] = text.split(":");
    const level = LEVELS.find((each) => each === rest.at(-1));
    if (level === undefined || ENGINE_GATES.has(name)) return [];
    const leg = rest[0] === "L" || rest[0] === "S" ? rest[0] : "both";
    return [{ name, level, leg, reason: reasons(name), sinceMs: 0 }];
  });
}

/** Strategies keep a gate's reason beside its levels, in a map of their own. */
function reasonsOf(strategy: unknown): (gate: string) => string {
  const gates: unknown =
    typeof strategy === "object" && strategy !== null && "gates" in strategy ? strategy.gates : null;
  return (name) => {
    const gate: unknown = gates instanceof Map ? gates.get(name) : null;
    const reason: unknown = typeof gate === "object" && gate !== null && "reason" in gate ? gate.reason : null;
    return typeof reason === "string" ? reason : "";
  };
}

export function phaseOf(bot: FleetBot): BotPhase {
  const { stage, failed } = bot;
  const state = stage === "live" ? bot.state : null;
  const strategyBlocked =
    state?.phase === "running" && strategyGates(state).some(({ leg, level }) => leg === "both" && level !== "RUN");
  return botPhase({ stage, failed, wanted: bot.record.wanted, state, strategyBlocked });
}

export function botView(bot: FleetBot): BotView {
  const { record, state, host, startedAtMs } = bot;
  const common = { id: bot.id, strategy: record.strategy, symbols: record.instruments, revision: record.revision };
  const exchange = state?.instrument?.exchange ?? bot.bound?.instrument.exchange ?? "";
  const waiting = host === null ? 0 : host.waiting;
  return {
    ...common,
    exchange,
    phase: phaseOf(bot),
    gates: state === null ? [] : gatesOf(state),
    configHash: bot.bound?.hash ?? state?.configHash ?? "",
    sequence: state?.seq ?? 0,
    lagMs: host === null || waiting === 0 ? 0 : Math.max(0, host.clock.nowMs() - host.state.nowMs),
    ...countsOf(state),
    ...moneyOf(state),
    budget: state?.budget === undefined || state.budget === null ? null : formatMoney(money(state.budget.budget)),
    startedAtMs,
  };
}

function countsOf(state: BotState | null): Pick<BotView, "liveOrders" | "unknownOrders" | "heldSlots"> {
  if (state === null) return { liveOrders: 0, unknownOrders: 0, heldSlots: 0 };
  const orders = [...state.orders.values()];
  return {
    liveOrders: orders.length,
    unknownOrders: orders.filter(({ place }) => place === "unknown").length,
    heldSlots: (strategyView(state)?.ladder ?? []).filter(({ held }) => held !== 0).length,
  };
}

function moneyOf(state: BotState | null): Pick<BotView, "position" | "realizedNet" | "unrealized"> {
  const profit = state === null ? null : profitOf(state);
  if (state === null || state.instrument === null || profit === null) {
    return { position: null, realizedNet: null, unrealized: null };
  }
  return {
    position: formatQuantity(state.instrument, ownedLots(state)),
    realizedNet: formatMoney(money(profit.net - profit.unrealised)),
    unrealized: markOf(state) === null ? null : formatMoney(profit.unrealised),
  };
}
