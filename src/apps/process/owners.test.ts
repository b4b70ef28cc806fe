// OPS-55: what is opened has an owner, owners close in reverse order, and none holds up the end for ever.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openLog } from "../../observe/log.ts";
import { Owners } from "./owners.ts";

test("OPS-55 owners close once each, in reverse order; one that hangs or throws is named and the others still close", async () => {
  const lines: string[] = [];
  const owners = new Owners(openLog({ process: "test", write: (line) => lines.push(line) }), 50);
  const closed: string[] = [];
  owners.add("first", () => {
    closed.push("first");
  });
  owners.add("hangs", () => new Promise<void>(() => undefined));
  owners.add("throws", () => {
    throw new Error("no such file");
  });
  owners.add("last", async () => {
    closed.push("last");
  });
  assert.deepEqual(await Promise.all([owners.close(), owners.close()]), [2, 2]);
  assert.deepEqual(closed, ["last", "first"]);
  const said = lines.map((line) => (JSON.parse(line) as { msg: string }).msg);
  assert.deepEqual(said, ["throws could not be closed: no such file", "hangs did not end in time"]);
});
