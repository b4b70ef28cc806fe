// What everybody may know, by REST, and the account's funding payments: candles, books, a day's sums, settled rates.
// Read only, oldest first.

import { bigNearestDiv, toSafe } from "../../base/integer.ts";
import { lots, milliTicks, money } from "../../market/amounts.ts";
import { unitMoney } from "../../market/instrument.ts";
import type { SettledRate } from "../../market/public-trade.ts";
import type { CandleEvent, CandleInterval, FundingSettled } from "../../trading/event.ts";
import type { CandlesResult, FundingResult, Unavailable, Unstamped } from "../port.ts";
import type { BookResult, DayResult, RatesResult } from "../public-market.ts";
import { moneyOf, pptOf } from "./amount.ts";
import type { CallReply, Priority } from "./call.ts";
import type { Calls } from "./calls.ts";
import { decodeBook, decodeCandle, INTERVAL_MS } from "./decode.ts";
import type { ExchangeTable, FundingPayment } from "./exchanges/exchange-table.ts";
import type { CcxtInstrument, Instruments } from "./instruments.ts";
import { unavailable } from "./order-reads.ts";
import { decimalOf, listOf, type Raw, recordOf, recordsOf, wholeOf } from "./raw.ts";

export interface MarketReadsOptions {
  readonly table: ExchangeTable;
  readonly calls: Calls;
  readonly instruments: Instruments;
  readonly exchangeNowMs: () => number;
}

const PAGE = 1000;
const PAGES_MAX = 200;
/** A payment is booked within this of its settlement. */
const SETTLED_MS = 120_000;

export class MarketReads {
  private readonly options: MarketReadsOptions;

  constructor(options: MarketReadsOptions) {
    this.options = options;
  }

  /** The newest `count` closed candles. */
  async candles(request: {
    readonly symbol: string;
    readonly interval: CandleInterval;
    readonly count: number;
  }): Promise<CandlesResult> {
    const { symbol, interval, count } = request;
    const of = this.options.instruments.get(symbol);
    if (of === null) return unknownSymbol(symbol);
    const lengthMs = INTERVAL_MS[interval];
    const found = new Map<number, Unstamped<CandleEvent>>();
    let sinceMs = Math.floor(this.options.exchangeNowMs() / lengthMs) * lengthMs - count * lengthMs;
    while (found.size < count) {
      const limit = Math.min(PAGE, count - found.size + 1);
      const reply = await this.ask("fetchOHLCV", [symbol, interval, sinceMs, limit], 4);
      if (!reply.ok) return unavailable(reply.text);
      const about = { interval, lengthMs, nowMs: this.options.exchangeNowMs() };
      const before = found.size;
      for (const row of listOf(reply.value)) {
        const candle = decodeCandle(row, of, about);
        if (!candle.ok) return unavailable(candle.error);
        if (candle.value.closed) found.set(candle.value.openAtMs, candle.value);
        sinceMs = Math.max(sinceMs, candle.value.openAtMs + lengthMs);
      }
      if (found.size === before) break;
    }
    const candles = [...found.values()].sort((a, b) => a.openAtMs - b.openAtMs).slice(-count);
    return { result: "ok", candles };
  }

  async book(symbol: string, depth: number, priority: Priority): Promise<BookResult> {
    const of = this.options.instruments.get(symbol);
    if (of === null) return unknownSymbol(symbol);
    const limit = DEPTHS.find((each) => each >= depth) ?? 1000;
    const reply = await this.ask("fetchOrderBook", [symbol, limit], priority);
    if (!reply.ok) return unavailable(reply.text);
    const book = decodeBook(recordOf(reply.value), of, depth);
    if (!book.ok) return unavailable(book.error);
    // not every exchange dates its books
    const exchangeAtMs = book.value.exchangeAtMs || this.options.exchangeNowMs();
    return { result: "ok", book: { ...book.value, exchangeAtMs } };
  }

  async day(symbol: string): Promise<DayResult> {
    const of = this.options.instruments.get(symbol);
    if (of === null) return unknownSymbol(symbol);
    const reply = await this.ask("fetchTicker", [symbol], 3);
    if (!reply.ok) return unavailable(reply.text);
    const ticker = recordOf(reply.value);
    const first = of.steps.ticks(decimalOf(ticker["open"]) ?? "", "nearest");
    const last = of.steps.ticks(decimalOf(ticker["last"]) ?? "", "nearest");
    const volume = of.steps.lots(decimalOf(ticker["baseVolume"]) ?? "0", "down");
    const quoteVolume = moneyOf(decimalOf(ticker["quoteVolume"]));
    return {
      result: "ok",
      day: {
        first: first.ok ? first.value : null,
        last: last.ok ? last.value : null,
        volume: volume.ok ? volume.value : lots(0),
        ...(quoteVolume === null ? {} : { quoteVolume }),
      },
    };
  }

