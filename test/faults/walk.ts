// Prices that walk between two walls around the grid's anchor, with trades that run through its orders. Test code only.

import { Prng } from "../../src/base/prng.ts";
import type { Emulator } from "../../src/exchange/emulator/emulator.ts";
import type { TownMarket } from "./town-market.ts";

/** In tenths of a USDT; quantities in thousandths of a BTC. */
const START = 600_000;
const STRAY = 3_000;
const MOVE_MS = 100;

export class Walk {
  private readonly emulator: Emulator;
  private readonly at: TownMarket;
  private readonly random: Prng;
  private walking: NodeJS.Timeout | null = null;
  private moves = false;
  private mid = START;
  /** What comes and goes at the farthest levels. */
  private breath = 0;

  /** The first book stands at once. */
  constructor(emulator: Emulator, at: TownMarket, seed: string) {
    this.emulator = emulator;
    this.at = at;
    this.random = new Prng(`${seed}/walk`);
    this.show();
  }

  go(): void {
    this.rest();
    this.moves = true;
    this.walking = setInterval(() => this.move(), MOVE_MS);
  }

  /** Prices stand and nobody trades, but the book is seen to live. */
  calm(): void {
    this.rest();
    this.walking = setInterval(() => {
      this.breath = 1 - this.breath;
      this.show();
    }, MOVE_MS);
  }

  rest(): void {
    if (this.walking !== null) clearInterval(this.walking);
    this.walking = null;
    this.moves = false;
  }

  /** Nobody trades. */
  get isResting(): boolean {
    return !this.moves;
  }

  private move(): void {
    const { random } = this;
    const { symbol, tenth, thousandth, stretch } = this.at;
    const drift = Math.round((START - this.mid) / 40);
    this.mid += random.integer(-150, 150) + drift;
    this.mid = Math.min(START + STRAY, Math.max(START - STRAY, this.mid));
    this.show();
    if (!random.chance(0.5)) return;
    const side = random.chance(0.5) ? ("sell" as const) : ("buy" as const);
    const far = random.integer(5, 500);
    const price = (this.middle() + (side === "sell" ? -far : far) * stretch) * tenth;
    const quantity = random.integer(1, 40) * thousandth;
    this.emulator.control.operator.market.trade(symbol, { side, price, quantity });
  }

  /** The whole book around the mid. */
  private show(): void {
    const { symbol, tenth, thousandth } = this.at;
    const middle = this.middle();
    const level = (n: number, sign: number): readonly [number, number] => [
      (middle + sign * (5 + 7 * n)) * tenth,
      (30 + n + (n === 11 ? this.breath : 0)) * thousandth,
    ];
    const side = (sign: number) => Array.from({ length: 12 }, (_, n) => level(n, sign));
    const deed = this.emulator.control.operator.market.book(symbol, { bids: side(-1), asks: side(1) });
    if (deed !== null) throw new Error(deed);
  }

  private middle(): number {
    return START + (this.mid - START) * this.at.stretch;
  }
}
