// Each word of the port through its message of the API: encoded to bytes, decoded, and read by the production readers.
// Null where they find it unreadable.

import type { Instruments } from "../../src/exchange/connector/instruments.ts";
import type { AccountResult, StreamMessage, Unstamped } from "../../src/exchange/port.ts";
import {
  marginOf,
  portAccount,
  portMargin,
  portPayment,
  wireAccount,
  wirePayment,
} from "../../src/exchange/wire/account-view.ts";
import {
  markDecimal,
  markOf,
  portBook,
  portCandle,
  portFeed,
  rateDecimal,
  ratePptOf,
  wireBook,
  wireCandle,
  wireFeed,
} from "../../src/exchange/wire/market-view.ts";
import { portFill, portOrder, wireFill, wireOrder } from "../../src/exchange/wire/order-view.ts";
import { instrumentOf, symbolInfoOf } from "../../src/exchange/wire/symbol-info.ts";
import type { Instrument } from "../../src/market/instrument.ts";
import { Feed, OrderUpdate } from "../../src/rpc/generated/opensqt/market_maker/v1/events.ts";
import {
  Account,
  Book,
  Candle,
  FundingPayment,
  FundingRate,
  Order,
  SymbolInfo,
} from "../../src/rpc/generated/opensqt/market_maker/v1/resources.ts";
import type { AccountEvent, CandleEvent, FillEvent, FundingSettled, OrderEvent } from "../../src/trading/event.ts";

interface Message<T> {
  encode(message: T): { finish(): Uint8Array };
  decode(bytes: Uint8Array): T;
}

const through = <T>(message: Message<T>, value: T): T => message.decode(message.encode(value).finish());

export class Coder {
  private readonly instruments: Instruments;
  private books = 0;

  constructor(instruments: Instruments) {
    this.instruments = instruments;
  }

  instrument(instrument: Instrument): Instrument {
    this.instruments.set(instrument, 0);
    const read = instrumentOf(through(SymbolInfo, symbolInfoOf(instrument, 0)));
    if (!read.ok) throw new Error(`${instrument.symbol} cannot be held by the API: ${read.error}`);
    return read.value;
  }

  order(order: Unstamped<OrderEvent>, source: OrderEvent["source"]): Unstamped<OrderEvent> | null {
    const instrument = this.of(order.symbol);
    return portOrder(through(Order, wireOrder(order, instrument, null)), instrument, source);
  }

  fill(fill: Unstamped<FillEvent>): Unstamped<FillEvent> | null {
    const instrument = this.of(fill.symbol);
    const update = OrderUpdate.fromPartial({ lastFill: wireFill(fill, instrument, ""), cause: "fill" });
    const { lastFill } = through(OrderUpdate, update);
    return lastFill === undefined ? null : portFill(lastFill, instrument);
  }

  account(symbol: string, view: Extract<AccountResult, { result: "ok" }>): AccountResult {
    const instrument = this.of(symbol);
    // the exchange's answer holds every position; each is read by its own instrument
    const positions = view.positions.filter((position) => position.symbol === symbol);
    return portAccount(through(Account, wireAccount([[instrument, { ...view, positions }]], 0)), instrument);
  }

  payment(settled: Unstamped<FundingSettled>): Unstamped<FundingSettled> {
    const instrument = this.of(settled.symbol);
    return portPayment(through(FundingPayment, wirePayment(settled, instrument)), instrument);
  }

  candle(candle: Unstamped<CandleEvent>): Unstamped<CandleEvent> | null {
    const instrument = this.of(candle.symbol);
    return portCandle(through(Candle, wireCandle(candle, instrument)), instrument);
  }

  /** A message of the streams; null when it says nothing that could be repeated. */
  heard(message: StreamMessage): StreamMessage | null {
    switch (message.kind) {
      case "book": {
        const instrument = this.of(message.symbol);
        this.books += 1;
        return portBook(through(Book, wireBook(message, instrument, this.books)), instrument, message.replaced);
      }
      case "candle":
        return this.candle(message);
      case "order":
        return this.order(message, message.source);
      case "fill":
        return this.fill(message);
      case "account":
        return this.margin(message);
      case "funding-settled":
        return this.payment(message);
      case "mark": {
        const instrument = this.of(message.symbol);
        const told = FundingRate.fromPartial({
          symbol: message.symbol,
          markPrice: markDecimal(instrument, message.mark),
        });
        const mark = markOf(through(FundingRate, told).markPrice, instrument);
        return mark === null ? null : { ...message, mark };
      }
      case "funding-rate": {
        const { symbol, nextAtMs } = message;
        const told = FundingRate.fromPartial({
          symbol,
          rate: rateDecimal(message.ratePpt),
          nextFundingTimeMs: nextAtMs,
        });
        const read = through(FundingRate, told);
        const ratePpt = ratePptOf(read.rate);
        return ratePpt === null ? null : { ...message, ratePpt, nextAtMs: read.nextFundingTimeMs };
      }
      case "instrument":
        return { ...message, instrument: this.instrument(message.instrument) };
      case "feed": {
        const read = through(Feed, Feed.fromPartial({ kind: wireFeed(message.feed) }));
        const feed = portFeed(read.kind);
        return feed === null ? null : { ...message, feed };
      }
      case "trades":
      case "position":
        return message;
    }
  }

  private margin(message: Unstamped<AccountEvent>): Unstamped<AccountEvent> | null {
    const instrument = this.instruments.all[0];
    if (instrument === undefined) return null;
    const told = Account.fromPartial({ quoteAsset: instrument.quote, ...marginOf(message) });
    return portMargin(through(Account, told), instrument);
  }

  private of(symbol: string): Instrument {
    return this.instruments.traded("symbol", symbol);
  }
}
