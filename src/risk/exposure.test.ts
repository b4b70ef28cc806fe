import assert from "node:assert/strict";
import { test } from "node:test";
import { ETH_PERPETUAL } from "../../test/instruments.ts";
import { BTC, liveMap, liveOrder, usdt } from "../../test/risk-examples.ts";
import { lots, milliTicks, ticks } from "../market/amounts.ts";
import {
  exposureMoney,
  isReducing,
  liveTotals,
  midOf,
  type OrderSums,
  worstCase,
  worstCaseWith,
  worstLong,
  worstShort,
} from "./exposure.ts";

const sums = (buys: number, sells: number, reduceBuys = 0, reduceSells = 0): OrderSums => ({
  buys,
  sells,
  reduceBuys,
  reduceSells,
});

/** The naive oracle: every order in which single lots can be executed. A reduce-only lot only ever reduces. */
function reachable(position: number, orders: OrderSums): { high: number; low: number } {
  const seen = new Set<string>();
  let high = position;
  let low = position;
  const visit = (p: number, b: number, s: number, rb: number, rs: number): void => {
    const key = `${p},${b},${s},${rb},${rs}`;
    if (seen.has(key)) return;
    seen.add(key);
    high = Math.max(high, p);
    low = Math.min(low, p);
    if (b > 0) visit(p + 1, b - 1, s, rb, rs);
    if (s > 0) visit(p - 1, b, s - 1, rb, rs);
    if (rb > 0 && p < 0) visit(p + 1, b, s, rb - 1, rs);
    if (rs > 0 && p > 0) visit(p - 1, b, s, rb, rs - 1);
  };
  visit(position, orders.buys, orders.sells, orders.reduceBuys, orders.reduceSells);
  return { high, low };
}

test("RISK-52 worst case: 5 long, sells of 5 and reduce-only sells of 5 give L = 5 and W = −5", () => {
  assert.equal(worstLong(5, sums(0, 5, 0, 5)), 5);
  assert.equal(worstShort(5, sums(0, 5, 0, 5)), -5);
});

test("RISK-52 exposure: 0.010 BTC long, buys of 0.004; 0.5 ETH short, sells of 0.2: 840 + 2,100 = 2,940", () => {
  const btc = exposureMoney(BTC, milliTicks(600_000_000), worstCase(10, sums(4, 0)));
  const eth = exposureMoney(ETH_PERPETUAL, milliTicks(300_000_000), worstCase(-500, sums(0, 200)));
  assert.equal(btc, usdt(840));
  assert.equal(eth, usdt(2_100));
  assert.equal(usdt(3_000) - btc - eth, usdt(60), "what a grant of 3,000 leaves");
});

test("RISK-51 the worst case agrees with every order of fills in 3,600 small cases", () => {
  let cases = 0;
  for (let position = -4; position <= 4; position += 1) {
    for (let mix = 0; mix < 400; mix += 1) {
      const orders = sums(mix % 4, Math.floor(mix / 4) % 4, Math.floor(mix / 16) % 5, Math.floor(mix / 80));
      const { high, low } = reachable(position, orders);
      // L and W bound the two sides; the larger of them is reached exactly
      assert.equal(Math.max(worstLong(position, orders), -worstShort(position, orders)), Math.max(high, -low));
      assert.ok(worstLong(position, orders) >= high && worstShort(position, orders) <= low);
      cases += 1;
    }
  }
  assert.equal(cases, 3_600);
});

test("RISK-51 a reducing order never makes the worst case larger, whatever else is alive", () => {
  for (let position = -4; position <= 4; position += 1) {
    for (let mix = 0; mix < 400; mix += 1) {
      const orders = sums(mix % 4, Math.floor(mix / 4) % 4, Math.floor(mix / 16) % 5, Math.floor(mix / 80));
      for (const side of ["buy", "sell"] as const) {
        for (let quantity = 1; quantity <= 4; quantity += 1) {
          const order = { side, quantity: lots(quantity), reduceOnly: mix % 2 === 0 };
          if (!isReducing(order, position, orders)) continue;
          assert.ok(worstCaseWith(position, orders, order) <= worstCase(position, orders));
        }
      }
    }
  }
});

