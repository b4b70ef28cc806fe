// Drives the grid by hand: inputs in words, effects as little texts ("BUY 2998.00 x 0.010 post-only"). For tests only.

import assert from "node:assert/strict";
import { decodeCanonical, encodeCanonical } from "../../src/base/canonical.ts";
import { type Lots, lots, type MilliTicks, money, ticks } from "../../src/market/amounts.ts";
import { formatPrice, formatQuantity, type Instrument } from "../../src/market/instrument.ts";
import type { OrderChange, StrategyContext, StrategyInput } from "../../src/strategy/contract.ts";
import type { GridConfig } from "../../src/strategy/grid/config.ts";
import { type GridTexts, gridConfigFrom, problemText } from "../../src/strategy/grid/config-reader.ts";
import { gridStrategy } from "../../src/strategy/grid/grid.ts";
import type { GridState, Slot } from "../../src/strategy/grid/state.ts";
import type { ClientOrderId } from "../../src/trading/client-order-id.ts";
import { ETH_PERPETUAL } from "../instruments.ts";
import { EffectTexts } from "./effect-texts.ts";

/** ETH/USDT perpetual of the worked examples. */
export const ETH = ETH_PERPETUAL;

/** Configuration of the worked examples. */
export const EXAMPLE: GridTexts = {
  interval: "2.00",
  orderQuote: "30",
  anchor: "3000.00",
  entryLevels: 3,
  exitLevels: 3,
  windowSlack: 2,
};

/** Reads texts that must be right. */
export function readConfig(texts: GridTexts, instrument: Instrument = ETH): GridConfig {
  const read = gridConfigFrom(texts, instrument);
  assert.ok(read.ok, () => (read.ok ? "" : read.error.map(problemText).join("; ")));
  return read.value.config;
}

export interface BenchOptions {
  readonly instrument?: Instrument;
  readonly position?: string;
  readonly average?: MilliTicks | null;
  readonly strategy?: typeof gridStrategy;
}

export class GridBench extends EffectTexts {
  readonly config: GridConfig;
  readonly strategy: typeof gridStrategy;
  state: GridState;
  nowMs = 0;
  priceBandBps = 100;
  priceBandFarBps = 3000;
  openOrdersLimit = 180;

  constructor(texts: GridTexts, options: BenchOptions = {}) {
    super(options.instrument ?? ETH);
    this.config = readConfig(texts, this.instrument);
    this.strategy = options.strategy ?? gridStrategy;
    this.state = this.strategy.initial(this.config, this.instrument);
    const position = options.position === undefined ? lots(0) : this.quantity(options.position);
    this.send({ kind: "start", facts: startFacts(position, options.average ?? null) });
    this.send({ kind: "recovered" });
  }

  /** Feeds the first book three times (GRID-10) and returns the orders of the start, or why it was refused. */
  start(book: string): string {
    this.book(book);
    this.book(book);
    const lines = this.book(book).split("\n");
    return lines.filter((line) => !line.startsWith("ALERT start-warning")).join("\n");
  }

  get context(): StrategyContext {
    const { nowMs, seq, instrument, priceBandBps, priceBandFarBps, openOrdersLimit } = this;
    return { nowMs, seq, instrument, position: lots(0), priceBandBps, priceBandFarBps, openOrdersLimit };
  }

  /** One input; returns the effects as text, one a line. */
  send(input: StrategyInput): string {
    this.seq += 1;
    this.index = 0;
    this.lines = [];
    this.strategy.step(this.config, this.context, this.state, input, this);
    return this.lines.join("\n");
  }

  /** "bid/ask". */
  book(text: string): string {
    const [bid = "", ask = ""] = text.split("/");
    const one = lots(1000);
    return this.send({
      kind: "book",
      bid: this.price(bid),
      ask: this.price(ask),
      bidQuantity: one,
      askQuantity: one,
    });
  }

  /** A book one tick either side of a mid. */
  mid(text: string): string {
    const mid = this.price(text);
    const one = lots(1000);
    return this.send({ kind: "book", bid: ticks(mid - 1), ask: ticks(mid + 1), bidQuantity: one, askQuantity: one });
  }

  at(nowMs: number): this {
    this.nowMs = nowMs;
    return this;
  }

  /** Acknowledges every order on its way; returns what the grid did about it. */
  ack(): string {
    const texts: string[] = [];
    for (const slot of this.slots()) {
      if (slot.order?.state !== "SENT") continue;
      texts.push(this.order(slot.order.id, { change: "open", cumulative: lots(0) }));
    }
    return texts.filter((text) => text !== "").join("\n");
  }

