// A connector as a source: instruments, candles, orders, account, positions and feeds of one or more exchanges. One
// subscription a topic and exchange, whatever the number of browsers (LIVE-02).

import { fail, ok } from "../../base/result.ts";
import type { RpcClientOf } from "../../rpc/client.ts";
import {
  ExchangeServiceDefinition,
  type ExchangeServiceSubscribePositionsResponse,
  type SubscribeAccountResponse,
  type SubscribeFeedsResponse,
  type SubscribeKlinesResponse,
  type SubscribeOrdersResponse,
  type SubscribePriceResponse,
} from "../../rpc/generated/opensqt/market_maker/v1/exchange.ts";
import type { Position } from "../../rpc/generated/opensqt/market_maker/v1/resources.ts";
import { FeedKind } from "../../rpc/generated/opensqt/market_maker/v1/types.ts";
import { refusalOf } from "../../rpc/refusal.ts";
import type { ClassicKline, Instrument } from "../messages.ts";
import type { CandleKey, FeedReport, PlacedOrder } from "../picture-writer.ts";
import { padToTick } from "../plain.ts";
import type { CandleQuestion } from "../questions.ts";
import { intervalSeconds, joined, withTrade } from "./open-candle.ts";
import { type Asked, Source, type SourceOptions } from "./source.ts";
import { PROCESS_EVERY_MS, readUnlessUnknown, toldOf } from "./system-reads.ts";
import { candleOf, feedStateOf, fillOf, instrumentOf, orderOf, told, withoutAddresses } from "./words.ts";

/** Instruments shown when none are named: more is a list of names, not a console. */
const INSTRUMENTS_MAX = 50;
const FEED_LIMIT_MS = 5000;
const MEASURES_EVERY_MS = 5000;
/** Beyond this a feed's evidence is told by another clock than ours. */
const EVIDENCE_MS_MAX = 3_600_000;
const KLINES_MAX = 1000;
const REAL_TIME_PPM = 1_000_000;
/** A feed's action when it is about a bot's dead-man timer: `btc-grid: dead-man timer armed`. */
const DEAD_MAN = /^(.+): dead-man timer:? (.+)$/;

export interface ConnectorOptions extends SourceOptions {
  /** Empty = all of the connector's. */
  readonly instruments: readonly string[];
  readonly interval: string;
  readonly historyLimit: number;
  /** No engine tells fills: they are looked up here. */
  readonly looksUpFills: boolean;
  readonly forget: (of: CandleKey) => void;
}

interface Wanted {
  readonly of: CandleKey;
  count: number;
  readonly ending: AbortController;
}

export class ConnectorSource extends Source {
  private readonly own: ConnectorOptions;
  private readonly service: RpcClientOf<typeof ExchangeServiceDefinition>;
  private readonly wanted = new Map<string, Wanted>();
  private list: readonly Instrument[] = [];
  /** Open candles made of last prices, by exchange and symbol; null where the exchange tells open ones itself. */
  private readonly openCandles = new Map<string, ClassicKline | null>();
  /** What each exchange's clock said, and when that was by ours. */
  private readonly clocks = new Map<string, { nowMs: number; ratePpm: number; readMs: number }>();
  /** Dead-man timers by bot, in words. */
  private readonly deadMen = new Map<string, string>();
  private fillsFromMs = 0;

  constructor(options: ConnectorOptions) {
    super(options);
    this.own = options;
    this.tellProcess("connector", null);
    this.service = options.client.client(ExchangeServiceDefinition);
  }

  serves(exchange: string): boolean {
    return this.list.some((each) => each.exchange === exchange);
  }

  protected async run(): Promise<void> {
    if (!(await this.insist("first contact", () => this.readInstruments()))) return;
    const exchanges = new Set(this.list.map(({ exchange }) => exchange));
    for (const exchange of exchanges) this.holdExchange(exchange);
    this.repeat(
      "process",
      () => PROCESS_EVERY_MS,
      async () => {
        const [exchange = ""] = exchanges;
        const answer = await readUnlessUnknown(() => this.service.getProcess({ exchange }));
        this.tellProcess("connector", toldOf(answer?.process));
      },
    );
  }

  private async readInstruments(): Promise<void> {
    const { exchanges, name, environment } = await this.service.getName({});
    const list: Instrument[] = [];
    for (const exchange of exchanges.length === 0 ? [name] : exchanges)
      list.push(...(await this.instrumentsOf(exchange)));
    if (list.length === 0) throw refusalOf(new Error("the connector names no instrument"));
    this.list = list;
    const { picture } = this.options;
    picture.instruments(this.name, list);
    // an older release does not say: then only the simulated exchange is known not to be money
    const isSimulated = list.some(({ exchange }) => exchange === "simulated");
    picture.demo(this.name, environment === "" ? isSimulated : environment !== "live");
  }

