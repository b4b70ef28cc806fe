// The emulator of `opensqt up --exchange emulator`: where it listens, how it is started, and how the connector finds
// it.

import { join } from "node:path";
import type { SimulatedExchangeConfig } from "../../../config/process/exchange-shapes.ts";
import type { PlainSection, UpConfig } from "../../../config/process/shapes.ts";
import { formatMoney } from "../../../market/instrument.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import { CommandError } from "../output.ts";
import { type ChosenPort, choosePorts } from "./ports.ts";
import { LOOPBACK } from "./wiring.ts";

export interface EmulatorPlan {
  readonly wire: ChosenPort;
  readonly control: ChosenPort;
  /** Words of its command line, after the program. */
  readonly words: readonly string[];
  /** The file of its one account, written before it starts. */
  readonly accounts: { readonly path: string; readonly text: string };
  /** Laid over the connector's configuration. */
  readonly connector: PlainSection;
}

/** What of the market the flags and the file say. */
export interface EmulatedMarket {
  readonly seed: string;
  /** Path of a recording; null: a synthetic market. */
  readonly data: string | null;
  readonly speed: number;
}

const CONTROL_PORT = 19_100;
const WIRE_PORTS = { perpetual: 19_101, spot: 19_102 } as const;

/** Null where the exchange is no emulator. Errors: CommandError 3 for bots of both markets. */
export async function planEmulator(
  { exchange, connector: { real }, simulated }: UpConfig,
  { seed, data, speed }: EmulatedMarket,
  folder: string,
): Promise<EmulatorPlan | null> {
  if (exchange !== "emulator" || real === null || simulated === null) return null;
  const kinds = new Set(real.symbols.map((symbol) => symbol.includes(":")));
  if (kinds.size > 1) {
    const text = "the emulated exchanges have one market each; give bots of perpetuals or bots of spot, not both";
    throw new CommandError(EXIT_CODES.refused, text);
  }
  const protocol = real.market === "perpetual" ? "binance-usdm" : "binance-spot";
  const accounts = join(folder, "accounts.json");
  const { wire, control } = await choosePorts(LOOPBACK, { wire: WIRE_PORTS[real.market], control: CONTROL_PORT });
  const words = ["emulator", "--protocol", protocol, "--port", String(wire.port)];
  words.push("--control-port", String(control.port), "--seed", seed, "--memory", folder, "--accounts", accounts);
  if (data !== null) words.push("--market", data);
  if (speed !== 1) words.push("--clock", "paced", "--speed", String(speed));
  const host = `${LOOPBACK}:${wire.port}`;
  const account = accountOf(simulated, protocol);
  return {
    wire,
    control,
    words,
    accounts: { path: accounts, text: `${JSON.stringify([account], null, 2)}\n` },
    connector: { endpoints: { rest: `http://${host}`, websocket: `ws://${host}` } },
  };
}

/** Opens with what the paper account would, at the leverage the simulated instruments have. */
function accountOf({ balances, instruments }: SimulatedExchangeConfig, protocol: string): unknown {
  const texts = [...balances].map(([asset, amount]) => [asset, formatMoney(amount)]);
  const leverage = Math.max(1, ...instruments.map(({ instrument }) => instrument.leverage));
  return { name: "demo", leverage, balances: { [protocol]: Object.fromEntries(texts) } };
}
