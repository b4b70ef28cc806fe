// Handshakes (live.md section 3), and what hostile clients get: refusals before the upgrade in their order, counted;
// floods and giant frames ended.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { connect as connectTcp } from "node:net";
import { test } from "node:test";
import { inHouse, metricOf } from "./server.fixture.ts";
import { defaultSettings } from "./settings.ts";

const { limits } = defaultSettings();
const KEY = "a-viewer's-key";
const BY_KEY = { mode: "key", hashes: [createHash("sha256").update(KEY).digest("hex")] } as const;

const rejected = (reason: string): string => `websocket_rejected_total{reason="${reason}"}`;

test("LIVE-10 the order of refusals: room, rate, origin, auth, subprotocol", async () => {
  const settings = { auth: BY_KEY, limits: { ...limits, clientsMax: 1 } };
  await inHouse({ settings }, async ({ connect, metrics, logged }) => {
    const bearer = { authorization: `Bearer ${KEY}` };
    const foreign = { origin: "https://evil.example" };
    // everything is wrong at once; each time the first of what is wrong is told
    const everything = { headers: { ...foreign, authorization: "Bearer wrong" }, protocol: "opensqt.v9" };
    assert.equal((await connect(everything)).status, 403);
    assert.equal((await connect({ ...everything, headers: { authorization: "Bearer wrong" } })).status, 401);
    assert.equal((await connect({ ...everything, headers: bearer })).status, 400);
    const first = await connect({ headers: bearer });
    assert.equal(first.status, 101);
    const full = await connect(everything);
    assert.deepEqual([full.status, full.refusal?.headers["retry-after"]], [503, "5"]);
    first.socket.close();
    await first.closed;
    const counts = await Promise.all(
      ["origin", "auth", "protocol", "full"].map((why) => metricOf(metrics, rejected(why))),
    );
    assert.deepEqual(counts, [1, 1, 1, 1]);
    const body = JSON.parse(full.refusal?.text ?? "") as Record<string, unknown>;
    assert.deepEqual(Object.keys(body), ["code", "message", "hint"]);
    const refusals = logged.filter((line) => line.includes('"code":"handshake-refused"'));
    assert.equal(refusals.length, 4, "LIVE-16 one line each, with its cause");
    assert.ok(refusals.every((line) => line.includes('"address":"127.0.0.1"') && line.includes('"reason":"')));
  });
});

test("LIVE-10 an address that opens more than ten sockets a second is refused with 429, as one that holds too many", async () => {
  const settings = { limits: { ...limits, clientsPerAddressMax: 5 } };
  await inHouse({ settings }, async ({ connect, metrics }) => {
    const many = await Promise.all(Array.from({ length: 40 }, () => connect()));
    const statuses = many.map(({ status }) => status);
    assert.equal(statuses.filter((status) => status === 101).length, 5);
    assert.equal(statuses.filter((status) => status === 429).length, 35);
    const told = await Promise.all(["address", "rate"].map((why) => metricOf(metrics, rejected(why))));
    assert.equal(
      told.reduce((sum, count) => sum + count, 0),
      35,
    );
    assert.equal(await metricOf(metrics, "websocket_active_connections"), 5);
    const other = await connect({ localAddress: "127.0.0.9" });
    assert.equal(other.status, 101, "another address is not held up");
  });
});

test("LIVE-10 the address is the socket's; X-Forwarded-For counts only from a trusted proxy", async () => {
  const one = { limits: { ...limits, clientsPerAddressMax: 1 } };
  const as = (address: string) => ({ headers: { "x-forwarded-for": address } });
  await inHouse({ settings: one }, async ({ connect }) => {
    assert.equal((await connect(as("203.0.113.1"))).status, 101);
    assert.equal((await connect(as("203.0.113.2"))).status, 429);
  });
  await inHouse({ settings: { ...one, trustedProxies: ["127.0.0.0/8", "10.0.0.1"] } }, async ({ connect }) => {
    // behind a proxy nobody is on loopback: a browser shows its origin
    const through = (address: string) => ({
      headers: { "x-forwarded-for": address, origin: "http://localhost", host: "localhost" },
    });
    assert.equal((await connect(through("203.0.113.1"))).status, 101);
    assert.equal((await connect(through("203.0.113.2, 10.0.0.1"))).status, 101);
    assert.equal(
      (await connect(through("198.51.100.7, 203.0.113.2"))).status,
      429,
      "what the client wrote itself is not believed",
    );
    assert.equal((await connect(as("203.0.113.3"))).status, 403, "a program from elsewhere shows a key");
  });
});

