// The grid on connector, ccxt and emulator under one group of faults; trials.ts has them, trial.ts the proof.

import { gridGoesThrough } from "./grid-faults.ts";
import { USDM } from "./town-market.ts";
import { outside, trialsOf } from "./trials.ts";

gridGoesThrough(
  "EMU-41 EXCH-50 what comes from outside stops the grid safely, and the operator is told",
  trialsOf(outside(USDM)),
);
