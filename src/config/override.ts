// Flags of the command line over the section `backtest` (BT-47). They are judged by the same schema as the file, and
// become a new configuration; the one that was read stays as it is.

import { fail, ok, type Result } from "../base/result.ts";
import { allowedText } from "./key.ts";
import type { LoadedConfig } from "./loaded.ts";
import { shownValue } from "./problem.ts";
import { CONFIG_KEYS, CONFIG_SCHEMA, type ConfigValues } from "./schema.ts";
import { backtestConfig } from "./simulation.ts";

/** Values as texts of the command line; what is undefined stays as the file says. */
export interface BacktestFlags {
  readonly level?: string | undefined;
  readonly path?: string | undefined;
  readonly rule?: string | undefined;
  readonly queue?: string | undefined;
  readonly volumeShareMax?: string | undefined;
  readonly latency?: string | undefined;
  readonly makerPpm?: string | undefined;
  readonly takerPpm?: string | undefined;
  readonly funding?: string | undefined;
  readonly fundingTimeZone?: string | undefined;
  readonly seed?: string | undefined;
  readonly report?: string | undefined;
}

/** Key below `backtest.` → the flag that sets it. */
const FLAG_OF: { readonly [key: string]: string } = {
  "fillModel.level": "--level",
  "fillModel.path": "--path",
  "fillModel.rule": "--rule",
  "fillModel.queue": "--queue",
  "fillModel.volumeShareMax": "--volume-share-max",
  latency: "--latency",
  "fees.makerPpm": "--maker-ppm",
  "fees.takerPpm": "--taker-ppm",
  funding: "--funding",
  fundingTimeZone: "--funding-time-zone",
  seed: "--seed",
  report: "--out",
};

/** The configuration with the flags in it; the error is one sentence that names the flag and what it allows. */
export function overrideBacktest(config: LoadedConfig, flags: BacktestFlags): Result<LoadedConfig, string> {
  const given = withFlags(config.values.backtest, flags);
  const parsed = CONFIG_SCHEMA.shape.backtest.safeParse(given);
  if (!parsed.success) {
    const key = parsed.error.issues[0]?.path.join(".") ?? "";
    const info = CONFIG_KEYS.infoOf(`backtest.${key}`);
    const value = shownValue(valueAt(given, key));
    return fail(`${FLAG_OF[key] ?? key} ${value} is not allowed; give ${info === undefined ? "" : allowedText(info)}`);
  }
  const { queue, level } = parsed.data.fillModel;
  if (level === "L1" && queue !== "front" && queue !== "back") {
    return fail(`--queue ${queue} needs --level L2; L1 knows front and back`);
  }
  const values: ConfigValues = { ...config.values, backtest: parsed.data };
  return ok({ ...config, values, backtest: backtestConfig(parsed.data, config.bot.instrument) });
}

/** Flag and value of everything given, as a person would type it again. */
export function flagsText(flags: BacktestFlags): string {
  const names = Object.entries(FLAG_OF).map(([key, flag]) => [key.split(".").at(-1) ?? key, flag] as const);
  const given = flags as { readonly [name: string]: string | undefined };
  return names.flatMap(([name, flag]) => (given[name] === undefined ? [] : [`${flag} ${given[name]}`])).join(" ");
}

function withFlags(values: ConfigValues["backtest"], flags: BacktestFlags): unknown {
  const { level, path, rule, queue, volumeShareMax, makerPpm, takerPpm, seed, ...plain } = flags;
  return {
    ...values,
    ...present(plain),
    ...present({ seed: wholeOf(seed) }),
    fillModel: { ...values.fillModel, ...present({ level, path, rule, queue, volumeShareMax }) },
    fees: { ...values.fees, ...present({ makerPpm: wholeOf(makerPpm), takerPpm: wholeOf(takerPpm) }) },
  };
}

function present(values: { readonly [name: string]: string | number | undefined }): { [name: string]: unknown } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

/** A whole number where the text is one; other text stays, and the schema refuses it. */
const wholeOf = (text: string | undefined): number | string | undefined =>
  text !== undefined && /^[+-]?\d{1,16}$/.test(text) ? Number.parseInt(text, 10) : text;

function valueAt(values: unknown, key: string): unknown {
  let at = values;
  for (const name of key.split(".")) {
    at = typeof at === "object" && at !== null ? (at as { [name: string]: unknown })[name] : undefined;
  }
  return at;
}
