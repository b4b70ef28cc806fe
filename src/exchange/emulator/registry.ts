// The protocols there are: where each listens, which instruments it lists, and what makes it. Adding one touches this
// file and its own folder (EMU-02).

import type { Instrument } from "../../market/instrument.ts";
import { binanceSpot } from "./binance/spot/binance-spot.ts";
import { emulatedSpot, SPOT_INSTRUMENTS } from "./binance/spot/instruments.ts";
import { emulatedUsdm, USDM_INSTRUMENTS } from "./binance/usdm/instruments.ts";
import { makeUsdm } from "./binance/usdm/protocol.ts";
import type { ProtocolMaker, ProtocolName } from "./protocol.ts";
import type { EmulatedInstrument } from "./world.ts";

export interface ProtocolEntry {
  readonly name: ProtocolName;
  /** Where it listens unless told otherwise (EMU-03). */
  readonly port: number;
  readonly instruments: readonly Instrument[];
  /** An instrument as it is now, with its own entry in the exchange's list. `bandPpm`: price band, null without one. */
  emulated(instrument: Instrument, bandPpm: number | null): EmulatedInstrument;
  readonly make: ProtocolMaker;
}

/** Default port of the control API. */
export const CONTROL_PORT = 19_100;

export const REGISTRY: readonly ProtocolEntry[] = [
  {
    name: "binance-usdm",
    port: 19_101,
    instruments: USDM_INSTRUMENTS,
    emulated: emulatedUsdm,
    make: (world) => makeUsdm(world, world.habits),
  },
  {
    name: "binance-spot",
    port: 19_102,
    instruments: SPOT_INSTRUMENTS,
    emulated: emulatedSpot,
    make: binanceSpot,
  },
];
