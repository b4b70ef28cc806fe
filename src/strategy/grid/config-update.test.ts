// GRID-44: a configuration or rules of the instrument that change while the grid is there.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ETH, EXAMPLE, GridBench, readConfig, trades } from "../../../test/grid/bench.ts";
import { lots, ticks } from "../../market/amounts.ts";
import type { Instrument } from "../../market/instrument.ts";
import type { GridConfig } from "./config.ts";

/** A long grid at 3000, started, its orders acknowledged. */
function running(texts: object = {}, position = "0"): GridBench {
  const bench = new GridBench({ ...EXAMPLE, ...texts }, { position });
  bench.start("2999.99/3000.01");
  bench.ack();
  bench.alerts.length = 0;
  return bench;
}

/** The same without an order. */
function quiet(texts: object = {}, position = "0"): GridBench {
  const bench = running(texts, position);
  bench.gate("operator", "HALT");
  bench.confirmAll();
  bench.at(10_000).mid("3000.00");
  assert.equal(bench.resting(), "");
  return bench;
}

const EMPTY = {
  j: -1,
  width: 1,
  leg: "L",
  held: 0,
  order: null,
  coolUntilMs: 0,
  postOnlyRejects: 0,
  plainNext: false,
  otherRejects: 0,
} as const;

const change = (bench: GridBench, config: Partial<GridConfig>): string =>
  bench.send({ kind: "config", config: { ...bench.state.config, ...config } });

const rules = (bench: GridBench, instrument: Partial<Instrument>): string => {
  bench.instrument = { ...bench.instrument, ...instrument };
  bench.alerts.length = 0;
  return bench.send({ kind: "instrument", instrument: bench.instrument });
};

test("GRID-44 the same configuration again changes nothing; a live one is told by its keys", () => {
  const bench = running();
  assert.equal(change(bench, {}), "");
  assert.equal(change(bench, { stopLow: ticks(200_000), jumpBpsMax: 60 }).includes("CANDLES"), false);
  const text = "configuration changed: stopLow, jumpBpsMax";
  assert.deepEqual(bench.alerts, [{ code: "config", severity: "info", text, facts: {} }]);
});

test("GRID-34 GRID-35 GRID-44 keys the indicators are computed by empty the window and load it again", () => {
  const trend = { enabled: true, fast: 2, slow: 3, bandBps: 10 };
  const dynamic = { enabled: true, period: 2, scaleMilli: 1000, strideMax: 5, holdCandles: 2 };
  const bench = running({ trend: { enabled: true, fast: 2, slow: 4 } });
  assert.match(change(bench, { trend }), /CANDLES \d+ x 1m/);
  assert.match(change(bench, { candleInterval: "5m" }), /CANDLES \d+ x 5m/);
  assert.match(change(bench, { dynamic, orderValue: 3_100_000 }), /CANDLES \d+ x 5m/);
  assert.doesNotMatch(change(bench, { orderValue: 3_200_000 }), /CANDLES/);
});

test("GRID-35 GRID-44 a change of another key is no candle: a stride that waits to be believed goes on waiting", () => {
  const bench = running({ dynamic: { enabled: true, period: 5, strideMax: 5, holdCandles: 3 } });
  bench.gate("operator", "HALT");
  const ranges = [600, 600, 600, 600, 600];
  const candidate = { candidate: 3, candidateCount: 1 };
  Object.assign(bench.state.indicators, { closes: [300_000, ...ranges.map(() => 300_000)], ranges, ...candidate });
  bench.state.indicators.sumRange = 3000;
  bench.state.slots.set(-1, { ...EMPTY, coolUntilMs: 1 });
  bench.state.gates.delete("indicators");
  change(bench, { orderValue: 3_100_000 });
  assert.deepEqual([bench.state.indicators.stride, bench.state.indicators.candidateCount], [1, 1]);
});

test("GRID-39 GRID-44 openOrdersMax is at least what the window needs and at most what risk allows", () => {
  const bench = running();
  for (const [openOrdersMax, problem] of [
    [8, "openOrdersMax 8 is below the 9 this window needs"],
    [181, "openOrdersMax 181 is above the 180 that risk allows"],
  ] as const) {
    bench.alerts.length = 0;
    assert.match(change(bench, { openOrdersMax }), /CONFIG accepted/);
    const text = `the configuration stays as it was: ${problem}`;
    assert.deepEqual(bench.alerts, [{ code: "config-refused", severity: "error", text, facts: {} }]);
  }
  for (const openOrdersMax of [9, 180]) {
    change(bench, { openOrdersMax });
    assert.equal(bench.state.config.openOrdersMax, openOrdersMax);
  }
});

test("GRID-44 before the first price a live change is taken, whatever the lattice will be", () => {
  const bench = new GridBench(EXAMPLE);
  assert.match(change(bench, { rangeHigh: ticks(900_000) }), /ALERT config: configuration changed: rangeHigh/);
});

