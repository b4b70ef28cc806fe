// Proto messages as the console's words. Enum names lose their prefix, decimals become plain text, ids stay text;
// what is not given is empty text, never null.

import { formatDecimal, multiplyDecimal, parseDecimal } from "../../base/decimal.ts";
import type { Decimal as WireDecimal } from "../../rpc/generated/google/type/decimal.ts";
import type {
  ExplainOrderResponse,
  Bot as WireBot,
  Gate as WireGate,
  Slot as WireSlot,
} from "../../rpc/generated/opensqt/market_maker/v1/bot.ts";
import type {
  Candle,
  SymbolInfo,
  Fill as WireFill,
  Order as WireOrder,
} from "../../rpc/generated/opensqt/market_maker/v1/resources.ts";
import type { Alert as WireAlert } from "../../rpc/generated/opensqt/market_maker/v1/risk.ts";
import {
  BotPhase,
  ExchangeType,
  GateLevel,
  Leg,
  OrderSide,
  OrderStatus,
  OrderType,
  Severity,
  SlotState,
  FeedState as WireFeedState,
} from "../../rpc/generated/opensqt/market_maker/v1/types.ts";
import type {
  Alert,
  Bot,
  ClassicKline,
  ClassicOrderStatus,
  ConsoleOrder,
  Decimal,
  FeedState,
  Fill,
  Gate,
  Instrument,
  Slot,
} from "../messages.ts";
import type { PlacedOrder } from "../picture-writer.ts";
import { isPlain, isZero, plain } from "../plain.ts";
import type { Explanation } from "../questions.ts";

/** The decimal exactly as it was decided; `missing` where none was given, or what was given is none. */
export function told(decimal: WireDecimal | undefined, missing: Decimal = "0"): Decimal {
  if (decimal === undefined) return missing;
  return isPlain(decimal.value) ? decimal.value : (plain(decimal.value) ?? missing);
}

/** The name of an enum's value, without its type; `fallback` for what this release does not know. */
function nameOf<N extends string>(values: Readonly<Record<N, number>>, value: number, fallback: NoInfer<N>): N {
  for (const name of Object.keys(values) as N[]) if (values[name] === value) return name;
  return fallback;
}

type Known<N extends string> = Exclude<N, "UNSPECIFIED" | "UNRECOGNIZED">;
const known = <N extends string>(name: N, fallback: Known<N>): Known<N> =>
  name === "UNSPECIFIED" || name === "UNRECOGNIZED" ? fallback : (name as Known<N>);

export const sideOf = (side: OrderSide): "BUY" | "SELL" => (side === OrderSide.SELL ? "SELL" : "BUY");
export const legOf = (leg: Leg): "LONG" | "SHORT" => (leg === Leg.SHORT ? "SHORT" : "LONG");
export const severityOf = (severity: Severity): Alert["severity"] => known(nameOf(Severity, severity, "INFO"), "INFO");
export const feedStateOf = (state: WireFeedState): FeedState => known(nameOf(WireFeedState, state, "DOWN"), "SUSPECT");

/** Exchanges without names of their own (the simulated one) are called as most others would: `BTCUSDT`. */
const nameOnExchange = ({ exchangeSymbol, symbol }: SymbolInfo): string =>
  exchangeSymbol === "" || exchangeSymbol === symbol ? symbol.replace(/:.*$/, "").replace("/", "") : exchangeSymbol;

