// One process a journal (DUR-54): `lock.db` is held in BEGIN EXCLUSIVE for the life of the process, and the kernel
// frees it on death. Nothing else in this process may open that file: closing any second handle would drop the lock.

import { readFileSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { platform } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { JournalError } from "./errors.ts";
import { makeJournalFolder } from "./new-folder.ts";
import { type Holder, lockHeld } from "./open-options.ts";
import { isBusy, journalError } from "./sqlite-errors.ts";

/** `statfs` types that do not lock between machines, or not at all (linux/magic.h, statfs(2)). */
const NETWORK_FILE_SYSTEMS: ReadonlyMap<number, string> = new Map([
  [0x6969, "NFS"],
  [0x517b, "SMB"],
  [0xff534d42, "CIFS"],
  [0xfe534d42, "SMB2"],
  [0x5346414f, "AFS"],
  [0x73757245, "Coda"],
  [0x00c36400, "Ceph"],
  [0x0bd00bd0, "Lustre"],
  [0x47504653, "GPFS"],
  [0x7461636f, "OCFS2"],
  [0x01021997, "9p"],
  [0x65735546, "FUSE"],
]);

/** Name of the network file system of this `statfs` type, or null for a local disk. */
export const networkFileSystem = (type: number): string | null => NETWORK_FILE_SYSTEMS.get(type >>> 0) ?? null;

/** Errors: UNSUPPORTED_DISK. Linux only: other systems number their file systems as they load them. */
export function refuseNetworkDisk(dir: string): void {
  if (platform() !== "linux") return;
  const name = networkFileSystem(statfsSync(dir).type);
  if (name === null) return;
  throw new JournalError(
    "UNSUPPORTED_DISK",
    `UNSUPPORTED_DISK: ${dir} lies on ${name}, where locks cannot be relied upon: two copies of a bot could run at once. ` +
      "Use a folder on a local disk (in a container: a volume).",
  );
}

/** Holds the journal in `dir` until released or until the process dies. */
export class JournalLock {
  private readonly db: DatabaseSync;
  private readonly holderFile: string;

  /** Makes `dir`. Errors: LOCK_HELD with who holds it, CANNOT_WRITE, UNSUPPORTED_DISK. */
  constructor(dir: string, bot: string, holder: Holder) {
    const path = join(dir, "lock.db");
    this.holderFile = join(dir, "holder.json");
    let db: DatabaseSync | null = null;
    try {
      makeJournalFolder(dir);
      refuseNetworkDisk(dir);
      db = new DatabaseSync(path, { timeout: 0 });
      db.exec("BEGIN EXCLUSIVE");
      writeFileSync(this.holderFile, `${JSON.stringify(holder)}\n`);
    } catch (error) {
      db?.close();
      if (isBusy(error)) throw lockHeld(bot, readHolder(this.holderFile));
      throw journalError(error, { path, goodTo: 0 });
    }
    this.db = db;
  }

  release(): void {
    rmSync(this.holderFile, { force: true });
    this.db.close();
  }
}

/** Who holds it, or null when nobody can tell. */
function readHolder(path: string): Holder | null {
  try {
    const value: unknown = JSON.parse(readFileSync(path, "utf8"));
    if (typeof value !== "object" || value === null) return null;
    const { host, pid, sinceMs } = value as Partial<Record<keyof Holder, unknown>>;
    if (typeof host !== "string" || typeof pid !== "number" || typeof sinceMs !== "number") return null;
    return Number.isSafeInteger(pid) && Number.isSafeInteger(sinceMs) ? { host, pid, sinceMs } : null;
  } catch {
    return null; // being written, or gone: the lock itself already said no
  }
}
