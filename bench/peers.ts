// Other people's backtesters on the same data, in the same run: only when asked for, installed into a temporary folder.

import type { BenchOptions } from "./rounds.ts";
import { notRun, type Row } from "./row.ts";

export async function benchPeers(options: BenchOptions): Promise<readonly Row[]> {
  const reason = options.peers ? "not installed" : "ask for it with --peers: it is installed from the registry";
  return [notRun("peers", "backtest-kit on the same candles", reason)];
}
