// Every store of the journal against the same contract (TEST-10).

import { journalContract } from "./journal.ts";
import { memoryStore } from "./journal-memory.ts";
import { sqliteStore } from "./journal-sqlite.ts";

for (const store of [memoryStore, sqliteStore]) journalContract(store);
