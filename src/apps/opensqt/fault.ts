// The one handler of the unexpected (OPS-13): writes what is known with plain file calls, says where, and cannot throw.

import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Path of the report, or null where it could not be written. */
export function writeFault(error: unknown, release: string): string | null {
  try {
    const atMs = Date.now();
    const path = join(tmpdir(), `opensqt-fault-${atMs}-${process.pid}.txt`);
    writeFileSync(path, `${facts(error, release, atMs).join("\n")}\n`, { mode: 0o600 });
    return path;
  } catch {
    return null;
  }
}

function facts(error: unknown, release: string, atMs: number): readonly string[] {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return [
    `OpenSQT ${release}, Node ${process.version}, ${process.platform} ${process.arch}`,
    `at ${new Date(atMs).toISOString()}, ${Math.floor(process.uptime() * 1000)} ms after the start`,
    `command: ${process.argv.slice(2).join(" ")}`,
    `memory: ${process.memoryUsage.rss()} bytes`,
    "",
    stack,
    ...(error instanceof Error && error.cause instanceof Error ? ["", `cause: ${error.cause.stack ?? ""}`] : []),
  ];
}

/** The message a person sees. */
export function faultText(error: unknown, path: string | null): string {
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const where = path === null ? (error instanceof Error ? (error.stack ?? "") : "") : `Details are in ${path}`;
  return `an unexpected fault: ${message}\n${where}. Please report it; what is journaled is safe.`;
}
