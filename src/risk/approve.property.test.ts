import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { BTC, DEFAULTS, factsOf, liveOrder, NOW, orderOf, PROPERTY_RUNS, usdt } from "../../test/risk-examples.ts";
import { decodeCanonical, encodeCanonical } from "../base/canonical.ts";
import { lots, milliTicks, ticks } from "../market/amounts.ts";
import type { NewOrder, Order } from "../trading/order.ts";
import { approve, initialRiskState } from "./approve.ts";
import { exposureMoney, isReducing, liveTotals, worstCase } from "./exposure.ts";
import type { ApprovalFacts, RiskMode } from "./facts.ts";
import { initialKillState, isKilled, type KillInput, type KillState, killStep } from "./kill.ts";
import type { RiskLimits } from "./limits.ts";

const runs = { seed: 20_261_121, numRuns: PROPERTY_RUNS };

/** Small markets, so that limits are met often: prices 90 … 110 ticks, quantities 1 … 9 lots. */
const anyOrder: fc.Arbitrary<NewOrder> = fc
  .record({
    side: fc.constantFrom("buy" as const, "sell" as const),
    price: fc.integer({ min: 590_000, max: 610_000 }).map(ticks),
    quantity: fc.integer({ min: 1, max: 9 }).map(lots),
    reduceOnly: fc.boolean(),
    slotKey: fc.constantFrom("a", "b", "c"),
  })
  .map((change) => orderOf(change));

const anyLimits: fc.Arbitrary<RiskLimits> = fc
  .record({
    orderNotionalMax: fc.integer({ min: 60, max: 600 }).map(usdt),
    positionNotionalMax: fc.integer({ min: 60, max: 1_500 }).map(usdt),
    exposureGrossMax: fc.integer({ min: 60, max: 1_500 }).map(usdt),
    orderQuantityMax: fc.option(fc.integer({ min: 1, max: 9 }).map(lots)),
    positionQuantityMax: fc.option(fc.integer({ min: 1, max: 25 }).map(lots)),
    priceBandBps: fc.integer({ min: 1, max: 300 }),
    priceBandFarBps: fc.integer({ min: 10, max: 300 }),
    leverageMaxMilli: fc.integer({ min: 100, max: 5_000 }),
    bookAgeMsMax: fc.integer({ min: 100, max: 5_000 }),
    openOrdersMax: fc.integer({ min: 1, max: 12 }),
    unknownOrdersMax: fc.integer({ min: 1, max: 3 }),
    ordersPerSecondMax: fc.integer({ min: 1, max: 50 }),
    ordersBurst: fc.integer({ min: 1, max: 50 }),
  })
  .map((change) => ({ ...DEFAULTS, ...change }));

type Act =
  | { readonly act: "place"; readonly order: NewOrder }
  | { readonly act: "fill"; readonly pick: number; readonly quantity: number }
  | { readonly act: "unknown"; readonly pick: number };

const anyAct: fc.Arbitrary<Act> = fc.oneof(
  fc.record({ act: fc.constant("place" as const), order: anyOrder }),
  fc.record({ act: fc.constant("fill" as const), pick: fc.nat(50), quantity: fc.integer({ min: 1, max: 9 }) }),
  fc.record({ act: fc.constant("unknown" as const), pick: fc.nat(50) }),
);

/** A world that fills what was approved in any order; a reduce-only order never turns the position around. */
class World {
  position = 0;
  readonly live = new Map<string, Order>();
  private seq = 0;

  add(order: NewOrder): void {
    this.seq += 1;
    const live = liveOrder(this.seq, order);
    this.live.set(live.clientOrderId, live);
  }

  fill(pick: number, wanted: number): void {
    const order = this.pick(pick);
    if (order === undefined) return;
    const sign = order.order.side === "buy" ? 1 : -1;
    const room = order.order.reduceOnly ? Math.max(0, -sign * this.position) : wanted;
    const quantity = Math.min(wanted, room, order.order.quantity - order.cumulative);
    this.position += sign * quantity;
    order.cumulative = lots(order.cumulative + quantity);
    if (order.cumulative === order.order.quantity) this.live.delete(order.clientOrderId);
  }

  doubt(pick: number): void {
    const order = this.pick(pick);
    if (order === undefined) return;
    order.place = "unknown";
    order.unknownSinceMs = NOW;
  }

  private pick(index: number): Order | undefined {
    return [...this.live.values()][index % Math.max(1, this.live.size)];
  }

