// Keys of the risk monitor (RISK-25…28, RISK-50). Without instruments there is no monitor.

import { choice, names, type RiskKey, whole } from "../key.ts";

export const MONITOR_KEYS: readonly RiskKey[] = [
  names("monitor.instruments", 50, "instruments of the same exchange whose candles are watched; none: no monitor"),
  choice("monitor.interval", ["1m", "3m", "5m"], "length of a candle"),
  choice("monitor.strategy", ["All", "Any"], "whether all or any of them must look abnormal"),
  {
    key: "monitor.volumeMultiplier",
    type: "ratio",
    unit: "times the mean volume",
    default: "3",
    min: "1",
    max: "10",
    choices: [],
    meaning: "an open candle with more volume is abnormal when its price is below the mean",
  },
  whole({
    key: "monitor.averageWindow",
    unit: "candles",
    default: 20,
    min: 5,
    max: 100,
    meaning: "closed candles the means are taken of",
  }),
  whole({
    key: "monitor.recoveryThreshold",
    unit: "instruments",
    default: 3,
    min: 1,
    max: 10,
    meaning: "so many must have recovered",
  }),
  whole({
    key: "monitor.holdMsMin",
    unit: "ms",
    default: 60_000,
    min: 0,
    max: 3_600_000,
    meaning: "it stays triggered at least so long",
  }),
  choice("onBlind", ["pause", "allow"], "whether opening pauses while fewer than half of them can be judged"),
];
