// A whole journal verified beside its writer, in a thread of its own: it may take minutes, and holds no turn up
// (DUR-26).

import { Worker } from "node:worker_threads";

/** Where a journal lies, for whoever opens it again elsewhere. */
export type JournalAddress =
  | { readonly kind: "folder"; readonly folder: string }
  /** `name`: what it is called in the database. */
  | { readonly kind: "database"; readonly url: string; readonly schema?: string; readonly name: string };

export interface Verified {
  /** Records up to this position are the ones that were written. */
  readonly goodTo: number;
  /** The first thing that is wrong. Code UNEXPECTED: the thread failed, and nothing is known of the journal. */
  readonly damage: { readonly code: string; readonly text: string } | null;
}

export interface Verification {
  readonly result: Promise<Verified>;
  /** Ends the thread; the result then says that nothing is known. */
  close(): Promise<void>;
}

const unknown = (text: string): Verified => ({ goodTo: 0, damage: { code: "UNEXPECTED", text } });

/** Begins at once. The result never rejects. */
export function verifyBeside(at: JournalAddress): Verification {
  const worker = new Worker(new URL("./verify-worker.ts", import.meta.url), { workerData: at });
  const result = new Promise<Verified>((resolve) => {
    worker.once("message", (found: Verified) => resolve(found));
    worker.once("error", (error) => resolve(unknown(error instanceof Error ? error.message : String(error))));
    worker.once("exit", () => resolve(unknown("the thread ended before it had looked at everything")));
  });
  return {
    result,
    close: async () => {
      await worker.terminate();
    },
  };
}
