// Settling what is not known (durability.md section 11): asks about an order until evidence ends the question. Only
// evidence does; there is no time-out to "rejected" (DUR-36). Idempotent: it may be killed and begun again (DUR-47).

import { crashPoint } from "../base/crash-point.ts";
import type { ClientOrderId } from "../trading/client-order-id.ts";
import type { HostContext } from "./context.ts";
import { type Answer, askAbout, type Question } from "./evidence.ts";

/** DUR-46: the first look, then these, and the last one again and again. */
const LOOKS_MS = [500, 1_000, 2_000, 4_000, 5_000] as const;
const LAST_LOOK_MS = 5_000;
const PARALLEL_MAX = 10;
/** Looks for fills that an order's total promises; afterwards the reconciler goes on. */
const FILL_LOOKS_MAX = 12;
/** How late a send may have begun after its record (DUR-38): what a restart must assume. */
export const SEND_DELAY_MS_MAX = 1_000;

export interface SettleOptions {
  /** Uncertainty of our clock against the exchange's. */
  readonly clockErrorMs: number;
  /** True while a place of this id is on the wire: then nothing can be concluded about it. */
  readonly isSending: (id: ClientOrderId) => boolean;
  /** Called when the last unknown order was settled. */
  readonly onSettled: () => void;
}

interface Job extends Question {
  /** `unknown`: did it arrive? `ended`: the exchange says it is not open, so what became of it? */
  readonly about: "unknown" | "ended";
  /** Monotonic time from which "not found" is proof (DUR-45). */
  absentFromMs: number;
  looks: number;
  asking: boolean;
  cancelWake: (() => void) | null;
}

export class Settler {
  private readonly context: HostContext;
  private readonly options: SettleOptions;
  /** When this run began, by both clocks: the run before sends nothing after that. */
  private readonly began: { readonly atMs: number; readonly monotonicMs: number };
  private readonly jobs = new Map<ClientOrderId, Job>();
  private readonly waiting: Job[] = [];
  private asking = 0;
  private stopped = false;

  constructor(context: HostContext, options: SettleOptions) {
    this.context = context;
    this.options = options;
    const { clock } = context;
    this.began = { atMs: clock.nowMs(), monotonicMs: clock.monotonicMs() };
  }

  /** Orders that are being asked about. */
  get open(): number {
    return this.jobs.size;
  }

  /** A send ended without an answer; it began at `sentAtMs` (monotonic). */
  unknown(question: Question, sentAtMs: number): void {
    this.begin(question, "unknown", sentAtMs + this.windowMs(), LOOKS_MS[0]);
  }

  /**
   * After a restart. The run before sent up to a second after the record, and nothing after this run began; how long
   * ago that was the wall clock cannot prove, it may have been set since. So the window begins with this run, or within the
   * second after it that the record leaves.
   */
  unknownSinceRestart(question: Question): void {
    const { atMs, monotonicMs } = this.began;
    const leftMs = question.recordedAtMs + SEND_DELAY_MS_MAX - atMs;
    const lastSentMs = monotonicMs + Math.min(SEND_DELAY_MS_MAX, Math.max(0, leftMs));
    this.begin(question, "unknown", lastSentMs + this.windowMs(), 0);
  }

  /** "Not open" never says that nothing was filled: asks how the order ended (EXCH-14), once at a time for an id. */
  ended(question: Question): void {
    if (this.jobs.has(question.clientOrderId)) return;
    const { clock, state } = this.context;
    const place = state.orders.get(question.clientOrderId)?.place;
    // one that may still be on its way is not open yet: that proves nothing before its window is over (DUR-45)
    const onItsWay = place === "unknown" || place === "recorded";
    this.begin(question, "ended", clock.monotonicMs() + (onItsWay ? this.windowMs() : this.lagMs()), 0);
  }

  stop(): void {
    this.stopped = true;
    for (const job of this.jobs.values()) job.cancelWake?.();
    this.jobs.clear();
    this.waiting.length = 0;
  }

  private lagMs(): number {
    return this.options.clockErrorMs + this.context.port.lookupLagMs;
  }

  private windowMs(): number {
    return this.context.port.requestExpiryMs + this.lagMs();
  }

