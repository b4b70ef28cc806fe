// GRID-41 … GRID-46: start, restart, adoption, change and the operator's commands.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ETH, EXAMPLE, GridBench, readConfig, startFacts, trades } from "../../../test/grid/bench.ts";
import { lots, milliTicks, money, ticks } from "../../market/amounts.ts";
import { gridStrategy } from "./grid.ts";
import { heldTotal } from "./held.ts";

const botConfig = (strategyConfig: unknown) =>
  ({ strategy: "grid", strategyConfig, risk: null, cancelOnExit: "all" }) as const;

/** A long grid at 3000 with slots 0, 1, 2 held. */
function holding(texts: object = {}): GridBench {
  const bench = new GridBench({ ...EXAMPLE, adoptPosition: "market", ...texts }, { position: "0.030" });
  bench.start("2999.99/3000.01");
  bench.ack();
  return bench;
}

const conserved = (bench: GridBench): void => {
  const { fills, adopted, writtenOff } = bench.state.tally;
  const held = heldTotal(bench.state, "L") - heldTotal(bench.state, "S") + bench.state.stray;
  assert.equal(held, fills + adopted - writtenOff - bench.state.baseFeeLots);
};

test("GRID-41 nothing is placed before the start facts, the end of recovery and three books are there", () => {
  const state = gridStrategy.initial(readConfig(EXAMPLE), ETH);
  const bench = new GridBench(EXAMPLE);
  bench.state = state;
  assert.equal(bench.start("2999.99/3000.01"), "");
  assert.equal(bench.send({ kind: "start", facts: startFacts(lots(0), null) }), "");
  assert.match(bench.send({ kind: "recovered" }), /BUY 2998.00/);
});

test("GRID-41 GRID-43 while a new run settles its orders, the planner rests", () => {
  const bench = new GridBench(EXAMPLE);
  bench.start("2999.99/3000.01");
  const { id } = bench.slotOrder(-1);
  bench.send({ kind: "recovering" });
  bench.order(id, { change: "unknown" });
  assert.equal(bench.mid("3010.00"), "");
  assert.equal(bench.order(id, { change: "absent" }), "");
  assert.match(bench.send({ kind: "recovered" }), /BUY/);
});

test("GRID-42 a position nobody explains stops the start and says the choices", () => {
  const bench = new GridBench(EXAMPLE, { position: "0.055" });
  assert.equal(
    bench.start("2999.99/3000.01"),
    "ALERT start-refused: position 0.055 ETH is not explained by the journal; " +
      "set adoptPosition to entry or market, or close it",
  );
  assert.equal(bench.view().phase, "refused");
  assert.equal(bench.mid("3000.00"), "");
  assert.match(bench.send({ kind: "start", facts: startFacts(lots(0), null) }), /BUY 2998.00/);
});

test("GRID-42 spot may ignore coins that are the owner's", () => {
  const instrument = { ...ETH, kind: "spot", symbol: "ETH/USDT" } as const;
  const bench = new GridBench({ ...EXAMPLE, adoptPosition: "ignore" }, { instrument, position: "5.000" });
  assert.match(bench.start("2999.99/3000.01"), /BUY 2998.00/);
  assert.equal(bench.held(), "");
});

test("GRID-42 a short is adopted downwards; the last slot of the cap takes what is left; sums are exact", () => {
  const texts = { ...EXAMPLE, mode: "short", adoptPosition: "entry", heldSlotsMax: 3, entryLevels: 1 };
  const options = { position: "-0.047", average: milliTicks(299_000_000) };
  const bench = new GridBench(texts, options);
  bench.start("2999.99/3000.01");
  assert.equal(bench.held(), "-8:0.027 -7:0.010 -6:0.010");
  conserved(bench);
});

test("GRID-42 adoption passes over cells that are taken", () => {
  const bench = holding();
  bench.command({ name: "adopt", lots: lots(10), average: null });
  assert.equal(bench.held(), "0:0.010 1:0.010 2:0.010 3:0.010");
  conserved(bench);
});

