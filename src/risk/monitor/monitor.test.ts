import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { PROPERTY_RUNS } from "../../../test/risk-examples.ts";
import type { MonitorLimits } from "./limits.ts";
import { hasRecovered, isAbnormal, isMonitored, judgeCandle, judgeMonitor, takeCandle, unseenOf } from "./monitor.ts";
import { initialMonitor, type MonitorState, type Watched } from "./monitor-state.ts";

const LIMITS: MonitorLimits = {
  instruments: ["A", "B", "C", "D"],
  interval: "1m",
  strategy: "All",
  volumeMultiplierMilli: 3_000,
  averageWindow: 3,
  recoveryThreshold: 2,
  holdMsMin: 60_000,
  onBlind: "pause",
};

/** `volume/close` of closed candles, oldest first, then perhaps `open volume/close`. */
function watchedOf(text: string, window = LIMITS.averageWindow): Watched {
  const watched: Watched = { closed: [], open: null };
  let minute = 0;
  let closed = true;
  for (const word of text.split(" ")) {
    if (word === "open") closed = false;
    else {
      const [volume = 0, close = 0] = word.split("/").map(Number);
      takeCandle(watched, { openAtMs: minute * 60_000, volume, close, closed }, window);
      minute += 1;
    }
  }
  return watched;
}

test("RISK-52 RISK-25 volumes 10, 12, 8 and closes 100, 101, 99: 31 at 99.5 is abnormal, 30 at 99.5 is not", () => {
  const window = "10/1000 12/1010 8/990";
  assert.equal(isAbnormal(watchedOf(`${window} open 31/995`), LIMITS), true);
  assert.equal(isAbnormal(watchedOf(`${window} open 30/995`), LIMITS), false, "30 is not more than 30");
  assert.equal(isAbnormal(watchedOf(`${window} open 31/1000`), LIMITS), false, "the close is not below the mean");
});

test("RISK-25 before the open candle came the newest closed one stands for it and the window moves back", () => {
  assert.equal(isAbnormal(watchedOf("10/1000 12/1010 8/990 31/995"), LIMITS), true);
  assert.equal(isAbnormal(watchedOf("10/1000 12/1010 8/990"), LIMITS), null, "that needs one candle more");
});

test("RISK-26 a mean volume of 0, or too few candles, is not ready", () => {
  assert.equal(isAbnormal(watchedOf("0/1000 0/1010 0/990 open 31/995"), LIMITS), null);
  assert.equal(isAbnormal(watchedOf("10/1000 12/1010 open 31/995"), LIMITS), null);
  assert.equal(isAbnormal(undefined, LIMITS), null);
});

const ABNORMAL = "10/1000 12/1010 8/990 open 31/995";
const NORMAL = "10/1000 12/1010 8/990 open 5/995";
const RECOVERED = "10/1000 12/1010 8/990 9/1020";
const QUIET = "10/1000 12/1010 8/990 1/980";

function stateOf(texts: { readonly [symbol: string]: string }): MonitorState {
  const state = initialMonitor();
  for (const [symbol, text] of Object.entries(texts)) state.watched.set(symbol, watchedOf(text));
  return state;
}

const every = (text: string) => ({ A: text, B: text, C: text, D: text });

test("RISK-27 All wants every one abnormal and Any only one; one that is not ready is normal for All", () => {
  const any = { ...LIMITS, strategy: "Any" } as const;
  assert.deepEqual(judgeMonitor(stateOf(every(ABNORMAL)), LIMITS, 1), ["triggered"]);
  assert.deepEqual(judgeMonitor(stateOf({ ...every(ABNORMAL), D: NORMAL }), LIMITS, 1), []);
  assert.deepEqual(judgeMonitor(stateOf({ A: ABNORMAL, B: ABNORMAL, C: ABNORMAL }), LIMITS, 1), []);
  assert.deepEqual(judgeMonitor(stateOf({ ...every(NORMAL), D: ABNORMAL }), any, 1), ["triggered"]);
  assert.deepEqual(judgeMonitor(stateOf({ A: NORMAL, B: NORMAL }), any, 1), [], "those left out trigger nothing");
});

