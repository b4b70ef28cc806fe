// The grid on spot under a few faults of each kind; `make faults MARKET=spot` goes through all of them.

import { gridGoesThrough } from "./grid-faults.ts";
import { SPOT } from "./town-market.ts";
import { allTrials } from "./trials.ts";

const FEW = [
  "acceptThenTimeout",
  "ban",
  "dropEvent: of orders",
  "closeStorm",
  "listenKeyExpiry: silent",
  "foreignOrder: taking",
];

gridGoesThrough(
  "EMU-41 EXCH-07 EXCH-22 EXCH-27 EXCH-44 the grid on spot: no order doubled, none forgotten, no fill lost",
  allTrials(SPOT).filter(({ name }) => FEW.includes(name)),
  SPOT,
);