  async settledRates(symbol: string, sinceMs: number, priority: Priority): Promise<RatesResult> {
    const of = this.options.instruments.get(symbol);
    if (of === null) return unknownSymbol(symbol);
    if (of.instrument.kind === "spot") return { result: "ok", rates: [] };
    const entries = await this.pages("fetchFundingRateHistory", symbol, { sinceMs, priority });
    if ("result" in entries) return entries;
    const rates: SettledRate[] = [];
    for (const entry of entries.list) {
      const settledAtMs = wholeOf(entry["timestamp"]);
      const ratePpt = pptOf(decimalOf(entry["fundingRate"]));
      if (settledAtMs === null || ratePpt === null) return unavailable("a settled rate cannot be read");
      const mark = of.steps.milliTicks(decimalOf(recordOf(entry["info"])["markPrice"]) ?? "");
      rates.push({ symbol, settledAtMs, ratePpt, mark: mark.ok ? mark.value : 0 });
    }
    return { result: "ok", rates };
  }

  /** The account's own payments. Position and rate are those of the settlement they belong to. */
  async funding(symbol: string, sinceMs: number, priority: Priority): Promise<FundingResult> {
    const { table, instruments } = this.options;
    const of = instruments.get(symbol);
    if (of === null) return unknownSymbol(symbol);
    const entries = await this.pages("fetchFundingHistory", symbol, { sinceMs, priority });
    if ("result" in entries) return entries;
    if (entries.list.length === 0) return { result: "ok", settlements: [] };
    const known = await this.settledRates(symbol, sinceMs - SETTLED_MS, priority);
    if (known.result === "unavailable") return known;
    const settlements: Unstamped<FundingSettled>[] = [];
    for (const entry of entries.list) {
      const payment = table.fundingPayment(entry);
      const settled = payment === null ? null : settlementOf(payment, of, known.rates);
      if (settled === null) return unavailable("a funding payment cannot be read");
      settlements.push(settled);
    }
    return { result: "ok", settlements };
  }

  private ask(method: string, args: readonly unknown[], priority: Priority): Promise<CallReply> {
    return this.options.calls.read({ method, args }, priority);
  }

  /** A history by time, from its beginning to now; pages may be smaller than asked for. */
  private async pages(
    method: string,
    symbol: string,
    from: { readonly sinceMs: number; readonly priority: Priority },
  ): Promise<{ readonly list: readonly Raw[] } | Unavailable> {
    const seen = new Map<string, Raw>();
    let sinceMs = Math.max(0, from.sinceMs);
    for (let page = 0; page < PAGES_MAX; page += 1) {
      const limit = this.options.table.historyPageMax ?? PAGE;
      const reply = await this.ask(method, [symbol, sinceMs, limit], from.priority);
      if (!reply.ok) return unavailable(reply.text);
      if (!Array.isArray(reply.value)) return unavailable("a history that is no list");
      const before = seen.size;
      for (const entry of recordsOf(reply.value)) {
        seen.set(JSON.stringify(entry["info"]), entry);
        sinceMs = Math.max(sinceMs, wholeOf(entry["timestamp"]) ?? 0);
      }
      if (seen.size === before) {
        const list = [...seen.values()].filter((entry) => (wholeOf(entry["timestamp"]) ?? 0) >= from.sinceMs);
        return { list: list.sort((a, b) => (wholeOf(a["timestamp"]) ?? 0) - (wholeOf(b["timestamp"]) ?? 0)) };
      }
    }
    return unavailable("a history without an end");
  }
}

/** Depths every exchange serves or rounds up to. */
const DEPTHS = [5, 10, 20, 50, 100, 500, 1000];

const unknownSymbol = (symbol: string): Unavailable => unavailable(`${symbol} is no instrument of this connection`);

function settlementOf(
  payment: FundingPayment,
  of: CcxtInstrument,
  rates: readonly SettledRate[],
): Unstamped<FundingSettled> | null {
  const amount = moneyOf(payment.amount);
  if (amount === null) return null;
  const near = rates.filter(({ settledAtMs }) => Math.abs(settledAtMs - payment.atMs) <= SETTLED_MS);
  const rate = near.sort((a, b) => Math.abs(a.settledAtMs - payment.atMs) - Math.abs(b.settledAtMs - payment.atMs))[0];
  const ratePpt = pptOf(payment.rate) ?? rate?.ratePpt ?? 0;
  const told = of.steps.milliTicks(payment.mark ?? "");
  const mark = told.ok ? told.value : milliTicks(rate?.mark ?? 0);
  const held = of.steps.lots(payment.amountOfPosition ?? "");
  return {
    kind: "funding-settled",
    symbol: of.instrument.symbol,
    // what names it is the same in every read: rates are published after payments, and some milliseconds off them
    settledAtMs: payment.atMs,
    ratePpt,
    mark,
    positionLots: held.ok ? held.value : lots(positionBehind(of, { amount, ratePpt, mark })),
    amount: money(amount),
    ...(payment.asset === of.instrument.quote ? {} : { asset: payment.asset }),
  };
}

/** Who paid `amount` at this rate held this many lots: payment = −position × mark × rate. 0 where it cannot be told. */
function positionBehind(
  of: CcxtInstrument,
  { amount, ratePpt, mark }: { readonly amount: bigint; readonly ratePpt: number; readonly mark: number },
): number {
  const perLot = BigInt(mark) * unitMoney(of.instrument) * BigInt(ratePpt);
  return perLot === 0n ? 0 : toSafe(bigNearestDiv(-amount * 1_000_000_000_000_000n, perLot));
}
