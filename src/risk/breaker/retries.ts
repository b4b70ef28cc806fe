// Tries and errors of requests in the last five minutes (RISK-18 `retries`): tries in buckets of a second, errors in a
// ring of 1,000 (RISK-19).

import { compareProducts, floorDiv } from "../../base/integer.ts";

export const ERRORS_KEPT_MAX = 1_000;
const WINDOW_MS = 300_000;
const TRIES_MIN = 20;
const ERRORS_MAX = 50;

export interface RetryHistory {
  /** [second, tries, of them repeated], oldest first. */
  tries: [second: number, tries: number, retried: number][];
  /** Event times of failed tries, oldest first. */
  errors: number[];
}

/** One request that ended: how often it was tried, and whether the last try failed too. */
export interface Request {
  readonly tries: number;
  readonly failed: boolean;
}

export function addRequest(history: RetryHistory, { tries, failed }: Request, nowMs: number): void {
  const second = floorDiv(nowMs, 1_000);
  const last = history.tries.at(-1);
  if (last?.[0] === second) {
    last[1] += tries;
    last[2] += tries - 1;
  } else {
    history.tries.push([second, tries, tries - 1]);
    const oldest = floorDiv(nowMs - WINDOW_MS, 1_000);
    // the newest is never too old
    history.tries.splice(
      0,
      history.tries.findIndex(([at]) => at > oldest),
    );
  }
  const errors = tries - 1 + (failed ? 1 : 0);
  for (let i = 0; i < errors; i += 1) history.errors.push(nowMs);
  // a number below nothing removes nothing
  history.errors.splice(0, history.errors.length - ERRORS_KEPT_MAX);
}

/** What the last five minutes show, and whether it is too much; `ratioBps` 0 judges nothing. */
export function judgeRetries(
  history: RetryHistory,
  ratioBps: number,
  nowMs: number,
): { readonly tries: number; readonly retried: number; readonly errors: number; readonly tooMany: boolean } {
  const oldest = floorDiv(nowMs - WINDOW_MS, 1_000);
  let tries = 0;
  let retried = 0;
  for (const [second, all, again] of history.tries) {
    if (second <= oldest) continue;
    tries += all;
    retried += again;
  }
  const errors = history.errors.filter((atMs) => atMs > nowMs - WINDOW_MS).length;
  const ratio = tries >= TRIES_MIN && compareProducts(retried, 10_000, ratioBps, tries) > 0;
  return { tries, retried, errors, tooMany: ratioBps > 0 && (ratio || errors > ERRORS_MAX) };
}
