// GRID-41: what a grid remembers before anything happened.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ETH, EXAMPLE, readConfig } from "../../../test/grid/bench.ts";
import { initialState } from "./state.ts";

test("GRID-41 a grid begins without price, lattice, slots, locks and lots, and waits to be told of its start", () => {
  const config = readConfig(EXAMPLE);
  const none = new Map();
  assert.deepEqual(initialState(config, ETH), {
    phase: "starting",
    recovered: false,
    config,
    nowMs: 0,
    lattice: null,
    tickSize: "0.01",
    lotSize: "0.001",
    reference: { bid: 0, ask: 0, ref0: 0, first: 0, second: 0 },
    start: null,
    slots: none,
    routes: none,
    finished: none,
    gates: none,
    lock: { untilMs: 0, lengthMs: 0 },
    stray: 0,
    baseFees: 0n,
    baseFeeLots: 0,
    tally: { fills: 0, adopted: 0, writtenOff: 0 },
    indicators: {
      lastOpenMs: 0,
      reloading: false,
      closes: [],
      ranges: [],
      sumFast: 0,
      sumSlow: 0,
      sumRange: 0,
      stride: 1,
      candidate: 0,
      candidateCount: 0,
    },
    timerAtMs: null,
    pending: null,
    sizeAlerts: none,
    counts: { booksIgnored: 0, candlesIgnored: 0, orderEventsIgnored: 0, cumulativeBack: 0, unknownOrders: 0 },
  });
});
