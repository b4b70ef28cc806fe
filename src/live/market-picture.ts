// What live-server knows of instruments and their candles, and how a change of the picture reaches those who listen. It
// asks nobody.

import { CandleBook } from "./candle-book.ts";
import type { ClassicKline, Instrument } from "./messages.ts";
import type { CandleKey, InstrumentKey } from "./picture-writer.ts";
import { padToTick } from "./plain.ts";
import { type Body, Update, type UpdateParts } from "./update.ts";

/** Pace of section 4: per key and second. */
const KLINE_PER_SECOND = 10;

export const instrumentKey = ({ exchange, symbol }: InstrumentKey): string => `${exchange}|${symbol}`;
const candleKey = (of: CandleKey): string => `${instrumentKey(of)}|${of.interval}`;

export class MarketPicture {
  /** Grows with each change. */
  version = 0;
  readonly candleBooks = new Map<string, { readonly of: CandleKey; readonly book: CandleBook }>();
  private readonly historyLimit: number;
  private readonly instrumentsOf = new Map<string, readonly Instrument[]>();
  private byKey = new Map<string, Instrument>();
  private readonly listeners = new Set<(update: Update) => void>();

  /** `historyLimit`: candles of one history. */
  constructor(options: { readonly historyLimit: number }) {
    this.historyLimit = options.historyLimit;
  }

  listen(listener: (update: Update) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  protected tell(body: Body, parts: Omit<UpdateParts, "body" | "version"> = {}): void {
    this.version += 1;
    if (this.listeners.size === 0) return;
    const update = new Update({ ...parts, body, version: this.version });
    for (const listener of this.listeners) listener(update);
  }

  instruments(source: string, list: readonly Instrument[]): void {
    this.version += 1;
    this.instrumentsOf.set(source, list);
    this.byKey = new Map([...this.instrumentsOf.values()].flat().map((each) => [instrumentKey(each), each]));
  }

  instrumentList(): readonly Instrument[] {
    return [...this.byKey.values()];
  }

  instrument(of: InstrumentKey): Instrument | null {
    return this.byKey.get(instrumentKey(of)) ?? null;
  }

  /** The exchange's name; ours where the exchange's is not known yet. */
  nameOf(of: InstrumentKey): string {
    return this.instrument(of)?.name ?? of.symbol;
  }

  protected priced(of: InstrumentKey, price: string): string {
    return padToTick(price, this.instrument(of)?.tick ?? "1") ?? price;
  }

  private bookOf(of: CandleKey): CandleBook {
    const key = candleKey(of);
    const known = this.candleBooks.get(key);
    if (known !== undefined) return known.book;
    const book = new CandleBook();
    const { exchange, symbol, interval } = of;
    this.candleBooks.set(key, { of: { exchange, symbol, interval }, book });
    return book;
  }

  private padded(of: InstrumentKey, { time, open, high, low, close, volume }: ClassicKline): ClassicKline {
    const price = (text: string): string => this.priced(of, text);
    return { time, open: price(open), high: price(high), low: price(low), close: price(close), volume };
  }

  candles(of: CandleKey, list: readonly ClassicKline[]): void {
    const book = this.bookOf(of);
    const newest = book.newest;
    const changed = list.map((each) => this.padded(of, each)).filter((each) => book.put(each));
    if (changed.length === 0) return;
    const { of: key } = this.candleBooks.get(candleKey(of)) ?? { of };
    this.tell(
      { type: "history", of: key, data: book.last(this.historyLimit) },
      { audience: "console", supersedes: `kline|${candleKey(of)}|` },
    );
    // classic connections get their history once: what happened meanwhile comes as candles
    if (newest === 0) return;
    for (const candle of changed.filter(({ time }) => time >= newest)) this.tellCandle(key, candle, "classic");
  }

  candle(of: CandleKey, candle: ClassicKline): void {
    const padded = this.padded(of, candle);
    if (!this.bookOf(of).put(padded)) return;
    this.tellCandle(this.candleBooks.get(candleKey(of))?.of ?? of, padded, "all");
  }

  private tellCandle(of: CandleKey, data: ClassicKline, audience: "all" | "classic"): void {
    this.tell(
      { type: "kline", of, data },
      {
        // the open time is part of the key: the close of a candle is not replaced by the next one's beginning
        key: `kline|${candleKey(of)}|${data.time}`,
        perSecond: KLINE_PER_SECOND,
        classic: { type: "kline", data },
        name: this.nameOf(of),
        audience,
      },
    );
  }

  lastCandles(of: CandleKey, count: number): readonly ClassicKline[] {
    return this.candleBooks.get(candleKey(of))?.book.last(count) ?? [];
  }

  forgetCandles(of: CandleKey): void {
    this.candleBooks.delete(candleKey(of));
  }
}
