// GRID-46, section 7: what an operator may ask of a grid, one command at a time, and what is refused.

import assert from "node:assert/strict";
import { test } from "node:test";
import { EXAMPLE, GridBench, readConfig, startFacts, trades } from "../../../test/grid/bench.ts";
import { lots, milliTicks, ticks } from "../../market/amounts.ts";

const botConfig = (strategyConfig: unknown) =>
  ({ strategy: "grid", strategyConfig, risk: null, cancelOnExit: "all" }) as const;

/** A long grid at 3000, started, its orders acknowledged. */
function running(texts: object = {}, position = "0"): GridBench {
  const bench = new GridBench({ ...EXAMPLE, ...texts }, { position });
  bench.start("2999.99/3000.01");
  bench.ack();
  return bench;
}

test("GRID-41 GRID-46 `start` lets a refused grid look again; one that runs keeps its lattice", () => {
  const bench = new GridBench({ ...EXAMPLE, openOrdersMax: 20 });
  bench.openOrdersLimit = 10;
  assert.match(bench.start("2999.99/3000.01"), /start-refused/);
  bench.openOrdersLimit = 180;
  assert.equal(bench.mid("3000.00"), "");
  assert.match(bench.command({ name: "start" }), /BUY 2998.00/);

  const going = running({ anchor: "auto" });
  going.mid("3001.00");
  going.command({ name: "start" });
  assert.equal(going.view().phase, "running");
  assert.equal(going.state.lattice?.anchor, 300_000);
});

test("GRID-36 GRID-46 after a flatten the grid halts until `start`, `resume` or its gate is cleared", () => {
  for (const command of [{ name: "start" }, { name: "resume" }, { name: "clearGate", gate: "flatten" }] as const) {
    const bench = running();
    assert.match(bench.command({ name: "flatten" }), /FLATTEN flatten.command/);
    assert.deepEqual(bench.asked, [{ code: "flatten.command", ref0: 300_000 }]);
    assert.equal(bench.state.gates.get("flatten")?.reason, "closing the position");
    bench.confirmAll();
    bench.at(10_000).mid("3000.00");
    assert.equal(bench.resting(), "");
    bench.command(command);
    assert.deepEqual(bench.view().gates, []);
    assert.equal(bench.prices("entry"), "2998.00 2996.00 2994.00");
  }
});

test("GRID-42 GRID-46 adopted lots exit where neither the market nor the average makes a loss", () => {
  const cases = [
    // a long at 3004 is adopted above the market, one at 2990 at the market; a short the other way round
    ["long", 5, 300_400_000, "2:0.005"],
    ["long", 5, 299_000_000, "0:0.005"],
    ["long", 5, null, "0:0.005"],
    ["short", -5, 299_600_000, "-3:0.005"],
    ["short", -5, 301_000_000, "-1:0.005"],
  ] as const;
  for (const [mode, signed, average, held] of cases) {
    const bench = running({ mode });
    bench.gate("operator", "HALT");
    bench.confirmAll();
    bench.at(10_000).mid("3000.00");
    bench.command({ name: "adopt", lots: lots(signed), average: average === null ? null : milliTicks(average) });
    assert.equal(bench.held(), held, `${mode} at ${average}`);
  }
});

test("GRID-44 relattice needs a running grid and a configuration of its mode", () => {
  const refused = {
    code: "relattice-refused",
    severity: "error",
    text: "relattice needs a running grid and a configuration of the same mode",
    facts: {},
  };
  const config = readConfig({ ...EXAMPLE, interval: "3.00" });
  const idle = new GridBench(EXAMPLE);
  const cases = [
    [idle, config],
    [running(), { nonsense: 1 }],
    [running(), { ...config, mode: "short" }],
    [running(), { ...config, mode: "neutral" }],
  ] as const;
  for (const [bench, wanted] of cases) {
    assert.equal(trades(bench.command({ name: "relattice", config: botConfig(wanted) })), "");
    assert.deepEqual(bench.alerts.slice(-1), [refused]);
    assert.equal(bench.state.pending, null);
  }
});