  facts(change: Partial<ApprovalFacts> = {}): ApprovalFacts {
    return factsOf({ position: lots(this.position), live: this.live, ...change });
  }
}

test("TEST-P14 approved orders filled in any order never pass position, notional or exposure", () => {
  const law = fc.property(anyLimits, fc.array(anyAct, { maxLength: 60 }), (limits, acts) => {
    const world = new World();
    const state = initialRiskState();
    for (const act of acts) {
      if (act.act === "fill") world.fill(act.pick, act.quantity);
      else if (act.act === "unknown") world.doubt(act.pick);
      else if (approve(limits, state, world.facts(), act.order).ok) world.add(act.order);
      const value = exposureMoney(BTC, milliTicks(600_000_000), world.position);
      assert.ok(Math.abs(world.position) <= (limits.positionQuantityMax ?? 1e9));
      assert.ok(value <= limits.positionNotionalMax && value <= limits.exposureGrossMax);
      const worst = worstCase(world.position, liveTotals(world.live, null));
      assert.ok(Math.abs(world.position) <= worst, "what happened is never worse than the worst case");
    }
  });
  fc.assert(law, runs);
});

test("RISK-51 the reduce-only orders alive together never exceed the position", () => {
  const law = fc.property(fc.integer({ min: -30, max: 30 }), fc.array(anyAct, { maxLength: 60 }), (position, acts) => {
    const world = new World();
    world.position = position;
    const state = initialRiskState();
    for (const act of acts) {
      const order = act.act === "place" ? { ...act.order, reduceOnly: true } : null;
      if (order !== null && approve(DEFAULTS, state, world.facts(), order).ok) world.add(order);
      else if (act.act === "fill") world.fill(act.pick, act.quantity);
      const totals = liveTotals(world.live, null);
      assert.ok(totals.reduceSells <= Math.max(0, world.position));
      assert.ok(totals.reduceBuys <= Math.max(0, -world.position));
    }
  });
  fc.assert(law, runs);
});

/** Each limit of `a` no looser than in `b`. */
function tighter(a: RiskLimits, b: RiskLimits): RiskLimits {
  const least = <T extends number | bigint>(x: T, y: T): T => (x < y ? x : y);
  const some = <T extends number>(x: T | null, y: T | null): T | null =>
    x === null ? y : y === null ? x : least(x, y);
  return {
    ...b,
    orderNotionalMax: least(a.orderNotionalMax, b.orderNotionalMax),
    positionNotionalMax: least(a.positionNotionalMax, b.positionNotionalMax),
    exposureGrossMax: least(a.exposureGrossMax, b.exposureGrossMax),
    orderQuantityMax: some(a.orderQuantityMax, b.orderQuantityMax),
    positionQuantityMax: some(a.positionQuantityMax, b.positionQuantityMax),
    priceBandBps: least(a.priceBandBps, b.priceBandBps),
    priceBandFarBps: least(a.priceBandFarBps, b.priceBandFarBps),
    leverageMaxMilli: least(a.leverageMaxMilli, b.leverageMaxMilli),
    bookAgeMsMax: least(a.bookAgeMsMax, b.bookAgeMsMax),
    openOrdersMax: least(a.openOrdersMax, b.openOrdersMax),
    unknownOrdersMax: least(a.unknownOrdersMax, b.unknownOrdersMax),
    ordersPerSecondMax: least(a.ordersPerSecondMax, b.ordersPerSecondMax),
    ordersBurst: least(a.ordersBurst, b.ordersBurst),
  };
}

const anyScene = fc.record({
  position: fc.integer({ min: -30, max: 30 }),
  alive: fc.array(fc.tuple(anyOrder, fc.boolean()), { maxLength: 12 }),
  bookAge: fc.integer({ min: 0, max: 6_000 }),
  equity: fc.integer({ min: 0, max: 1_000 }),
});

function sceneFacts(scene: {
  position: number;
  alive: [NewOrder, boolean][];
  bookAge: number;
  equity: number;
}): ApprovalFacts {
  const world = new World();
  for (const [order] of scene.alive) world.add(order);
  scene.alive.forEach(([, unknown], index) => {
    if (unknown) world.doubt(index);
  });
  world.position = scene.position;
  return world.facts({ bookAtMs: NOW - scene.bookAge, equity: usdt(scene.equity) });
}

