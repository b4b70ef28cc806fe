import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { PERPETUAL, usdt } from "../../test/try-market.ts";
import { encodeCanonical, sha256 } from "../base/canonical.ts";
import type { Instrument } from "../market/instrument.ts";
import { SimulatedExchange } from "./exchange.ts";
import { FAULTS, type Faults } from "./fault-plan.ts";
import { BINANCE_USDM, type FillModel, simulationOptions } from "./options.ts";
import { type RecordEntry, RecordKeeper } from "./record.ts";
import { CALM_BTC, SyntheticMarket } from "./synthetic-market.ts";

const RUNS = Number.parseInt(process.env["OPENSQT_PROPERTY_RUNS"] ?? "200", 10);
const SPOT: Instrument = {
  ...PERPETUAL,
  symbol: "BTC/USDT",
  kind: "spot",
  feeIn: "received",
  leverage: 1,
  fundingIntervalMs: 0,
};
const START_US = 28_790_000_000;
const RUN_US = 8_000_000;

interface Step {
  readonly account: "me" | "you" | "third";
  readonly waitMs: number;
  readonly action: "place" | "cancel" | "amend";
  readonly side: "buy" | "sell";
  readonly offset: number;
  readonly quantity: number;
  readonly word: "" | "post" | "reduce" | "ioc" | "fok";
}

interface Scene {
  readonly seed: string;
  readonly steps: readonly Step[];
  readonly fill: FillModel;
  readonly selfTrade: "cancelTaker" | "cancelMaker" | "cancelBoth" | "none";
  readonly margin: "cross" | "isolated";
  readonly poor: boolean;
  readonly spot: boolean;
}

const stepArbitrary: fc.Arbitrary<Step> = fc.record({
  account: fc.constantFrom("me", "you", "third"),
  waitMs: fc.integer({ min: 0, max: 900 }),
  action: fc.constantFrom("place", "place", "place", "cancel", "amend"),
  side: fc.constantFrom("buy", "sell"),
  offset: fc.integer({ min: -8, max: 30 }),
  quantity: fc.integer({ min: 1, max: 900 }),
  word: fc.constantFrom("", "", "post", "reduce", "ioc", "fok"),
});

const sceneArbitrary: fc.Arbitrary<Scene> = fc.record({
  seed: fc.string({ maxLength: 8 }),
  steps: fc.array(stepArbitrary, { minLength: 1, maxLength: 60 }),
  fill: fc.constantFrom<FillModel>(
    { level: "L2", queue: "back" },
    { level: "L2", queue: "front" },
    { level: "L2", queue: "power:3" },
    { level: "L2", queue: "log" },
    { level: "L1", queue: "back" },
  ),
  selfTrade: fc.constantFrom("cancelTaker", "cancelMaker", "cancelBoth", "none"),
  margin: fc.constantFrom("cross", "isolated"),
  poor: fc.boolean(),
  spot: fc.boolean(),
});

function exchangeOf(scene: Scene, books: "fast" | "slow", faults: Faults = {}, keeper = new RecordKeeper()) {
  const source = new SyntheticMarket({
    ...CALM_BTC,
    seed: scene.seed,
    startUs: START_US,
    takersPerSecond: 10,
    volatilityTicks: 90,
  });
  const balances = new Map([
    ["USDT", usdt(scene.poor ? 3_000 : 10_000_000)],
    ["BTC", usdt(scene.poor ? 1 : 1_000)],
  ]);
  const exchange = new SimulatedExchange(
    simulationOptions({
      seed: scene.seed,
      markets: [
        {
          instrument: scene.spot ? SPOT : PERPETUAL,
          source,
          fill: scene.fill,
          margin: { mode: scene.margin, liquidationFeePpm: 5_000 },
          books,
        },
      ],
      accounts: ["me", "you", "third"].map((name) => ({ name, balances })),
      profile: { ...BINANCE_USDM, selfTrade: scene.selfTrade },
      latency: {
        feed: { kind: "zero" },
        entry: { kind: "bootstrap", us: [1_000, 2_000, 40_000], block: 3 },
        response: { kind: "constant", us: 5_000 },
      },
      faults,
      record: keeper.append,
    }),
  );
  return { exchange, keeper };
}

