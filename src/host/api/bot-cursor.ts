// Streams that are read from where they are kept, each at its own pace: a slow reader costs nobody a queue, and one
// that comes back goes on where it stopped. Every two seconds of silence a heartbeat goes out (API-17).

import type { StreamMeta } from "../../rpc/generated/opensqt/market_maker/v1/events.ts";
import { FeedState, type StreamKind } from "../../rpc/generated/opensqt/market_maker/v1/types.ts";
import { REAL_TIMERS } from "../../rpc/timers.ts";
import { WALL_CLOCK } from "../wall-clock.ts";

const HEARTBEAT_MS = 2_000;

/** Wakes whoever waits for something new. */
export class Bell {
  private readonly waiting = new Set<() => void>();

  ring(): void {
    for (const wake of this.waiting) wake();
  }

  /** Resolves with true when it rings, with false after a while of silence or when the signal aborts. */
  wait(signal: AbortSignal, ms = HEARTBEAT_MS): Promise<boolean> {
    if (signal.aborted) return Promise.resolve(false);
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const wake = (): void => resolve(true);
    const give = (): void => resolve(false);
    const cancel = REAL_TIMERS.after(ms, give);
    this.waiting.add(wake);
    signal.addEventListener("abort", give, { once: true });
    return promise.finally(() => {
      cancel();
      this.waiting.delete(wake);
      signal.removeEventListener("abort", give);
    });
  }
}

/** What a stream kept elsewhere says in the head of its messages. */
export interface Head {
  readonly kind: StreamKind;
  readonly sequence: number;
  readonly resumeToken: string;
  /** Messages that were dropped before this one. */
  readonly conflated?: number;
  /** When the newest thing happened, Unix ms; 0 unknown. */
  readonly atMs?: number;
}

export const metaOf = ({ kind, sequence, resumeToken, conflated = 0, atMs = 0 }: Head): StreamMeta => ({
  kind,
  sequence,
  resumeToken,
  sentAtMs: WALL_CLOCK.nowMs(),
  conflated,
  upstream: FeedState.LIVE,
  upstreamAtMs: atMs,
});

/** One round of a kept stream: what is new after the cursor, in its order. Nothing new: it waits. */
export interface Kept<T> {
  /** Messages after the cursor, at most a slice; the cursor moves with each. */
  readonly take: () => Iterable<T>;
  readonly bell: Bell;
  readonly heartbeat: () => T;
  /** The first message of a stream, before anything that is kept. */
  readonly begin: () => T;
}

/** Goes on until the signal aborts. */
export async function* follow<T>({ take, bell, heartbeat, begin }: Kept<T>, signal: AbortSignal): AsyncGenerator<T> {
  yield begin();
  while (!signal.aborted) {
    let any = false;
    for (const message of take()) {
      any = true;
      yield message;
      if (signal.aborted) return;
    }
    if (any) continue;
    const rung = await bell.wait(signal);
    if (!rung && !signal.aborted) yield heartbeat();
  }
}
