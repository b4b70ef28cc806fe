// The operator door over real HTTP, with real bots behind it: a page may do what an operator may, and nothing else.

import assert from "node:assert/strict";
import { test } from "node:test";
import { CONSOLE, journaled, openDoor } from "./door.fixture.ts";
import { isPrivate } from "./operator-door.ts";

test("API-37 a page pauses, resumes and trips a breaker by the same handlers and the same journal event", async (t) => {
  const door = await openDoor(t);
  const paused = await door.post("PauseBot", { botId: "b0", reason: "lunch", cancelEntries: true });
  assert.equal(paused.status, 200, paused.text);
  assert.equal((paused.body["bot"] as Record<string, unknown>)["phase"], "BOT_PHASE_PAUSED");
  assert.equal((await door.post("ResumeBot", { bot_id: "b0", reason: "back" })).status, 200);
  const opened = await door.post("OpenCircuitBreaker", { scope: "SCOPE_BOT", id: "b0", action: "", reason: "news" });
  assert.equal(opened.status, 200, opened.text);
  assert.equal((await door.post("CloseCircuitBreaker", { name: "manual", id: "b0", reason: "over" })).status, 200);
  assert.deepEqual(journaled(door), [
    "pause by desk: lunch",
    "resume by desk: back",
    "breakerOpen by desk: news",
    "breakerClose by desk: over",
  ]);
});

test("API-37 a kill is told line by line until it is proved", async (t) => {
  const door = await openDoor(t, 2);
  const killed = await door.post("TriggerKillSwitch", { scope: "SCOPE_ALL", flatten: true, reason: "drill" });
  assert.equal(killed.status, 200);
  assert.match(killed.headers.get("content-type") ?? "", /ndjson/);
  const steps = killed.text
    .trim()
    .split("\n")
    .map((line) => (JSON.parse(line) as { report: { step: string } }).report.step);
  assert.equal(steps[0], "gate");
  assert.equal(steps.at(-1), "done");
  const report = killed.body["report"] as Record<string, unknown>;
  assert.equal(report["proven"], true);
  const reset = await door.post("ResetKillSwitch", { scope: "SCOPE_ALL", reason: "drill over" });
  assert.equal(reset.status, 200, reset.text);
});

test("API-37 statuses mirror gRPC's, and a refused call leaves no trace in the journal", async (t) => {
  const door = await openDoor(t);
  const operator = { authorization: `Bearer ${door.village.keys.operator}` };
  const before = journaled(door).length;
  const cases: readonly (readonly [path: string, body: unknown, headers: Record<string, string>, status: number])[] = [
    ["PauseBot", { botId: "b0", reason: "x" }, {}, 401],
    ["PauseBot", { botId: "b0", reason: "x" }, { authorization: "Bearer nonsense" }, 401],
    ["PauseBot", { botId: "b0", reason: "x" }, { authorization: `Bearer ${door.village.keys.trader}` }, 403],
    ["PauseBot", { botId: "nobody", reason: "x" }, operator, 404],
    ["PauseBot", { botId: "b0" }, operator, 400],
    ["PauseBot", { botId: "b0", reason: "x".repeat(201) }, operator, 400],
    ["PauseBot", { botId: "b0", reason: { $ne: "" } }, operator, 400],
    ["PauseBot", { botId: ["b0"], reason: "x" }, operator, 400],
    ["PauseBot", { botId: "b0", reason: "x", cancelEntries: "yes" }, operator, 400],
    ["PauseBot", { botId: "b0", reason: "x", leg: "LEG_SIDEWAYS" }, operator, 400],
    ["PauseBot", { botId: "b0", bot_id: "b0", reason: "x" }, operator, 400],
    ["PauseBot", { botId: "b0", reason: "x", admin: true }, operator, 400],
    ["PauseBot", '{"botId":"b0","reason":"x","__proto__":{"a":1}}', operator, 400],
    ["PauseBot", "{", operator, 400],
    ["PauseBot", [1, 2], operator, 400],
    ["PauseBot", "null", operator, 400],
    ["PauseBot", { botId: "b0", reason: "y".repeat(300_000) }, operator, 400],
    ["SendCommand", { botId: "b0", name: "adopt", args: { quantity: 5 }, reason: "x" }, operator, 400],
    ["SendCommand", { botId: "b0", name: "adopt", args: [], reason: "x" }, operator, 400],
    ["UpdateBot", { botId: "b0", config: "id: b0", revision: "9", reason: "x" }, operator, 409],
    ["UpdateBot", { botId: "b0", config: "id: b0", revision: "one", reason: "x" }, operator, 400],
    ["ResetKillSwitch", { scope: "SCOPE_NOWHERE", reason: "x" }, operator, 400],
    ["TriggerKillSwitch", { scope: "SCOPE_BOT", id: "nobody", reason: "x" }, operator, 404],
    ["TriggerKillSwitch", { scope: "SCOPE_UNSPECIFIED", reason: "x" }, operator, 400],
    ["CloseCircuitBreaker", { name: "manual", reason: "x" }, operator, 404],
    ["OpenCircuitBreaker", { scope: "SCOPE_BOT", id: "b0", action: "explode", reason: "x" }, operator, 400],
    ["DeleteBot", { botId: "b0", reason: "x" }, operator, 404],
    ["GetBot", { botId: "b0" }, operator, 404],
    ["__proto__", {}, operator, 404],
  ];
  for (const [path, body, headers, status] of cases) {
    const answer = await door.post(path, body, headers);
    assert.equal(answer.status, status, `${path} ${JSON.stringify(body).slice(0, 80)}: ${answer.text.slice(0, 200)}`);
    assert.deepEqual(Object.keys(answer.body).sort(), ["code", "message", "metadata", "reason"], answer.text);
  }
  door.process.fleet.bot("b0")?.host?.offer({ kind: "host-condition", condition: "disk", active: true, text: "full" });
  await door.world.run(10);
  const holds = await door.post("CloseCircuitBreaker", { name: "host-disk", reason: "x" });
  assert.equal(holds.status, 412, holds.text);
  assert.deepEqual(journaled(door).slice(before), ["breakerClose by desk: x"], "what the engine judged is journaled");
});

