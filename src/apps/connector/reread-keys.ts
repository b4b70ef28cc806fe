// Keys of the exchange that were changed beside the configuration are read again; where that fails the old ones stay.

import type { ProcessLog } from "../../observe/log.ts";
import type { Exchange } from "./exchange.ts";

export function readKeysAgain({ port }: Exchange, log: ProcessLog): void {
  port.settings?.reloadCredentials().catch((error: unknown) => {
    const text = error instanceof Error ? error.message : String(error);
    log.error(`the exchange's keys stay as they were: ${text}`, { code: "credentials" });
  });
}