test("GRID-44 what a relattice waits for is remembered whole, and clearing its gate takes it back", () => {
  const bench = running();
  bench.command({ name: "reanchor", price: ticks(300_100) });
  assert.deepEqual(bench.state.pending, {
    config: { ...bench.config, anchor: 300_100 },
    anchor: 300_100,
    tickSize: "0.01",
    lotSize: "0.001",
  });
  assert.equal(bench.state.gates.get("relattice")?.reason, "moving to another lattice");
  bench.command({ name: "clearGate", gate: "relattice" });
  assert.ok(bench.state.pending === null);
  bench.confirmAll();
  bench.at(10_000).mid("3000.00");
  assert.equal(bench.state.lattice?.anchor, 300_000);
  assert.equal(bench.prices("entry"), "2998.00 2996.00 2994.00");

  const config = readConfig({ ...EXAMPLE, interval: "3.00" });
  bench.command({ name: "relattice", config: botConfig(config) });
  assert.deepEqual(bench.state.pending, { config, anchor: null, tickSize: "0.01", lotSize: "0.001" });
});

test("GRID-07 GRID-46 the operator opens fence and stop; the price shuts them again while it is out there", () => {
  const bench = running({ stopLow: "2990.00" });
  bench.mid("2989.00");
  assert.deepEqual(bench.view().gates, ["stop:REDUCE"]);
  bench.command({ name: "clearGate", gate: "stop" });
  assert.deepEqual(bench.view().gates, []);
  bench.mid("2989.01");
  assert.deepEqual(bench.view().gates, ["stop:REDUCE"]);

  const far = running();
  far.state.gates.set("fence", { L: "FREEZE", S: "FREEZE", reason: "test" });
  far.command({ name: "clearGate", gate: "fence" });
  assert.deepEqual(far.view().gates, []);
});

test("GRID-38 GRID-46 a margin lock opened by hand lets entries out at once", () => {
  const bench = running();
  bench.at(1000).order(bench.slotOrder(-1).id, { change: "canceled", cumulative: lots(0) });
  bench.at(7000).mid("3000.00");
  assert.match(bench.reject(-1, "INSUFFICIENT_FUNDS"), /margin-lock/);
  assert.deepEqual(bench.view().gates, ["margin:HOLD"]);
  assert.match(trades(bench.command({ name: "clearGate", gate: "margin" })), /^BUY 2998.00/);
  assert.deepEqual(bench.view().gates, []);
  assert.match(bench.reject(-1, "INSUFFICIENT_FUNDS"), /margin-lock/);
});

test("GRID-44 GRID-46 the gate of changed rules is cleared by hand only when the old rules are back", () => {
  for (const change of [{ tickSize: "0.02" }, { lotSize: "0.002" }, { status: "halted" }] as const) {
    const bench = running();
    const before = bench.instrument;
    bench.instrument = { ...before, ...change };
    bench.send({ kind: "instrument", instrument: bench.instrument });
    bench.alerts.length = 0;
    bench.command({ name: "clearGate", gate: "instrument" });
    const text = "gate instrument cannot be cleared by hand";
    assert.deepEqual(bench.alerts, [{ code: "gate", severity: "warning", text, facts: { gate: "instrument" } }]);
    assert.ok(bench.view().gates.includes("instrument:HALT"));
    bench.instrument = before;
    bench.command({ name: "clearGate", gate: "instrument" });
    assert.deepEqual(bench.view().gates, []);
    assert.equal(bench.alerts.length, 1);
  }
});

test("GRID-42 an account's position comes with the first start: later facts do not touch the grid", () => {
  const bench = running();
  bench.send({ kind: "start", facts: startFacts(lots(50), null) });
  bench.command({ name: "start" });
  assert.equal(bench.state.start?.lots, 0);
  assert.equal(bench.held(), "");
});
