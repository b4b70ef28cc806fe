// A process as GetProcess tells it: who it is, how long it runs, and what it judges itself by. Of the machine only its
// name is told.

import { hostname } from "node:os";
import type { CheckResult } from "../observe/liveness.ts";
import type { ProcessInfo } from "./generated/opensqt/market_maker/v1/types.ts";

export interface TellingProcess {
  readonly name: string;
  readonly release: string;
  uptimeMs(): number;
}

/** The answer's part about the process; ready when every check passes. Ages are ms, -1 where there is no evidence. */
export function processInfo(self: TellingProcess, checks: readonly CheckResult[]): ProcessInfo {
  return {
    name: self.name,
    release: self.release,
    host: hostname(),
    pid: process.pid,
    uptimeMs: self.uptimeMs(),
    ready: checks.every(({ ok }) => ok),
    checks: checks.map(({ name, ok, text, ageMs }) => ({ name, ok, text, ageMs: Math.round(ageMs ?? -1) })),
  };
}

/** A process nobody described: one in a test, or a bench. */
export const unnamedProcess = (release: string): ProcessInfo =>
  processInfo({ name: "", release, uptimeMs: () => Math.floor(process.uptime() * 1_000) }, []);
