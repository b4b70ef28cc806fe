// Prices that walk between two walls around the grid's anchor, with trades that run through its orders. Test code only.

import { Prng } from "../../src/base/prng.ts";
import type { Emulator } from "../../src/exchange/emulator/emulator.ts";

export const SYMBOL = "BTC/USDT:USDT";

const START_TICKS = 600_000;
const STRAY_TICKS = 3_000;
const MOVE_MS = 100;

export class Walk {
  private readonly emulator: Emulator;
  private readonly random: Prng;
  private walking: NodeJS.Timeout | null = null;
  private mid = START_TICKS;

  /** The first book stands at once. */
  constructor(emulator: Emulator, seed: string) {
    this.emulator = emulator;
    this.random = new Prng(`${seed}/walk`);
    this.show();
  }

  go(): void {
    this.walking ??= setInterval(() => this.move(), MOVE_MS);
  }

  rest(): void {
    if (this.walking !== null) clearInterval(this.walking);
    this.walking = null;
  }

  get isResting(): boolean {
    return this.walking === null;
  }

  private move(): void {
    const { random } = this;
    const drift = Math.round((START_TICKS - this.mid) / 40);
    this.mid += random.integer(-150, 150) + drift;
    this.mid = Math.min(START_TICKS + STRAY_TICKS, Math.max(START_TICKS - STRAY_TICKS, this.mid));
    this.show();
    if (!random.chance(0.5)) return;
    const side = random.chance(0.5) ? ("sell" as const) : ("buy" as const);
    const far = random.integer(5, 500);
    const trade = { side, price: this.mid + (side === "sell" ? -far : far), quantity: random.integer(1, 40) };
    this.emulator.control.operator.market.trade(SYMBOL, trade);
  }

  /** The whole book around the mid, in ticks. */
  private show(): void {
    const level = (n: number, sign: number): readonly [number, number] => [this.mid + sign * (5 + 7 * n), 30 + n];
    const side = (sign: number) => Array.from({ length: 12 }, (_, n) => level(n, sign));
    const deed = this.emulator.control.operator.market.book(SYMBOL, { bids: side(-1), asks: side(1) });
    if (deed !== null) throw new Error(deed);
  }
}
