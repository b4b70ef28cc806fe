// The streams an exchange gives where it gives them all: most do.

import type { PortCapabilities } from "../../port.ts";

export const STREAMS_GIVEN: Readonly<Record<"spot" | "perpetual", PortCapabilities["streams"]>> = {
  spot: ["orders", "fills", "account", "book", "trades", "candles"],
  perpetual: ["orders", "fills", "account", "positions", "book", "trades", "candles", "funding"],
};
