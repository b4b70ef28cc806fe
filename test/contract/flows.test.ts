// Flows in one process and as workflows of DBOS on a real PostgreSQL server: the same contract (TEST-10), and what only
// a store of workflows can get wrong.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { dbosRunner } from "../../src/host/flows/dbos-runner.ts";
import { localRunner } from "../../src/host/flows/local-runner.ts";
import { PostgresStore } from "../../src/journal/postgres/store.ts";
import { SqliteStore } from "../../src/journal/sqlite-store.ts";
import { startPostgres } from "../postgres.ts";
import { flowContract } from "./flows.ts";
import { dbosCases } from "./flows-dbos-cases.ts";

const server = await startPostgres();
const folders: string[] = [];
const stores: PostgresStore[] = [];
after(async () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  for (const store of stores) await store.abandon();
  await server.close();
});

flowContract({
  name: "local",
  make: () => {
    const folder = mkdtempSync(join(tmpdir(), "flows-"));
    folders.push(folder);
    return { store: () => new SqliteStore(folder), open: () => localRunner };
  },
});

flowContract({
  name: "DBOS",
  make: (title) => ({
    store: () => {
      const store = new PostgresStore({ url: server.url, schema: `flows_${title}` });
      stores.push(store);
      return store;
    },
    open: (executor) =>
      dbosRunner({ url: server.url, schema: "flows_dbos", executor, coreHash: "a", onWarning: () => undefined }),
  }),
});

dbosCases(server);