test("an order counts with what may still execute of it, and until proof ends it", () => {
  const live = liveMap([
    liveOrder(1, { side: "buy", quantity: lots(10) }, { cumulative: lots(4) }),
    liveOrder(2, { side: "sell", quantity: lots(3), reduceOnly: true }, { place: "unknown", status: null }),
    liveOrder(3, { side: "sell", quantity: lots(7) }, { status: "canceled" }),
    liveOrder(4, { side: "sell", quantity: lots(2) }, { cancelAsked: true }),
    liveOrder(5, { side: "buy", quantity: lots(9) }, { place: "absent", status: null }),
  ]);
  const totals = liveTotals(live, "slot2");
  assert.deepEqual(
    [totals.count, totals.buys, totals.sells, totals.reduceBuys, totals.reduceSells, totals.unknown],
    [3, 6, 2, 0, 3, 1],
  );
  assert.equal(totals.unknownOfSlot?.placedSeq, 2);
});

test("a one-sided, crossed or locked book has no mid", () => {
  assert.equal(midOf(null, ticks(5)), null);
  assert.equal(midOf(ticks(5), null), null);
  assert.equal(midOf(ticks(5), ticks(5)), null);
  assert.equal(midOf(ticks(6), ticks(5)), null);
  assert.equal(midOf(ticks(4), ticks(5)), 4_500);
});

/** Resting orders as `side price [done]` of 5 lots each, in the order they were placed. */
const ladder = (text: string) =>
  liveTotals(
    liveMap(
      text.split(", ").map((line, at) => {
        const [side, price, done = "0"] = line.split(" ");
        assert.ok(side === "buy" || side === "sell");
        const cumulative = lots(Number(done));
        return liveOrder(at + 1, { side, price: ticks(Number(price)) }, { cumulative });
      }),
    ),
    null,
  );

test("RISK-06 self-trade: the highest own buy and the lowest own sell are looked at, whatever came first", () => {
  for (const buys of ["buy 100, buy 105, buy 103", "buy 105, buy 103, buy 100", "buy 103, buy 100, buy 105"]) {
    assert.equal(ladder(buys).highestBuy?.order.price, 105, buys);
    assert.equal(ladder(buys).lowestSell, null);
  }
  for (const sells of [
    "sell 110, sell 107, sell 109",
    "sell 107, sell 109, sell 110",
    "sell 109, sell 110, sell 107",
  ]) {
    assert.equal(ladder(sells).lowestSell?.order.price, 107, sells);
    assert.equal(ladder(sells).highestBuy, null);
  }
});

test("RISK-06 self-trade: an own order executed in full is met by nobody, though its last update is not here", () => {
  const totals = ladder("buy 105 5, buy 103 4, sell 107 5, sell 109 4");
  assert.equal(totals.highestBuy?.order.price, 103);
  assert.equal(totals.lowestSell?.order.price, 109);
  assert.deepEqual([totals.count, totals.buys, totals.sells], [4, 1, 1]);
});

test("RISK-06 self-trade: of two own orders at one price the first placed would be met, and is named", () => {
  const totals = ladder("buy 105, buy 105, sell 107, sell 107");
  assert.equal(totals.highestBuy?.placedSeq, 1);
  assert.equal(totals.lowestSell?.placedSeq, 3);
});

test("RISK-51 reduce-only buys and sells are summed apart from those that may open", () => {
  const totals = liveTotals(
    liveMap([
      liveOrder(1, { side: "buy", quantity: lots(2) }),
      liveOrder(2, { side: "buy", quantity: lots(3), reduceOnly: true }),
      liveOrder(3, { side: "sell", quantity: lots(4) }),
      liveOrder(4, { side: "sell", quantity: lots(6), reduceOnly: true }),
    ]),
    null,
  );
  assert.deepEqual([totals.buys, totals.reduceBuys, totals.sells, totals.reduceSells], [2, 3, 4, 6]);
  // 4 short: 3 reduce-only bring it to −1, 2 more to 1; or 4 more sells to −8
  assert.equal(worstLong(-4, totals), 1);
  assert.equal(worstShort(-4, totals), -8);
});

test("a bid of nothing is no price: half the ask would be a mid far from any market", () => {
  assert.equal(midOf(ticks(0), ticks(600_000)), null);
  assert.equal(midOf(ticks(1), ticks(600_000)), 300_000_500);
});
