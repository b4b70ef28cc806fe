// Where bots keep their folders below a data folder: `bots/NAME` of the folder itself and of each market in it, or the
// folder of one bot.

import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** Folders that hold `file`, such as a bot's journal or its door. */
export function botFolders(dataDir: string, file: string): readonly string[] {
  const markets = [dataDir, ...childrenOf(dataDir)];
  const folders = [dataDir, ...markets.flatMap((market) => childrenOf(join(market, "bots")))];
  return folders.filter((folder) => existsSync(join(folder, file)));
}

function childrenOf(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(folder, entry.name));
}
