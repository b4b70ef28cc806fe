// What the registry of protocols knows of Binance USDⓈ-M.

import type { ProtocolEntry } from "../../registry.ts";
import { emulatedUsdm, USDM_INSTRUMENTS } from "./instruments.ts";
import { makeUsdm } from "./protocol.ts";

export const BINANCE_USDM_ENTRY: ProtocolEntry = {
  name: "binance-usdm",
  port: 19_101,
  instruments: USDM_INSTRUMENTS,
  emulated: emulatedUsdm,
  make: (world) => makeUsdm(world),
};
