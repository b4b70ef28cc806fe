// How near bots and their account are to their limits (OPS-24): falls and losses as parts of what is allowed, net
// exposure, and what no book explains. Read when somebody scrapes. Series of `bot="account"` are of all bots together.

import { formatDecimal } from "../../base/decimal.ts";
import type { BotState } from "../../engine/state.ts";
import { provenPosition } from "../../engine/unbooked.ts";
import { markOf } from "../../engine/view.ts";
import { type Money, money } from "../../market/amounts.ts";
import { formatMoney } from "../../market/instrument.ts";
import {
  type GaugeOf,
  INSTRUMENT_LABELS_MAX,
  type LabelBounds,
  type LabelsOf,
  type Metrics,
} from "../../observe/metrics.ts";
import { ACCOUNT_ROWS } from "../../risk/account/breakers.ts";
import { shareOf } from "../../risk/account/grants.ts";
import type { AccountState } from "../../risk/account/state.ts";
import { capitalBase, netExposures, profitInSum } from "../../risk/account/watches.ts";
import { profitAtMark } from "../../risk/breaker/capital.ts";
import { peakOf } from "../../risk/breaker/peak-window.ts";
import { ACCOUNT_NAME } from "../account/account-engine.ts";
import { figuresOf } from "../account/figures.ts";
import type { Fleet } from "../fleet/fleet.ts";
import { BOTS_MAX, breakerOpen, numberOf } from "./bot-gauges.ts";

const BOT = { bot: BOTS_MAX } as const;
const BPS = 10_000;
const ACCOUNT_BREAKERS = Object.keys(ACCOUNT_ROWS);

/** Measures bots and account at each scrape; what nobody knows, and what is gone, has no series. */
export function riskGauges(fleet: Fleet, metrics: Metrics): void {
  const drawdown = metrics.gauge({
    name: "opensqt_drawdown_ratio",
    help: "fall of the capital from its peak ÷ the fall that opens the breaker: at 1 it opens",
    labels: BOT,
  });
  const dayLoss = metrics.gauge({
    name: "opensqt_day_loss_ratio",
    help: "loss since midnight UTC ÷ the loss that opens the breaker: at 1 it opens",
    labels: BOT,
  });
  const lots = metrics.gauge({ name: "opensqt_lots_open", help: "size of the position, in lots", labels: BOT });
  const net = metrics.gauge({
    name: "opensqt_net_exposure_quote",
    help: "signed position at mark, in the quote asset",
    labels: { ...BOT, asset: INSTRUMENT_LABELS_MAX },
  });
  const drift = metrics.gauge({
    name: "opensqt_budget_drift_quote",
    help: "the exchange's total of the quote asset less what the budgets' books explain",
    labels: BOT,
  });
  const breaker = metrics.gauge(breakerOpen(ACCOUNT_BREAKERS));
  let forget: (() => void)[] = [];
  metrics.onScrape(() => {
    for (const gone of forget) gone();
    forget = [];
    const put = <B extends LabelBounds>(gauge: GaugeOf<B>, labels: LabelsOf<B>, value: number | null): void => {
      if (value === null) return;
      gauge.set(labels, value);
      forget.push(() => gauge.remove(labels));
    };
    for (const { id, state } of fleet.bots()) {
      if (state === null) continue;
      put(drawdown, { bot: id }, drawdownOf(state));
      put(lots, { bot: id }, Math.abs(provenPosition(state)));
      put(net, { bot: id, asset: state.instrument?.base ?? "" }, sizeOf(figuresOf(id, state).net));
    }
    if (fleet.account === null) return;
    const { host } = fleet.account;
    put(drawdown, { bot: ACCOUNT_NAME }, drawdownOfAccount(host.state));
    for (const name of ACCOUNT_BREAKERS) {
      const open = host.state.breakers.get(name)?.phase === "open";
      put(breaker, { bot: ACCOUNT_NAME, breaker: name }, open ? 1 : 0);
    }
    put(dayLoss, { bot: ACCOUNT_NAME }, dayLossOf(host.state));
    put(drift, { bot: ACCOUNT_NAME }, sizeOf(fleet.account.drift));
    for (const [asset, amount] of netExposures(host.state))
      put(net, { bot: ACCOUNT_NAME, asset }, sizeOf(money(amount)));
  });
}

/** The nearer of the two limits (RISK-18); null while none is set, or the capital is not known. */
function drawdownOf(state: BotState): number | null {
  const { history, ledger, instrument, limits } = state;
  const mark = markOf(state);
  const peak = peakOf(history.profit);
  if (limits?.breakers === undefined || instrument === null || mark === null || peak === null) return null;
  const { drawdownBpsMax, drawdownAmountMax } = limits.breakers;
  const base = state.budget?.budget ?? history.startEquity;
  const profit = profitAtMark(ledger, instrument, mark);
  const fall = profit < peak ? peak - profit : 0n;
  const parts: (number | null)[] = [];
  if (drawdownBpsMax > 0 && base !== null) parts.push(partOf(fall, (base + peak) * BigInt(drawdownBpsMax), BPS));
  if (drawdownAmountMax > 0n) parts.push(partOf(fall, drawdownAmountMax));
  return parts.length === 0 ? null : Math.max(...parts.map((part) => part ?? 0));
}

function drawdownOfAccount(state: AccountState): number | null {
  const bps = state.limits?.drawdownTotalBpsMax ?? 0;
  const base = capitalBase(state);
  if (bps === 0 || base === null) return null;
  const profit = profitInSum(state);
  const fall = profit < state.peakProfit ? state.peakProfit - profit : 0n;
  return partOf(fall, (base + state.peakProfit) * BigInt(bps), BPS);
}

function dayLossOf(state: AccountState): number | null {
  const { limits, day } = state;
  if (limits === null || limits.dailyLossMax <= 0n) return null;
  const loss = day.profit - profitInSum(state);
  return loss <= 0n ? 0 : partOf(loss, shareOf(limits.dailyLossMax, limits.accountShareBps));
}

/** A part of a limit for a gauge, to a millionth; a limit that is used up before it begins is used whole. */
const partOf = (amount: bigint, limit: bigint, scale = 1): number | null =>
  limit <= 0n ? 1 : numberOf(formatDecimal((amount * BigInt(scale) * 1_000_000n) / limit, 6));

const sizeOf = (amount: Money | null): number | null => (amount === null ? null : numberOf(formatMoney(amount)));
