// What ports of our own exchanges can do, as data; real exchanges state theirs in their tables.

import type { PortCapabilities } from "./port.ts";

/** Every stream a port can carry. */
export const ALL_STREAMS: PortCapabilities["streams"] = [
  "orders",
  "fills",
  "account",
  "positions",
  "book",
  "trades",
  "candles",
  "funding",
];

/** An exchange in memory: orders travel alone, nothing is polled, and nobody else cancels when we fall silent. */
export const SIMULATED_CAPABILITIES: PortCapabilities = {
  amend: false,
  placeBatchMax: 1,
  cancelBatchMax: 1,
  deadMan: "none",
  reduceOnly: true,
  lookupByClientId: true,
  streams: ALL_STREAMS,
};
