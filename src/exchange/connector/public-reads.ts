// Reads of the public market: the book, the last price, a day's sums, settled rates. Where the exchange does not tell
// them itself, what the streams said answers as far as it goes; nothing is made up.

import { formatDecimal } from "../../base/decimal.ts";
import { bigNearestDiv } from "../../base/integer.ts";
import { milliTicks } from "../../market/amounts.ts";
import type { Instrument } from "../../market/instrument.ts";
import type { SettledRate, TradedDay } from "../../market/public-trade.ts";
import { boundedCount, optionalTime } from "../../rpc/fields.ts";
import type { Decimal } from "../../rpc/generated/google/type/decimal.ts";
import type {
  GetBookRequest,
  GetHistoricalFundingRatesRequest,
} from "../../rpc/generated/opensqt/market_maker/v1/exchange.ts";
import type { Book, FundingRate, Ticker } from "../../rpc/generated/opensqt/market_maker/v1/resources.ts";
import { unimplemented } from "../../rpc/refusal.ts";
import type { DayResult } from "../public-market.ts";
import { gridOf } from "../wire/grid.ts";
import { cutBook, lastOf, markDecimal, noRate, rateDecimal, wireBook } from "../wire/market-view.ts";
import { moneyDecimal } from "../wire/money-text.ts";
import type { ConnectorCore } from "./core.ts";
import type { MarketStreams } from "./market-streams.ts";
import type { Reads } from "./reads.ts";
import { noAnswer } from "./refusals.ts";
import { answered } from "./upstream.ts";

/** How long a read waits for a first book. */
const FIRST_MS = 3_000;
const PERCENT_SCALE = 4;

export interface PublicReadsOptions {
  readonly core: ConnectorCore;
  readonly markets: MarketStreams;
  readonly reads: Reads;
}

export class PublicReads {
  private readonly options: PublicReadsOptions;

  constructor(options: PublicReadsOptions) {
    this.options = options;
  }

  /** The book now, at most `depth` levels a side. */
  async book(request: GetBookRequest): Promise<Book> {
    const { core } = this.options;
    const instrument = core.instruments.named(request.symbol);
    const depth = boundedCount("depth", request.depth, { fallback: 50, max: 1_000 });
    return (await this.bookOf(instrument, depth)) ?? cutBook(await this.firstBook(instrument), depth);
  }

  /** Price of the last trade. */
  async latest(symbol: string): Promise<Decimal> {
    const { core } = this.options;
    const instrument = core.instruments.named(symbol);
    const last = lastOf(await this.day(symbol), instrument) ?? (await this.heardLast(symbol));
    if (last === undefined) throw noAnswer(core.exchange, `no trade of ${symbol} was seen yet`);
    return last;
  }

  async ticker(instrument: Instrument): Promise<Ticker> {
    const { core } = this.options;
    const { symbol } = instrument;
    const [day, top] = await Promise.all([this.day(symbol), this.bookOf(instrument, 1)]);
    const book = top ?? (await this.firstBook(instrument));
    return {
      exchange: core.exchange,
      symbol,
      lastPrice: lastOf(day, instrument) ?? (await this.heardLast(symbol)),
      bid: book.bids[0]?.price,
      ask: book.asks[0]?.price,
      ...changeOf(day, instrument),
      volume: day === null ? undefined : { value: gridOf(instrument.lotSize).text(day.volume) },
      // candles hold no turnover
      quoteVolume: day?.quoteVolume === undefined ? undefined : moneyDecimal(day.quoteVolume),
      openInterest: await this.openInterest(instrument),
      atMs: core.clock.nowMs(),
    };
  }

  /** Settled rates, oldest first: the first `limit` of a beginning, else the newest. */
  async settledRates(request: GetHistoricalFundingRatesRequest): Promise<FundingRate[]> {
    const { core } = this.options;
    const instrument = core.instruments.named(request.symbol);
    const limit = boundedCount("limit", request.limit, { fallback: 100, max: 1_000 });
    const fromMs = optionalTime("from_ms", request.fromMs);
    const asked = core.upstream.settledRates(instrument.symbol, fromMs);
    if (asked === null) throw unimplemented("GetHistoricalFundingRates");
    const { rates } = answered(await asked, core.exchange);
    const chosen = fromMs === 0 ? rates.slice(-limit) : rates.slice(0, limit);
    return chosen.map((rate) => settledRate(rate, instrument));
  }

  private async bookOf(instrument: Instrument, depth: number): Promise<Book | null> {
    const { core } = this.options;
    const asked = core.upstream.book(instrument.symbol, depth);
    if (asked === null) return null;
    const { book } = answered(await asked, core.exchange);
    return book === null ? null : wireBook(book, instrument, 0);
  }

  /** Nothing stands now: what comes within a moment. */
  private async firstBook({ symbol }: Instrument): Promise<Book> {
    const { core, markets } = this.options;
    const book = await markets.newestBook(symbol, FIRST_MS);
    if (book === null) throw noAnswer(core.exchange, `no book of ${symbol} came within ${FIRST_MS} ms`);
    return book;
  }

  /** Null where the exchange keeps no day. */
  private async day(symbol: string): Promise<TradedDay | null> {
    const { core } = this.options;
    const asked = core.upstream.day(symbol);
    if (asked === null) return null;
    return answered<Extract<DayResult, { result: "ok" }>>(await asked, core.exchange).day;
  }

  /** Absent where nobody counts it, or nobody answers: the rest of a ticker is worth telling without it. */
  private async openInterest({ symbol, lotSize }: Instrument): Promise<Decimal | undefined> {
    const told = await this.options.core.upstream.openInterest(symbol);
    return told?.result === "ok" ? { value: gridOf(lotSize).text(told.quantity) } : undefined;
  }

  private async heardLast(symbol: string): Promise<Decimal | undefined> {
    const { markets, reads } = this.options;
    const heard = markets.lastPriceOf(symbol);
    if (heard !== undefined) return heard;
    const [newest] = await reads.candles({ exchange: "", symbol, interval: "1m", limit: 1, fromMs: 0, toMs: 0 });
    return newest?.close;
  }
}

function changeOf(day: TradedDay | null, { tickSize }: Instrument): Pick<Ticker, "priceChange" | "priceChangePercent"> {
  if (day === null || day.first === null || day.last === null) {
    return { priceChange: undefined, priceChangePercent: undefined };
  }
  const change = day.last - day.first;
  const percent = bigNearestDiv(BigInt(change) * 100n * 10n ** BigInt(PERCENT_SCALE), BigInt(day.first));
  return {
    priceChange: { value: gridOf(tickSize).text(change) },
    priceChangePercent: { value: formatDecimal(percent, PERCENT_SCALE) },
  };
}

function settledRate({ ratePpt, mark, settledAtMs }: SettledRate, instrument: Instrument): FundingRate {
  return {
    ...noRate(instrument, settledAtMs),
    rate: rateDecimal(ratePpt),
    nextFundingTimeMs: settledAtMs + instrument.fundingIntervalMs,
    markPrice: markDecimal(instrument, milliTicks(mark)),
  };
}
