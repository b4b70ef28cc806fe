import assert from "node:assert/strict";
import { test } from "node:test";
import { presentData, skipWithoutData } from "../../../../test/data.ts";
import { BTC_PERPETUAL, BTC_SPOT } from "../../../../test/instruments.ts";
import { RowFlag, RowKind, type Tape, TapeBuilder } from "../../../market/tape.ts";
import type { MarketSource } from "../../../sim/market-source.ts";
import { emulated, order, START_MS } from "../stage.fixture.ts";
import { commonStartUs, loadRecordings, recorderSkewMs } from "./capture.ts";
import { CapturedMarket } from "./captured-market.ts";
import { type MarketChoice, sourceMaker } from "./choice.ts";
import { PRESETS, type PresetName, presetPaths } from "./presets.ts";

const USDM = "ticks/binance-usdm-btcusdt_20240808.gz";
const SPOT = ["ticks/binance-spot-btcusdt_20240808.gz", "ticks/binance-spot-btcusdt_20240809.gz"];
const START_US = START_MS * 1000;

const trades = (tape: Tape): number[] =>
  Array.from({ length: tape.length }, (_, i) => i).filter((i) => tape.kind[i] === RowKind.trade);

/** Prices of trades in the first `seconds`. */
function traded(source: MarketSource, seconds: number): number[] {
  const prices: number[] = [];
  for (;;) {
    const tape = source.next();
    if (tape === null || (tape.exchangeUs[0] ?? 0) > START_US + seconds * 1_000_000) return prices;
    for (const i of trades(tape)) prices.push(tape.price[i] ?? 0);
  }
}

const made = (preset: PresetName, seed = "1"): MarketSource =>
  sourceMaker({ kind: "preset", preset }, { seed, startUs: START_US })(BTC_PERPETUAL, "binance-usdm").source;

test("EMU-33 every preset is seeded, goes on without end, and does what its name says", () => {
  for (const preset of PRESETS) {
    assert.deepEqual(traded(made(preset), 60), traded(made(preset), 60), preset);
    assert.ok(made(preset).synthetic, "nothing made up is called real");
  }
  assert.notDeepEqual(traded(made("calm", "2"), 60), traded(made("calm"), 60));
  const spread = (prices: readonly number[]): number => (Math.max(...prices) - Math.min(...prices)) / 600_000;
  const last = (prices: readonly number[]): number => (prices.at(-1) ?? 0) / 600_000;
  assert.ok(spread(traded(made("calm"), 300)) < 0.02);
  assert.ok(spread(traded(made("chop"), 300)) > 2 * spread(traded(made("calm"), 300)));
  assert.ok(last(traded(made("crash"), 700)) < 0.85, "20 % in ten minutes");
  assert.ok(last(traded(made("gap"), 90)) < 0.98 && last(traded(made("gap"), 400)) > 0.98);
  assert.ok(last(traded(made("trend"), 1800)) > 1.01);
  assert.equal(traded(made("thin"), 300).length < traded(made("calm"), 300).length, true);
});

test("EMU-33 a frozen market shows one book and no trade; fundingFlip turns the rate at each settlement", async () => {
  await emulated({ market: { kind: "preset", preset: "frozen" } }, async ({ control }) => {
    const before = control.state().markets;
    await control.clock({ advanceMs: 600_000 });
    assert.deepEqual(control.state().markets, before);
  });
  await emulated({ market: { kind: "preset", preset: "fundingFlip" } }, async ({ control, world }) => {
    const rate = (): number => world.exchange.margin.rates.get(BTC_PERPETUAL.symbol) ?? 0;
    const first = rate();
    control.operator.settleFunding(BTC_PERPETUAL.symbol, "0.0001", 60_000);
    const told: number[] = [];
    for (let i = 0; i < 4; i += 1) {
      await control.clock({ advanceMs: 60_000 });
      told.push(rate());
    }
    assert.equal(Math.abs(first), 500_000_000);
    assert.deepEqual(
      told.slice(1),
      told.slice(0, -1).map((each) => -each),
    );
  });
});

test("EMU-33 EMU-34 spot and perpetual of a base move together; an exchange may lie apart, lag, and be noisy", () => {
  const paths = presetPaths("chop", "1", START_US);
  const spot = paths.of("BTC", 1_000_000, {});
  const apart = paths.of("BTC", 1_000_000, { offsetPpm: 1_000, lagMs: 2_000 });
  const noisy = paths.of("BTC", 1_000_000, { noisePpm: 500 });
  const at = (second: number): number => START_US + second * 1_000_000;
  for (const second of [10, 60, 600]) {
    assert.ok(Math.abs(apart(at(second)) / 1.001 - spot(at(second - 2))) < 1e-3);
    const difference = Math.abs(noisy(at(second)) / spot(at(second)) - 1);
    assert.ok(difference < 0.002);
  }
  assert.notEqual(noisy(at(10)), spot(at(10)));
  assert.notEqual(paths.of("ETH", 1_000_000, {})(at(60)), spot(at(60)), "bases have walks of their own");
});

