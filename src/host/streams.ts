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

/** Who says that a feed is stale. It is fresh when nobody does any more; `read`: what was missed is being read. */
type Witness = "port" | "host" | "connector" | "read";

export interface StreamsParts {
  readonly offer: (message: StreamMessage) => Offered;
  /** Reads the exchange whole, and what it found is with the engine when `done` is called. */
  readonly read: (done: () => void) => void;
}

/** A feed that has not been fresh for so long after the start is told of, by the machine's clock. */
const FIRST_FRESH_MS = 10_000;

export class Streams {
  private readonly context: HostContext;
  private readonly subscription: Subscription;
  private readonly parts: StreamsParts;
  /** Reads asked for; only the newest one makes the order stream fresh. */
  private reads = 0;
  private unsubscribe: (() => void) | null = null;
  private cut = false;
  private closed = false;
  private readonly stale = new Map<FeedName, Set<Witness>>();
  private readonly freshOnce = new Set<FeedName>();
  private cancelFirstLook: (() => void) | null = null;

  constructor(context: HostContext, subscription: Subscription, parts: StreamsParts) {
    this.context = context;
    this.subscription = subscription;
    this.parts = parts;
  }

  open(): void {
    if (this.closed || this.unsubscribe !== null) return;
    const { machine } = this.context;
    this.cancelFirstLook ??= machine.at(machine.nowMs() + FIRST_FRESH_MS, () => this.lookForFirst());
    const request = { symbol: this.context.symbol, ...this.subscription };
    this.unsubscribe = this.context.port.subscribe(request, (message) => this.take(message));
  }

  /** One message. One that does not fit is not lost: the streams are cut and what they said is read again. */
  take(message: StreamMessage): void {
    if (this.closed || this.cut) return;
    if (message.kind === "feed") {
      if (message.state === "stale") this.suspect(message.feed, "port");
      else this.clear(message.feed, "port");
      return;
    }
    if (this.stale.size > 0 && message.kind === "book") this.clear("book", "host");
    if (this.parts.offer(message) === "full") this.cutOff();
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
    for (const feed of ["book", "orders"] as const) this.suspect(feed, "host", true);
    this.context.alert({ code: "feed-stale", severity: "warning", text: `${why}: feeds are stale`, facts: {} });
  }

  /** The order stream speaks again: what was missed is read, then it is fresh. */
  ordersFresh(): void {
    this.clear("orders", "host");
  }

  /**
   * The connector does not serve: no new risk at once, without waiting for a call to fail, as if the orders were not
   * heard (API-44). What rests stays: a book that still comes is believed, and one that does not is stale by itself.
   */
  connectorLost(): void {
    this.suspect("orders", "connector");
  }

  /** It serves again; feeds the port itself calls stale stay so. */
  connectorBack(): void {
    this.clear("orders", "connector");
  }

  close(): void {
    this.closed = true;
    this.cancelFirstLook?.();
    this.unsubscribe?.();
    this.unsubscribe = null;
  }

  private lookForFirst(): void {
    for (const feed of this.stale.keys()) {
      if (this.freshOnce.has(feed)) continue;
      const text = `the ${feed} feed has not been fresh since the start; no new risk until it is`;
      this.context.alert({ code: "feed-stale", severity: "warning", text, facts: { feed } });
    }
  }

  private cutOff(): void {
    this.cut = true;
    this.unsubscribe?.();
    this.unsubscribe = null;
    // whatever the streams said of themselves is told anew by the ones opened next
    for (const feed of this.stale.keys()) this.clear(feed, "port");
    this.markStale("more events came than the engine could take");
  }

  /** `again`: the engine is told even when it knows, because the reason is a new one. */
  private suspect(feed: FeedName, witness: Witness, again = false): void {
    const witnesses = this.stale.get(feed);
    if (witnesses === undefined) this.stale.set(feed, new Set([witness]));
    else witnesses.add(witness);
    if (witnesses === undefined || again) this.context.offer({ kind: "feed", feed, state: "stale" });
  }

  private clear(feed: FeedName, witness: Witness): void {
    const witnesses = this.stale.get(feed);
    if (witnesses?.delete(witness) !== true) return;
    if (feed === "orders" && witness !== "read" && [...witnesses].every((other) => other === "read")) {
      witnesses.add("read");
      this.readMissed();
      return;
    }
    if (witnesses.size > 0) return;
    this.stale.delete(feed);
    this.freshOnce.add(feed);
    this.context.offer({ kind: "feed", feed, state: "fresh" });
  }

  /** New risk waits for the read: fills of the silence are booked before anything is decided on their absence. */
  private readMissed(): void {
    this.reads += 1;
    const mine = this.reads;
    this.parts.read(() => {
      if (mine === this.reads) this.clear("orders", "read");
    });
  }
}
