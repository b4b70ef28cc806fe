// Lets a simulated exchange live on a clock: a virtual one at full speed, where everything up to the next
// client-visible moment is gone through at once, or a wall clock (paced or not), where it is asked every few
// milliseconds.

import type { Clock } from "../base/clock.ts";
import { VirtualClock } from "../base/virtual-clock.ts";
import type { SimulatedExchange } from "../sim/exchange.ts";

export interface DriverOptions {
  /** The exchange never goes beyond this time; none when absent. */
  readonly endUs?: number;
  /** Called when the exchange changed in a way a crash must not lose, before any reply about it leaves. */
  readonly persist?: () => void;
  /**
   * Called after each delivery, before time goes on: a host whose turns are driven answers here. Without it the
   * exchange would go ahead on a virtual clock before the answer is sent.
   */
  readonly onDelivered?: () => void;
  /** Wall clock: how often the market is looked at; 5 unless told. */
  readonly pollMs?: number;
}

// Without another wake in sight the exchange goes this far ahead at once.
const AHEAD_US = 60_000_000;
// Deliveries come before the timers of the same instant (BT-24), looking ahead comes after them.
const DELIVERY_RANK = 0;
const PLAN_RANK = 2;

export class SimulatedDriver {
  readonly exchange: SimulatedExchange;
  readonly clock: Clock;
  private readonly options: DriverOptions;
  private readonly virtual: VirtualClock | null;
  private disarm: (() => void) | null = null;
  private armedUs = Number.POSITIVE_INFINITY;
  private working = false;
  private stopped = false;
  private persisted: number;

  constructor(exchange: SimulatedExchange, clock: Clock, options: DriverOptions = {}) {
    this.exchange = exchange;
    this.clock = clock;
    this.options = options;
    this.virtual = clock instanceof VirtualClock ? clock : null;
    this.persisted = exchange.changes;
    this.touch();
  }

  nowUs(): number {
    return this.virtual?.nowUs() ?? this.clock.nowMs() * 1000;
  }

  /** A request was sent: what is due next may have changed. */
  touch(): void {
    if (this.working || this.stopped) return;
    this.arm(this.nowUs(), PLAN_RANK);
  }

  /** Stops the exchange where it is; nothing more is delivered. */
  stop(): void {
    this.stopped = true;
    this.disarm?.();
    this.disarm = null;
  }

  private wake(): void {
    this.disarm = null;
    this.armedUs = Number.POSITIVE_INFINITY;
    if (this.stopped) return;
    const nowUs = Math.min(this.nowUs(), this.options.endUs ?? Number.POSITIVE_INFINITY);
    const delivered = this.handOver(nowUs);
    if (this.stopped) return;
    if (this.virtual === null) this.planWall();
    // who heard something answers before the exchange looks ahead, even if it does so only after this wake
    else if (delivered && this.options.onDelivered === undefined) this.arm(nowUs, PLAN_RANK);
    else this.planAhead(this.virtual);
  }

  /** Goes to `nowUs` and hands over what is due; once only where the answer comes after this wake. */
  private handOver(nowUs: number): boolean {
    let delivered = false;
    this.working = true;
    try {
      while (!this.stopped && this.exchange.advance(nowUs) <= nowUs) {
        this.keep();
        this.exchange.deliver(nowUs);
        delivered = true;
        this.options.onDelivered?.();
        if (this.virtual !== null && this.options.onDelivered === undefined) break;
      }
      this.keep();
    } finally {
      this.working = false;
    }
    return delivered;
  }

  /** Virtual time: nobody acts before the clock's next wake, so the exchange may go there at once. */
  private planAhead(clock: VirtualClock): void {
    if (this.exchange.idle()) return;
    const nowUs = clock.nowUs();
    const endUs = this.options.endUs ?? Number.POSITIVE_INFINITY;
    if (nowUs >= endUs) return;
    const limitUs = Math.min(clock.nextUs(), nowUs + AHEAD_US, endUs);
    const dueUs = this.exchange.advance(limitUs);
    this.keep();
    if (dueUs <= limitUs) this.arm(dueUs, DELIVERY_RANK);
    else this.arm(limitUs, PLAN_RANK);
  }

  private planWall(): void {
    if (this.exchange.idle()) return;
    const soonUs = this.nowUs() + (this.options.pollMs ?? 5) * 1000;
    this.arm(Math.min(Math.max(this.exchange.nextUs(), soonUs), this.exchange.nextDeliveryUs()), PLAN_RANK);
  }

  private arm(atUs: number, rank: number): void {
    if (this.virtual === null && this.disarm !== null && this.armedUs <= atUs) return;
    this.disarm?.();
    this.armedUs = atUs;
    const wake = (): void => this.wake();
    this.disarm = this.virtual?.atUs(atUs, wake, rank) ?? this.clock.at(Math.ceil(atUs / 1000), wake);
  }

  private keep(): void {
    if (this.exchange.changes === this.persisted) return;
    this.persisted = this.exchange.changes;
    this.options.persist?.();
  }
}
