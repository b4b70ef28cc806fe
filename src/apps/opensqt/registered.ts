// The register of bots of a data folder, read beside its owner: the truth about bots, whatever the file says (OPS-18).

import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { REGISTRY_FILE, REGISTRY_FOLDER, readRegistry } from "../../journal/registry.ts";
import type { BotRecord } from "../../journal/registry-rows.ts";

/**
 * Each bot as it stands, those deleted left out; null where there is no register. Where a folder has seen several
 * markets, the one written last counts. Errors: JOURNAL_CORRUPT.
 */
export function registeredBots(dataDir: string): readonly BotRecord[] | null {
  const registers = foldersIn(dataDir).map(readRegistry);
  const last = registers.sort((a, b) => (b.at(-1)?.atMs ?? 0) - (a.at(-1)?.atMs ?? 0))[0];
  if (last === undefined) return null;
  const newest = new Map<string, BotRecord>();
  for (const record of last) newest.set(record.id, record);
  return [...newest.values()].filter(({ wanted }) => wanted !== "deleted");
}

function foldersIn(dataDir: string): readonly string[] {
  if (!existsSync(dataDir)) return [];
  const inside = readdirSync(dataDir, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [dataDir, ...inside.map(({ name }) => join(dataDir, name))].filter((folder) =>
    existsSync(join(folder, REGISTRY_FOLDER, REGISTRY_FILE)),
  );
}
