// Pairing a browser (API-41): an operator asks for a code of eight characters, good once within a minute; a page trades
// it for an operator key of twelve hours, which lives in its memory and here alone. Five wrong codes lock pairing.

import { randomInt, timingSafeEqual } from "node:crypto";
import type { Caller } from "../../rpc/caller.ts";
import { newApiKey, type RpcClientEntry, sha256Of } from "../../rpc/keyring.ts";
import { RpcRefusal } from "../../rpc/refusal.ts";

const CODE_LENGTH = 8;
/** No letters that are read as another. */
const ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
const CODE_MS = 60_000;
const KEY_MS = 12 * 3_600_000;
const LOCK_MS = 60_000;
const WRONG_MAX = 5;
const KEYS_MAX = 100;

interface Code {
  readonly text: string;
  readonly by: Pick<Caller, "name" | "bots">;
  readonly untilMs: number;
}

export interface PairedKey {
  readonly key: string;
  readonly name: string;
  readonly expiresInMs: number;
}

export class Pairing {
  private readonly monotonicMs: () => number;
  private code: Code | null = null;
  private wrongAtMs: number[] = [];
  private lockedUntilMs = Number.NEGATIVE_INFINITY;
  private paired: { readonly entry: RpcClientEntry; readonly untilMs: number }[] = [];
  private serial = 0;

  /** `monotonicMs`: time that never steps. */
  constructor(monotonicMs: () => number) {
    this.monotonicMs = monotonicMs;
  }

  /** A new code; the one before is good no more. What is paired with it acts for whoever asked. */
  newCode(by: Pick<Caller, "name" | "bots">): { readonly code: string; readonly expiresInMs: number } {
    const text = Array.from({ length: CODE_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join("");
    this.code = { text, by, untilMs: this.monotonicMs() + CODE_MS };
    return { code: text, expiresInMs: CODE_MS };
  }

  /** A key for the code. Throws RESOURCE_EXHAUSTED while locked, UNAUTHENTICATED for a code that is not good. */
  pair(given: string): PairedKey {
    const now = this.monotonicMs();
    if (now < this.lockedUntilMs) throw locked(this.lockedUntilMs - now);
    const { code } = this;
    if (code === null || now >= code.untilMs || !isSame(code.text, given.trim().toUpperCase())) {
      this.wrong(now);
      throw new RpcRefusal({
        status: "UNAUTHENTICATED",
        reason: "AUTH",
        message: "this code is not good: it may be older than a minute, used, or mistyped; ask for a new one",
        outcome: "not_sent",
      });
    }
    this.code = null;
    this.wrongAtMs = [];
    this.serial += 1;
    const key = newApiKey();
    const name = `console ${this.serial}, paired by ${code.by.name}`;
    const entry: RpcClientEntry = { name, role: "operator", keySha256: sha256Of(key), san: null, bots: code.by.bots };
    this.paired = [...this.paired, { entry, untilMs: now + KEY_MS }].slice(-KEYS_MAX);
    return { key, name, expiresInMs: KEY_MS };
  }

  /** Keys that are good now. */
  entries(): readonly RpcClientEntry[] {
    const now = this.monotonicMs();
    if (this.paired.some(({ untilMs }) => untilMs <= now)) {
      this.paired = this.paired.filter(({ untilMs }) => untilMs > now);
    }
    return this.paired.map(({ entry }) => entry);
  }

  private wrong(now: number): void {
    this.wrongAtMs = [...this.wrongAtMs.filter((atMs) => now - atMs < LOCK_MS), now];
    if (this.wrongAtMs.length < WRONG_MAX) return;
    this.lockedUntilMs = now + LOCK_MS;
    this.wrongAtMs = [];
    this.code = null;
  }
}

function locked(waitMs: number): RpcRefusal {
  return new RpcRefusal({
    status: "RESOURCE_EXHAUSTED",
    reason: "AUTH",
    message: `five wrong codes: pairing is locked for ${Math.ceil(waitMs / 1000)} s more`,
    outcome: "not_sent",
    retryAfterMs: waitMs,
  });
}

function isSame(expected: string, given: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(given)];
  return a.length === b.length && timingSafeEqual(a, b);
}
