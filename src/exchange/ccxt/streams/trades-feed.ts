// The public tape of one instrument: every trade once for who wants them singly, sums for bots. Where the exchange
// numbers its trades, a jump of the numbers is told.

import { lots, ticks } from "../../../market/amounts.ts";
import type { PublicTrade } from "../../../market/public-trade.ts";
import type { TradesEvent } from "../../../trading/event.ts";
import type { Unstamped } from "../../port.ts";
import { lotsOf, ticksOf } from "./level-text.ts";
import { judgeTrades } from "./liveness.ts";
import type { FeedParts, PublicFeed } from "./public-feed.ts";
import type { PublicNews, Topic } from "./stream-table.ts";

export type TradesViewer =
  | { readonly form: "single"; tell(trade: PublicTrade): void }
  | { readonly form: "sums"; readonly intervalMs: number; tell(sums: Unstamped<TradesEvent>): void };

interface Sums {
  count: number;
  volume: number;
  last: number;
  high: number;
  low: number;
  cancel: (() => void) | null;
}

export class TradesFeed implements PublicFeed {
  readonly topic: Topic;
  private readonly parts: FeedParts;
  private readonly viewers = new Map<TradesViewer, Sums | null>();
  private readonly name: { readonly subject: string; readonly symbol: string };
  private lastId: number | null = null;
  private lastPrice: number | null = null;
  private jumped: string | null = null;
  private passedMs: number | null = null;
  private reason: string | null = null;
  private started = false;

  constructor(parts: FeedParts, topic: Topic) {
    this.parts = parts;
    this.topic = topic;
    this.name = { subject: "trades", symbol: topic.symbol };
  }

  add(viewer: TradesViewer): void {
    this.viewers.set(viewer, null);
  }

  remove(viewer: TradesViewer): void {
    this.viewers.get(viewer)?.cancel?.();
    this.viewers.delete(viewer);
  }

  news(news: PublicNews): void {
    if (news.kind !== "trade" || !this.isNew(news.tradeId)) return;
    const of = this.parts.instrument(this.topic.symbol);
    const price = of === null ? null : ticksOf(news.price, of);
    const quantity = of === null ? null : lotsOf(news.amount, of);
    if (price === null || quantity === null || price <= 0 || quantity <= 0) return;
    this.lastPrice = price;
    this.passedMs = null;
    const trade: PublicTrade = {
      kind: "trade",
      symbol: this.topic.symbol,
      tradeId: news.tradeId,
      side: news.takerSide,
      price: ticks(price),
      quantity: lots(quantity),
      exchangeAtMs: news.atMs,
    };
    for (const viewer of this.viewers.keys()) {
      if (viewer.form === "single") viewer.tell(trade);
      else this.sum(viewer, price, quantity);
    }
  }

  /** The book moved: did it move through the last price without a trade? */
  bookMoved(bid: number, ask: number): void {
    const { lastPrice } = this;
    const passed = lastPrice !== null && ((bid > 0 && bid > lastPrice) || (ask > 0 && ask < lastPrice));
    if (!passed) this.passedMs = null;
    else this.passedMs ??= this.parts.clock.nowMs();
  }

  up(planned: boolean): void {
    this.started = true;
    this.reason = null;
    if (!planned) this.lastId = null;
  }

  down(text: string): void {
    this.reason = `the socket was lost: ${text}`;
    this.passedMs = null;
    this.judge(this.parts.clock.nowMs());
  }

  judge(nowMs: number): void {
    if (!this.started) return;
    const jumped = this.reason ?? this.jumped;
    this.parts.board.say(this.name, judgeTrades({ passedMs: this.passedMs, jumped }, this.parts.times, nowMs));
  }

  close(): void {
    for (const viewer of this.viewers.keys()) this.remove(viewer);
    this.parts.board.drop(this.name);
  }

  private isNew(tradeId: string): boolean {
    const id = Number.parseInt(tradeId, 10);
    if (!this.parts.streams.tradesNumbered || !Number.isSafeInteger(id)) return true;
    const last = this.lastId;
    if (last !== null && id <= last) return false;
    this.lastId = id;
    this.jumped = last === null || id === last + 1 ? null : `trades ${last + 1} to ${id - 1} were not told`;
    return true;
  }

  private sum(viewer: Extract<TradesViewer, { form: "sums" }>, price: number, quantity: number): void {
    const sums = this.viewers.get(viewer) ?? {
      count: 0,
      volume: 0,
      last: price,
      high: price,
      low: price,
      cancel: null,
    };
    this.viewers.set(viewer, sums);
    sums.count += 1;
    sums.volume += quantity;
    sums.last = price;
    sums.high = Math.max(sums.high, price);
    sums.low = Math.min(sums.low, price);
    const { clock } = this.parts;
    sums.cancel ??= clock.at(clock.nowMs() + viewer.intervalMs, () => {
      this.viewers.set(viewer, null);
      const { count, volume, last, high, low } = sums;
      const { symbol } = this.topic;
      const prices = { last: ticks(last), high: ticks(high), low: ticks(low) };
      viewer.tell({ kind: "trades", symbol, count, volume: lots(volume), ...prices });
    });
  }
}