test("LIVE-10 pages of this server and of allowed origins may connect, others may not", async () => {
  const settings = { allowedOrigins: ["https://desk.example"] };
  await inHouse({ settings }, async ({ connect, server }) => {
    const from = async (origin: string) => (await connect({ headers: { origin } })).status;
    assert.equal(await from(`http://127.0.0.1:${server.port}`), 101);
    assert.equal(await from("https://desk.example"), 101);
    for (const origin of [
      "https://evil.example",
      "null",
      "file://",
      "https://desk.example.evil.example",
      "http://127.0.0.1:1",
    ]) {
      assert.equal(await from(origin), 403, origin);
    }
  });
});

test("LIVE-10 floods and giant frames end their sender alone, and are counted", async () => {
  await inHouse({}, async ({ connect, metrics, feed, logged }) => {
    const good = await connect({ protocol: "opensqt.v2" });
    const giant = await connect({ protocol: "opensqt.v2" });
    giant.socket.send("x".repeat(5000));
    assert.equal((await giant.closed).code, 1009);
    const flood = await connect();
    for (let count = 0; count < 400; count += 1) flood.socket.send("{}");
    assert.deepEqual(await flood.closed, { code: 1008, reason: "rate" });
    const huge = await connect({ protocol: "opensqt.v2" });
    huge.socket.send(Buffer.alloc(3_000_000));
    assert.equal((await huge.closed).code, 1009);
    assert.equal(await metricOf(metrics, 'opensqt_ws_ended_total{reason="size"}'), 2);
    assert.equal(await metricOf(metrics, 'opensqt_ws_ended_total{reason="rate"}'), 1);
    assert.ok(logged.some((line) => line.includes('"code":"client-ended"') && line.includes('"reason":"rate"')));
    const before = good.texts.length;
    feed.tick();
    await good.until((text) => good.texts.indexOf(text) >= before);
    assert.equal(good.socket.readyState, good.socket.OPEN);
  });
});

test("half a handshake, a wrong path and garbage take no place and break nothing", async () => {
  const settings = { limits: { ...limits, clientsMax: 2 } };
  await inHouse({ settings }, async ({ connect, server }) => {
    assert.equal((await connect({ path: "/other" })).status, 404);
    const raw = (text: string): Promise<string> =>
      new Promise((resolve) => {
        const socket = connectTcp(server.port, "127.0.0.1", () => socket.write(text));
        let got = "";
        socket.on("data", (chunk: Buffer) => {
          got += chunk.toString("utf8");
        });
        socket.on("error", () => resolve(got));
        socket.on("close", () => resolve(got));
      });
    const head = "GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n";
    assert.match(await raw(`${head}\r\n`), /^HTTP\/1\.1 400/);
    assert.match(await raw(`${head}Sec-WebSocket-Key: short\r\nSec-WebSocket-Version: 13\r\n\r\n`), /^HTTP\/1\.1 400/);
    assert.match(await raw("GARBAGE\r\n\r\n"), /^HTTP\/1\.1 400/);
    const both = [await connect(), await connect()];
    assert.deepEqual(
      both.map(({ status }) => status),
      [101, 101],
      "every place is free again",
    );
  });
});

test("LIVE-11 no subprotocol is a classic connection of the asked instrument; opensqt.v2 a console", async () => {
  await inHouse({}, async ({ connect, feed }) => {
    const classic = await connect({ path: "/ws?symbol=BTCUSDT" });
    const console = await connect({ protocol: "opensqt.v2" });
    assert.deepEqual([classic.socket.protocol, console.socket.protocol], ["", "opensqt.v2"]);
    feed.tick();
    await classic.until((text) => text.startsWith('{"type":"kline"'));
    await console.until((text) => text.startsWith('{"type":"kline"'));
    const types = new Set(classic.texts.map((text) => (JSON.parse(text) as { readonly type: string }).type));
    assert.ok(types.isSubsetOf(new Set(["history", "orders", "account", "position", "kline", "trade_event"])));
    const [hello = ""] = console.texts;
    assert.match(hello, /^\{"type":"hello","of":\{\},"seq":1,"at":\d+,"data":\{"protocol":"opensqt\.v2"/);
  });
});

test("the end of the server: bye, 1001, every socket ended and the port free", async () => {
  const closes: Promise<{ readonly code: number; readonly reason: string }>[] = [];
  const texts: string[][] = [];
  await inHouse({}, async ({ connect, server }) => {
    for (const protocol of ["opensqt.v2", undefined]) {
      const connection = await connect(protocol === undefined ? {} : { protocol });
      closes.push(connection.closed);
      texts.push(connection.texts);
    }
    await server.close();
  });
  assert.deepEqual(
    await Promise.all(closes),
    Array.from({ length: 2 }, () => ({ code: 1001, reason: "going" })),
  );
  assert.match(texts[0]?.at(-1) ?? "", /^\{"type":"bye"/);
});