/** A book, then one trade a second at 600,000, 600,010 … */
function shortTape(count: number): Tape {
  const out = new TapeBuilder(64);
  const us = 1_000_000_000;
  out.push(RowKind.snapshotStart, 0, us, us, 0, 0, 100, 0);
  out.push(RowKind.bidLevel, 0, us, us, 599_990, 5, 100, 0);
  out.push(RowKind.askLevel, RowFlag.frameEnd, us, us, 600_010, 5, 100, 0);
  for (let i = 0; i < count; i += 1) {
    const at = us + (i + 1) * 1_000_000;
    out.push(RowKind.trade, RowFlag.frameEnd, at, at, 600_000 + 10 * i, 1, 101 + i, 0);
  }
  return out.finish();
}

/** A book whose levels come and go, one frame of three rows a millisecond; what stands early stays deep below. */
function longTape(frames: number): Tape {
  const out = new TapeBuilder(64);
  const us = 1_000_000_000;
  out.push(RowKind.snapshotStart, 0, us, us, 0, 0, 1, 0);
  out.push(RowKind.bidLevel, 0, us, us, 590_000, 7, 1, 0);
  out.push(RowKind.askLevel, RowFlag.frameEnd, us, us, 610_000, 7, 1, 0);
  for (let i = 1; i <= frames; i += 1) {
    const at = us + i * 1_000;
    const mid = 600_000 + ((i * 7) % 300);
    out.push(RowKind.bidLevel, 0, at, at, mid - 10 - (i % 5), i % 3, i + 1, 0);
    out.push(RowKind.askLevel, 0, at, at, 600_400 + (i % 7), 1 + (i % 2), i + 1, 0);
    out.push(RowKind.bidLevel, RowFlag.frameEnd, at, at, 599_000 + (i % 90), i % 4, i + 1, 0);
  }
  return out.finish();
}

test("EMU-31 a recording is re-dated with its spacing kept; a loop goes on with fresh ids and a joined price", () => {
  const tape = shortTape(3);
  const looped = new CapturedMarket(tape, START_US - 1_000_000_000, true);
  // a piece holds until the next one is asked for
  const seen = (lap: Tape | null): (readonly number[])[] =>
    lap === null ? [] : trades(lap).map((i) => [lap.exchangeUs[i] ?? 0, lap.price[i] ?? 0, lap.id[i] ?? 0]);
  const [first, second] = [seen(looped.next()), seen(looped.next())];
  const us = START_US;
  assert.deepEqual(
    first,
    [1, 2, 3].map((n) => [us + n * 1_000_000, 599_990 + 10 * n, 100 + n]),
  );
  const later = us + 3_100_000;
  assert.deepEqual(
    second,
    [1, 2, 3].map((n) => [later + n * 1_000_000, 600_010 + 10 * n, 104 + n]),
  );
  const once = new CapturedMarket(tape, 0, false);
  assert.ok(once.next() !== null);
  assert.equal(once.next(), null);
  const again = new CapturedMarket(tape, START_US - 1_000_000_000, true);
  again.restore(looped.save());
  assert.deepEqual(seen(again.next()), seen(looped.next()));
});

test("EMU-30 EMU-43 a recording of many pieces is one market: restored within a lap it goes on", async () => {
  const tape = longTape(12_000);
  const recordings = [{ symbol: BTC_PERPETUAL.symbol, tickSize: "0.1", lotSize: "0.001", tape }];
  const whole = new CapturedMarket(tape, 0, false);
  const rows: number[] = [];
  for (let piece = whole.next(); piece !== null; piece = whole.next()) {
    assert.ok(piece.length <= 4_096 + 3, "the pieces are small");
    rows.push(...piece.price, ...piece.exchangeUs);
  }
  assert.equal(rows.length, 2 * tape.length);
  await emulated({ market: { kind: "capture", recordings, loop: true } }, async ({ control }) => {
    const book = (): unknown => {
      const { mark, bids, asks } = control.state().markets.find(({ symbol }) => symbol === BTC_PERPETUAL.symbol) ?? {};
      return { mark, bids, asks };
    };
    const atMs = [3_500, 17_000, 30_000].map((ms) => START_MS + ms);
    const seen: unknown[] = [];
    for (const toMs of atMs) {
      await control.clock({ toMs });
      control.snapshot(String(toMs));
      seen.push(book());
    }
    for (const [i, toMs] of atMs.entries()) {
      control.restore(String(toMs));
      assert.deepEqual(book(), seen[i]);
      const next = atMs[i + 1];
      if (next === undefined) continue;
      await control.clock({ toMs: next });
      assert.deepEqual(book(), seen[i + 1], "it goes on as it went on before");
    }
  });
});

