// Reads the exchange whole (orders, fills, account) and tells the engine as events; the judging is risk's (RISK-31…35).
// Fills go in before the read's own event, so an unexplained difference is really unexplained.

import { isSettled } from "../engine/market.ts";
import { positionShown } from "../engine/owned.ts";
import type { AccountResult, FillsResult, OpenOrdersResult, StreamMessage, Unstamped } from "../exchange/port.ts";
import type { Lots, MilliTicks } from "../market/amounts.ts";
import { parseClientOrderId } from "../trading/client-order-id.ts";
import type { FillEvent, FundingSettled, OrderEvent } from "../trading/event.ts";
import type { HostContext } from "./context.ts";
import { heldOn } from "./held-on.ts";
import { TURN_EVENTS_MAX } from "./loop.ts";

/** Fills are read again from this long before the newest one known (DUR step 7). */
export const FILL_OVERLAP_MS = 600_000;
/** Waits between tries of a read that failed; the last one again and again. */
const RETRY_MS = [500, 1_000, 2_000, 4_000, 5_000] as const;

// Between the two reads that must show the same difference (RISK-31). An exchange tells of a fill in several places,
// one after the other; what still differs a second later is no matter of order.
export const CONFIRM_MS = 1_000;

/** Stands while the order stream may have missed something; gone when that is read. */
const ORDERS_STALE = "feed-orders";

/** Funding is asked for at most this often, and from this long before the newest settlement that was read. */
const FUNDING_READ_MS = 60_000;
const FUNDING_OVERLAP_MS = 86_400_000;
/** A read waits so long for funding, which is history and waits behind all else where requests are short. */
const FUNDING_WAIT_MS = 1_000;
/** Before funding that could not be read is asked for again, by itself: first, doubled each time, and at most. */
const FUNDING_AGAIN_MS = { first: 5_000, most: 60_000 } as const;

/** A complete read of the exchange. */
export interface ExchangeRead {
  readonly orders: readonly Unstamped<OrderEvent>[];
  readonly fills: readonly Unstamped<FillEvent>[];
  readonly account: Extract<AccountResult, { result: "ok" }>;
  /** Null where funding was not asked for, or is not there yet. */
  readonly settlements: readonly Unstamped<FundingSettled>[] | null;
}

export interface ReconcilerOptions {
  /** True when the fill is booked already, so that it need not come in again. */
  readonly isBooked: (fill: Unstamped<FillEvent>) => boolean;
  /** When the bot's life began, Unix ms: funding settled before is not its own. */
  readonly bornMs: number;
  /** Hears of every complete read, before the engine judges it. */
  readonly onRead?: (read: ExchangeRead) => void;
  /** Steps what was offered, now. */
  readonly drain: () => void;
  /** Says why the read is still not complete; called on each failed try. */
  readonly onWaiting: (text: string) => void;
}

export class Reconciler {
  private readonly context: HostContext;
  private readonly options: ReconcilerOptions;
  /** Exchange time of the newest fill before which none is missing: reads begin a little before it. */
  private newestFillMs: number;
  /** The newest settlement when funding was last read. What streams tell meanwhile says nothing of what came before. */
  private readFundingMs: number;
  /** Told by streams before funding was first read; null once it was. */
  private held: Unstamped<FundingSettled>[] | null = [];
  private reading = false;
  private again = false;
  /** Monotonic time of the last read of funding. */
  private fundingReadAtMs = Number.NEGATIVE_INFINITY;
  /** Until it is answered, however often it must be asked for. */
  private askingFunding = false;
  /** Funding that came when its read was over: of the next one. */
  private lateFunding: readonly Unstamped<FundingSettled>[] | null = null;
  private cancelConfirm: (() => void) | null = null;
  private stopped = false;
  private readonly whenRead: ((read: ExchangeRead) => void)[] = [];

  constructor(context: HostContext, newestFillMs: number, options: ReconcilerOptions) {
    this.context = context;
    this.newestFillMs = newestFillMs;
    this.readFundingMs = context.state.lastFundingAtMs ?? 0;
    this.options = options;
  }

