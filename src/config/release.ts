// Which release this is, as package.json says it.

import { readFileSync } from "node:fs";

/** Version of the package, such as "0.1.0". */
export function release(): string {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return /"version":\s*"([^"]+)"/.exec(text)?.[1] ?? "unknown";
}
