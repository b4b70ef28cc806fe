// The account, positions and funding payments of the port ↔ those of the API.

import { lots, type Money, milliTicks, money } from "../../market/amounts.ts";
import type { Instrument } from "../../market/instrument.ts";
import {
  Account,
  type Balance,
  type FundingPayment,
  Position,
} from "../../rpc/generated/opensqt/market_maker/v1/resources.ts";
import { MarginMode, PositionMode } from "../../rpc/generated/opensqt/market_maker/v1/types.ts";
import type { AccountEvent, FundingSettled } from "../../trading/event.ts";
import type { AccountResult, PositionView, Unstamped } from "../port.ts";
import { gridOf } from "./grid.ts";
import { markDecimal, markOf, rateDecimal, ratePptOf } from "./market-view.ts";
import { moneyDecimal, moneyOf, moneyOrNull } from "./money-text.ts";

type Told = Extract<AccountResult, { result: "ok" }>;

export function wirePosition(view: PositionView, instrument: Instrument, atMs: number): Position {
  return Position.fromPartial({
    exchange: instrument.exchange,
    symbol: view.symbol,
    size: { value: gridOf(instrument.lotSize).text(view.lots) },
    ...(view.entry === null ? {} : { entryPrice: markDecimal(instrument, view.entry) }),
    leverage: { value: String(view.leverage) },
    marginMode: MarginMode.REGULAR,
    ...(view.liquidation === null ? {} : { liquidationPrice: markDecimal(instrument, view.liquidation) }),
    updatedAtMs: atMs,
  });
}

/** Null when the size is no multiple of the lot. */
export function portPosition(position: Position, instrument: Instrument): PositionView | null {
  const size = gridOf(instrument.lotSize).units(position.size?.value ?? "");
  const leverage = gridOf("1").units(position.leverage?.value ?? "1");
  if (!size.ok || !leverage.ok) return null;
  return {
    symbol: position.symbol,
    lots: lots(size.value),
    entry: size.value === 0 ? null : markOf(position.entryPrice, instrument),
    liquidation: markOf(position.liquidationPrice, instrument),
    leverage: leverage.value,
  };
}

/** One account out of what the port says of each instrument; the first one's quote asset is the account's. */
export function wireAccount(told: readonly (readonly [Instrument, Told])[], atMs: number): Account {
  const [first] = told;
  if (first === undefined) return Account.fromPartial({ atMs });
  const [instrument, view] = first;
  return Account.fromPartial({
    exchange: instrument.exchange,
    quoteAsset: instrument.quote,
    totalWalletBalance: moneyDecimal(view.quoteTotal),
    isUnified: false,
    marginMode: MarginMode.REGULAR,
    positionMode: view.oneWayMode ? PositionMode.ONE_WAY : PositionMode.HEDGE,
    ...marginOf(view),
    balances: balancesOf(told),
    positions: told.flatMap(([each, { positions }]) => positions.map((position) => wirePosition(position, each, atMs))),
    atMs,
  });
}

type Margin = Pick<AccountEvent, "equity" | "quoteAvailable" | "maintenanceMargin">;

/** What changes with every tick of the market. */
export function marginOf({ equity, quoteAvailable, maintenanceMargin }: Margin): Partial<Account> {
  const health = healthOf(equity, maintenanceMargin);
  return {
    totalMarginBalance: moneyDecimal(equity),
    availableBalance: moneyDecimal(quoteAvailable),
    adjustedEquity: moneyDecimal(equity),
    totalMaintenanceMargin: moneyDecimal(maintenanceMargin),
    ...(health === null ? {} : { healthScore: moneyDecimal(health) }),
  };
}

/** 1 − maintenance margin ÷ equity; null where there is no equity to divide by. */
function healthOf(equity: Money, maintenance: Money): Money | null {
  if (equity <= 0n) return null;
  const one = 10n ** 18n;
  return money(one - (maintenance * one) / equity);
}

