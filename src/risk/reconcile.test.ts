import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  BTC,
  DEFAULTS,
  foreignId,
  limitsWith,
  liveMap,
  liveOrder,
  NOW,
  PROPERTY_RUNS,
  usdt,
} from "../../test/risk-examples.ts";
import { lots, milliTicks, ticks } from "../market/amounts.ts";
import type { Order } from "../trading/order.ts";
import { divergenceBps, type ReconcileDecision, type ReconcileInput, reconcile } from "./reconcile.ts";

type Shown = ReconcileInput["open"][number];

const shown = (order: Order, change: Partial<Shown> = {}): Shown => ({
  clientOrderId: order.clientOrderId,
  price: order.order.price,
  quantity: order.order.quantity,
  cumulative: order.cumulative,
  ...change,
});
const foreign: Shown = { clientOrderId: foreignId, price: ticks(1), quantity: lots(1), cumulative: lots(0) };
const one = liveOrder(1);
const two = liveOrder(2, {}, { cumulative: lots(2) });

const position = (local: number, exchange: number | null, change: Partial<ReconcileInput["position"]> = {}) => ({
  local: lots(local),
  exchange: exchange === null ? null : lots(exchange),
  filledSinceAsked: false,
  fillsApplied: true,
  ...change,
});

/** Lots of 0.001 BTC at 1,000 USDT: one lot is 1 USDT. */
const input = (change: Partial<ReconcileInput> = {}): ReconcileInput => ({
  nowMs: NOW,
  limits: DEFAULTS,
  instrument: BTC,
  tag: "btcgrd",
  live: new Map(),
  open: [],
  attempt: 1,
  changedSinceAsked: new Set<string>(),
  position: position(0, 0),
  mark: milliTicks(10_000_000),
  corrections: { day: 0, count: 0 },
  approvals: 0,
  ...change,
});

function name(decision: ReconcileDecision): string {
  switch (decision.kind) {
    case "lookup":
      return `lookup ${decision.clientOrderId.slice(-6)} ${decision.why}`;
    case "orphan":
      return `orphan${decision.cancel ? ", cancel" : ""}`;
    case "foreign":
      return `foreign ${decision.count}${decision.alert ? ", alert" : ""}`;
    case "correct":
      return `correct ${decision.lots}`;
    case "fetch-fills":
    case "ask-again":
    case "inconclusive":
    case "breaker":
      return decision.kind;
  }
}
const decided = (change: Partial<ReconcileInput>): string[] => reconcile(input(change)).map(name);
const id = (order: Order): string => order.clientOrderId.slice(-6);

test("RISK-32 what agrees needs nothing", () => {
  assert.deepEqual(
    decided({ live: liveMap([one, two]), open: [shown(two), shown(one)], position: position(2, 2) }),
    [],
  );
});

test("RISK-32 an order live here and not shown there is looked up, never assumed cancelled", () => {
  assert.deepEqual(decided({ live: liveMap([one, two]), open: [shown(two)] }), [`lookup ${id(one)} not-shown`]);
});

test("RISK-32 an order that is shown twice does not hide one that is not shown", () => {
  assert.deepEqual(decided({ live: liveMap([one, two]), open: [shown(two), shown(two)] }), [
    `lookup ${id(one)} not-shown`,
  ]);
});

test("RISK-32 another price, quantity or executed quantity is looked up", () => {
  for (const change of [{ price: ticks(5) }, { quantity: lots(6) }, { cumulative: lots(3) }]) {
    assert.deepEqual(decided({ live: liveMap([one]), open: [shown(one, change)] }), [`lookup ${id(one)} differs`]);
  }
});

test("RISK-32 an own order that is unknown here is adopted and cancelled, or kept", () => {
  assert.deepEqual(decided({ open: [shown(one)] }), ["orphan, cancel"]);
  assert.deepEqual(decided({ open: [shown(one)], limits: limitsWith({ onOrphan: "keep" }) }), ["orphan"]);
});

test("RISK-32 foreign orders are counted and never touched; another tag is foreign", () => {
  assert.deepEqual(decided({ open: [foreign] }), ["foreign 1"]);
  assert.deepEqual(decided({ open: [foreign, shown(one)], tag: "other1" }), ["foreign 2"]);
  assert.deepEqual(decided({ open: [foreign], limits: limitsWith({ foreignOrders: "alert" }) }), ["foreign 1, alert"]);
});

