// One connection of one account: requests travel to the exchange and replies and streams travel back, each with its own
// delay and in order. Faults of requests, replies and streams happen here; the desk behind it is always truthful.

import type { EngineEvent } from "../trading/event.ts";
import type { FaultPlan } from "./fault-plan.ts";
import { type LatencyClock, MessageRate } from "./latency.ts";
import type { AmendReply, CancelReply, PlaceReply } from "./order-desk.ts";
import type { OrderRequest } from "./order-rules.ts";
import type { MarketMessage, MarketWish } from "./publisher.ts";
import type { WatchMessage, WatchWish } from "./watchers.ts";

/** A request that changes something, as it travels. Times in µs. */
export type Mutation =
  | { readonly kind: "place"; readonly account: string; readonly sentUs: number; readonly order: OrderRequest }
  | {
      readonly kind: "cancel";
      readonly account: string;
      readonly sentUs: number;
      readonly symbol: string;
      readonly clientOrderId: string;
    }
  | {
      readonly kind: "amend";
      readonly account: string;
      readonly sentUs: number;
      readonly symbol: string;
      readonly clientOrderId: string;
      readonly price: number;
      readonly quantity: number;
      /** The order goes to the back of its queue in any case. */
      readonly requeue?: boolean;
    };

/** How a mutation ends for its sender. */
export type MutationReply =
  | PlaceReply
  | CancelReply
  | AmendReply
  | { readonly result: "unknown"; readonly text: string }
  | { readonly result: "not-sent"; readonly text: string };

type Bodies = Extract<EngineEvent, { kind: "order" | "fill" | "account" | "funding-settled" }>;
type Body<E> = E extends Bodies ? Omit<E, "atMs"> : never;
/** What the streams of a session say. */
export type SessionMessage = MarketMessage | Body<Bodies>;

export interface SessionSubscription {
  readonly symbol: string;
  readonly listener: (message: SessionMessage) => void;
}

/** What a session needs of the exchange. */
export interface SessionHost {
  readonly faults: FaultPlan;
  readonly entry: LatencyClock;
  readonly response: LatencyClock;
  readonly feed: LatencyClock;
  readonly loadFactorPpm: number;
  readonly requestExpiryUs: number;
  nowUs(): number;
  /** The request reaches the exchange at `atUs`; null: it is a read and `act` is all. */
  arrive(atUs: number, mutation: Mutation | null, act: () => void): void;
  /** Something reaches the client; rank 0 market data, 1 replies, 2 private streams. */
  deliver(atUs: number, rank: number, fire: () => void): void;
  apply(mutation: Mutation): MutationReply;
  underMaintenance(): boolean;
  /** Streams of a market, until the returned function is called. */
  follow(symbol: string, wish: MarketWish, send: (message: MarketMessage, recordedUs: number) => void): () => void;
  /** A closer look at a market, until the returned function is called. */
  watch(symbol: string, wish: WatchWish, send: (message: WatchMessage, recordedUs: number) => void): () => void;
  closed(session: Session): void;
}

const PUBLIC = 0;
const REPLY = 1;
const PRIVATE = 2;

type Fate =
  | "none"
  | "notSent"
  | "timeoutNotAccepted"
  | "acceptThenTimeout"
  | "acceptLate"
  | "serverErrorNotAccepted"
  | "serverErrorAfterAccept"
  | "cutReply"
  | "rateLimit"
  | "postOnlyReject"
  | "insufficientFunds"
  | "otherReject"
  | "cancelLost"
  | "fillBeforeAck";

const OF_MUTATION = [
  "notSent",
  "timeoutNotAccepted",
  "acceptThenTimeout",
  "acceptLate",
  "serverErrorNotAccepted",
  "serverErrorAfterAccept",
  "cutReply",
  "rateLimit",
] as const;
const OF_PLACE = ["postOnlyReject", "insufficientFunds", "otherReject", "fillBeforeAck"] as const;

