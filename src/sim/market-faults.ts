// Faults that strike by the hour: silent streams, broken books, maintenance, halts, spikes, crossed books. Each strike
// is counted, runs its course and draws when it comes again.

import type { FaultPlan } from "./fault-plan.ts";
import type { SimMarket } from "./market.ts";
import type { Session } from "./session.ts";

export interface FaultWorld {
  readonly faults: FaultPlan;
  readonly markets: readonly SimMarket[];
  readonly sessions: ReadonlySet<Session>;
  readonly nowUs: () => number;
  readonly after: (delayUs: number, fire: () => void) => void;
}

const SECOND = 1_000_000;
const HOURLY = ["silentStall", "sequenceGap", "maintenance", "halt", "spike", "crossedBook"] as const;

export class MarketFaults {
  private readonly world: FaultWorld;
  private maintenanceUntilUs = 0;

  constructor(world: FaultWorld) {
    this.world = world;
  }

  maintenance(): boolean {
    return this.world.nowUs() < this.maintenanceUntilUs;
  }

  schedule(): void {
    for (const name of HOURLY) this.next(name);
  }

  private next(name: (typeof HOURLY)[number]): void {
    const wait = this.world.faults.waitUs(name);
    if (!Number.isFinite(wait)) return;
    this.world.after(wait, () => {
      // a rate may have been taken back while this waited
      if (!Number.isFinite(this.world.faults.waitUs(name))) return;
      this.world.faults.count(name);
      this.strike(name);
      this.next(name);
    });
  }

  private strike(name: (typeof HOURLY)[number]): void {
    const { faults, sessions, markets, nowUs, after } = this.world;
    const seconds = (low: number, high: number): number => faults.prng.integer(low * SECOND, high * SECOND);
    switch (name) {
      case "silentStall": {
        const untilUs = nowUs() + seconds(3, 40);
        for (const session of sessions) session.stall(untilUs);
        return;
      }
      case "maintenance": {
        this.maintenanceUntilUs = nowUs() + seconds(5, 60);
        for (const session of sessions) session.stall(this.maintenanceUntilUs);
        return;
      }
      case "sequenceGap":
        for (const market of markets) {
          market.publisher.suspend(true);
          after(seconds(1, 5), () => market.publisher.suspend(false));
        }
        return;
      case "halt":
        for (const market of markets) {
          market.setStatus("halted");
          after(seconds(5, 60), () => market.setStatus("trading"));
        }
        return;
      case "spike":
        for (const market of markets) this.spike(market);
        return;
      case "crossedBook":
        for (const market of markets) market.publisher.crossed(nowUs());
    }
  }

  private spike(market: SimMarket): void {
    const { prng } = this.world.faults;
    const side = prng.chance(0.5) ? "buy" : "sell";
    const distance = Math.ceil((market.markMilli / 1000) * (0.002 + 0.02 * prng.float()));
    const price = Math.round(market.markMilli / 1000) + (side === "buy" ? -distance : distance);
    if (price > 0) market.tradeThrough(side, price);
  }
}
