// Names of the candle channels that OKX and Bitget share, by interval, and the way back.

import type { CandleInterval } from "../../../trading/event.ts";

export const CANDLE_CHANNELS: Readonly<Record<CandleInterval, string>> = {
  "1m": "candle1m",
  "3m": "candle3m",
  "5m": "candle5m",
  "15m": "candle15m",
  "1h": "candle1H",
};

export const INTERVAL_OF_CHANNEL: ReadonlyMap<string, string> = new Map(
  Object.entries(CANDLE_CHANNELS).map(([interval, channel]) => [channel, interval]),
);