export class Session {
  readonly account: string;
  private readonly host: SessionHost;
  private readonly rate = new MessageRate();
  private readonly subscriptions = new Map<SessionSubscription, () => void>();
  private readonly watches = new Set<() => void>();
  private readonly ears = new Set<(symbol: string, message: SessionMessage) => void>();
  private lastArrivalUs = 0;
  private lastReplyUs = 0;
  private lastPrivateUs = 0;
  private lastPublicUs = 0;
  private limitedUntilUs = 0;
  private stalledUntilUs = 0;
  private heldBack: (() => void) | null = null;
  private open = true;

  constructor(account: string, host: SessionHost) {
    this.account = account;
    this.host = host;
  }

  place(nowUs: number, order: OrderRequest, done: (reply: MutationReply) => void): void {
    this.send({ kind: "place", account: this.account, sentUs: nowUs, order }, done);
  }

  cancel(nowUs: number, symbol: string, clientOrderId: string, done: (reply: MutationReply) => void): void {
    this.send({ kind: "cancel", account: this.account, sentUs: nowUs, symbol, clientOrderId }, done);
  }

  amend(
    nowUs: number,
    to: { symbol: string; clientOrderId: string; price: number; quantity: number; requeue?: boolean },
    done: (reply: MutationReply) => void,
  ): void {
    this.send({ kind: "amend", account: this.account, sentUs: nowUs, ...to }, done);
  }

  /** Asks the exchange something; `answer` runs when the question arrives there, `done` when the reply is back. */
  read<T>(nowUs: number, answer: () => T, done: (answer: T | null) => void): void {
    const failed = this.host.faults.hit("readUnavailable");
    this.host.arrive(this.entryUs(nowUs), null, () => {
      const result = failed || this.host.underMaintenance() ? null : answer();
      this.reply(() => done(result));
    });
  }

  /** Market and private streams of one instrument. Returns what ends them. */
  subscribe(symbol: string, wish: MarketWish, listener: (message: SessionMessage) => void): () => void {
    const subscription = { symbol, listener };
    this.subscriptions.set(subscription, () => {});
    const unfollow = this.host.follow(symbol, wish, (message, recordedUs) => {
      if (message.kind === "book" && this.host.nowUs() < this.stalledUntilUs) return;
      const atUs = Math.max(this.feedUs(recordedUs), this.stalledUntilUs);
      this.host.deliver(atUs, PUBLIC, () => {
        if (this.open && this.subscriptions.has(subscription)) listener(message);
      });
    });
    this.subscriptions.set(subscription, unfollow);
    return () => {
      unfollow();
      this.subscriptions.delete(subscription);
    };
  }

  /** A closer look at one instrument's public market. Returns what ends it. */
  watch(symbol: string, wish: WatchWish, listener: (message: WatchMessage) => void): () => void {
    const state = { watched: true };
    const unwatch = this.host.watch(symbol, wish, (message, recordedUs) => {
      if (message.kind === "book" && this.host.nowUs() < this.stalledUntilUs) return;
      const atUs = Math.max(this.feedUs(recordedUs), this.stalledUntilUs);
      this.host.deliver(atUs, PUBLIC, () => {
        if (this.open && state.watched) listener(message);
      });
    });
    const end = (): void => {
      state.watched = false;
      unwatch();
      this.watches.delete(end);
    };
    this.watches.add(end);
    return end;
  }

  /** The account's own streams of all instruments, without any market's. Returns what ends it. */
  listen(listener: (symbol: string, message: SessionMessage) => void): () => void {
    this.ears.add(listener);
    return () => this.ears.delete(listener);
  }

  get subscribed(): boolean {
    return this.subscriptions.size + this.ears.size > 0;
  }

  follows(symbol: string): boolean {
    if (this.ears.size > 0) return true;
    for (const subscription of this.subscriptions.keys()) if (subscription.symbol === symbol) return true;
    return false;
  }