test("RISK-31 RISK-32 what changed since the read was asked for, or was never answered, is judged next time", () => {
  assert.deepEqual(decided({ live: liveMap([one]), changedSinceAsked: new Set([one.clientOrderId]) }), []);
  assert.deepEqual(decided({ open: [shown(one)], changedSinceAsked: new Set([one.clientOrderId]) }), []);
  assert.deepEqual(decided({ live: liveMap([liveOrder(3, {}, { place: "unknown", status: null })]) }), []);
});

test("RISK-31 RISK-32 a position is compared only when no fill came between, and fills are fetched first", () => {
  assert.deepEqual(decided({ position: position(1, 2, { filledSinceAsked: true }) }), ["ask-again"]);
  assert.deepEqual(decided({ position: position(1, null), attempt: 3 }), ["inconclusive"]);
  assert.deepEqual(decided({ position: position(1, 2, { fillsApplied: false }) }), ["fetch-fills"]);
  assert.deepEqual(decided({ position: position(2, 2, { fillsApplied: false }) }), []);
});

const DIVERGENCES = [
  [100, 103, 291, "correct 3"],
  [100, 96, 416, "correct -4"],
  [95, 100, 500, "breaker"],
  [1_000, 952, 504, "breaker"],
  [5, 0, 10_000, "breaker"],
  [-1, 1, 20_000, "breaker"],
] as const;

for (const [local, exchange, bps, decision] of DIVERGENCES) {
  test(`RISK-52 RISK-33 divergence ${local} → ${exchange} is ${bps} bps: ${decision}`, () => {
    assert.equal(divergenceBps(local, exchange), bps);
    assert.deepEqual(decided({ position: position(local, exchange) }), [decision]);
  });
}

test("RISK-33 a divergence worth more than allowed, without a price, or with correction off opens the breaker", () => {
  const small = { position: position(1_000, 1_010) };
  assert.deepEqual(decided(small), ["correct 10"]);
  assert.deepEqual(decided({ ...small, limits: { ...DEFAULTS, autoCorrectNotionalMax: usdt(9.9) } }), ["breaker"]);
  assert.deepEqual(decided({ ...small, mark: null }), ["breaker"]);
  assert.deepEqual(decided({ ...small, limits: limitsWith({ autoCorrect: "off" }) }), ["breaker"]);
});

test("RISK-53 the first small divergences wait like large ones until an operator accepted so many", () => {
  const limits = limitsWith({ autoCorrectApprovals: "2" });
  const small = { limits, position: position(1_000, 1_010) };
  assert.deepEqual(
    [0, 1, 2].flatMap((approvals) => decided({ ...small, approvals })),
    ["breaker", "breaker", "correct 10"],
  );
  const [waits] = reconcile(input(small));
  const [large] = reconcile(input({ ...small, position: position(5, 0) }));
  assert.ok(waits?.kind === "breaker" && waits.small, "accepting it earns trust");
  assert.ok(large?.kind === "breaker" && !large.small, "accepting a large one earns none");
});

test("RISK-33 a difference worth exactly what may be corrected is corrected, and both flat is no divergence", () => {
  const limits = { ...DEFAULTS, autoCorrectNotionalMax: usdt(10) };
  assert.deepEqual(decided({ position: position(1_000, 1_010), limits }), ["correct 10"]);
  assert.equal(divergenceBps(0, 0), 0);
});

test("DUR-27 a journal that may have lost its end takes over any difference, and spends no correction", () => {
  const spent = { day: 0, count: 10 };
  const [decision] = reconcile(input({ position: position(5, 0, { takesAll: true }), corrections: spent }));
  assert.ok(decision?.kind === "correct");
  assert.deepEqual([decision.lots, decision.corrections], [-5, spent]);
  assert.deepEqual([decision.local, decision.exchange, decision.divergenceBps], [5, 0, 10_000]);
});

