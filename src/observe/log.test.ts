// What a log writes, what it must never write, and what it keeps for those who subscribe.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openLog } from "./log.ts";

function logInto(lines: string[], level: "debug" | "info" = "info") {
  return openLog({ process: "connector", level, write: (line) => lines.push(line) });
}

test("RISK-47 a line is one JSON object with time, level, process, ids and text", () => {
  const lines: string[] = [];
  const log = logInto(lines).child({ bot: "btc-grid" });
  log.info("order sent", { seq: 7, clientOrderId: "oabc" });
  log.debug("not at this level");
  assert.equal(lines.length, 1);
  const { at, ...rest } = JSON.parse(lines[0] ?? "") as Record<string, unknown>;
  assert.match(String(at), /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  const expected = { level: "info", process: "connector", bot: "btc-grid", seq: 7, clientOrderId: "oabc" };
  assert.deepEqual(rest, { ...expected, msg: "order sent" });
  assert.match(lines[0] ?? "", /^\{.*\}\n$/);
});

test("RISK-48 secrets are masked by name at any of three depths, and by value wherever they stand", () => {
  const lines: string[] = [];
  const log = logInto(lines);
  log.conceal(['s3cret"value', "short"]);
  log.warn('the exchange said: bad key s3cret"value', {
    apiKey: "AAAA",
    headers: { authorization: "BBBB", "x-api-key": "CCCC" },
    call: { request: { passphrase: "DDDD" } },
    body: 'x=s3cret"value&short',
  });
  const [line = ""] = lines;
  for (const secret of ["AAAA", "BBBB", "CCCC", "DDDD", "s3cret"]) assert.ok(!line.includes(secret), line);
  assert.ok(line.includes("&short"), "a value too short to be a secret masks nothing");
  assert.equal(log.ring.lines()[0]?.text, "the exchange said: bad key [secret]");
});

test("the ring keeps the last 1,000 lines as they were written, counts the others, and tells subscribers", () => {
  const log = logInto([]);
  const heard: number[] = [];
  const stop = log.ring.subscribe(({ sequence }) => heard.push(sequence));
  log.ring.subscribe(() => {
    throw new Error("a listener's own fault");
  });
  for (let i = 0; i < 1003; i += 1) log.info(`line ${i}`, { code: "counted", i });
  stop();
  log.info("unheard");
  assert.deepEqual([heard.length, heard[0], heard.at(-1)], [1003, 1, 1003]);
  const lines = log.ring.lines();
  assert.deepEqual([lines.length, log.ring.dropped, lines[0]?.text], [1000, 4, "line 4"]);
  assert.deepEqual(lines[0]?.fields, { i: "4" });
  assert.deepEqual([lines[0]?.code, lines[0]?.level, lines[0]?.process], ["counted", "info", "connector"]);
});

test("RISK-49 a log whose writer throws is the writer's fault alone", () => {
  const log = openLog({ process: "connector", write: () => undefined });
  log.ring.take("no json");
  assert.deepEqual(log.ring.lines(), []);
});