  /**
   * True: a settlement, which is told after the first read of funding, in the order of time. Booked before it, and the
   * process killed before that read, it would hide from the next one what was settled in the days before it.
   */
  holds(message: StreamMessage): boolean {
    if (message.kind !== "funding-settled" || this.held === null) return false;
    this.held.push(message);
    return true;
  }

  /** A fill went through the engine. Told before all that was missed is read, it says nothing of what came before. */
  sawFill(exchangeAtMs: number): void {
    const { state } = this.context;
    if (state.phase === "recovering" || state.blocks.has(ORDERS_STALE)) return;
    if (exchangeAtMs > this.newestFillMs) this.newestFillMs = exchangeAtMs;
  }

  /**
   * Asks for one complete read; a request while one is under way asks for another after it. The read that confirms a
   * difference serves for what nobody waits for: one before it could confirm too early.
   */
  request(done: ((read: ExchangeRead) => void) | null = null): void {
    if (done !== null) this.whenRead.push(done);
    else if (this.cancelConfirm !== null) return;
    if (this.reading) {
      this.again = true;
      return;
    }
    this.reading = true;
    this.again = false;
    this.read(this.whenRead.splice(0), 0);
  }

  /** Asks for the read that confirms or clears a difference: one, a moment after the newest that showed one. */
  confirm(): void {
    const { clock } = this.context;
    this.cancelConfirm?.();
    this.cancelConfirm = clock.at(clock.nowMs() + CONFIRM_MS, () => {
      this.cancelConfirm = null;
      if (!this.stopped) this.request();
    });
  }

  stop(): void {
    this.stopped = true;
    this.cancelConfirm?.();
  }

  /**
   * Orders, then fills, then the account: what left the list of open orders by a fill is in the fills read after it.
   */
  private read(done: readonly ((read: ExchangeRead) => void)[], attempt: number): void {
    const { port, symbol, state, clock } = this.context;
    const askedAtSeq = state.seq;
    port.openOrders(symbol, (orders) => {
      if (this.isOver(orders, done, attempt)) return;
      const since = { sinceMs: Math.max(0, this.newestFillMs - FILL_OVERLAP_MS), cursor: null };
      port.fills(symbol, since, (fills) => {
        if (this.isOver(fills, done, attempt)) return;
        port.account(symbol, (account) => {
          if (this.isOver(account, done, attempt)) return;
          if (orders.result !== "ok" || fills.result !== "ok" || account.result !== "ok") return;
          this.readFunding((settlements) => {
            if (this.stopped) return;
            const read = { orders: orders.orders, fills: fills.fills, account, settlements };
            this.tell(read, askedAtSeq);
            this.options.onRead?.(read);
            for (const callback of done) callback(read);
            this.reading = false;
            if (this.whenRead.length > 0) this.request();
            else if (this.again) {
              // judged first: it may show what must be confirmed
              clock.at(clock.nowMs(), () => {
                if (this.again && !this.reading && !this.stopped) this.request();
              });
            }
          });
        });
      });
    });
  }

  /**
   * Last of the four, so that a position read long before is not compared with what came since; and never waited for
   * long, for the same reason, and because a bot recovers without it. What comes late is told by a read of its own.
   */
  private readFunding(done: (settlements: readonly Unstamped<FundingSettled>[] | null) => void): void {
    const { port, state, clock } = this.context;
    const late = this.lateFunding;
    const isDue = clock.monotonicMs() - this.fundingReadAtMs >= FUNDING_READ_MS;
    if (late !== null) {
      this.lateFunding = null;
      done(this.taken(late));
      return;
    }
    if (port.funding === undefined || state.instrument?.kind === "spot" || !isDue || this.askingFunding) {
      done(null);
      return;
    }
    this.askingFunding = true;
    let waits = true;
    const goOn = (settlements: readonly Unstamped<FundingSettled>[] | null): void => {
      if (!waits) return;
      waits = false;
      cancel();
      done(settlements);
    };
    const cancel = clock.at(clock.nowMs() + FUNDING_WAIT_MS, () => goOn(null));
    this.askFunding(0, (settlements) => {
      if (waits || settlements === null) {
        goOn(settlements === null ? null : this.taken(settlements));
        return;
      }
      this.lateFunding = settlements;
      this.request();
    });
  }

