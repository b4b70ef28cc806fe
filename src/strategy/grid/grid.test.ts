// The grid's one door: what each input means to it, and what is judged before there is a price.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ETH, EXAMPLE, GridBench, readConfig, startFacts } from "../../../test/grid/bench.ts";
import { lots, money, ticks } from "../../market/amounts.ts";
import type { FillEvent } from "../../trading/event.ts";
import { gridStrategy, patientGrid } from "./grid.ts";
import { heldTotal } from "./held.ts";
import { candle, standing } from "./standing.fixture.ts";

const SPOT = { ...ETH, kind: "spot", symbol: "ETH/USDT" } as const;

const fillOf = (told: Partial<FillEvent>): FillEvent => ({
  kind: "fill",
  atMs: 1,
  symbol: ETH.symbol,
  tradeId: "t",
  clientOrderId: null,
  exchangeOrderId: "x",
  side: "sell",
  price: ticks(300_000),
  quantity: lots(4),
  feeAsset: "USDT",
  fee: money(0n),
  liquidity: "maker",
  origin: "order",
  exchangeAtMs: 1,
  ...told,
});

const fill = (bench: GridBench, told: Partial<FillEvent>, of: { routed?: boolean; closer?: boolean } = {}): string =>
  bench.send({ kind: "fill", routed: false, closer: false, ...of, fill: fillOf(told) });

test("RISK-05 RISK-30 the grid says its name, what an order of it is worth and on which sides it opens", () => {
  assert.deepEqual([gridStrategy.name, patientGrid.name], ["grid", "grid-patient"]);
  const config = readConfig(EXAMPLE);
  assert.equal(gridStrategy.orderNotional?.(config, ETH), 30n * 10n ** 18n);
  const legs = (["long", "short", "neutral"] as const).map((mode) => gridStrategy.openingLeg?.({ ...config, mode }));
  assert.deepEqual(legs, ["L", "S", "both"]);
});

test("GRID-02 GRID-06 GRID-08 what an instrument forbids is found before there is a price", () => {
  const config = readConfig(EXAMPLE);
  const facts = { quoteAvailable: null };
  const check = (change: object, instrument = ETH) => gridStrategy.check({ ...config, ...change }, instrument, facts);
  assert.deepEqual(check({}), []);
  assert.deepEqual(check({ mode: "short", interval: ticks(10) }, SPOT), ["spot allows mode long only"]);
  // an interval of 0.10 loses at any anchor, but which anchor it will be is not known yet
  assert.deepEqual(check({ interval: ticks(10), anchor: null }), []);
  assert.match(check({ interval: ticks(10) }).join(), /^a cycle at 3000.00 loses/);
  const counted = { interval: null, anchor: null, gridCount: 10, rangeLow: ticks(300_000) };
  const none = ["gridCount is more than the ticks between rangeLow and rangeHigh"];
  assert.deepEqual(check({ ...counted, rangeHigh: ticks(300_009) }, { ...ETH, makerPpm: 0 }), none);
  assert.deepEqual(check({ ...counted, rangeHigh: ticks(300_010) }, { ...ETH, makerPpm: 0 }), []);
  assert.match(check({ ...counted, rangeHigh: ticks(300_100) }).join(), /^a cycle at 3000.90 loses/);
});

test("GRID-10 GRID-26 a bad book is counted and ends the run of books; time never goes back", () => {
  const bench = new GridBench(EXAMPLE);
  bench.at(5000).book("2999.99/3000.01");
  bench.at(1000).book("2999.99/3000.01");
  assert.equal(bench.state.nowMs, 5000);
  assert.equal(bench.state.counts.booksIgnored, 2);
  bench.send({ kind: "bad-book" });
  assert.equal(bench.state.counts.booksIgnored, 3);
  assert.equal(bench.book("2999.99/3000.01"), "");
  assert.equal(bench.view().phase, "starting");
});

test("GRID-41 GRID-43 a new run plans nothing before it is recovered; a refused start is tried again with it", () => {
  const bench = new GridBench({ ...EXAMPLE, openOrdersMax: 20 });
  bench.openOrdersLimit = 10;
  bench.start("2999.99/3000.01");
  bench.openOrdersLimit = 180;
  bench.send({ kind: "recovering" });
  assert.equal(bench.view().phase, "starting");
  assert.equal(bench.mid("3000.00"), "");
  assert.match(bench.send({ kind: "recovered" }), /BUY 2998.00/);
  bench.send({ kind: "recovering" });
  assert.equal(bench.view().phase, "running");
});

test("GRID-34 GRID-43 a recovered run asks for the candles its indicators lack, else for none", () => {
  const bench = new GridBench({ ...EXAMPLE, trend: { enabled: true, fast: 2, slow: 3 } });
  assert.match(bench.send({ kind: "recovered" }), /CANDLES/);
  for (let i = 1; i <= 3; i += 1) bench.send({ kind: "candle", candle: candle(i, 300_000) });
  assert.equal(bench.send({ kind: "recovered" }), "");
});

test("GRID-42 a refused position that is gone starts the grid; once it runs nothing is adopted", () => {
  const bench = new GridBench(EXAMPLE, { position: "0.055" });
  bench.start("2999.99/3000.01");
  bench.send({ kind: "start", facts: startFacts(lots(0), null) });
  assert.equal(bench.view().phase, "running");
  bench.send({ kind: "start", facts: startFacts(lots(55), null) });
  assert.deepEqual([bench.state.start?.lots, bench.view().phase], [0, "running"]);
});

