// Turns what a recorder gathered into the figures of a report (BT-35, BT-36). Pure arithmetic on the recorder's sums;
// it also says why a figure is missing, and whether the books tie.

import { formatDecimal } from "../base/decimal.ts";
import { money } from "../market/amounts.ts";
import {
  annualisedReturn,
  annualisingFor,
  calmar,
  ratio,
  sharpe,
  sortino,
  stepReturns,
  totalReturn,
} from "./metrics.ts";
import type { PnlAccount } from "./pnl-account.ts";
import type { RunEnding, RunRecorder } from "./recorder.ts";
import type { DrawdownFigures, RunCounts, RunMetrics, RunRecord, SplitText } from "./run-record.ts";

const DAY_US = 86_400_000_000;
/** Daily ratios need two whole days: a ratio of minutes would look like a fact. */
const RATIO_DAYS_MIN = 2;

/** The record of a run that ended at `endUs`. */
export function buildRecord(recorder: RunRecorder, ending: RunEnding, endUs: number): RunRecord {
  const { account, startUs } = recorder;
  const days = (endUs - startUs) / DAY_US;
  const text = (amount: bigint): string => formatDecimal(amount, account.scale);
  const tie = tieOut(account, ending);
  const metrics = metricsOf(recorder, days, endUs);
  return {
    identity: recorder.identity,
    end: { stateHash: ending.stateHash, whole: ending.whole, reason: ending.reason },
    startUs,
    endUs,
    equityStart: text(account.start),
    equityEnd: text(account.equity()),
    transfers: text(account.transferred),
    split: splitText(account),
    tiesOut: tie === "",
    tieNote: tie,
    metrics,
    counts: countsOf(recorder),
    notAvailable: missing(metrics, recorder),
    curve: recorder.curve,
    fillsShown: recorder.shownFills.all(),
    band: ending.band ?? [],
    wall: ending.wall ?? null,
  };
}

function splitText(account: PnlAccount): SplitText {
  const s = account.split();
  const text = (amount: bigint): string => formatDecimal(amount, account.scale);
  return {
    spread: text(s.spread),
    inventory: text(s.inventory),
    fees: text(s.fees),
    rebates: text(s.rebates),
    liquidationFees: text(s.liquidationFees),
    funding: text(s.funding),
    interest: text(s.interest),
    total: text(s.spread + s.inventory + s.fees + s.rebates + s.liquidationFees + s.funding + s.interest),
  };
}

function tieOut(account: PnlAccount, ending: RunEnding): string {
  const off = account.difference();
  if (off !== 0n) return `the split and equity differ by ${formatDecimal(off, account.scale)}: this is a bug`;
  if (ending.ledgerEquity === null) return "";
  const gap = account.fine(ending.ledgerEquity) - account.equity();
  // Money ends at 18 decimals: a mark between ticks may be finer, and a ledger rounds it down once
  if (gap <= 0n && gap > -account.fine(money(1n))) return "";
  return `the engine's ledger differs by ${formatDecimal(gap, account.scale)}`;
}

function metricsOf(recorder: RunRecorder, days: number, endUs: number): RunMetrics {
  const { account, identity, orders } = recorder;
  const first = account.toNumber(account.start);
  const total = totalReturn(first, account.toNumber(account.equity() - account.transferred));
  const returns = days >= RATIO_DAYS_MIN ? stepReturns(recorder.dayEquity) : null;
  const periods = annualisingFor(days);
  const drawdown = drawdownOf(recorder);
  const annual = annualisedReturn(total, days);
  const notional = Number(recorder.notional) / 1e18;
  const meanEquity = recorder.samples === 0 ? first : recorder.equitySum / recorder.samples;
  const perDay = ratio(notional, meanEquity);
  return {
    days,
    dailyReturns: returns?.length ?? 0,
    return: total,
    annualisedReturn: annual,
    drawdown,
    sharpe: sharpe(returns, periods),
    sortino: sortino(returns, periods),
    annualised: periods !== 1,
    calmar: calmar(annual, drawdown?.depth ?? null),
    fillRatioLots: ratio(recorder.lotsFilled, orders.lotsPlaced),
    fillRatioOrders: ratio(orders.withFill, orders.accepted),
    makerShare: ratio(Number(recorder.makerNotional) / 1e18, notional),
    turnoverPerDay: perDay === null ? null : ratio(perDay, days),
    notional: recorder.notionalText(),
    inventory: recorder.inventory.finish(endUs),
    markOuts: identity.level === "L0" ? [] : recorder.markOuts.finish(endUs),
  };
}

function drawdownOf(recorder: RunRecorder): DrawdownFigures | null {
  const worst = recorder.drawdown.result();
  if (worst === null) return null;
  const { depth, peak, bottom, peakUs, bottomUs, recoveredUs } = worst;
  return { depth, inQuote: peak - bottom, peakUs, bottomUs, recoveredUs };
}

function countsOf(recorder: RunRecorder): RunCounts {
  const { orders } = recorder;
  return {
    ordersPlaced: orders.placed,
    ordersAccepted: orders.accepted,
    ordersRejected: orders.rejected,
    ordersWithFill: orders.withFill,
    fills: recorder.fills,
    buys: recorder.buys,
    sells: recorder.fills - recorder.buys,
    liquidations: recorder.liquidations,
    lotsPlaced: recorder.lotsText(orders.lotsPlaced),
    lotsFilled: recorder.lotsText(recorder.lotsFilled),
    others: Object.fromEntries([...recorder.counters].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

function missing(metrics: RunMetrics, recorder: RunRecorder): { readonly [metric: string]: string } {
  const why: Record<string, string> = {};
  const short = metrics.days < RATIO_DAYS_MIN;
  if (metrics.annualisedReturn === null) {
    why["annualisedReturn"] = metrics.days < 30 ? "under 30 days" : "no growth to annualise";
    why["calmar"] = why["annualisedReturn"];
  } else if (metrics.calmar === null) why["calmar"] = "equity never fell";
  if (metrics.sharpe === null) why["sharpe"] = short ? "needs two days" : "daily returns do not vary";
  if (metrics.sortino === null) why["sortino"] = short ? "needs two days" : "no losing day";
  if (recorder.identity.level === "L0") {
    why["markOuts"] = "candles do not say where the price was seconds after a fill";
  } else if (recorder.fills === 0) why["markOuts"] = "no fills";
  if (metrics.fillRatioLots === null) why["fillRatioLots"] = "no orders";
  if (metrics.fillRatioOrders === null) why["fillRatioOrders"] = "no accepted orders";
  if (metrics.makerShare === null) why["makerShare"] = "no fills";
  if (metrics.inventory.atLimit === null) why["atLimit"] = "no position limit";
  if (metrics.inventory.flatToFlatUs === null) why["flatToFlat"] = "never back to flat";
  return why;
}
