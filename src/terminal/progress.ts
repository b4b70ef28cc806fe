// Progress of a long command on stderr (BT-28): a bar on a terminal, a line each ten seconds elsewhere, nothing when
// quiet. Results go to stdout; this never does.

import type { Writable } from "node:stream";
import { SingleBar } from "cli-progress";
import { countText, decimalText, durationText, utcText } from "../backtest/figures.ts";

/** How far a run is. `done` and `total` are events, rows or bytes of the same kind. */
export interface ProgressState {
  readonly done: number;
  readonly total: number;
  /** Date in the data, µs; null while there is none (loading). */
  readonly simulatedUs: number | null;
  /** Equity as decimal text; null while there is none. */
  readonly equity: string | null;
}

export interface Progress {
  /** Cheap when nothing is due: call it as often as you like. */
  update(state: ProgressState): void;
  /** The end, or the place where it stopped: leaves the terminal as it was. */
  stop(): void;
}

export interface ProgressOptions {
  /** What is being done: "loading", "backtest". */
  readonly label: string;
  /** What is counted: "rows", "events". */
  readonly unit: string;
  readonly quiet: boolean;
  readonly stream: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  /** Monotonic milliseconds. */
  readonly nowMs: () => number;
}

const REDRAW_MS = 100;
const LINE_MS = 10_000;

export function startProgress(options: ProgressOptions): Progress {
  if (options.quiet) return { update: () => undefined, stop: () => undefined };
  return options.stream.isTTY === true ? new BarProgress(options) : new LineProgress(options);
}

/** Speed and time left, from the start of the work; n/a until there is something to judge by. */
export function paceOf(state: ProgressState, elapsedMs: number): { readonly rate: string; readonly left: string } {
  if (elapsedMs < 200 || state.done <= 0) return { rate: "n/a", left: "n/a" };
  const perMs = state.done / elapsedMs;
  const leftMs = Math.max(0, state.total - state.done) / perMs;
  return { rate: countText(Math.round(perMs * 1000)), left: durationText(Math.ceil(leftMs / 1000) * 1_000_000) };
}

const percentOf = ({ done, total }: ProgressState): number => (total <= 0 ? 0 : Math.min(100, (100 * done) / total));

/**
 * One line of progress, without a bar: "backtest 41 %  2019-05-30 12:00  310,201 events/s  2 s left  equity 9,871.20".
 */
export function progressLine(
  options: { label: string; unit: string },
  state: ProgressState,
  elapsedMs: number,
): string {
  const { rate, left } = paceOf(state, elapsedMs);
  const parts = [`${options.label} ${Math.floor(percentOf(state))} %`];
  if (state.simulatedUs !== null) parts.push(utcText(state.simulatedUs).slice(0, 16));
  parts.push(`${rate} ${options.unit}/s`, `${left} left`);
  if (state.equity !== null) parts.push(`equity ${decimalText(state.equity, 2)}`);
  return parts.join("  ");
}

class LineProgress implements Progress {
  private readonly options: ProgressOptions;
  private readonly startMs: number;
  private dueMs: number;
  private last: ProgressState | null = null;

  constructor(options: ProgressOptions) {
    this.options = options;
    this.startMs = options.nowMs();
    this.dueMs = this.startMs + LINE_MS;
  }

  update(state: ProgressState): void {
    this.last = state;
    const now = this.options.nowMs();
    if (now < this.dueMs) return;
    this.dueMs = now + LINE_MS;
    this.options.stream.write(`${progressLine(this.options, state, now - this.startMs)}\n`);
  }

  stop(): void {
    if (this.last === null) return;
    const seconds = (this.options.nowMs() - this.startMs) / 1000;
    const { label, unit } = this.options;
    const text = `${label} ${Math.floor(percentOf(this.last))} %  ${countText(this.last.done)} ${unit} in ${seconds.toFixed(1)} s`;
    this.options.stream.write(`${text}\n`);
    this.last = null;
  }
}

class BarProgress implements Progress {
  private readonly options: ProgressOptions;
  private readonly bar: SingleBar;
  private readonly startMs: number;
  private dueMs: number;
  private state: ProgressState | null = null;

  constructor(options: ProgressOptions) {
    this.options = options;
    this.startMs = options.nowMs();
    this.dueMs = this.startMs;
    this.bar = new SingleBar({
      format: () => this.line(),
      stream: options.stream,
      hideCursor: true,
      clearOnComplete: false,
      forceRedraw: true,
      linewrap: null,
      fps: 1000 / REDRAW_MS,
      // the command owns its signals; it calls stop()
      gracefulExit: false,
    });
  }

  update(state: ProgressState): void {
    const now = this.options.nowMs();
    const first = this.state === null;
    this.state = state;
    if (first) this.bar.start(Math.max(1, state.total), state.done);
    else if (now >= this.dueMs) this.bar.update(state.done);
    else return;
    this.dueMs = now + REDRAW_MS;
  }

  stop(): void {
    if (this.state === null) return;
    this.bar.update(this.state.done);
    this.bar.stop();
    this.state = null;
  }

  private line(): string {
    if (this.state === null) return "";
    const width = this.options.stream.columns ?? 80;
    const text = progressLine(this.options, this.state, this.options.nowMs() - this.startMs);
    const room = Math.min(30, width - text.length - 3);
    if (room < 6) return text.slice(0, width - 1);
    const full = Math.round((percentOf(this.state) / 100) * room);
    return `${"━".repeat(full)}${"╌".repeat(room - full)} ${text}`;
  }
}
