// The run numbers of bots in their file and its copy: what is damaged, what stands in, what a new bot meets.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { refusalOf } from "../../rpc/refusal.ts";
import { Fence } from "./fence.ts";
import { fenceFile } from "./fence-file.ts";

function fenceIn(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), "fence-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "fence.json");
  const said: string[] = [];
  return { path, said, open: () => new Fence(fenceFile(path, { error: (text) => void said.push(text) })) };
}

const refused = (work: () => void): string => {
  try {
    work();
    return "";
  } catch (error) {
    return refusalOf(error).message;
  }
};

test("API-12 a damaged file of run numbers costs no bot a second start: its copy has every number", (t) => {
  const { path, said, open } = fenceIn(t);
  const first = open();
  first.pass("a", 7);
  first.pass("b", 1);
  writeFileSync(path, '{"a":');
  const second = open();
  assert.deepEqual(said, [
    "the file of bots' run numbers cannot be read",
    "the copy of bots' run numbers stands in: nothing is lost",
  ]);
  assert.equal(
    refused(() => second.pass("new", 1)),
    "",
    "a bot that was never heard of begins once",
  );
  assert.match(
    refused(() => second.pass("a", 6)),
    /run 6 of bot a is over: run 7 has taken its place/,
  );
  second.pass("a", 7);
  // the file is whole again with the next number
  assert.deepEqual(open().pass("new", 1), undefined);
  assert.equal(said.length, 2);
});

test("API-12 where file and copy are lost the refusal names the file and what to do; removed, it holds nobody", (t) => {
  const { path, open } = fenceIn(t);
  open().pass("a", 7);
  writeFileSync(path, "");
  writeFileSync(`${path}.copy`, "");
  const text = refused(() => open().pass("new", 1));
  assert.ok(text.includes(path), text);
  assert.match(text, /stop the connector and remove that file once no old engine runs/);
  rmSync(path);
  assert.equal(
    refused(() => open().pass("other", 1)),
    "",
    "a copy beside a removed file says nothing",
  );
});
