// The thread of a backup: one statement that takes as long as the journal is large. Answers "" or what went wrong.

import { DatabaseSync } from "node:sqlite";
import { parentPort, workerData } from "node:worker_threads";

const { from, to } = workerData as { readonly from: string; readonly to: string };

function copy(): string {
  try {
    const db = new DatabaseSync(from, { readOnly: true, timeout: 5000 });
    try {
      db.prepare("VACUUM INTO ?").run(to);
      return "";
    } finally {
      db.close();
    }
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

parentPort?.postMessage(copy());
