// The thread of a verification: the whole journal is read beside its writer. Answers what it found.

import { parentPort, workerData } from "node:worker_threads";
import { JournalError } from "./errors.ts";
import { PostgresStore } from "./postgres/store.ts";
import { type JournalReport, verifyJournal, verifyReader } from "./verify.ts";
import type { JournalAddress, Verified } from "./verify-beside.ts";

async function reportOf(at: JournalAddress): Promise<JournalReport> {
  if (at.kind === "folder") return verifyJournal(at.folder);
  const { kind: _kind, name, ...options } = at;
  const store = new PostgresStore({ ...options, name: "opensqt verify" });
  try {
    const reader = store.openReader(name, { archives: true });
    return verifyReader(reader, reader.head());
  } finally {
    await store.close();
  }
}

async function verified(at: JournalAddress): Promise<Verified> {
  try {
    const { goodTo, damage } = await reportOf(at);
    return { goodTo, damage: damage === null ? null : { code: damage.code, text: damage.message } };
  } catch (error) {
    const code = error instanceof JournalError ? error.code : "UNEXPECTED";
    return { goodTo: 0, damage: { code, text: error instanceof Error ? error.message : String(error) } };
  }
}

parentPort?.postMessage(await verified(workerData as JournalAddress));
