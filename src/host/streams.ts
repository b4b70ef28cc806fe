// The streams of one instrument, and what happens when they bring more than the engine can take (DUR-08): they are cut,
// the feeds are stale, and when the mailbox is empty they are opened again and everything missed is read.

import type { StreamMessage } from "../exchange/port.ts";
import type { CandleInterval, FeedName } from "../trading/event.ts";
import type { HostContext } from "./context.ts";
import type { Mailbox, Offered } from "./mailbox.ts";

export interface Subscription {
  readonly candleInterval: CandleInterval | null;
  readonly bookIntervalMs: number;
}

export class Streams {
  private readonly context: HostContext;
  private readonly subscription: Subscription;
  private readonly offer: (message: StreamMessage) => Offered;
  private unsubscribe: (() => void) | null = null;
  private cut = false;
  private closed = false;
  private readonly stale = new Set<FeedName>();

  constructor(context: HostContext, subscription: Subscription, offer: (message: StreamMessage) => Offered) {
    this.context = context;
    this.subscription = subscription;
    this.offer = offer;
  }

  open(): void {
    if (this.closed || this.unsubscribe !== null) return;
    const request = { symbol: this.context.symbol, ...this.subscription };
    this.unsubscribe = this.context.port.subscribe(request, (message) => this.take(message));
  }

  /** One message. One that does not fit is not lost: the streams are cut and what they said is read again. */
  take(message: StreamMessage): void {
    if (this.closed || this.cut) return;
    if (this.stale.size > 0 && message.kind === "book") this.fresh("book");
    if (this.offer(message) === "full") this.cutOff();
  }

  /** A turn is over: when everything that waited is done, the cut streams are opened again. */
  drained(mailbox: Mailbox): void {
    if (!this.cut || mailbox.size > 0) return;
    this.cut = false;
    this.open();
    this.ordersFresh();
  }

  /** Nothing seen so far is believed until it is seen again. */
  markStale(why: string): void {
    for (const feed of ["book", "orders"] as const) {
      this.stale.add(feed);
      this.context.offer({ kind: "feed", feed, state: "stale" });
    }
    this.context.alert({ code: "feed-stale", severity: "warning", text: `${why}: feeds are stale`, facts: {} });
  }

  /** The order stream speaks again; the engine answers with a complete read of the exchange. */
  ordersFresh(): void {
    this.fresh("orders");
  }

  close(): void {
    this.closed = true;
    this.unsubscribe?.();
    this.unsubscribe = null;
  }

  private cutOff(): void {
    this.cut = true;
    this.unsubscribe?.();
    this.unsubscribe = null;
    this.markStale("more events came than the engine could take");
  }

  private fresh(feed: FeedName): void {
    if (this.stale.delete(feed)) this.context.offer({ kind: "feed", feed, state: "fresh" });
  }
}
