// Profit-taking, one decision alone: at which price and size, when it waits, and which far exits give way.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ETH } from "../../../test/grid/bench.ts";
import { lots } from "../../market/amounts.ts";
import { holding, type Planned, type PlanTold, planOf, type SlotTold } from "./plan.fixture.ts";
import { exitQuote, exitWait, nearestFirst, planExits } from "./plan-exits.ts";

const NEUTRAL = { mode: "neutral" };

/** `3000.00 x 10, post-only, improved` */
function quote(slot: SlotTold, told: PlanTold = {}, others: readonly SlotTold[] = []): string {
  const { plan } = planOf([slot, ...others], told);
  const { price, quantity, postOnly, improved } = exitQuote(plan, plan.state.slots.get(slot.j) ?? assert.fail());
  return `${price} x ${quantity}${postOnly ? ", post-only" : ""}${improved ? ", improved" : ""}`;
}

function wait(slot: SlotTold, told: PlanTold = {}): string | null {
  const { plan } = planOf([slot], told);
  const own = plan.state.slots.get(slot.j) ?? assert.fail();
  return exitWait(plan, own, exitQuote(plan, own));
}

function exits(slots: readonly SlotTold[], told: PlanTold = {}): Planned & { readonly did: string } {
  const planned = planOf(slots, told);
  planExits(planned.plan);
  return { ...planned, did: planned.bench.take() };
}

test("GRID-20 an exit stands at its level; a price beyond it earns the better one and stays post-only", () => {
  assert.equal(quote(holding(0)), "300200 x 10, post-only");
  assert.equal(quote(holding(0), { bid: 300_299, ask: 300_301 }), "300301 x 10, post-only, improved");
  assert.equal(quote(holding(-1, "S"), { texts: NEUTRAL }), "299800 x 10, post-only");
  assert.equal(
    quote(holding(-1, "S"), { texts: NEUTRAL, bid: 299_699, ask: 299_701 }),
    "299699 x 10, post-only, improved",
  );
  assert.equal(
    quote(holding(0, "S"), { texts: NEUTRAL, bid: 0, ask: 0 }),
    "0 x 10, post-only",
    "no book improves nothing",
  );
  assert.equal(
    quote(holding(0), { instrument: { ...ETH, maxLots: lots(8) }, texts: { orderQuote: "24" } }),
    "300200 x 8, post-only",
  );
});

test("GRID-20 GRID-37 a plain exit passes the bot's own orders by one tick, never beyond the price band", () => {
  const plain = { texts: { ...NEUTRAL, postOnly: false } };
  assert.equal(quote(holding(0), plain), "300200 x 10");
  const buy: SlotTold = { j: 3, out: { purpose: "entry", price: 300_500 } };
  assert.equal(quote(holding(0), plain, [buy]), "300501 x 10, improved");
  const sell: SlotTold = { j: 5, leg: "S", out: { purpose: "entry", price: 299_500 } };
  assert.equal(quote(holding(-1, "S"), plain), "299800 x 10");
  assert.equal(quote(holding(-1, "S"), plain, [sell]), "299499 x 10, improved");
  assert.equal(
    quote(holding(-30), plain),
    "297000 x 10, improved",
    "one per cent below the mid is as low as risk lets pass",
  );
  assert.equal(quote(holding(30, "S"), plain), "303000 x 10, improved");
  const tired = { ...holding(0), plainNext: true };
  assert.equal(quote(tired, { texts: { postOnlyFallback: "exits" } }), "300200 x 10");
  assert.equal(quote(tired, { texts: { postOnlyFallback: "none" } }), "300200 x 10, post-only");
});

test("GRID-20 an exit waits for its slot's order and rest, for the gate, the price band and a size", () => {
  assert.equal(wait(holding(0)), null);
  assert.equal(wait({ ...holding(0), out: { purpose: "exit", price: 300_200 } }), "order");
  assert.equal(wait({ ...holding(0), coolUntilMs: 6 }, { nowMs: 5 }), "cooldown");
  assert.equal(wait({ ...holding(0), coolUntilMs: 5 }, { nowMs: 5 }), null);
  assert.equal(wait(holding(0), { level: "REDUCE" }), null, "below FREEZE exits work on");
  assert.equal(wait(holding(0), { level: "FREEZE" }), "gate");
  assert.equal(wait(holding(600)), "band");
  assert.equal(wait(holding(-600, "S"), { texts: NEUTRAL }), "band");
  const spot = { instrument: { ...ETH, minNotionalOnReduceOnly: true } };
  assert.deepEqual([wait(holding(0, "L", 6), spot), wait(holding(0, "L", 7), spot)], ["too_small", null]);
});

