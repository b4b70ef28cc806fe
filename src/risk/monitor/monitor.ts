// The risk monitor (RISK-25…28): watches the candles of other instruments for a fall on high volume, and says when it
// is triggered, recovered or blind. Integers only; means are compared by products.

import { compareProducts } from "../../base/integer.ts";
import type { MonitorLimits } from "./limits.ts";
import type { MonitorCandle, MonitorState, Watched } from "./monitor-state.ts";

/** So long may fewer than half be ready before the monitor is called blind. */
export const BLIND_MS = 120_000;

export type MonitorChange = "triggered" | "recovered" | "blind" | "sighted";

/** Takes a candle in, in whatever order: closed ones by their time, each once, the newest N + 1 are kept. */
export function takeCandle(
  watched: Watched,
  candle: MonitorCandle & { readonly closed: boolean },
  window: number,
): void {
  const { openAtMs, close, volume } = candle;
  const seen = { openAtMs, close, volume };
  const newest = watched.closed.at(-1)?.openAtMs ?? Number.NEGATIVE_INFINITY;
  if (!candle.closed) {
    if (openAtMs > newest) watched.open = seen;
    return;
  }
  const before = watched.closed.filter((other) => other.openAtMs < openAtMs);
  const after = watched.closed.filter((other) => other.openAtMs > openAtMs);
  watched.closed = [...before, seen, ...after].slice(-(window + 1));
  if (watched.open !== null && watched.open.openAtMs <= Math.max(openAtMs, newest)) watched.open = null;
}

/** Sums of a window; the means are these over `count`. */
interface Window {
  readonly count: number;
  readonly volume: number;
  readonly close: number;
}

const windowOf = (candles: readonly MonitorCandle[]): Window => ({
  count: candles.length,
  volume: candles.reduce((sum, { volume }) => sum + volume, 0),
  close: candles.reduce((sum, { close }) => sum + close, 0),
});

/** volume ⋛ multiplier × mean volume. */
const againstVolume = ({ volume }: MonitorCandle, window: Window, multiplierMilli: number): number =>
  compareProducts(volume, window.count * 1_000, multiplierMilli, window.volume);

/** close ⋛ mean close. */
const againstClose = ({ close }: MonitorCandle, window: Window): number =>
  compareProducts(close, window.count, window.close, 1);

type Limits = Pick<MonitorLimits, "averageWindow" | "volumeMultiplierMilli">;

/** RISK-25; `null` while it is not ready (RISK-26). Before the open candle came the newest closed one stands for it. */
export function isAbnormal(watched: Watched | undefined, limits: Limits): boolean | null {
  if (watched === undefined) return null;
  const { closed, open } = watched;
  const current = open ?? closed.at(-1);
  const before = open === null ? closed.slice(0, -1) : closed;
  const window = windowOf(before.slice(-limits.averageWindow));
  if (current === undefined || window.count < limits.averageWindow || window.volume === 0) return null;
  return againstVolume(current, window, limits.volumeMultiplierMilli) > 0 && againstClose(current, window) < 0;
}

/** Monitored instruments that cannot be judged now (RISK-26). */
export const unseenOf = ({ watched }: MonitorState, limits: MonitorLimits): readonly string[] =>
  limits.instruments.filter((symbol) => isAbnormal(watched.get(symbol), limits) === null);

/** RISK-28, of the newest closed candle; quiet alone is not recovery. */
export function hasRecovered(watched: Watched | undefined, limits: Limits): boolean {
  const closed = watched?.closed ?? [];
  const newest = closed.at(-1);
  const window = windowOf(closed.slice(0, -1).slice(-limits.averageWindow));
  if (newest === undefined || window.count < limits.averageWindow) return false;
  return againstClose(newest, window) > 0 && againstVolume(newest, window, limits.volumeMultiplierMilli) < 0;
}

/** What the candles say now; changes `state` and tells only what changed. */
export function judgeMonitor(state: MonitorState, limits: MonitorLimits, nowMs: number): readonly MonitorChange[] {
  return judge(state, limits, { verdicts: lookAtAll(state, limits), nowMs });
}

