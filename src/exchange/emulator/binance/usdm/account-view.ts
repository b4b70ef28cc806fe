// A wallet's money and positions as Binance USDⓈ-M tells them. Everything is read from the simulated exchange at the
// instant of the question; nothing is kept here.

import { bigCeilDiv } from "../../../../base/integer.ts";
import { lots, milliTicks } from "../../../../market/amounts.ts";
import { formatMark, markMoney, unitMoney } from "../../../../market/instrument.ts";
import type { SimulatedExchange } from "../../../../sim/exchange.ts";
import { maintenanceMargin, tiersOf } from "../../../../sim/margin.ts";
import { leftOf } from "../../../../sim/order.ts";
import type { EmulatedAccount, EmulatedInstrument } from "../../world.ts";
import { averageText, moneyText, quantityText } from "./shapes.ts";

export const QUOTE = "USDT";

export interface WalletQuestion {
  readonly exchange: SimulatedExchange;
  readonly wallet: string;
  readonly account: EmulatedAccount;
}

export interface PositionFacts {
  readonly instrument: EmulatedInstrument;
  readonly lots: number;
  readonly cost: bigint;
  readonly isolated: bigint;
  readonly notional: bigint;
  readonly unrealized: bigint;
  readonly maintenance: bigint;
  readonly positionMargin: bigint;
  readonly orderMargin: bigint;
  readonly bids: bigint;
  readonly asks: bigint;
  readonly leverage: number;
  readonly mode: "cross" | "isolated";
  readonly markText: string;
  readonly liquidationText: string;
  readonly hasOrders: boolean;
}

export const leverageOf = (account: EmulatedAccount, { instrument }: EmulatedInstrument): number =>
  account.leverage.get(instrument.symbol) ?? instrument.leverage;
export const marginModeOf = (account: EmulatedAccount, { instrument }: EmulatedInstrument): "cross" | "isolated" =>
  account.marginMode.get(instrument.symbol) ?? "cross";

export function positionOf(question: WalletQuestion, instrument: EmulatedInstrument): PositionFacts {
  const { exchange, wallet, account } = question;
  const market = exchange.market(instrument.instrument.symbol);
  const holding = exchange.clearing.holding(exchange.clearing.account(wallet), market.symbol);
  const mark = market.mark();
  const notional = markMoney(market.instrument, mark, lots(holding.lots));
  const leverage = BigInt(holding.leverage ?? market.instrument.leverage);
  let [bids, asks] = [0n, 0n];
  let hasOrders = false;
  for (const order of exchange.desk.ledger.openOrders(wallet)) {
    if (order.symbol !== market.symbol) continue;
    hasOrders = true;
    const value = BigInt(order.price) * BigInt(leftOf(order)) * unitMoney(market.instrument);
    if (order.reduceOnly) continue;
    if (order.side === "buy") bids += value;
    else asks += value;
  }
  const tiers = tiersOf(market.instrument, market.margin ?? undefined);
  const larger = bids > asks ? bids : asks;
  return {
    instrument,
    lots: holding.lots,
    cost: holding.cost,
    isolated: holding.isolated,
    notional,
    unrealized: notional - holding.cost,
    maintenance: maintenanceMargin(market.instrument, tiers, { lots: holding.lots, mark }),
    positionMargin: bigCeilDiv(notional < 0n ? -notional : notional, leverage),
    orderMargin: bigCeilDiv(larger, leverage),
    bids,
    asks,
    leverage: holding.leverage ?? leverageOf(account, instrument),
    mode: marginModeOf(account, instrument),
    markText: formatMark(market.instrument, mark),
    liquidationText:
      holding.liquidation === null ? "0" : formatMark(market.instrument, milliTicks(holding.liquidation)),
    hasOrders,
  };
}

export interface MoneyFacts {
  readonly walletBalance: bigint;
  readonly unrealized: bigint;
  readonly marginBalance: bigint;
  readonly available: bigint;
  readonly maintenance: bigint;
  readonly positionMargin: bigint;
  readonly orderMargin: bigint;
}

export function moneyOf(question: WalletQuestion, positions: readonly PositionFacts[]): MoneyFacts {
  const { exchange, wallet } = question;
  const held = exchange.clearing.account(wallet);
  const sum = (of: (position: PositionFacts) => bigint): bigint =>
    positions.reduce((total, position) => total + of(position), 0n);
  const walletBalance = exchange.clearing.wallet(held, QUOTE);
  const unrealized = sum((position) => position.unrealized);
  return {
    walletBalance,
    unrealized,
    marginBalance: walletBalance + unrealized,
    available: exchange.margin.available(held, QUOTE),
    maintenance: sum((position) => position.maintenance),
    positionMargin: sum((position) => position.positionMargin),
    orderMargin: sum((position) => position.orderMargin),
  };
}

