// Messages of the API as the plain documents of `--json`: decimals as text, enums as words, times in ms; what is unset
// is null or left out, never 0.

import type { Decimal } from "../../../rpc/generated/google/type/decimal.ts";
import type { Bot, Slot } from "../../../rpc/generated/opensqt/market_maker/v1/bot.ts";
import type { PnlSplit, PositionData } from "../../../rpc/generated/opensqt/market_maker/v1/position.ts";
import type { Fill, Order } from "../../../rpc/generated/opensqt/market_maker/v1/resources.ts";
import type { CircuitBreaker, KillReport } from "../../../rpc/generated/opensqt/market_maker/v1/risk.ts";
import {
  botPhaseToJSON,
  gateLevelToJSON,
  legToJSON,
  orderSideToJSON,
  orderStatusToJSON,
  scopeToJSON,
  slotStateToJSON,
} from "../../../rpc/generated/opensqt/market_maker/v1/types.ts";

/** A document of `--json`. */
export type Plain = Readonly<Record<string, unknown>>;

/** "BOT_PHASE_RUNNING" → "running"; unspecified is "". */
export function enumWord(json: string, prefix: string): string {
  const word = json.startsWith(prefix) ? json.slice(prefix.length) : json;
  return word === "UNSPECIFIED" || word === "UNRECOGNIZED" ? "" : word.toLowerCase().replaceAll("_", "-");
}

export const decimalOf = (decimal: Decimal | undefined): string | null => decimal?.value ?? null;
export const phaseWord = (phase: Bot["phase"]): string => enumWord(botPhaseToJSON(phase), "BOT_PHASE_");
export const sideWord = (side: Order["side"]): string => enumWord(orderSideToJSON(side), "ORDER_SIDE_");
export const legWord = (leg: Slot["leg"]): string => enumWord(legToJSON(leg), "LEG_");

export function plainBot(bot: Bot): Plain {
  return {
    bot: bot.botId,
    strategy: bot.strategy,
    exchange: bot.exchange,
    symbols: bot.symbols,
    phase: phaseWord(bot.phase),
    gates: bot.gates.map((gate) => ({
      name: gate.name,
      level: enumWord(gateLevelToJSON(gate.level), "GATE_LEVEL_"),
      leg: legWord(gate.leg),
      reason: gate.reason,
      sinceMs: gate.sinceMs,
    })),
    revision: bot.revision,
    configHash: bot.configHash,
    sequence: bot.sequence,
    lagMs: bot.lagMs,
    liveOrders: bot.liveOrders,
    unknownOrders: bot.unknownOrders,
    heldSlots: bot.heldSlots,
    position: decimalOf(bot.position),
    realizedNet: decimalOf(bot.realizedNet),
    unrealized: decimalOf(bot.unrealized),
    budget: decimalOf(bot.budget),
    startedAtMs: bot.startedAtMs,
    operatorUrl: bot.operatorUrl,
  };
}

export function plainOrder(order: Order): Plain {
  return {
    bot: order.botId,
    symbol: order.symbol,
    side: sideWord(order.side),
    price: decimalOf(order.price),
    quantity: decimalOf(order.quantity),
    filled: decimalOf(order.executedQty),
    status: enumWord(orderStatusToJSON(order.status), "ORDER_STATUS_"),
    reduceOnly: order.reduceOnly,
    postOnly: order.postOnly,
    clientOrderId: order.clientOrderId,
    orderId: order.orderId,
    createdAtMs: order.createdAtMs,
    updatedAtMs: order.updatedAtMs,
  };
}

export function plainFill(fill: Fill): Plain {
  return {
    atMs: fill.atMs,
    bot: fill.botId,
    symbol: fill.symbol,
    side: sideWord(fill.side),
    price: decimalOf(fill.price),
    quantity: decimalOf(fill.quantity),
    fee: decimalOf(fill.fee),
    feeAsset: fill.feeAsset,
    maker: fill.maker,
    realized: decimalOf(fill.realizedPnl),
    origin: fill.origin,
    tradeId: fill.tradeId,
    orderId: fill.orderId,
    clientOrderId: fill.clientOrderId,
  };
}

export function plainPosition(position: PositionData): Plain {
  return {
    bot: position.botId,
    exchange: position.exchange,
    symbol: position.symbol,
    quantity: decimalOf(position.quantity),
    entry: decimalOf(position.entryPrice),
    mark: decimalOf(position.currentPrice),
    unrealized: decimalOf(position.unrealizedPnl),
    realized: decimalOf(position.realizedPnl),
    fees: decimalOf(position.fees),
    funding: decimalOf(position.funding),
    openedAtMs: position.openedAtMs,
    updatedAtMs: position.updatedAtMs,
  };
}

export function plainSlot(slot: Slot): Plain {
  return {
    slot: slot.slot,
    leg: legWord(slot.leg),
    state: enumWord(slotStateToJSON(slot.state), "SLOT_STATE_"),
    entry: decimalOf(slot.entryPrice),
    exit: decimalOf(slot.exitPrice),
    held: decimalOf(slot.held),
    order: slot.order === undefined ? null : plainOrder(slot.order),
    skipReason: slot.skipReason,
    cooldownUntilMs: slot.cooldownUntilMs,
  };
}

export function plainPnl(split: PnlSplit | undefined): Plain {
  return {
    gross: decimalOf(split?.gross),
    fees: decimalOf(split?.fees),
    funding: decimalOf(split?.funding),
    interest: decimalOf(split?.interest),
    rebates: decimalOf(split?.rebates),
    net: decimalOf(split?.net),
  };
}

export function plainBreaker(breaker: CircuitBreaker): Plain {
  return {
    name: breaker.name,
    scope: enumWord(scopeToJSON(breaker.scope), "SCOPE_"),
    id: breaker.id,
    open: breaker.open,
    phase: breaker.phase,
    reason: breaker.reason,
    value: breaker.value,
    limit: breaker.limit,
    action: breaker.action,
    manual: breaker.manual,
    openedAtMs: breaker.openedAtMs,
    closesAtMs: breaker.closesAtMs,
  };
}

export function plainKill(report: KillReport | undefined): Plain {
  return {
    step: report?.step ?? "",
    ordersLeft: report?.ordersLeft ?? [],
    positionsLeft: report?.positionsLeft ?? [],
    proven: report?.proven ?? false,
    tookMs: report?.tookMs ?? 0,
  };
}