  /** A message of the account's own streams about `symbol`. */
  tell(symbol: string, message: SessionMessage): void {
    if (!this.follows(symbol)) return;
    const { faults } = this.host;
    if (!faults.any) {
      this.stream(symbol, message, this.privateUs());
      return;
    }
    if (faults.hit("dropEvent")) return;
    const atUs = Math.max(this.privateUs(), this.stalledUntilUs);
    if (faults.hit("reorderEvents") && this.heldBack === null) {
      this.heldBack = () => this.stream(symbol, message, this.privateUs());
      // should nothing follow it, it goes out alone
      this.host.deliver(atUs + 250_000, PRIVATE, () => this.releaseHeld());
      return;
    }
    const late = faults.hit("lateEvent") ? faults.prng.integer(1_000_000, 5_000_000) : 0;
    this.stream(symbol, message, atUs + late);
    if (faults.hit("duplicateEvent")) this.stream(symbol, message, atUs + late + faults.prng.integer(0, 1_000_000));
    this.releaseHeld();
  }

  /**
   * Nothing comes until `untilUs`; after five seconds the client calls the feeds stale, at the end everything catches
   * up.
   */
  stall(untilUs: number): void {
    const nowUs = this.host.nowUs();
    this.stalledUntilUs = Math.max(this.stalledUntilUs, untilUs);
    const say = (atUs: number, state: "stale" | "fresh"): void =>
      this.host.deliver(atUs, PUBLIC, () => {
        for (const { listener } of this.subscriptions.keys()) {
          listener({ kind: "feed", feed: "book", state });
          listener({ kind: "feed", feed: "orders", state });
        }
      });
    if (untilUs - nowUs <= 5_000_000) return;
    say(nowUs + 5_000_000, "stale");
    say(untilUs, "fresh");
  }

  /** Ends the connection: what is under way to the client is lost, what is under way to the exchange arrives. */
  close(): void {
    this.open = false;
    for (const unfollow of this.subscriptions.values()) unfollow();
    this.subscriptions.clear();
    for (const end of this.watches) end();
    this.ears.clear();
    this.host.closed(this);
  }

  private send(mutation: Mutation, done: (reply: MutationReply) => void): void {
    const { host } = this;
    const fate = host.faults.any ? this.fateOf(mutation) : "none";
    if (fate !== "none") {
      this.sendAgainstFate(mutation, fate, done);
      return;
    }
    host.arrive(this.entryUs(mutation.sentUs), mutation, () => {
      const reply = host.apply(mutation);
      this.reply(() => done(reply));
    });
  }

  private sendAgainstFate(mutation: Mutation, fate: Fate, done: (reply: MutationReply) => void): void {
    const { host } = this;
    const arrivalUs = this.entryUs(mutation.sentUs);
    const deadlineUs = mutation.sentUs + host.requestExpiryUs;
    const unknown =
      (text: string): (() => void) =>
      () =>
        done({ result: "unknown", text });
    const timeOut = (): void => host.deliver(deadlineUs, REPLY, this.guard(unknown("no reply until the deadline")));
    switch (fate) {
      case "notSent":
        host.deliver(
          mutation.sentUs,
          REPLY,
          this.guard(() => done({ result: "not-sent", text: "connection refused" })),
        );
        return;
      case "timeoutNotAccepted":
        timeOut();
        return;
      case "acceptThenTimeout":
        host.arrive(arrivalUs, mutation, () => host.apply(mutation));
        timeOut();
        return;
      case "acceptLate":
        host.arrive(arrivalUs + host.faults.prng.integer(0, 2 * host.requestExpiryUs), mutation, () =>
          host.apply(mutation),
        );
        timeOut();
        return;
      case "serverErrorNotAccepted":
        host.arrive(arrivalUs, null, () => this.reply(unknown("503 Service Unavailable")));
        return;
      case "serverErrorAfterAccept":
      case "cutReply":
        host.arrive(arrivalUs, mutation, () => {
          host.apply(mutation);
          this.reply(unknown(fate === "cutReply" ? "the reply ended early" : "504 Gateway Timeout"));
        });
        return;
      case "cancelLost":
        host.arrive(arrivalUs, null, () => this.reply(() => done({ result: "accepted" })));
        return;
      case "fillBeforeAck":
        host.arrive(arrivalUs, mutation, () => {
          const reply = host.apply(mutation);
          const delayUs = host.faults.prng.integer(50_000, 500_000);
          host.deliver(
            host.nowUs() + delayUs,
            REPLY,
            this.guard(() => done(reply)),
          );
        });
        return;
      case "rateLimit":
      case "postOnlyReject":
      case "insufficientFunds":
      case "otherReject":
        host.arrive(arrivalUs, null, () => this.reply(() => done(refusalOf(fate))));
        return;
      case "none":
    }
  }

