// What `opensqt backtest run` does: configuration and data in, report out. Progress, signals and words only; the run
// itself is src/backtest/.

import { existsSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { type FundingData, fundingFrom } from "../../backtest/funding-file.ts";
import type { MarketData } from "../../backtest/market-data.ts";
import { adjustments, type CandlePath, levelOf, pathsOf, planBacktest } from "../../backtest/plan.ts";
import { writeReport } from "../../backtest/report.ts";
import { ReportFolder } from "../../backtest/report-folder.ts";
import type { ReportDocument } from "../../backtest/report-json.ts";
import type { FidelityLevel } from "../../backtest/run-record.ts";
import { type BacktestResult, runBacktest } from "../../backtest/runner.ts";
import { parseDecimal } from "../../base/decimal.ts";
import type { LoadedConfig } from "../../config/load.ts";
import { flagsText } from "../../config/override.ts";
import { release } from "../../config/release.ts";
import type { HostEnd } from "../../host/host-error.ts";
import type { Journal } from "../../journal/port.ts";
import { JOURNAL_FILE } from "../../journal/reader.ts";
import { openSqliteJournal } from "../../journal/sqlite-open.ts";
import { renderSummary } from "../../terminal/summary.ts";
import { type BacktestOptions, prepareRun } from "./backtest-inputs.ts";
import { EXIT_CODES, signalCode } from "./exit-codes.ts";
import { Interrupt } from "./interrupt.ts";
import { CommandError, note, print, printJson, terminalWidth, usageError, wantsColor } from "./output.ts";
import { progressBar } from "./progress-bar.ts";

interface Run {
  readonly config: LoadedConfig;
  readonly market: MarketData;
  readonly funding: FundingData | null;
  readonly level: FidelityLevel;
  readonly options: BacktestOptions;
  readonly interrupt: Interrupt;
  readonly target: string;
}

/** One run that ended, and the folder its files are in. */
interface Done {
  readonly path: CandlePath;
  readonly result: BacktestResult;
  readonly folder: ReportFolder;
}

export async function runBacktestCommand(options: BacktestOptions): Promise<void> {
  const interrupt = new Interrupt();
  try {
    await backtest(options, interrupt);
  } finally {
    interrupt.close();
  }
}

async function backtest(options: BacktestOptions, interrupt: Interrupt): Promise<void> {
  const { config, market } = await prepareRun(options, interrupt);
  try {
    const level = levelOf(config, market);
    if (!level.ok) throw new CommandError(EXIT_CODES.refused, level.error);
    const funding = await fundingOf(config, market, options.accept ?? []);
    const target = options.out ?? join(config.backtest.report, `${config.bot.id}-${stamp(Date.now())}`);
    const run: Run = { config, market, funding, level: level.value, options, interrupt, target };
    const startedMs = Date.now();
    const { report, end } = await runAll(run, startedMs);
    say(run, report, startedMs);
    if (report.header.whole) return;
    if (interrupt.signal !== null) process.exitCode = signalCode(interrupt.signal);
    else if (end !== null) {
      note(`opensqt: ${end.text}`);
      process.exitCode = end.exitCode;
    }
  } finally {
    market.close();
  }
}

function fundingOf(config: LoadedConfig, market: MarketData, accept: readonly string[]): Promise<FundingData | null> {
  const { funding: file, fundingTimeZone: timeZone } = config.backtest;
  if (file === null) return Promise.resolve(null);
  return fundingFrom({ file, timeZone, symbol: config.bot.instrument.symbol, accept }, market.facts);
}

/** All candle paths; the report is the worse one's, with the band of both (BT-15). */
async function runAll(
  run: Run,
  startedMs: number,
): Promise<{ readonly report: ReportDocument; readonly end: HostEnd | null }> {
  const done: Done[] = [];
  try {
    for (const path of pathsOf(run.config, run.level)) {
      done.push(await runOne(run, path));
      if (run.interrupt.signal !== null || done.at(-1)?.result.end !== null) break;
    }
    return { report: publish(done, startedMs), end: done.at(-1)?.result.end ?? null };
  } finally {
    for (const { folder } of done) folder.discard();
  }
}

async function runOne(run: Run, path: CandlePath): Promise<Done> {
  const { config, options, target, level, market, interrupt } = run;
  const folder = new ReportFolder(target, { overwrite: options.overwrite === true, draft: path });
  let journal: Journal | null = null;
  const bar = progressBar(level === "L0" ? `backtest ${path}` : "backtest", "events", options);
  try {
    journal = options.journal === undefined ? null : openJournal(options.journal, config, path);
    const configText = `${headerOf(run, path)}${config.text}`;
    const plan = planBacktest({ ...run, path, folder, journal, release: release(), configText }, level);
    const { startUs, endUs } = market.facts;
    const refusals: string[] = [];
    const result = await runBacktest(plan, {
      onAlert: ({ code, text }) => {
        if (code === "start-refused") refusals.push(text);
      },
      onProgress: ({ nowUs, events, equity }) => {
        const part = Math.min(1, Math.max(1e-9, (nowUs - startUs) / Math.max(1, endUs - startUs)));
        bar.update({ done: events, total: Math.round(events / part), simulatedUs: nowUs, equity });
        return interrupt.signal !== null;
      },
    });
    const { events, record } = result;
    if (record.end.whole) bar.update({ done: events, total: events, simulatedUs: endUs, equity: record.equityEnd });
    bar.stop();
    if (result.end !== null && result.record.counts.ordersPlaced === 0) {
      const why = refusals.length === 0 ? result.end.text : refusals.join("; ");
      throw new CommandError(result.end.exitCode, `the bot did not start: ${why}`);
    }
    return { path, result, folder };
  } catch (error) {
    bar.stop();
    folder.discard();
    throw error;
  } finally {
    journal?.close();
  }
}

/** What the run was told beyond the file, as comments: config.yaml of the report says it all. */
function headerOf({ config, options, level }: Run, path: CandlePath): string {
  const flags = flagsText({ ...options, report: undefined });
  const lines = [...adjustments(config, level), ...(flags === "" ? [] : [`run with ${flags}`])];
  if (options.path === "both") lines.push(`this run: --path ${path}`);
  return lines.map((line) => `# ${line}\n`).join("");
}

function publish(done: readonly Done[], startedMs: number): ReportDocument {
  const [worst] = [...done].sort((a, b) => (changeOf(a) < changeOf(b) ? -1 : 1));
  if (worst === undefined) throw new CommandError(EXIT_CODES.usage, "no candle path was run");
  const { result, folder } = worst;
  const band =
    done.length < 2 ? [] : done.map((one) => ({ path: one.path, equityChange: one.result.record.split.total }));
  const seconds = Math.round((Date.now() - startedMs) / 10) / 100;
  const wall = { startedAt: new Date(startedMs).toISOString(), seconds, events: result.events };
  return writeReport(folder, { ...result.record, band, wall });
}

/** What the run earned, in 10^-60 of the quote: only to compare runs by. */
function changeOf({ result }: Done): bigint {
  const total = parseDecimal(result.record.split.total);
  return total.ok ? total.value.digits * 10n ** BigInt(60 - total.value.scale) : 0n;
}

function say(run: Run, report: ReportDocument, startedMs: number): void {
  const { options, target, config, level } = run;
  if (options.json === true) printJson({ folder: target, report });
  else {
    if (options.quiet !== true) for (const text of adjustments(config, level)) note(text);
    process.stdout.write(renderSummary(report, { folder: target, width: terminalWidth(), color: wantsColor() }));
    if (options.quiet !== true) note(`ran in ${((Date.now() - startedMs) / 1000).toFixed(1)} s`);
    if (options.journal !== undefined) print(`journal ${options.journal}: opensqt replay ${options.journal}`);
  }
}

/** A journal of this run alone: one that stands there is never continued. */
function openJournal(folder: string, config: LoadedConfig, path: CandlePath): Journal {
  const dir = config.backtest.fill.path === "both" ? join(folder, path) : folder;
  if (existsSync(join(dir, JOURNAL_FILE))) {
    throw usageError(`${dir} holds a journal already. It is never continued by a backtest: give another --journal.`);
  }
  const holder = { host: hostname(), pid: process.pid, sinceMs: Date.now() };
  return openSqliteJournal(dir, { bot: config.bot.id, tag: config.bot.tag, sync: "kill", holder, warn: note });
}

/** 20260131-235959, UTC. */
const stamp = (atMs: number): string =>
  new Date(atMs).toISOString().slice(0, 19).replace(/[-:]/g, "").replace("T", "-");
