// GRID-19 … GRID-25: cancels, exits and entries beside each other, and why.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ETH, EXAMPLE, GridBench, trades } from "../../../test/grid/bench.ts";
import { lots, money } from "../../market/amounts.ts";

/** A long grid that adopted whole slots from level 0 up. */
function holding(position: string, texts: object = {}): GridBench {
  const bench = new GridBench({ ...EXAMPLE, adoptPosition: "market", ...texts }, { position });
  bench.start("2999.99/3000.01");
  bench.ack();
  return bench;
}

test("GRID-20 the nearest slots get exits, no more than exitLevels, and the others wait", () => {
  const bench = holding("0.060");
  assert.equal(bench.prices("exit"), "3006.00 3004.00 3002.00");
  assert.equal(bench.held(), "0:0.010 1:0.010 2:0.010 3:0.010 4:0.010 5:0.010");
});

test("GRID-21 exits far from the price give way to the nearest", () => {
  const bench = holding("0.100", { windowSlack: 1 });
  const moved = bench.mid("3016.00");
  assert.equal(
    trades(moved)
      .split("\n")
      .filter((line) => line.includes("far_exit")).length,
    3,
  );
  bench.confirmAll();
  bench.ack();
  assert.equal(bench.prices("exit"), "3018.00 3016.01 3016.01");
});

test("GRID-21 within the slack an exit stays where it is, although a nearer slot has none", () => {
  const bench = holding("0.060");
  assert.doesNotMatch(bench.mid("3005.00"), /SELL|far_exit/);
  assert.equal(bench.prices("exit"), "3006.00 3004.00 3002.00");
});

test("GRID-23 under a full quota profit-taking comes before entries", () => {
  const bench = new GridBench({ ...EXAMPLE, openOrdersMax: 9 });
  bench.start("2999.99/3000.01");
  bench.ack();
  bench.openOrdersLimit = 3;
  bench.mid("2997.90");
  const text = bench.fill(-1);
  assert.equal(trades(text), "SELL 3000.00 x 0.010 post-only reduce-only");
  assert.ok(bench.view().ladder.some((row) => row.note === "skip.quota"));
});

test("GRID-22 the inventory cap counts slots that hold lots or have an entry, never a top-up", () => {
  const bench = new GridBench(
    { ...EXAMPLE, heldSlotsMax: 2 },
    { instrument: { ...ETH, minNotionalOnReduceOnly: true } },
  );
  assert.equal(bench.start("2999.99/3000.01").split("\n").length, 2);
  bench.ack();
  bench.fill(-1, "0.004");
  bench.gate("operator", "REDUCE");
  bench.confirmAll();
  const text = trades(bench.gate("operator", "RUN"));
  assert.equal(text, "BUY 2998.00 x 0.007 post-only\nBUY 2996.00 x 0.010 post-only");
  assert.ok(bench.view().ladder.some((row) => row.note === "skip.cap"));
});

test("GRID-20 GRID-22 orders outside risk's price band wait until it lets them pass", () => {
  const bench = new GridBench(EXAMPLE);
  bench.priceBandFarBps = 10;
  assert.equal(bench.start("2999.99/3000.01"), "BUY 2998.00 x 0.010 post-only");
  assert.ok(bench.view().ladder.some((row) => row.note === "skip.band"));
  bench.ack();
  assert.equal(bench.mid("2998.50"), "BUY 2996.00 x 0.010 post-only");
});

test("GRID-20 a plain exit moves past the bot's own resting buys by one tick", () => {
  const bench = new GridBench({ ...EXAMPLE, mode: "neutral", postOnly: false });
  bench.start("3000.29/3000.31");
  bench.ack();
  bench.mid("3001.90");
  // an entry that rests at the level a sell would go to: a late buy at 3000.00
  const slot = bench.slot(-1);
  assert.ok(slot?.order !== null && slot !== undefined);
  bench.fill(-2);
  assert.equal(bench.prices("exit"), "2998.01");
});

