// Which release this is, as package.json says it.

import { readFileSync } from "node:fs";

let known: string | null = null;

/** Version of the package, such as "0.1.0". Read once: a process that can open no file any more still says it. */
export function release(): string {
  known ??= read();
  return known;
}

function read(): string {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return /"version":\s*"([^"]+)"/.exec(text)?.[1] ?? "unknown";
}
