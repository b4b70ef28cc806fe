// The grid on connector, ccxt and emulator under one group of faults; trials.ts has them, trial.ts the proof.

import { gridGoesThrough } from "./grid-faults.ts";
import { REQUESTS, trialsOf } from "./trials.ts";

gridGoesThrough(
  "EMU-41 EXCH-07 faults of requests while the grid trades: no order doubled, none forgotten, no fill lost",
  trialsOf(REQUESTS),
);
