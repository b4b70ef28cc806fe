import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { CommandError } from "../opensqt/output.ts";
import { type EmulatorFlags, startOf } from "./flags.ts";
import { HEAP_FLAGS } from "./heap.ts";

const FLAGS: EmulatorFlags = {
  controlPort: "0",
  host: "127.0.0.1",
  clock: "wall",
  speed: "1",
  seed: "1",
  legacy: "serve",
};

const refused = (flags: Partial<EmulatorFlags>, exitCode: number, words: RegExp): Promise<void> =>
  assert.rejects(startOf({ ...FLAGS, ...flags }, 0), (error: unknown) => {
    assert.ok(error instanceof CommandError && error.exitCode === exitCode, String(error));
    assert.match(error.message, words);
    return true;
  });

test("EMU-03 EMU-33 flags say protocols, ports, clock and market; what does not go together is refused", async () => {
  const { options, words } = await startOf({ ...FLAGS, port: "0", market: ["thin"], clock: "paced", speed: "5" }, 0);
  assert.deepEqual(options.ports, { "binance-usdm": 0, "binance-spot": 0 });
  assert.deepEqual(options.clock, { mode: "paced", speed: 5 });
  assert.equal(words, 'synthetic market "thin" (a wide spread over a book of crumbs), seed 1');
  assert.deepEqual((await startOf({ ...FLAGS, market: ["hand"] }, 0)).options.market, { kind: "hand" });
  await refused({ port: "19500" }, 2, /--port 19500 is one port/);
  await refused({ speed: "0", clock: "paced" }, 2, /--speed 0 is not allowed/);
  await refused({ speed: "5" }, 2, /--speed 5 does nothing with --clock wall; say --clock paced/);
  await refused({ loop: true }, 2, /--loop is for recordings/);
  await refused({ market: ["clam"] }, 2, /--market clam is neither .* markets are calm, trend/);
  await refused({ controlPort: "70000" }, 2, /--control-port 70000 is not allowed/);
  await refused({ market: ["calm", "capture.gz"] }, 2, /--market calm stands alone/);
  await refused({ accounts: "none.json" }, 3, /none.json cannot be read/);
});

test("EMU-43 bin/opensqt and opensqt up start the emulator with the same heap", () => {
  const text = readFileSync(join(import.meta.dirname, "../../../bin/opensqt"), "utf8");
  assert.ok(text.includes(`exec "$node" ${HEAP_FLAGS.join(" ")} -- `));
});