test("RISK-27 RISK-28 it triggers once, holds its time, and recovers by the candles that closed, not by quiet", () => {
  const state = stateOf(every(ABNORMAL));
  assert.deepEqual(judgeMonitor(state, LIMITS, 1_000), ["triggered"]);
  assert.deepEqual(judgeMonitor(state, LIMITS, 2_000), [], "one edge, told once");
  for (const symbol of "AB") state.watched.set(symbol, watchedOf(RECOVERED));
  assert.deepEqual(judgeMonitor(state, LIMITS, 60_999), [], "it stays for a minute at least");
  assert.deepEqual(judgeMonitor(state, LIMITS, 61_000), ["recovered"]);
  const quiet = stateOf(every(QUIET));
  quiet.triggeredAtMs = 0;
  assert.deepEqual(judgeMonitor(quiet, LIMITS, 600_000), [], "quiet alone is not recovery");
  quiet.watched.set("A", watchedOf(RECOVERED));
  assert.deepEqual(judgeMonitor(quiet, LIMITS, 600_000), [], "one of the two that are wanted");
});

test("RISK-28 recovery is a close above the mean on less than the multiple of the volume of the candles before", () => {
  assert.equal(hasRecovered(watchedOf("10/1000 12/1010 8/990 29/1001"), LIMITS), true);
  assert.equal(hasRecovered(watchedOf("10/1000 12/1010 8/990 30/1001"), LIMITS), false);
  assert.equal(hasRecovered(watchedOf("10/1000 12/1010 8/990 29/1000"), LIMITS), false);
  assert.equal(hasRecovered(watchedOf("10/1000 12/1010 29/1001"), LIMITS), false, "too few before it");
});

test("RISK-26 fewer than half ready for two minutes is blind, and half of them is sight again", () => {
  const state = stateOf({ A: NORMAL });
  assert.deepEqual(judgeMonitor(state, LIMITS, 0), []);
  assert.deepEqual(judgeMonitor(state, LIMITS, 119_999), []);
  assert.deepEqual(judgeMonitor(state, LIMITS, 120_000), ["blind"]);
  assert.deepEqual(judgeMonitor(state, LIMITS, 130_000), [], "told once");
  state.watched.set("B", watchedOf(NORMAL));
  assert.deepEqual(judgeMonitor(state, LIMITS, 131_000), ["sighted"]);
});

test("RISK-25 whatever order candles come in, the newest N + 1 closed ones are kept, each once", () => {
  const candles = fc.array(
    fc.record({ minute: fc.nat(30), volume: fc.nat(9), close: fc.nat(9), closed: fc.boolean() }),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(candles, fc.integer({ min: 2, max: 8 }), (given, window) => {
      const watched: Watched = { closed: [], open: null };
      const all = new Map<number, { volume: number; close: number }>();
      let kept: number[] = [];
      for (const { minute, volume, close, closed } of given) {
        takeCandle(watched, { openAtMs: minute * 60_000, volume, close, closed }, window);
        if (closed && (kept.length <= window || minute >= (kept[0] ?? 0))) {
          all.set(minute, { volume, close });
          kept = [...new Set([...kept, minute])].sort((a, b) => a - b).slice(-(window + 1));
        }
        assert.deepEqual(
          watched.closed,
          kept.map((at) => ({ openAtMs: at * 60_000, close: all.get(at)?.close, volume: all.get(at)?.volume })),
        );
        const newest = watched.closed.at(-1)?.openAtMs ?? -1;
        assert.ok(watched.open === null || watched.open.openAtMs > newest, "the open one is newer than any closed one");
      }
    }),
    { numRuns: PROPERTY_RUNS },
  );
});

test("RISK-25 a closed candle that comes late leaves the open one, and one of its own minute ends it", () => {
  const watched = watchedOf("10/1000 12/1010 8/990 open 31/995");
  takeCandle(watched, { openAtMs: 60_000, volume: 13, close: 1_011, closed: true }, 3);
  assert.equal(watched.open?.volume, 31);
  takeCandle(watched, { openAtMs: 180_000, volume: 32, close: 994, closed: true }, 3);
  assert.equal(watched.open, null);
});

test("RISK-25 RISK-28 the means are of the last N candles, whatever else is kept", () => {
  assert.equal(isAbnormal(watchedOf("9999/1 10/1000 12/1010 8/990 open 31/995"), LIMITS), true);
  // kept for a window of five, judged by one of three
  assert.equal(hasRecovered(watchedOf("0/9999 0/9999 10/1000 12/1010 8/990 29/1001", 5), LIMITS), true);
});

