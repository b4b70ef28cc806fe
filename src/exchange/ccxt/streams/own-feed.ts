// The account's own events from its private socket, frame by frame in the frames' order (EXCH-18, EXCH-37): ccxt's
// parsers read the records, the memories see to it that each thing is told once and moves forward only.

import type { Log } from "../../../observe/log.ts";
import type { FillEvent, OrderEvent } from "../../../trading/event.ts";
import type { StreamMessage, Unstamped } from "../../port.ts";
import type { CcxtInstance } from "../ccxt-instance.ts";
import type { CcxtReads } from "../ccxt-reads.ts";
import { decodeFill, decodeOrder } from "../decode.ts";
import type { ExchangeTable } from "../exchanges/exchange-table.ts";
import type { CcxtInstrument, Instruments } from "../instruments.ts";
import { type Raw, recordOf, textOf } from "../raw.ts";
import type { FillMemory, OrderMemory } from "./fill-memory.ts";
import type { PrivateNews } from "./stream-table.ts";

export interface OwnFeedOptions {
  readonly instance: CcxtInstance;
  readonly table: ExchangeTable;
  readonly reads: CcxtReads;
  readonly instruments: Instruments;
  readonly log: Log;
  readonly fills: FillMemory;
  readonly orders: OrderMemory;
  tell(symbol: string, message: StreamMessage): void;
  /** The stream spoke of an order, new to us or not. */
  heardOrder(order: Unstamped<OrderEvent>): void;
  heardFill(fill: Unstamped<FillEvent>): void;
  /** An event of ours cannot be read: nothing is known of what it said until everything was read again (TEST-28). */
  unreadable(text: string): void;
  /** An order's word is none that ccxt maps: it counts as open until it is looked up. */
  lookUp(order: Unstamped<OrderEvent>): void;
}

/** ccxt's own words for states of orders. */
const WORDS: ReadonlySet<string> = new Set(["open", "closed", "canceled", "canceling", "expired", "rejected"]);

type RecordNews = Extract<PrivateNews, { kind: "order" | "fill" }>;

export class OwnFeed {
  private readonly options: OwnFeedOptions;

  constructor(options: OwnFeedOptions) {
    this.options = options;
  }

  hear(news: RecordNews): void {
    const of = this.options.instruments.byWireName(news.wireName);
    if (of === null) return;
    const record = this.parsed(news, of);
    if (record === null) return;
    if (news.kind === "order") this.order(record, of);
    else this.fill(record, of, news.clientOrderId);
  }

  /** An order from whatever source, told if it says something new. */
  tellOrder(order: Unstamped<OrderEvent>): boolean {
    const next = this.options.orders.take(order);
    if (next === null) return false;
    this.options.tell(order.symbol, next);
    return true;
  }

  /** A fill from whatever source, told if it was not told before. */
  tellFill(fill: Unstamped<FillEvent>): boolean {
    if (!this.options.fills.take(fill)) return false;
    this.options.tell(fill.symbol, fill);
    return true;
  }

  private order(record: Raw, of: CcxtInstrument): void {
    const { table, log, reads } = this.options;
    const order = decodeOrder(record, of, { table, source: "stream" });
    if (!order.ok) {
      log.error("an order's update cannot be read", { symbol: of.instrument.symbol, why: order.error });
      this.options.unreadable(`an update of an order of ${of.instrument.symbol} cannot be read`);
      return;
    }
    reads.remember(order.value.exchangeOrderId, order.value.clientOrderId);
    this.options.heardOrder(order.value);
    this.tellOrder(order.value);
    const word = textOf(record["status"]) ?? "";
    if (WORDS.has(word)) return;
    log.warn("an order's state has an unknown word; it counts as open until it is looked up", {
      clientOrderId: order.value.clientOrderId,
      word,
    });
    this.options.lookUp(order.value);
  }

  private fill(record: Raw, of: CcxtInstrument, said: string | null): void {
    const { table, log, reads } = this.options;
    const clientOrderId = said ?? reads.clientOrderIdOf(textOf(record["order"]) ?? "");
    const fill = decodeFill(record, of, { table, clientOrderId });
    if (!fill.ok) {
      log.error("a fill cannot be read", { symbol: of.instrument.symbol, why: fill.error });
      this.options.unreadable(`a fill of ${of.instrument.symbol} cannot be read`);
      return;
    }
    this.options.heardFill(fill.value);
    this.tellFill(fill.value);
  }

  private parsed(news: RecordNews, of: CcxtInstrument): Raw | null {
    const { instance, log } = this.options;
    const market = instance.market(of.instrument.symbol) ?? undefined;
    try {
      return recordOf(instance.parse(news.parser, news.raw, market));
    } catch (error) {
      const why = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      log.error("ccxt cannot read a private record", { symbol: of.instrument.symbol, parser: news.parser, why });
      this.options.unreadable(`an event of ${of.instrument.symbol} cannot be read`);
      return null;
    }
  }
}
