// Puts a backtest together: configuration, loaded market and the choices of the command line become one BacktestPlan.
// Pure assembling; it reads no file and starts nothing.

import { sha256 } from "../base/canonical.ts";
import { fail, ok, type Result } from "../base/result.ts";
import type { LoadedConfig } from "../config/load.ts";
import type { Finding } from "../data/finding.ts";
import type { Journal } from "../journal/port.ts";
import type { Instrument } from "../market/instrument.ts";
import type { RiskLimits } from "../risk/limits.ts";
import {
  BINANCE_USDM,
  type ExchangeProfile,
  type FillModel,
  type LatencyModel,
  type MarketOptions,
  simulationOptions,
} from "../sim/options.ts";
import type { FundingData } from "./funding-file.ts";
import type { MarketData } from "./market-data.ts";
import { monitorFindings, monitorSentences, withMonitorSeen } from "./monitor-off.ts";
import type { ReportFolder } from "./report-folder.ts";
import type { FidelityLevel, ReportFinding, RunIdentity } from "./run-record.ts";
import type { BacktestPlan } from "./runner.ts";

export type CandlePath = "nearest" | "olhc" | "ohlc";

export interface PlanParts {
  readonly config: LoadedConfig;
  readonly market: MarketData;
  readonly funding: FundingData | null;
  /** Which way through a candle; only looked at with candles. */
  readonly path: CandlePath;
  readonly folder: ReportFolder | null;
  readonly journal: Journal | null;
  /** Release that runs, for the report. */
  readonly release: string;
  /** Configuration as the report keeps it; the file's own text unless given. */
  readonly configText?: string;
}

/** At L0 there is one book a candle: nothing younger exists, and nothing is asked more often than it can change. */
const L0 = { bookIntervalMs: 60_000, bookAgeMsMax: 60_000, accountIntervalMs: 60_000, reconcileIntervalMs: 3_600_000 };
const BOOK_INTERVAL_MS = 100;
const ACCOUNT_INTERVAL_MS = 5_000;
const CANDLE_US = 60_000_000;
const LIQUIDATION_FEE_PPM = 5_000;
const ACCOUNT = "backtest";

/** Level the run has (BT-14): the one asked for, or the best the data can tell. The error says what the data lack. */
export function levelOf(config: LoadedConfig, market: MarketData): Result<FidelityLevel, string> {
  const { level } = config.backtest.fill;
  const { depth, quotes, candles } = market.facts;
  const has = { L0: candles, L1: quotes || depth, L2: depth };
  const best = candles ? "L0" : depth ? "L2" : quotes ? "L1" : null;
  if (best === null) return fail("these data hold trades alone: without quotes or a book no fill can be judged");
  if (level === "auto") return ok(best);
  if (has[level] && (level !== "L1" || quotes)) return ok(level);
  const lack = { L0: "candles", L1: "best quotes", L2: "depth with a snapshot" }[level];
  return fail(`level ${level} needs ${lack}, and these data have none; give level ${best} or auto`);
}

/** Candle paths that are run, in order: two for `both` (BT-15). */
export function pathsOf(config: LoadedConfig, level: FidelityLevel): readonly CandlePath[] {
  const { path } = config.backtest.fill;
  if (level !== "L0") return ["nearest"];
  return path === "both" ? ["olhc", "ohlc"] : [path];
}

/** The plan of one run over `parts.market`. */
export function planBacktest(parts: PlanParts, level: FidelityLevel): BacktestPlan {
  const { config, market, folder, journal } = parts;
  const { bot, simulated } = config;
  const instrument = runInstrument(config, market);
  const risk = runLimits(withMonitorSeen(bot.risk, instrument.symbol), level);
  const configText = parts.configText ?? config.text;
  const balances = new Map([[instrument.quote, simulated.balance]]);
  if (simulated.baseBalance > 0n) balances.set(instrument.base, simulated.baseBalance);
  const simulation = simulationOptions({
    seed: config.backtest.seed,
    markets: [marketOptions(parts, instrument, fillOf(config, level, parts.path))],
    accounts: [{ name: ACCOUNT, balances }],
    latency: config.backtest.latency,
    profile: profileOf(instrument),
    accountIntervalMs: level === "L0" ? L0.accountIntervalMs : ACCOUNT_INTERVAL_MS,
  });
  return {
    bot: { name: bot.id, tag: bot.tag },
    instrument,
    configuration: { revision: 1, hash: config.hash, by: "backtest", config: { ...bot.data, risk }, text: configText },
    simulation,
    account: ACCOUNT,
    equity: simulated.balance,
    startUs: market.facts.startUs,
    endUs: market.facts.endUs + (level === "L0" ? CANDLE_US : 0),
    bookIntervalMs: level === "L0" ? L0.bookIntervalMs : BOOK_INTERVAL_MS,
    candleInterval: needsCandles(config) ? bot.grid.candleInterval : null,
    identity: identityOf({ ...parts, configText }, level, instrument),
    folder,
    journal,
  };
}

const needsCandles = ({ bot: { grid } }: LoadedConfig): boolean => grid.dynamic.enabled || grid.trend.enabled;