test("EMU-32 our order queues behind what was shown; what we take is missing until an update", async () => {
  const out = new TapeBuilder(64);
  const at = (second: number): number => START_US + second * 1_000_000;
  out.push(RowKind.snapshotStart, 0, at(0), at(0), 0, 0, 1, 0);
  out.push(RowKind.bidLevel, 0, at(0), at(0), 599_990, 5, 1, 0);
  out.push(RowKind.askLevel, RowFlag.frameEnd, at(0), at(0), 600_010, 5, 1, 0);
  out.push(RowKind.trade, RowFlag.frameEnd | RowFlag.sellerTook, at(1), at(1), 599_990, 4, 2, 0);
  out.push(RowKind.trade, RowFlag.frameEnd | RowFlag.sellerTook, at(2), at(2), 599_990, 2, 3, 0);
  out.push(RowKind.askLevel, RowFlag.frameEnd, at(3), at(3), 600_010, 9, 4, 0);
  const tape = out.finish();
  const recordings = [{ symbol: BTC_PERPETUAL.symbol, tickSize: "0.1", lotSize: "0.001", tape }];
  await emulated({ market: { kind: "capture", recordings, loop: false } }, async (emulator) => {
    const { control, world } = emulator;
    const market = world.exchange.market(BTC_PERPETUAL.symbol);
    await order(emulator, "queues", { price: 599_990, quantity: 3 });
    await order(emulator, "takes", { price: 600_010, quantity: 2 });
    assert.equal(market.shown("sell", 600_010), 3);
    await control.clock({ advanceMs: 1_500 });
    assert.equal(control.orders("queues")[0]?.filled, 0, "four of the five before it were taken");
    await control.clock({ advanceMs: 1_000 });
    assert.equal(control.orders("queues")[0]?.filled, 1);
    await control.clock({ advanceMs: 1_000 });
    assert.equal(market.shown("sell", 600_010), 9);
  });
});

test("EMU-30 EMU-31 recordings of perpetual and spot are played side by side, aligned by exchange time", {
  ...skipWithoutData(USDM, ...SPOT),
}, async () => {
  const recordings = await loadRecordings([presentData(USDM), ...SPOT.map(presentData)]);
  assert.deepEqual(
    recordings.map(({ symbol }) => symbol),
    [BTC_PERPETUAL.symbol, BTC_SPOT.symbol],
  );
  const skewMs = recorderSkewMs(recordings);
  assert.ok(skewMs > 1_200 && skewMs < 1_400, `${skewMs}`);
  const market: MarketChoice = { kind: "capture", recordings, loop: false };
  await emulated({ market }, async ({ control, world }) => {
    const { exchange } = world;
    const mids = (): number[] =>
      [BTC_PERPETUAL.symbol, BTC_SPOT.symbol].map((symbol) => {
        const { instrument } = exchange.market(symbol);
        const twice = exchange.market(symbol).best("buy") + exchange.market(symbol).best("sell");
        return twice / 2 / (instrument.tickSize === "0.1" ? 10 : 100);
      });
    const shift = START_MS * 1000 - commonStartUs(recordings);
    for (const minutes of [1, 3]) {
      await control.clock({ toMs: START_MS + minutes * 60_000 });
      const [perpetual = 0, spot = 0] = mids();
      assert.ok(perpetual > 60_000 && Math.abs(perpetual / spot - 1) < 0.002, `${perpetual} and ${spot}`);
    }
    const [recording] = recordings;
    const last = trades(recording?.tape ?? shortTape(1)).at(-1) ?? 0;
    const endMs = Math.ceil(((recording?.tape.exchangeUs[last] ?? 0) + shift) / 1000);
    await control.clock({ toMs: endMs });
    const closed = exchange.market(BTC_PERPETUAL.symbol).candles.openMinute?.close;
    assert.equal(closed, recording?.tape.price[last], "the last trade came at its time");
  });
});

test("EMU-33 a made-up market has a past of five hours that joins its present", async () => {
  await emulated({ market: { kind: "preset", preset: "calm" } }, async ({ world, control }) => {
    const market = world.exchange.market(BTC_PERPETUAL.symbol);
    const past = market.candles.history("1m", 1_000);
    assert.equal(past.length, 300);
    assert.ok(
      past.every(({ open, high, low, close }) => low <= Math.min(open, close) && high >= Math.max(open, close)),
    );
    const mid = (market.best("buy") + market.best("sell")) / 2;
    assert.ok(Math.abs((past.at(-1)?.close ?? 0) - mid) <= 1);
    await control.clock({ advanceMs: 180_000 });
    const later = market.candles.history("1m", 1_000);
    assert.ok(later.length >= 302);
    assert.deepEqual(later.slice(0, 300), past);
  });
});

test("EMU-33 the made-up past trades as much as its present, whatever the market", async () => {
  for (const preset of ["calm", "chop", "thin"] as const) {
    await emulated({ market: { kind: "preset", preset } }, async ({ world, control }) => {
      const { candles } = world.exchange.market(BTC_PERPETUAL.symbol);
      const past = candles.history("1m", 1_000);
      await control.clock({ advanceMs: 300_000 });
      const lived = candles.history("1m", 1_000).slice(past.length, past.length + 4);
      const mean = (of: typeof past): number => of.reduce((sum, { volume }) => sum + volume, 0) / of.length;
      const ratio = mean(past) / mean(lived);
      assert.ok(ratio > 0.5 && ratio < 2, `${preset}: ${ratio}`);
    });
  }
});
