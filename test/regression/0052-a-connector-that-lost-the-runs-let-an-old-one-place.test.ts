// By reading: where the connector could not read the file of run numbers it logged so and forgot them all. Then an
// engine whose run was over could place until the new one spoke first.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Fence } from "../../src/exchange/connector/fence.ts";
import { fenceFile } from "../../src/exchange/connector/fence-file.ts";
import { refusalOf } from "../../src/rpc/refusal.ts";

for (const [what, bytes] of [
  ["empty", ""],
  ["half of one", '{"a":7,"b'],
  ["full of zeros", "\0".repeat(64)],
  ["another file", '{"a":"7"}'],
] as const) {
  test(`API-12 a file of run numbers that is ${what} lets no run place but one begun after it`, (t) => {
    const folder = mkdtempSync(join(tmpdir(), "fence-"));
    t.after(() => rmSync(folder, { recursive: true }));
    const path = join(folder, "fence.json");
    writeFileSync(path, bytes);
    const open = (): Fence => new Fence(fenceFile(path, { error: () => undefined }));
    const place = (fence: Fence, epoch: number, bot = "a"): string => {
      try {
        fence.pass(bot, epoch);
        return "placed";
      } catch (error) {
        return refusalOf(error).reason;
      }
    };
    const first = open();
    assert.equal(place(first, 6), "FENCED", "an old run may have spoken first");
    assert.equal(place(first, 6), "FENCED");
    first.passArming("a", 6);
    first.passArming("c", 1);
    assert.equal(place(first, 7), "placed");
    assert.throws(() => first.passArming("a", 5));
    // the connector starts again: what it learned it knows, of others it knows nothing still
    const second = open();
    assert.deepEqual(
      [6, 7, 8].map((epoch) => place(second, epoch)),
      ["FENCED", "placed", "placed"],
    );
    assert.equal(place(second, 3, "b"), "FENCED");
    assert.equal(place(second, 4, "b"), "placed");
    rmSync(path);
    assert.equal(place(open(), 3, "b"), "placed", "the operator removed it");
  });
}