test("GRID-44 any key may change only while nothing is held, out, stray or pending", () => {
  const fixed = { interval: ticks(300), spacing: "arithmetic", anchor: ticks(300_100) } as const;
  const held = quiet({ adoptPosition: "market" }, "0.010");
  const stray = quiet();
  stray.state.stray = 3;
  const pending = quiet();
  pending.send({ kind: "recovering" });
  pending.command({ name: "reanchor", price: ticks(300_100) });
  for (const bench of [running(), held, stray, pending]) {
    bench.alerts.length = 0;
    change(bench, fixed);
    const why = "interval, anchor cannot change while the grid runs; use relattice, or stop it flat";
    assert.equal(bench.alerts[0]?.text, `the configuration stays as it was: ${why}`);
    assert.equal(bench.state.config.interval, 200);
  }
  const cooling = running();
  cooling.reject(-1, "OTHER");
  cooling.gate("operator", "HALT");
  cooling.confirmAll();
  assert.deepEqual(
    cooling.slots().map(({ j }) => j),
    [-1],
  );
  for (const bench of [quiet(), cooling]) {
    change(bench, fixed);
    assert.equal(bench.state.lattice?.step, 300);
  }
});

test("GRID-29 GRID-44 late lots of an order of the lattice before belong to no slot of the new one", () => {
  const idle = new GridBench(EXAMPLE);
  idle.start("2999.99/3000.01");
  const { id } = idle.slotOrder(-1);
  idle.ack();
  idle.gate("operator", "HALT");
  idle.confirmAll();
  idle.at(10_000).mid("3000.00");
  change(idle, { interval: ticks(300) });
  assert.match(idle.order(id, { change: "executed", cumulative: lots(4) }), /ALERT stray: 4 lots/);
  assert.equal(idle.held(), "");
  assert.deepEqual(idle.state.tally, { fills: 4, adopted: 0, writtenOff: 0 });
});

test("GRID-44 a grid that begins anew loads its candles again and forgets the gates of its old self", () => {
  const bench = new GridBench({ ...EXAMPLE, trend: { enabled: true, fast: 2, slow: 3 } });
  bench.start("2999.99/3000.01");
  bench.state.gates.set("fence", { L: "FREEZE", S: "FREEZE", reason: "test" });
  assert.equal(bench.resting(), "");
  assert.match(change(bench, { interval: ticks(300) }), /CANDLES/);
  assert.deepEqual(bench.view().gates, ["indicators:HOLD"]);
});

test("GRID-44 a tick or lot that changes before the first price is simply the tick or lot", () => {
  for (const moved of [{ tickSize: "0.02" }, { lotSize: "0.002" }]) {
    const bench = new GridBench(EXAMPLE);
    bench.book("2999.98/3000.02");
    bench.book("2999.98/3000.02");
    assert.equal(rules(bench, moved), "");
    assert.equal(rules(bench, { status: "halted" }), "");
    const { tickSize, lotSize } = bench.instrument;
    assert.deepEqual([bench.state.tickSize, bench.state.lotSize], [tickSize, lotSize]);
    assert.equal(bench.state.reference.second, 0);
  }
});

test("GRID-44 changed steps or a closed market halt a running grid; its price is believed anew", () => {
  for (const [moved, reason] of [
    [{ tickSize: "0.02" }, "tick or lot changed"],
    [{ lotSize: "0.002" }, "tick or lot changed"],
    [{ status: "halted" }, "instrument is halted"],
  ] as const) {
    const bench = running();
    rules(bench, moved);
    const { tickSize, lotSize, status } = bench.instrument;
    const text = "the instrument's rules changed; relattice when you agree";
    const told = { code: "instrument", severity: "critical", text, facts: { tickSize, lotSize, status } };
    assert.deepEqual(bench.alerts[0], told);
    assert.deepEqual(bench.state.gates.get("instrument"), { L: "HALT", S: "HALT", reason });
    const { reference, tickSize: old } = bench.state;
    const forgotten = { bid: 0, ask: 0, ref0: 0, first: 0, second: 0 };
    const kept = { bid: 299_999, ask: 300_001, ref0: 300_000, first: 0, second: 0 };
    assert.deepEqual(reference, "status" in moved ? kept : forgotten);
    assert.equal(old, "0.01");
  }
});

test("GRID-08 GRID-44 new fees are told where a cycle loses with them, and nothing where none does", () => {
  const bench = running();
  assert.equal(trades(rules(bench, { makerPpm: 201 })), "");
  assert.deepEqual(
    bench.alerts.map(({ code }) => code),
    ["fees"],
  );
  rules(bench, { makerPpm: 400 });
  const [alert] = bench.alerts;
  assert.deepEqual([alert?.code, alert?.severity, bench.alerts.length], ["fees", "warning", 1]);
  assert.match(alert?.text ?? "", /^a cycle at 3000.00 loses/);
  rules(bench, { makerPpm: 10 });
  assert.deepEqual(bench.alerts, []);
  rules(bench, { makerPpm: 400, tickSize: "0.02" });
  assert.deepEqual(
    bench.alerts.map(({ code }) => code),
    ["instrument"],
  );
  assert.equal(readConfig(EXAMPLE, ETH).interval, 200);
});
