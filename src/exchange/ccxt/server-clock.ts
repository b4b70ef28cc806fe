// How far our clock is from the exchange's (EXCH-24): measured at the start, every five minutes and on every refusal
// for the clock; never twice at once. While it is not trusted, no order is placed.

import type { Clock } from "../../base/clock.ts";
import type { UpstreamHealth } from "../port.ts";

export interface ServerClockOptions {
  readonly clock: Clock;
  /** One reading of the exchange's time, Unix ms; null: none came. */
  readonly ask: () => Promise<number | null>;
  /** From now on the exchange's time is ours plus this. */
  readonly set: (offsetMs: number) => void;
  readonly health: (health: UpstreamHealth) => void;
}

const SAMPLES = 5;
const AGAIN_MS = 300_000;
/** After a measurement that failed or cannot be trusted. */
const SOON_MS = 5000;
const ERROR_MS_MAX = 500;
const STEP_MS_MAX = 250;
const OFFSET_MS_ALERT = 1000;

export interface Measured {
  readonly offsetMs: number;
  readonly errorMs: number;
}

export class ServerClock {
  private readonly options: ServerClockOptions;
  private measured: Measured | null = null;
  private steady = false;
  private running: Promise<void> | null = null;
  private cancelNext = (): void => undefined;
  private told: UpstreamHealth["state"] = "live";
  private closed = false;

  constructor(options: ServerClockOptions) {
    this.options = options;
  }

  /** Null: not measured yet. */
  get offset(): Measured | null {
    return this.measured;
  }

  /** Why no order may be placed now; null: the clock is good. */
  objection(): string | null {
    if (this.measured === null) return "the exchange's time is not known";
    if (this.measured.errorMs > ERROR_MS_MAX) return `the exchange's time is known to ${this.measured.errorMs} ms only`;
    return this.steady ? null : "the exchange's time has moved and is being measured again";
  }

  /** Measures now, or waits for the measurement under way. */
  measure(): Promise<void> {
    this.running ??= this.sample().finally(() => {
      this.running = null;
    });
    return this.running;
  }

  close(): void {
    this.closed = true;
    this.cancelNext();
  }

  private async sample(): Promise<void> {
    const { clock } = this.options;
    let best: Measured | null = null;
    for (let n = 0; n < SAMPLES && !this.closed; n += 1) {
      const [wallMs, startMs] = [clock.nowMs(), clock.monotonicMs()];
      const serverMs = await this.options.ask();
      if (serverMs === null) continue;
      const roundMs = clock.monotonicMs() - startMs;
      const errorMs = Math.ceil(roundMs / 2);
      if (best === null || errorMs < best.errorMs) {
        best = { offsetMs: Math.round(serverMs - (wallMs + roundMs / 2)), errorMs };
      }
    }
    if (!this.closed) this.take(best);
  }

  private take(best: Measured | null): void {
    const { clock, set } = this.options;
    if (best !== null) {
      const before = this.measured;
      this.steady = before === null || Math.abs(best.offsetMs - before.offsetMs) <= STEP_MS_MAX;
      this.measured = best;
      set(best.offsetMs);
    }
    const objection = this.objection();
    this.tell(best, objection);
    this.cancelNext();
    const waitMs = best === null || objection !== null ? SOON_MS : AGAIN_MS;
    this.cancelNext = clock.at(clock.nowMs() + waitMs, () => void this.measure());
  }

  private tell(best: Measured | null, objection: string | null): void {
    const offsetMs = this.measured?.offsetMs ?? 0;
    const far = Math.abs(offsetMs) > OFFSET_MS_ALERT;
    const state = objection !== null ? "stale" : far || best === null ? "suspect" : "live";
    if (state === this.told) return;
    this.told = state;
    const text = objection ?? (best === null ? "it could not be measured" : offBy(offsetMs));
    this.options.health({ subject: "clock", state, text: state === "live" ? "the clock is good again" : text });
  }
}

/** `offsetMs`: the exchange's clock less ours. */
const offBy = (offsetMs: number): string =>
  `our clock is ${Math.abs(offsetMs)} ms ${offsetMs < 0 ? "ahead" : "behind"}`;
