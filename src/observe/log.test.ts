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

test("RISK-48 a secret that begins like another is masked whole, whichever was named first", () => {
  const lines: string[] = [];
  const log = logInto(lines);
  log.conceal(["abcdef", "abcdef-and-more"]);
  log.warn("keys abcdef and abcdef-and-more");
  assert.match(lines[0] ?? "", /"keys \[secret\] and \[secret\]"/);
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

/** A log whose timers a test fires. */
function repeating() {
  const lines: string[] = [];
  const timers = new Set<() => void>();
  const log = openLog({
    process: "connector",
    write: (line) => lines.push(line),
    later: (_ms, act) => {
      timers.add(act);
      return () => timers.delete(act);
    },
  });
  const said = (): unknown[] => lines.splice(0).map((line) => (JSON.parse(line) as { msg: string }).msg);
  const minute = (): void => {
    for (const act of timers) act();
    timers.clear();
  };
  return { log, said, minute };
}

test("RISK-49 a line that is repeated is written once and counted, and the count is told within a minute", () => {
  const { log, said, minute } = repeating();
  for (let n = 0; n < 1_000; n += 1) log.warn("the disk is slow", { code: "slow", bot: "a" });
  assert.deepEqual(said(), ["the disk is slow"]);
  assert.equal(log.ring.lines().length, 1);
  minute();
  assert.deepEqual(said(), ["the disk is slow (repeated 999 times)"]);
  assert.equal(log.ring.lines().at(-1)?.fields["repeated"], "999");
  minute();
  assert.deepEqual(said(), []);
  log.warn("the disk is slow", { code: "slow", bot: "a" });
  assert.deepEqual(said(), ["the disk is slow"], "a minute later it is news again");
});

test("RISK-49 what differs in a field is another line, and what comes back between others is seen to", () => {
  const { log, said, minute } = repeating();
  for (const bot of ["a", "b"]) log.warn("stale", { bot });
  for (let n = 0; n < 3; n += 1) {
    log.warn("lost");
    log.info("back");
  }
  assert.deepEqual(said(), ["stale", "stale", "lost", "back", "lost", "back", "lost", "back"]);
  for (let n = 0; n < 100; n += 1) {
    log.warn("lost");
    log.info("back");
  }
  assert.equal(said().length, 4, "five of each a minute");
  minute();
  assert.deepEqual(said(), ["lost (repeated 98 times)", "back (repeated 98 times)"]);
});

test("RISK-49 what is still counted when the log closes is told", () => {
  const { log, said } = repeating();
  log.error("no answer");
  log.error("no answer");
  log.close();
  assert.deepEqual(said(), ["no answer", "no answer (repeated 1 time)"]);
});

test("RISK-49 a log whose writer throws is the writer's fault alone", () => {
  const log = openLog({ process: "connector", write: () => undefined });
  log.ring.take("no json");
  assert.deepEqual(log.ring.lines(), []);
});