/** Assets the wallet holds; USDT stands among them also when it is empty. */
export function assetsOf({ exchange, wallet }: WalletQuestion): readonly string[] {
  const held = exchange.clearing.account(wallet);
  const others = [...held.balances].filter(([asset, amount]) => asset !== QUOTE && amount !== 0n);
  return [QUOTE, ...others.map(([asset]) => asset)];
}

/** `positionRisk` of version 3; version 2 adds its own fields. */
export function positionRiskBody(position: PositionFacts, nowMs: number): Record<string, unknown> {
  const { instrument } = position.instrument;
  const entry = averageText(instrument, position.cost, position.lots);
  return {
    symbol: position.instrument.wireName,
    positionSide: "BOTH",
    positionAmt: quantityText(instrument, position.lots),
    entryPrice: entry,
    breakEvenPrice: entry,
    markPrice: position.markText,
    unRealizedProfit: moneyText(position.unrealized),
    liquidationPrice: position.liquidationText,
    isolatedMargin: moneyText(position.isolated),
    notional: moneyText(position.notional),
    marginAsset: QUOTE,
    isolatedWallet: moneyText(position.isolated),
    initialMargin: moneyText(position.positionMargin + position.orderMargin),
    maintMargin: moneyText(position.maintenance),
    positionInitialMargin: moneyText(position.positionMargin),
    openOrderInitialMargin: moneyText(position.orderMargin),
    adl: position.lots === 0 ? 0 : 1,
    bidNotional: moneyText(position.bids),
    askNotional: moneyText(position.asks),
    updateTime: position.lots === 0 ? 0 : nowMs,
  };
}

export function positionRiskV2Body(position: PositionFacts, nowMs: number): Record<string, unknown> {
  return {
    ...positionRiskBody(position, nowMs),
    leverage: String(position.leverage),
    marginType: position.mode,
    isAutoAddMargin: "false",
    maxNotionalValue: "1000000000",
  };
}

/** A position as `account` lists it. */
export function accountPositionBody(position: PositionFacts, nowMs: number): Record<string, unknown> {
  const { instrument } = position.instrument;
  return {
    symbol: position.instrument.wireName,
    positionSide: "BOTH",
    positionAmt: quantityText(instrument, position.lots),
    unrealizedProfit: moneyText(position.unrealized),
    isolatedMargin: position.isolated === 0n ? "0" : moneyText(position.isolated),
    notional: moneyText(position.notional),
    isolatedWallet: position.isolated === 0n ? "0" : moneyText(position.isolated),
    initialMargin: moneyText(position.positionMargin + position.orderMargin),
    maintMargin: moneyText(position.maintenance),
    updateTime: position.lots === 0 ? 0 : nowMs,
  };
}

export function accountPositionV2Body(position: PositionFacts, nowMs: number): Record<string, unknown> {
  const { instrument } = position.instrument;
  const entry = averageText(instrument, position.cost, position.lots);
  return {
    ...accountPositionBody(position, nowMs),
    positionInitialMargin: moneyText(position.positionMargin),
    openOrderInitialMargin: moneyText(position.orderMargin),
    leverage: String(position.leverage),
    isolated: position.mode === "isolated",
    entryPrice: entry,
    breakEvenPrice: entry,
    maxNotional: "1000000000",
    bidNotional: moneyText(position.bids),
    askNotional: moneyText(position.asks),
  };
}

/** An asset as `account` lists it. */
export function assetBody(asset: string, money: MoneyFacts, nowMs: number): Record<string, unknown> {
  return {
    asset,
    walletBalance: moneyText(money.walletBalance),
    unrealizedProfit: moneyText(money.unrealized),
    marginBalance: moneyText(money.marginBalance),
    maintMargin: moneyText(money.maintenance),
    initialMargin: moneyText(money.positionMargin + money.orderMargin),
    positionInitialMargin: moneyText(money.positionMargin),
    openOrderInitialMargin: moneyText(money.orderMargin),
    crossWalletBalance: moneyText(money.walletBalance),
    crossUnPnl: moneyText(money.unrealized),
    availableBalance: moneyText(money.available),
    maxWithdrawAmount: moneyText(money.available),
    marginAvailable: true,
    updateTime: nowMs,
  };
}

/** The sums over all assets that head `account`. */
export function totalsBody(money: MoneyFacts): Record<string, unknown> {
  return {
    totalInitialMargin: moneyText(money.positionMargin + money.orderMargin),
    totalMaintMargin: moneyText(money.maintenance),
    totalWalletBalance: moneyText(money.walletBalance),
    totalUnrealizedProfit: moneyText(money.unrealized),
    totalMarginBalance: moneyText(money.marginBalance),
    totalPositionInitialMargin: moneyText(money.positionMargin),
    totalOpenOrderInitialMargin: moneyText(money.orderMargin),
    totalCrossWalletBalance: moneyText(money.walletBalance),
    totalCrossUnPnl: moneyText(money.unrealized),
    availableBalance: moneyText(money.available),
    maxWithdrawAmount: moneyText(money.available),
  };
}