  private async instrumentsOf(exchange: string): Promise<readonly Instrument[]> {
    const symbols: string[] = [];
    let pageToken = "";
    do {
      const page = await this.service.getSymbols({ exchange, pageSize: 1000, pageToken });
      symbols.push(...page.symbols);
      pageToken = page.nextPageToken;
    } while (pageToken !== "" && symbols.length < 100_000);
    const { instruments } = this.own;
    const shown =
      instruments.length === 0
        ? symbols.slice(0, INSTRUMENTS_MAX)
        : instruments.filter((each) => symbols.includes(each));
    const infos = await Promise.all(shown.map((symbol) => this.service.getSymbolInfo({ exchange, symbol })));
    return infos.flatMap(({ info }) => (info === undefined ? [] : [instrumentOf(info)]));
  }

  private named(exchange: string): readonly Instrument[] {
    return this.list.filter((each) => each.exchange === exchange);
  }

  private nameOf(exchange: string, symbol: string): string {
    return this.list.find((each) => each.exchange === exchange && each.symbol === symbol)?.name ?? symbol;
  }

  private holdExchange(exchange: string): void {
    const { service } = this;
    const symbols = this.named(exchange).map(({ symbol }) => symbol);
    this.holdCandles(exchange, symbols, this.own.interval);
    this.holdPrices(exchange, symbols);
    this.hold<SubscribeOrdersResponse>({
      name: `orders ${exchange}`,
      open: ({ resumeToken, signal }) =>
        service.subscribeOrders({ exchange, symbols: [], tag: "", resumeToken }, { signal }),
      snapshot: (items) => this.openOrders(exchange, items),
      update: (item) => this.orderUpdate(item),
    });
    this.hold<SubscribeAccountResponse>({
      name: `account ${exchange}`,
      open: ({ resumeToken, signal }) => service.subscribeAccount({ exchange, resumeToken }, { signal }),
      snapshot: (items) => {
        for (const item of items) this.account(exchange, item);
      },
      update: (item) => this.account(exchange, item),
    });
    this.hold<ExchangeServiceSubscribePositionsResponse>({
      name: `positions ${exchange}`,
      open: ({ resumeToken, signal }) => service.subscribePositions({ exchange, symbols: [], resumeToken }, { signal }),
      snapshot: (items) => {
        const positions = items.flatMap(({ position }) =>
          position === undefined ? [] : [this.position(exchange, position)],
        );
        this.options.picture.positions(exchange, positions);
      },
      update: ({ position }) => {
        if (position === undefined) return;
        const { of, position: shown } = this.position(exchange, position);
        this.options.picture.position(of, shown);
      },
    });
    this.hold<SubscribeFeedsResponse>({
      name: `feeds ${exchange}`,
      open: ({ resumeToken, signal }) => service.subscribeFeeds({ exchange, resumeToken }, { signal }),
      snapshot: (items) => {
        this.deadMen.clear();
        this.options.picture.measures(this.name, { deadMan: null });
        this.options.picture.feeds(
          this.name,
          items.flatMap((item) => this.feed(exchange, item)),
        );
      },
      update: (item) => {
        for (const feed of this.feed(exchange, item)) this.options.picture.feed(this.name, feed);
      },
    });
    this.repeat(
      `measures ${exchange}`,
      () => MEASURES_EVERY_MS,
      () => this.measures(exchange),
    );
  }

  // ------------------------------------------------------------------------------------------------- candles

  private holdCandles(exchange: string, symbols: readonly string[], interval: string, signal?: AbortSignal): void {
    const take = (candle: SubscribeKlinesResponse["candle"]): void => {
      const shown = candle === undefined ? null : candleOf(candle);
      if (candle === undefined || shown === null) return;
      if (!candle.isClosed && interval === this.own.interval)
        this.openCandles.set(`${exchange}|${candle.symbol}`, null);
      this.options.picture.candle({ exchange, symbol: candle.symbol, interval }, shown);
    };
    this.hold<SubscribeKlinesResponse>({
      name: `candles ${exchange} ${interval}${signal === undefined ? "" : ` ${symbols.join(" ")}`}`,
      ...(signal === undefined ? {} : { signal }),
      open: ({ resumeToken, signal: until }) =>
        this.service.subscribeKlines({ exchange, symbols: [...symbols], interval, resumeToken }, { signal: until }),
      snapshot: (items) => {
        for (const { candle } of items) take(candle);
        // what happened before, and while nobody was listening
        for (const symbol of symbols) {
          this.later(`history of ${symbol}`, async () => {
            const list = await this.history({ exchange, symbol, interval, before: 0, limit: KLINES_MAX });
            if (signal?.aborted !== true) this.options.picture.candles({ exchange, symbol, interval }, list);
          });
        }
      },
      update: ({ candle }) => take(candle),
    });
  }