test("API-38 only the console's own pages may use the door; no wildcard, no cookies, nothing but JSON", async (t) => {
  const door = await openDoor(t);
  const target = `${door.url}/operator/v1/PauseBot`;
  const preflight = async (origin: string): Promise<Response> =>
    fetch(target, {
      method: "OPTIONS",
      headers: { origin, "access-control-request-method": "POST", "access-control-request-headers": "authorization" },
    });
  const own = await preflight(CONSOLE);
  assert.equal(own.headers.get("access-control-allow-origin"), CONSOLE);
  assert.equal(own.headers.get("access-control-allow-credentials"), null);
  for (const origin of ["http://evil.example", "http://127.0.0.1:80811", "null", `${CONSOLE}.evil.example`]) {
    const foreign = await preflight(origin);
    assert.equal(foreign.headers.get("access-control-allow-origin"), null, origin);
    const key = door.village.keys.operator;
    const sent = await door.post("PauseBot", { botId: "b0", reason: "x" }, { origin, authorization: `Bearer ${key}` });
    assert.equal(sent.status, 403, origin);
    assert.equal(sent.headers.get("access-control-allow-origin"), null);
    const paired = await door.post("pair", { code: "AAAAAAAA" }, { origin });
    assert.equal(paired.status, 403);
  }
  const text = await door.post("PauseBot", "botId=b0", {
    authorization: `Bearer ${door.village.keys.operator}`,
    "content-type": "text/plain",
  });
  assert.equal(text.status, 400);
  assert.deepEqual(journaled(door), []);
});

test("API-38 outside of the machine the door is open over TLS alone", () => {
  const at = (localAddress: string, encrypted = false): boolean => isPrivate({ localAddress, encrypted });
  assert.deepEqual([at("127.0.0.1"), at("::1"), at("::ffff:127.0.0.1"), at("127.8.8.8")], [true, true, true, true]);
  assert.deepEqual([at("10.0.0.5"), at("0.0.0.0"), at("::"), at("1.127.0.0.1"), isPrivate({})], Array(5).fill(false));
  assert.equal(at("10.0.0.5", true), true);
});

test("API-41 a code is traded once, within a minute, for a key of twelve hours", async (t) => {
  const door = await openDoor(t);
  const asked = await door.post("pair/code", {});
  assert.equal(asked.status, 200, asked.text);
  const { code } = asked.body as { code: string };
  assert.match(code, /^[A-Z2-9]{8}$/);
  const paired = await door.post("pair", { code: code.toLowerCase() }, { origin: CONSOLE });
  assert.equal(paired.status, 200, paired.text);
  const { key } = paired.body as { key: string };
  const page = { origin: CONSOLE, authorization: `Bearer ${key}` };
  assert.equal((await door.post("PauseBot", { botId: "b0", reason: "x" }, page)).status, 200);
  assert.deepEqual(journaled(door), ["pause by console 1, paired by desk: x"]);
  assert.equal((await door.post("pair", { code }, {})).status, 401, "good once");
  door.clock.ms += 12 * 3_600_000;
  assert.equal((await door.post("ResumeBot", { botId: "b0", reason: "x" }, page)).status, 401, "good for twelve hours");
  const late = (await door.post("pair/code", {})).body as { code: string };
  door.clock.ms += 60_000;
  assert.equal((await door.post("pair", { code: late.code }, {})).status, 401, "good for a minute");
  const reader = { authorization: `Bearer ${door.village.keys.reader}` };
  assert.equal((await door.post("pair/code", {}, reader)).status, 403);
});

test("API-41 five wrong codes lock pairing for a minute, the right code included", async (t) => {
  const door = await openDoor(t);
  const { code } = (await door.post("pair/code", {})).body as { code: string };
  for (let i = 0; i < 5; i += 1) assert.equal((await door.post("pair", { code: `WRONG${i}22` }, {})).status, 401);
  const locked = await door.post("pair", { code }, {});
  assert.equal(locked.status, 429);
  assert.equal(locked.headers.get("retry-after"), "60");
  door.clock.ms += 60_001;
  const next = (await door.post("pair/code", {})).body as { code: string };
  assert.equal((await door.post("pair", { code: next.code }, {})).status, 200);
  for (const body of [{}, { code: 12_345_678 }, { code: "x".repeat(41) }, [], "null"]) {
    assert.equal((await door.post("pair", body, {})).status, 400);
  }
});

test("API-30 a key that asks too often at the door is told when to come again", async (t) => {
  const door = await openDoor(t);
  const asked = await Promise.all(
    Array.from({ length: 210 }, () => door.post("CloseCircuitBreaker", { name: "manual", reason: "x" })),
  );
  const refused = asked.filter(({ status }) => status === 429);
  assert.equal(refused.length, 10);
  assert.notEqual(refused[0]?.headers.get("retry-after"), null);
});