/** Addresses lose what stands behind the host: an exchange's socket carries its listen key there (LIVE-08). */
export const withoutAddresses = (text: string): string =>
  text.replaceAll(/\b((?:wss?|https?):\/\/)(?:[^\s/@"'?#]*@)?([^\s/"'?#]+)[^\s"']*/gi, "$1$2");

export function instrumentOf(info: SymbolInfo): Instrument {
  return {
    exchange: info.exchange,
    symbol: info.symbol,
    name: nameOnExchange(info),
    tick: info.tickSize?.value ?? "1",
    lot: info.lotSize?.value ?? "1",
    kind: info.type === ExchangeType.FUTURES ? "perpetual" : "spot",
  };
}

/** Null for a candle without prices: nothing is made up. */
export function candleOf(candle: Candle): ClassicKline | null {
  const [open, high] = [told(candle.open, ""), told(candle.high, "")];
  const [low, close] = [told(candle.low, ""), told(candle.close, "")];
  if ([open, high, low, close].includes("")) return null;
  return { time: Math.floor(candle.openTimeMs / 1000), open, high, low, close, volume: told(candle.volume) };
}

const FINAL: ReadonlySet<OrderStatus> = new Set([
  OrderStatus.FILLED,
  OrderStatus.CANCELED,
  OrderStatus.REJECTED,
  OrderStatus.EXPIRED,
]);

/** Orders that wait for a word of the exchange keep the status they had. */
export function statusOf({ status, executedQty }: WireOrder): ClassicOrderStatus {
  switch (status) {
    case OrderStatus.FILLED:
      return "FILLED";
    case OrderStatus.CANCELED:
      return "CANCELED";
    case OrderStatus.REJECTED:
      return "REJECTED";
    case OrderStatus.EXPIRED:
      return "EXPIRED";
    case OrderStatus.PARTIALLY_FILLED:
      return "PARTIALLY_FILLED";
    case OrderStatus.NEW:
    case OrderStatus.PENDING:
    case OrderStatus.UNKNOWN_OUTCOME:
    case OrderStatus.CANCEL_PENDING:
    case OrderStatus.UNSPECIFIED:
    case OrderStatus.UNRECOGNIZED:
      return isZero(told(executedQty)) ? "NEW" : "PARTIALLY_FILLED";
  }
}

/** `name` is the exchange's name of the instrument. */
export function orderOf(wire: WireOrder, name: string): PlacedOrder {
  const order: ConsoleOrder = {
    id: wire.orderId,
    price: told(wire.price),
    side: sideOf(wire.side),
    status: statusOf(wire),
    type: wire.type === OrderType.MARKET ? "MARKET" : "LIMIT",
    symbol: name,
    exchange: wire.exchange,
    clientOrder: wire.clientOrderId,
    bot: wire.botId,
    qty: told(wire.quantity),
    filled: told(wire.executedQty),
    slot: "",
    foreign: wire.foreign,
    unknown: wire.status === OrderStatus.UNKNOWN_OUTCOME,
    reduceOnly: wire.reduceOnly,
    at: wire.createdAtMs,
  };
  const of = { bot: wire.botId, exchange: wire.exchange, symbol: wire.symbol };
  return { of, order: FINAL.has(wire.status) ? { ...order, gone: true } : order };
}

/** Exact product of two decimals; empty where one is not known. */
export function product(a: Decimal, b: Decimal): Decimal {
  const [left, right] = [parseDecimal(a), parseDecimal(b)];
  if (!left.ok || !right.ok) return "";
  const { digits, scale } = multiplyDecimal(left.value, right.value);
  return formatDecimal(digits, scale);
}

/** Exact sum; empty where one is not known. */
export function sum(...parts: readonly Decimal[]): Decimal {
  let total = { digits: 0n, scale: 0 };
  for (const part of parts) {
    const read = parseDecimal(part);
    if (!read.ok) return "";
    const scale = Math.max(total.scale, read.value.scale);
    const at = (digits: bigint, from: number): bigint => digits * 10n ** BigInt(scale - from);
    total = { digits: at(total.digits, total.scale) + at(read.value.digits, read.value.scale), scale };
  }
  return formatDecimal(total.digits, total.scale);
}

export function fillOf(wire: WireFill): Fill {
  const [price, qty] = [told(wire.price), told(wire.quantity)];
  const realized = told(wire.realizedPnl, "");
  return {
    id: wire.tradeId,
    bot: wire.botId,
    exchange: wire.exchange,
    symbol: wire.symbol,
    side: sideOf(wire.side),
    price,
    qty,
    quote: product(price, qty),
    fee: told(wire.fee),
    feeAsset: wire.feeAsset,
    maker: wire.maker,
    realized,
    order: wire.orderId,
    clientOrder: wire.clientOrderId,
    cycle: realized !== "" && !isZero(realized),
    at: wire.atMs,
  };
}

export const gateOf = ({ name, level, leg, reason, sinceMs }: WireGate): Gate => ({
  name,
  level: known(nameOf(GateLevel, level, "HALT"), "HALT"),
  leg: leg === Leg.UNSPECIFIED ? "" : legOf(leg),
  reason,
  since: sinceMs,
});

/** `uptime`: real ms since it started. */
export function botOf(wire: WireBot, uptime: number): Bot {
  return {
    id: wire.botId,
    strategy: wire.strategy,
    exchange: wire.exchange,
    symbol: wire.symbols[0] ?? "",
    phase: known(nameOf(BotPhase, wire.phase, "FAILED"), "STARTING"),
    gates: wire.gates.map(gateOf),
    lag: wire.lagMs,
    live: wire.liveOrders,
    unknown: wire.unknownOrders,
    held: wire.heldSlots,
    position: told(wire.position, ""),
    realized: told(wire.realizedNet, ""),
    unrealized: told(wire.unrealized, ""),
    budget: told(wire.budget, ""),
    uptime,
    configHash: wire.configHash,
    revision: wire.revision,
    sequence: wire.sequence,
  };
}

/** Ages of orders are told against `nowMs` of the wall. */
export function slotOf(wire: WireSlot, nowMs: number): Slot {
  const { order } = wire;
  return {
    slot: String(wire.slot),
    width: String(wire.width),
    leg: legOf(wire.leg),
    state: known(nameOf(SlotState, wire.state, "UNKNOWN"), "UNKNOWN"),
    entry: told(wire.entryPrice, ""),
    exit: told(wire.exitPrice, ""),
    held: told(wire.held),
    order:
      order === undefined
        ? null
        : {
            id: order.clientOrderId,
            side: sideOf(order.side),
            price: told(order.price),
            qty: told(order.quantity),
            filled: told(order.executedQty),
            age: Math.max(0, nowMs - order.createdAtMs),
          },
    skip: wire.skipReason,
    cooldownUntil: wire.cooldownUntilMs,
  };
}

export const alertOf = (wire: WireAlert): Alert => ({
  id: wire.id,
  code: wire.code,
  severity: severityOf(wire.severity),
  bot: wire.botId,
  title: wire.title,
  text: wire.text,
  facts: wire.facts,
  done: wire.done,
  todo: wire.todo,
  at: wire.atMs,
  resolvedAt: wire.resolvedAtMs,
});

export const explanationOf = (wire: ExplainOrderResponse): Omit<Explanation, "requestId"> => ({
  steps: wire.steps.map(({ atMs, sequence, kind, text, facts }) => ({ at: atMs, seq: sequence, kind, text, facts })),
  risk: wire.riskChecks.map(({ code, value, limit, passed }) => ({ code, value, limit, passed })),
  fills: wire.fills.map(fillOf),
  configHash: wire.configHash,
});
