// BT-32 on a year of minutes: a ladder of 110 slots through the whole engine at L0, and the least that any program must
// do for it: walk the same columns against 110 prices.

import { type BacktestResult, runBacktest } from "../src/backtest/runner.ts";
import { RowKind, type Tape } from "../src/market/tape.ts";
import { candlePlan } from "./plans.ts";
import { prepare } from "./prepared.ts";
import { absent, CANDLES, recording } from "./recordings.ts";
import { alternate, type BenchOptions, bestAlone, bestRatio, cpuText, msText, roundsOf } from "./rounds.ts";
import { detailOf, notRun, numberText, type Row } from "./row.ts";

/** Tape rows of one candle. */
const ROWS = 4;

export async function benchCandles(options: BenchOptions, dir: string): Promise<readonly Row[]> {
  const path = recording(CANDLES);
  if (path === null) return [notRun("L0", "110-slot ladder over a year of minutes", absent(CANDLES))];
  const { loaded, prepareMs, loadMs } = await prepare(path, dir);
  const { tape, instrument } = loaded;
  let result: BacktestResult | null = null;
  const rounds = await alternate(
    roundsOf(options),
    async () => {
      result = await runBacktest(candlePlan(tape, instrument));
    },
    () => {
      bareLadder(tape);
    },
  );
  const minutes = tape.length / ROWS;
  return [
    {
      bench: "L0",
      measure: "110-slot ladder over a year of minutes, whole engine, no journal, no files",
      value: (minutes * 1_000) / bestAlone(rounds),
      unit: "rows/s",
      must: { least: 103_000 },
      want: { least: 300_000 },
      detail: detailOf(
        `${minutes} minutes in ${msText(rounds.a)}, ${cpuText(rounds)}; ${figures(result)}`,
        `${numberText(bestRatio(rounds))} × a bare loop`,
        `preparation apart ${numberText(prepareMs)} ms, loading ${numberText(loadMs)} ms`,
      ),
    },
  ];
}

function figures(result: BacktestResult | null): string {
  if (result === null) return "";
  if (!result.record.tiesOut) throw new Error("the run's money does not tie out: its time means nothing");
  return `${result.events} events, ${result.record.counts.ordersPlaced} orders, ${result.record.counts.fills} fills`;
}

/** Fills of a ladder whose orders turn over at once: no engine, no money, no queue. */
function bareLadder(tape: Tape): number {
  const levels = Float64Array.from({ length: 111 }, (_, i) => (3_000 + i * 100) * 1e8);
  const held = new Uint8Array(110);
  let below = 0;
  let fills = 0;
  for (let i = 0; i < tape.length; i += ROWS) {
    if (tape.kind[i] !== RowKind.candleOpen) continue;
    for (let leg = 0; leg < ROWS; leg += 1) {
      const price = tape.price[i + leg] ?? 0;
      while (below < 110 && (levels[below + 1] ?? 0) < price) {
        fills += held[below] ?? 0;
        held[below] = 0;
        below += 1;
      }
      while (below > 0 && (levels[below] ?? 0) > price) {
        fills += 1 - (held[below] ?? 0);
        held[below] = 1;
        below -= 1;
      }
    }
  }
  return fills;
}
