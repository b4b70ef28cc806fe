// An emulator of the echo protocol for one test: manual time, a market fed by hand, ports of its own.

import { ECHO } from "./echo.fixture.ts";
import { type Emulator, type EmulatorOptions, startEmulator } from "./emulator.ts";

export const START_MS = 1_700_000_000_000;
export const PERPETUAL = "BTC/USDT:USDT";
export const WALLET = "demo@binance-usdm";

export const MANUAL: EmulatorOptions = {
  registry: ECHO,
  controlPort: null,
  market: { kind: "hand" },
  clock: { mode: "manual", startMs: START_MS },
};

export async function emulated(
  options: EmulatorOptions,
  use: (emulator: Emulator) => void | Promise<void>,
): Promise<void> {
  const emulator = await startEmulator({ ...MANUAL, ...options });
  try {
    await use(emulator);
  } finally {
    await emulator.close();
  }
}

/** JSON of a reply of one protocol. */
export const ask = async (emulator: Emulator, path: string, protocol = "binance-usdm"): Promise<unknown> =>
  (await fetch(`http://127.0.0.1:${emulator.ports[protocol]}${path}`)).json();

/** Places an order over the wire. */
export const order = (
  emulator: Emulator,
  id: string,
  what: { readonly side?: "buy" | "sell"; readonly price: number; readonly quantity: number },
): Promise<unknown> => {
  const { side = "buy", price, quantity } = what;
  const symbol = encodeURIComponent(PERPETUAL);
  return ask(emulator, `/place?symbol=${symbol}&id=${id}&side=${side}&price=${price}&quantity=${quantity}`);
};
