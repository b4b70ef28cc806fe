// The `head` file (DUR-24): two 48-byte slots {position, hash, sum}, written in turn after each B that sends. It lies
// beside the database and not in it, so a journal that lost its end is behind what `head` saw. Never synced: it
// survives the process, and after a power cut an older slot is still a lower bound.

import { hash as digest } from "node:crypto";
import { closeSync, constants, openSync, readFileSync, readSync, writeSync } from "node:fs";
import { toSafe } from "../base/integer.ts";

const SLOT_BYTES = 48;
const SUM_AT = 40;

/** The newest position that was handed over, and the chain hash there. */
export interface Head {
  readonly position: number;
  readonly hash: string;
}

/** Newest slot whose sum is right, or null when the file is absent or neither is. */
export function readHead(path: string): Head | null {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
  const slots = [0, 1].map((slot) => decodeSlot(bytes.subarray(slot * SLOT_BYTES, (slot + 1) * SLOT_BYTES)));
  return slots.reduce(
    (best, slot) => (slot !== null && (best === null || slot.position > best.position) ? slot : best),
    null,
  );
}

/** Writes the slots in turn, each in one write. */
export class HeadFile {
  private readonly file: number;
  private readonly slot = Buffer.alloc(SLOT_BYTES);
  private next: 0 | 1 = 0;

  /** Errors: those of the file system. */
  constructor(path: string) {
    this.file = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600);
    this.next = newestSlot(this.file) === 0 ? 1 : 0;
  }

  write(head: Head): void {
    encodeSlot(this.slot, head);
    writeSync(this.file, this.slot, 0, SLOT_BYTES, this.next * SLOT_BYTES);
    this.next = this.next === 0 ? 1 : 0;
  }

  close(): void {
    closeSync(this.file);
  }
}

/** Which slot must not be overwritten next: the newer valid one. */
function newestSlot(file: number): 0 | 1 {
  const bytes = Buffer.alloc(2 * SLOT_BYTES);
  readSync(file, bytes, 0, bytes.length, 0);
  const first = decodeSlot(bytes.subarray(0, SLOT_BYTES));
  const second = decodeSlot(bytes.subarray(SLOT_BYTES));
  return (second?.position ?? -1) > (first?.position ?? -1) ? 1 : 0;
}

function encodeSlot(slot: Buffer, head: Head): void {
  slot.writeBigUInt64BE(BigInt(head.position), 0);
  slot.write(head.hash, 8, 32, "hex");
  digest("sha256", slot.subarray(0, SUM_AT), "buffer").copy(slot, SUM_AT, 0, SLOT_BYTES - SUM_AT);
}

function decodeSlot(slot: Buffer): Head | null {
  if (slot.length !== SLOT_BYTES) return null;
  const sum = digest("sha256", slot.subarray(0, SUM_AT), "buffer").subarray(0, SLOT_BYTES - SUM_AT);
  if (!sum.equals(slot.subarray(SUM_AT))) return null;
  return { position: toSafe(slot.readBigUInt64BE(0)), hash: slot.toString("hex", 8, SUM_AT) };
}
