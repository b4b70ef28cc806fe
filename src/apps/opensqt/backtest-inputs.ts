// Configuration and market of a backtest, from options: the file's configuration and the data it belongs to, or data
// alone and a configuration made for them.

import { existsSync } from "node:fs";
import {
  type MarketData,
  type MarketDataOptions,
  recordedMarket,
  syntheticMarket,
} from "../../backtest/market-data.ts";
import { configTextFor } from "../../config/config-for-data.ts";
import { DEFAULT_CONFIG_TEXT } from "../../config/default-config.ts";
import { type ConfigSource, configSource, type LoadedConfig, loadConfig, renderProblems } from "../../config/load.ts";
import { type BacktestFlags, overrideBacktest } from "../../config/override.ts";
import { parsePrice } from "../../market/instrument.ts";
import { EXIT_CODES, signalCode } from "./exit-codes.ts";
import type { Interrupt } from "./interrupt.ts";
import { CommandError, note, usageError } from "./output.ts";
import { progressBar } from "./progress-bar.ts";

export interface BacktestOptions extends Omit<BacktestFlags, "report"> {
  readonly config?: string;
  readonly data?: readonly string[];
  readonly synthetic?: string;
  readonly symbol?: string;
  readonly tick?: string;
  readonly lot?: string;
  readonly columns?: string;
  readonly accept?: readonly string[];
  readonly out?: string;
  readonly overwrite?: true;
  readonly journal?: string;
  readonly quiet?: true;
  readonly json?: true;
}

export interface RunInputs {
  readonly config: LoadedConfig;
  readonly market: MarketData;
}

/** First price of a synthetic market that is told none, and when it begins: 2026-01-01. */
const SYNTHETIC_PRICE = "60000";
const SYNTHETIC_START_US = 1_767_225_600_000_000;

/** Errors: CommandError (usage, configuration), DataError. */
export async function prepareRun(options: BacktestOptions, interrupt: Interrupt): Promise<RunInputs> {
  const source = sourceOf(options);
  if (source !== null) {
    const config = withFlags(read(source), options);
    return { config, market: await marketFor(config, options, interrupt) };
  }
  if (options.synthetic !== undefined) {
    const config = withFlags(read({ text: DEFAULT_CONFIG_TEXT, file: "built-in example" }), options);
    return { config, market: syntheticFor(config, options.synthetic) };
  }
  if (options.data === undefined) throw nothingToRun();
  const market = await load(options.data, { ...fileOptions(options), instrument: null }, { options, interrupt });
  const { instrument, facts } = market;
  const text = configTextFor({ instrument, firstPrice: facts.firstPrice, candles: facts.candles });
  if (options.quiet !== true) note(`no configuration: a plain grid was made for ${instrument.symbol}`);
  return { config: withFlags(read({ text, file: "made for the data" }), options), market };
}

/** Where the configuration is, or null when nobody named one and none lies here. */
export function sourceOf(options: { readonly config?: string }): ConfigSource | null {
  const source = configSource(options.config, process.env);
  const named = options.config !== undefined || "text" in source || process.env["OPENSQT_CONFIG"] !== undefined;
  return named || ("path" in source && existsSync(source.path)) ? source : null;
}

/** Errors: CommandError 3 with every problem of the file. */
export function read(source: ConfigSource): LoadedConfig {
  const loaded = loadConfig(source, { environment: process.env });
  if (!loaded.ok) throw new CommandError(EXIT_CODES.refused, renderProblems(loaded.error));
  for (const warning of loaded.value.warnings) note(warning);
  return loaded.value;
}

function withFlags(config: LoadedConfig, options: BacktestOptions): LoadedConfig {
  const { level, path, rule, queue, volumeShareMax, latency, makerPpm, takerPpm, funding, fundingTimeZone, seed } =
    options;
  const fill = { level, path, rule, queue, volumeShareMax };
  const changed = overrideBacktest(config, { ...fill, latency, makerPpm, takerPpm, funding, fundingTimeZone, seed });
  if (!changed.ok) throw usageError(changed.error);
  return changed.value;
}

async function marketFor(config: LoadedConfig, options: BacktestOptions, interrupt: Interrupt): Promise<MarketData> {
  if (options.synthetic !== undefined) return syntheticFor(config, options.synthetic);
  const named = config.backtest.data ?? config.simulated.data;
  const files = options.data ?? (named === null ? null : [named]);
  if (files === null) throw nothingToRun();
  const { instrument } = config.bot;
  return load(files, { ...fileOptions(options), instrument }, { options, interrupt });
}

function syntheticFor(config: LoadedConfig, time: string): MarketData {
  const { instrument } = config.bot;
  const price = parsePrice(instrument, config.simulated.startPrice ?? SYNTHETIC_PRICE, "nearest");
  if (!price.ok) throw new CommandError(EXIT_CODES.refused, `simulated.startPrice: ${price.error}`);
  const { seed } = config.backtest;
  return syntheticMarket({
    instrument,
    price: price.value,
    seed,
    startUs: SYNTHETIC_START_US,
    seconds: secondsOf(time),
  });
}

const UNITS = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

function secondsOf(text: string): number {
  const [, digits = "", unit = ""] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const seconds = Number.parseInt(digits, 10) * (UNITS[unit as keyof typeof UNITS] ?? Number.NaN);
  if (seconds >= 1 && seconds <= 366 * UNITS.d) return seconds;
  throw usageError(`--synthetic ${text} is not allowed; give a time such as 90s, 30m, 2h or 7d, up to 366d`);
}

function fileOptions(options: BacktestOptions): Omit<MarketDataOptions, "instrument"> {
  const { accept = [], columns, symbol, tick, lot } = options;
  return {
    accept,
    symbol,
    ...(columns === undefined ? {} : { columns: columns.split(",").map((name) => name.trim()) }),
    ...(tick === undefined ? {} : { tickSize: tick }),
    ...(lot === undefined ? {} : { lotSize: lot }),
  };
}

async function load(
  files: readonly string[],
  market: MarketDataOptions,
  run: { readonly options: BacktestOptions; readonly interrupt: Interrupt },
): Promise<MarketData> {
  const bar = progressBar("loading", "bytes", run.options);
  try {
    return await recordedMarket(files, {
      ...market,
      onProgress: ({ bytesDone, bytesTotal }) => {
        const { signal } = run.interrupt;
        if (signal !== null) throw new CommandError(signalCode(signal), "stopped while loading; nothing was written");
        bar.update({ done: bytesDone, total: bytesTotal, simulatedUs: null, equity: null });
      },
    });
  } finally {
    bar.stop();
  }
}

const nothingToRun = (): CommandError =>
  usageError("nothing to run over: give --data FILE, or --synthetic 1h for the synthetic market");
