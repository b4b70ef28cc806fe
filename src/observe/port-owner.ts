// Which process listens on a TCP port of this machine: for the sentence a person reads when the port is taken. Linux
// only, by /proc; elsewhere, or without the rights to look, it knows nothing.

import { readdirSync, readFileSync, readlinkSync } from "node:fs";

const LISTENS = "0A";

/** "process 4711 (nginx)", or null where it cannot be told. */
export function portOwner(port: number): string | null {
  try {
    const inodes = new Set([...listeners("/proc/net/tcp", port), ...listeners("/proc/net/tcp6", port)]);
    if (inodes.size === 0) return null;
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
      if (holds(pid, inodes)) return `process ${pid} (${readFileSync(`/proc/${pid}/comm`, "utf8").trim()})`;
    }
  } catch {
    // no /proc here, or a process that ended while it was looked at
  }
  return null;
}

/** Socket inodes that listen on `port`. */
function listeners(file: string, port: number): readonly string[] {
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  const rows = readFileSync(file, "utf8").split("\n").slice(1);
  return rows.flatMap((row) => {
    const [, local = "", , state, , , , , , inode = ""] = row.trim().split(/\s+/);
    return state === LISTENS && local.endsWith(`:${hex}`) ? [inode] : [];
  });
}

function holds(pid: string, inodes: ReadonlySet<string>): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => {
      const socket = /^socket:\[(\d+)\]$/.exec(linkOf(`/proc/${pid}/fd/${fd}`));
      return socket?.[1] !== undefined && inodes.has(socket[1]);
    });
  } catch {
    // somebody else's process, or it has just ended
    return false;
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    // the descriptor was closed meanwhile
    return "";
  }
}
