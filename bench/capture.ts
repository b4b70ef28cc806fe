// BT-32 on the recorded capture: the reference grid at L2 through the whole engine, against JSON.parse alone over the
// same file's lines; and how fast raw frames become the internal stream.

import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { type BacktestResult, runBacktest } from "../src/backtest/runner.ts";
import { loadData } from "../src/data/open.ts";
import { capturePlan, spanOf } from "./plans.ts";
import { prepare } from "./prepared.ts";
import { absent, CAPTURE, recording } from "./recordings.ts";
import { alternate, type BenchOptions, bestAlone, bestRatio, cpuText, msText, roundsOf } from "./rounds.ts";
import { detailOf, notRun, numberText, type Row } from "./row.ts";

export async function benchCapture(options: BenchOptions, dir: string): Promise<readonly Row[]> {
  const path = recording(CAPTURE);
  if (path === null) return [notRun("L2", "reference grid over the capture", absent(CAPTURE))];
  const { loaded, prepareMs, loadMs } = await prepare(path, dir);
  const { tape, instrument } = loaded;
  const texts = jsonLines(path);
  let result: BacktestResult | null = null;
  const rounds = await alternate(
    roundsOf(options),
    async () => {
      result = await runBacktest(capturePlan(tape, instrument));
    },
    () => {
      for (const text of texts) JSON.parse(text);
    },
  );
  const { startUs, endUs } = spanOf(tape);
  const times = (endUs - startUs) / 1_000 / bestAlone(rounds);
  const what = figures(result);
  return [
    {
      bench: "L2",
      measure: "reference grid over the capture, whole engine, no journal, no files / JSON.parse of its lines",
      value: bestRatio(rounds),
      unit: "×",
      must: { most: 2 },
      want: { most: 1 },
      detail: `${msText(rounds.a)} against ${msText(rounds.b)}; ${what}`,
    },
    {
      bench: "L2",
      measure: "the same, market time / wall time",
      value: times,
      unit: "×",
      must: { least: 800 },
      want: { least: 2_000 },
      detail: detailOf(
        `${numberText((endUs - startUs) / 1e6)} s of market, ${cpuText(rounds)}`,
        `preparation apart ${numberText(prepareMs)} ms, loading ${numberText(loadMs)} ms`,
      ),
    },
  ];
}

function figures(result: BacktestResult | null): string {
  if (result === null) return "";
  const { counts, tiesOut } = result.record;
  if (!tiesOut) throw new Error("the run's money does not tie out: its time means nothing");
  return `${result.events} events, ${counts.ordersPlaced} orders, ${counts.fills} fills`;
}

export async function benchFrames(options: BenchOptions): Promise<readonly Row[]> {
  const path = recording(CAPTURE);
  if (path === null) return [notRun("frames", "raw frames to internal stream", absent(CAPTURE))];
  const texts = jsonLines(path);
  let rows = 0;
  const rounds = await alternate(
    roundsOf(options),
    async () => {
      rows = (await loadData([path], { onPiece: () => {} })).rows;
    },
    () => {
      for (const text of texts) JSON.parse(text);
    },
  );
  const rate = (texts.length * 1_000) / bestAlone(rounds);
  return [
    {
      bench: "frames",
      measure: "raw frames to internal stream: unpacked, read, checked, no file written",
      value: rate,
      unit: "lines/s",
      must: { least: 100_000 },
      want: { least: 200_000 },
      detail: detailOf(
        `${texts.length} lines, ${rows} rows in ${msText(rounds.a)}, ${cpuText(rounds)}`,
        `${numberText(bestRatio(rounds))} × JSON.parse alone`,
      ),
    },
  ];
}

/** The JSON of each line, each a string of its own, without the recorder's stamp. */
function jsonLines(path: string): readonly string[] {
  const bytes = gunzipSync(readFileSync(path));
  const texts: string[] = [];
  for (let from = 0; from < bytes.length; ) {
    const found = bytes.indexOf(10, from);
    const end = found < 0 ? bytes.length : found;
    if (end > from) texts.push(bytes.toString("utf8", bytes.indexOf(32, from) + 1, end));
    from = end + 1;
  }
  return texts;
}
