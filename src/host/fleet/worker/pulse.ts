// Signs of life of a bot's thread, in memory both threads see (OPS-17): beats of its loop, and the event whose step is
// under way. A step without end leaves its number there. Decides nothing.

import type { StepMarks } from "../../watchdog.ts";

const BEATS = 0;
const STEPPING = 1;
const SEQ_BYTE = 8;

export const newPulse = (): SharedArrayBuffer => new SharedArrayBuffer(16);

/** The thread's side. */
export class Pulse implements StepMarks {
  private readonly view: Int32Array;
  private readonly seqs: Float64Array;

  constructor(shared: SharedArrayBuffer) {
    this.view = new Int32Array(shared);
    this.seqs = new Float64Array(shared, SEQ_BYTE);
  }

  beat(): void {
    Atomics.add(this.view, BEATS, 1);
  }

  began(_bot: string, seq: number): void {
    this.seqs[0] = seq;
    Atomics.store(this.view, STEPPING, 1);
    this.beat();
  }

  ended(): void {
    Atomics.store(this.view, STEPPING, 0);
  }
}

export interface PulseLimits {
  /** Silence within a step, or of a run that was started, ms. */
  readonly silentMs: number;
  /** Silence while it opens: modules are loaded, a journal is checked. */
  readonly openingMs: number;
}

/** The other side: to be looked at about once a second. */
export class PulseWatch {
  private readonly view: Int32Array;
  private readonly seqs: Float64Array;
  private readonly limits: PulseLimits;
  private beats = 0;
  private silentMs = 0;
  private lookedAtMs: number;

  constructor(shared: SharedArrayBuffer, limits: PulseLimits, nowMs: number) {
    this.view = new Int32Array(shared);
    this.seqs = new Float64Array(shared, SEQ_BYTE);
    this.limits = limits;
    this.lookedAtMs = nowMs;
  }

  /** The event whose step is under way; 0 when none is. */
  get steppingSeq(): number {
    return Atomics.load(this.view, STEPPING) === 0 ? 0 : (this.seqs[0] ?? 0);
  }

  /** True when it was silent for too long. A look that comes late is no proof: the whole process stood still. */
  isSilent(nowMs: number, opened: boolean): boolean {
    const passedMs = nowMs - this.lookedAtMs;
    this.lookedAtMs = nowMs;
    const beats = Atomics.load(this.view, BEATS);
    if (beats !== this.beats) {
      this.beats = beats;
      this.silentMs = 0;
      return false;
    }
    this.silentMs += Math.min(passedMs, this.limits.silentMs / 2);
    const limitMs = opened || this.steppingSeq !== 0 ? this.limits.silentMs : this.limits.openingMs;
    return this.silentMs >= limitMs;
  }
}
