// Where the recorded market data lies (never in this repository): $OPENSQT_TEST_DATA, else ../shared/data beside it.
// Tests that need a file absent here are skipped with a reason that is printed and counted; they never fail for it.

import { existsSync } from "node:fs";
import { join, resolve } from "node:path";

const repository = resolve(import.meta.dirname, "..");

/** Folder the recorded data would be in, whether it exists or not. */
export const testDataFolder: string = process.env["OPENSQT_TEST_DATA"]
  ? resolve(process.env["OPENSQT_TEST_DATA"])
  : resolve(repository, "..", "shared", "data");

/** Absolute path of `relative` (such as "ticks/binance-usdm-btcusdt_20240808.gz"), or null where it is absent. */
export function testData(relative: string): string | null {
  const path = join(testDataFolder, relative);
  return existsSync(path) ? path : null;
}

/**
 * Options of a test that reads these files: `test("BT-48 …", skipWithoutData("candles/x.csv.gz"), () => …)`.
 * The reason is printed by the test runner, which also counts the skipped.
 */
export function skipWithoutData(...relative: readonly string[]): { readonly skip: string | false } {
  const absent = relative.filter((file) => testData(file) === null);
  if (absent.length === 0) return { skip: false };
  return { skip: `${absent.join(", ")} is absent from ${dataName}; set OPENSQT_TEST_DATA` };
}

/** Path of a file the test's own skip already proved present. */
export function presentData(relative: string): string {
  const path = testData(relative);
  if (path === null) throw new Error(`${relative} is absent: give the test skipWithoutData("${relative}")`);
  return path;
}

const dataName = process.env["OPENSQT_TEST_DATA"] ? "OPENSQT_TEST_DATA" : "../shared/data";