/**
 * The same after a candle of one instrument, of which alone anything can have changed: the others are as they were when
 * they were last looked at. Equal to {@link judgeMonitor} (proved by property), whatever was remembered or lost.
 */
export function judgeCandle(
  state: MonitorState,
  limits: MonitorLimits,
  { symbol, nowMs }: { readonly symbol: string; readonly nowMs: number },
): readonly MonitorChange[] {
  const known = VERDICTS.get(state.watched);
  const verdicts = known?.limits === limits ? lookAgain(known, state, symbol) : lookAtAll(state, limits);
  return judge(state, limits, { verdicts, nowMs });
}

/**
 * What each instrument was last judged to be, and how many are abnormal and how many ready. A cache beside the state,
 * never part of it: losing it costs one look at all of them, where a candle costs one look at its own.
 */
interface Verdicts {
  readonly limits: MonitorLimits;
  readonly each: Map<string, boolean | null>;
  abnormal: number;
  ready: number;
}

const VERDICTS = new WeakMap<MonitorState["watched"], Verdicts>();

/** Whether its candles are watched. Up to fifty names are not gone through again for each candle. */
export function isMonitored({ watched }: MonitorState, limits: MonitorLimits, symbol: string): boolean {
  const known = VERDICTS.get(watched);
  return known?.limits === limits ? known.each.has(symbol) : limits.instruments.includes(symbol);
}

function lookAtAll({ watched }: MonitorState, limits: MonitorLimits): Verdicts {
  const verdicts: Verdicts = { limits, each: new Map(), abnormal: 0, ready: 0 };
  for (const symbol of limits.instruments) remember(verdicts, symbol, isAbnormal(watched.get(symbol), limits));
  VERDICTS.set(watched, verdicts);
  return verdicts;
}

function lookAgain(verdicts: Verdicts, { watched }: MonitorState, symbol: string): Verdicts {
  const before = verdicts.each.get(symbol);
  if (before === undefined) return verdicts;
  if (before !== null) verdicts.ready -= 1;
  if (before === true) verdicts.abnormal -= 1;
  remember(verdicts, symbol, isAbnormal(watched.get(symbol), verdicts.limits));
  return verdicts;
}

function remember(verdicts: Verdicts, symbol: string, verdict: boolean | null): void {
  verdicts.each.set(symbol, verdict);
  if (verdict !== null) verdicts.ready += 1;
  if (verdict === true) verdicts.abnormal += 1;
}

interface Seen {
  readonly verdicts: Verdicts;
  readonly nowMs: number;
}

const judge = (state: MonitorState, limits: MonitorLimits, seen: Seen): readonly MonitorChange[] => [
  ...judgeTrigger(state, limits, seen),
  ...judgeSight(state, seen),
];

function judgeTrigger(state: MonitorState, limits: MonitorLimits, { verdicts, nowMs }: Seen): readonly MonitorChange[] {
  const { abnormal, each } = verdicts;
  const holds = limits.strategy === "Any" ? abnormal > 0 : abnormal === each.size;
  if (state.triggeredAtMs === null) {
    if (!holds) return [];
    state.triggeredAtMs = nowMs;
    return ["triggered"];
  }
  // while its condition holds it would trigger again at once
  if (holds || nowMs - state.triggeredAtMs < limits.holdMsMin) return [];
  const recovered = limits.instruments.filter((symbol) => hasRecovered(state.watched.get(symbol), limits)).length;
  if (recovered < limits.recoveryThreshold) return [];
  state.triggeredAtMs = null;
  return ["recovered"];
}

function judgeSight(state: MonitorState, { verdicts, nowMs }: Seen): readonly MonitorChange[] {
  const { ready, each } = verdicts;
  if (ready * 2 >= each.size) {
    const wasBlind = state.blind;
    state.blindSinceMs = null;
    state.blind = false;
    return wasBlind ? ["sighted"] : [];
  }
  state.blindSinceMs ??= nowMs;
  if (state.blind || nowMs - state.blindSinceMs < BLIND_MS) return [];
  state.blind = true;
  return ["blind"];
}
