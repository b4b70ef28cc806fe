// The two clocks of a recording (BT-23): how far the exchange's stamps are from the recorder's, to the nanosecond, and
// stamps that fall. Memory stays flat: beyond a million messages the median is taken over every 2nd, 4th, … message.

import type { Findings } from "./finding.ts";

/** `exchange − local` over all messages with an event time, in ns. Plain data, kept with prepared files. */
export interface ClockFigures {
  readonly messages: number;
  readonly minNs: number;
  readonly medianNs: number;
  readonly maxNs: number;
  /** The median stands on every n-th message; 1 when it is exact. */
  readonly sampledEvery: number;
}

const SAMPLES_MAX = 1 << 20;
const MEDIAN_NS_MAX = 5e9;
/** A stamp that falls by more than this is refused, not warned about. */
const BACKWARDS_MS_MAX = 1000;

export class ClockCheck {
  /** Highest local stamp so far, µs: what the tape's local time is held at when the recorder's clock falls. */
  heldUs = 0;
  firstLocal = "";
  lastLocal = "";
  longestSilenceNs = 0;
  private readonly findings: Findings;
  private lastUs = 0;
  private lastNs = 0;
  private messages = 0;
  private minNs = Number.POSITIVE_INFINITY;
  private maxNs = Number.NEGATIVE_INFINITY;
  private samples = new Float64Array(1 << 12);
  private sampled = 0;
  private every = 1;
  private firstEvent = { file: "", line: 0 };
  /** Newest event time by stream. */
  private readonly newestMs = { depth: 0, quote: 0, trade: 0, aggTrade: 0, mark: 0 };

  constructor(findings: Findings) {
    this.findings = findings;
  }

  /** The local stamp of a line: whole µs, and ns below. */
  onLocal(us: number, ns: number, line: number): void {
    if (this.lastUs > 0) {
      const silence = (us - this.lastUs) * 1000 + (ns - this.lastNs);
      if (silence < 0) this.backwards(line, (this.heldUs - us) / 1000);
      if (silence > this.longestSilenceNs) this.longestSilenceNs = silence;
    } else this.firstLocal = stampText(us, ns);
    this.lastUs = us;
    this.lastNs = ns;
    if (us > this.heldUs) this.heldUs = us;
  }

  /** The event time of a stream's message, recorded at the newest local stamp. */
  onEvent(stream: "depth" | "quote" | "trade" | "aggTrade" | "mark", eventMs: number, line: number): void {
    const newest = this.newestMs[stream];
    if (eventMs < newest) this.backwards(line, newest - eventMs);
    else this.newestMs[stream] = eventMs;
    const ns = (eventMs * 1000 - this.lastUs) * 1000 - this.lastNs;
    if (this.messages === 0) this.firstEvent = { file: this.findings.file, line };
    this.messages += 1;
    if (ns < this.minNs) this.minNs = ns;
    if (ns > this.maxNs) this.maxNs = ns;
    if (ns > 0) this.findings.add("clockSkew", line);
    if (this.messages % this.every === 0) this.sample(ns);
  }

  /** Judges the median and says the figures; null when no message had an event time. */
  finish(): ClockFigures | null {
    this.lastLocal = stampText(this.lastUs, this.lastNs);
    if (this.messages === 0) return null;
    const sorted = this.samples.subarray(0, this.sampled).sort();
    const medianNs = sorted[this.sampled >> 1] ?? 0; // of an even number the upper one
    if (-medianNs > MEDIAN_NS_MAX && this.findings.count("clockSkew") === 0) {
      this.findings.add("clockSkew", this.firstEvent.line, this.messages);
      this.findings.setPlace("clockSkew", this.firstEvent.file, this.firstEvent.line);
    }
    this.findings.describe(
      "clockSkew",
      `exchange − local: ${millis(this.minNs)} … ${millis(this.maxNs)} ms, median ${millis(medianNs)}`,
    );
    return { messages: this.messages, minNs: this.minNs, medianNs, maxNs: this.maxNs, sampledEvery: this.every };
  }

  private backwards(line: number, byMs: number): void {
    this.findings.add("clockBackwards", line);
    if (byMs > BACKWARDS_MS_MAX) this.findings.setSeverity("clockBackwards", "refuse");
  }

  private sample(ns: number): void {
    if (this.sampled === this.samples.length && this.sampled < SAMPLES_MAX) {
      const next = new Float64Array(this.samples.length * 2);
      next.set(this.samples);
      this.samples = next;
    }
    if (this.sampled === SAMPLES_MAX) {
      for (let i = 0; i < SAMPLES_MAX / 2; i += 1) this.samples[i] = this.samples[2 * i + 1] ?? 0;
      this.sampled = SAMPLES_MAX / 2;
      this.every *= 2;
      if (this.messages % this.every !== 0) return;
    }
    this.samples[this.sampled] = ns;
    this.sampled += 1;
  }
}

const stampText = (us: number, ns: number): string => `${us}${String(ns).padStart(3, "0")}`;

/** Nanoseconds as milliseconds text, six digits after the point. */
export function millis(ns: number): string {
  const whole = Math.trunc(ns / 1e6);
  const rest = Math.abs(ns % 1e6);
  return `${ns < 0 && whole === 0 ? "-" : ""}${whole}.${String(rest).padStart(6, "0")}`;
}
