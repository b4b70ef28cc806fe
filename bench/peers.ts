// Other people's backtesters on the same data, in the same run, only when asked for: each is installed from its
// registry into the bench's temporary folder. One that does not install is not run, and the row says why.

import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { runBacktest } from "../src/backtest/runner.ts";
import { capturePlan } from "./plans.ts";
import { prepare } from "./prepared.ts";
import { absent, CAPTURE, recording } from "./recordings.ts";
import { alternate, type BenchOptions, best, msText, roundsOf } from "./rounds.ts";
import { detailOf, notRun, numberText, type Row } from "./row.ts";

const HFTBACKTEST = "hftbacktest==2.4.4";
const BACKTEST_KIT = "backtest-kit@19.5.0";
const HFT_MEASURE = "reference grid over the capture, hftbacktest's time / ours";
const KIT_MEASURE = "the same candles, our rows/s / backtest-kit's";
const INSTALL_MS_MAX = 300_000;

export async function benchPeers(options: BenchOptions, dir: string): Promise<readonly Row[]> {
  if (!options.peers) {
    const reason = "ask for it with --peers: it is installed from the registry into a temporary folder";
    return [notRun("peers", HFT_MEASURE, reason), notRun("peers", KIT_MEASURE, reason)];
  }
  return [await hftbacktest(options, dir), backtestKit(dir)];
}

/** What peers/hftbacktest_grid.py says when it is ready, and after each run. */
interface Ready {
  readonly version: string;
  readonly convertMs: number;
}
interface Run {
  readonly ms: number;
  readonly trades: number;
}

async function hftbacktest(options: BenchOptions, dir: string): Promise<Row> {
  const path = recording(CAPTURE);
  if (path === null) return notRun("peers", HFT_MEASURE, absent(CAPTURE));
  const python = join(dir, "venv", "bin", "python");
  try {
    shell("python3", ["-m", "venv", join(dir, "venv")]);
    shell(python, ["-m", "pip", "install", "--quiet", HFTBACKTEST]);
  } catch (error) {
    return notRun("peers", HFT_MEASURE, whyNot(error));
  }
  const { loaded } = await prepare(path, dir);
  const script = join(import.meta.dirname, "peers", "hftbacktest_grid.py");
  const peer = spawn(python, [script, path, dir], { stdio: ["pipe", "pipe", "ignore"] });
  const answers = createInterface({ input: peer.stdout })[Symbol.asyncIterator]();
  const answer = async <T>(): Promise<T> => JSON.parse(String((await answers.next()).value)) as T;
  try {
    const ready = await answer<Ready>();
    const runs: Run[] = [];
    const ours = await alternate(
      roundsOf(options),
      async () => {
        await runBacktest(capturePlan(loaded.tape, loaded.instrument));
      },
      async () => {
        peer.stdin.write("run\n");
        runs.push(await answer<Run>());
      },
    );
    return hftRow(ready, runs, ours.a);
  } finally {
    peer.kill();
  }
}

function hftRow(ready: Ready, runs: readonly Run[], ours: readonly number[]): Row {
  const theirs = runs.slice(1).map(({ ms }) => ms);
  return {
    bench: "peers",
    measure: HFT_MEASURE,
    value: best(theirs) / best(ours),
    unit: "×",
    must: { least: 1 },
    want: { least: 2 },
    detail: detailOf(
      `hftbacktest ${ready.version}: ${msText(theirs)}, ${runs[0]?.trades} trades, compiled before, data in memory`,
      `ours ${msText(ours)}, risk, ledger and host included`,
      `its preparation apart ${numberText(ready.convertMs)} ms`,
    ),
  };
}

/** Its candles and strategy would be fed by a driver of ours; until it installs, there is nothing to drive. */
function backtestKit(dir: string): Row {
  const folder = join(dir, "kit");
  mkdirSync(folder);
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "peer", version: "1.0.0", private: true }));
  try {
    shell("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error", BACKTEST_KIT], folder);
  } catch (error) {
    return notRun("peers", KIT_MEASURE, `${BACKTEST_KIT}: ${whyNot(error)}`);
  }
  return notRun("peers", KIT_MEASURE, `${BACKTEST_KIT} installs here, but no driver for it is written yet`);
}

const shell = (command: string, words: readonly string[], cwd?: string): string =>
  execFileSync(command, words, {
    ...(cwd === undefined ? {} : { cwd }),
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    timeout: INSTALL_MS_MAX,
  });

/** The line of the tool's own words that says what is wrong. */
function whyNot(error: unknown): string {
  const stderr = error instanceof Error && "stderr" in error ? String(error.stderr) : "";
  const lines = stderr.split("\n").filter((line) => line.trim() !== "" && !line.includes(" warn "));
  const telling = lines.find((line) => /No matching|ERROR|Error/.test(line)) ?? lines[0];
  return telling?.trim().slice(0, 200) ?? (error instanceof Error ? error.message.slice(0, 200) : "it did not install");
}
