// Limits of the breakers of one bot in integers, and which of them are switched off.

import type { Money } from "../../market/amounts.ts";

/** Canonical data: part of the journaled configuration. 0 is off where the key's range holds it. */
export interface BreakerLimits {
  readonly lossesInRowMax: number;
  readonly drawdownBpsMax: number;
  readonly drawdownWindowMs: number;
  readonly drawdownAmountMax: Money;
  readonly onDrawdown: "cancel" | "flatten";
  readonly latencyP99MsMax: number;
  readonly stalePolicy: "freeze" | "exit";
  readonly marginRatioWarnBps: number;
  readonly marginRatioTripBps: number;
  readonly liquidationWarnBps: number;
  readonly liquidationTripBps: number;
  readonly retryRatioBpsMax: number;
  readonly rejectsInRowMax: number;
  readonly unknownAgeMsMax: number;
}

interface Read {
  readonly int: (key: string) => number;
  readonly cash: (key: string) => Money;
  readonly text: <T extends string>(key: string) => T;
}

export const breakerLimits = ({ int, cash, text }: Read): BreakerLimits => ({
  lossesInRowMax: int("lossesInRowMax"),
  drawdownBpsMax: int("drawdownBpsMax"),
  drawdownWindowMs: int("drawdownWindowMs"),
  drawdownAmountMax: cash("drawdownAmountMax"),
  onDrawdown: text("onDrawdown"),
  latencyP99MsMax: int("latencyP99MsMax"),
  stalePolicy: text("stalePolicy"),
  marginRatioWarnBps: int("marginRatioWarnBps"),
  marginRatioTripBps: int("marginRatioTripBps"),
  liquidationWarnBps: int("liquidationWarnBps"),
  liquidationTripBps: int("liquidationTripBps"),
  retryRatioBpsMax: int("retryRatioBpsMax"),
  rejectsInRowMax: int("rejectsInRowMax"),
  unknownAgeMsMax: int("unknownAgeMsMax"),
});

/** Keys whose 0 switches a breaker off, and the breakers that are; `drawdownAmountMax` is off by default. */
export function breakersOff(limits: BreakerLimits): readonly { readonly breaker: string; readonly key: string }[] {
  const rows = [
    ["consecutive-losses", "lossesInRowMax"],
    ["drawdown-window", "drawdownBpsMax"],
    ["latency", "latencyP99MsMax"],
    ["retries", "retryRatioBpsMax"],
    ["rejects", "rejectsInRowMax"],
  ] as const;
  return rows.filter(([, key]) => limits[key] === 0).map(([breaker, key]) => ({ breaker, key }));
}
