// Identity of the code that decides: SHA-256 over the sources of the pure layers (DUR-05). A journal says which code
// wrote it; a replay by other code that differs can say so.

import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const PURE_LAYERS = ["base", "market", "trading", "strategy", "risk", "engine"] as const;

/** 64 hex digits; the same for the same sources, whatever the machine. */
export function coreHash(): string {
  const root = fileURLToPath(new URL("..", import.meta.url));
  const hash = createHash("sha256");
  for (const layer of PURE_LAYERS) {
    const names = readdirSync(join(root, layer), { recursive: true, encoding: "utf8" });
    for (const name of names.sort()) {
      if (!name.endsWith(".ts") || name.includes(".test.") || name.includes(".fixture.")) continue;
      hash.update(`${layer}/${name}\n`).update(readFileSync(join(root, layer, name)));
    }
  }
  return hash.digest("hex");
}