test("RISK-33 at most ten corrections a day; the next day counts anew", () => {
  const small = { position: position(1_000, 1_010), nowMs: 5 * 86_400_000 };
  assert.deepEqual(decided({ ...small, corrections: { day: 5, count: 9 } }), ["correct 10"]);
  assert.deepEqual(decided({ ...small, corrections: { day: 5, count: 10 } }), ["breaker"]);
  assert.deepEqual(decided({ ...small, corrections: { day: 4, count: 10 } }), ["correct 10"]);
});

test("RISK-35 a correction carries both values, the count and its evidence in one decision", () => {
  const [decision] = reconcile(input({ position: position(100, 103), open: [shown(one)], live: liveMap([one]) }));
  assert.deepEqual(decision, {
    kind: "correct",
    lots: 3,
    corrections: { day: 0, count: 1 },
    local: 100,
    exchange: 103,
    divergenceBps: 291,
    notional: usdt(3),
    cause: "unexplained",
    openOrders: 1,
  });
});

const ACCEPT = "check the fills, then accept with reconcile accept";

test("RISK-33 the breaker says both values, the share, the worth and what to do", () => {
  const [decision] = reconcile(input({ position: position(95, 100) }));
  assert.equal(
    decision?.kind === "breaker" ? decision.text : "",
    `position is 0.095 BTC here and 0.100 on simulated (500 bps, 5 USDT): ${ACCEPT}`,
  );
  const [blind] = reconcile(input({ position: position(95, 100), mark: null }));
  assert.ok(blind?.kind === "breaker" && blind.breaker === "divergence");
  assert.match(blind.text, /\(500 bps, no price\)/);
});

/** Applies what was decided to a model of our books, the way the engine does. */
function apply(
  mine: Map<string, Order>,
  truth: readonly Shown[],
  held: { local: number },
  decisions: readonly ReconcileDecision[],
): void {
  for (const decision of decisions) {
    if (decision.kind === "lookup") {
      const there = truth.find((order) => order.clientOrderId === decision.clientOrderId);
      if (there === undefined) mine.delete(decision.clientOrderId);
      else mine.set(decision.clientOrderId, settled(there));
    } else if (decision.kind === "orphan") {
      const there = truth.find((order) => order.clientOrderId === decision.clientOrderId);
      if (there !== undefined) mine.set(decision.clientOrderId, settled(there));
    } else if (decision.kind === "correct") held.local += decision.lots;
  }
}

const settled = (there: Shown): Order => ({
  ...liveOrder(0, { price: there.price, quantity: there.quantity }, { cumulative: there.cumulative }),
  clientOrderId: there.clientOrderId,
});

test("TEST-P26 RISK-51 reconciling twice is once, it converges, and foreign orders are in no decision", () => {
  const anyOrder = fc.record({
    seq: fc.nat(12),
    here: fc.boolean(),
    there: fc.boolean(),
    change: fc.nat(3),
    own: fc.boolean(),
  });
  const law = fc.property(
    fc.array(anyOrder, { maxLength: 12 }),
    fc.integer({ min: -200, max: 200 }),
    fc.integer({ min: -200, max: 200 }),
    (rows, local, exchange) => {
      const mine = new Map<string, Order>();
      const truth: Shown[] = [];
      for (const row of new Map(rows.map((one) => [one.seq, one])).values()) {
        const order = liveOrder(row.seq);
        if (row.here && row.own) mine.set(order.clientOrderId, order);
        if (row.there) truth.push(row.own ? shown(order, { cumulative: lots(row.change) }) : { ...foreign });
      }
      const held = { local };
      const round = (): readonly ReconcileDecision[] =>
        reconcile(input({ live: mine, open: truth, position: position(held.local, exchange) }));
      const first = round();
      assert.deepEqual(round(), first, "judging changes nothing");
      assert.ok(!JSON.stringify(first.filter((one) => "clientOrderId" in one)).includes(foreignId));
      apply(mine, truth, held, first);
      // what is left is what only a person ends: a breaker that stays open, and foreign orders
      const second = round();
      assert.ok(
        second.every((one) => one.kind === "foreign" || one.kind === "breaker"),
        second.map(name).join(),
      );
      apply(mine, truth, held, second);
      assert.deepEqual(round(), second);
    },
  );
  fc.assert(law, { seed: 26, numRuns: PROPERTY_RUNS });
});
