// What live-server knows, in memory and bounded (LIVE-04): sources write it, a hub listens to its changes, and the opening
// of a connection is read from it. It asks nobody and keeps nothing on disk.

import { AlertBook } from "./alert-book.ts";
import { CandleBook } from "./candle-book.ts";
import { FeedBoard } from "./feed-board.ts";
import { FillBook } from "./fill-book.ts";
import type {
  Alert,
  Bot,
  ClassicAccount,
  ClassicKline,
  ClassicPosition,
  Fill,
  Instrument,
  LogLine,
  Pnl,
  PnlPoint,
  Risk,
  Slots,
} from "./messages.ts";
import { OrderBook } from "./order-book.ts";
import type {
  CandleKey,
  FeedReport,
  InstrumentKey,
  Measures,
  OrderKey,
  PictureWriter,
  PlacedOrder,
  SourceReport,
} from "./picture-writer.ts";
import { isZero, padToTick } from "./plain.ts";
import { type Body, CURVE_POINTS_MAX, LOG_LINES_MAX, Update, type UpdateParts } from "./update.ts";

/** Pace of section 4: per key and second. */
const KLINE_PER_SECOND = 10;
const STATE_PER_SECOND = 4;
const LOG_MAX = 1000;
/** Fills and alerts of a whole list. */
export const FILLS_LISTED = 200;
export const ALERTS_LISTED = 100;

export const instrumentKey = ({ exchange, symbol }: InstrumentKey): string => `${exchange}|${symbol}`;
export const candleKey = (of: CandleKey): string => `${instrumentKey(of)}|${of.interval}`;
const orderOf = ({ bot, exchange, symbol }: OrderKey): OrderKey => ({ bot, exchange, symbol });

export class Picture implements PictureWriter {
  /** Grows with each change. */
  version = 0;
  readonly orderBook = new OrderBook();
  readonly fillBook = new FillBook();
  readonly alertBook = new AlertBook();
  readonly board: FeedBoard;
  readonly candleBooks = new Map<string, { readonly of: CandleKey; readonly book: CandleBook }>();
  readonly accountsOf = new Map<string, Map<string, Omit<ClassicAccount, "symbol">>>();
  readonly positionsOf = new Map<string, { readonly of: InstrumentKey; readonly position: ClassicPosition }>();
  readonly botsOf = new Map<string, { readonly source: string; readonly bot: Bot }>();
  readonly slotsOf = new Map<string, { readonly of: OrderKey; readonly slots: Slots }>();
  readonly pnlOf = new Map<string, Omit<Pnl, "curve">>();
  readonly curveOf = new Map<string, PnlPoint[]>();
  readonly riskOf = new Map<string, Risk>();
  readonly demoOf = new Map<string, boolean>();
  readonly logLines: LogLine[] = [];
  readonly doorsOf = new Map<string, readonly { readonly bot: string; readonly url: string }[]>();
  private readonly historyLimit: number;
  private readonly instrumentsOf = new Map<string, readonly Instrument[]>();
  private byKey = new Map<string, Instrument>();
  private readonly listeners = new Set<(update: Update) => void>();

  /** `monotonicMs`: what ages are told by; `historyLimit`: candles of one history. */
  constructor(options: { readonly monotonicMs: () => number; readonly historyLimit: number }) {
    this.board = new FeedBoard(options.monotonicMs);
    this.historyLimit = options.historyLimit;
  }