/** Plays the steps, then lets the market run; `between` sees the exchange after each step. */
function play(exchange: SimulatedExchange, scene: Scene, between: () => void = () => {}): void {
  const symbol = scene.spot ? SPOT.symbol : PERPETUAL.symbol;
  const market = exchange.market(symbol);
  const sessions = new Map(["me", "you", "third"].map((name) => [name, exchange.connect(name)]));
  for (const session of sessions.values()) {
    const wish = { bookIntervalUs: 100_000, candleInterval: null, trades: true, marks: true };
    session.subscribe(symbol, wish, () => {});
  }
  let us = START_US + 500_000;
  goTo(exchange, us);
  scene.steps.forEach((step, i) => {
    us += step.waitMs * 1000;
    goTo(exchange, us);
    const session = sessions.get(step.account);
    const best = market.best(step.side);
    const price = Math.max(1, best + (step.side === "buy" ? -step.offset : step.offset));
    const target = `${step.account}${Math.floor(i / 2)}`;
    if (step.action === "cancel") session?.cancel(us, symbol, target, () => {});
    else if (step.action === "amend") {
      session?.amend(us, { symbol, clientOrderId: target, price, quantity: step.quantity }, () => {});
    } else {
      const timeInForce = step.word === "ioc" ? "IOC" : step.word === "fok" ? "FOK" : "GTC";
      const flags = { timeInForce, postOnly: step.word === "post", reduceOnly: step.word === "reduce" } as const;
      const order = { symbol, clientOrderId: `${step.account}${i}`, side: step.side, price, quantity: step.quantity };
      session?.place(us, { ...order, ...flags }, () => {});
    }
    between();
  });
  goTo(exchange, us + RUN_US);
  between();
}

function goTo(exchange: SimulatedExchange, us: number): void {
  for (let due = exchange.advance(us); due <= us; due = exchange.advance(us)) exchange.deliver(due);
}

/** Sum of each asset over all accounts and the house. */
function totals(exchange: SimulatedExchange): Map<string, bigint> {
  const sums = new Map<string, bigint>();
  const add = (asset: string, amount: bigint): void => {
    sums.set(asset, (sums.get(asset) ?? 0n) + amount);
  };
  for (const account of exchange.clearing.accounts.values()) {
    for (const [asset, amount] of account.balances) add(asset, amount);
    for (const [symbol, holding] of account.holdings) add(symbol, BigInt(holding.lots));
  }
  for (const [pocket, amount] of exchange.clearing.house) add(pocket.slice(pocket.indexOf(" ") + 1), amount);
  for (const [asset, amount] of sums) if (amount === 0n) sums.delete(asset);
  return sums;
}

test("TEST-P23 cash and base are conserved over accounts, market, fees, funding and insurance", () => {
  fc.assert(
    fc.property(sceneArbitrary, (scene) => {
      const { exchange } = exchangeOf(scene, "fast");
      const before = totals(exchange);
      play(exchange, scene, () => assert.deepEqual(totals(exchange), before));
    }),
    { numRuns: RUNS, seed: 23 },
  );
});

test("TEST-P23 BT-13 a slow obvious book and a fast one: same seed, same hash of the exchange's whole record", () => {
  fc.assert(
    fc.property(sceneArbitrary, (scene) => {
      const [fast, slow] = (["fast", "slow"] as const).map((books) => {
        const { exchange, keeper } = exchangeOf(scene, books);
        play(exchange, scene);
        return keeper.hash() + sha256(encodeCanonical(exchange.save()));
      });
      assert.equal(fast, slow);
    }),
    { numRuns: RUNS, seed: 24 },
  );
});

