// What the port behind a connector has beside orders, offered here the same way (EXCH-01): settings of the account,
// limits, health, everything cancelled at once. Absent facets are absent here too.

import { FeedState, MarginMode } from "../rpc/generated/opensqt/market_maker/v1/types.ts";
import { type RpcRefusal, refusalOf } from "../rpc/refusal.ts";
import type { AccountSettings, CancelOutcome, RequestBucket, SettingOutcome, UpstreamHealth } from "./port.ts";
import type { RemoteConnection } from "./remote-connection.ts";
import { cancelOutcomeOf, unavailable } from "./remote-outcomes.ts";
import type { Placer } from "./remote-sends.ts";
import { keyRightsOf } from "./remote-standing.ts";
import { RemoteStream } from "./remote-stream.ts";

/** How old an answer about limits may be before it is asked again, ms. */
const BUDGET_MS = 1_000;

const STATES: { readonly [state in FeedState]?: UpstreamHealth["state"] } = {
  [FeedState.LIVE]: "live",
  [FeedState.SUSPECT]: "suspect",
  [FeedState.STALE]: "stale",
  [FeedState.DOWN]: "down",
};

export class RemoteFacets {
  private readonly connection: RemoteConnection;
  private readonly placer: Placer;
  private readonly streams = new Set<{ close(): Promise<void> }>();
  private closing: Promise<void> = Promise.resolve();
  private acts = 0;
  private buckets: readonly RequestBucket[] = [];
  private budgetAtMs = Number.NEGATIVE_INFINITY;

  constructor(connection: RemoteConnection, placer: Placer) {
    this.connection = connection;
    this.placer = placer;
  }

  has(word: string): boolean {
    return this.connection.hello.words.has(word);
  }

  get settings(): AccountSettings {
    const { client, exchange } = this.connection;
    const asked = (): { exchange: string; botId: string; effectId: string } => {
      return { exchange, botId: this.placer.botId, effectId: this.nextAct() };
    };
    return {
      rights: (done) => {
        void client.getKeyRights({ exchange }).then(
          (told) => done({ result: "ok", rights: keyRightsOf(told) }),
          (error: unknown) => done(unavailable(error)),
        );
      },
      feeTier: (symbol, done) => {
        void client.getFees({ exchange, symbol }).then(
          ({ makerPpm, takerPpm }) => done({ result: "ok", makerPpm, takerPpm }),
          (error: unknown) => done(unavailable(error)),
        );
      },
      setLeverage: (symbol, leverage, done) => {
        const request = { ...asked(), symbol, leverage: { value: String(leverage) } };
        void client.setLeverage(request).then(
          ({ found }) => done({ result: found ? "unchanged" : "accepted" }),
          (error: unknown) => done(settingOutcomeOf(refusalOf(error))),
        );
      },
      setMarginMode: (symbol, mode, done) => {
        const marginMode = mode === "cross" ? MarginMode.CROSS : MarginMode.ISOLATED;
        void client.setMarginMode({ ...asked(), symbol, marginMode }).then(
          ({ found }) => done({ result: found ? "unchanged" : "accepted" }),
          (error: unknown) => done(settingOutcomeOf(refusalOf(error))),
        );
      },
      reloadCredentials: async () => (await client.reloadCredentials({ exchange })).keyFingerprint,
    };
  }

  cancelEverything(symbol: string, done: (outcome: CancelOutcome) => void): void {
    const { client, exchange } = this.connection;
    void client.cancelAllOrders({ exchange, symbol, everything: true }).then(
      ({ proven, left }) => {
        if (proven) done({ result: "accepted" });
        else done({ result: "unknown", text: `${left.length} orders are left` });
      },
      (error: unknown) => done(cancelOutcomeOf(refusalOf(error))),
    );
  }

  /** As last told: an answer older than a second is asked again while the old one is given. */
  budget(): readonly RequestBucket[] {
    const { timers } = this.connection;
    if (timers.monotonicMs() - this.budgetAtMs >= BUDGET_MS) {
      this.budgetAtMs = timers.monotonicMs();
      void this.readBudget();
    }
    return this.buckets;
  }

  watchHealth(listener: (health: UpstreamHealth) => void): () => void {
    const { connection } = this;
    const { exchange } = connection;
    const stream = new RemoteStream({
      timers: connection.timers,
      open: (resumeToken, signal) => connection.client.subscribeFeeds({ exchange, resumeToken }, { signal }),
      onState: (state, text) => listener({ subject: "connector", state: state === "fresh" ? "live" : "stale", text }),
      onItem: ({ feed }) => {
        if (feed === undefined || feed.subject === "") return;
        const state = STATES[feed.state];
        if (state !== undefined) listener({ subject: feed.subject, state, text: feed.action });
      },
    });
    this.streams.add(stream);
    return () => {
      if (!this.streams.delete(stream)) return;
      this.closing = Promise.all([this.closing, stream.close()]).then(() => undefined);
    };
  }

  /** Resolves when the streams are gone. */
  async close(): Promise<void> {
    const open = [...this.streams];
    this.streams.clear();
    await Promise.all([this.closing, ...open.map((stream) => stream.close())]);
  }

  /** Each asking is an action of its own, also of the next process. */
  private nextAct(): string {
    this.acts += 1;
    return `${this.placer.botId || "port"}-${Math.floor(this.connection.clock.nowMs())}-${this.acts}`;
  }

  private async readBudget(): Promise<void> {
    const { client, exchange, log } = this.connection;
    try {
      const { buckets } = await client.getRequestBudget({ exchange });
      this.buckets = buckets.map(({ name, used, limit, resetMs }) => ({ name, used, limit, resetAtMs: resetMs }));
    } catch (error) {
      log.warn("the limits were not read", { why: refusalOf(error).message });
    }
  }
}

/** API-22: only the connector's own word is believed. */
function settingOutcomeOf(refusal: RpcRefusal): SettingOutcome {
  const outcome = refusal.metadata["outcome"];
  const sure = outcome === "rejected" || outcome === "not_sent" || refusal.status === "PERMISSION_DENIED";
  return { result: sure ? "rejected" : "unknown", text: refusal.metadata["exchange_text"] ?? refusal.message };
}
