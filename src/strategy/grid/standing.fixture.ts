// A started grid whose operator holds it back, with the lots a test tells and no order out. For tests only.

import { type BenchOptions, ETH, EXAMPLE, GridBench } from "../../../test/grid/bench.ts";
import { lots } from "../../market/amounts.ts";
import type { CandleEvent } from "../../trading/event.ts";
import type { GridTexts } from "./config-reader.ts";
import { slotAt } from "./held.ts";

export type Told = readonly (readonly [j: number, held: number, width?: number, leg?: "L" | "S"])[];

/** The grid of the worked examples at 3,000.00, ten seconds after its start. Every slot told cools for a minute. */
export function standing(texts: Partial<GridTexts>, told: Told, options: BenchOptions = {}): GridBench {
  const bench = new GridBench({ ...EXAMPLE, ...texts }, options);
  bench.start("2999.99/3000.01");
  bench.gate("operator", "HALT");
  bench.ack();
  bench.confirmAll();
  bench.at(10_000).mid("3000.00");
  for (const [j, held, width = 1, leg = "L"] of told) {
    Object.assign(slotAt(bench.state, j, { width, leg }), { held, coolUntilMs: 60_000 });
  }
  bench.gate("operator", "HALT");
  bench.alerts.length = 0;
  return bench;
}

/** The candle of minute `i`, its high and low `range` off its close. */
export const candle = (i: number, close: number, range = 0, closed = true): CandleEvent => ({
  kind: "candle",
  atMs: i * 60_000,
  symbol: ETH.symbol,
  interval: "1m",
  openAtMs: i * 60_000,
  open: close as CandleEvent["open"],
  high: (close + range) as CandleEvent["high"],
  low: (close - range) as CandleEvent["low"],
  close: close as CandleEvent["close"],
  volume: lots(1),
  closed,
});