test("GRID-19 an exit that asks for more than its slot still holds is cancelled", () => {
  const bench = holding("0.010");
  assert.equal(bench.prices("exit"), "3002.00");
  const text = bench.command({ name: "writeOff", lots: lots(4), leg: "L" });
  assert.match(text, /CANCEL SELL 3002.00 x 0.010 cancel.over_held/);
  assert.match(bench.confirm(0), /SELL 3002.00 x 0.006/);
});

test("GRID-25 every effect says why, with the numbers it was made from", () => {
  const bench = new GridBench({ ...EXAMPLE, entryLevels: 1 });
  bench.start("2999.99/3000.01");
  assert.deepEqual(bench.becauses[0], {
    code: "entry.window",
    rank: 0,
    slot: -1,
    leg: "L",
    entry: 299_800,
    exit: 300_000,
    ref0: 300_000,
    ref: 300_000,
    c: 0,
    m: 1,
    bid: 299_999,
    ask: 300_001,
    held: 0,
    gates: [],
  });
  bench.ack();
  bench.gate("operator", "REDUCE");
  assert.deepEqual([bench.becauses[1]?.code, bench.becauses[1]?.["gates"]], ["cancel.gate", ["operator:REDUCE"]]);
});

test("GRID-25 every window level without an entry has its reason in the view", () => {
  const note = (bench: GridBench): readonly string[] =>
    bench
      .view()
      .ladder.filter((row) => row.key.startsWith("skip"))
      .map((row) => row.note);
  const bench = new GridBench(EXAMPLE);
  bench.start("2999.99/3000.01");
  bench.reject(-2, "OTHER");
  assert.deepEqual(note(bench), ["skip.cooldown"]);
  bench.ack();
  bench.gate("operator", "HOLD");
  assert.deepEqual(note(bench), ["skip.cooldown"]);
  bench.mid("3002.10");
  assert.deepEqual(note(bench), ["skip.gate", "skip.cooldown"]);
  const neutral = new GridBench({ ...EXAMPLE, mode: "neutral" });
  neutral.start("3000.29/3000.31");
  neutral.mid("3001.50");
  assert.deepEqual(note(neutral), ["skip.occupied"]);
});

test("GRID-24 an order on its way is waited for, never cancelled and never doubled", () => {
  const bench = new GridBench(EXAMPLE);
  bench.start("2999.99/3000.01");
  assert.equal(bench.gate("operator", "HALT"), "");
  assert.equal(bench.resting().split("\n").length, 3);
  assert.match(bench.ack(), /CANCEL BUY 2998.00 x 0.010 cancel.gate/);
});

test("GRID-03 fees the exchange takes in base come off the slot being filled, rounded up to lots", () => {
  const instrument = { ...ETH, kind: "spot", symbol: "ETH/USDT" } as const;
  const bench = new GridBench(EXAMPLE, { instrument });
  bench.start("2999.99/3000.01");
  bench.ack();
  bench.mid("2998.01");
  bench.fill(-1);
  baseFee(bench, -1, 10n ** 13n);
  // one hundredth of a lot is owed: a whole lot is not there to be sold
  assert.equal(bench.held(), "-1:0.009");
  baseFee(bench, -1, 10n ** 13n);
  assert.equal(bench.held(), "-1:0.009");
  baseFee(bench, -1, 2n * 10n ** 15n);
  assert.equal(bench.held(), "-1:0.007");
  const { fills } = bench.state.tally;
  assert.equal(7, fills - bench.state.baseFeeLots);
});

function baseFee(bench: GridBench, j: number, fee: bigint): void {
  const placed = bench.placed.find(({ because }) => because["slot"] === j);
  assert.ok(placed !== undefined);
  bench.send({
    kind: "fill",
    routed: true,
    closer: false,
    fill: {
      kind: "fill",
      atMs: 1,
      symbol: "ETH/USDT",
      tradeId: String(fee),
      clientOrderId: placed.id,
      exchangeOrderId: "x",
      side: "buy",
      price: placed.order.price,
      quantity: placed.order.quantity,
      feeAsset: "ETH",
      fee: money(fee),
      liquidity: "maker",
      origin: "order",
      exchangeAtMs: 1,
    },
  });
}
