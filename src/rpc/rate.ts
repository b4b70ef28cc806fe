// Limits on callers (API-30): a bucket of requests a caller, and a minute's silence for an address that failed five
// times in a minute. Both are bounded in memory whatever the world sends.

import type { Role } from "./caller.ts";

/** Addresses remembered; beyond it the oldest is forgotten. */
const ADDRESSES_MAX = 10_000;
const FAILURES_MAX = 5;
const MINUTE_MS = 60_000;

export interface RateLimit {
  readonly perSecond: number;
  readonly burst: number;
}

/** A trader is an engine: every order, look-up and heartbeat of all its bots comes under one name (0017). */
const TRADER_TIMES = 20;

/** What a caller of a role gets of a limit made for people. */
export function limitOf(role: Role, { perSecond, burst }: RateLimit): RateLimit {
  const times = role === "trader" ? TRADER_TIMES : 1;
  return { perSecond: perSecond * times, burst: burst * times };
}

/** Buckets by caller; times are monotonic milliseconds. */
export class RateLimiter {
  private readonly buckets = new Map<string, { tokens: number; atMs: number }>();

  /** Milliseconds until a request is granted; 0: it is granted now. */
  take(name: string, { perSecond, burst }: RateLimit, nowMs: number): number {
    const bucket = this.buckets.get(name) ?? { tokens: burst, atMs: nowMs };
    bucket.tokens = Math.min(burst, bucket.tokens + ((nowMs - bucket.atMs) * perSecond) / 1000);
    bucket.atMs = nowMs;
    this.buckets.set(name, bucket);
    if (bucket.tokens < 1) return Math.ceil(((1 - bucket.tokens) * 1000) / perSecond);
    bucket.tokens -= 1;
    return 0;
  }
}

/** Failed identifications by address; times are monotonic milliseconds. */
export class FailureWatch {
  private readonly failures = new Map<string, number[]>();
  /** Callers that were known from an address before it failed: a neighbour's guesses do not lock them out. */
  private readonly known = new Map<string, Set<string>>();

  /** Milliseconds for which the address is refused; 0: it is not. */
  lockedFor(address: string, nowMs: number): number {
    const times = this.failures.get(address);
    if (times === undefined || times.length < FAILURES_MAX) return 0;
    return Math.max(0, (times.at(-1) ?? 0) + MINUTE_MS - nowMs);
  }

  failed(address: string, nowMs: number): void {
    const times = this.failures.get(address) ?? [];
    const recent = [...times.filter((each) => nowMs - each < MINUTE_MS), nowMs].slice(-FAILURES_MAX);
    remember(this.failures, address, recent);
  }

  succeeded(address: string, name: string): void {
    const names = this.known.get(address);
    if (names === undefined) remember(this.known, address, new Set([name]));
    else names.add(name);
  }

  isKnown(address: string, name: string): boolean {
    return this.known.get(address)?.has(name) === true;
  }
}

function remember<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= ADDRESSES_MAX) return;
  for (const oldest of map.keys()) {
    map.delete(oldest);
    return;
  }
}
