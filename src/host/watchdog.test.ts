// The watchdog in real processes: one whose loop stands still is ended, one that rests or turns is left alone.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { readStuck } from "./watchdog.ts";

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly said: string;
}

function run(what: "loop" | "step" | "leave", stuckFile = ""): Promise<Ended> {
  const script = fileURLToPath(new URL("watchdog.fixture.ts", import.meta.url));
  const child = spawn(process.execPath, [script, what, stuckFile], { stdio: ["ignore", "pipe", "pipe"] });
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

test("OPS-17 the event whose step does not end is noted, and counted when it happens again", async () => {
  const folder = mkdtempSync(join(tmpdir(), "watchdog-"));
  const file = join(folder, "stuck.json");
  try {
    for (const times of [1, 2]) {
      const { signal, said } = await run("step", file);
      assert.equal(signal, "SIGKILL");
      assert.match(said, /not turned for 1200 ms \(event 4711 of poisoned\): it is ended/);
      assert.deepEqual(readStuck(file), { bot: "poisoned", seq: 4711, times });
    }
    await run("loop", file);
    assert.equal(readStuck(file)?.times, 2, "what happens outside of steps is no bot's");
    writeFileSync(file, "{}");
    assert.equal(readStuck(file), null);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("OPS-17 long work whose steps go on, and a loop that turns, are left alone", async () => {
  const { code, said } = await run("leave");
  assert.deepEqual([code, said], [0, "turned\n"]);
});
