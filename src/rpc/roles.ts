// The role, the patience and the limit of every RPC (API-27, API-30, API-33) as one table. An RPC that is not in it is
// refused; a test walks the whole proto. Calls whose role depends on the request check it in their handler as well.

import type { Role } from "./caller.ts";

/** What a call is, which decides how long it may take. */
export type CallKind = "read" | "history" | "explain" | "order" | "batch" | "sweep" | "change" | "stream";

export interface CallRule {
  readonly role: Role;
  readonly kind: CallKind;
  /** Whether it changes anything: such a call is never retried by any layer (API-35). */
  readonly mutates: boolean;
  /** Cancels and kills are not limited. */
  readonly limited: boolean;
}

/** Milliseconds a call without a deadline gets; null: none. */
export const DEADLINES_MS: Readonly<Record<CallKind, number | null>> = {
  read: 5_000,
  history: 15_000,
  explain: 5_000,
  order: 10_000,
  batch: 15_000,
  sweep: 60_000,
  change: 10_000,
  stream: null,
};

/** One row: role and kind, then the names. */
type Row = readonly [Role, CallKind, string];

const TABLE: Readonly<Record<string, readonly Row[]>> = {
  "opensqt.market_maker.v1.ExchangeService": [
    ["reader", "read", "GetName GetType GetOrder GetOpenOrders GetAccount GetPositions GetBalance GetLatestPrice"],
    ["reader", "read", "GetTickers GetOpenInterest GetBook GetFundingRate GetFundingRates"],
    ["reader", "read", "GetRequestBudget GetServerTime GetProcess"],
    ["reader", "history", "GetFills GetHistoricalKlines GetHistoricalFundingRates GetFundingPayments"],
    ["reader", "history", "GetSymbolInfo GetSymbols GetFees GetBorrowInfo GetKeyRights"],
    ["reader", "stream", "SubscribePrice SubscribeBook SubscribeTrades SubscribeKlines SubscribeFundingRate"],
    ["reader", "stream", "SubscribeOrders SubscribeAccount SubscribePositions SubscribeFeeds"],
    ["trader", "order", "PlaceOrder AmendOrder CancelOrder"],
    ["trader", "batch", "BatchPlaceOrders BatchCancelOrders FetchExchangeInfo"],
    ["trader", "sweep", "CancelAllOrders EmergencyCancel"],
    ["trader", "change", "ArmDeadMan ShareAccount"],
    ["operator", "change", "SetLeverage SetMarginMode Transfer Borrow Repay ReloadCredentials"],
  ],
  "opensqt.market_maker.v1.RiskService": [
    ["reader", "read", "GetRiskMetrics GetPositionLimits GetExposure GetReconciliationStatus"],
    ["reader", "read", "GetCircuitBreakerStatus GetKillStatus"],
    ["reader", "stream", "SubscribeRiskAlerts"],
    ["trader", "change", "TriggerReconciliation"],
    ["operator", "change", "UpdatePositionLimits AcceptReconciliation OpenCircuitBreaker CloseCircuitBreaker"],
    ["operator", "sweep", "TriggerKillSwitch ResetKillSwitch"],
  ],
  "opensqt.market_maker.v1.PositionService": [
    ["reader", "read", "GetPositions GetPosition GetOpenOrders GetOrder GetUnrealizedPnL"],
    ["reader", "history", "GetOrderHistory GetFills GetPositionHistory GetRealizedPnL"],
    ["reader", "stream", "SubscribePositions"],
  ],
  "opensqt.market_maker.v1.PortfolioService": [
    ["reader", "read", "GetRiskProfile SimulateMargin GetTargetPositions GetMarketScores"],
  ],
  "opensqt.market_maker.v1.BotService": [
    ["reader", "read", "ListBots GetBot GetSlots GetProcess"],
    ["reader", "explain", "PreviewBot ExplainOrder GetStateAt"],
    ["reader", "history", "GetWhatIf GetPnlCurve"],
    ["reader", "stream", "SubscribeSlots SubscribeBots SubscribeEvents SubscribeLogs"],
    ["trader", "change", "StartWhatIf CancelWhatIf"],
    ["operator", "change", "CreateBot UpdateBot DeleteBot StartBot PauseBot ResumeBot StopBot FlattenBot SendCommand"],
  ],
};

const UNLIMITED = /^(?:Cancel|BatchCancel|EmergencyCancel|TriggerKill)/;
const CHANGES: ReadonlySet<CallKind> = new Set(["order", "batch", "sweep", "change"]);

const RULES: ReadonlyMap<string, CallRule> = new Map(
  Object.entries(TABLE).flatMap(([service, rows]) =>
    rows.flatMap(([role, kind, names]) =>
      names.split(" ").map((name): [string, CallRule] => {
        const rule = { role, kind, mutates: CHANGES.has(kind), limited: !UNLIMITED.test(name) };
        return [`/${service}/${name}`, rule];
      }),
    ),
  ),
);

/** The rule of a gRPC path, as `/opensqt.market_maker.v1.BotService/GetBot`; null for one the table does not know. */
export function ruleOf(path: string): CallRule | null {
  return RULES.get(path) ?? null;
}

export const knownPaths = (): readonly string[] => [...RULES.keys()];
