// A made-up market (BT-09), seeded and endless: the price walks at random, takers arrive as a Poisson process that
// reaches a distance δ from the mid with intensity A·exp(−k·δ), levels come and go. Scripted shocks disturb it. It
// writes the rows a recorder would have written; whoever reports on it must say "synthetic".

import { assert } from "../base/assert.ts";
import type { Canonical } from "../base/canonical.ts";
import { Prng } from "../base/prng.ts";
import { RowFlag, RowKind, type Tape, TapeBuilder } from "../market/tape.ts";
import { restorePrng } from "./latency.ts";
import type { MarketSource } from "./market-source.ts";

/** Something scripted, at a time after the start, µs. */
export type Shock =
  | { readonly kind: "gap"; readonly afterUs: number; readonly ticks: number }
  | { readonly kind: "spread"; readonly afterUs: number; readonly forUs: number; readonly factor: number }
  | { readonly kind: "trend"; readonly afterUs: number; readonly forUs: number; readonly ticksPerSecond: number }
  | { readonly kind: "outage"; readonly afterUs: number; readonly forUs: number }
  | { readonly kind: "funding"; readonly afterUs: number; readonly forUs: number; readonly ratePpt: number };

export interface SyntheticOptions {
  readonly seed: string;
  readonly startUs: number;
  /** First mid, ticks. */
  readonly startPrice: number;
  readonly halfSpreadTicks: number;
  /** The price moves by this many ticks at a time; levels of the book are as far apart. */
  readonly stepTicks: number;
  readonly levels: number;
  /** Mean lots of a level. */
  readonly levelLots: number;
  /** Standard deviation of the mid after one second, ticks. */
  readonly volatilityTicks: number;
  /** A and k of the takers' intensity, a second and side, and per tick. */
  readonly takersPerSecond: number;
  readonly decayPerTick: number;
  /** Level sizes drawn anew, a second. */
  readonly noisePerSecond: number;
  /** Interval of funding settlements and their rate × 10^12; 0: none. */
  readonly fundingIntervalMs: number;
  readonly fundingPpt: number;
  readonly shocks: readonly Shock[];
  /** Mid in ticks at a time, µs: the price goes where this says, instead of walking by itself. */
  readonly path?: (us: number) => number;
}

/** A calm BTC perpetual with a tick of 0.1 and a lot of 0.001. */
export const CALM_BTC: Omit<SyntheticOptions, "seed" | "startUs"> = {
  startPrice: 600_000,
  halfSpreadTicks: 1,
  stepTicks: 10,
  levels: 20,
  levelLots: 400,
  volatilityTicks: 30,
  takersPerSecond: 4,
  decayPerTick: 0.02,
  noisePerSecond: 6,
  fundingIntervalMs: 28_800_000,
  fundingPpt: 100_000_000,
  shocks: [],
};

const CHUNK_US = 10_000_000;
const SECOND_US = 1_000_000;

export class SyntheticMarket implements MarketSource {
  readonly synthetic = true;
  private readonly options: SyntheticOptions;
  private readonly prng: Prng;
  private us: number;
  private mid: number;
  private half: number;
  private lastId = 0;
  private lastTradeId = 0;
  private shocksDone = 0;
  /** Sizes from the best outwards; 0 where a taker emptied the level and nobody has refilled it yet. */
  private sizes: { buy: number[]; sell: number[] };
  private readonly out = new TapeBuilder(4096);
  private levelsWritten = false;

  constructor(options: SyntheticOptions) {
    assert(
      options.levels > 0 && options.stepTicks > 0 && options.halfSpreadTicks > 0,
      "a market needs levels and a spread",
    );
    assert(options.startPrice > 2 * options.levels * options.stepTicks, "the first price leaves no room for the book");
    this.options = options;
    this.prng = new Prng(`${options.seed}/market`);
    this.us = options.startUs;
    this.mid = options.startPrice;
    this.half = options.halfSpreadTicks;
    this.sizes = { buy: this.freshSizes(), sell: this.freshSizes() };
  }

  /** The next ten seconds, beginning with a snapshot of the book. */
  next(): Tape {
    const endUs = this.us + CHUNK_US;
    const outage = this.active("outage");
    if (outage !== undefined) this.us = Math.max(this.us, this.options.startUs + outage.afterUs + outage.forUs);
    this.snapshot();
    while (this.us < endUs) this.event(endUs);
    return this.out.take();
  }

  /** Goes to a later time without making the rows in between: a market nobody watched. */
  skipTo(us: number): void {
    if (us > this.us) this.us = us;
  }

  save(): Canonical {
    const { us, mid, half, lastId, lastTradeId, shocksDone } = this;
    const dice = this.prng.state.map((word) => word + 0);
    return {
      us,
      mid,
      half,
      lastId,
      lastTradeId,
      shocksDone,
      dice,
      buy: [...this.sizes.buy],
      sell: [...this.sizes.sell],
    };
  }

