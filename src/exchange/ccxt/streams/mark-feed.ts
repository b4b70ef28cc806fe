// Mark price and predicted funding of one perpetual, conflated by the exchange itself.

import type { FundingRateEvent, MarkEvent } from "../../../trading/event.ts";
import type { Unstamped } from "../../port.ts";
import { pptOf } from "../amount.ts";
import { judgeFunding } from "./liveness.ts";
import type { FeedParts, PublicFeed } from "./public-feed.ts";
import type { PublicNews, Topic } from "./stream-table.ts";

export interface MarkViewer {
  tell(message: Unstamped<MarkEvent> | Unstamped<FundingRateEvent>): void;
}

export class MarkFeed implements PublicFeed {
  readonly topic: Topic;
  private readonly parts: FeedParts;
  private readonly viewers = new Set<MarkViewer>();
  private readonly name: { readonly subject: string; readonly symbol: string };
  private lastMs: number;
  private mark: Unstamped<MarkEvent> | null = null;
  private rate: Unstamped<FundingRateEvent> | null = null;
  /** A rate whose time was not told yet. */
  private halfRate: number | null = null;
  private reason: string | null = null;
  private againDueMs = 0;

  constructor(parts: FeedParts, topic: Topic) {
    this.parts = parts;
    this.topic = topic;
    this.name = { subject: "funding", symbol: topic.symbol };
    this.lastMs = parts.clock.nowMs();
  }

  add(viewer: MarkViewer): void {
    this.viewers.add(viewer);
    // what is known already is told, though not inside the call that subscribes
    const { clock } = this.parts;
    clock.at(clock.nowMs(), () => {
      if (!this.viewers.has(viewer)) return;
      if (this.mark !== null) viewer.tell(this.mark);
      if (this.rate !== null) viewer.tell(this.rate);
    });
  }

  remove(viewer: MarkViewer): void {
    this.viewers.delete(viewer);
  }

  news(news: PublicNews): void {
    if (news.kind !== "mark") return;
    const { symbol } = this.topic;
    const mark = news.mark === null ? undefined : this.parts.instrument(symbol)?.steps.milliTicks(news.mark);
    if (mark?.ok === true) {
      this.lastMs = this.parts.clock.nowMs();
      this.mark = { kind: "mark", symbol, mark: mark.value };
      this.tell(this.mark);
    }
    // some exchanges tell only what changed
    const ratePpt = pptOf(news.rate) ?? this.rate?.ratePpt ?? this.halfRate;
    const nextAtMs = news.nextAtMs ?? this.rate?.nextAtMs ?? null;
    this.halfRate = ratePpt;
    if (ratePpt === null || nextAtMs === null || nextAtMs <= 0) return;
    if (this.rate?.ratePpt === ratePpt && this.rate.nextAtMs === nextAtMs) return;
    this.rate = { kind: "funding-rate", symbol, ratePpt, nextAtMs };
    this.tell(this.rate);
  }

  up(planned: boolean): void {
    this.reason = null;
    if (!planned) this.lastMs = this.parts.clock.nowMs();
  }

  down(text: string): void {
    this.reason = `the socket was lost: ${text}`;
    this.judge(this.parts.clock.nowMs());
  }

  judge(nowMs: number): void {
    const { board, times, instance } = this.parts;
    if (this.reason !== null) {
      board.say(this.name, { pulse: "stale", text: this.reason });
      return;
    }
    if (this.mark === null && nowMs - this.lastMs < times.fundingSuspectMs) return;
    const nextAtMs = this.rate?.nextAtMs ?? null;
    const evidence = { lastMs: this.lastMs, nextAtMs, exchangeNowMs: instance.nowMs() };
    board.say(this.name, judgeFunding(evidence, times, nowMs));
    if (nowMs - this.lastMs < times.fundingSuspectMs || nowMs < this.againDueMs) return;
    // acknowledged, and never delivered: marks come every few seconds whatever the market does
    this.againDueMs = nowMs + times.fundingSuspectMs;
    this.parts.again(this.topic);
  }

  close(): void {
    this.viewers.clear();
    this.parts.board.drop(this.name);
  }

  private tell(message: Parameters<MarkViewer["tell"]>[0]): void {
    for (const viewer of this.viewers) viewer.tell(message);
  }
}
