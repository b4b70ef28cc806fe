// What `opensqt top` shows, kept up to date from the streams of a market-maker (TUI-01): bots, ladder, positions,
// alerts and log as they come, orders and fills asked again when something moved. When a stream ends everything is
// subscribed anew with the waits of API-35; what is shown meanwhile is shown with its age (TUI-03).

import { setTimeout as wait } from "node:timers/promises";
import { resubscribeWaitMs } from "../../../rpc/backoff.ts";
import { Severity, StreamKind } from "../../../rpc/generated/opensqt/market_maker/v1/types.ts";
import { refusalOf } from "../../../rpc/refusal.ts";
import type { Connection, TopModel, TopSnapshot } from "../../../terminal/top-model.ts";
import type { Engine } from "../engine/connect.ts";
import { decimalOf } from "../engine/plain.ts";
import { TopPicture } from "./picture.ts";

const ASK_MS = 1_000;
const DAY_MS = 86_400_000;
const FILLS = 100;

export class TopFeed implements TopModel {
  private readonly engine: Engine;
  private readonly address: string;
  private readonly picture = new TopPicture();
  private readonly listeners = new Set<() => void>();
  private readonly ending = new AbortController();
  private running: Promise<void> = Promise.resolve();
  private switched = new AbortController();
  private heardMs: number | null = null;
  private lost: { readonly retryAtMs: number; readonly reason: string } | null = null;

  constructor(engine: Engine, address: string) {
    this.engine = engine;
    this.address = address;
  }

  start(): void {
    this.running = this.run();
  }

  async close(): Promise<void> {
    this.ending.abort();
    this.switched.abort();
    await this.running;
  }

  get bot(): string | null {
    return this.picture.chosen;
  }

  /** Shows the next bot by name. */
  nextBot(): void {
    this.picture.choose(1);
    this.switched.abort();
    this.changed();
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  }

  snapshot(): TopSnapshot {
    return { address: this.address, connection: this.connection(), ...this.picture.snapshot() };
  }

  /** Resolves when everything was told once, or the first try failed with its reason. */
  async first(): Promise<string | null> {
    const untold = (): boolean => !this.picture.whole && this.lost === null && !this.ending.signal.aborted;
    while (untold()) await new Promise<void>((resolve) => this.once(resolve));
    return this.lost?.reason ?? null;
  }

  private once(listener: () => void): void {
    const stop = this.subscribe(() => {
      stop();
      listener();
    });
  }

  private connection(): Connection {
    const nowMs = performance.now();
    const ageMs = this.heardMs === null ? null : Math.floor(nowMs - this.heardMs);
    if (this.lost !== null) {
      return {
        state: "lost",
        ageMs,
        nextTryMs: Math.max(0, Math.floor(this.lost.retryAtMs - nowMs)),
        reason: this.lost.reason,
      };
    }
    return ageMs === null ? { state: "connecting" } : { state: "connected", ageMs };
  }

  private async run(): Promise<void> {
    const { signal } = this.ending;
    for (let failures = 0; !signal.aborted; ) {
      this.switched = new AbortController();
      const reason = await this.untilOneEnds(AbortSignal.any([signal, this.switched.signal]));
      if (signal.aborted) return;
      if (this.switched.signal.aborted) continue;
      failures = this.lost === null ? 1 : failures + 1;
      const waitMs = resubscribeWaitMs(failures);
      this.lost = { retryAtMs: performance.now() + waitMs, reason };
      this.changed();
      await wait(waitMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Every stream and the questions beside them; resolves with the reason of the first that ended. */
  private async untilOneEnds(outer: AbortSignal): Promise<string> {
    const own = new AbortController();
    const signal = AbortSignal.any([outer, own.signal]);
    const { engine, picture } = this;
    try {
      // which bot is shown decides what is subscribed
      const { bots } = await engine.bots.listBots({}, { signal });
      picture.tookBots(bots);
      this.heard();
      const bot = picture.chosen;
      const parts = [
        this.each(engine.bots.subscribeBots({}, { signal }), ({ bot: told }) => picture.tookBot(told)),
        this.each(engine.risk.subscribeRiskAlerts({}, { signal }), ({ alert }) => picture.tookAlert(alert)),
        this.each(engine.bots.subscribeLogs({ levelMin: Severity.WARNING }, { signal }), (line) => {
          if (line.meta?.kind !== StreamKind.HEARTBEAT && line.text !== "") picture.tookLog(line);
        }),
        this.each(engine.positions.subscribePositions({}, { signal }), ({ position }) =>
          picture.tookPosition(position),
        ),
        this.ask(bot, signal),
      ];
      if (bot !== null) {
        const slots = engine.bots.subscribeSlots({ botId: bot }, { signal });
        parts.push(
          this.each(slots, (told) => {
            if (told.meta?.kind !== StreamKind.HEARTBEAT && told.slots.length > 0) picture.tookSlots(told);
          }),
        );
      }
      await Promise.race(parts);
      return "a stream ended";
    } catch (error) {
      return refusalOf(error).message;
    } finally {
      own.abort();
    }
  }

  private async each<T>(stream: AsyncIterable<T>, take: (message: T) => void): Promise<void> {
    for await (const message of stream) {
      take(message);
      this.heard();
    }
  }

  /** Orders, fills and figures: asked once a second, since no stream of the engine tells them. */
  private async ask(bot: string | null, signal: AbortSignal): Promise<void> {
    const { positions, risk } = this.engine;
    const botIds = bot === null ? [] : [bot];
    while (!signal.aborted) {
      const [orders, fills, all, breakers, realized] = await Promise.all([
        positions.getOpenOrders({ botIds, pageSize: 1000 }, { signal }),
        positions.getFills({ botIds, pageSize: FILLS }, { signal }),
        positions.getPositions({}, { signal }),
        risk.getCircuitBreakerStatus({}, { signal }),
        positions.getRealizedPnL({ botIds, fromMs: this.dayStartMs() }, { signal }),
      ]);
      this.picture.tookOrders(orders.orders);
      this.picture.tookFills(fills.fills);
      for (const position of all.positions) this.picture.tookPosition(position);
      this.picture.tookBreakers(breakers.breakers);
      this.picture.tookToday(decimalOf(realized.total?.net));
      this.picture.whole = true;
      this.heard();
      await wait(ASK_MS, undefined, { signal });
    }
  }

  /** Midnight UTC of the market's own clock, which need not be the wall's. */
  private dayStartMs(): number {
    const atMs = this.picture.newestMs();
    return atMs === 0 ? 0 : atMs - (atMs % DAY_MS);
  }

  private heard(): void {
    this.heardMs = performance.now();
    this.lost = null;
    this.changed();
  }

  private changed(): void {
    for (const listener of this.listeners) listener();
  }
}
