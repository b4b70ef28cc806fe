// What the risk monitor remembers of the instruments it watches (RISK-25): the newest N + 1 candles of each, and
// whether it is triggered or blind. Plain canonical data.

/** What of a candle the monitor reads; ticks and lots of the candle's own instrument. */
export interface MonitorCandle {
  readonly openAtMs: number;
  readonly close: number;
  readonly volume: number;
}

export interface Watched {
  /** Closed candles, oldest first; at most N + 1. */
  closed: MonitorCandle[];
  /** The open candle; null before one of the current interval came. */
  open: MonitorCandle | null;
}

export interface MonitorState {
  /** What is known goes with its map: who takes candles away puts a new one in its place. */
  watched: Map<string, Watched>;
  /** Null while it is not. */
  triggeredAtMs: number | null;
  /** Since when fewer than half are ready; null while at least half are. */
  blindSinceMs: number | null;
  /** Blind for long enough to be told of. */
  blind: boolean;
}

export const initialMonitor = (): MonitorState => ({
  watched: new Map(),
  triggeredAtMs: null,
  blindSinceMs: null,
  blind: false,
});
