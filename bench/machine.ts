// On what the numbers were made.

import { execFileSync } from "node:child_process";
import { arch, cpus, loadavg, platform, totalmem } from "node:os";

export interface Machine {
  readonly at: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly system: string;
  readonly node: string;
  readonly commit: string;
  /** Load of the last minute before the first bench: other work on the machine makes every number worse. */
  readonly load: number;
}

export function machine(): Machine {
  const list = cpus();
  return {
    at: new Date().toISOString().slice(0, 16).replace("T", " "),
    cpu: list[0]?.model ?? "unknown",
    cores: list.length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${arch()}`,
    node: process.version,
    commit: commit(),
    load: Math.round((loadavg()[0] ?? 0) * 100) / 100,
  };
}

export const machineText = (m: Machine): string =>
  [
    `${m.at} UTC`,
    `${m.cpu}, ${m.cores} cores, ${m.memoryGb} GB, ${m.system}`,
    `Node ${m.node}`,
    `commit ${m.commit}`,
    `load ${m.load}`,
  ].join(" · ");

function commit(): string {
  const git = (...words: readonly string[]): string =>
    execFileSync("git", words, {
      cwd: import.meta.dirname,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  try {
    const dirty = git("status", "--porcelain", "--untracked-files=no") === "" ? "" : "+";
    return git("rev-parse", "--short", "HEAD") + dirty;
  } catch {
    return "unknown";
  }
}
