// What trips the breakers of the account: net exposure, drawdown and loss over all bots, orders, margin, latency and
// retries of the one connection. Looked at with every event; all arithmetic is exact.

import { formatDecimal } from "../../base/decimal.ts";
import { floorDiv, mulFloorDiv } from "../../base/integer.ts";
import { MONEY_SCALE, type Money, money } from "../../market/amounts.ts";
import type { AccountLimits } from "../../trading/account-event.ts";
import { judgeRetries } from "../breaker/retries.ts";
import { judgeRoundTrips, latencyHolds } from "../breaker/round-trips.ts";
import { isOpen, look, trip } from "./breakers.ts";
import { shareOf } from "./grants.ts";
import { watchShares } from "./shares.ts";
import type { AccountState } from "./state.ts";
import type { AccountTurn } from "./turn.ts";

/** Net exposure must be above its limit for so long (RISK-10). */
export const NET_OVER_MS = 5_000;
/** Older equity says nothing (risk.md section 2). */
const EQUITY_AGE_MS_MAX = 60_000;
const DAY_MS = 86_400_000;

const text = (amount: bigint): string => formatDecimal(amount, MONEY_SCALE);
const size = (amount: bigint): bigint => (amount < 0n ? -amount : amount);

/** Judges everything that is configured. */
export function watchAll(turn: AccountTurn): void {
  const { limits } = turn.state;
  if (limits === null) return;
  watchNetExposure(turn, limits);
  watchDrawdown(turn, limits);
  watchDailyLoss(turn, limits);
  watchOrders(turn, limits);
  watchMargin(turn, limits);
  watchRequests(turn, limits);
  watchShares(turn);
}

/** Signed net exposure by base asset over bots and what others hold, and in total. */
export function netExposures({ bots, outside }: AccountState): ReadonlyMap<string, bigint> {
  const net = new Map<string, bigint>();
  const add = (base: string, amount: bigint): void => void net.set(base, (net.get(base) ?? 0n) + amount);
  for (const { base, figures } of bots.values()) add(base, figures?.net ?? 0n);
  for (const { base, net: amount } of outside?.net ?? []) add(base, amount);
  return net;
}

function watchNetExposure(turn: AccountTurn, limits: AccountLimits): void {
  const { state } = turn;
  const limit = shareOf(limits.exposureNetMax, limits.accountShareBps);
  let total = 0n;
  let worst = { what: "in total", value: 0n };
  for (const [base, value] of netExposures(state)) {
    total += value;
    if (size(value) > size(worst.value)) worst = { what: `of ${base}`, value };
  }
  if (size(total) > size(worst.value)) worst = { what: "in total", value: total };
  const over = limits.exposureNetMax > 0n && size(worst.value) > limit;
  if (!over) state.netOverSinceMs = null;
  else state.netOverSinceMs ??= state.nowMs;
  if (state.netOverSinceMs !== null && state.nowMs - state.netOverSinceMs >= NET_OVER_MS) {
    const reason = `net exposure ${worst.what} is ${text(worst.value)}, limit ${text(limit)}`;
    trip(turn, "net-exposure", { reason, value: text(worst.value), limit: text(limit) });
  }
  look(turn, "net-exposure", over);
}

/** Realised and unrealised over all bots, as last known. */
export function profitInSum({ bots }: AccountState): Money {
  let sum = 0n;
  for (const { figures } of bots.values()) sum += figures?.profit ?? 0n;
  return money(sum);
}

/** What the profit is counted from: the sum of budgets, or the account's equity where a bot has none. */
export function capitalBase({ bots, startEquity }: AccountState): Money | null {
  let sum = 0n;
  for (const { figures } of bots.values()) {
    const budget = figures?.budget ?? null;
    if (budget === null) return startEquity;
    sum += budget;
  }
  return bots.size === 0 ? null : money(sum);
}

function watchDrawdown(turn: AccountTurn, { drawdownTotalBpsMax: bps }: AccountLimits): void {
  const { state } = turn;
  const profit = profitInSum(state);
  if (profit > state.peakProfit) state.peakProfit = profit;
  const base = capitalBase(state);
  if (bps === 0 || base === null) return;
  const peak = base + state.peakProfit;
  const fall = state.peakProfit - profit;
  if (fall <= 0n || fall * 10_000n < BigInt(bps) * peak) return;
  const reason = `capital fell by ${text(fall)} from its peak ${text(peak)}, limit ${bps} bps`;
  trip(turn, "drawdown-total", { reason, value: text(fall), limit: `${bps} bps` });
}

