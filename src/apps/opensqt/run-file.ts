// What a running `opensqt up` leaves in its data folder for the commands of the same user: where its processes listen
// and an operator key that lives as long as it does. Readable by its owner alone; gone after a clean stop.

import { chmodSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { makeFolder } from "../../config/make-folder.ts";

const RUN_FILE = z.object({
  v: z.literal(1),
  release: z.string(),
  pid: z.number(),
  startedAtMs: z.number(),
  /** Where the console is, "http://127.0.0.1:8081/". */
  console: z.string(),
  connector: z.object({ pid: z.number().nullable(), grpc: z.string(), http: z.string() }),
  marketMaker: z.object({ pid: z.number().nullable(), grpc: z.string(), http: z.string() }),
  liveServer: z.object({ pid: z.number().nullable(), http: z.string() }),
  /** Where orders go through an emulator: its wire and its control API. */
  emulator: z.object({ pid: z.number().nullable(), wire: z.string(), control: z.string() }).optional(),
  operatorKey: z.string(),
});

export type RunFile = z.infer<typeof RUN_FILE>;

const pathIn = (dataDir: string): string => join(dataDir, "run.json");

/** A whole file or the one before. Errors: those of the disk. */
export function writeRunFile(dataDir: string, run: RunFile): void {
  makeFolder(dataDir);
  const temporary = `${pathIn(dataDir)}.tmp`;
  writeFileSync(temporary, `${JSON.stringify(run, null, 2)}\n`, { mode: 0o600 });
  // an older file with looser rights may have stood there
  chmodSync(temporary, 0o600);
  renameSync(temporary, pathIn(dataDir));
}

export function removeRunFile(dataDir: string): void {
  rmSync(pathIn(dataDir), { force: true });
}

/** Null where no `up` left one, or it cannot be read. */
export function readRunFile(dataDir: string): RunFile | null {
  const path = pathIn(dataDir);
  if (!existsSync(path)) return null;
  try {
    return RUN_FILE.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    return null;
  }
}

/** Whether this process is there; another user's counts too. */
export function isAlive(pid: number | null): boolean {
  if (pid === null) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
