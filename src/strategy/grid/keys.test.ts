// GRID-01: the table of grid.md section 11. Its defaults and ranges are money: none changes unseen.

import assert from "node:assert/strict";
import { test } from "node:test";
import { GRID_KEYS, type GridKey, OLD_NAMES } from "./keys.ts";

/** A key as a little text: key → field: type, unit, default, values or low…high, class of change. */
function keyText(key: GridKey): string {
  const limits = key.low === null && key.high === null ? "-" : `${key.low ?? ""}…${key.high ?? ""}`;
  const range = key.values.length > 0 ? key.values.join("|") : limits;
  const parts = [key.type, key.unit === "" ? "-" : key.unit, String(key.default), range, key.change];
  return `${key.key} → ${key.field}: ${parts.join(", ")}${key.required ? ", required" : ""}`;
}

test("GRID-01 OPS-09 each key has its field, type, unit, default, range and class of change", () => {
  assert.deepEqual(GRID_KEYS.map(keyText), [
    "mode → mode: enum, -, long, long|short|neutral, flat",
    "spacing → spacing: enum, -, arithmetic, arithmetic|geometric, drain",
    "interval → interval: price, quote, null, 0…, drain",
    "spacingBps → spacingPpm: decimal, bps, null, 0.01…5000, drain",
    "gridCount → gridCount: int, slots, null, 2…1000, drain",
    "rangeLow → rangeLow: price, quote, null, -, live",
    "rangeHigh → rangeHigh: price, quote, null, -, live",
    "anchor → anchor: price, quote, auto, auto, drain",
    "orderQuote → orderValue: decimal, quote, null, 0…, live, required",
    "overspendPct → overspendPct: int, %, 10, 0…100, live",
    "entryLevels → entryLevels: int, levels, 10, 1…200, live",
    "exitLevels → exitLevels: int, levels, 10, 1…200, live",
    "windowSlack → windowSlack: int, levels, 2, 0…50, live",
    "heldSlotsMax → heldSlotsMax: int, slots, 100, 1…1000, live",
    "openOrdersMax → openOrdersMax: int, orders, 50, 2…1000, live",
    "entryGapPct → entryGapPct: int, % of gap, 10, 1…50, live",
    "edgeBpsMin → edgePpm: decimal, bps, 0, -100…1000, live",
    "postOnly → postOnly: bool, -, true, -, live",
    "postOnlyRejectsMax → postOnlyRejectsMax: int, times, 3, 1…10, live",
    "postOnlyRetryMs → postOnlyRetryMs: int, ms, 500, 100…60000, live",
    "postOnlyFallback → postOnlyFallback: enum, -, exits, none|exits|all, live",
    "marginLockMs → marginLockMs: int, ms, 10000, 1000…300000, live",
    "skewLevels → skewLevels: int, levels, 0, 0…50, live",
    "dynamic.enabled → dynamic: bool, -, false, -, live",
    "dynamic.period → dynamic: int, candles, 20, 5…100, live",
    "dynamic.scale → dynamic: decimal, times, 1.0, 0.1…20.0, live",
    "dynamic.strideMax → dynamic: int, levels, 5, 1…20, live",
    "dynamic.holdCandles → dynamic: int, candles, 3, 1…20, live",
    "trend.enabled → trend: bool, -, false, -, live",
    "trend.fast → trend: int, candles, 20, 2…200, live",
    "trend.slow → trend: int, candles, 60, 3…500, live",
    "trend.bandBps → trend: int, bps, 20, 0…1000, live",
    "candleInterval → candleInterval: enum, -, 1m, 1m|3m|5m|15m|1h, live",
    "stopLow → stopLow: price, quote, null, -, live",
    "stopHigh → stopHigh: price, quote, null, -, live",
    "stopAction → stopAction: enum, -, reduce, reduce|flatten, live",
    "adoptPosition → adoptPosition: enum, -, refuse, refuse|ignore|entry|market, flat",
    "jumpBpsMax → jumpBpsMax: int, bps, 500, 10…5000, live",
    "spreadBpsMax → spreadBpsMax: int, bps, 100, 1…1000, live",
  ]);
});

test("GRID-01 each key says what it means, and what is said besides when it is wrong", () => {
  for (const { key, meaning } of GRID_KEYS) assert.notEqual(meaning, "", key);
  const special = GRID_KEYS.flatMap(({ key, special: text }) => (text === null ? [] : [`${key}: ${text}`]));
  assert.deepEqual(special, [
    "mode: spot allows mode long only",
    "interval: interval {value} is not a multiple of the tick {tick}; use {lower} or {upper}",
    "gridCount: give exactly one of interval, spacingBps, gridCount",
    "rangeHigh: rangeLow must be below rangeHigh",
    "anchor: anchor {value} is not on the tick {tick}",
    "orderQuote: orderQuote {value} is too small: level {level} needs {lots} lots ({cost}); use {least} or more",
    "openOrdersMax: openOrdersMax {value} is below the {needed} this window needs",
    "edgeBpsMin: a cycle at {price} loses {loss}: interval {interval} must be at least {least}",
    "trend.fast: trend.fast must be below trend.slow",
    "stopLow: stopLow must be below the current price",
    "adoptPosition: position {value} is not explained by the journal; " +
      "set adoptPosition to entry or market, or close it",
  ]);
});

test("GRID-01 names of the original system that are still read", () => {
  assert.deepEqual(OLD_NAMES, {
    price_interval: "interval",
    order_quantity: "orderQuote",
    buy_window_size: "entryLevels",
    sell_window_size: "exitLevels",
    order_cleanup_threshold: "openOrdersMax",
    margin_lock_duration_seconds: "marginLockMs",
    grid_mode: "mode",
    dynamic_interval: "dynamic.enabled",
    volatility_scale: "dynamic.scale",
  });
});