  private fateOf(mutation: Mutation): Fate {
    const { faults } = this.host;
    if (mutation.sentUs < this.limitedUntilUs) return "rateLimit";
    for (const name of OF_MUTATION) {
      if (!faults.hit(name)) continue;
      if (name === "rateLimit") this.limitedUntilUs = mutation.sentUs + faults.prng.integer(500_000, 3_000_000);
      return name;
    }
    if (mutation.kind === "cancel") return faults.hit("cancelLost") ? "cancelLost" : "none";
    for (const name of OF_PLACE) {
      if (name === "postOnlyReject" && !(mutation.kind === "place" && mutation.order.postOnly)) continue;
      if (faults.hit(name)) return name;
    }
    return "none";
  }

  private reply(fire: () => void): void {
    const nowUs = this.host.nowUs();
    this.lastReplyUs = Math.max(this.lastReplyUs, nowUs + this.host.response.next(nowUs, 0));
    this.host.deliver(this.lastReplyUs, REPLY, this.guard(fire));
  }

  private stream(symbol: string, message: SessionMessage, atUs: number): void {
    this.host.deliver(atUs, PRIVATE, () => {
      if (!this.open) return;
      for (const subscription of this.subscriptions.keys()) {
        if (subscription.symbol === symbol) subscription.listener(message);
      }
      for (const listener of this.ears) listener(symbol, message);
    });
  }

  private releaseHeld(): void {
    const held = this.heldBack;
    this.heldBack = null;
    held?.();
  }

  private guard(fire: () => void): () => void {
    return () => {
      if (this.open) fire();
    };
  }

  private entryUs(nowUs: number): number {
    const { entry, loadFactorPpm } = this.host;
    let delay = entry.next(nowUs, 0);
    if (loadFactorPpm > 0) delay += Math.round((delay * loadFactorPpm * this.rate.count(nowUs)) / 1_000_000);
    this.lastArrivalUs = Math.max(this.lastArrivalUs, nowUs + delay);
    return this.lastArrivalUs;
  }

  private privateUs(): number {
    const nowUs = this.host.nowUs();
    this.lastPrivateUs = Math.max(this.lastPrivateUs, nowUs + this.host.response.next(nowUs, 0));
    return this.lastPrivateUs;
  }

  private feedUs(recordedUs: number): number {
    const nowUs = this.host.nowUs();
    this.lastPublicUs = Math.max(this.lastPublicUs, nowUs + this.host.feed.next(nowUs, recordedUs));
    return this.lastPublicUs;
  }
}

type Refusing = "rateLimit" | "postOnlyReject" | "insufficientFunds" | "otherReject";

function refusalOf(fate: Refusing): MutationReply {
  switch (fate) {
    case "rateLimit":
      return { result: "rejected", reason: "RATE_LIMITED", text: "429 Too Many Requests" };
    case "postOnlyReject":
      return { result: "rejected", reason: "POST_ONLY_WOULD_TAKE", text: "the post-only order would take" };
    case "insufficientFunds":
      return { result: "rejected", reason: "INSUFFICIENT_FUNDS", text: "the account cannot carry this order" };
    case "otherReject":
      return { result: "rejected", reason: "OTHER", text: "the exchange refused without saying more" };
  }
}
