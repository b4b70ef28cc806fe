// The candles of monitored instruments (RISK-25): the closed ones are read at the start and whenever one must have
// closed, the open ones come from the public market where a port has one. Nothing else of these goes to the engine.

import type { ExchangePort } from "../exchange/port.ts";
import type { PublicMessage } from "../exchange/public-market.ts";
import type { MonitorLimits } from "../risk/monitor/limits.ts";
import type { HostContext, HostEvent } from "./context.ts";

const MINUTE_MS = 60_000;
const INTERVAL_MS: Readonly<Record<MonitorLimits["interval"], number>> = {
  "1m": MINUTE_MS,
  "3m": 3 * MINUTE_MS,
  "5m": 5 * MINUTE_MS,
};
/** An exchange tells a candle a little after it closed. */
const AFTER_CLOSE_MS = 2_000;
const RETRY_MS = 5_000;
/** Open candles are told at most this often. */
const OPEN_EVERY_MS = 1_000;

export class MonitorStreams {
  private readonly context: HostContext;
  private limits: MonitorLimits | undefined;
  private ends: (() => void)[] = [];
  /** What cancels the next read of each instrument. */
  private readonly nextReads = new Map<string, () => void>();
  /** What was asked under limits that hold no more is not heard. */
  private generation = 0;
  private opened = false;
  private closed = false;

  constructor(context: HostContext) {
    this.context = context;
  }

  /** The bot listens to the market from here on. */
  open(): void {
    this.opened = true;
    this.follow(this.context.state.limits?.monitor);
  }

  /** Follows the limits in force: called after each turn; does something only when they changed. */
  follow(limits: MonitorLimits | undefined): void {
    if (this.closed || !this.opened || limits === this.limits) return;
    this.limits = limits;
    this.stop();
    for (const symbol of limits?.instruments ?? []) if (limits !== undefined) this.ask(symbol, limits);
  }

  close(): void {
    this.closed = true;
    this.stop();
  }

  private stop(): void {
    this.generation += 1;
    for (const end of this.ends.splice(0)) end();
    for (const cancel of this.nextReads.values()) cancel();
    this.nextReads.clear();
  }

  /** An instrument the exchange does not list is asked for again: it may be listed, and until then it is not ready. */
  private ask(symbol: string, limits: MonitorLimits): void {
    const { port, clock } = this.context;
    const { generation } = this;
    port.instrument(symbol, ({ result }) => {
      if (this.closed || generation !== this.generation) return;
      if (result === "ok") this.watch(symbol, limits);
      else {
        const again = clock.at(clock.nowMs() + RETRY_MS, () => this.ask(symbol, limits));
        this.nextReads.set(symbol, again);
      }
    });
  }

  private watch(symbol: string, limits: MonitorLimits): void {
    const { port } = this.context;
    this.read(symbol, limits, limits.averageWindow + 1);
    if (port.publicMarket === undefined) return;
    const wish = { symbol, trades: false, openCandle: limits.interval, depth: 0, intervalMs: OPEN_EVERY_MS };
    this.ends.push(port.publicMarket.watch(wish, (message) => this.hear(message)));
  }

  private hear(message: PublicMessage): void {
    if (!this.closed && message.kind === "candle") this.offer(message);
  }

  /** Closed candles, now and after each close; a read that fails is asked again. */
  private read(symbol: string, limits: MonitorLimits, count: number): void {
    const { generation } = this;
    const request: Parameters<ExchangePort["candles"]>[0] = { symbol, interval: limits.interval, count };
    this.context.port.candles(request, (result) => {
      if (this.closed || generation !== this.generation) return;
      if (result.result === "ok") for (const candle of result.candles) if (candle.closed) this.offer(candle);
      const { clock } = this.context;
      const length = INTERVAL_MS[limits.interval];
      const nowMs = clock.nowMs();
      const atMs = result.result === "ok" ? nowMs - (nowMs % length) + length + AFTER_CLOSE_MS : nowMs + RETRY_MS;
      const again = result.result === "ok" ? 2 : count;
      this.nextReads.set(
        symbol,
        clock.at(atMs, () => this.read(symbol, limits, again)),
      );
    });
  }

  private offer(event: HostEvent): void {
    this.context.offer(event);
  }
}
