// The sections `simulated` and `backtest` in the words of the simulated exchange: latencies in microseconds, shares in
// millionths, money exact.

import { parseDecimal, unitsOf } from "../base/decimal.ts";
import { toSafe } from "../base/integer.ts";
import { type Money, money } from "../market/amounts.ts";
import { type Instrument, parseMoney } from "../market/instrument.ts";
import type { FeeModel, Latency, LatencyModel, QueueModelName } from "../sim/options.ts";
import type { BacktestConfig, FillChoice, SimulatedConfig } from "./loaded.ts";
import type { ConfigValues } from "./schema.ts";

type Simulated = Omit<ConfigValues["simulated"], "instrument" | "instruments">;

export function simulatedConfig(
  values: Simulated,
  instrument: Pick<Instrument, "makerPpm" | "takerPpm">,
): SimulatedConfig {
  return {
    market: values.market,
    data: values.data ?? null,
    speed: values.speed,
    seed: String(values.seed),
    startPrice: values.startPrice ?? null,
    balance: moneyOf(values.balance),
    baseBalance: moneyOf(values.baseBalance),
    margin: values.margin,
    latency: latencyOf(values.latency),
    fill: fillOf(values.fillModel),
    fees: feesOf(values.fees, instrument),
  };
}

export function backtestConfig(values: ConfigValues["backtest"], instrument: Instrument): BacktestConfig {
  return {
    data: values.data ?? null,
    fill: fillOf(values.fillModel),
    latency: latencyOf(values.latency),
    fees: feesOf(values.fees, instrument),
    funding: values.funding ?? null,
    fundingTimeZone: values.fundingTimeZone,
    seed: String(values.seed),
    report: values.report,
  };
}

function fillOf(values: Simulated["fillModel"]): FillChoice {
  const share = scaled(values.volumeShareMax, 6);
  return {
    level: values.level,
    path: values.path,
    rule: values.rule,
    volumeShareMaxPpm: share === 0 ? null : share,
    queue: values.queue as QueueModelName,
  };
}

/** `zero`, `constant:FEED,ENTRY,RESPONSE` or `recorded:FLOOR,ENTRY,RESPONSE`, ms with up to three decimals. */
export function latencyOf(text: string): Latency {
  const [name, rest] = text.split(":");
  const [first = 0, entry = 0, response = 0] = (rest ?? "0,0,0").split(",").map((part) => scaled(part, 3));
  const feed: LatencyModel = name === "recorded" ? { kind: "recorded", floorUs: first } : constant(first);
  return { feed, entry: constant(entry), response: constant(response) };
}

const constant = (us: number): LatencyModel => (us === 0 ? { kind: "zero" } : { kind: "constant", us });

function feesOf(values: Simulated["fees"], instrument: Pick<Instrument, "makerPpm" | "takerPpm">): FeeModel | null {
  const { makerPpm, takerPpm } = values;
  if (makerPpm === undefined && takerPpm === undefined) return null;
  return { makerPpm: makerPpm ?? instrument.makerPpm, takerPpm: takerPpm ?? instrument.takerPpm };
}

/** Decimal text × 10^digits, rounded to the nearest. */
function scaled(text: string, digits: number): number {
  const value = parseDecimal(text);
  if (!value.ok) return 0;
  const units = unitsOf(value.value, { digits: 1n, scale: digits }, "nearest");
  return units.ok ? toSafe(units.value) : 0;
}

/** Text that passed the schema; more than 18 decimals are rounded down. */
export function moneyOf(text: string): Money {
  const amount = parseMoney(text, "down");
  return amount.ok ? amount.value : money(0n);
}
