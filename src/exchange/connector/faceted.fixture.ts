// A simulated exchange with everything a port may have beside orders: settings, limits, health, a dead-man timer that a
// test lets run out, everything cancelled at once. It keeps what it was told.

import { lots, money, ticks } from "../../market/amounts.ts";
import { SIMULATED_CAPABILITIES } from "../capabilities.ts";
import type {
  AccountSettings,
  CancelOutcome,
  ExchangeDeadMan,
  PortCapabilities,
  RequestBucket,
  SettingOutcome,
  UpstreamHealth,
} from "../port.ts";
import type { PublicMarket } from "../public-market.ts";
import { SimulatedPort } from "../simulated.ts";
import { SimulatedPublicMarket } from "../simulated-public.ts";

export class FacetedPort extends SimulatedPort {
  override readonly capabilities: PortCapabilities = {
    ...SIMULATED_CAPABILITIES,
    placeBatchMax: 5,
    cancelBatchMax: 10,
    deadMan: "heartbeat",
    streams: ["orders", "fills", "book"],
  };
  /** What changed anything, in words. */
  readonly told: string[] = [];
  readonly leverages = new Map<string, number>();
  readonly modes = new Map<string, string>();
  readonly timers = new Map<string, number>();
  readonly listeners = new Set<(health: UpstreamHealth) => void>();
  /** Outcome of the next setting, instead of what would be. */
  next: SettingOutcome | null = null;
  override readonly publicMarket: PublicMarket;

  readonly settings: AccountSettings = {
    rights: (done) => {
      const rights = { trade: true, withdraw: false, transfer: null, ipRestricted: true };
      queueMicrotask(() => done({ result: "ok", rights }));
    },
    feeTier: (_symbol, done) => queueMicrotask(() => done({ result: "ok", makerPpm: -50, takerPpm: 450 })),
    setLeverage: (symbol, leverage, done) => {
      this.set(this.leverages, symbol, leverage, done);
    },
    setMarginMode: (symbol, mode, done) => {
      this.set(this.modes, symbol, mode, done);
    },
    reloadCredentials: () => Promise.resolve("0123456789ab"),
  };

  readonly deadMan: ExchangeDeadMan = {
    arm: (symbol, ttlMs, done) => {
      this.told.push(`dead-man ${symbol} ${ttlMs ?? "off"}`);
      if (ttlMs === null) this.timers.delete(symbol);
      else this.timers.set(symbol, ttlMs);
      const outcome = this.next ?? { result: "accepted" };
      queueMicrotask(() => done(outcome));
    },
  };

  constructor(...made: ConstructorParameters<typeof SimulatedPort>) {
    super(...made);
    this.publicMarket = withInterest(new SimulatedPublicMarket(made[0], made[0].exchange.connect(made[1].account)));
  }

  budget(): readonly RequestBucket[] {
    return [
      { name: "weight 1 m", used: 12, limit: 2_400, resetAtMs: 1_750_000_060_000 },
      { name: "orders 10 s", used: 1, limit: 300, resetAtMs: 1_750_000_010_000 },
    ];
  }

  cancelEverything(symbol: string, done: (outcome: CancelOutcome) => void): void {
    this.told.push(`everything ${symbol}`);
    this.openOrders(symbol, (read) => {
      if (read.result === "ok")
        for (const { clientOrderId } of read.orders) this.cancel(symbol, clientOrderId, () => undefined);
      done({ result: "accepted" });
    });
  }

  watchHealth(listener: (health: UpstreamHealth) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  say(health: UpstreamHealth): void {
    for (const listener of this.listeners) listener(health);
  }

  private set<V>(values: Map<string, V>, symbol: string, value: V, done: (outcome: SettingOutcome) => void): void {
    this.told.push(`${symbol} ${String(value)}`);
    const before = values.get(symbol);
    values.set(symbol, value);
    const outcome = this.next ?? { result: before === value ? "unchanged" : "accepted" };
    queueMicrotask(() => done(outcome));
  }
}

function withInterest(inner: PublicMarket): PublicMarket {
  return {
    watch: (...asked) => inner.watch(...asked),
    book: (...asked) => inner.book(...asked),
    day: (_symbol, done) => {
      const day = {
        first: ticks(600_000),
        last: ticks(600_010),
        volume: lots(7),
        quoteVolume: money(420_005n * 10n ** 15n),
      };
      queueMicrotask(() => done({ result: "ok", day }));
    },
    settledRates: (...asked) => inner.settledRates(...asked),
    openInterest: (_symbol, done) =>
      queueMicrotask(() => done({ result: "ok", quantity: lots(123_456), atMs: 1_750_000_000_000 })),
  };
}