  /** Tells null on each try that fails; the next one is of funding alone, since the rest of the read is there. */
  private askFunding(attempt: number, told: (settlements: readonly Unstamped<FundingSettled>[] | null) => void): void {
    const { port, symbol, clock } = this.context;
    const sinceMs = Math.max(this.options.bornMs, this.readFundingMs - FUNDING_OVERLAP_MS);
    port.funding?.(symbol, sinceMs, (result) => {
      if (this.stopped) return;
      if (result.result === "ok") {
        this.askingFunding = false;
        told([...result.settlements].sort((a, b) => a.settledAtMs - b.settledAtMs));
        return;
      }
      this.options.onWaiting(result.text);
      const waitMs = Math.min(FUNDING_AGAIN_MS.most, FUNDING_AGAIN_MS.first * 2 ** attempt);
      clock.at(clock.nowMs() + waitMs, () => {
        if (!this.stopped) this.askFunding(attempt + 1, told);
      });
      told(null);
    });
  }

  private taken(settlements: readonly Unstamped<FundingSettled>[]): readonly Unstamped<FundingSettled>[] {
    this.fundingReadAtMs = this.context.clock.monotonicMs();
    this.readFundingMs = Math.max(this.readFundingMs, settlements.at(-1)?.settledAtMs ?? 0);
    return settlements;
  }

  /** True when this read goes no further; one that failed is begun anew. */
  private isOver(
    result: OpenOrdersResult | FillsResult | AccountResult,
    done: readonly ((read: ExchangeRead) => void)[],
    attempt: number,
  ): boolean {
    if (this.stopped) return true;
    if (result.result === "ok") return false;
    this.options.onWaiting(result.text);
    const { clock } = this.context;
    clock.at(clock.nowMs() + (RETRY_MS[attempt] ?? 5_000), () => {
      if (!this.stopped) this.read(done, attempt + 1);
    });
    return true;
  }

  private tell(read: ExchangeRead, askedAtSeq: number): void {
    const { context } = this;
    const missed = read.fills.filter((fill) => this.isOurs(fill) && !this.options.isBooked(fill));
    for (const [i, fill] of missed.entries()) {
      if (i > 0 && i % TURN_EVENTS_MAX === 0) this.options.drain(); // a long silence's are more than the mailbox holds
      context.offer(fill);
    }
    this.tellFunding(read.settlements);
    const { equity, quoteAvailable, maintenanceMargin } = read.account;
    context.offer({ kind: "account", equity, quoteAvailable, maintenanceMargin });
    context.offer({
      kind: "exchange-state",
      symbol: context.symbol,
      askedAtSeq,
      openOrders: read.orders.map((order) => ({
        clientOrderId: order.clientOrderId,
        exchangeOrderId: order.exchangeOrderId,
        side: order.side,
        price: order.price,
        quantity: order.quantity,
        cumulative: order.cumulative,
      })),
      positionLots: this.positionOf(read.account),
      ...this.liquidationOf(read.account),
    });
  }

  /** What streams told waits until funding is read for the first time, and comes after it. */
  private tellFunding(settlements: ExchangeRead["settlements"]): void {
    const { context } = this;
    if (settlements === null && context.port.funding !== undefined && context.state.instrument?.kind !== "spot") return;
    const told = [...(settlements ?? []), ...(this.held ?? [])];
    this.held = null;
    for (const settled of told) if (!isSettled(context.state, settled)) context.offer(settled);
  }

  /** Own orders' fills, and what the exchange forced on the position. */
  private isOurs(fill: Unstamped<FillEvent>): boolean {
    if (fill.origin === "liquidation" || fill.origin === "adl") return true;
    return (
      fill.clientOrderId !== null && parseClientOrderId(fill.clientOrderId)?.tag === this.context.state.identity.tag
    );
  }

  /** Where the exchange would close the position; nothing where it names no price. */
  private liquidationOf(account: ExchangeRead["account"]): { readonly liquidation?: MilliTicks } {
    const price = account.positions.find(({ symbol }) => symbol === this.context.symbol)?.liquidation ?? null;
    return price === null ? {} : { liquidation: price };
  }

  private positionOf(account: ExchangeRead["account"]): Lots {
    const { state } = this.context;
    if (state.instrument?.kind === "spot") return positionShown(state, account.baseTotal);
    return heldOn(this.context, account);
  }
}
