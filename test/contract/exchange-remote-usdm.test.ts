// A connector over ccxt on an emulated Binance USDⓈ-M against the contract of the port.

import { exchangeContract } from "./exchange.ts";
import { REMOTE_CCXT_USDM } from "./stage-emulated.ts";

exchangeContract(REMOTE_CCXT_USDM);
