// What market data does to the engine's own state, and what of it the strategy hears.

import { formatMoney } from "../market/instrument.ts";
import { bookBudgetIncome } from "../risk/budget.ts";
import type { StrategyInput } from "../strategy/contract.ts";
import type { BookEvent, CandleEvent, FundingSettled, MarkEvent } from "../trading/event.ts";
import { bookFunding } from "../trading/ledger.ts";
import { monitorCandle } from "./monitoring.ts";
import { rememberFill } from "./order-events.ts";
import type { BotState } from "./state.ts";
import type { Turn } from "./turn.ts";

/** A whole, uncrossed book replaces the last one; any other leaves it to grow old. */
export function onBook(turn: Turn, event: BookEvent): readonly StrategyInput[] {
  const { state } = turn;
  if (event.symbol !== state.instrument?.symbol) return [];
  const bid = event.bids[0];
  const ask = event.asks[0];
  if (bid === undefined || ask === undefined || bid[0] <= 0 || ask[0] <= bid[0]) return [{ kind: "bad-book" }];
  state.book = { bids: event.bids, asks: event.asks, atMs: state.nowMs };
  return [{ kind: "book", bid: bid[0], ask: ask[0], bidQuantity: bid[1], askQuantity: ask[1] }];
}

export function onCandle(turn: Turn, event: CandleEvent): readonly StrategyInput[] {
  monitorCandle(turn, event);
  return event.symbol === turn.state.instrument?.symbol ? [{ kind: "candle", candle: event }] : [];
}

export function onMark(turn: Turn, event: MarkEvent): readonly StrategyInput[] {
  if (event.symbol === turn.state.instrument?.symbol) turn.state.mark = { mark: event.mark, atMs: turn.state.nowMs };
  return [];
}

/** Settlements remembered: a month of them, and the host asks for no older ones than a day. */
const SETTLEMENTS_MAX = 100;

/** Funding is money, not a signal: it goes into the ledger, each settlement once by the journal's unique key. */
export function onFundingSettled(turn: Turn, event: FundingSettled): readonly StrategyInput[] {
  const { state } = turn;
  if (state.instrument === null || event.symbol !== state.instrument.symbol) return [];
  const { settledAtMs, asset = state.instrument.quote } = event;
  if (isSettled(state, event)) return [];
  if (asset !== state.instrument.quote) return onOtherAsset(turn, event, asset);
  state.settlements.set(settledAtMs, event.positionLots);
  if (state.settlements.size > SETTLEMENTS_MAX) state.settlements.delete(Math.min(...state.settlements.keys()));
  state.lastFundingAtMs = Math.max(settledAtMs, state.lastFundingAtMs ?? 0);
  turn.postings.push(...bookFunding(state.ledger, state.instrument, event));
  if (state.budget !== null) bookBudgetIncome(state.budget, event.amount);
  return [];
}

/** Whether it is booked: a settlement once, and once for each other asset a part of it was paid in. */
export function isSettled(state: BotState, event: Omit<FundingSettled, "atMs">): boolean {
  const { symbol, settledAtMs, asset } = event;
  return asset === undefined || asset === state.instrument?.quote
    ? state.settlements.has(settledAtMs)
    : state.recentFills.has(otherIdentity({ symbol, settledAtMs, asset }));
}

const otherIdentity = (of: Pick<FundingSettled, "symbol" | "settledAtMs"> & { readonly asset: string }): string =>
  `funding|${of.symbol}|${of.settledAtMs}|${of.asset}`;

/** Paid in an asset that is neither valued nor part of the budget, as fees in a third coin are: booked as that. */
function onOtherAsset(turn: Turn, event: FundingSettled, asset: string): readonly StrategyInput[] {
  const { state, instrument } = turn;
  const { symbol, settledAtMs, amount } = event;
  rememberFill(state.recentFills, otherIdentity({ symbol, settledAtMs, asset }));
  state.lastFundingAtMs = Math.max(settledAtMs, state.lastFundingAtMs ?? 0);
  turn.postings.push(...bookFunding(state.ledger, instrument, event));
  const what = `${formatMoney(amount)} ${asset}`;
  const text = `the exchange settled funding of ${what}, not in ${instrument.quote}: no profit and no budget counts it`;
  turn.alert("funding-asset", "error", text, { asset, amount: formatMoney(amount), settledAtMs });
  return [];
}
