// The recorded data the benches use, never in this repository: beside it, or where OPENSQT_TEST_DATA points.

import { existsSync } from "node:fs";
import { join, resolve } from "node:path";

const repository = resolve(import.meta.dirname, "..");
const folder = process.env["OPENSQT_TEST_DATA"] ?? join(repository, "..", "shared", "data");

export const CAPTURE = "ticks/binance-usdm-btcusdt_20240808.gz";
export const CANDLES = "candles/bitfinex-BTCUSD-1m-2019.csv.gz";

/** Path of a recording, or null where it is absent. */
export function recording(name: string): string | null {
  const path = resolve(folder, name);
  return existsSync(path) ? path : null;
}

export const absent = (name: string): string =>
  `${name} is absent: put it into ../shared/data, or set OPENSQT_TEST_DATA`;
