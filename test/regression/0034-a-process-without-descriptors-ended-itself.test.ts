// A process whose file descriptors were used up ended without a word: it looks at its own memory each second, the
// system could not tell, and the handler of faults could not read which release it was (TEST-49, RISK-42).

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

const SOURCE = join(import.meta.dirname, "../../src");

const CHILD = `
import { openSync } from "node:fs";
const { OwnStrain, ownReadings } = await import(process.argv[1] + "/observe/own-strain.ts");
const { memoryWithin } = await import(process.argv[1] + "/observe/memory-bound.ts");
const { release } = await import(process.argv[1] + "/config/release.ts");
const said = release();
const readings = ownReadings();
const strain = new OwnStrain(readings);
try { for (;;) openSync("/dev/null", "r"); } catch (error) { if (error.code !== "EMFILE") throw error; }
console.log(JSON.stringify({
  same: release() === said, files: strain.files(), growth: strain.growth(), bound: memoryWithin(1_000_000),
}));
readings.close();
`;

test("TEST-49 RISK-42 a process that can open no file any more says so, and lives", (t) => {
  if (!existsSync("/proc/self/fd")) {
    t.skip("descriptors are counted where there is /proc");
    return;
  }
  const words = ["--input-type=module", "-e", CHILD, SOURCE];
  const { stdout, stderr } = spawnSync("/bin/sh", ["-c", 'ulimit -n 64; exec "$@"', "sh", process.execPath, ...words], {
    encoding: "utf8",
    timeout: 60_000,
  });
  assert.notEqual(stdout, "", stderr);
  const said = JSON.parse(stdout) as {
    readonly same: boolean;
    readonly files: { readonly ok: boolean; readonly text: string };
    readonly growth: { readonly ok: boolean };
    readonly bound: { readonly ok: boolean };
  };
  assert.equal(said.same, true);
  assert.equal(said.files.ok, false);
  assert.match(said.files.text, /no file can be opened any more/);
  assert.equal(said.growth.ok, true, "what cannot be told is no growth");
  assert.equal(said.bound.ok, true);
});
