// The journal on a real PostgreSQL server against the same contract as every other store (TEST-10).

import { after } from "node:test";
import { startPostgres } from "../postgres.ts";
import { journalContract } from "./journal.ts";
import { compactionContract } from "./journal-compact-cases.ts";
import { postgresStore } from "./journal-postgres.ts";
import { postgresCases } from "./journal-postgres-cases.ts";
import { careCases } from "./postgres-care-cases.ts";

const server = await startPostgres();
const store = postgresStore(server);
after(async () => {
  store.close();
  await server.close();
});

journalContract(store);
compactionContract(store);
careCases(server);
postgresCases(server);