test("GRID-26 only the grid's own timer is its timer", () => {
  const bench = new GridBench({ ...EXAMPLE, entryLevels: 1 });
  bench.start("2999.99/3000.01");
  bench.reject(-1, "OTHER");
  assert.equal(bench.state.timerAtMs, 1000);
  assert.equal(bench.send({ kind: "timer", name: "another" }), "");
  assert.equal(bench.state.timerAtMs, 1000);
  const placed = "BUY 2998.00 x 0.010 post-only";
  assert.equal(bench.at(1000).send({ kind: "timer", name: "grid-wake" }), placed);
  assert.equal(bench.state.timerAtMs, null);
});

test("GRID-24 GRID-33 a feed is the engine's matter; a grid that never rests decides the same", () => {
  const bench = new GridBench(EXAMPLE, { strategy: patientGrid });
  assert.match(bench.start("2999.99/3000.01"), /^BUY 2998.00.*\nBUY 2996.00.*\nBUY 2994.00/);
  assert.equal(bench.send({ kind: "feed", feed: "orders", state: "stale" }), "");
  assert.deepEqual(bench.view().gates, []);
});

test("GRID-33 a gate holds the leg it names; monitor and breakers hold both of a neutral grid", () => {
  for (const [mode, gate, leg, levels] of [
    ["neutral", "operator", "L", ["HOLD", "RUN"]],
    ["neutral", "operator", "S", ["RUN", "HOLD"]],
    ["neutral", "operator", "both", ["HOLD", "HOLD"]],
    ["neutral", "monitor", "L", ["HOLD", "HOLD"]],
    ["neutral", "risk", "S", ["HOLD", "HOLD"]],
    ["long", "monitor", "S", ["RUN", "HOLD"]],
    ["short", "risk", "S", ["RUN", "HOLD"]],
  ] as const) {
    const bench = standing({ mode }, []);
    bench.send({ kind: "gate", gate, level: "HOLD", leg, reason: "why" });
    const [L, S] = levels;
    assert.deepEqual(bench.state.gates.get(gate), { L, S, reason: "why" }, `${mode} ${gate} ${leg}`);
  }
});

test("GRID-36 fills of the closer and forced ones close what is held; others without a slot are stray", () => {
  for (const [told, of, held] of [
    [{}, { closer: true }, 6],
    [{ origin: "liquidation" }, {}, 6],
    [{ origin: "adl" }, {}, 6],
    [{}, { routed: true }, 10],
    [{}, {}, 10],
  ] as const) {
    const bench = standing({}, [[0, 10]]);
    fill(bench, told, of);
    assert.equal(heldTotal(bench.state, "L"), held);
    const stray = held === 10 && !("routed" in of) ? -4 : 0;
    assert.equal(bench.state.stray, stray);
    const text = "-4 lots were traded by an order no slot owns; adopt or writeOff them";
    const alert = { code: "stray", severity: "error", text, facts: { clientOrderId: null, stray: -4 } };
    assert.deepEqual(bench.alerts, stray === 0 ? [] : [alert]);
  }
});

test("GRID-03 only spot fees in base come off the lots, off the slot the fill belongs to", () => {
  const fee = money(2n * 10n ** 15n);
  for (const [instrument, feeAsset, left] of [
    [SPOT, "ETH", 8],
    [SPOT, "USDT", 10],
    [ETH, "ETH", 10],
  ] as const) {
    const bench = standing({}, [[-1, 10]], { instrument });
    const [first] = bench.placed;
    assert.ok(first !== undefined);
    fill(bench, { side: "buy", feeAsset, fee, clientOrderId: first.id }, { routed: true });
    assert.equal(heldTotal(bench.state, "L"), left);
    fill(bench, { side: "buy", feeAsset, fee });
    assert.equal(heldTotal(bench.state, "L"), left);
    assert.equal(bench.state.baseFees, left === 8 ? 2n * fee : 0n);
  }
});

test("GRID-24 what a quiet grid hears is looked at: gates, fills, corrections, commands, new limits of a book", () => {
  const quiet = (): GridBench => {
    const bench = new GridBench({ ...EXAMPLE, heldSlotsMax: 3 });
    bench.start("2999.99/3000.01");
    bench.ack();
    assert.equal(bench.mid("3000.00"), "");
    return bench;
  };
  assert.match(quiet().gate("operator", "HALT"), /^CANCEL/);
  assert.match(quiet().send({ kind: "correction", lots: lots(10) }), /SELL 3002.00/);
  assert.match(quiet().command({ name: "adopt", lots: lots(10), average: null }), /SELL 3002.00/);
  const bench = quiet();
  bench.send({ kind: "correction", lots: lots(10) });
  bench.ack();
  assert.match(fill(bench, { quantity: lots(10) }, { closer: true }), /CANCEL SELL 3002.00/);
});

test("GRID-30 the engine is told how many lots no slot owns", () => {
  const bench = standing({}, []);
  assert.equal(gridStrategy.strayLots?.(bench.state), 0);
  fill(bench, { side: "sell", quantity: lots(7) });
  assert.equal(gridStrategy.strayLots?.(bench.state), -7);
});
