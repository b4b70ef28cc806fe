// The one door: `step(state, event) → effects` (design.md). Synchronous, total, deterministic; the same in backtest,
// paper, live, simulation and replay. It dispatches; what an event means stands in the files beside it.

import { assert } from "../base/assert.ts";
import { ceilDiv } from "../base/integer.ts";
import type { Instrument } from "../market/instrument.ts";
import { initialRiskState } from "../risk/approve.ts";
import { initialHistory } from "../risk/breaker/history.ts";
import { initialKillState } from "../risk/kill.ts";
import type { RiskLimits } from "../risk/limits.ts";
import { initialMonitor } from "../risk/monitor/monitor-state.ts";
import type { StrategyContext, StrategyInput } from "../strategy/contract.ts";
import type { Effect } from "../trading/effect.ts";
import type { EngineEvent } from "../trading/event.ts";
import { emptyLedger, type Posting } from "../trading/ledger.ts";
import { onAccount, onExchangeState, onPosition } from "./account.ts";
import { armCleaner } from "./cleaning.ts";
import { onFundingRate } from "./funding-watch.ts";
import { judgeGrant, onAccountBreaker, onGrant } from "./grant.ts";
import { onBook, onCandle, onFundingSettled, onMark } from "./market.ts";
import { gatesToTell } from "./mode.ts";
import { onCommand, onHostCondition } from "./operator.ts";
import { onAbsent, onFill, onOrder, onOutcome } from "./order-events.ts";
import { ownedLots } from "./owned.ts";
import { onConfigured, onInstrument, onRecovered, onRunStarted, onStartFacts, onStopRequested } from "./run.ts";
import { hasStandingWork, standingWork } from "./standing.ts";
import { type BotState, type Identity, STATE_VERSION } from "./state.ts";
import { strategyOf } from "./strategies.ts";
import { onFeed, onTimer } from "./supervise.ts";
import { Turn, type Watch } from "./turn.ts";
import { isLookDue, lookAround } from "./watch.ts";

/** What an event caused. The effect at place i has the identity (state.seq, i). */
export interface StepResult {
  readonly effects: readonly Effect[];
  readonly postings: readonly Posting[];
}

/** A bot that has seen nothing yet. */
export function initialState(identity: Identity): BotState {
  return {
    version: STATE_VERSION,
    identity,
    phase: "new",
    seq: 0,
    nowMs: 0,
    epoch: 0,
    configRevision: 0,
    configHash: "",
    config: null,
    instrument: null,
    limits: null,
    strategy: null,
    risk: initialRiskState(),
    budget: null,
    kill: initialKillState(),
    orders: new Map(),
    ended: new Map(),
    ledger: emptyLedger(),
    unbooked: new Map(),
    book: null,
    mark: null,
    equity: null,
    liquidation: null,
    timers: new Map(),
    breakers: new Map(),
    history: initialHistory(),
    monitor: initialMonitor(),
    blocks: new Map(),
    gates: new Map(),
    refusals: new Map(),
    recentFills: new Map(),
    closer: null,
    closedDust: null,
    corrections: { day: 0, count: 0 },
    approvals: 0,
    divergences: [],
    reconcileAttempt: 0,
    suspicion: null,
    divergence: null,
    stopAtMs: null,
    stopPolicy: "all",
    started: false,
    fillSeq: 0,
    spotBaseline: null,
    lastFundingAtMs: null,
    settlements: new Map(),
    foreign: 0,
  };
}

/**
 * Applies one event: changes `state` in place and returns what the bot wants done. `watch` sees approvals, for
 * `explain`.
 */
export function step(state: BotState, event: EngineEvent, watch: Watch | null = null): StepResult {
  state.seq += 1;
  if (event.atMs > state.nowMs) state.nowMs = event.atMs;
  const turn = new Turn(state, watch);
  const inputs = dispatch(turn, event);
  if (isLookDue(state)) lookAround(turn);
  judgeGrant(turn);
  tellGates(turn);
  for (const input of inputs) tell(turn, input);
  tellGates(turn);
  if (state.orders.size > 0) armCleaner(turn);
  if (hasStandingWork(state)) {
    standingWork(turn, event);
    tellGates(turn);
  }
  return turn;
}