test("GRID-43 N-08 restore brings back anchor, widths, counters, locks, gates and candle sums exactly", () => {
  const bench = new GridBench({ ...EXAMPLE, trend: { enabled: true, fast: 2, slow: 3 } });
  const price = ticks(300_000);
  const bar = { open: price, high: price, low: price, close: price, volume: lots(1), closed: true } as const;
  for (const openAtMs of [60_000, 120_000, 180_000]) {
    const candle = { kind: "candle", atMs: openAtMs, symbol: ETH.symbol, interval: "1m", openAtMs, ...bar } as const;
    bench.send({ kind: "candle", candle });
  }
  bench.start("2999.99/3000.01");
  bench.reject(-1, "OTHER");
  bench.reject(-2, "INSUFFICIENT_FUNDS");
  const before = structuredClone(bench.state);
  bench.crash();
  assert.deepEqual(bench.state, before);
});

test("GRID-44 a live change is in force at the next planner run, with lots and orders as they are", () => {
  const bench = holding();
  const text = bench.send({
    kind: "config",
    config: readConfig({ ...EXAMPLE, adoptPosition: "market", entryLevels: 5 }),
  });
  assert.match(text, /ALERT config: configuration changed: entryLevels/);
  assert.equal(trades(text), "BUY 2992.00 x 0.010 post-only\nBUY 2990.00 x 0.010 post-only");
  assert.equal(bench.held(), "0:0.010 1:0.010 2:0.010");
});

test("GRID-44 a change that fails validation, or of keys that cannot change now, is refused whole", () => {
  const bench = holding();
  const texts = { ...EXAMPLE, adoptPosition: "market", entryLevels: 5 };
  for (const [change, why] of [
    [{ ...texts, interval: "3.00" }, /interval cannot change while the grid runs/],
    [{ ...texts, mode: "neutral" }, /mode cannot change/],
    [{ ...texts, rangeHigh: "9000.00" }, /a cycle at 8998.00 loses/],
  ] as const) {
    const text = bench.send({ kind: "config", config: readConfig(change) });
    assert.match(text, why);
    assert.match(text, /CONFIG accepted/);
    assert.equal(trades(text), "");
    assert.equal(bench.state.config.entryLevels, 3);
  }
  assert.match(bench.send({ kind: "config", config: { nonsense: 1 } }), /it is not a grid configuration/);
});

test("GRID-44 flat and without orders, any key may change", () => {
  const bench = new GridBench(EXAMPLE);
  bench.start("2999.99/3000.01");
  bench.ack();
  bench.gate("operator", "HALT");
  bench.confirmAll();
  const config = readConfig({ ...EXAMPLE, mode: "short", interval: "4.00" });
  bench.send({ kind: "config", config });
  bench.gate("operator", "RUN");
  assert.equal(bench.prices("entry"), "3012.00 3008.00 3004.00");
});

test("GRID-44 relattice cancels everything, moves held lots to exits not worse than before, and goes on", () => {
  const bench = holding();
  const exits = new Map(bench.slots().map((slot) => [slot.j, slot.held]));
  assert.ok(exits.size > 0);
  const config = readConfig({ ...EXAMPLE, adoptPosition: "market", interval: "5.00", anchor: "3001.00" });
  bench.command({ name: "relattice", config: botConfig(config) });
  assert.equal(bench.held(), "0:0.010 1:0.010 2:0.010");
  const text = bench.confirmAll();
  assert.match(text, /CONFIG accepted/);
  assert.match(text, /ALERT relattice: the lattice was changed/);
  // exits were 3002, 3004, 3006: the new levels at or above them, one each
  assert.equal(bench.prices("exit"), "3016.00 3011.00 3006.00");
  assert.equal(bench.prices("entry"), "2996.00 2991.00 2986.00");
  assert.equal(heldTotal(bench.state, "L"), 30);
});

test("GRID-44 reanchor moves the lattice; a lattice that loses to fees is refused and the old one stays", () => {
  const bench = holding();
  bench.command({ name: "reanchor", price: ticks(300_100) });
  bench.confirmAll();
  assert.equal(bench.state.lattice?.anchor, 300_100);
  assert.equal(bench.prices("exit"), "3007.00 3005.00 3003.00");
  const bad = readConfig({ ...EXAMPLE, adoptPosition: "market", interval: "0.10" });
  bench.ack();
  bench.command({ name: "relattice", config: botConfig(bad) });
  assert.match(bench.confirmAll(), /relattice-refused: the lattice stays as it was: a cycle at/);
  assert.equal(bench.state.lattice?.step, 200);
});

test("GRID-45 a stop by policy: all cancels everything, opening only entries, none nothing", () => {
  for (const [level, orders] of [
    ["HALT", 0],
    ["REDUCE", 3],
    ["HOLD", 6],
  ] as const) {
    const bench = holding();
    bench.gate("stopping", level);
    bench.confirmAll();
    assert.equal(bench.resting() === "" ? 0 : bench.resting().split("\n").length, orders);
  }
});

