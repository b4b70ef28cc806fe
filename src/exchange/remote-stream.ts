// One stream from a connector, kept alive (API-17, API-19, API-35): subscribed again with its resume token when it
// ends, judged stale after 5 s of silence and dead after 15 s. What it carries is the caller's business.

import { resubscribeWaitMs } from "../rpc/backoff.ts";
import type { StreamMeta } from "../rpc/generated/opensqt/market_maker/v1/events.ts";
import { FeedState, StreamKind } from "../rpc/generated/opensqt/market_maker/v1/types.ts";
import { RpcRefusal, refusalOf } from "../rpc/refusal.ts";
import { pause, type Timers } from "../rpc/timers.ts";

/** RISK-20, API-17. */
export const STALE_MS = 5_000;
export const DEAD_MS = 15_000;
/** How often silence is measured. */
const LOOK_MS = 500;

export interface RemoteStreamOptions<M extends { readonly meta?: StreamMeta | undefined }> {
  /** Opens the stream; `resumeToken` is empty for one that starts with a snapshot. */
  readonly open: (resumeToken: string, signal: AbortSignal) => AsyncIterable<M>;
  /** A snapshot item or an update. */
  readonly onItem: (message: M, meta: StreamMeta) => void;
  /** The state is whole: `again` when it was whole before, so that what lies between may have been missed. */
  readonly onWhole?: (again: boolean) => void;
  /** Stale or fresh, by silence or by the connector's own word. Told on changes only. */
  readonly onState: (state: "stale" | "fresh", why: string) => void;
  /** A stream that ended is stale at once, not only after seconds of silence. */
  readonly lostIsStale?: boolean;
  /** It counts as stale until it was whole and alive for the first time: whoever opens it has said so. */
  readonly beginsStale?: boolean;
  readonly timers: Timers;
}

export class RemoteStream<M extends { readonly meta?: StreamMeta | undefined }> {
  private readonly options: RemoteStreamOptions<M>;
  private readonly abort = new AbortController();
  private readonly running: Promise<void>;
  private attempt: AbortController | null = null;
  private waiting: AbortController | null = null;
  private heardMs: number;
  private token = "";
  private failures = 0;
  private wholeOnce = false;
  private whole = false;
  private upstream: FeedState = FeedState.UNSPECIFIED;
  private stale: boolean;
  private cancelLook: () => void = () => undefined;

  constructor(options: RemoteStreamOptions<M>) {
    this.options = options;
    this.stale = options.beginsStale ?? false;
    this.heardMs = options.timers.monotonicMs();
    this.lookLater();
    this.running = Promise.resolve().then(() => this.run());
  }

  get isStale(): boolean {
    return this.stale;
  }

  /** The connector serves again: a wait before the next try is over. */
  again(): void {
    this.failures = 0;
    this.waiting?.abort();
  }

  async close(): Promise<void> {
    this.abort.abort();
    this.waiting?.abort();
    this.attempt?.abort();
    this.cancelLook();
    await this.running;
  }

  private async run(): Promise<void> {
    const { signal } = this.abort;
    while (!signal.aborted) {
      const why = await this.once();
      if (signal.aborted) return;
      this.whole = false;
      if (this.options.lostIsStale === true) this.tell("stale", why);
      this.failures += 1;
      this.waiting = new AbortController();
      await pause(resubscribeWaitMs(this.failures), this.waiting.signal, this.options.timers);
      this.waiting = null;
    }
  }

  /** Reads one subscription to its end; says why it ended. */
  private async once(): Promise<string> {
    const attempt = new AbortController();
    this.attempt = attempt;
    const resuming = this.token !== "";
    try {
      for await (const message of this.options.open(this.token, attempt.signal)) {
        if (this.abort.signal.aborted) return "closed";
        this.read(message, resuming);
      }
      return "the stream ended";
    } catch (error) {
      const refusal = refusalOf(error);
      // a token that cannot be continued is of no use a second time, nor is one whose next message cannot be read
      if (refusal.reason === "OVERRUN" || refusal.status === "INTERNAL") this.token = "";
      return refusal.message;
    } finally {
      attempt.abort();
    }
  }

  /** What cannot be read is never passed over: the stream begins again with all there is (TEST-28). */
  private read(message: M, resuming: boolean): void {
    try {
      this.hear(message, resuming);
    } catch (error) {
      this.token = "";
      throw error;
    }
  }

  private hear(message: M, resuming: boolean): void {
    const { meta } = message;
    if (meta === undefined) {
      const text = "a message of the stream says nothing of itself";
      throw new RpcRefusal({ status: "INTERNAL", reason: "UNREADABLE", message: text });
    }
    this.heardMs = this.options.timers.monotonicMs();
    this.failures = 0;
    // a snapshot that breaks off is no state to continue from
    if (meta.kind === StreamKind.SNAPSHOT) this.token = "";
    else if (meta.resumeToken !== "") this.token = meta.resumeToken;
    this.upstream = meta.upstream;
    switch (meta.kind) {
      case StreamKind.SNAPSHOT:
        this.options.onItem(message, meta);
        break;
      case StreamKind.SNAPSHOT_END:
        this.whole = true;
        this.options.onWhole?.(this.wholeOnce);
        this.wholeOnce = true;
        break;
      case StreamKind.UPDATE:
        this.whole ||= resuming;
        this.options.onItem(message, meta);
        break;
      case StreamKind.HEARTBEAT:
        this.whole ||= resuming;
        break;
      case StreamKind.UNSPECIFIED:
      case StreamKind.UNRECOGNIZED:
    }
    this.judge();
  }

  private look(): void {
    const silentMs = this.options.timers.monotonicMs() - this.heardMs;
    this.judge();
    if (silentMs >= DEAD_MS) {
      this.heardMs = this.options.timers.monotonicMs() - STALE_MS;
      this.attempt?.abort();
    }
    this.lookLater();
  }

  private lookLater(): void {
    this.cancelLook = this.options.timers.after(LOOK_MS, () => this.look());
  }

  private judge(): void {
    const silentMs = this.options.timers.monotonicMs() - this.heardMs;
    const silent = silentMs >= STALE_MS;
    const upstreamLost = this.upstream === FeedState.STALE || this.upstream === FeedState.DOWN;
    if (silent || upstreamLost) {
      const why = silent
        ? `nothing was heard for ${Math.floor(silentMs / 1000)} s`
        : "the exchange's own stream is lost";
      this.tell("stale", why);
    } else if (this.whole && this.upstream === FeedState.LIVE) this.tell("fresh", "");
  }

  private tell(state: "stale" | "fresh", why: string): void {
    if ((state === "stale") === this.stale) return;
    this.stale = state === "stale";
    this.options.onState(state, why);
  }
}
