// ccxt on the emulated Binance markets, and a connector over it, against the contract of the port: real HTTP and
// WebSockets on 127.0.0.1. Two at a time, since they mostly wait.

import { describe } from "node:test";
import { exchangeContract } from "./exchange.ts";
import { CCXT_SPOT, CCXT_USDM, REMOTE_CCXT_USDM } from "./stage-emulated.ts";

describe("EXCH-51 emulated", { concurrency: 2 }, () => {
  for (const maker of [CCXT_USDM, CCXT_SPOT, REMOTE_CCXT_USDM]) exchangeContract(maker);
});