test("RISK-26 RISK-28 what is not seen or too short has not recovered, and is named as unseen", () => {
  assert.equal(hasRecovered(undefined, LIMITS), false);
  assert.equal(hasRecovered({ closed: [], open: null }, LIMITS), false);
  assert.equal(hasRecovered(watchedOf("10/1000 12/1010 29/1010"), LIMITS), false);
  assert.deepEqual(unseenOf(stateOf({ A: NORMAL, C: ABNORMAL, D: "1/1" }), LIMITS), ["B", "D"]);
});

test("RISK-26 two minutes of blindness count from its begin, whenever that was", () => {
  const state = stateOf({});
  const at = [1_000_000, 1_119_999, 1_120_000].map((nowMs) => judgeMonitor(state, LIMITS, nowMs));
  assert.deepEqual(at, [[], [], ["blind"]]);
});

/** A candle of an instrument comes in. */
const told = (state: MonitorState, symbol: string, candle: Parameters<typeof takeCandle>[1]): void => {
  const watched = state.watched.get(symbol) ?? { closed: [], open: null };
  state.watched.set(symbol, watched);
  takeCandle(watched, candle, EASY.averageWindow);
};

/** Soon ready, soon abnormal, soon recovered. */
const EASY: MonitorLimits = {
  ...LIMITS,
  instruments: ["A", "B"],
  averageWindow: 1,
  volumeMultiplierMilli: 1_500,
  recoveryThreshold: 1,
  holdMsMin: 1_000,
};

test("RISK-25 RISK-27 RISK-28 judging the instrument of each candle says what judging all of them says", () => {
  const step = fc.record({
    symbol: fc.constantFrom("A", "B", "C"),
    minute: fc.nat(6),
    volume: fc.constantFrom(0, 1, 10, 40),
    close: fc.integer({ min: 998, max: 1_002 }),
    closed: fc.boolean(),
    // candles are read anew, another configuration is in force, time passes
    before: fc.oneof(
      { weight: 40, arbitrary: fc.constant("nothing") },
      { weight: 1, arbitrary: fc.constantFrom("anew", "other limits") },
    ),
    waitMs: fc.constantFrom(0, 1_000, 60_000),
  });
  fc.assert(
    fc.property(fc.array(step, { minLength: 20, maxLength: 120 }), fc.constantFrom("Any", "All"), (steps, strategy) => {
      const [one, all] = [initialMonitor(), initialMonitor()];
      let limits: MonitorLimits = { ...EASY, strategy };
      let nowMs = 0;
      for (const { symbol, minute, volume, close, closed, before, waitMs } of steps) {
        nowMs += waitMs;
        if (before === "anew") for (const state of [one, all]) state.watched = new Map();
        if (before === "other limits") {
          const instruments = limits.instruments.length === 2 ? ["C", "B", "A"] : EASY.instruments;
          limits = { ...limits, instruments };
        }
        assert.equal(isMonitored(one, limits, symbol), limits.instruments.includes(symbol));
        if (!isMonitored(one, limits, symbol)) continue;
        for (const state of [one, all]) told(state, symbol, { openAtMs: minute * 60_000, volume, close, closed });
        assert.deepEqual(judgeCandle(one, limits, { symbol, nowMs }), judgeMonitor(all, limits, nowMs));
        assert.deepEqual(one, all);
      }
    }),
    { numRuns: PROPERTY_RUNS },
  );
});

/** Counts what is looked at. */
class Looked extends Map<string, Watched> {
  looks = 0;

  override get(symbol: string): Watched | undefined {
    this.looks += 1;
    return super.get(symbol);
  }
}

test("RISK-25 a candle costs a look at its own instrument, however many are monitored", () => {
  const instruments = Array.from({ length: 50 }, (_, n) => `C${n}`);
  const limits = { ...LIMITS, instruments };
  const watched = new Looked(instruments.map((symbol) => [symbol, watchedOf(NORMAL)]));
  const state: MonitorState = { ...initialMonitor(), watched };
  judgeCandle(state, limits, { symbol: "C7", nowMs: 1 });
  watched.looks = 0;
  judgeCandle(state, limits, { symbol: "C7", nowMs: 2 });
  assert.equal(watched.looks, 1);
});
