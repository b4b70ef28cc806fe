// The grid on connector, ccxt and emulator under one group of faults; trials.ts has them, trial.ts the proof.

import { gridGoesThrough } from "./grid-faults.ts";
import { USDM } from "./town-market.ts";
import { streams, trialsOf } from "./trials.ts";

gridGoesThrough(
  "EMU-41 EXCH-22 faults of streams while the grid trades: no order doubled, none forgotten, no fill lost",
  trialsOf(streams(USDM)),
);