  /** Last prices, for the candle that is still open where the exchange tells only closed ones. */
  private holdPrices(exchange: string, symbols: readonly string[]): void {
    const step = intervalSeconds(this.own.interval);
    if (step === null) return;
    this.hold<SubscribePriceResponse>({
      name: `prices ${exchange}`,
      open: ({ resumeToken, signal }) => {
        return this.service.subscribePrice({ exchange, symbols: [...symbols], resumeToken }, { signal });
      },
      snapshot: () => undefined,
      update: ({ symbol, last, bid, atMs }) => {
        const key = `${exchange}|${symbol}`;
        const before = this.openCandles.get(key);
        if (before === null) return;
        // how much was traded is told when the candle closes
        const seen = { price: told(last, told(bid, "")), quantity: "0", atMs };
        const candle = seen.price === "" ? null : withTrade(before ?? null, seen, step);
        if (candle === null) return;
        this.openCandles.set(key, candle);
        this.options.picture.candle({ exchange, symbol, interval: this.own.interval }, candle);
        this.longerCandles(exchange, symbol, candle.time);
      },
    });
  }

  /** Open candles of the intervals somebody looks at, from the shorter ones. */
  private longerCandles(exchange: string, symbol: string, time: number): void {
    for (const { of } of this.wanted.values()) {
      const step = intervalSeconds(of.interval);
      if (of.exchange !== exchange || of.symbol !== symbol || step === null) continue;
      const shorter = this.options.picture.lastCandles({ exchange, symbol, interval: this.own.interval }, 60);
      const candle = joined(shorter, Math.floor(time / step) * step);
      if (candle !== null) this.options.picture.candle(of, candle);
    }
  }

  private async history({
    exchange,
    symbol,
    interval,
    before,
    limit,
  }: CandleQuestion): Promise<readonly ClassicKline[]> {
    const asked = { exchange, symbol, interval, limit, fromMs: 0, toMs: before * 1000 };
    const { candles } = await this.service.getHistoricalKlines(asked, { signal: this.ending.signal });
    return candles.flatMap((candle) => candleOf(candle) ?? []);
  }

  async candles(question: CandleQuestion): Asked<readonly ClassicKline[]> {
    const { exchange, symbol } = question;
    const tick = this.list.find((each) => each.exchange === exchange && each.symbol === symbol)?.tick;
    if (tick === undefined) return fail(`${symbol} is not shown here`);
    const padded = (price: string): string => padToTick(price, tick) ?? price;
    try {
      const list = await this.history(question);
      return ok(
        list.map(({ time, open, high, low, close, volume }) => {
          return { time, open: padded(open), high: padded(high), low: padded(low), close: padded(close), volume };
        }),
      );
    } catch (error) {
      return fail(refusalOf(error).message);
    }
  }

  /** One more who looks at this interval; the subscription ends with the last. */
  want(of: CandleKey): () => void {
    const key = `${of.exchange}|${of.symbol}|${of.interval}`;
    const known = this.wanted.get(key) ?? { of, count: 0, ending: new AbortController() };
    if (known.count === 0) {
      this.wanted.set(key, known);
      this.holdCandles(of.exchange, [of.symbol], of.interval, known.ending.signal);
    }
    known.count += 1;
    let released = false;
    return () => {
      if (released) return;
      released = true;
      known.count -= 1;
      if (known.count > 0) return;
      known.ending.abort();
      this.wanted.delete(key);
      this.own.forget(of);
    };
  }

  // ------------------------------------------------------------------------------------------------- orders, account

  private openOrders(exchange: string, items: readonly SubscribeOrdersResponse[]): void {
    const open = items.flatMap(({ update }): PlacedOrder[] => {
      const order = update?.order;
      return order === undefined ? [] : [orderOf(order, this.nameOf(exchange, order.symbol))];
    });
    const alive = open.filter(({ order }) => order.gone !== true);
    const vanished = this.options.picture.orders(exchange, alive);
    for (const { of, order } of vanished) {
      // that it is not open says nothing of how it ended: ask
      this.later(`order ${order.clientOrder}`, async () => {
        const by = order.clientOrder === "" ? { orderId: order.id } : { clientOrderId: order.clientOrder };
        const { order: found } = await this.service.getOrder({ exchange, symbol: of.symbol, ...by });
        if (found !== undefined) this.options.picture.order(orderOf(found, this.nameOf(exchange, found.symbol)));
      });
    }
    if (this.own.looksUpFills) this.later(`fills of ${exchange}`, () => this.lookUpFills(exchange));
    this.later(`instruments of ${exchange}`, () => this.readInstruments());
  }