/** Asked before an event is taken in: what the first one after midnight tells of is of the new day. */
export function beginDay(state: AccountState): void {
  if (state.limits === null) return;
  const today = floorDiv(state.nowMs, DAY_MS);
  if (today !== state.day.number) state.day = { number: today, profit: profitInSum(state) };
}

function watchDailyLoss(turn: AccountTurn, limits: AccountLimits): void {
  const { state } = turn;
  const profit = profitInSum(state);
  const limit = shareOf(limits.dailyLossMax, limits.accountShareBps);
  const loss = state.day.profit - profit;
  const over = limits.dailyLossMax > 0n && loss >= limit;
  // what was lost today stays lost: a price that comes back reopens nothing before the day is over
  const holds = limits.dailyLossMax > 0n && (over || openedOn(state, "daily-loss") === state.day.number);
  if (over) {
    const reason = `lost ${text(loss)} since midnight UTC, limit ${text(limit)}`;
    trip(turn, "daily-loss", { reason, value: text(loss), limit: text(limit) });
  }
  look(turn, "daily-loss", holds);
}

/** When the loss of an open `daily-loss` is of yesterday; null while it is not open. */
export const nextDayMs = (state: AccountState): number | null =>
  isOpen(state, "daily-loss") ? (floorDiv(state.nowMs, DAY_MS) + 1) * DAY_MS : null;

const openedOn = ({ breakers }: AccountState, name: string): number =>
  floorDiv(breakers.get(name)?.openedAtMs ?? -DAY_MS, DAY_MS);

function watchOrders(turn: AccountTurn, limits: AccountLimits): void {
  const { state } = turn;
  const limit = mulFloorDiv(limits.openOrdersMax, limits.accountShareBps, 10_000);
  let orders = 0;
  for (const { figures } of state.bots.values()) orders += figures?.orders ?? 0;
  const over = limits.openOrdersMax > 0 && orders > limit;
  if (over) {
    const reason = `${orders} open orders over all bots, limit ${limit}`;
    trip(turn, "open-orders", { reason, value: String(orders), limit: String(limit) });
  }
  look(turn, "open-orders", over);
}

function watchMargin(turn: AccountTurn, limits: AccountLimits): void {
  const { state } = turn;
  const { equity } = state;
  if (equity === null || state.nowMs - equity.atMs > EQUITY_AGE_MS_MAX) return;
  const atLeast = (bps: number): boolean =>
    equity.equity <= 0n ? equity.maintenance > 0n : equity.maintenance * 10_000n >= BigInt(bps) * equity.equity;
  const facts = { maintenance: text(equity.maintenance), equity: text(equity.equity) };
  const said = `maintenance margin ${facts.maintenance} of equity ${facts.equity}`;
  const warns = atLeast(limits.marginRatioWarnBps);
  if (warns && !state.marginWarned) {
    turn.alert("margin", "warning", { text: `${said}: above ${limits.marginRatioWarnBps} bps`, facts: facts });
  }
  state.marginWarned = warns;
  look(turn, "margin-ratio", atLeast(limits.marginRatioTripBps));
  if (!atLeast(limits.marginRatioTripBps)) return;
  const limit = `${limits.marginRatioTripBps} bps`;
  trip(turn, "margin-ratio", { reason: `${said}: ${limit} or more`, value: facts.maintenance, limit });
}

function watchRequests(turn: AccountTurn, { latencyP99MsMax, retryRatioBpsMax }: AccountLimits): void {
  const { state } = turn;
  const slow = latencyP99MsMax > 0 ? judgeRoundTrips(state.roundTrips, latencyP99MsMax, state.nowMs) : null;
  if (slow !== null) {
    const reason = `99 of 100 orders were answered within ${slow} ms, limit ${latencyP99MsMax} ms`;
    trip(turn, "latency", { reason, value: String(slow), limit: String(latencyP99MsMax) });
  }
  look(turn, "latency", latencyP99MsMax > 0 && latencyHolds(state.roundTrips, latencyP99MsMax, state.nowMs));
  const { tries, retried, errors, tooMany } = judgeRetries(state.retries, retryRatioBpsMax, state.nowMs);
  if (tooMany) {
    const seen = `${retried} of ${tries} tries were repeats, ${errors} failed in 5 min`;
    const reason = `${seen}; limit ${retryRatioBpsMax} bps`;
    trip(turn, "retries", { reason, value: String(retried), limit: `${retryRatioBpsMax} bps` });
  }
  look(turn, "retries", tooMany);
}
