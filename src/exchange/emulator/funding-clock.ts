// When funding is settled: at every whole multiple of an instrument's interval since 1970, at the rate that was told
// before. What comes after a settlement is the market's own affair: a rate that stays, or one that turns.

import type { SimulatedExchange } from "../../sim/exchange.ts";
import type { Interventions } from "../../sim/interventions.ts";
import type { EmulatorClock } from "./world.ts";

/** Rate × 10^12 told for the settlement that is number `n` since 1970. */
export type FundingPath = (symbol: string, n: number) => number;

export class FundingClock {
  private readonly exchange: SimulatedExchange;
  private readonly interventions: Interventions;
  private readonly clock: EmulatorClock;
  private readonly path: FundingPath;
  private readonly timers = new Map<string, () => void>();

  constructor(
    world: {
      readonly exchange: SimulatedExchange;
      readonly interventions: Interventions;
      readonly clock: EmulatorClock;
    },
    path: FundingPath,
  ) {
    this.exchange = world.exchange;
    this.interventions = world.interventions;
    this.clock = world.clock;
    this.path = path;
    for (const { instrument } of this.exchange.markets.values()) {
      if (instrument.kind !== "perpetual" || instrument.fundingIntervalMs === 0) continue;
      this.changed(instrument.symbol);
    }
  }

  /** The interval is another: the next settlement is at its next multiple. */
  changed(symbol: string): void {
    this.timers.get(symbol)?.();
    const intervalMs = this.exchange.market(symbol).instrument.fundingIntervalMs;
    const nextMs = (Math.floor(this.clock.nowMs() / intervalMs) + 1) * intervalMs;
    // a rate that was told already stands until it is settled
    if (!this.exchange.margin.rates.has(symbol)) this.predict(symbol, nextMs / intervalMs);
    const end = this.clock.at(nextMs, () => this.settle(symbol, nextMs));
    this.timers.set(symbol, end);
  }

  close(): void {
    for (const end of this.timers.values()) end();
    this.timers.clear();
  }

  private settle(symbol: string, atMs: number): void {
    this.interventions.settleFunding(symbol, this.exchange.margin.rates.get(symbol) ?? 0, atMs * 1000);
    this.predict(symbol, atMs / this.exchange.market(symbol).instrument.fundingIntervalMs + 1);
    this.changed(symbol);
  }

  private predict(symbol: string, n: number): void {
    this.interventions.predictFunding(symbol, this.path(symbol, Math.floor(n)));
  }
}
