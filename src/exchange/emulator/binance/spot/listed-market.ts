// One listed instrument with everything that is told publicly about it: its book with update ids, its tape, its
// candles.

import { toSafe } from "../../../../base/integer.ts";
import { unitMoney } from "../../../../market/instrument.ts";
import type { SimMarket } from "../../../../sim/market.ts";
import type { EmulatedInstrument, EmulatorWorld } from "../../world.ts";
import { meanText, moneyText, priceText, quantityText, quoteOf, ZERO_TEXT } from "./amounts.ts";
import { MarketBook } from "./market-book.ts";
import { DAY_MS, type Day, dayOf, type KeptTrade, TradeTape } from "./market-history.ts";

/** Update ids begin here, so that none is mistaken for a count of something. */
const FIRST_UPDATE_ID = 1_000_000;

export class ListedMarket {
  readonly symbol: string;
  readonly wireName: string;
  readonly market: SimMarket;
  readonly book: MarketBook;
  readonly tape = new TradeTape();

  constructor(world: EmulatorWorld, listed: EmulatedInstrument) {
    this.symbol = listed.instrument.symbol;
    this.wireName = listed.wireName;
    this.market = world.exchange.market(this.symbol);
    this.book = new MarketBook(this.market, FIRST_UPDATE_ID);
  }

  /** Price and quantity of the best level of a side; zeroes where there is none. */
  best(side: "buy" | "sell"): readonly [price: string, quantity: string] {
    const { market } = this;
    const price = market.best(side);
    if (price === 0) return [ZERO_TEXT, ZERO_TEXT];
    const [level] = market.levels(side, 1);
    return [priceText(market.instrument, price), quantityText(market.instrument, level?.[1] ?? 0)];
  }

  /** The mean of best bid and ask, or of the last price where a side is empty. */
  averagePrice(): string {
    const { market } = this;
    const bid = market.best("buy");
    const ask = market.best("sell");
    if (bid !== 0 && ask !== 0) return meanText(market.instrument, bid, ask);
    const last = market.candles.openMinute?.close ?? 0;
    return priceText(market.instrument, last);
  }

  lastPrice(): string {
    return priceText(this.market.instrument, this.market.candles.openMinute?.close ?? this.market.best("buy"));
  }

  day(nowMs: number): Day {
    return dayOf(this.market, nowMs);
  }

  /** `GET /api/v3/ticker/24hr` of this instrument. */
  ticker(nowMs: number): Record<string, unknown> {
    const { instrument } = this.market;
    const day = this.day(nowMs);
    const [bidPrice, bidQty] = this.best("buy");
    const [askPrice, askQty] = this.best("sell");
    const newest = this.tape.list(1, null)[0];
    return {
      symbol: this.wireName,
      ...change(this.market, day),
      weightedAvgPrice: weighted(this.market, day),
      prevClosePrice: priceText(instrument, day.open),
      lastPrice: this.lastPrice(),
      lastQty: newest === undefined ? ZERO_TEXT : quantityText(instrument, newest.trade.quantity),
      bidPrice,
      bidQty,
      askPrice,
      askQty,
      openPrice: priceText(instrument, day.open),
      highPrice: priceText(instrument, day.high),
      lowPrice: priceText(instrument, day.low),
      volume: quantityText(instrument, day.volume),
      quoteVolume: moneyText(day.quote),
      openTime: nowMs - DAY_MS,
      closeTime: nowMs,
      firstId: newest === undefined ? -1 : 1,
      lastId: newest?.id ?? -1,
      count: newest?.id ?? 0,
    };
  }

  /** One entry of `GET /api/v3/trades`. */
  publicTrade({ id, trade }: KeptTrade): unknown {
    const { instrument } = this.market;
    return {
      id,
      price: priceText(instrument, trade.price),
      qty: quantityText(instrument, trade.quantity),
      quoteQty: moneyText(quoteOf(instrument, trade.price, trade.quantity)),
      time: trade.exchangeAtMs,
      isBuyerMaker: trade.side === "sell",
      isBestMatch: true,
    };
  }

  /** One entry of `GET /api/v3/aggTrades`: each trade is told alone. */
  aggregateTrade({ id, trade }: KeptTrade): unknown {
    const { instrument } = this.market;
    return {
      a: id,
      p: priceText(instrument, trade.price),
      q: quantityText(instrument, trade.quantity),
      f: id,
      l: id,
      T: trade.exchangeAtMs,
      m: trade.side === "sell",
      M: true,
    };
  }
}

function change(market: SimMarket, day: Day): { readonly priceChange: string; readonly priceChangePercent: string } {
  const { instrument } = market;
  const moved = day.last - day.open;
  const sign = moved < 0 ? "-" : "";
  const percent = day.open === 0 ? 0 : Math.round((Math.abs(moved) * 100_000) / day.open);
  const thousandths = String(percent % 1_000).padStart(3, "0");
  return {
    priceChange: `${sign}${priceText(instrument, Math.abs(moved))}`,
    priceChangePercent: `${sign}${Math.floor(percent / 1_000)}.${thousandths}`,
  };
}

/** Quote volume by base volume, to eight digits. */
function weighted({ instrument }: SimMarket, day: Day): string {
  if (day.volume === 0) return ZERO_TEXT;
  const ticks = day.quote / (BigInt(day.volume) * unitMoney(instrument));
  return priceText(instrument, toSafe(ticks));
}
