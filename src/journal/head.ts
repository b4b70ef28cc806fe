// The `head` file (DUR-24): two 48-byte slots {position, hash, sum}, written in turn after each B that sends, and
// behind them two of the same shape for the newest posting. It lies beside the database and not in it, so a journal
// that lost its end is behind what `head` saw. Never synced: it survives the process, and after a power cut an older
// slot is still a lower bound.

import { hash as digest } from "node:crypto";
import { closeSync, constants, openSync, readFileSync, readSync, writeSync } from "node:fs";
import { toSafe } from "../base/integer.ts";

const SLOT_BYTES = 48;
const SUM_AT = 40;
/** Slots of postings begin here: releases before they were there read and write what is in front of it alone. */
const POSTINGS_AT = 2 * SLOT_BYTES;

/** The newest position that was handed over, and the chain hash there. */
export interface Head {
  readonly position: number;
  readonly hash: string;
  /** Id and hash of the newest posting; absent where an earlier release wrote. 0 and genesis: there was none. */
  readonly posting?: number;
  readonly postingHash?: string;
}

/** Where the chain of postings ends. */
export interface LastPosting {
  readonly id: number;
  readonly hash: string;
}

interface Slot {
  readonly number: number;
  readonly hash: string;
}

/** What a journal that ends so has to say of itself. */
export const headOf = (end: Pick<Head, "position" | "hash">, posting: LastPosting): Head => ({
  position: end.position,
  hash: end.hash,
  posting: posting.id,
  postingHash: posting.hash,
});

/** Newest slot whose sum is right, or null when the file is absent or neither is. */
export function readHead(path: string): Head | null {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
  const newest = newestOf(bytes, 0);
  if (newest === null) return null;
  const head = { position: newest.number, hash: newest.hash };
  const posting = newestOf(bytes, POSTINGS_AT);
  return posting === null ? head : { ...head, posting: posting.number, postingHash: posting.hash };
}

/** Of the two slots from `at` on; null when neither is right. */
function newestOf(bytes: Buffer, at: number): Slot | null {
  const [first = null, second = null] = [0, 1].map((slot) => decodeSlot(slotOf(bytes, at, slot)));
  return first === null || (second !== null && second.number > first.number) ? second : first;
}

const slotOf = (bytes: Buffer, at: number, slot: number): Buffer =>
  bytes.subarray(at + slot * SLOT_BYTES, at + (slot + 1) * SLOT_BYTES);

/** Writes the slots in turn, each in one write. */
export class HeadFile {
  private readonly file: number;
  private readonly slot = Buffer.alloc(SLOT_BYTES);
  private next: 0 | 1 = 0;
  private nextPosting: 0 | 1 = 0;

  /** Errors: those of the file system. */
  constructor(path: string) {
    this.file = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600);
    const bytes = Buffer.alloc(2 * POSTINGS_AT);
    readSync(this.file, bytes, 0, bytes.length, 0);
    this.next = after(bytes, 0);
    this.nextPosting = after(bytes, POSTINGS_AT);
  }

  /** Both slots, so that later writes never need room. */
  begin(head: Head): void {
    this.write(head);
    this.write(head);
  }

  write({ position, hash, posting, postingHash }: Head): void {
    this.put({ number: position, hash }, this.next * SLOT_BYTES);
    this.next = this.next === 0 ? 1 : 0;
    if (posting === undefined || postingHash === undefined) return;
    this.put({ number: posting, hash: postingHash }, POSTINGS_AT + this.nextPosting * SLOT_BYTES);
    this.nextPosting = this.nextPosting === 0 ? 1 : 0;
  }

  close(): void {
    closeSync(this.file);
  }

  private put(slot: Slot, at: number): void {
    encodeSlot(this.slot, slot);
    writeSync(this.file, this.slot, 0, SLOT_BYTES, at);
  }
}

/** The slot to be written next: never the newer valid one. */
function after(bytes: Buffer, at: number): 0 | 1 {
  const [first, second] = [0, 1].map((slot) => decodeSlot(slotOf(bytes, at, slot)));
  return (second?.number ?? -1) > (first?.number ?? -1) ? 0 : 1;
}

function encodeSlot(slot: Buffer, { number, hash }: Slot): void {
  slot.writeBigUInt64BE(BigInt(number), 0);
  slot.write(hash, 8, 32, "hex");
  digest("sha256", slot.subarray(0, SUM_AT), "buffer").copy(slot, SUM_AT, 0, SLOT_BYTES - SUM_AT);
}

function decodeSlot(slot: Buffer): Slot | null {
  if (slot.length !== SLOT_BYTES) return null;
  const sum = digest("sha256", slot.subarray(0, SUM_AT), "buffer").subarray(0, SLOT_BYTES - SUM_AT);
  if (!sum.equals(slot.subarray(SUM_AT))) return null;
  return { number: toSafe(slot.readBigUInt64BE(0)), hash: slot.toString("hex", 8, SUM_AT) };
}
