// The market of a paper exchange that follows a real one: what an exchange tells everybody, as rows at the moment they
// were heard. It opens nothing and asks nobody; who has the connection feeds it. Between two messages the book stands.

import type { Canonical } from "../base/canonical.ts";
import type { PublicTrade } from "../market/public-trade.ts";
import { RowFlag, RowKind, type Tape, TapeBuilder } from "../market/tape.ts";
import type { MarketSource } from "../sim/market-source.ts";
import type { BookEvent, FeedEvent, FundingRateEvent, Level, MarkEvent } from "../trading/event.ts";
import type { Unstamped } from "./port.ts";

/** What it takes in; the rest of what an exchange tells is not the market's. */
export type FollowedMessage =
  | PublicTrade
  | Unstamped<BookEvent>
  | Unstamped<MarkEvent>
  | Unstamped<FundingRateEvent>
  | Unstamped<FeedEvent>;

/** How far apart the market is looked at while nothing is said, µs. */
const STEP_US = 5_000;
/** The last row of what was said. */
const END = { flags: RowFlag.frameEnd } as const;
const FUNDING_MS_MAX = 24 * 3_600_000;

export class FollowedMarket implements MarketSource {
  readonly synthetic = false;
  private readonly nowUs: () => number;
  private readonly heard: FollowedMessage[] = [];
  private us = 0;
  private id = 0;
  private rate: Unstamped<FundingRateEvent> | null = null;

  /** `nowUs`: time of the paper exchange. */
  constructor(nowUs: () => number) {
    this.nowUs = nowUs;
  }

  hear(message: FollowedMessage): void {
    this.heard.push(message);
  }

  /** Rows of everything heard since, or of a moment in which nothing was. */
  next(): Tape {
    const out = new TapeBuilder(256);
    this.us = Math.max(this.us + 1, Math.floor(this.nowUs()));
    for (const message of this.heard.splice(0)) this.write(out, message);
    if (out.rows === 0) {
      this.us += STEP_US;
      this.row(out, RowKind.diffEmpty, END);
    }
    return out.finish();
  }

  save(): Canonical {
    return this.us;
  }

  /** What was said while nobody listened is not known: it goes on with what comes. */
  restore(saved: Canonical): void {
    this.us = typeof saved === "number" ? saved : 0;
  }

  private write(out: TapeBuilder, message: FollowedMessage): void {
    switch (message.kind) {
      case "trade":
        this.row(out, RowKind.trade, {
          price: message.price,
          quantity: message.quantity,
          flags: RowFlag.frameEnd | (message.side === "sell" ? RowFlag.sellerTook : 0),
        });
        return;
      case "book":
        this.book(out, message);
        return;
      case "mark":
        this.row(out, RowKind.mark, { price: message.mark, ...END });
        return;
      case "funding-rate":
        this.funding(out, message);
        return;
      case "feed":
        if (message.feed === "book" && message.state === "stale") this.row(out, RowKind.bookInvalid, END);
    }
  }

  private book(out: TapeBuilder, { bids, asks }: Unstamped<BookEvent>): void {
    this.row(out, RowKind.snapshotStart);
    const side = (kind: RowKind, levels: readonly Level[]): void => {
      for (const [price, quantity] of levels) this.row(out, kind, { price, quantity });
    };
    side(RowKind.bidLevel, bids);
    side(RowKind.askLevel, asks);
    out.endFrame();
  }

  /** The next settlement moved on: the one before was settled, at the rate that was told last. */
  private funding(out: TapeBuilder, told: Unstamped<FundingRateEvent>): void {
    const before = this.rate;
    this.rate = told;
    const intervalMs = before === null ? 0 : told.nextAtMs - before.nextAtMs;
    if (before !== null && intervalMs > 0 && intervalMs <= FUNDING_MS_MAX) {
      this.row(out, RowKind.funding, { price: before.ratePpt, quantity: intervalMs, ...END });
    }
    this.row(out, RowKind.fundingPredicted, { price: told.ratePpt, quantity: told.nextAtMs, ...END });
  }

  private row(out: TapeBuilder, kind: RowKind, { price = 0, quantity = 0, flags = 0 }: Columns = {}): void {
    this.id += 1;
    out.push(kind, flags, this.us, this.us, price, quantity, this.id, this.id);
  }
}

/** Columns of a row that are not 0. */
interface Columns {
  readonly price?: number;
  readonly quantity?: number;
  readonly flags?: number;
}
