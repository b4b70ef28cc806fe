// Writes down what the sockets of a real exchange say (EXCH-60): public frames as received, private ones without
// secrets where that is asked for, and every snapshot by which a book is built. It only listens; nobody waits for it.

import type { Clock } from "../../../base/clock.ts";
import type { Log } from "../../../observe/log.ts";
import type { CcxtInstance } from "../ccxt-instance.ts";
import type { ExchangeTable } from "../exchanges/exchange-table.ts";
import type { Instruments } from "../instruments.ts";
import { isRecord } from "../raw.ts";
import type { Redactor } from "../redact.ts";
import { streamTableOf } from "../streams/ccxt-streams.ts";
import type { StreamTable } from "../streams/stream-table.ts";
import { FrameFiles } from "./frame-files.ts";

export interface RecordOptions {
  readonly folder: string;
  readonly bytesMax: number;
  /** Own orders and fills too. */
  readonly private: boolean;
  /** Told of lines that could not be kept. */
  readonly lost: (lines: number) => void;
}

export interface RecorderParts {
  readonly instance: CcxtInstance;
  readonly table: ExchangeTable;
  readonly instruments: Instruments;
  readonly redactor: Redactor;
  readonly clock: Clock;
  readonly log: Log;
}

/** A snapshot for a new file waits behind everything else. */
const SNAPSHOT_MS = 30_000;

export class Recorder {
  private readonly options: RecordOptions;
  private readonly parts: RecorderParts;
  private readonly streams: StreamTable | null;
  private readonly files: FrameFiles;
  private readonly ends: readonly (() => void)[];
  private readonly startNs: bigint;
  private readonly startMs: number;
  /** Newest hour of each name. */
  private readonly hours = new Map<string, string>();

  constructor(options: RecordOptions, parts: RecorderParts) {
    const { table, instance, clock, log } = parts;
    this.options = options;
    this.parts = parts;
    this.streams = streamTableOf(table);
    this.startNs = BigInt(Math.floor(clock.nowMs())) * 1_000_000n;
    this.startMs = clock.monotonicMs();
    const { folder, bytesMax, lost } = options;
    this.files = new FrameFiles({ folder, bytesMax, lost, clock, log, prefix: `${table.name}-${table.market}` });
    this.ends = [
      instance.onRaw((text) => this.heard(text)),
      instance.onReply((call, body) => this.answered(call, body)),
    ];
  }

  /** Resolves when everything is on the disk. */
  async close(): Promise<void> {
    for (const end of this.ends) end();
    await this.files.close();
  }

  private heard(text: string): void {
    const { streams } = this;
    const frame = parsed(text);
    if (streams === null || frame === null) return;
    const [news] = streams.readPublic(frame);
    if (news !== undefined) this.write(news.wireName, oneLine(text, frame), true);
    else if (this.options.private && (streams.own?.read(frame).length ?? 0) > 0) {
      this.write("private", this.parts.redactor.clean(oneLine(text, frame)), false);
    }
  }

  private answered(call: { readonly method: string; readonly args: readonly unknown[] }, body: unknown): void {
    const snapshot = this.streams?.snapshot ?? null;
    if (snapshot === null || !isRecord(body)) return;
    const asked = JSON.stringify(call);
    for (const { wireName } of this.parts.instruments.all()) {
      if (asked === JSON.stringify(snapshot.call(wireName))) this.write(wireName, JSON.stringify(body), false);
    }
  }

  private write(name: string, text: string, market: boolean): void {
    const hour = this.files.hour();
    const before = this.hours.get(name);
    this.hours.set(name, hour);
    // each file stands for itself: its book begins with a snapshot
    if (market && before !== undefined && before !== hour) this.snapshot(name);
    this.files.write(name, hour, `${this.nowNs()} ${text}`);
  }

  private snapshot(wireName: string): void {
    const { instance, clock } = this.parts;
    const call = this.streams?.snapshot?.call(wireName);
    if (call === undefined) return;
    const deadlineMs = clock.nowMs() + SNAPSHOT_MS;
    void instance.call(call, { priority: 4, waitUntilMs: deadlineMs, deadlineMs, expiresAtMs: null });
  }

  private nowNs(): string {
    const us = Math.round((this.parts.clock.monotonicMs() - this.startMs) * 1000);
    return (this.startNs + BigInt(us) * 1000n).toString();
  }
}

function parsed(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
}

const oneLine = (text: string, frame: unknown): string => (text.includes("\n") ? JSON.stringify(frame) : text);