  /** Fills the slot's order whole, or to the cumulative quantity given. */
  fill(j: number, cumulative?: string): string {
    const order = this.slotOrder(j);
    if (cumulative === undefined) return this.order(order.id, { change: "filled", cumulative: order.quantity });
    return this.order(order.id, { change: "executed", cumulative: this.quantity(cumulative) });
  }

  /** Confirms the cancel of the slot's order. */
  confirm(j: number): string {
    const order = this.slotOrder(j);
    const booked = this.state.routes.get(order.id)?.booked ?? 0;
    return this.order(order.id, { change: "canceled", cumulative: lots(booked) });
  }

  /** Confirms every cancel under way. */
  confirmAll(): string {
    const texts: string[] = [];
    for (const slot of this.slots()) {
      if (slot.order?.state === "CANCEL") texts.push(this.confirm(slot.j));
    }
    return texts.filter((text) => text !== "").join("\n");
  }

  reject(j: number, reason: Extract<OrderChange, { change: "rejected" }>["reason"]): string {
    const change = { change: "rejected", cumulative: lots(0), reason, text: "no" } as const;
    return this.order(this.slotOrder(j).id, change);
  }

  order(clientOrderId: ClientOrderId, change: OrderChange): string {
    return this.send({ kind: "order", clientOrderId, change });
  }

  gate(gate: Extract<StrategyInput, { kind: "gate" }>["gate"], level: "RUN" | "HOLD" | "REDUCE" | "FREEZE" | "HALT") {
    return this.send({ kind: "gate", gate, level, leg: "both", reason: "test" });
  }

  command(command: Extract<StrategyInput, { kind: "command" }>["command"]): string {
    return this.send({ kind: "command", command, by: "operator", reason: "test" });
  }

  /** The slots as they are now: a copy, since inputs change the map. */
  slots(): readonly Slot[] {
    return [...this.state.slots.values()];
  }

  slot(j: number): Slot | undefined {
    return this.state.slots.get(j);
  }

  slotOrder(j: number) {
    const order = this.state.slots.get(j)?.order ?? null;
    assert.ok(order !== null, `slot ${j} has no order`);
    return order;
  }

  /** Orders out, highest price first: "SELL 3000.00 x 0.010". */
  resting(): string {
    const orders = this.slots().flatMap((slot) => (slot.order === null ? [] : [slot.order]));
    orders.sort((a, b) => b.price - a.price);
    return orders.map((order) => this.orderText(order)).join("\n");
  }

  /** Prices of orders out of one purpose, highest first. */
  prices(purpose: "entry" | "exit"): string {
    const orders = this.slots().flatMap((slot) => (slot.order === null ? [] : [slot.order]));
    const wanted = orders.filter((order) => order.purpose === purpose).sort((a, b) => b.price - a.price);
    return wanted.map((order) => formatPrice(this.instrument, order.price)).join(" ");
  }

  /** Held lots by slot: "-1:0.010 5:0.015". */
  held(): string {
    const slots = this.slots()
      .filter((slot) => slot.held > 0)
      .sort((a, b) => a.j - b.j);
    return slots.map((slot) => `${slot.j}:${formatQuantity(this.instrument, lots(slot.held))}`).join(" ");
  }

  view() {
    return this.strategy.view(this.config, this.context, this.state);
  }

  /** Encodes and decodes the state, as a crash and recovery would. */
  crash(): void {
    this.state = restored(this.state);
  }
}

export function startFacts(
  position: Lots,
  entry: MilliTicks | null,
): Extract<StrategyInput, { kind: "start" }>["facts"] {
  return {
    kind: "start-facts",
    atMs: 1000,
    positionLots: position,
    positionEntry: entry,
    quoteAvailable: money(10n ** 22n),
    equity: money(10n ** 22n),
    leverage: 1,
    oneWayMode: true,
    foreignOrders: 0,
    clockOffsetMs: 0,
    clockErrorMs: 5,
    keyMayWithdraw: false,
  };
}

/** Only the orders and cancels of an effects text. */
export const trades = (text: string): string =>
  text
    .split("\n")
    .filter((line) => /^(BUY|SELL|CANCEL)/.test(line))
    .join("\n");

/** The state as recovery would have it: encoded and decoded. Canonical data comes back as it went in. */
function restored(state: GridState): GridState {
  const decoded: unknown = decodeCanonical(encodeCanonical(state));
  return decoded as GridState;
}
