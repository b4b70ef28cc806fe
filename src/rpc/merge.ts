// Several topics as one stream, for a request that names several instruments. Each message keeps the number of its own
// topic; there is one SNAPSHOT_END, one resume token for all, and a heartbeat only when all are silent.

import type { StreamMeta } from "./generated/opensqt/market_maker/v1/events.ts";
import { FeedState, StreamKind } from "./generated/opensqt/market_maker/v1/types.ts";
import type { Delivery } from "./subscription.ts";
import type { SubscribeOptions, Topic } from "./topic.ts";

const BETWEEN = ".";

interface Source<T> {
  readonly topic: Topic<T>;
  readonly iterator: AsyncIterator<Delivery<T>, undefined>;
  /** Newest token of this topic. */
  token: string;
  pending: Promise<Arrival<T>> | null;
  /** The first snapshot is not over yet. */
  opening: boolean;
}

interface Arrival<T> {
  readonly source: Source<T>;
  readonly step: IteratorResult<Delivery<T>, undefined>;
}

/** The topics in one stream, in the order given. Ends as soon as one of them ends. */
export async function* subscribeAll<T>(
  topics: readonly Topic<T>[],
  options: SubscribeOptions<T>,
): AsyncGenerator<Delivery<T>> {
  const [only] = topics;
  if (only !== undefined && topics.length === 1) {
    yield* only.subscribe(options);
    return;
  }
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  const tokens = (options.resumeToken ?? "").split(BETWEEN);
  try {
    const sources = topics.map((topic, at) => open(topic, { ...options, signal, resumeToken: tokens[at] ?? "" }));
    yield* deliver(sources, options.resumeToken !== undefined && options.resumeToken !== "");
  } finally {
    stop.abort();
  }
}

function open<T>(topic: Topic<T>, options: SubscribeOptions<T>): Source<T> {
  const iterator = topic.subscribe(options);
  return { topic, iterator, token: options.resumeToken ?? "", pending: null, opening: topic.ready };
}

async function* deliver<T>(sources: readonly Source<T>[], resumed: boolean): AsyncGenerator<Delivery<T>> {
  const timers = sources[0]?.topic.timers;
  const heartbeatMs = sources[0]?.topic.bounds.heartbeatMs ?? 0;
  let opening = !resumed && sources.some((source) => source.opening);
  let sentAtMs = timers?.monotonicMs() ?? 0;
  // ends with the first source that ends: on abort, on shutdown, on overrun
  for (;;) {
    const waiting = opening ? sources.filter((source) => source.opening) : sources;
    const { source, step } = await first(waiting);
    source.pending = null;
    if (step.done === true) return;
    const { meta, item } = step.value;
    source.token = meta.resumeToken;
    const nowMs = timers?.monotonicMs() ?? 0;
    if (meta.kind === StreamKind.HEARTBEAT && nowMs - sentAtMs < heartbeatMs) continue;
    if (meta.kind === StreamKind.SNAPSHOT_END && opening) {
      source.opening = false;
      opening = sources.some((each) => each.opening);
      if (opening) continue;
    }
    sentAtMs = nowMs;
    yield { meta: { ...meta, ...feedOf(sources, meta), resumeToken: tokenOf(sources) }, item };
  }
}

/** The first source that has something; an answer stays pending until it is the one that was chosen. */
function first<T>(sources: readonly Source<T>[]): Promise<Arrival<T>> {
  return Promise.race(
    sources.map((source) => {
      source.pending ??= source.iterator.next().then((step) => ({ source, step }));
      return source.pending;
    }),
  );
}

function tokenOf<T>(sources: readonly Source<T>[]): string {
  return sources.every(({ token }) => token !== "") ? sources.map(({ token }) => token).join(BETWEEN) : "";
}

/** A message with an item speaks of its own topic; the others of the worst. */
function feedOf<T>(sources: readonly Source<T>[], meta: StreamMeta): Pick<StreamMeta, "upstream" | "upstreamAtMs"> {
  if (meta.kind !== StreamKind.HEARTBEAT) return meta;
  const feeds = sources.map(({ topic }) => topic.feed);
  const worst = feeds.reduce((a, b) => (badness(b.state) > badness(a.state) ? b : a));
  return { upstream: worst.state, upstreamAtMs: worst.atMs };
}

/** Not known is as bad as down. */
const badness = (state: FeedState): number => (state === FeedState.UNSPECIFIED ? FeedState.DOWN : state);