  listen(listener: (update: Update) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private tell(body: Body, parts: Omit<UpdateParts, "body" | "version"> = {}): void {
    this.version += 1;
    if (this.listeners.size === 0) return;
    const update = new Update({ ...parts, body, version: this.version });
    for (const listener of this.listeners) listener(update);
  }

  // ------------------------------------------------------------------------------------------------- instruments

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

  private priced(of: InstrumentKey, price: string): string {
    return padToTick(price, this.instrument(of)?.tick ?? "1") ?? price;
  }

  // ------------------------------------------------------------------------------------------------- candles

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

  // ------------------------------------------------------------------------------------------------- orders, fills

  private ready(placed: PlacedOrder): PlacedOrder {
    const { order } = placed;
    const of = orderOf(placed.of);
    const slot = order.slot !== "" ? order.slot : this.slotOf(order.clientOrder, order.bot);
    return { of, order: { ...order, price: this.priced(of, order.price), slot } };
  }

  private slotOf(clientOrder: string, bot: string): string {
    const ladder = this.slotsOf.get(bot)?.slots.slots ?? [];
    return ladder.find(({ order }) => order?.id === clientOrder)?.slot ?? "";
  }

  orders(exchange: string, list: readonly PlacedOrder[]): readonly PlacedOrder[] {
    const { classic, vanished } = this.orderBook.replace(
      exchange,
      list.map((each) => this.ready(each)),
    );
    const all = this.orderBook.all().map(({ order }) => order);
    this.tell({ type: "orders", of: {}, data: { all } }, { audience: "console" });
    for (const placed of classic) this.tellOrder(placed, "classic");
    return vanished;
  }

  order(told: PlacedOrder): void {
    const placed = this.ready(told);
    const { changed, classic } = this.orderBook.put(placed);
    if (changed) this.tellOrder(placed, classic === null ? "console" : "all");
  }

  private tellOrder({ of, order }: PlacedOrder, audience: "all" | "console" | "classic"): void {
    const { id, price, side, status, type, symbol } = order;
    const classic =
      audience === "console" ? null : ({ type: "orders", data: { id, price, side, status, type, symbol } } as const);
    this.tell({ type: "orders", of, data: order }, { classic, name: order.symbol, audience });
  }

  fills(list: readonly Fill[], { silent }: { readonly silent: boolean }): void {
    const changes = list.map((each) => this.fillBook.put(this.pricedFill(each)));
    if (changes.every(({ result }) => result === "known")) return;
    this.tell({ type: "fills", of: {}, data: { all: this.fillBook.last(FILLS_LISTED) } }, { audience: "console" });
    if (silent) return;
    const news = changes.filter(({ result }) => result === "new").map(({ fill }) => fill);
    for (const fill of news.sort((a, b) => a.at - b.at)) this.tellTrade(fill);
  }

  fill(told: Fill): void {
    const { result, fill } = this.fillBook.put(this.pricedFill(told));
    if (result === "known") return;
    const { bot, exchange, symbol } = fill;
    this.tell({ type: "fills", of: { bot, exchange, symbol }, data: fill });
    if (result === "new") this.tellTrade(fill);
  }

  private pricedFill(fill: Fill): Fill {
    return { ...fill, price: this.priced(fill, fill.price) };
  }

  private tellTrade(fill: Fill): void {
    const { bot, exchange, symbol } = fill;
    const name = this.nameOf(fill);
    const data = {
      side: fill.side === "BUY" ? "buy" : "sell",
      price: fill.price,
      amount: fill.qty,
      symbol: name,
      time: Math.floor(fill.at / 1000),
    } as const;
    const classic = { type: "trade_event", data } as const;
    this.tell({ type: "trade_event", of: { bot, exchange, symbol }, data }, { classic, name });
  }

  // ------------------------------------------------------------------------------------------------- account

  account(exchange: string, { asset, free, balance, marginBalance }: Omit<ClassicAccount, "symbol">): void {
    const told = { asset, free, balance, marginBalance };
    const known = this.accountsOf.get(exchange) ?? new Map<string, Omit<ClassicAccount, "symbol">>();
    if (JSON.stringify(known.get(asset)) === JSON.stringify(told)) return;
    known.set(asset, told);
    this.accountsOf.set(exchange, known);
    const data = { ...told, symbol: this.instrumentList().find((each) => each.exchange === exchange)?.name ?? "" };
    this.tell(
      { type: "account", of: { exchange }, data },
      { key: `account|${exchange}|${asset}`, classic: { type: "account", data } },
    );
  }

  position(of: InstrumentKey, told: ClassicPosition): void {
    const { symbol, amount, entryPrice, unrealizedPnL } = told;
    const isFlat = isZero(amount);
    const entry = isFlat ? "0" : this.priced(of, entryPrice);
    const data = { symbol, amount: isFlat ? "0" : amount, entryPrice: entry, unrealizedPnL };
    const key = instrumentKey(of);
    const known = this.positionsOf.get(key);
    if (JSON.stringify(known?.position) === JSON.stringify(data)) return;
    if (known === undefined && data.amount === "0") return;
    if (data.amount === "0") this.positionsOf.delete(key);
    else this.positionsOf.set(key, { of: { exchange: of.exchange, symbol: of.symbol }, position: data });
    this.tell(
      { type: "position", of: { exchange: of.exchange, symbol: of.symbol }, data },
      { key: `position|${key}`, perSecond: STATE_PER_SECOND, classic: { type: "position", data }, name: symbol },
    );
  }

  positions(
    exchange: string,
    list: readonly { readonly of: InstrumentKey; readonly position: ClassicPosition }[],
  ): void {
    const listed = new Set(list.map(({ of }) => instrumentKey(of)));
    for (const { of, position } of this.positionsOf.values()) {
      if (of.exchange !== exchange || listed.has(instrumentKey(of))) continue;
      this.position(of, { symbol: position.symbol, amount: "0", entryPrice: "0", unrealizedPnL: "0" });
    }
    for (const { of, position } of list) this.position(of, position);
  }

  // ------------------------------------------------------------------------------------------------- bots

  demo(source: string, simulated: boolean): void {
    this.version += 1;
    this.demoOf.set(source, simulated);
  }

  doors(source: string, list: readonly { readonly bot: string; readonly url: string }[]): void {
    this.version += 1;
    this.doorsOf.set(source, list);
  }

  bots(source: string, list: readonly Bot[]): void {
    const listed = new Set(list.map(({ id }) => id));
    for (const [id, known] of this.botsOf) if (known.source === source && !listed.has(id)) this.forgetBot(id);
    for (const bot of list) this.botsOf.set(bot.id, { source, bot });
    const all = [...this.botsOf.values()].map(({ bot }) => bot);
    this.tell({ type: "bots", of: {}, data: { all } }, { supersedes: "bots|" });
  }

  bot(source: string, bot: Bot): void {
    this.botsOf.set(bot.id, { source, bot });
    this.tell({ type: "bots", of: { bot: bot.id }, data: bot }, { key: `bots|${bot.id}`, perSecond: STATE_PER_SECOND });
  }

  botGone(source: string, id: string): void {
    if (this.botsOf.get(id)?.source !== source) return;
    this.forgetBot(id);
    this.tell({ type: "bots", of: { bot: id }, data: { id, gone: true } }, { key: `bots|${id}` });
  }

  private forgetBot(id: string): void {
    for (const map of [this.botsOf, this.slotsOf, this.pnlOf, this.curveOf, this.riskOf]) map.delete(id);
  }

  slots(told: OrderKey, slots: Slots): void {
    const of = orderOf(told);
    this.slotsOf.set(of.bot, { of, slots });
    this.tell({ type: "slots", of, data: slots }, { key: `slots|${of.bot}`, perSecond: STATE_PER_SECOND });
    for (const { order, slot } of slots.slots) {
      const placed = order === null ? null : this.orderBook.place(of.exchange, order.id, slot);
      if (placed !== null) this.tellOrder(placed, "console");
    }
  }

  pnl(bot: string, pnl: Omit<Pnl, "curve">): void {
    this.pnlOf.set(bot, pnl);
    this.tellPnl(bot, []);
  }

  curve(bot: string, points: readonly PnlPoint[]): void {
    const known = this.curveOf.get(bot) ?? [];
    const newest = known.at(-1)?.[0] ?? -1;
    const news = points.filter(([at]) => at > newest);
    if (news.length === 0) return;
    known.push(...news.slice(-CURVE_POINTS_MAX));
    if (known.length > CURVE_POINTS_MAX) known.splice(0, known.length - CURVE_POINTS_MAX);
    this.curveOf.set(bot, known);
    this.tellPnl(bot, news);
  }

  /** Time of the newest point of a curve, Unix ms; 0 = there is none. */
  newestPoint(bot: string): number {
    return this.curveOf.get(bot)?.at(-1)?.[0] ?? 0;
  }

  private tellPnl(bot: string, curve: readonly PnlPoint[]): void {
    const pnl = this.pnlOf.get(bot);
    if (pnl === undefined) return;
    this.tell(
      { type: "pnl", of: { bot }, data: curve.length === 0 ? pnl : { ...pnl, curve } },
      { key: `pnl|${bot}`, perSecond: STATE_PER_SECOND },
    );
  }

  risk(bot: string, risk: Risk): void {
    this.riskOf.set(bot, risk);
    this.tell({ type: "risk", of: { bot }, data: risk }, { key: `risk|${bot}`, perSecond: STATE_PER_SECOND });
  }

  // ------------------------------------------------------------------------------------------------- the system

  feeds(source: string, list: readonly FeedReport[]): void {
    this.board.replace(source, list);
    this.tellFeeds();
  }

  feed(source: string, feed: FeedReport): void {
    this.board.put(source, feed);
    this.tellFeeds();
  }

  source(report: SourceReport): void {
    this.board.source(report);
    this.tellFeeds();
  }

  measures(source: string, measures: Measures): void {
    this.board.measure(source, measures);
    this.tellFeeds();
  }

  /** Tells the feeds with their ages of now; whoever runs the picture calls it once a second. */
  tellFeeds(): void {
    this.tell({ type: "feeds", of: {}, data: this.board.read() }, { key: "feeds", perSecond: STATE_PER_SECOND });
  }

  alerts(source: string, list: readonly Alert[]): void {
    this.alertBook.replace(source, list);
    this.tell({ type: "alerts", of: {}, data: { all: this.alertBook.last(ALERTS_LISTED) } });
  }

  alert(source: string, alert: Alert): void {
    if (!this.alertBook.put(source, alert)) return;
    this.tell({ type: "alerts", of: alert.bot === "" ? {} : { bot: alert.bot }, data: alert });
  }

  log(lines: readonly LogLine[], dropped = 0): void {
    this.logLines.push(...lines.slice(-LOG_MAX));
    if (this.logLines.length > LOG_MAX) this.logLines.splice(0, this.logLines.length - LOG_MAX);
    const data = { lines: lines.slice(-LOG_LINES_MAX), dropped: dropped + Math.max(0, lines.length - LOG_LINES_MAX) };
    this.tell({ type: "log", of: {}, data }, { key: "log", perSecond: STATE_PER_SECOND });
  }
}
