// The whole bot against the simulated exchange: a grid with its journal on SQLite is killed again and again while the
// wire misbehaves, and afterwards journal, ledger and exchange agree (DUR-71). The exchange's own record is the
// witness.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Prng } from "../../src/base/prng.ts";
import { productionEngine } from "../../src/host/engine.ts";
import { replayTail } from "../../src/host/replay-tail.ts";
import { openSqliteJournal } from "../../src/journal/sqlite-open.ts";
import type { Faults } from "../../src/sim/fault-plan.ts";
import { ETH } from "../grid/bench.ts";
import { GridLife, TAG } from "./grid-life.ts";

function inFolder(visit: (dir: string) => void): void {
  const dir = mkdtempSync(join(tmpdir(), "grid-life-"));
  try {
    visit(dir);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** What must hold of a bot that had time to settle. */
function check(life: GridLife): void {
  const { process, exchange } = life;
  assert.ok(process !== null);
  assert.equal(process.end, null, process.end?.text ?? "");
  const { state } = process.host;
  const accepted = life.record.flatMap((entry) => (entry.kind === "accepted" ? [entry.clientOrderId] : []));
  assert.equal(new Set(accepted).size, accepted.length, "one exchange order per client id");
  for (const id of accepted) assert.ok(process.journal.placeOf(id), `${id} was sent without a record`);
  const tape = life.record.flatMap((entry) => (entry.kind === "fill" ? [`${entry.tradeId}|${entry.side}`] : []));
  const booked = new Set<string>();
  const sums = new Map<string, bigint>();
  for (const { posting } of process.journal.postings(0)) {
    sums.set(posting.asset, (sums.get(posting.asset) ?? 0n) + posting.amount);
    if (posting.cause === "fill") booked.add(posting.causeId.split("|").slice(-2).join("|"));
  }
  assert.deepEqual([...booked].sort(), [...new Set(tape)].sort(), "every fill once");
  for (const [asset, sum] of sums) assert.equal(sum, 0n, `postings in ${asset} balance`);
  const holding = exchange.clearing.holding(exchange.clearing.account("bot"), ETH.symbol);
  assert.equal(state.ledger.position, holding.lots, "position");
  const open = [...exchange.desk.ledger.openOrders("bot")].map(({ clientOrderId }) => String(clientOrderId));
  assert.deepEqual([...state.orders.keys()].map(String).sort(), open.sort(), "open orders on both sides");
  for (const order of state.orders.values()) assert.equal(order.place, "acknowledged", "nothing is unknown");
  assert.equal(state.blocks.has("divergence"), false);
}

/** The journal, replayed from its beginning by nobody but the engine, ends in the state of the live process. */
function checkReplay(life: GridLife): void {
  const live = productionEngine.encode(life.process?.host.state ?? assert.fail("no process"));
  life.kill();
  const holder = { host: "test", pid: 1, sinceMs: 0 };
  const journal = openSqliteJournal(life.dir, {
    bot: "grid",
    tag: TAG,
    sync: "kill",
    holder,
    warn: () => {},
    reserveBytes: 0,
  });
  try {
    assert.ok(journal.verify(0) > 0);
    const identity = { bot: "grid", tag: TAG, lineage: journal.meta.lineage };
    const whole = Object.create(journal, { newestSnapshot: { value: () => null } }) as typeof journal;
    const replayed = replayTail(whole, { engine: productionEngine, identity, warn: () => {} });
    assert.equal(productionEngine.encode(replayed.state), live);
  } finally {
    journal.close();
  }
}

function live(dir: string, seed: string, faults: Faults): GridLife {
  const life = new GridLife(dir, seed, { faults, seconds: 1_200 });
  const random = new Prng(seed);
  life.start();
  for (let i = 0; i < 12; i += 1) {
    life.run(random.integer(1, 20_000));
    life.kill();
    life.run(random.integer(1, 5_000));
    life.start();
    if (random.chance(0.3)) {
      life.run(random.integer(1, 300)); // once more, in the middle of recovery
      life.kill();
      life.start();
    }
  }
  return life;
}

test("DUR-49 DUR-71 a grid killed at any moment trades on: no order twice, none forgotten, every fill once", () => {
  for (const seed of ["1", "2", "3"]) {
    inFolder((dir) => {
      const life = live(dir, seed, {});
      life.run(130_000);
      check(life);
      const fills = life.record.filter(({ kind }) => kind === "fill").length;
      assert.ok(fills > 10, `${fills} fills: something happened`);
      checkReplay(life);
    });
  }
});

test("DUR-44 DUR-71 the same over a wire that loses requests, replies and stream messages", () => {
  const faults: Faults = {
    timeoutNotAccepted: 0.03,
    acceptThenTimeout: 0.05,
    acceptLate: 0.02,
    cutReply: 0.03,
    notSent: 0.03,
    postOnlyReject: 0.02,
    cancelLost: 0.05,
    readUnavailable: 0.05,
    lookupLag: 0.3,
    staleOpenOrders: 0.1,
    lateEvent: 0.02,
    duplicateEvent: 0.05,
    reorderEvents: 0.02,
    dropEvent: 0.03,
    fillBeforeAck: 0.2,
  };
  for (const seed of ["11", "12", "13"]) {
    inFolder((dir) => {
      const life = live(dir, seed, faults);
      life.exchange.faults.change({});
      life.run(130_000);
      check(life);
      checkReplay(life);
    });
  }
});

test("GRID-45 cancelOnExit none keeps the orders; at the next start none is placed twice", () => {
  inFolder((dir) => {
    const life = new GridLife(dir, "21", { faults: {}, seconds: 300 });
    const first = life.start("none");
    life.run(5_000);
    const resting = [...first.host.state.orders.keys()].sort();
    assert.ok(resting.length >= 3);
    first.host.requestStop("test");
    life.run(5_000);
    assert.deepEqual([first.end?.code, first.end?.exitCode], ["CLEAN", 0]);
    const kept = [...life.exchange.desk.ledger.openOrders("bot")].length;
    assert.ok(kept >= 3);
    life.kill();
    life.start("none");
    life.run(3_000);
    check(life);
    life.kill();
  });
});
