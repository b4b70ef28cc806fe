// One subscription of one topic, held for ever (LIVE-02): its snapshot, its updates, its silences, and its return by
// the ladder of API-35. What arrives is the caller's business; that something arrives is told to `heard`.

import { resubscribeWaitMs } from "../../rpc/backoff.ts";
import type { StreamMeta } from "../../rpc/generated/opensqt/market_maker/v1/events.ts";
import { StreamKind } from "../../rpc/generated/opensqt/market_maker/v1/types.ts";
import { refusalOf } from "../../rpc/refusal.ts";
import { pause, REAL_TIMERS, type Timers } from "../../rpc/timers.ts";

/** A stream that says nothing for so long is dead and taken anew (API-17). */
const DEAD_MS = 15_000;

/** The stream is taken anew without a pause. */
const AGAIN = "again";

export interface Streamed {
  readonly meta: StreamMeta | undefined;
}

export interface FollowOptions<T extends Streamed> {
  readonly name: string;
  /** Ends it for good. */
  readonly signal: AbortSignal;
  readonly open: (call: { readonly resumeToken: string; readonly signal: AbortSignal }) => AsyncIterable<T>;
  /** The whole state, at the beginning and again whenever the upstream was lost. */
  readonly snapshot: (items: readonly T[]) => void;
  readonly update: (item: T) => void;
  /** Any message, heartbeats too. */
  readonly heard: (meta: StreamMeta) => void;
  readonly lost: (cause: string, nextTryMs: number) => void;
  /** The source does not have this topic: it is not asked again. */
  readonly unsupported: (cause: string) => void;
  readonly timers?: Timers;
}

/** Resolves when the signal aborts, or the source does not have the topic; never rejects. */
export async function follow<T extends Streamed>(options: FollowOptions<T>): Promise<void> {
  const { signal, lost, timers = REAL_TIMERS } = options;
  const state = { token: "", failures: 0 };
  while (!signal.aborted) {
    const cause = await listen(options, state, timers);
    if (signal.aborted) return;
    if (cause === AGAIN) continue;
    if (cause.startsWith("UNIMPLEMENTED ")) {
      options.unsupported(cause);
      return;
    }
    state.failures += 1;
    const waitMs = resubscribeWaitMs(state.failures);
    lost(cause, waitMs);
    await pause(waitMs, signal, timers);
  }
}

/** One life of the stream; why it ended. */
async function listen<T extends Streamed>(
  options: FollowOptions<T>,
  state: { token: string; failures: number },
  timers: Timers,
): Promise<string> {
  const own = new AbortController();
  let cancelSilence = (): void => {};
  let silent = false;
  const listenOn = (): void => {
    cancelSilence();
    cancelSilence = timers.after(DEAD_MS, () => {
      silent = true;
      own.abort();
    });
  };
  const snapshot: T[] = [];
  try {
    listenOn();
    const signal = AbortSignal.any([options.signal, own.signal]);
    for await (const message of options.open({ resumeToken: state.token, signal })) {
      listenOn();
      state.failures = 0;
      take(options, { message, snapshot, state });
    }
    return silent ? `silent for ${DEAD_MS / 1000} s` : "the stream ended";
  } catch (error) {
    if (silent) return `silent for ${DEAD_MS / 1000} s`;
    const refusal = refusalOf(error);
    // what came after that message is no longer kept: begin with a snapshot, at once
    if (refusal.status === "OUT_OF_RANGE" && state.token !== "") {
      state.token = "";
      return AGAIN;
    }
    return `${refusal.status} ${refusal.message}`;
  } finally {
    cancelSilence();
    own.abort();
  }
}

function take<T extends Streamed>(
  { heard, snapshot, update }: FollowOptions<T>,
  life: { readonly message: T; readonly snapshot: T[]; readonly state: { token: string } },
): void {
  const { message, state } = life;
  const { meta } = message;
  if (meta === undefined) return;
  heard(meta);
  if (meta.resumeToken !== "") state.token = meta.resumeToken;
  switch (meta.kind) {
    case StreamKind.SNAPSHOT:
      life.snapshot.push(message);
      return;
    case StreamKind.SNAPSHOT_END:
      snapshot(life.snapshot.splice(0));
      return;
    case StreamKind.UPDATE:
      update(message);
      return;
    case StreamKind.HEARTBEAT:
    case StreamKind.UNSPECIFIED:
    case StreamKind.UNRECOGNIZED:
      return;
  }
}
