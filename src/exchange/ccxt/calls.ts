// Calls with their times: deadlines, expiry, the retries of reads (EXCH-04, EXCH-08, EXCH-40), and what every failure
// sets in motion whoever asked: the clock is measured again, the budget slows down.

import type { Clock } from "../../base/clock.ts";
import type { CallFailure, CallReply, CallWish, Priority } from "./call.ts";
import type { CcxtInstance } from "./ccxt-instance.ts";
import type { CcxtCall, ExchangeTable, Meaning } from "./exchanges/exchange-table.ts";
import { meaningOf } from "./outcome.ts";

export interface CallTimes {
  /** How long the exchange may accept an order after it was asked for. */
  readonly expiryMs: number;
  readonly changeMs: number;
  readonly readMs: number;
  /** Priorities 3 and 4. */
  readonly patientMs: number;
}

export const CALL_TIMES: CallTimes = { expiryMs: 2000, changeMs: 5000, readMs: 10_000, patientMs: 30_000 };

const TRIES = 3;
const RETRY_MS = 100;
/** Before a start asks again what the budget did not let through. */
const SHORT_MS = 1000;

export interface CallsOptions {
  readonly instance: CcxtInstance;
  readonly table: ExchangeTable;
  readonly clock: Clock;
  readonly times: CallTimes;
  /** Told the meaning of every failure the exchange worded. */
  readonly failed: (meaning: Meaning, failure: CallFailure, call: CcxtCall) => void;
  readonly random?: () => number;
}

export class Calls {
  /**
   * Set while a start is under way: reads that the request budget keeps back are asked again until it lets them
   * through. Hears why each of them waits, and null when it does no longer.
   */
  starting: ((waits: string | null) => void) | null = null;
  private readonly options: CallsOptions;
  private readonly pauses = new Set<() => void>();
  private closed = false;

  constructor(options: CallsOptions) {
    this.options = options;
  }

  /** A request that changes something: once, with an expiry. `askedAtMs`: when our caller wanted it. */
  async change(
    call: CcxtCall,
    about: { readonly priority: Priority; readonly askedAtMs: number; readonly bulkCancelOf?: string },
  ): Promise<CallReply> {
    const { expiryMs, changeMs } = this.options.times;
    const { priority, askedAtMs, bulkCancelOf } = about;
    // a cancel that comes late still does what is wanted; an order that comes late does harm
    const endMs = askedAtMs + (priority === 0 ? Math.max(changeMs, expiryMs) : expiryMs);
    return this.once(call, {
      priority,
      // some of it is left for the way to the exchange
      waitUntilMs: endMs - Math.floor(expiryMs / 2),
      deadlineMs: askedAtMs + changeMs,
      expiresAtMs: endMs,
      ...(bulkCancelOf === undefined ? {} : { bulkCancelOf }),
    });
  }

  /** A read: three tries inside its deadline; a definite answer is not asked for twice. */
  async read(call: CcxtCall, priority: Priority): Promise<CallReply> {
    for (let waited = false; ; waited = true) {
      const reply = await this.tries(call, priority);
      const { starting } = this;
      if (starting === null || !this.isShort(reply)) {
        if (waited) starting?.(null);
        return reply;
      }
      starting(reply.text);
      if (!(await this.pause(SHORT_MS))) return reply;
    }
  }

  private async tries(call: CcxtCall, priority: Priority): Promise<CallReply> {
    const { clock, times } = this.options;
    const deadlineMs = clock.nowMs() + (priority >= 3 ? times.patientMs : times.readMs);
    const wish: CallWish = { priority, waitUntilMs: deadlineMs, deadlineMs, expiresAtMs: null };
    for (let tried = 1; ; tried += 1) {
      const reply = await this.once(call, wish);
      if (reply.ok || tried === TRIES || !this.mayRetry(reply)) return reply;
      const waitMs = this.retryWaitMs(tried);
      if (clock.nowMs() + waitMs >= deadlineMs || !(await this.pause(waitMs))) return reply;
    }
  }

  /** 100 ms doubling, ±20 %. */
  retryWaitMs(tried: number): number {
    const random = this.options.random ?? Math.random;
    return Math.round(RETRY_MS * 2 ** (tried - 1) * (0.8 + 0.4 * random()));
  }

  /** False: closed meanwhile. */
  pause(forMs: number): Promise<boolean> {
    if (this.closed) return Promise.resolve(false);
    return new Promise((resolve) => {
      const end = (): void => {
        this.pauses.delete(stop);
        resolve(!this.closed);
      };
      const cancel = this.options.clock.at(this.options.clock.nowMs() + forMs, end);
      const stop = (): void => {
        cancel();
        end();
      };
      this.pauses.add(stop);
    });
  }

  meaning(failure: CallFailure): Meaning {
    return meaningOf(this.options.table, failure);
  }

  close(): void {
    this.closed = true;
    for (const stop of this.pauses) stop();
  }

  private async once(call: CcxtCall, wish: CallWish): Promise<CallReply> {
    const reply = await this.options.instance.call(call, wish);
    if (!reply.ok && reply.status !== null) this.options.failed(this.meaning(reply), reply, call);
    return reply;
  }

  /** Nothing was said but that there were too many requests. */
  private isShort(reply: CallReply): reply is CallFailure {
    if (reply.ok) return false;
    return reply.cause === "budget" || (reply.status !== null && this.meaning(reply).means === "rate");
  }

  private mayRetry(failure: CallFailure): boolean {
    if (failure.cause !== null || failure.ccxtClass === "NotSupported") return false;
    const { means } = this.meaning(failure);
    return means === "unknown" || means === "rate" || means === "clock" || means === "maintenance";
  }
}
