// Limits of the risk monitor in integers; none without instruments.

/** Canonical data: part of the journaled configuration. */
export interface MonitorLimits {
  readonly instruments: readonly string[];
  readonly interval: "1m" | "3m" | "5m";
  readonly strategy: "Any" | "All";
  /** Thousandths: 3 times the mean is 3000. */
  readonly volumeMultiplierMilli: number;
  readonly averageWindow: number;
  readonly recoveryThreshold: number;
  readonly holdMsMin: number;
  readonly onBlind: "pause" | "allow";
}

interface Read {
  readonly int: (key: string) => number;
  readonly text: <T extends string>(key: string) => T;
}

/** Null: nothing is monitored. */
export function monitorLimits({ int, text }: Read): MonitorLimits | null {
  const instruments = namesIn(text("monitor.instruments"));
  if (instruments.length === 0) return null;
  return {
    instruments,
    interval: text("monitor.interval"),
    strategy: text("monitor.strategy"),
    volumeMultiplierMilli: int("monitor.volumeMultiplier"),
    averageWindow: int("monitor.averageWindow"),
    recoveryThreshold: int("monitor.recoveryThreshold"),
    holdMsMin: int("monitor.holdMsMin"),
    onBlind: text("onBlind"),
  };
}

/** Each once, in the order given. */
export const namesIn = (text: string): readonly string[] => [...new Set(text.split(/[\s,]/).filter(Boolean))];
