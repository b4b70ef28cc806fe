// The grid on connector, ccxt and emulator under one group of faults; trials.ts has them, trial.ts the proof.

import { gridGoesThrough } from "./grid-faults.ts";
import { INSIDE, trialsOf } from "./trials.ts";

gridGoesThrough(
  "EMU-41 EXCH-14 faults inside the exchange while the grid trades: no order doubled, none forgotten, no fill lost",
  trialsOf(INSIDE),
);