test("TEST-P23 price-time priority: who is better placed is filled first, and a later order never worsens our place", () => {
  fc.assert(
    fc.property(sceneArbitrary, (scene) => {
      const { exchange, keeper } = exchangeOf(scene, "fast");
      const market = [...exchange.markets.values()][0];
      play(exchange, scene, () => {
        // within a price, lots ahead never fall along the priority
        for (const side of ["buy", "sell"] as const) {
          const ahead = new Map<number, number>();
          for (const order of market?.resting.all() ?? []) {
            if (order.side !== side) continue;
            assert.ok(order.ahead >= (ahead.get(order.price) ?? -1), "an earlier order stands behind a later one");
            ahead.set(order.price, order.ahead);
          }
        }
      });
      checkPriority(keeper.entries);
    }),
    { numRuns: RUNS, seed: 25 },
  );
});

/**
 * A resting order is never filled while an earlier one at the same price and side, of anybody, is open and unfilled.
 */
function checkPriority(entries: readonly RecordEntry[]): void {
  const open = new Map<string, { side: string; price: number; n: number }>();
  for (const entry of entries) {
    if (entry.kind === "accepted")
      open.set(entry.exchangeOrderId, { side: entry.side, price: entry.price, n: entry.n });
    if (entry.kind === "amended") {
      const order = open.get(entry.exchangeOrderId);
      if (order !== undefined)
        open.set(entry.exchangeOrderId, { ...order, price: entry.price, n: entry.keptPlace ? order.n : entry.n });
    }
    if (entry.kind === "ended") open.delete(entry.exchangeOrderId);
    if (entry.kind !== "fill" || entry.liquidity !== "maker") continue;
    const filled = open.get(entry.exchangeOrderId);
    if (filled === undefined) continue;
    for (const [id, other] of open) {
      if (id === entry.exchangeOrderId || other.side !== filled.side) continue;
      const better: boolean = filled.side === "buy" ? other.price > filled.price : other.price < filled.price;
      assert.ok(!better, "a worse-priced order was filled first");
    }
  }
}

test("BT-13 BT-25 the same options and requests give the same record, with every fault on", () => {
  const faults = Object.fromEntries(
    Object.entries(FAULTS).map(([name, per]) => [name, per === "hour" ? 120 : 0.1]),
  ) as Faults;
  const struck = new Set<string>();
  fc.assert(
    fc.property(sceneArbitrary, (scene) => {
      const [first, second] = [0, 1].map(() => {
        const { exchange, keeper } = exchangeOf(scene, "fast", faults);
        const before = totals(exchange);
        play(exchange, scene);
        assert.deepEqual(totals(exchange), before);
        for (const name of exchange.faults.counts.keys()) struck.add(name);
        return `${keeper.hash()} ${JSON.stringify([...exchange.faults.counts])}`;
      });
      assert.equal(first, second);
    }),
    { numRuns: RUNS, seed: 26 },
  );
  // reads are the port's: their faults strike in its own test
  const reads = ["readUnavailable", "lookupLag", "staleOpenOrders"];
  assert.deepEqual(
    Object.keys(FAULTS).filter((name) => !struck.has(name) && !reads.includes(name)),
    [],
  );
});

test("BT-13 an exchange restored from what it saved goes on exactly as the one that was never away", () => {
  fc.assert(
    fc.property(sceneArbitrary, (scene) => {
      const { exchange, keeper } = exchangeOf(scene, "fast");
      play(exchange, scene);
      const saved = exchange.save();
      const text = encodeCanonical(saved);
      const later = new RecordKeeper();
      const { exchange: restored } = exchangeOf(scene, "fast", {}, later);
      restored.restore(saved);
      assert.equal(encodeCanonical(restored.save()), text);
      const already = keeper.entries.length;
      const untilUs = exchange.nowUs() + RUN_US;
      goTo(exchange, untilUs);
      goTo(restored, untilUs);
      assert.deepEqual(later.entries, keeper.entries.slice(already));
    }),
    { numRuns: RUNS, seed: 27 },
  );
});
