// What is known of a market-maker, message by message, in the words of the screen. Bounded: the last lines of the log,
// the last fills. It keeps and translates; it asks nobody.

import { formatDecimal, parseDecimal } from "../../../base/decimal.ts";
import type {
  Bot,
  Slot,
  SubscribeLogsResponse,
  SubscribeSlotsResponse,
} from "../../../rpc/generated/opensqt/market_maker/v1/bot.ts";
import type { PositionData } from "../../../rpc/generated/opensqt/market_maker/v1/position.ts";
import type { Fill, Order } from "../../../rpc/generated/opensqt/market_maker/v1/resources.ts";
import type { Alert, CircuitBreaker } from "../../../rpc/generated/opensqt/market_maker/v1/risk.ts";
import {
  gateLevelToJSON,
  Leg,
  OrderSide,
  orderStatusToJSON,
  severityToJSON,
  slotStateToJSON,
} from "../../../rpc/generated/opensqt/market_maker/v1/types.ts";
import type {
  TopBot,
  TopBreaker,
  TopFill,
  TopLogLine,
  TopOrder,
  TopSlot,
  TopSnapshot,
} from "../../../terminal/top-model.ts";
import { decimalOf, enumWord, phaseWord } from "../engine/plain.ts";

const LOG_MAX = 200;

export class TopPicture {
  private readonly bots = new Map<string, Bot>();
  private readonly positions = new Map<string, PositionData>();
  private slots: readonly TopSlot[] = [];
  private orders: readonly TopOrder[] = [];
  private fills: readonly TopFill[] = [];
  private breakers: readonly TopBreaker[] = [];
  private log: readonly TopLogLine[] = [];
  private readonly alerts = new Set<string>();
  private realizedToday: string | null = null;
  private name: string | null = null;
  /** Everything was told at least once. */
  whole = false;

  get chosen(): string | null {
    return this.name;
  }

  /** The bot `step` places further by name; what belonged to the other is forgotten. */
  choose(step: number): void {
    const names = [...this.bots.keys()].sort();
    const at = this.name === null ? 0 : names.indexOf(this.name);
    this.name = names[(at + step + names.length) % Math.max(1, names.length)] ?? null;
    this.slots = [];
    this.orders = [];
    this.fills = [];
    this.realizedToday = null;
  }

  tookBots(bots: readonly Bot[]): void {
    this.bots.clear();
    for (const bot of bots) this.bots.set(bot.botId, bot);
    if (this.name === null || !this.bots.has(this.name)) this.name = [...this.bots.keys()].sort()[0] ?? null;
  }

  tookBot(bot: Bot | undefined): void {
    if (bot === undefined || bot.botId === "") return;
    this.bots.set(bot.botId, bot);
    this.name ??= bot.botId;
  }

  tookPosition(position: PositionData | undefined): void {
    if (position !== undefined && position.botId !== "") this.positions.set(position.botId, position);
  }

  tookSlots({ slots }: Pick<SubscribeSlotsResponse, "slots">): void {
    this.slots = slots.map(shownSlot);
  }

  tookOrders(orders: readonly Order[]): void {
    this.orders = orders.map((order) => ({
      clientOrderId: order.clientOrderId,
      side: sideOf(order.side),
      price: decimalOf(order.price),
      quantity: decimalOf(order.quantity),
      filled: decimalOf(order.executedQty),
      status: enumWord(orderStatusToJSON(order.status), "ORDER_STATUS_"),
    }));
  }

  tookFills(fills: readonly Fill[]): void {
    this.fills = fills.map((fill) => ({
      atMs: fill.atMs,
      side: sideOf(fill.side),
      price: decimalOf(fill.price),
      quantity: decimalOf(fill.quantity),
      maker: fill.maker,
      clientOrderId: fill.clientOrderId,
    }));
  }

  tookBreakers(breakers: readonly CircuitBreaker[]): void {
    this.breakers = breakers.filter(({ open }) => open).map(({ name, reason }) => ({ name, reason }));
  }

  tookToday(realized: string | null): void {
    this.realizedToday = realized;
  }