  restore(saved: Canonical): void {
    const from: unknown = saved;
    const state = from as { [key: string]: number } & { dice: number[]; buy: number[]; sell: number[] };
    this.us = state["us"] ?? 0;
    this.mid = state["mid"] ?? 0;
    this.half = state["half"] ?? 1;
    this.lastId = state["lastId"] ?? 0;
    this.lastTradeId = state["lastTradeId"] ?? 0;
    this.shocksDone = state["shocksDone"] ?? 0;
    restorePrng(this.prng, state.dice);
    this.sizes = { buy: [...state.buy], sell: [...state.sell] };
  }

  /** One arrival: a move of the price, a taker, or a level drawn anew. */
  private event(endUs: number): void {
    const { volatilityTicks, stepTicks, takersPerSecond, noisePerSecond, fundingIntervalMs } = this.options;
    const moves = (volatilityTicks / stepTicks) ** 2;
    const rate = moves + 2 * takersPerSecond + noisePerSecond;
    const before = this.us;
    this.us = Math.min(endUs, this.us + Math.max(1, Math.round(this.prng.exponential(SECOND_US / rate))));
    if (fundingIntervalMs > 0) this.fund(before, fundingIntervalMs * 1000);
    if (this.us === endUs) return;
    this.applyShocks();
    this.refill();
    const draw = this.prng.float() * rate;
    if (draw < moves) this.move();
    else if (draw < moves + 2 * takersPerSecond) this.taker(draw < moves + takersPerSecond ? "buy" : "sell");
    else this.noise();
  }

  private move(): void {
    const { stepTicks, volatilityTicks, path } = this.options;
    if (path !== undefined) {
      const steps = Math.round((path(this.us) - this.mid) / stepTicks);
      if (steps !== 0) this.shift(steps * stepTicks);
      return;
    }
    const trend = this.active("trend");
    const perSecond = (volatilityTicks / stepTicks) ** 2 * stepTicks;
    const drift = trend === undefined ? 0 : Math.max(-1, Math.min(1, trend.ticksPerSecond / perSecond));
    this.shift(this.prng.chance((1 + drift) / 2) ? stepTicks : -stepTicks);
  }

  /** How often somebody takes, and the lots that are taken each time, on average and while levels are full. */
  takers(): { readonly perSecond: number; readonly meanLots: number } {
    const { takersPerSecond, decayPerTick, stepTicks, levelLots } = this.options;
    const reached = Math.exp(-decayPerTick * this.half);
    // each level before the last one is taken whole, the last one by half
    const further = Math.exp(-decayPerTick * stepTicks);
    return { perSecond: 2 * takersPerSecond * reached, meanLots: levelLots * (further / (1 - further) + 0.5) };
  }

  /** Moves the mid; levels that stay at their price keep their size. */
  private shift(ticks: number): void {
    const { levels, stepTicks } = this.options;
    // away from zero, where no book would fit
    if (this.mid + ticks <= 2 * levels * stepTicks) return;
    const old = { buy: this.priced("buy"), sell: this.priced("sell") };
    this.mid += ticks;
    for (const side of ["buy", "sell"] as const) {
      this.sizes[side] = this.sizes[side].map((_, i) => old[side].get(this.priceOf(side, i)) ?? this.freshSize());
      this.emitChanges(side, old[side]);
    }
    this.endDiff();
  }

  /** A taker who hits `side`: every level it reaches whole, the last one in part. */
  private taker(side: "buy" | "sell"): void {
    const { decayPerTick, stepTicks } = this.options;
    const reach = this.prng.exponential(1 / decayPerTick);
    if (reach < this.half) return;
    const old = this.priced(side);
    const sizes = this.sizes[side];
    const deepest = Math.min(sizes.length - 1, Math.floor((reach - this.half) / stepTicks));
    for (let i = 0; i <= deepest; i += 1) {
      const size = sizes[i] ?? 0;
      const taken = i < deepest ? size : this.prng.integer(1, Math.max(1, size));
      if (taken === 0 || size === 0) continue;
      sizes[i] = Math.max(0, size - taken);
      this.lastTradeId += 1;
      const flags = RowFlag.frameEnd | (side === "buy" ? RowFlag.sellerTook : 0);
      this.row(RowKind.trade, flags, this.priceOf(side, i), taken, this.lastTradeId);
    }
    this.emitChanges(side, old);
    this.endDiff();
  }

  private noise(): void {
    const side = this.prng.chance(0.5) ? "buy" : "sell";
    const i = this.prng.integer(0, this.options.levels - 1);
    const old = this.priced(side);
    this.sizes[side][i] = this.freshSize();
    this.emitChanges(side, old);
    this.endDiff();
  }

