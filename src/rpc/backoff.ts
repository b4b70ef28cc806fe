// How long to wait before the next try (API-34, API-35), as numbers; who waits, and for how many tries, is the
// caller's. Jitter keeps many clients from coming back at one moment.

/** A number in [0, 1). */
export type Dice = () => number;

const CONNECT_S = [1, 2, 4, 8, 16, 32, 60, 60, 60, 60];
/** Failed attempts after which a process that never connected gives up. */
export const CONNECT_ATTEMPTS_MAX = CONNECT_S.length;
const READ_TRIES = 3;
const READ_FIRST_MS = 100;
const RESUBSCRIBE_FIRST_MS = 250;
const RESUBSCRIBE_MS_MAX = 30_000;

/** Milliseconds to wait after the `failures`-th failed attempt to connect (from 1): 1, 2, 4 … 60 s, + 0–10 %. */
export function connectWaitMs(failures: number, dice: Dice = Math.random): number {
  const seconds = CONNECT_S[Math.max(0, failures - 1)] ?? 60;
  return seconds * 1000 * (1 + dice() * 0.1);
}

/** The waits between a read and its retries: 100, 200, 400 ms, ± 20 %. */
export function readBackoff(dice: Dice = Math.random): readonly number[] {
  return Array.from({ length: READ_TRIES }, (_, at) => READ_FIRST_MS * 2 ** at * (0.8 + dice() * 0.4));
}

/** Milliseconds before the `failures`-th try to subscribe again (from 1): 250, 500 … 30,000, ± 20 %. */
export function resubscribeWaitMs(failures: number, dice: Dice = Math.random): number {
  const plain = Math.min(RESUBSCRIBE_MS_MAX, RESUBSCRIBE_FIRST_MS * 2 ** Math.min(20, Math.max(0, failures - 1)));
  return Math.min(RESUBSCRIBE_MS_MAX, plain * (0.8 + dice() * 0.4));
}

/** EXCH-42: waits before a socket of an exchange is dialled again; the last one repeats. */
export const REDIAL_WAITS_MS: readonly number[] = [3_000, 5_000, 10_000, 30_000];

/** Milliseconds before the `failures`-th redial (from 1): the waits in turn, each ± 20 %. */
export function redialWaitMs(failures: number, waitsMs = REDIAL_WAITS_MS, dice: Dice = Math.random): number {
  const plain = waitsMs[Math.min(Math.max(0, failures - 1), waitsMs.length - 1)] ?? 0;
  return plain * (0.8 + dice() * 0.4);
}
