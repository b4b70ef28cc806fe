// ExchangeService over one exchange port: each call is checked, done by the desk it belongs to, and worded as the API
// has it. Whole messages are returned, so that nothing is copied on the way out.

import { orderCalls } from "./order-calls.ts";
import { marketCalls, readCalls } from "./read-calls.ts";
import type { ExchangeHandlers, ServiceParts } from "./service-parts.ts";
import { countCalls, settingCalls, shareCalls } from "./setting-calls.ts";
import { streamCalls } from "./stream-calls.ts";
import { unbuiltCalls } from "./unbuilt-calls.ts";

export function exchangeCalls(parts: ServiceParts): ExchangeHandlers {
  return {
    ...orderCalls(parts),
    ...readCalls(parts),
    ...marketCalls(parts),
    ...streamCalls(parts),
    ...settingCalls(parts),
    ...countCalls(parts),
    ...shareCalls(parts),
    ...unbuiltCalls(),
  };
}
