// Figures of risk as the messages of the API. Renders; it decides nothing.

import { toDecimal } from "../../rpc/decimal.ts";
import type {
  Alert,
  CircuitBreaker,
  DeepPartial,
  ExposureGrant,
  GetExposureResponse,
  InstrumentExposure,
  KillReport,
  PositionLimits,
  ReconciliationResult,
  RiskMetric,
} from "../../rpc/generated/opensqt/market_maker/v1/risk.ts";
import { Scope, Severity } from "../../rpc/generated/opensqt/market_maker/v1/types.ts";
import type { KeptAlert } from "../books/alert-ring.ts";
import { alertWords } from "../books/alert-words.ts";
import type { BreakerFigures } from "../books/breakers.ts";
import type { ExposureFigures } from "../books/exposure-figures.ts";
import type { KillFigures } from "../books/kill-figures.ts";
import type { Reconciliation } from "../books/reconciliations.ts";
import { limitFigures, type RiskFigures } from "../books/risk-figures.ts";
import { lotsText } from "../books/text.ts";
import type { Selected } from "./selection.ts";

export const riskMessage = (risk: RiskFigures): RiskMetric => ({
  exchange: risk.exchange,
  symbol: risk.symbol,
  botId: risk.bot,
  positionSize: toDecimal(risk.position),
  notionalValue: toDecimal(risk.notional),
  worstLong: toDecimal(risk.worstLong),
  worstShort: toDecimal(risk.worstShort),
  unrealizedPnl: toDecimal(risk.unrealized),
  leverage: toDecimal(risk.leverage),
  marginRatio: toDecimal(risk.marginRatio),
  liquidationDistance: toDecimal(risk.liquidationDistance),
  lastPrice: toDecimal(risk.lastPrice),
  limitBreach: risk.breach,
  limitType: risk.limitType,
  riskScore: toDecimal(risk.score),
});

export const limitsMessage = (one: Selected): PositionLimits => ({
  exchange: one.instrument.exchange,
  symbol: one.instrument.symbol,
  botId: one.bot.id,
  limits: limitFigures(one).map(({ name, configured, current, used }) => ({
    name,
    configured: toDecimal(configured),
    current: toDecimal(current),
    used: toDecimal(used),
  })),
});

export const exposureMessage = (exposure: ExposureFigures): GetExposureResponse => ({
  gross: toDecimal(exposure.gross),
  net: toDecimal(exposure.net),
  unrealizedPnl: toDecimal(exposure.unrealized),
  leverage: toDecimal(exposure.leverage),
  byInstrument: exposure.byInstrument.map(
    ({ notional, ...rest }): InstrumentExposure => ({ ...rest, notional: toDecimal(notional) }),
  ),
  grants: exposure.grants.map(
    ({ bot, granted, used }): ExposureGrant => ({ botId: bot, granted: toDecimal(granted), used: toDecimal(used) }),
  ),
});

const SCOPES = { instrument: Scope.INSTRUMENT, bot: Scope.BOT, account: Scope.ACCOUNT } as const;

export const breakerMessage = ({ bot: _bot, scope, ...breaker }: BreakerFigures): CircuitBreaker => ({
  ...breaker,
  scope: SCOPES[scope],
});

export const killMessage = (kill: KillFigures): KillReport => ({
  step: kill.step,
  ordersLeft: [...kill.ordersLeft],
  positionsLeft: [...kill.positionsLeft],
  proven: kill.proven,
  tookMs: kill.tookMs,
});

const SEVERITIES = {
  info: Severity.INFO,
  warning: Severity.WARNING,
  error: Severity.ERROR,
  critical: Severity.CRITICAL,
} as const;

export function alertMessage(alert: KeptAlert): Alert {
  const { title, done, todo } = alertWords(alert.code);
  const facts = Object.entries(alert.facts).map(([name, value]) => [name, String(value ?? "")]);
  return {
    id: alert.id,
    code: alert.code,
    severity: SEVERITIES[alert.severity],
    botId: alert.bot,
    symbol: alert.symbol,
    title,
    text: alert.text,
    facts: Object.fromEntries(facts),
    done,
    todo,
    atMs: alert.atMs,
    resolvedAtMs: alert.resolvedAtMs,
  };
}

export const resultMessage = (
  { instrument }: Pick<Selected, "instrument">,
  run: Reconciliation,
): DeepPartial<ReconciliationResult> => ({
  symbol: instrument.symbol,
  match: run.match,
  local: toDecimal(lotsText(instrument, run.local)),
  exchange: toDecimal(lotsText(instrument, run.exchange)),
  divergenceBps: run.divergenceBps,
  action: run.action,
});