  /** Levels that were emptied come back before the next thing happens. */
  private refill(): boolean {
    let any = false;
    for (const side of ["buy", "sell"] as const) {
      if (!this.sizes[side].includes(0)) continue;
      const old = this.priced(side);
      this.sizes[side] = this.sizes[side].map((size) => (size === 0 ? this.freshSize() : size));
      this.emitChanges(side, old);
      any = true;
    }
    if (any) this.endDiff();
    return any;
  }

  private applyShocks(): void {
    const { shocks, startUs, halfSpreadTicks } = this.options;
    const afterUs = this.us - startUs;
    const due = shocks.filter((shock) => shock.kind === "gap" && shock.afterUs <= afterUs);
    for (const shock of due.slice(this.shocksDone)) {
      this.shocksDone += 1;
      if (shock.kind === "gap") this.shift(shock.ticks);
    }
    const spread = this.active("spread");
    const half = Math.max(1, Math.round(halfSpreadTicks * (spread?.factor ?? 1)));
    if (half === this.half) return;
    const old = { buy: this.priced("buy"), sell: this.priced("sell") };
    this.half = half;
    for (const side of ["buy", "sell"] as const) this.emitChanges(side, old[side]);
    this.endDiff();
  }

  private active<K extends Shock["kind"]>(kind: K): (Extract<Shock, { kind: K }> & { forUs: number }) | undefined {
    const afterUs = this.us - this.options.startUs;
    return this.options.shocks.find(
      (shock): shock is Extract<Shock, { kind: K }> & { forUs: number } =>
        shock.kind === kind && "forUs" in shock && shock.afterUs <= afterUs && afterUs < shock.afterUs + shock.forUs,
    );
  }

  private fund(beforeUs: number, intervalUs: number): void {
    const settleUs = Math.floor(this.us / intervalUs) * intervalUs;
    if (settleUs <= beforeUs) return;
    const rate = this.active("funding")?.ratePpt ?? this.options.fundingPpt;
    this.out.push(RowKind.funding, RowFlag.frameEnd, settleUs, settleUs, rate, intervalUs / 1000, 0, 0);
  }

  private snapshot(): void {
    this.row(RowKind.snapshotStart, 0, 0, 0, this.lastId);
    for (const side of ["buy", "sell"] as const) this.emitChanges(side, new Map());
    this.endDiff();
  }

  private emitChanges(side: "buy" | "sell", old: ReadonlyMap<number, number>): void {
    const kind = side === "buy" ? RowKind.bidLevel : RowKind.askLevel;
    const now = this.priced(side);
    for (const [price] of old) if (!now.has(price)) this.row(kind, 0, price, 0, this.lastId + 1);
    for (const [price, size] of now) if (old.get(price) !== size) this.row(kind, 0, price, size, this.lastId + 1);
  }

  /** Ends the diff under way, and says the best quote after it. */
  private endDiff(): void {
    this.lastId += 1;
    if (this.levelsWritten) this.out.endFrame();
    else this.row(RowKind.diffEmpty, RowFlag.frameEnd, 0, 0, this.lastId);
    this.levelsWritten = false;
    for (const side of ["buy", "sell"] as const) {
      const i = Math.max(
        0,
        this.sizes[side].findIndex((size) => size > 0),
      );
      const kind = side === "buy" ? RowKind.quoteBid : RowKind.quoteAsk;
      const flags = side === "sell" ? RowFlag.frameEnd : 0;
      this.row(kind, flags, this.priceOf(side, i), Math.max(1, this.sizes[side][i] ?? 0), this.lastId);
    }
  }

  // tidy-ok: mirrors the columns of the tape, one call a row
  private row(kind: RowKind, flags: number, price: number, quantity: number, id: number): void {
    this.out.push(kind, flags, this.us, this.us, price, quantity, id, 0);
    this.levelsWritten = kind === RowKind.bidLevel || kind === RowKind.askLevel;
  }

  private priced(side: "buy" | "sell"): Map<number, number> {
    const levels = new Map<number, number>();
    const sizes = this.sizes[side];
    for (let i = 0; i < sizes.length; i += 1) if ((sizes[i] ?? 0) > 0) levels.set(this.priceOf(side, i), sizes[i] ?? 0);
    return levels;
  }

  private priceOf(side: "buy" | "sell", i: number): number {
    const distance = this.half + i * this.options.stepTicks;
    return side === "buy" ? this.mid - distance : this.mid + distance;
  }

  private freshSize(): number {
    return 1 + Math.round(this.prng.exponential(this.options.levelLots));
  }

  private freshSizes(): number[] {
    return Array.from({ length: this.options.levels }, () => this.freshSize());
  }
}
