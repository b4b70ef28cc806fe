// Whatever comes to the operator door, with an operator's key or without: any method, path, headers and body. It is
// refused in the one shape of refusals, nothing of it is journaled, and the door goes on. A failure prints its seed.

import assert from "node:assert/strict";
import { request } from "node:http";
import { connect as connectTcp } from "node:net";
import test from "node:test";
import fc from "fast-check";
import { type Door, journaled, openDoor } from "./door.fixture.ts";

const RUNS = Number(process.env["OPENSQT_PROPERTY_RUNS"] ?? 200);
const RATE = { perSecond: 1_000_000, burst: 1_000_000 };

const NAMES = ["PauseBot", "StopBot", "FlattenBot", "TriggerKillSwitch", "ResetKillSwitch", "UpdateBot", "SendCommand"];
const MORE = ["OpenCircuitBreaker", "CloseCircuitBreaker", "ResumeBot", "pair"];

const method = fc.oneof(
  { weight: 4, arbitrary: fc.constant("POST") },
  fc.constantFrom("GET", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "PROPFIND"),
);
const path = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...NAMES, ...MORE).map((name) => `/operator/v1/${name}`) },
  fc.constantFrom(
    "/operator/v1/DeleteBot",
    "/operator/v1/constructor",
    "/operator/v1/../v1/PauseBot",
    "/operator/v1/PauseBot/",
    "/operator/v1//PauseBot",
    "/operator/v1/PauseBot?botId=b0&reason=x",
    "/operator/v1/%50auseBot%00",
    "/operator/v2/PauseBot",
    `/operator/v1/${"x".repeat(3_000)}`,
  ),
);
const field = fc.constantFrom(
  "botId",
  "bot_id",
  "reason",
  "scope",
  "id",
  "name",
  "args",
  "flatten",
  "leg",
  "config",
  "code",
);
const value = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom<unknown>("b0", "../../etc/passwd", "a\0b", "x".repeat(5_000), "SCOPE_ALL", -1, 1e308, { $ne: "" }, [
    "b0",
  ]),
);
const body = fc.oneof(
  // without a good reason nothing can be done, and none of these is one
  fc.dictionary(field, value, { maxKeys: 6 }).map((fields) => JSON.stringify({ ...fields, reason: "a\nb" })),
  fc.dictionary(field, value, { maxKeys: 6 }).map((fields) => JSON.stringify({ ...fields, reason: "" })),
  fc.string({ maxLength: 300 }),
  fc.constantFrom("", "null", "[]", "{", `{"a":${"[".repeat(5_000)}`, `{"__proto__":{"a":1}}`, "x".repeat(400_000)),
);
const printable = fc.string({
  unit: fc.integer({ min: 32, max: 126 }).map((code) => String.fromCharCode(code)),
  maxLength: 60,
});
const headers = fc.dictionary(
  fc.constantFrom(
    "x-api-key",
    "x-request-id",
    "x-operator",
    "origin",
    "cookie",
    "content-encoding",
    "accept",
    "expect-x",
  ),
  printable,
  { maxKeys: 4 },
);
const kind = fc.oneof(
  { weight: 5, arbitrary: fc.constant("application/json") },
  fc.constantFrom(
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/json; charset=utf-16",
    "nonsense",
  ),
);

interface Knock {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

function knock(door: Door, { method: verb, path: where, headers: all, body: text }: Knock) {
  const framed = { ...all, "content-length": String(Buffer.byteLength(text)) };
  const sent = new Promise<{ readonly status: number; readonly text: string }>((resolve, reject) => {
    const call = request(
      { host: "127.0.0.1", port: door.port, path: where, method: verb, headers: framed, agent: false },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString("utf8") }),
        );
      },
    );
    call.on("error", reject);
    call.end(text);
  });
  return door.world.until(sent);
}

test("API-37 API-38 whatever is asked at the door is refused in one shape and leaves no trace", async (t) => {
  const door = await openDoor(t, 1, RATE);
  const before = [...journaled(door)];
  const key = door.village.keys.operator;
  const property = fc.asyncProperty(
    fc.tuple(method, path, body),
    headers,
    kind,
    fc.boolean(),
    async ([verb, where, text], some, type, keyed) => {
      const all = { "content-type": type, ...some, ...(keyed ? { authorization: `Bearer ${key}` } : {}) };
      const answer = await knock(door, { method: verb, path: where, headers: all, body: text });
      const words = `${verb} ${where.slice(0, 80)}: ${answer.status} ${answer.text.slice(0, 300)}`;
      const preflight = verb === "OPTIONS" && answer.status === 204;
      assert.ok(preflight || [400, 401, 403, 404, 409, 412, 413, 415, 429, 501, 503].includes(answer.status), words);
      if (verb !== "OPTIONS" && verb !== "HEAD" && /^\/operator\/v1\/\w+$/.test(where)) {
        const shape = Object.keys(JSON.parse(answer.text) as Record<string, unknown>).sort();
        assert.deepEqual(shape, ["code", "message", "metadata", "reason"], words);
      }
    },
  );
  await fc.assert(property, { numRuns: RUNS, seed: 1 });
  assert.deepEqual(journaled(door), before);
  assert.equal((await door.post("PauseBot", { botId: "b0", reason: "still there" })).status, 200);
});

test("API-37 bytes that are no HTTP end their connection alone", async (t) => {
  const door = await openDoor(t, 1, RATE);
  const head = "POST /operator/v1/PauseBot HTTP/1.1\r\nHost: x\r\n";
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 300 }).map((raw) => Buffer.from(raw)),
    fc
      .constantFrom(
        "Content-Length: -1\r\n\r\n",
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\nZZ\r\n",
        "Content-Length: 999999999999\r\n\r\n{",
        `X: ${"y".repeat(100_000)}\r\n\r\n`,
        "Host: y\r\nContent-Length: 2\r\n\r\n{}",
      )
      .map((rest) => Buffer.from(head + rest)),
  );
  const property = fc.asyncProperty(bytes, async (raw) => {
    const socket = connectTcp({ port: door.port, host: "127.0.0.1" });
    socket.on("error", () => undefined);
    const chunks: Buffer[] = [];
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.end(raw);
    await door.world.until(closed);
    const answer = Buffer.concat(chunks).toString("latin1");
    assert.ok(answer === "" || /^HTTP\/1\.1 4\d\d /.test(answer), answer.slice(0, 200));
  });
  await fc.assert(property, { numRuns: RUNS, seed: 2 });
  assert.deepEqual(journaled(door), []);
  assert.equal((await door.post("PauseBot", { botId: "b0", reason: "still there" })).status, 200);
});