function balancesOf(told: readonly (readonly [Instrument, Told])[]): Balance[] {
  const totals = new Map<string, readonly [total: Money, available: Money]>();
  for (const [instrument, view] of told) {
    totals.set(instrument.quote, [view.quoteTotal, view.quoteAvailable]);
    if (instrument.kind === "spot") totals.set(instrument.base, [view.baseTotal, view.baseTotal]);
    else if (!totals.has(instrument.base) && view.baseTotal !== 0n) {
      totals.set(instrument.base, [view.baseTotal, view.baseTotal]);
    }
  }
  return [...totals.keys()].sort().map((asset) => {
    const [total, available] = totals.get(asset) ?? [money(0n), money(0n)];
    return {
      asset,
      total: moneyDecimal(total),
      available: moneyDecimal(available),
      borrowed: { value: "0" },
      interest: { value: "0" },
    };
  });
}

/** What the port says of one instrument, out of the whole account. */
export function portAccount(account: Account, instrument: Instrument): AccountResult {
  const quote = account.balances.find(({ asset }) => asset === instrument.quote);
  const base = account.balances.find(({ asset }) => asset === instrument.base);
  const own = account.quoteAsset === instrument.quote;
  const quoteTotal = own ? moneyOf(account.totalWalletBalance, "down") : moneyOf(quote?.total, "down");
  const available = own ? account.availableBalance : quote?.available;
  const equity = own ? moneyOrNull(account.adjustedEquity ?? account.totalMarginBalance) : null;
  const positions: PositionView[] = [];
  for (const position of account.positions) {
    if (position.symbol !== instrument.symbol) continue;
    const view = portPosition(position, instrument);
    if (view === null) {
      return { result: "unavailable", text: `the position of ${position.symbol} is no multiple of its lot` };
    }
    positions.push(view);
  }
  if (instrument.kind === "perpetual" && positions.length === 0) {
    const { symbol, leverage } = instrument;
    positions.push({ symbol, lots: lots(0), entry: null, liquidation: null, leverage });
  }
  return {
    result: "ok",
    quoteTotal,
    quoteAvailable: moneyOf(available, "down"),
    equity: equity ?? quoteTotal,
    maintenanceMargin: own ? moneyOf(account.totalMaintenanceMargin, "up") : money(0n),
    baseTotal: moneyOf(base?.total, "down"),
    positions,
    oneWayMode: account.positionMode === PositionMode.ONE_WAY,
  };
}

/** What a change of the account tells a bot on an instrument; null when its quote asset is not the account's. */
export function portMargin(account: Account, instrument: Instrument): Unstamped<AccountEvent> | null {
  const equity = moneyOrNull(account.adjustedEquity ?? account.totalMarginBalance);
  if (account.quoteAsset !== instrument.quote || equity === null) return null;
  return {
    kind: "account",
    equity,
    quoteAvailable: moneyOf(account.availableBalance, "down"),
    maintenanceMargin: moneyOf(account.totalMaintenanceMargin, "up"),
  };
}

export function wirePayment(settled: Unstamped<FundingSettled>, instrument: Instrument): FundingPayment {
  return {
    id: [settled.symbol, settled.settledAtMs, ...(settled.asset === undefined ? [] : [settled.asset])].join("@"),
    symbol: settled.symbol,
    amount: moneyDecimal(settled.amount),
    asset: settled.asset ?? instrument.quote,
    atMs: settled.settledAtMs,
    rate: rateDecimal(settled.ratePpt),
    markPrice: markDecimal(instrument, settled.mark),
    positionSize: { value: gridOf(instrument.lotSize).text(settled.positionLots) },
  };
}

/** What the exchange does not tell is 0: only amount and time are money. */
export function portPayment(payment: FundingPayment, instrument: Instrument): Unstamped<FundingSettled> {
  const size = gridOf(instrument.lotSize).units(payment.positionSize?.value ?? "0");
  return {
    kind: "funding-settled",
    symbol: payment.symbol,
    settledAtMs: payment.atMs,
    ratePpt: ratePptOf(payment.rate) ?? 0,
    mark: markOf(payment.markPrice, instrument) ?? milliTicks(0),
    positionLots: lots(size.ok ? size.value : 0),
    amount: moneyOf(payment.amount, "down"),
    ...(payment.asset === "" || payment.asset === instrument.quote ? {} : { asset: payment.asset }),
  };
}