test("GRID-20 the nearest slots get exits in order of distance, each with its code", () => {
  const { did, bench, plan } = exits([holding(2), holding(0), holding(1), holding(3)]);
  assert.equal(
    did,
    ["3002.00", "3004.00", "3006.00"].map((price) => `SELL ${price} x 0.010 post-only reduce-only`).join("\n"),
  );
  assert.deepEqual([plan.open, plan.exits, plan.missing], [3, 3, 0]);
  assert.deepEqual(
    bench.becauses.slice(-3).map(({ code, rank }) => `${code} ${String(rank)}`),
    ["exit.take 0", "exit.take 1", "exit.take 2"],
  );
  const improved = exits([holding(0)], { bid: 300_299, ask: 300_301 });
  assert.equal(improved.bench.becauses.at(-1)?.code, "exit.improved");
  assert.deepEqual(
    nearestFirst(planOf([holding(1), holding(-2)]).plan).map(({ j }) => j),
    [-2, 1],
  );
  const equal = planOf([holding(5), holding(3)], { bid: 300_999, ask: 301_001 }).plan;
  assert.deepEqual(
    nearestFirst(equal).map(({ j }) => j),
    [3, 5],
    "of equals the lower first",
  );
});

test("GRID-20 what waits for the book is remembered, and takes nobody's place", () => {
  const dust = exits([holding(0), holding(600), holding(601)], { texts: { exitLevels: 2 } });
  assert.equal(dust.did, "SELL 3002.00 x 0.010 post-only reduce-only");
  assert.deepEqual(
    dust.plan.waiting.map(({ j }) => j),
    [600],
    "only the nearest are looked at",
  );
  const cooling = exits([{ ...holding(0), coolUntilMs: 9 }, holding(1)], { texts: { exitLevels: 1 } });
  assert.deepEqual([cooling.did, cooling.plan.waiting], ["", []]);
});

test("GRID-23 GRID-39 exits stop at the open orders allowed", () => {
  assert.equal(
    exits([holding(0), holding(1)], { openOrdersLimit: 1 }).did,
    "SELL 3002.00 x 0.010 post-only reduce-only",
  );
  assert.equal(exits([holding(0)], { openOrdersLimit: 0 }).did, "");
});

test("GRID-21 far exits give way to near slots without one, as many as are missing and not given way already", () => {
  const far = (j: number, state: "LIVE" | "CANCEL" | "SENT" = "LIVE"): SlotTold => ({
    ...holding(j),
    out: { purpose: "exit", price: 300_200 + 200 * j, state },
  });
  const texts = { exitLevels: 2, windowSlack: 1 };
  const cancel = (price: string): string => `CANCEL SELL ${price} x 0.010 cancel.far_exit`;
  const gaveWay = (slots: readonly SlotTold[]): string => exits(slots, { texts }).did;
  assert.equal(
    gaveWay([holding(0), holding(1), far(5), far(6)]),
    `${cancel("3014.00")}`,
    "the other is within the slack",
  );
  assert.equal(gaveWay([holding(0), far(1), holding(2), far(5)]), cancel("3012.00"));
  const many = [holding(0), holding(1), holding(2), far(5), far(6), far(7)];
  assert.equal(gaveWay(many), [cancel("3016.00"), cancel("3014.00")].join("\n"), "farthest first");
  const given = [holding(0), holding(1), holding(2), far(5), far(6), far(7, "CANCEL")];
  assert.equal(gaveWay(given), cancel("3014.00"));
  assert.equal(gaveWay([holding(0), far(1), holding(2), far(6), far(7, "CANCEL")]), "", "enough is on its way out");
  assert.equal(
    gaveWay([holding(0), far(1), holding(2), far(6), far(7, "SENT")]),
    cancel("3014.00"),
    "one on its way is waited for",
  );
  const entry: SlotTold = { ...holding(7), out: { purpose: "entry", price: 301_400 } };
  assert.equal(
    gaveWay([holding(0), holding(1), holding(2), far(3), far(6), entry]),
    [cancel("3014.00"), cancel("3008.00")].join("\n"),
  );
});
