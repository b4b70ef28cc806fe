// Strikes of an earlier run, each where it came then: after as many wakes of its microsecond. Counts wakes for those
// that will be written down, too.

import type { VirtualClock } from "../../src/base/virtual-clock.ts";
import type { Strike } from "./decisions.ts";

/** Before all else of their time: where a strike may come, and the strike itself. */
const MARK_RANK = -2;
const STRIKE_RANK = -1;

export class Script {
  private readonly clock: VirtualClock;
  private woken = { atUs: -1, times: 0 };
  private uncounted = false;
  private strikes: Strike[] = [];
  private fire: (strike: Strike) => void = () => {};

  constructor(clock: VirtualClock) {
    this.clock = clock;
  }

  /** Wakes of this microsecond that are over. */
  get wokenNow(): number {
    return this.overAt(this.clock.nowUs());
  }

  /** From now on `fire` is called with each strike when its turn has come. */
  play(strikes: readonly Strike[], fire: (strike: Strike) => void): void {
    this.strikes = [...strikes];
    this.fire = fire;
    // the exchange does not look ahead beyond a strike
    for (const { atUs } of strikes) this.clock.atUs(atUs, () => this.passUncounted(), MARK_RANK);
  }

  /** Before the clock's next wake: a strike goes first where its turn has come, or no wake of its time is left. */
  beforeWake(): void {
    const [strike] = this.strikes;
    if (strike === undefined) return;
    const nextUs = this.clock.nextUs();
    if (nextUs < strike.atUs || (nextUs === strike.atUs && this.overAt(nextUs) < strike.after)) return;
    this.strikes.shift();
    const act = (): void => {
      if (!strike.alone) this.passUncounted();
      this.fire(strike);
    };
    this.clock.atUs(strike.atUs, act, STRIKE_RANK);
  }

  afterWake(): void {
    if (!this.uncounted) this.woken = { atUs: this.clock.nowUs(), times: this.wokenNow + 1 };
    this.uncounted = false;
  }

  private overAt(us: number): number {
    return us === this.woken.atUs ? this.woken.times : 0;
  }

  private passUncounted(): void {
    this.uncounted = true;
  }
}
