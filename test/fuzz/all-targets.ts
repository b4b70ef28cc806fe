// Every decoder of foreign bytes (TEST-26).

import type { FuzzTarget } from "./target.ts";
import { archiveTargets } from "./targets/archives.ts";
import { COMMAND_LINE } from "./targets/command-line.ts";
import { CONFIGURATION } from "./targets/configuration.ts";
import { EMULATED } from "./targets/emulated.ts";
import { EXCHANGES } from "./targets/exchanges.ts";
import { JOURNAL } from "./targets/journal.ts";
import { MARKET_FILES, preparedTargets } from "./targets/market-files.ts";
import { RPC } from "./targets/rpc.ts";
import { SERVED } from "./targets/served.ts";

export async function allTargets(): Promise<readonly FuzzTarget[]> {
  return [
    ...CONFIGURATION,
    ...JOURNAL,
    ...archiveTargets(),
    ...MARKET_FILES,
    ...(await preparedTargets()),
    ...RPC,
    ...SERVED,
    ...EMULATED,
    ...EXCHANGES,
    ...COMMAND_LINE,
  ];
}