test("TEST-P15 RISK-51 tightening a limit never turns a refusal into an approval", () => {
  const law = fc.property(
    anyLimits,
    anyLimits,
    anyScene,
    fc.array(anyOrder, { maxLength: 20 }),
    (a, b, scene, orders) => {
      const facts = sceneFacts(scene);
      const strict = tighter(a, b);
      for (const order of orders) {
        const approvedByStrict = approve(strict, initialRiskState(), facts, order).ok;
        if (approvedByStrict) assert.ok(approve(b, initialRiskState(), facts, order).ok);
      }
    },
  );
  fc.assert(law, runs);
});

test("TEST-P15 RISK-51 an approved reducing order never enlarges the worst case, whatever is switched off", () => {
  const law = fc.property(anyScene, anyOrder, (scene, order) => {
    const facts = sceneFacts(scene);
    const totals = liveTotals(facts.live, null);
    if (!isReducing(order, facts.position, totals)) return;
    const before = worstCase(facts.position, totals);
    const live = new Map(facts.live).set("new", liveOrder(999, order));
    assert.ok(worstCase(facts.position, liveTotals(live, null)) <= before);
  });
  fc.assert(law, runs);
});

/** The state as a restart finds it: written as canonical text and read again. */
function restarted<T>(state: T): T {
  const read: unknown = decodeCanonical(encodeCanonical(state));
  return read as T;
}

const blockedModes: readonly RiskMode[] = ["killed", "recovering", "draining", "breaker", "monitor", "paused"];

test("TEST-P16 RISK-51 while blocked the worst case never grows, whatever is tried and filled", () => {
  const law = fc.property(
    fc.constantFrom(...blockedModes),
    anyScene,
    fc.array(anyAct, { maxLength: 40 }),
    (name, scene, acts) => {
      const world = new World();
      for (const [order] of scene.alive) world.add(order);
      world.position = scene.position;
      const state = initialRiskState();
      const blocked = { mode: name, reason: "x", sinceMs: 0, blocks: "both" as const, reducingAllowed: true };
      let worst: number = worstCase(world.position, liveTotals(world.live, null));
      for (const act of acts) {
        if (act.act === "fill") world.fill(act.pick, act.quantity);
        else if (act.act === "unknown") world.doubt(act.pick);
        else {
          const approval = approve(DEFAULTS, state, world.facts({ mode: blocked }), act.order);
          assert.ok(!approval.ok || approval.reducing, "no opening order leaves while blocked");
          if (approval.ok) world.add(act.order);
        }
        const now = worstCase(world.position, liveTotals(world.live, null));
        assert.ok(now <= worst);
        worst = now;
      }
    },
  );
  fc.assert(law, runs);
});

const anyKillInput: fc.Arbitrary<KillInput> = fc.oneof(
  fc.record({
    kind: fc.constant("kill" as const),
    flatten: fc.boolean(),
    by: fc.constant("ops"),
    reason: fc.constant("drill"),
  }),
  fc.record({ kind: fc.constant("read" as const), ownOpen: fc.nat(2) }),
  fc.constant({ kind: "turn" as const }),
);

test("TEST-P16 RISK-51 killed stays killed through any events and restarts, until reset", () => {
  const turn = fc.tuple(anyKillInput, fc.nat(3_000), fc.nat(2), fc.boolean(), fc.boolean());
  const law = fc.property(fc.array(turn, { maxLength: 60 }), (turns) => {
    let state: KillState = initialKillState();
    let nowMs = NOW;
    let latched = false;
    for (const [input, after, alive, flat, restart] of turns) {
      nowMs += after;
      const live = Array.from({ length: alive }, (_, i) => ({ id: `o${i}`, cancelAsked: false, closer: false }));
      state = killStep(state, input, { nowMs, live, positionLots: flat ? 0 : 3, flat }).state;
      latched ||= input.kind === "kill";
      if (restart) state = restarted(state);
      assert.equal(isKilled(state), latched);
    }
  });
  fc.assert(law, runs);
});

test("what approval remembers is canonical: a restart in between changes no decision", () => {
  const law = fc.property(fc.array(fc.tuple(anyOrder, fc.nat(400)), { maxLength: 80 }), (orders) => {
    const kept = initialRiskState();
    let again = initialRiskState();
    let nowMs = NOW;
    for (const [order, after] of orders) {
      nowMs += after;
      const facts = factsOf({ nowMs, bookAtMs: nowMs, equityAtMs: nowMs });
      again = restarted(again);
      assert.deepEqual(approve(DEFAULTS, again, facts, order), approve(DEFAULTS, kept, facts, order));
    }
    assert.deepEqual(again, kept);
  });
  fc.assert(law, runs);
});