  private begin(question: Question, about: Job["about"], absentFromMs: number, delayMs: number): void {
    const before = this.jobs.get(question.clientOrderId);
    if (before !== undefined) this.drop(before);
    const { symbol, clientOrderId, recordedAtMs } = question;
    const job: Job = {
      symbol,
      clientOrderId,
      recordedAtMs,
      about,
      absentFromMs,
      looks: 0,
      asking: false,
      cancelWake: null,
    };
    this.jobs.set(clientOrderId, job);
    if (delayMs === 0) this.look(job);
    else this.lookAfter(job, delayMs);
  }

  private lookAfter(job: Job, delayMs: number): void {
    const { clock } = this.context;
    // one look right at the end of the window, so that proof is not waited for longer than it takes
    const toWindow = Math.ceil(job.absentFromMs - clock.monotonicMs());
    const delay = toWindow > 0 ? Math.min(delayMs, toWindow) : delayMs;
    job.cancelWake = clock.at(clock.nowMs() + delay, () => {
      job.cancelWake = null;
      this.look(job);
    });
  }

  private look(job: Job): void {
    if (!this.isOpen(job)) return;
    if (this.isAnswered(job)) {
      this.finish(job);
      return;
    }
    if (this.asking >= PARALLEL_MAX) {
      this.waiting.push(job);
      return;
    }
    this.asking += 1;
    job.asking = true;
    job.looks += 1;
    const askedAtMs = this.context.clock.monotonicMs();
    askAbout(this.context, job, (answer) => {
      this.asking -= 1;
      job.asking = false;
      if (this.isOpen(job)) this.answered(job, answer, askedAtMs);
      this.next();
    });
  }

  private answered(job: Job, answer: Answer, askedAtMs: number): void {
    if (answer === "found") {
      this.finish(job);
      return;
    }
    if (this.options.isSending(job.clientOrderId)) {
      job.absentFromMs = this.context.clock.monotonicMs() + this.windowMs();
    } else if (answer === "absent" && askedAtMs >= job.absentFromMs) {
      this.context.offer({ kind: "absent", clientOrderId: job.clientOrderId, note: this.note(job) });
      this.finish(job);
      return;
    }
    // asked before the end of the window and answered after it, a look proves nothing, and there is nothing to wait for
    const wasOver = askedAtMs >= job.absentFromMs;
    const isOver = this.context.clock.monotonicMs() >= job.absentFromMs;
    this.lookAfter(job, isOver && !wasOver ? 0 : (LOOKS_MS[job.looks] ?? LAST_LOOK_MS));
  }

  /**
   * An acknowledged order existed, so "not found" can only mean that the exchange forgot it; a long stop means the
   * same.
   */
  private note(job: Job): "not-found" | "forgotten" {
    if (this.context.state.orders.get(job.clientOrderId)?.place === "acknowledged") return "forgotten";
    const reachMs = this.context.port.lookupReachMs ?? Number.POSITIVE_INFINITY;
    return this.context.clock.nowMs() - job.recordedAtMs > reachMs ? "forgotten" : "not-found";
  }

  /** The stream was faster, and told all fills too. */
  private isAnswered(job: Job): boolean {
    const { orders, ended } = this.context.state;
    const live = orders.get(job.clientOrderId);
    const order = live ?? ended.get(job.clientOrderId);
    if (order === undefined) return true;
    if (order.filled < order.cumulative && job.looks < FILL_LOOKS_MAX) return false;
    if (job.about === "ended") return live === undefined;
    return order.place !== "unknown" && order.place !== "recorded";
  }

  private isOpen(job: Job): boolean {
    return !this.stopped && this.jobs.get(job.clientOrderId) === job;
  }

  private finish(job: Job): void {
    this.drop(job);
    crashPoint("recover.settle-middle");
    for (const other of this.jobs.values()) if (other.about === job.about) return;
    if (job.about === "unknown") this.options.onSettled();
  }

  private drop(job: Job): void {
    job.cancelWake?.();
    this.jobs.delete(job.clientOrderId);
    const at = this.waiting.indexOf(job);
    if (at >= 0) this.waiting.splice(at, 1);
  }

  private next(): void {
    const job = this.waiting.shift();
    if (job !== undefined) this.look(job);
  }
}