  /** An alert is told again by a new subscription, and when it is over: it is shown once, and its end once. */
  tookAlert(alert: Alert | undefined): void {
    if (alert === undefined || alert.text === "") return;
    const { id, atMs, resolvedAtMs, severity, text } = alert;
    this.alertLine(id, { atMs, severity: enumWord(severityToJSON(severity), "SEVERITY_"), text });
    if (resolvedAtMs > 0) this.alertLine(`${id} over`, { atMs: resolvedAtMs, severity: "info", text: `over: ${text}` });
  }

  private alertLine(key: string, line: TopLogLine): void {
    if (this.alerts.has(key)) return;
    this.alerts.add(key);
    this.line(line);
  }

  tookLog({ atMs, level, text }: SubscribeLogsResponse): void {
    if (this.log.some((line) => line.atMs === atMs && line.text === text)) return;
    this.line({ atMs, severity: enumWord(severityToJSON(level), "SEVERITY_"), text });
  }

  private line(line: TopLogLine): void {
    this.log = [line, ...this.log].slice(0, LOG_MAX);
  }

  /** The newest time of the market that is known, 0 for none. */
  newestMs(): number {
    const position = this.name === null ? undefined : this.positions.get(this.name);
    return Math.max(position?.updatedAtMs ?? 0, this.fills[0]?.atMs ?? 0);
  }

  snapshot(): Omit<TopSnapshot, "address" | "connection"> {
    const bots = [...this.bots.keys()].sort();
    const { slots, orders, fills, breakers, log } = this;
    return { bot: this.shownBot(), bots, slots, orders, fills, breakers, log };
  }

  private shownBot(): TopBot | null {
    const bot = this.name === null ? undefined : this.bots.get(this.name);
    if (bot === undefined) return null;
    const position = this.positions.get(bot.botId);
    const unrealized = decimalOf(position?.unrealizedPnl) ?? decimalOf(bot.unrealized);
    return {
      bot: bot.botId,
      strategy: bot.strategy,
      exchange: bot.exchange,
      symbol: bot.symbols[0] ?? "",
      phase: phaseWord(bot.phase),
      gates: bot.gates.map(({ name, level, reason }) => {
        return { name, level: enumWord(gateLevelToJSON(level), "GATE_LEVEL_"), reason };
      }),
      unknownOrders: bot.unknownOrders,
      position: decimalOf(position?.quantity) ?? decimalOf(bot.position),
      entry: decimalOf(position?.entryPrice),
      price: decimalOf(position?.currentPrice),
      unrealized,
      realized: decimalOf(position?.realizedPnl) ?? decimalOf(bot.realizedNet),
      fees: negated(decimalOf(position?.fees)),
      funding: decimalOf(position?.funding),
      netToday: sum(this.realizedToday, unrealized),
      lagMs: bot.lagMs,
      sequence: bot.sequence,
    };
  }
}

const sideOf = (side: OrderSide): "buy" | "sell" => (side === OrderSide.SELL ? "sell" : "buy");

function shownSlot(slot: Slot): TopSlot {
  const long = slot.leg !== Leg.SHORT;
  return {
    key: `${long ? "L" : "S"}${slot.slot}`,
    leg: long ? "long" : "short",
    state: enumWord(slotStateToJSON(slot.state), "SLOT_STATE_"),
    entry: decimalOf(slot.entryPrice),
    exit: decimalOf(slot.exitPrice),
    held: decimalOf(slot.held),
    live: slot.order !== undefined && slot.order.clientOrderId !== "",
    clientOrderId: slot.order?.clientOrderId ?? "",
    note: slot.skipReason.replace(/^skip\./, ""),
  };
}

/** The API tells what was paid; a result shows what it did to it. */
function negated(text: string | null): string | null {
  if (text === null) return null;
  const parsed = parseDecimal(text);
  return parsed.ok ? formatDecimal(-parsed.value.digits, parsed.value.scale) : null;
}

/** Of two decimals; null where one is not known. */
function sum(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return null;
  const [left, right] = [parseDecimal(a), parseDecimal(b)];
  if (!left.ok || !right.ok) return null;
  const scale = Math.max(left.value.scale, right.value.scale);
  const of = (value: { digits: bigint; scale: number }): bigint => value.digits * 10n ** BigInt(scale - value.scale);
  return formatDecimal(of(left.value) + of(right.value), scale);
}
