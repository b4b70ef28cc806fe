// The configuration of a bot nobody configured: what `opensqt up` and `opensqt backtest` start with when no file is
// named.

import type { Environment } from "./expand.ts";
import { configSource } from "./load.ts";
import { type ConfigSource, readSource } from "./source.ts";

/** What is configured (OPS-01), or the built-in example where nobody names a file and no `./opensqt.yaml` lies here. */
export function configOrExample(path: string | undefined, environment: Environment): ConfigSource {
  const source = configSource(path, environment);
  const named = path !== undefined || "text" in source || (environment["OPENSQT_CONFIG"] ?? "") !== "";
  if (named) return source;
  const read = readSource(source);
  const absent = !read.ok && read.error.some(({ text }) => text.includes("there is no such file"));
  return absent ? { text: DEFAULT_CONFIG_TEXT, file: "built-in example" } : source;
}

/** YAML text: a neutral grid on the simulated exchange, paper money, no keys. */
export const DEFAULT_CONFIG_TEXT = `# The built-in example: a neutral grid around the price, on the simulated exchange, with paper money.
bot:
  id: btc-grid
  strategy: grid
  instrument: "BTC/USDT:USDT"
  budget: "5000"
  cancelOnExit: all
  grid:
    mode: neutral
    spacing: geometric
    spacingBps: "6"
    orderQuote: "130"
    entryLevels: 6
    exitLevels: 6
    heldSlotsMax: 30
    openOrdersMax: 48
exchange: simulated
simulated:
  market: synthetic
  balance: "10000"
  seed: 1
store:
  sqlite: ./data
`;