/** What the run changes in the configuration because the data cannot tell more; one sentence each. */
export function adjustments({ bot }: LoadedConfig, level: FidelityLevel): readonly string[] {
  const said = [...monitorSentences(bot.risk, bot.instrument.symbol)];
  if (level !== "L0") return said;
  const { bookAgeMsMax, reconcileIntervalMs } = bot.risk;
  if (bookAgeMsMax < L0.bookAgeMsMax) {
    said.push(`candles give one book a minute: risk.bookAgeMsMax counts as ${L0.bookAgeMsMax}`);
  }
  if (reconcileIntervalMs < L0.reconcileIntervalMs) {
    said.push(`at L0 the bot reconciles once an hour: risk.reconcileIntervalMs counts as ${L0.reconcileIntervalMs}`);
  }
  return said;
}

function runLimits(limits: RiskLimits, level: FidelityLevel): RiskLimits {
  if (level !== "L0") return limits;
  const { bookAgeMsMax, reconcileIntervalMs } = limits;
  return {
    ...limits,
    bookAgeMsMax: Math.max(bookAgeMsMax, L0.bookAgeMsMax),
    reconcileIntervalMs: Math.max(reconcileIntervalMs, L0.reconcileIntervalMs),
  };
}

/** The configuration's rules under the name of the exchange the data came from; fees of the section `backtest` win. */
function runInstrument(config: LoadedConfig, market: MarketData): Instrument {
  const { fees } = config.backtest;
  const { instrument } = config.bot;
  const own = fees === null ? {} : { makerPpm: fees.makerPpm, takerPpm: fees.takerPpm };
  return { ...instrument, exchange: market.synthetic ? instrument.exchange : market.instrument.exchange, ...own };
}

function marketOptions({ config, market, funding }: PlanParts, instrument: Instrument, fill: FillModel): MarketOptions {
  return {
    instrument,
    source: market.open(),
    fill,
    offsetUs: market.facts.offsetUs,
    ...(instrument.kind === "spot"
      ? {}
      : { margin: { mode: config.simulated.margin, liquidationFeePpm: LIQUIDATION_FEE_PPM } }),
    ...(funding === null ? {} : { funding: funding.settlements }),
  };
}

/** Only the perpetual exchange is known to keep orders within a band of its mark. */
const profileOf = (instrument: Instrument): ExchangeProfile =>
  instrument.kind === "spot" ? { ...BINANCE_USDM, name: instrument.exchange, priceBandPpm: null } : BINANCE_USDM;

function fillOf(config: LoadedConfig, level: FidelityLevel, path: CandlePath): FillModel {
  const { rule, volumeShareMaxPpm, queue } = config.backtest.fill;
  if (level === "L0") return { level, path, rule, volumeShareMaxPpm };
  if (level === "L1") return { level, queue: queue === "front" ? "front" : "back" };
  return { level, queue };
}

function identityOf(
  parts: PlanParts & { readonly configText: string },
  level: FidelityLevel,
  instrument: Instrument,
): RunIdentity {
  const { config, market, funding, release } = parts;
  const data = [...market.sources, ...(funding === null ? [] : [funding.source])];
  const findings = [...market.findings, ...(funding === null ? [] : funding.findings)];
  return {
    strategy: config.bot.strategy,
    instrument,
    level,
    fillModel: fillWords(fillOf(config, level, parts.path)),
    latency: latencyWords(config.backtest.latency),
    markSource: level === "L0" ? "candle path" : "mid",
    data,
    dataHash: data.length === 1 ? (data[0]?.hash ?? "") : sha256(data.map(({ hash }) => hash).join("\n")),
    synthetic: market.synthetic,
    configHash: config.hash,
    configText: parts.configText,
    seed: config.backtest.seed,
    codeVersion: release,
    findings: [...findings.map(reportFinding), ...monitorFindings(config.bot.risk, instrument.symbol)],
    positionLimitLots: null,
  };
}

function reportFinding({ name, count, file, line, effect, action, detail }: Finding): ReportFinding {
  const first = line > 0 ? `${file}:${line}` : file;
  return { finding: name, count, first, effect: detail === "" ? effect : `${effect} (${detail})`, action };
}

function fillWords(fill: FillModel): string {
  if (fill.level !== "L0") return `queue ${fill.queue}`;
  const share =
    fill.volumeShareMaxPpm === null ? "" : `, at most ${fill.volumeShareMaxPpm / 10_000} % of a candle's volume`;
  return `path ${fill.path}, fills ${fill.rule}${share}`;
}

function latencyWords(latency: LoadedConfig["backtest"]["latency"]): string {
  const { feed, entry, response } = latency;
  return `feed ${delayWords(feed)}, order entry ${delayWords(entry)}, response ${delayWords(response)}`;
}

function delayWords(model: LatencyModel): string {
  switch (model.kind) {
    case "zero":
      return "0 ms";
    case "constant":
      return `${model.us / 1000} ms`;
    case "recorded":
      return `as recorded + ${model.floorUs / 1000} ms`;
    case "sampled":
      return "sampled";
    case "bootstrap":
      return `bootstrap of ${model.us.length} values`;
  }
}
