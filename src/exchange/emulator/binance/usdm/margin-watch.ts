// `MARGIN_CALL`: tells an account once when its margin comes close to what keeps its positions. Looks by the second,
// and only while a position is held.

import type { EmulatorClock } from "../../world.ts";
import type { moneyOf, PositionFacts } from "./account-view.ts";
import { moneyText, quantityText } from "./shapes.ts";

export interface MarginView {
  readonly positions: readonly PositionFacts[];
  readonly money: ReturnType<typeof moneyOf>;
}

export interface MarginWatchOptions {
  readonly clock: EmulatorClock;
  readonly view: () => MarginView;
  readonly tell: (body: Record<string, unknown>) => void;
}

const LOOK_MS = 1_000;
/** Per cent of the margin that maintenance uses up: called above the first, calm again below the second. */
const CALL_PERCENT = 80n;
const CALM_PERCENT = 70n;

export class MarginWatch {
  private readonly options: MarginWatchOptions;
  private cancel: (() => void) | null = null;
  private called = false;

  constructor(options: MarginWatchOptions) {
    this.options = options;
  }

  /** A position may have begun or ended. */
  look(): void {
    const { positions, money } = this.options.view();
    const held = positions.filter(({ lots }) => lots !== 0);
    const percent = money.marginBalance <= 0n ? 100n : (money.maintenance * 100n) / money.marginBalance;
    if (held.length === 0 || percent < CALM_PERCENT) this.called = false;
    else if (percent >= CALL_PERCENT && !this.called) {
      this.called = true;
      this.options.tell(marginCall(held, money.walletBalance, this.options.clock.nowMs()));
    }
    if (held.length === 0) this.end();
    else if (this.cancel === null) this.arm();
  }

  end(): void {
    this.cancel?.();
    this.cancel = null;
  }

  private arm(): void {
    const { clock } = this.options;
    this.cancel = clock.at(clock.nowMs() + LOOK_MS, () => {
      this.cancel = null;
      this.look();
    });
  }
}

const marginCall = (held: readonly PositionFacts[], wallet: bigint, nowMs: number): Record<string, unknown> => ({
  e: "MARGIN_CALL",
  E: nowMs,
  cw: moneyText(wallet),
  p: held.map((position) => ({
    s: position.instrument.wireName,
    ps: "BOTH",
    pa: quantityText(position.instrument.instrument, position.lots),
    mt: position.mode === "cross" ? "CROSSED" : "ISOLATED",
    iw: moneyText(position.isolated),
    mp: position.markText,
    up: moneyText(position.unrealized),
    mm: moneyText(position.maintenance),
  })),
});
