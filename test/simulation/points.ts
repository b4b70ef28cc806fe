// The crash points one grid bot passes, and how often one is passed before the process dies there.

import { CRASH_POINTS, type CrashPoint } from "../../src/base/crash-point.ts";

/** A resend does not exist: what is found absent is decided anew (DUR-48). */
export const REACHABLE_POINTS: readonly CrashPoint[] = CRASH_POINTS.filter((name) =>
  /^(?:turn|send|cancel|settle|stream|config|snapshot|recover|stop)\./.test(name),
).filter((name) => name !== "settle.before-resend");
