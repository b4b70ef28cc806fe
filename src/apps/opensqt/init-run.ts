// What `opensqt init` does: writes a first configuration where none is, and says what to do next.

import { writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { type FirstConfig, firstConfigText } from "../../config/first-config.ts";
import { SYMBOL } from "../../config/instruments.ts";
import { EXIT_CODES } from "./exit-codes.ts";
import { CommandError, print, printJson, usageError } from "./output.ts";

export interface InitFlags {
  readonly exchange: FirstConfig["exchange"];
  readonly symbol: string;
  readonly out: string;
  readonly json?: true;
}

const SCHEMA = resolve(import.meta.dirname, "../../../docs/schema/opensqt-up.schema.json");

/** Errors: CommandError 2 for a symbol, 3 where a file is there already, 13 where it cannot be written. */
export function init({ exchange, symbol, out, json }: InitFlags): void {
  if (!SYMBOL.test(symbol)) throw usageError(`--symbol ${symbol} is not allowed; give BTC/USDT or BTC/USDT:USDT`);
  const schema = relative(dirname(resolve(out)), SCHEMA);
  try {
    writeFileSync(out, firstConfigText({ exchange, symbol, schema }), { flag: "wx" });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    if (code !== "EEXIST") throw new CommandError(EXIT_CODES.cannotWrite, `${out} cannot be written: ${code}`);
    throw new CommandError(EXIT_CODES.refused, `${out} is there already`, "Name another file with --out, or move it.");
  }
  const named = join(out) === "opensqt.yaml" ? "" : ` --config ${out}`;
  if (json === true) printJson({ out });
  else print(`${out} is written. Next: opensqt preview${named}, opensqt doctor${named}, opensqt up${named}`);
}
