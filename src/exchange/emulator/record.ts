// Everything that passed (EMU-05): each request, reply, frame, fault and control call with the emulator's time,
// numbered, and one hash over all of it. Entries are kept up to a size, the hash counts the forgotten ones too.

import { createHash } from "node:crypto";
import type { FrameTraits, ProtocolName } from "./protocol.ts";

/** What happened; `n` and the time are the record's. */
export type RecordBody =
  | {
      readonly kind: "request";
      readonly protocol: ProtocolName;
      /** Number of the request; its reply carries the same. */
      readonly exchange: number;
      readonly method: string;
      readonly path: string;
      readonly query: string;
      readonly key: string;
      readonly body: string;
    }
  | {
      readonly kind: "reply";
      readonly exchange: number;
      readonly status: number;
      readonly body: string;
      readonly cutAt: number | null;
    }
  | { readonly kind: "reset"; readonly exchange: number }
  | {
      readonly kind: "dial";
      readonly protocol: ProtocolName;
      readonly path: string;
      readonly query: string;
      readonly answer: string;
    }
  | { readonly kind: "open" | "ping" | "pong"; readonly socket: number }
  | { readonly kind: "heard"; readonly socket: number; readonly text: string }
  | { readonly kind: "frame"; readonly socket: number; readonly traits: FrameTraits; readonly text: string }
  | { readonly kind: "closed"; readonly socket: number; readonly by: "client" | "emulator"; readonly code: number }
  | { readonly kind: "fault"; readonly fault: string; readonly id: string; readonly touched: unknown }
  | { readonly kind: "control"; readonly operation: string; readonly given: unknown };

export type RecordedEntry = { readonly n: number; readonly atMs: number } & RecordBody;

/** Characters of entries kept before the oldest half is forgotten. */
const KEPT_MAX = 32 * 1024 * 1024;

export class WireRecord {
  private readonly nowMs: () => number;
  private readonly running = createHash("sha256");
  private lines: { readonly n: number; readonly text: string }[] = [];
  private size = 0;
  private count = 0;
  private readonly listeners = new Set<(entry: RecordedEntry) => void>();

  constructor(nowMs: () => number) {
    this.nowMs = nowMs;
  }

  /** Number of the newest entry. */
  get length(): number {
    return this.count;
  }

  add(body: RecordBody): void {
    this.count += 1;
    const entry: RecordedEntry = { n: this.count, atMs: this.nowMs(), ...body };
    const text = JSON.stringify(entry);
    this.running.update(text).update("\n");
    this.lines.push({ n: this.count, text });
    this.size += text.length;
    if (this.size > KEPT_MAX) this.forget();
    for (const listener of this.listeners) listener(entry);
  }

  /** SHA-256 over every entry so far, as hex. */
  hash(): string {
    return this.running.copy().digest("hex");
  }

  /** Entries after number `since`, oldest first, as JSON lines; `forgotten` of them are no longer kept. */
  since(
    since: number,
    max = Number.POSITIVE_INFINITY,
  ): { readonly lines: readonly string[]; readonly forgotten: number } {
    const first = this.lines[0]?.n ?? this.count + 1;
    const from = Math.max(0, since + 1 - first);
    const lines = this.lines.slice(from, Math.min(this.lines.length, from + max)).map(({ text }) => text);
    return { lines, forgotten: Math.max(0, first - 1 - since) };
  }

  /** Told each entry as it comes; returns what ends it. */
  watch(listener: (entry: RecordedEntry) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private forget(): void {
    this.lines = this.lines.slice(Math.ceil(this.lines.length / 2));
    this.size = this.lines.reduce((sum, { text }) => sum + text.length, 0);
  }
}
