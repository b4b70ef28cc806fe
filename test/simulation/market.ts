// A made-up market of a few named characters, as tape rows: what the simulated exchange replays. Floats are prices
// here, nobody's money. The market can be told to rest, so that at the end of a run nothing is under way.

import type { Canonical } from "../../src/base/canonical.ts";
import { Prng } from "../../src/base/prng.ts";
import { RowFlag, RowKind, type Tape, TapeBuilder } from "../../src/market/tape.ts";
import type { MarketSource } from "../../src/sim/market-source.ts";

export const MARKET_KINDS = ["walk", "trend", "jump", "gap", "flat", "thin"] as const;
export type MarketKind = (typeof MARKET_KINDS)[number];

/** Prices in ticks. `gap`: the grid's gap, the measure of how far things move. */
export interface MarketCharacter {
  readonly kind: MarketKind;
  readonly start: number;
  readonly gap: number;
  /** Mean time between updates, ms. */
  readonly updateMs: number;
  /** Lots of a typical level. */
  readonly lots: number;
  readonly depth: "quotes" | "book";
  /** How far ahead it is made, ms; ten seconds unless given. */
  readonly chunkMs?: number;
}

const CHUNK_MS = 10_000;
const LEVELS = 5;

export class MadeUpMarket implements MarketSource {
  readonly synthetic = true;
  private readonly character: MarketCharacter;
  private readonly prng: Prng;
  private us: number;
  private price: number;
  private readonly drift: number;
  private readonly shown = new Map<string, number>();
  private began = false;
  /** From this time on the price stands still and nobody trades; sizes still change. */
  restsFromUs = Number.POSITIVE_INFINITY;

  constructor(character: MarketCharacter, seed: string, startUs: number) {
    this.character = character;
    this.prng = new Prng(`${seed}/market`);
    this.us = startUs;
    this.price = character.start;
    this.drift = (this.prng.chance(0.5) ? 1 : -1) * character.gap * 0.004 * (0.5 + this.prng.float());
  }

  next(): Tape {
    const tape = new TapeBuilder(256);
    const endUs = this.us + (this.character.chunkMs ?? CHUNK_MS) * 1000;
    while (this.us < endUs) this.update(tape);
    return tape.finish();
  }

  save(): Canonical {
    return null; // asked for at every chunk; the exchange of a simulation is never restored
  }

  restore(): void {
    throw new Error("the exchange of a simulation is never restored");
  }

  private update(tape: TapeBuilder): void {
    const { kind, updateMs } = this.character;
    const slow = kind === "thin" ? 4 : 1;
    let waitMs = 1 + this.prng.exponential(updateMs * slow);
    if (this.rests()) waitMs = Math.min(waitMs, 1_500);
    else if (kind === "gap" && this.prng.chance(0.002)) waitMs += this.prng.integer(5_000, 90_000);
    this.us += Math.round(waitMs * 1000);
    // a gap may end long after the market came to rest: nothing moves then either
    const rests = this.rests();
    if (!rests) this.move(waitMs / 1000);
    this.quote(tape);
    if (!rests) this.trade(tape);
  }

  private rests(): boolean {
    return this.us >= this.restsFromUs;
  }

  private move(seconds: number): void {
    const { kind, gap, start } = this.character;
    const { prng } = this;
    const normal = Math.sqrt(-2 * Math.log(1 - prng.float())) * Math.cos(2 * Math.PI * prng.float());
    const sigma = gap * (kind === "flat" ? 0.02 : 0.12);
    this.price += sigma * Math.sqrt(Math.min(seconds, 60)) * normal;
    if (kind === "trend") this.price += this.drift * Math.min(seconds, 60);
    if (kind === "flat") this.price += (start - this.price) * 0.02;
    if (kind === "jump" && prng.chance(0.003)) this.price += (prng.chance(0.5) ? 1 : -1) * gap * prng.integer(2, 8);
    if (kind === "gap" && seconds > 5) this.price += (prng.chance(0.5) ? 1 : -1) * gap * prng.integer(1, 5);
    this.price = Math.min(start * 3, Math.max(start / 3, this.price));
  }

  private quote(tape: TapeBuilder): void {
    const { prng } = this;
    const half = this.character.kind === "thin" ? this.character.gap * 0.1 : 1;
    const bid = Math.max(1, Math.round(this.price - half * (0.5 + prng.float())));
    const ask = Math.max(bid + 1, Math.round(this.price + half * (0.5 + prng.float())));
    if (this.character.depth === "quotes") {
      this.row(tape, { kind: RowKind.quoteBid, price: bid, quantity: this.size() });
      this.row(tape, { kind: RowKind.quoteAsk, price: ask, quantity: this.size(), flags: RowFlag.frameEnd });
      return;
    }
    if (!this.began) this.row(tape, { kind: RowKind.snapshotStart, price: 0, quantity: 0 });
    this.began = true;
    const wanted = new Map<string, [number, number, number]>();
    for (let i = 0; i < LEVELS; i += 1) {
      wanted.set(`b${bid - i * 2}`, [RowKind.bidLevel, bid - i * 2, this.size() * (i + 1)]);
      wanted.set(`a${ask + i * 2}`, [RowKind.askLevel, ask + i * 2, this.size() * (i + 1)]);
    }
    for (const [key, price] of this.shown) {
      if (wanted.has(key)) continue;
      const kind = key.startsWith("b") ? RowKind.bidLevel : RowKind.askLevel;
      this.row(tape, { kind, price, quantity: 0 });
    }
    this.shown.clear();
    for (const [key, [kind, price, quantity]] of wanted) {
      if (price <= 0) continue;
      this.shown.set(key, price);
      this.row(tape, { kind: kind as RowKind, price, quantity });
    }
    tape.endFrame();
  }

  private trade(tape: TapeBuilder): void {
    const { prng } = this;
    if (!prng.chance(0.6)) return;
    const sells = prng.chance(0.5);
    const reach = prng.chance(0.05) ? prng.integer(0, Math.ceil(this.character.gap * 0.5)) : 0;
    const price = Math.max(1, Math.round(this.price + (sells ? -1 - reach : 1 + reach)));
    const flags = RowFlag.frameEnd | (sells ? RowFlag.sellerTook : 0);
    this.row(tape, {
      kind: RowKind.trade,
      price,
      quantity: Math.max(1, Math.round(this.size() * prng.float())),
      flags,
    });
  }

  private size(): number {
    return Math.max(1, Math.round(this.character.lots * (0.2 + 2 * this.prng.float())));
  }

  private row(tape: TapeBuilder, row: { kind: RowKind; price: number; quantity: number; flags?: number }): void {
    tape.push(row.kind, row.flags ?? 0, this.us, this.us, row.price, row.quantity, 0, 0);
  }
}
