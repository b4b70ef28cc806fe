// ccxt on an emulated Binance USDⓈ-M against the contract of the port: real HTTP and WebSockets on 127.0.0.1.

import { exchangeContract } from "./exchange.ts";
import { CCXT_USDM } from "./stage-emulated.ts";

exchangeContract(CCXT_USDM);
