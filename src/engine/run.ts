// The life of a run: started, configured, checked, recovered, stopping. A restart turns every place without an outcome
// into unknown; nothing opens before recovery is over (DUR-48).

import { lots, type Money } from "../market/amounts.ts";
import { unitMoney } from "../market/instrument.ts";
import { type BudgetState, budgetHolding, giveUp, reserve } from "../risk/budget.ts";
import { keptTightened, type RiskLimits } from "../risk/limits.ts";
import { type Finding, maySafelyStart, safetyCheck } from "../risk/safety.ts";
import type { StrategyInput } from "../strategy/contract.ts";
import { parseClientOrderId } from "../trading/client-order-id.ts";
import type {
  BotConfigData,
  Configured,
  InstrumentEvent,
  RunStarted,
  StartFacts,
  StopRequested,
} from "../trading/event.ts";
import { awaitGrant } from "./grant.ts";
import { gatesToTell } from "./mode.ts";
import { CLOSER_SLOT, ORPHAN_SLOT } from "./names.ts";
import { applyRestart } from "./orders.ts";
import { eatenLots, ownedLots } from "./owned.ts";
import { regrid } from "./regrid.ts";
import type { BotState } from "./state.ts";
import { strategyOf } from "./strategies.ts";
import { armRounds, cancelAgain } from "./supervise.ts";
import type { Turn } from "./turn.ts";
import { lookAround } from "./watch.ts";

/** A journal that never lost anything has it (DUR-42). */
const FIRST_LINEAGE = 1;

export function onRunStarted(turn: Turn, event: RunStarted): readonly StrategyInput[] {
  const { state } = turn;
  state.epoch = event.epoch;
  const isRaised = event.lineage > state.identity.lineage || (state.config === null && event.lineage > FIRST_LINEAGE);
  if (isRaised) state.tailLost = true;
  state.identity = { ...state.identity, lineage: event.lineage };
  state.phase = "recovering";
  state.stopAtMs = null;
  state.book = null;
  state.mark = null;
  for (const name of state.blocks.keys()) {
    // what the last process saw of the world says nothing about now; breakers and the operator's pause stay
    if (name.startsWith("feed-") || name.startsWith("host-")) state.blocks.delete(name);
  }
  awaitGrant(state);
  // feeds of this run have to prove themselves
  state.history.freshSinceMs = null;
  // candles are read anew: what a run before saw would be a window with a hole
  state.monitor.watched = new Map();
  turn.gatesChanged = true;
  const inputs: StrategyInput[] = [{ kind: "recovering" }];
  for (const order of state.orders.values()) {
    const { change } = applyRestart(order, state.nowMs);
    const { slotKey } = order.order;
    if (change !== null && slotKey !== CLOSER_SLOT && slotKey !== ORPHAN_SLOT)
      inputs.push({ kind: "order", clientOrderId: order.clientOrderId, change });
  }
  return inputs;
}

/** The configuration in force: the first one makes the strategy's state, a later one is told to it. */
export function onConfigured(turn: Turn, event: Configured): readonly StrategyInput[] {
  const { state } = turn;
  const before = state.instrument;
  regrid(state, before, event.instrument);
  const limits = limitsFor(state, event.config);
  state.config = event.config;
  state.configRevision = event.revision;
  state.configHash = event.hash;
  state.instrument = event.instrument;
  state.limits = limits;
  state.stopPolicy = event.config.cancelOnExit;
  state.budget = budgetOf(state, event.config.budget);
  if (state.strategy === null) {
    state.strategy = strategyOf(event.config.strategy).initial(event.config.strategyConfig, event.instrument);
    return [];
  }
  const inputs: StrategyInput[] = [{ kind: "config", config: event.config.strategyConfig }];
  if (before !== null && rulesDiffer(before, event.instrument)) {
    inputs.push({ kind: "instrument", instrument: event.instrument });
  }
  return inputs;
}

/** The limits of a configuration, less what an operator tightened by hand under the one before it. */
export function limitsFor({ config, limits }: BotState, next: BotConfigData): RiskLimits {
  const before = config === null || limits === null ? null : { configured: config.risk as RiskLimits, inForce: limits };
  return keptTightened(next.risk as RiskLimits, before);
}

/**
 * A changed budget keeps what is invested, reserved and realised: only the sum changes. A new one begins with what the
 * bot holds and has resting; gains and losses of before are not its own.
 */
export function budgetOf(state: BotState, budget: Money | undefined): BudgetState | null {
  const { budget: before, instrument, ledger } = state;
  if (budget === undefined || instrument === null) return null;
  if (before !== null) return { ...before, budget };
  const eaten = eatenLots(state);
  const cost = ledger.cost * unitMoney(instrument);
  const kept = budgetHolding(budget, instrument, { position: ledger.position, cost });
  giveUp(kept, instrument, eaten);
  let closing = Math.abs(kept.position);
  for (const { clientOrderId: orderId, order, cumulative } of state.orders.values()) {
    const { side, price } = order;
    const quantity = lots(Math.max(0, order.quantity - cumulative));
    const reduces = (side === "sell" ? 1 : -1) === Math.sign(kept.position) && quantity <= closing;
    if (reduces) closing -= quantity;
    else reserve(kept, instrument, { orderId, side, price, quantity });
  }
  return kept;
}

type Rules = Configured["instrument"];

