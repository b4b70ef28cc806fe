// A made-up run for tests of reports and screens: a seeded walk and a maker who quotes around it. Never real market
// data, never the engine: only the recorder's side of a run is exercised.

import { RunRecorder } from "../src/backtest/recorder.ts";
import type { ReportFolder } from "../src/backtest/report-folder.ts";
import type { FidelityLevel, RunIdentity, RunRecord } from "../src/backtest/run-record.ts";
import { Prng } from "../src/base/prng.ts";
import { lots, milliTicks, money, type Side, signOf, ticks } from "../src/market/amounts.ts";
import { type Instrument, notionalMoney } from "../src/market/instrument.ts";
import { makeClientOrderId } from "../src/trading/client-order-id.ts";
import { BTC_PERPETUAL } from "./instruments.ts";

export const PERPETUAL: Instrument = { ...BTC_PERPETUAL, exchange: "binance", minNotional: 1_000_000, leverage: 5 };

export interface ExampleOptions {
  readonly level?: FidelityLevel;
  readonly seconds?: number;
  readonly synthetic?: boolean;
  readonly whole?: boolean;
  readonly seed?: string;
  readonly folder?: ReportFolder | null;
  /** Odds of a fill a second, in hundredths. */
  readonly fillPercent?: number;
}

export function exampleIdentity(options: ExampleOptions): RunIdentity {
  const level = options.level ?? "L2";
  return {
    strategy: "grid",
    instrument: PERPETUAL,
    level,
    fillModel: level === "L0" ? "path nearest, fills through" : "queue power:3",
    latency: "feed 5 ms, order entry 10 ms, response 10 ms",
    markSource: "mid",
    data: [{ name: "example-walk.csv", hash: "0".repeat(64) }],
    dataHash: "3f".repeat(32),
    synthetic: options.synthetic ?? true,
    configHash: "c0".repeat(32),
    configText: 'strategy: grid\nsymbol: "BTC/USDT:USDT" # <b>not markup</b>\nlevels: 10\n',
    seed: options.seed ?? "1",
    codeVersion: "0.1.0",
    findings: [
      {
        finding: "clockSkew",
        count: 1,
        first: "example-walk.csv:1",
        effect: "exchange − local is 1,219.4 … 1,272.5 ms",
        action: "corrected by the smallest offset",
      },
    ],
    positionLimitLots: 40,
  };
}

/** Runs the maker; the record's books tie by construction of the recorder, or the test that uses it fails. */
export function exampleRun(options: ExampleOptions = {}): RunRecord {
  const random = new Prng(`example/${options.seed ?? "1"}`);
  const identity = exampleIdentity(options);
  const seconds = options.seconds ?? 7200;
  const startUs = Date.UTC(2026, 0, 5, 22, 30) * 1000;
  const equity = money(10_000n * 10n ** 18n);
  const recorder = new RunRecorder({ identity, folder: options.folder ?? null, startUs, equity, position: lots(0) });
  let mid = 618_000_000;
  let position = 0;
  for (let i = 1; i <= seconds; i += 1) {
    const us = startUs + i * 1_000_000;
    mid += random.integer(-60, 60) * 500 - Math.round((mid - 618_000_000) / 4000);
    recorder.onMark(us - 600_000, milliTicks(mid));
    if (random.chance((options.fillPercent ?? 4) / 100)) {
      const side: Side = position > 30 ? "sell" : position < -30 ? "buy" : random.chance(0.5) ? "buy" : "sell";
      position += signOf(side) * fillOnce(recorder, { us, mid, side, seq: i, random });
    }
    if (i % 3600 === 0) recorder.onFunding(us, money(-BigInt(position) * 10n ** 16n));
  }
  recorder.count("entries skipped: margin lock", 3);
  const whole = options.whole ?? true;
  return recorder.finish({
    atUs: startUs + seconds * 1_000_000,
    stateHash: "5a".repeat(32),
    whole,
    reason: whole ? "" : "stopped by Ctrl-C",
    ledgerEquity: null,
  });
}

function fillOnce(
  recorder: RunRecorder,
  at: { us: number; mid: number; side: Side; seq: number; random: Prng },
): number {
  const { us, side, random } = at;
  const clientOrderId = makeClientOrderId({ tag: "exampl", lineage: 0, seq: at.seq, index: 0 });
  const price = ticks(Math.round(at.mid / 1000) - signOf(side) * random.integer(0, 12));
  const quantity = lots(random.integer(1, 10));
  const order = {
    symbol: PERPETUAL.symbol,
    side,
    price,
    quantity,
    timeInForce: "GTC" as const,
    postOnly: true,
    reduceOnly: false,
    slotKey: `L${at.seq % 20}`,
  };
  recorder.onOrderPlaced(us - 400_000, clientOrderId, order);
  if (random.chance(0.1)) {
    const reason = "POST_ONLY_WOULD_TAKE";
    recorder.onOrderEnded(us - 380_000, clientOrderId, { status: "rejected", reason, cumulative: 0 });
    return 0;
  }
  recorder.onOrderAccepted(us - 380_000, clientOrderId);
  const maker = random.chance(0.97);
  const ppm = maker ? BigInt(PERPETUAL.makerPpm) : BigInt(PERPETUAL.takerPpm);
  const fee = money((notionalMoney(PERPETUAL, price, quantity) * ppm) / 1_000_000n);
  const liquidity = maker ? "maker" : "taker";
  const tradeId = `t${at.seq}`;
  recorder.onFill(us, {
    tradeId,
    clientOrderId,
    side,
    price,
    quantity,
    feeAsset: "USDT",
    fee,
    liquidity,
    origin: "order",
  });
  recorder.onOrderEnded(us, clientOrderId, { status: "filled", reason: "", cumulative: quantity });
  return quantity;
}
