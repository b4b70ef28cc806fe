// What every report says about its own limits: the statement of BT-13 and the lies that apply to its level. The sizes
// are in docs/where-the-backtest-lies.md, which is laid beside each report.

import type { FidelityLevel } from "./run-record.ts";

export const LIES_FILE = "where-the-backtest-lies.md";

export const MARKET_STATEMENT =
  "Our orders never change the recorded market, except that what we take is gone until that level's next update.";

const ALWAYS = [
  "No market impact: nobody reacts to our orders. Flatters, the more the larger they are.",
  "Outages, rate limits and latency tails happen only where they were asked for. Flatters.",
  "Fees are those of the configured tier, whatever the volume would have earned.",
];

const BY_LEVEL: { readonly [level in FidelityLevel]: readonly string[] } = {
  L0: [
    "The path inside a candle is a guess. Run --path both for the band.",
    "Queues are unknown: a fill needs the path to go through the price, not to touch it (the default).",
  ],
  L1: [
    "The place in the queue is a guess from the best quote alone.",
    "Hidden and iceberg orders ahead of ours are not seen. Flatters.",
  ],
  L2: [
    "The place in the queue is a model: what was cancelled ahead of us is not in the data.",
    "Hidden and iceberg orders ahead of ours are not seen. Flatters.",
  ],
};

/** The lies of a run at this level, one sentence each. */
export function liesOf(level: FidelityLevel, synthetic: boolean): readonly string[] {
  const made = synthetic ? ["This market was made by a seeded generator. It proves code, not a strategy."] : [];
  return [...made, ...BY_LEVEL[level], ...ALWAYS];
}
