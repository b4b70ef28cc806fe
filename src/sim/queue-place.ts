// How far back in the queue a resting order stands (BT-16, BT-17). Pure arithmetic on one order; the models differ only
// in who they believe cancelled when a level shrinks. Lots ahead are always rounded against us.

import { assert } from "../base/assert.ts";
import type { QueueModelName } from "./options.ts";
import { NO_PLACE, type SimOrder } from "./order.ts";

export interface QueuePlace {
  readonly name: QueueModelName;
  /** Lots ahead of an order that arrives at a level showing `shown`. */
  arrive(shown: number): number;
  /** The level at the order's price went from `before` to `after` lots (L2). Sets `ahead` and `traded`. */
  levelChanged(order: SimOrder, before: number, after: number): void;
}

/** The model of that name. `lotSizeBase` is one lot in base units, for `log` (`x` is counted in base asset). */
export function queuePlace(name: QueueModelName, lotSizeBase: number): QueuePlace {
  if (name === "front") {
    return { name, arrive: () => 0, levelChanged: () => {} };
  }
  if (name === "back") return { name, arrive: (shown) => shown, levelChanged: behindUs };
  if (name === "log") return probable(name, (lots) => Math.log1p(lots * lotSizeBase));
  const power = Number.parseInt(name.slice("power:".length), 10);
  assert(name === `power:${power}` && power >= 1 && power <= 100, () => `${name} is no queue model`);
  return probable(name, powerOf(power));
}

const powerOf = (power: number): ((x: number) => number) => {
  if (power === 1) return (x) => x;
  if (power === 2) return (x) => x * x;
  if (power === 3) return (x) => x * x * x;
  return (x) => x ** power;
};

function behindUs(order: SimOrder, _before: number, after: number): void {
  order.traded = 0;
  if (order.ahead > after) order.ahead = after;
}

function probable(name: QueueModelName, weigh: (lots: number) => number): QueuePlace {
  return {
    name,
    arrive: (shown) => shown,
    levelChanged: (order, before, after) => {
      const gone = before - after - order.traded;
      order.traded = 0;
      if (order.ahead === NO_PLACE) return;
      if (gone <= 0) {
        if (order.ahead > after) order.ahead = after;
        return;
      }
      const ahead = order.ahead;
      const behind = Math.max(before - ahead, 0);
      const back = weigh(behind);
      const sum = back + weigh(ahead);
      const p = sum === 0 ? 1 : back / sum;
      const estimate = ahead - (1 - p) * gone + Math.min(behind - p * gone, 0);
      // rounded against us; the 1e-9 keeps a whole number whole through the float above
      order.ahead = Math.min(Math.max(Math.ceil(estimate - 1e-9), 0), after);
    },
  };
}

/**
 * The other side traded `volume` lots at the order's price, of which our own earlier orders took a part already left
 * out. Returns the lots filled.
 */
export function tradedAtPrice(order: SimOrder, volume: number): number {
  order.traded += volume;
  if (order.ahead === NO_PLACE) return 0;
  const ahead = order.ahead - volume;
  if (ahead >= 0) {
    order.ahead = ahead;
    return 0;
  }
  order.ahead = 0;
  return Math.min(-ahead, order.quantity - order.filled);
}
