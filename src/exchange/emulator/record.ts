// Everything that passed (EMU-05): each request, reply, frame, fault and control call with the emulator's time,
// numbered, and one hash over all of it. Entries are kept up to a size, as bytes outside the heap: what a collector
// would have to copy while an order waits. The hash counts the forgotten ones too.

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

/** Bytes of a block; an entry that is longer has one of its own. */
const BLOCK_BYTES = 1024 * 1024;

/** Bytes kept before the oldest block is forgotten. */
const KEPT_BYTES_MAX = 32 * 1024 * 1024;

/** A character of text takes three bytes of UTF-8 at most. */
const BYTES_OF_CHARACTER_MAX = 3;

/** Entries behind one another, each with a line feed after it. */
interface Block {
  readonly first: number;
  readonly bytes: Buffer;
  /** Where each entry ends, its line feed included. */
  readonly ends: number[];
  used: number;
}

export class WireRecord {
  private readonly nowMs: () => number;
  private readonly running = createHash("sha256");
  private readonly keptMax: number;
  private readonly blocks: Block[] = [];
  private current: Block | null = null;
  /** Bytes of the current block that the hash has seen. */
  private hashed = 0;
  private size = 0;
  private count = 0;
  private readonly listeners = new Set<(entry: RecordedEntry) => void>();

  /** Bytes kept: {@link KEPT_BYTES_MAX}, or as told. */
  constructor(nowMs: () => number, keptMax = KEPT_BYTES_MAX) {
    this.nowMs = nowMs;
    this.keptMax = keptMax;
  }

  /** Number of the newest entry. */
  get length(): number {
    return this.count;
  }

  add(body: RecordBody): void {
    this.count += 1;
    const entry: RecordedEntry = { n: this.count, atMs: this.nowMs(), ...body };
    this.write(JSON.stringify(entry));
    for (const listener of this.listeners) listener(entry);
  }

  /** SHA-256 over every entry so far, as hex. */
  hash(): string {
    this.catchUp();
    return this.running.copy().digest("hex");
  }

  /** Entries after number `since`, oldest first, as JSON lines; `forgotten` of them are no longer kept. */
  since(
    since: number,
    max = Number.POSITIVE_INFINITY,
  ): { readonly lines: readonly string[]; readonly forgotten: number } {
    const first = this.blocks[0]?.first ?? this.count + 1;
    const lines: string[] = [];
    for (const block of this.blocks) {
      const from = Math.max(0, since + 1 - block.first);
      const to = Math.min(block.ends.length, from + max - lines.length);
      for (let i = from; i < to; i += 1) lines.push(block.bytes.toString("utf8", startOf(block, i), endOf(block, i)));
    }
    return { lines, forgotten: Math.max(0, first - 1 - since) };
  }

  /** Told each entry as it comes; returns what ends it. */
  watch(listener: (entry: RecordedEntry) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private write(text: string): void {
    const most = text.length * BYTES_OF_CHARACTER_MAX + 1;
    let block = this.current;
    if (block === null || block.used + most > block.bytes.length) block = this.open(Math.max(most, BLOCK_BYTES));
    block.used += block.bytes.write(text, block.used);
    block.bytes[block.used] = LINE_FEED;
    block.used += 1;
    block.ends.push(block.used);
  }

  /** Begins another block, where there is no more room in the oldest one's memory. */
  private open(bytes: number): Block {
    this.catchUp();
    let free: Buffer | null = null;
    while (this.size + bytes > this.keptMax) {
      const oldest = this.blocks.shift();
      if (oldest === undefined) break;
      this.size -= oldest.bytes.length;
      if (oldest.bytes.length === bytes) free = oldest.bytes;
    }
    const block = { first: this.count, bytes: free ?? Buffer.allocUnsafeSlow(bytes), ends: [], used: 0 };
    this.size += bytes;
    this.blocks.push(block);
    this.current = block;
    this.hashed = 0;
    return block;
  }

  private catchUp(): void {
    if (this.current === null) return;
    this.running.update(this.current.bytes.subarray(this.hashed, this.current.used));
    this.hashed = this.current.used;
  }
}

const LINE_FEED = 10;

const startOf = ({ ends }: Block, i: number): number => ends[i - 1] ?? 0;
/** Without its line feed. */
const endOf = ({ ends }: Block, i: number): number => (ends[i] ?? 1) - 1;
