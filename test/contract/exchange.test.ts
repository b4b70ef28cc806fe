// The simulated exchange, in its own process and through a connector, against the contract of the port.

import { exchangeContract } from "./exchange.ts";
import { REMOTE_SIMULATED, SIMULATED } from "./stage-simulated.ts";

exchangeContract(SIMULATED);
exchangeContract(REMOTE_SIMULATED);
