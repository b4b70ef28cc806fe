// Whether a process keeps within the memory it was given (OPS-16), measured when asked.

import type { Verdict } from "./liveness.ts";
import { residentBytes } from "./resident-memory.ts";

const MIB = 1 << 20;

/** `bytes`: resident memory of the process, its own unless given. */
export function memoryWithin(mibMax: number, bytes: number | null = residentBytes()): Verdict {
  if (bytes === null) return { ok: true, text: "this system does not tell" };
  const mib = Math.ceil(bytes / MIB);
  const ok = mib <= mibMax;
  return { ok, text: ok ? `${mib} MiB` : `${mib} MiB, above limits.memoryMibMax ${mibMax}` };
}
