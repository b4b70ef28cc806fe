// What a connector says of the port behind it, read as the port's own capabilities.

import type { GetTypeResponse } from "../../rpc/generated/opensqt/market_maker/v1/exchange.ts";
import { ALL_STREAMS } from "../capabilities.ts";
import type { PortCapabilities } from "../port.ts";

/** What is not told is the least that is safe: orders alone, no timer; streams are taken as given. */
export function portCapabilities(type: GetTypeResponse): PortCapabilities {
  const { capabilities, placeBatchMax, cancelBatchMax, deadManKind, streams, marketDataOnly } = type;
  return {
    // AmendOrder is not offered over the wire (docs/api/unimplemented.md)
    amend: false,
    placeBatchMax: Math.max(1, placeBatchMax),
    cancelBatchMax: Math.max(1, cancelBatchMax),
    deadMan: deadManKind === "heartbeat" || deadManKind === "disconnect" ? deadManKind : "none",
    reduceOnly: capabilities.includes("reduce_only"),
    lookupByClientId: !marketDataOnly,
    streams: streams.length === 0 ? ALL_STREAMS : ALL_STREAMS.filter((name) => streams.includes(name)),
  };
}