test("GRID-46 commands: start, pause, resume, stop, flatten, adopt, writeOff, reanchor, relattice, update, clearGate", () => {
  const bench = holding();
  bench.command({ name: "writeOff", lots: lots(12), leg: "L" });
  assert.equal(bench.held(), "0:0.010 1:0.008");
  conserved(bench);
  assert.match(bench.command({ name: "adopt", lots: lots(-5), average: null }), /ALERT adopt-refused/);
  const update = botConfig(readConfig({ ...EXAMPLE, adoptPosition: "market", orderQuote: "45" }));
  assert.match(bench.command({ name: "update", config: update }), /configuration changed: orderQuote/);
  assert.equal(bench.command({ name: "clearGate", gate: "nonsense" }), "");
  for (const name of ["start", "resume"] as const) assert.equal(trades(bench.command({ name })), "");
  const pause = { name: "pause", cancelEntries: true, leg: "both" } as const;
  assert.equal(bench.command(pause), "");
  assert.equal(bench.command({ name: "stop", cancelOnExit: "all" }), "");
});

test("GRID-30 GRID-40 lots no slot owns are stray: both legs hold until adopt or writeOff", () => {
  const bench = holding();
  const stray = (side: "buy" | "sell", quantity: number): string =>
    bench.send({ kind: "fill", routed: false, closer: false, fill: foreignFill(side, quantity) });
  assert.match(stray("buy", 7), /ALERT stray/);
  assert.deepEqual(bench.view().gates, ["stray:HOLD"]);
  conserved(bench);
  bench.command({ name: "adopt", lots: lots(7), average: null });
  assert.equal(bench.held(), "0:0.010 1:0.010 2:0.010 3:0.007");
  assert.deepEqual(bench.view().gates, []);
  conserved(bench);
  stray("sell", 4);
  bench.command({ name: "writeOff", lots: lots(4), leg: "L" });
  assert.equal(bench.held(), "0:0.010 1:0.010 2:0.010 3:0.003");
  assert.equal(bench.state.stray, 0);
  conserved(bench);
});

function foreignFill(side: "buy" | "sell", quantity: number) {
  return {
    kind: "fill",
    atMs: 1,
    symbol: ETH.symbol,
    tradeId: `${side}${quantity}`,
    clientOrderId: null,
    exchangeOrderId: "x",
    side,
    price: ticks(300_000),
    quantity: lots(quantity),
    feeAsset: "USDT",
    fee: money(0n),
    liquidity: "maker",
    origin: "order",
    exchangeAtMs: 1,
  } as const;
}

test("GRID-30 a correction of the reconciler is taken up like adopt and writeOff, exactly", () => {
  const bench = holding();
  bench.send({ kind: "correction", lots: lots(-12) });
  assert.equal(bench.held(), "0:0.010 1:0.008");
  bench.send({ kind: "correction", lots: lots(5) });
  assert.equal(heldTotal(bench.state, "L"), 23);
  conserved(bench);
});

test("GRID-40 N-09 N-15 every order has a slot, and only the bot's own live orders are ever cancelled", () => {
  const bench = holding();
  bench.gate("operator", "HALT");
  for (const because of bench.becauses) assert.equal(typeof because["slot"], "number");
  assert.ok(bench.placed.every(({ order }) => order.slotKey !== ""));
});

test("GRID-44 tick or lot changed: everything halts until relattice; a new minimum is followed at once", () => {
  const bench = holding();
  bench.instrument = { ...ETH, minNotional: 2_900_000 };
  bench.send({ kind: "instrument", instrument: bench.instrument });
  assert.deepEqual(bench.view().gates, []);
  bench.instrument = { ...ETH, tickSize: "0.02", minNotional: 1_000_000 };
  assert.match(bench.send({ kind: "instrument", instrument: bench.instrument }), /ALERT instrument/);
  bench.confirmAll();
  assert.equal(bench.resting(), "");
  for (let i = 0; i < 3; i += 1) bench.book("2999.98/3000.02");
  assert.equal(bench.resting(), "");
  const config = readConfig({ ...EXAMPLE, adoptPosition: "market" }, bench.instrument);
  bench.command({ name: "relattice", config: botConfig(config) });
  assert.deepEqual(bench.view().gates, []);
  assert.equal(bench.prices("exit"), "3006.00 3004.00 3002.00");
});