/** Inputs for the strategy, in order. */
function dispatch(turn: Turn, event: EngineEvent): readonly StrategyInput[] {
  switch (event.kind) {
    case "book":
      return onBook(turn, event);
    case "candle":
      return onCandle(turn, event);
    case "mark":
      return onMark(turn, event);
    case "trades":
      return [];
    case "funding-rate":
      return onFundingRate(turn, event);
    case "funding-settled":
      return onFundingSettled(turn, event);
    case "order":
      return onOrder(turn, event);
    case "fill":
      return onFill(turn, event);
    case "outcome":
      return onOutcome(turn, event);
    case "absent":
      return onAbsent(turn, event);
    case "account":
      return onAccount(turn, event);
    case "position":
      return onPosition(turn, event);
    case "exchange-state":
      return onExchangeState(turn, event);
    case "timer":
      return onTimer(turn, event);
    case "command":
      return onCommand(turn, event);
    case "feed":
      return onFeed(turn, event);
    case "instrument":
      return onInstrument(turn, event);
    case "host-condition":
      return onHostCondition(turn, event);
    case "account-breaker":
      return onAccountBreaker(turn, event);
    case "run-started":
      return onRunStarted(turn, event);
    case "configured":
      return onConfigured(turn, event);
    case "start-facts":
      return onStartFacts(turn, event);
    case "recovered":
      return onRecovered(turn);
    case "stop-requested":
      return onStopRequested(turn, event);
    case "grant":
      return onGrant(turn, event);
    case "account-configured":
    case "bot-joined":
    case "bot-left":
    case "grant-acknowledged":
    case "account-figures":
    case "account-balance":
    case "bot-kill-reported":
    case "flow-asked":
    case "flow-ended":
      return []; // the account machine's
  }
}

/** Gates come before anything else of the same event, so no strategy plans through a closed one. */
function tellGates(turn: Turn): void {
  if (!turn.gatesChanged) return;
  turn.gatesChanged = false;
  for (const gate of gatesToTell(turn.state)) tell(turn, gate);
}

/** Bounds how often refusals may answer refusals; a strategy cools a refused slot down, so one round is the rule. */
const REFUSAL_ROUNDS_MAX = 16;

/** What a strategy may see of the bot it trades for. */
export function strategyContext(state: BotState, instrument: Instrument, limits: RiskLimits): StrategyContext {
  return {
    nowMs: state.nowMs,
    seq: state.seq,
    instrument,
    position: ownedLots(state),
    priceBandBps: limits.priceBandBps,
    priceBandFarBps: limits.priceBandFarBps,
    openOrdersLimit: Math.min(limits.openOrdersMax, instrument.openOrdersMax - ceilDiv(instrument.openOrdersMax, 10)),
  };
}

/** Gives the strategy one input, then what risk refused of its wishes. */
function tell(turn: Turn, input: StrategyInput): void {
  const { state } = turn;
  const { config, instrument, limits } = state;
  if (config === null || instrument === null || limits === null || state.strategy === null) return;
  const strategy = strategyOf(config.strategy);
  const context = strategyContext(state, instrument, limits);
  strategy.step(config.strategyConfig, context, state.strategy, input, turn);
  for (let round = 0; turn.refused.length > 0; round += 1) {
    assert(round < REFUSAL_ROUNDS_MAX, "the strategy answers every refusal with the same order");
    for (const { clientOrderId, code, text } of turn.takeRefused()) {
      const change = { change: "refused", code, text } as const;
      strategy.step(config.strategyConfig, context, state.strategy, { kind: "order", clientOrderId, change }, turn);
    }
  }
  if (turn.acceptedConfig !== null) {
    if (input.kind === "config" && turn.beforeUpdate !== null) Object.assign(state, turn.beforeUpdate);
    state.config = { ...(state.config ?? config), strategyConfig: turn.acceptedConfig.config };
    turn.acceptedConfig = null;
  }
}