const rulesDiffer = (a: Rules, b: Rules): boolean =>
  a.tickSize !== b.tickSize ||
  a.lotSize !== b.lotSize ||
  a.status !== b.status ||
  a.minLots !== b.minLots ||
  a.minNotional !== b.minNotional ||
  a.makerPpm !== b.makerPpm ||
  a.takerPpm !== b.takerPpm;

export function onInstrument(turn: Turn, event: InstrumentEvent): readonly StrategyInput[] {
  const before = turn.state.instrument;
  turn.state.instrument = event.instrument;
  regrid(turn.state, before, event.instrument);
  return [{ kind: "instrument", instrument: event.instrument }];
}

/** Later the bot's own orders and position hold the money: a restart that left them alone would be worse. */
const forRestart = (finding: Finding): Finding =>
  finding.check === "balance" ? { ...finding, severity: "warn" } : finding;

/** The safety check at start (RISK-30): every finding is told, any *stop* refuses the run. */
export function onStartFacts(turn: Turn, event: StartFacts): readonly StrategyInput[] {
  const { state } = turn;
  if (state.config === null || state.instrument === null) return [];
  const { equity, quoteAvailable, maintenanceMargin = null } = event;
  state.equity = { equity, quoteAvailable, maintenanceMargin, atMs: state.nowMs };
  state.history.startEquity ??= equity;
  const strategy = strategyOf(state.config.strategy);
  const own = strategy.check(state.config.strategyConfig, state.instrument, { quoteAvailable: event.quoteAvailable });
  const found = safetyCheck({
    limits: turn.limits,
    instrument: state.instrument,
    facts: event,
    knownPosition: state.ledger.position,
    // after the first start a difference is the reconciler's matter: it looks for the fills first
    adoptsPosition: state.started || state.tailLost === true || adoptsPosition(state.config.strategyConfig),
    allowWithdrawKeys: false,
    // cycle and sizes are judged by the strategy's own check, level by level (GRID-08, GRID-17)
    plan: {
      orderNotional: state.started
        ? null // part of the capital is in its own resting orders now
        : (strategy.orderNotional?.(state.config.strategyConfig, state.instrument) ?? null),
      cycle: null,
      levels: [],
    },
  });
  const findings = state.started ? found.map(forRestart) : found;
  // a bot that has orders and a position is not left alone for what its own gates hold it back for (a halt, say)
  const ownStops = own.length > 0 && !state.started;
  for (const text of own) {
    const severity = ownStops ? "critical" : "warning";
    turn.alert(ownStops ? "start-refused" : "start-warning", severity, text, { check: "strategy" });
  }
  for (const finding of findings) {
    const stops = finding.severity === "stop";
    turn.alert(stops ? "start-refused" : "start-warning", stops ? "critical" : "warning", finding.text, {
      check: finding.check,
    });
  }
  if (ownStops || !maySafelyStart(findings)) {
    state.phase = "refused";
    return [];
  }
  if (!isStopping(state)) state.phase = "starting";
  state.started = true;
  if (state.instrument.kind === "spot") state.spotBaseline ??= lots(event.positionLots - ownedLots(state));
  // what the backfilled fills explain is booked; only the rest is the strategy's to adopt or to refuse (DUR-27)
  const explained = state.tailLost === true && state.instrument.kind !== "spot" ? state.ledger.position : lots(0);
  return [{ kind: "start", facts: { ...event, positionLots: lots(event.positionLots - explained) } }];
}

/** Whether the strategy's own configuration says what to do with a position it did not buy (GRID-42). */
function adoptsPosition(config: unknown): boolean {
  return (
    typeof config === "object" && config !== null && "adoptPosition" in config && config.adoptPosition !== "refuse"
  );
}

/** Everything open is settled: cancels that were under way go out again, then the strategy resumes (DUR step 9). */
export function onRecovered(turn: Turn): readonly StrategyInput[] {
  const { state } = turn;
  if (state.phase === "refused" || state.phase === "stopped") return [];
  if (!isStopping(state)) state.phase = "running";
  armRounds(turn);
  cancelAgain(turn);
  cancelOfBefore(turn);
  lookAround(turn);
  return [...gatesToTell(state), { kind: "recovered" }];
}

/** Orders of an earlier lineage rest on what a journal said that may have lost its end: they go (DUR-27). */
function cancelOfBefore(turn: Turn): void {
  const { orders, identity } = turn.state;
  for (const { clientOrderId } of orders.values()) {
    const { lineage = identity.lineage } = parseClientOrderId(clientOrderId) ?? {};
    if (lineage < identity.lineage) turn.cancel(clientOrderId, { code: "cancel.lineage" });
  }
}

/** A stop asked for while recovering is not forgotten when recovery is over. */
const isStopping = ({ phase }: BotState): boolean => phase === "stopping" || phase === "stopped";

export function onStopRequested(turn: Turn, event: StopRequested): readonly StrategyInput[] {
  beginStop(turn, turn.state.config?.cancelOnExit ?? "all");
  turn.alert("stopping", "info", `stop requested by ${event.by}`, { cancelOnExit: turn.state.stopPolicy });
  return [];
}

/** From here on only cancels and reducing orders (DUR-58 step 1). */
export function beginStop(turn: Turn, policy: "all" | "opening" | "none"): void {
  const { state } = turn;
  if (state.phase === "stopping" || state.phase === "stopped") return;
  state.phase = "stopping";
  state.stopAtMs = state.nowMs;
  state.stopPolicy = policy;
  turn.gatesChanged = true;
}
