// Carries what one lane has to its channel, one at a time: three tries of five seconds (RISK-41), then a rest, so
// that a dead channel costs next to nothing. A critical notice is tried again after each rest. Nobody ever waits for
// it.

import type { Clock } from "../../base/clock.ts";
import type { AlertSeverity } from "../../trading/effect.ts";
import { type Moment, type Notice, severityOf } from "./alert.ts";
import type { Channel, Delivery } from "./channel.ts";
import type { Lane } from "./lane.ts";

export const TRY_MS_MAX = 5_000;
export const TRIES = 3;
export const REST_MS = 60_000;

export interface CourierParts {
  /** Time nobody can set back. */
  readonly clock: Clock;
  readonly moment: () => Moment;
  /** Ms to wait after the `failures`-th failed try, from 1. */
  readonly waitMs: (failures: number) => number;
  readonly onSent: (severity: AlertSeverity) => void;
  /** It failed after it had worked, or for the first time; `text` says how. */
  readonly onFailing: (text: string) => void;
  readonly onWorking: () => void;
  /** Every delivery that was given up for now. */
  readonly onGivenUp: (notice: Notice, text: string) => void;
  /** Something of ours threw; the next notice is carried all the same. */
  readonly onFault: (error: unknown) => void;
}

export interface CourierState {
  /** Null while it works, or was never tried. */
  readonly failing: string | null;
  readonly sent: number;
  readonly waiting: number;
  /** Alerts the next digest will count. */
  readonly folded: number;
  /** Since the last try; null before the first. */
  readonly ageMs: number | null;
}

export class Courier {
  private readonly channel: Channel;
  private readonly lane: Lane;
  private readonly parts: CourierParts;
  private failing: string | null = null;
  private sent = 0;
  private triedMs: number | null = null;
  private restUntilMs = 0;
  private underWay: Promise<void> | null = null;
  private cancelWake: (() => void) | null = null;
  private endPause: (() => void) | null = null;
  private readonly closing = new AbortController();
  private closed = false;

  constructor(channel: Channel, lane: Lane, parts: CourierParts) {
    this.channel = channel;
    this.lane = lane;
    this.parts = parts;
  }

  get state(): CourierState {
    const { failing, sent, triedMs } = this;
    const ageMs = triedMs === null ? null : Math.max(0, Math.round(this.parts.clock.nowMs() - triedMs));
    return { failing, sent, waiting: this.lane.size, folded: this.lane.folded, ageMs };
  }

  /** There may be something to carry. Returns at once. */
  wake(): void {
    if (this.closed || this.underWay !== null) return;
    this.cancelWake?.();
    this.cancelWake = null;
    const moment = this.parts.moment();
    const notice = moment.nowMs < this.restUntilMs ? null : this.lane.next(moment);
    if (notice !== null) {
      this.underWay = this.deliver(notice)
        .catch(this.parts.onFault)
        .then(() => {
          this.underWay = null;
          this.wake();
        });
      return;
    }
    const atMs = this.lane.nextAtMs(moment);
    if (atMs === null) return;
    this.cancelWake = this.parts.clock.at(Math.max(atMs, this.restUntilMs), () => this.wake());
  }

  /**
   * Sends what is left, one try each, until `untilMs` of the clock; then cuts what is under way. Resolves with the
   * number of notices that were not sent.
   */
  async close(untilMs: number): Promise<number> {
    this.closed = true;
    this.cancelWake?.();
    const cancel = this.parts.clock.at(untilMs, () => this.closing.abort());
    this.endPause?.();
    await this.underWay;
    const left = [...this.lane.drain(this.parts.moment())];
    let lost = 0;
    for (const notice of left) {
      const broken = lost > 0 || this.closing.signal.aborted;
      const delivery: Delivery = broken ? CUT : await this.oneTry(notice);
      if (delivery.kind === "sent") this.done(notice);
      else {
        lost += 1;
        this.lane.lose(notice);
        this.parts.onGivenUp(notice, delivery.text);
      }
    }
    cancel();
    return lost;
  }

  private async deliver(notice: Notice): Promise<void> {
    let text = "";
    for (let failures = 1; failures <= TRIES; failures += 1) {
      const delivery = await this.oneTry(notice);
      if (delivery.kind === "sent") {
        this.done(notice);
        return;
      }
      text = delivery.text;
      if (delivery.kind === "refused" || failures === TRIES || this.closed) break;
      await this.pause(delivery.waitMs ?? this.parts.waitMs(failures));
    }
    const { nowMs } = this.parts.moment();
    this.restUntilMs = nowMs + REST_MS;
    this.lane.giveBack(notice, nowMs);
    this.parts.onGivenUp(notice, text);
    const isNews = this.failing === null;
    this.failing = text;
    if (isNews) this.parts.onFailing(text);
  }

  private async oneTry(notice: Notice): Promise<Delivery> {
    const { clock } = this.parts;
    this.triedMs = clock.nowMs();
    const late = new AbortController();
    const cancel = clock.at(this.triedMs + TRY_MS_MAX, () => late.abort());
    try {
      return await this.channel.send(notice, AbortSignal.any([late.signal, this.closing.signal]));
    } catch (error) {
      return { kind: "failed", text: error instanceof Error ? error.name : "it could not be sent", waitMs: null };
    } finally {
      cancel();
    }
  }

  private done(notice: Notice): void {
    this.sent += 1;
    this.parts.onSent(severityOf(notice));
    if (this.failing === null) return;
    this.failing = null;
    this.parts.onWorking();
  }

  private pause(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    if (this.closed) return Promise.resolve();
    const { clock } = this.parts;
    const cancel = clock.at(clock.nowMs() + ms, resolve);
    this.endPause = () => {
      cancel();
      resolve();
    };
    return promise;
  }
}

const CUT: Delivery = { kind: "failed", text: "not tried: the process ends", waitMs: null };