  private async lookUpFills(exchange: string): Promise<void> {
    const silent = this.fillsFromMs === 0;
    for (const { symbol } of this.named(exchange)) {
      const { fills } = await this.service.getFills({ exchange, symbol, cursor: "", fromMs: this.fillsFromMs });
      this.options.picture.fills(fills.map(fillOf), { silent });
      this.fillsFromMs = Math.max(this.fillsFromMs, ...fills.map(({ atMs }) => atMs));
    }
  }

  private orderUpdate({ update }: SubscribeOrdersResponse): void {
    const { picture } = this.options;
    const { order, lastFill } = update ?? {};
    if (lastFill !== undefined) picture.fill(fillOf(lastFill));
    if (order !== undefined) picture.order(orderOf(order, this.nameOf(order.exchange, order.symbol)));
  }

  private account(exchange: string, { account }: SubscribeAccountResponse): void {
    if (account === undefined) return;
    const { quoteAsset, availableBalance, totalWalletBalance, totalMarginBalance } = account;
    const balance = told(totalWalletBalance);
    this.options.picture.account(exchange, {
      asset: quoteAsset,
      free: told(availableBalance),
      balance,
      marginBalance: told(totalMarginBalance, balance),
    });
  }

  private position(exchange: string, position: Position) {
    const { symbol, size, entryPrice, unrealizedPnl } = position;
    return {
      of: { exchange, symbol },
      position: {
        symbol: this.nameOf(exchange, symbol),
        amount: told(size),
        entryPrice: told(entryPrice),
        unrealizedPnL: told(unrealizedPnl),
      },
    };
  }

  // ------------------------------------------------------------------------------------------------- feeds

  private feed(exchange: string, { meta, feed }: SubscribeFeedsResponse): readonly FeedReport[] {
    if (feed === undefined) return [];
    this.deadMan(feed.action);
    const kind = Object.entries(FeedKind).find(([, value]) => value === feed.kind)?.[0] ?? "OTHER";
    // how old the evidence was when it was sent, by the connector's own clock; from then on our monotonic clock counts
    const oldMs = feed.lastEvidenceMs === 0 ? 0 : (meta?.sentAtMs ?? 0) - feed.lastEvidenceMs;
    const plausible = oldMs >= 0 && oldMs <= EVIDENCE_MS_MAX ? oldMs : 0;
    const evidenceMs = this.options.monotonicMs() - plausible;
    const state = feedStateOf(feed.state);
    // the stream tells changes alone: while it is heard and says LIVE, the connector vouches for the feed
    const heardMs = (): number | null => (state === "LIVE" ? this.watch.heardMs(`feeds ${exchange}`) : evidenceMs);
    return [
      {
        id: `${this.name}/${kind}/${feed.symbol}`,
        source: this.name,
        kind,
        symbol: feed.symbol,
        state,
        limitMs: FEED_LIMIT_MS,
        lastAction: withoutAddresses(feed.action),
        receivedMs: heardMs,
      },
    ];
  }

  /** What became of a bot's dead-man timer comes as words beside the state of its orders. */
  private deadMan(action: string): void {
    const [, bot, words] = DEAD_MAN.exec(action) ?? [];
    if (bot === undefined || words === undefined) return;
    if (words === "off") this.deadMen.delete(bot);
    else this.deadMen.set(bot, words);
    const kind = [...this.deadMen].map(([id, state]) => `${state} for ${id}`).join(", ");
    this.options.picture.measures(this.name, { deadMan: kind === "" ? null : { kind, until: 0 } });
  }

  private async measures(exchange: string): Promise<void> {
    const { signal } = this.ending;
    const [budget, time] = await Promise.all([
      this.service.getRequestBudget({ exchange }, { signal }),
      this.service.getServerTime({ exchange }, { signal }),
    ]);
    this.options.picture.measures(this.name, {
      budget: budget.buckets.map(({ name, used, limit }) => ({ name, used, limit })),
      clock: {
        offset: time.offsetMs,
        error: time.errorMs,
        ...(time.ratePpm > 0 ? { ratePpm: time.ratePpm } : {}),
      },
    });
    if (time.nowMs > 0 && time.ratePpm > 0)
      this.clocks.set(exchange, { nowMs: time.nowMs, ratePpm: time.ratePpm, readMs: this.options.monotonicMs() });
  }

  /** Real ms since a moment of the exchange's clock, which may run ahead of ours and at another rate; null = not known. */
  sinceMs(exchange: string, atMs: number): number | null {
    const clock = this.clocks.get(exchange);
    if (clock === undefined) return null;
    return ((clock.nowMs - atMs) * REAL_TIME_PPM) / clock.ratePpm + this.options.monotonicMs() - clock.readMs;
  }
}
