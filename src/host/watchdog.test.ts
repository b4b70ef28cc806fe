// The watchdog in real processes: one whose loop stands still is ended, one that rests or turns is left alone.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly said: string;
}

function run(what: "loop" | "leave"): Promise<Ended> {
  const script = fileURLToPath(new URL("watchdog.fixture.ts", import.meta.url));
  const child = spawn(process.execPath, [script, what], { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  const hear = (part: Buffer): void => {
    said += part.toString();
  };
  child.stdout.on("data", hear);
  child.stderr.on("data", hear);
  return new Promise((resolve) => child.on("close", (code, signal) => resolve({ code, signal, said })));
}

test("OPS-17 a process whose loop does not turn is ended, and says so", async () => {
  const { signal, said } = await run("loop");
  assert.equal(signal, "SIGKILL");
  assert.match(said, /^turned\n.*"code":"watchdog"/s);
});

test("OPS-17 long work that was announced, and a loop that turns, are left alone", async () => {
  const { code, said } = await run("leave");
  assert.deepEqual([code, said], [0, "turned\n"]);
});
