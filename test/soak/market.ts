// A market that goes on for ever around one price, at a given rate of messages: quotes and trades as tape rows. Floats
// are prices here, nobody's money.

import type { Canonical } from "../../src/base/canonical.ts";
import { Prng } from "../../src/base/prng.ts";
import { RowFlag, RowKind, type Tape, TapeBuilder } from "../../src/market/tape.ts";
import type { MarketSource } from "../../src/sim/market-source.ts";

export interface SoakMarketOptions {
  readonly seed: string;
  readonly startUs: number;
  /** In ticks. */
  readonly price: number;
  /** How far prices go within a minute, in ticks. */
  readonly gap: number;
  readonly lots: number;
  readonly messagesPerSecond: number;
}

const CHUNK_US = 10_000_000;
/** Trades for each quote. */
const TRADES = 0.3;
/** Seconds after which half of a departure is gone. */
const PULL_S = 600;

export class SoakMarket implements MarketSource {
  readonly synthetic = true;
  /** Messages made so far. */
  messages = 0;
  /** From this time on the price stands still and nobody trades. */
  restsFromUs = Number.POSITIVE_INFINITY;
  private readonly options: SoakMarketOptions;
  private readonly prng: Prng;
  private readonly updateUs: number;
  private us: number;
  private price: number;

  constructor(options: SoakMarketOptions) {
    this.options = options;
    this.prng = new Prng(`${options.seed}/soak`);
    this.us = options.startUs;
    this.price = options.price;
    this.updateUs = (1_000_000 * (1 + TRADES)) / options.messagesPerSecond;
  }

  next(): Tape {
    const tape = new TapeBuilder(1024);
    const endUs = this.us + CHUNK_US;
    while (this.us < endUs) this.update(tape);
    return tape.finish();
  }

  save(): Canonical {
    return null; // asked for at every chunk; the exchange of a soak is never restored
  }

  restore(): void {
    throw new Error("the exchange of a soak is never restored");
  }

  private update(tape: TapeBuilder): void {
    const { prng, options } = this;
    const rests = this.us >= this.restsFromUs;
    const waitUs = rests ? 200_000 : Math.max(1, Math.round(prng.exponential(this.updateUs)));
    this.us += waitUs;
    if (!rests) this.move(waitUs / 1_000_000);
    const bid = Math.max(1, Math.round(this.price - 0.5 - prng.float()));
    this.row(tape, RowKind.quoteBid, { price: bid, flags: 0 });
    this.row(tape, RowKind.quoteAsk, { price: bid + 1 + prng.integer(0, 2), flags: RowFlag.frameEnd });
    this.messages += 1;
    if (rests || !prng.chance(TRADES)) return;
    this.messages += 1;
    const sells = prng.chance(0.5);
    const reach = prng.chance(0.02) ? prng.integer(0, Math.ceil(options.gap * 0.4)) : 0;
    const flags = RowFlag.frameEnd | (sells ? RowFlag.sellerTook : 0);
    const price = Math.max(1, Math.round(this.price + (sells ? -1 - reach : 1 + reach)));
    this.row(tape, RowKind.trade, { price, flags });
  }

  private move(seconds: number): void {
    const { gap, price } = this.options;
    const { prng } = this;
    const normal = Math.sqrt(-2 * Math.log(1 - prng.float())) * Math.cos(2 * Math.PI * prng.float());
    this.price += gap * 0.13 * Math.sqrt(seconds) * normal + ((price - this.price) * seconds * Math.LN2) / PULL_S;
  }

  private row(tape: TapeBuilder, kind: RowKind, { price, flags }: { price: number; flags: number }): void {
    const quantity = Math.max(1, Math.round(this.options.lots * (0.2 + 2 * this.prng.float())));
    tape.push(kind, flags, this.us, this.us, price, quantity, 0, 0);
  }
}
