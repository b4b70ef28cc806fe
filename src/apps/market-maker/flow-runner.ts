// Who runs what spans steps (DUR-63): DBOS where journals are in Postgres, else this process alone. DBOS is loaded only
// where it is used.

import type { StoreConfig } from "../../config/process/shapes.ts";
import type { OpenRunner } from "../../host/flows/flow.ts";
import { localRunner } from "../../host/flows/local-runner.ts";
import type { ProcessFrame } from "../process/process-frame.ts";
import { holderOf } from "./open-store.ts";

/** Its tables are in a schema beside that of the journals. */
export async function flowRunner(store: StoreConfig, coreHash: string, { log }: ProcessFrame): Promise<OpenRunner> {
  const { postgres } = store;
  if (postgres === null) return localRunner;
  const { dbosRunner } = await import("../../host/flows/dbos-runner.ts");
  return dbosRunner({
    url: postgres.url.reveal(),
    schema: `${postgres.schema}_flows`,
    executor: holderOf(store).host,
    coreHash,
    onWarning: (text) => log.warn(text, { code: "flows" }),
  });
}
