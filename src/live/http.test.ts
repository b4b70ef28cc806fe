// The HTTP side (live.md section 2): what it answers, to whom, and what it never does or tells.

import assert from "node:assert/strict";
import { test } from "node:test";
import { DEMO_OF } from "./demo-feed.fixture.ts";
import { inHouse } from "./server.fixture.ts";

const CANARY = "canary-7f3a9c21e5";

test("LIVE-05 every list of the API is there, paged without a gap, its money as text", async () => {
  await inHouse({}, async ({ get, picture }) => {
    for (const name of ["bots", "orders", "positions", "account", "fills", "pnl", "risk", "feeds", "alerts"]) {
      const answer = await get(`/api/v1/${name}`);
      assert.equal(answer.status, 200, name);
      assert.ok(Array.isArray(answer.json()["items"]), name);
      assert.equal(answer.headers["cache-control"], "no-store", name);
    }
    const seen: unknown[] = [];
    let cursor = "";
    do {
      const page = (await get(`/api/v1/fills?limit=3&cursor=${cursor}`)).json();
      seen.push(...(page["items"] as unknown[]));
      cursor = String(page["next"]);
    } while (cursor !== "");
    const all = picture.fillBook.last(9999);
    assert.ok(all.length > 6);
    assert.deepEqual(seen, all.toReversed());
    for (const fill of all) {
      for (const field of ["price", "qty", "quote", "fee", "realized"] as const)
        assert.equal(typeof fill[field], "string");
    }
    const slots = (await get(`/api/v1/bots/${DEMO_OF.bot}/slots`)).json();
    assert.deepEqual(slots["slots"], picture.slotsOf.get(DEMO_OF.bot)?.slots.slots);
    assert.equal((await get("/api/v1/bots/nobody/slots")).status, 404);
    const candles = (await get("/api/v1/candles?exchange=simulated&symbol=BTC/USDT:USDT&limit=5")).json()["items"];
    assert.ok(Array.isArray(candles) && candles.length === 5);
    const [fill = assert.fail()] = all;
    const why = await get(`/api/v1/explain/${fill.clientOrder}`);
    assert.deepEqual([why.status, (why.json()["steps"] as unknown[]).length], [200, 2]);
    assert.equal((await get("/api/v1/explain/never-was")).status, 404);
    for (const path of [
      "/api/v1/fills?limit=0",
      "/api/v1/fills?limit=1001",
      "/api/v1/fills?limit=x",
      "/api/v1/fills?cursor=%25%25",
    ]) {
      const refused = await get(path);
      assert.deepEqual([refused.status, Object.keys(refused.json())], [400, ["code", "message", "hint"]], path);
    }
  });
});

test("LIVE-05 downloads hold decimals unrounded and times in ISO 8601 UTC", async () => {
  await inHouse({}, async ({ get, picture }) => {
    picture.fill({
      ...(picture.fillBook.last(1)[0] ?? assert.fail()),
      id: '=cmd|"x",1',
      at: 1800000000123,
      fee: "0.000000000000000001",
      feeAsset: "BNB",
    });
    const fills = await get("/api/v1/fills.csv");
    assert.match(String(fills.headers["content-type"]), /^text\/csv/);
    const lines = fills.text.trimEnd().split("\r\n");
    assert.equal(lines.length - 1, picture.fillBook.last(9999).length);
    const last = lines.at(-1) ?? "";
    assert.ok(last.startsWith("2027-01-15T08:00:00.123Z,simulated,BTC/USDT:USDT,"), last);
    assert.ok(last.includes(",0.000000000000000001,BNB,"), last);
    assert.ok(last.endsWith(`,"'=cmd|""x"",1"`), last);
    const [, first = ""] = (await get("/api/v1/pnl.csv")).text.split("\r\n");
    assert.match(first, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z,btc-grid,/);
  });
});

test("LIVE-06 any other method on any path is 405, and nothing is changed by it", async () => {
  await inHouse({}, async ({ get, picture }) => {
    const { version } = picture;
    for (const path of ["/", "/api/v1/bots", "/ws", "/health", "/metrics", "/nowhere", "/api/v1/login/x"]) {
      for (const method of ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]) {
        const answer = await get(path, { method });
        assert.equal(answer.status, 405, `${method} ${path}`);
      }
    }
    assert.equal(picture.version, version);
    const plain = await get("/ws");
    assert.deepEqual([plain.status, plain.json()["code"]], [426, "upgrade_required"]);
  });
});

test("LIVE-07 a foreign Host header is refused everywhere: a page cannot rebind its name to this machine", async () => {
  await inHouse({ settings: { allowedHosts: ["desk.example"] } }, async ({ get, connect, metrics }) => {
    for (const path of ["/", "/health", "/api/v1/bots", "/metrics", "/status"]) {
      const answer = await get(path, { headers: { host: "evil.example" } });
      assert.deepEqual([answer.status, answer.json()["code"]], [421, "host"], path);
    }
    assert.equal((await get("/health", { headers: { host: "desk.example:8081" } })).status, 200);
    assert.equal((await get("/health", { headers: { host: "localhost" } })).status, 200);
    const socket = await connect({ headers: { host: "evil.example" } });
    assert.equal(socket.status, 403);
    assert.match(await metrics.text(), /websocket_rejected_total\{reason="host"\} 1/);
  });
});

test("LIVE-08 other origins read only where they are named; * is refused unless there is nothing to protect", async () => {
  await inHouse({ settings: { allowedOrigins: ["https://desk.example"] } }, async ({ get }) => {
    const allowed = await get("/api/v1/bots", { headers: { origin: "https://desk.example" } });
    assert.equal(allowed.headers["access-control-allow-origin"], "https://desk.example");
    const foreign = await get("/api/v1/bots", { headers: { origin: "https://evil.example" } });
    assert.equal(foreign.headers["access-control-allow-origin"], undefined);
    const asked = { "access-control-request-method": "GET", "access-control-request-headers": "authorization" };
    const preflight = await get("/api/v1/bots", {
      method: "OPTIONS",
      headers: { origin: "https://desk.example", ...asked },
    });
    assert.deepEqual([preflight.status, preflight.headers["access-control-allow-methods"]], [204, "GET"]);
    assert.equal(
      (await get("/api/v1/bots", { method: "OPTIONS", headers: { origin: "https://evil.example", ...asked } })).status,
      405,
    );
  });
  const auth = { mode: "key", hashes: ["0".repeat(64)] } as const;
  await assert.rejects(
    inHouse({ settings: { allowedOrigins: ["*"], auth } }, () => Promise.resolve()),
    /allowedOrigins: \* is allowed only without auth and on loopback/,
  );
  await assert.rejects(
    inHouse({ settings: { bind: "0.0.0.0" } }, () => Promise.resolve()),
    /auth\.mode: none is not allowed on 0\.0\.0\.0; give key or jwt/,
  );
});

test("LIVE-08 secrets never appear in an answer, a message or a line of the log", async () => {
  const { createHash } = await import("node:crypto");
  const hashes = [createHash("sha256").update(CANARY).digest("hex")];
  await inHouse({ settings: { auth: { mode: "key", hashes } } }, async ({ get, connect, logged }) => {
    const headers = { authorization: `Bearer ${CANARY}` };
    const texts: string[] = [];
    for (const path of ["/", "/health", "/ready", "/status", "/metrics", "/api/v1/bots", "/api/v1/feeds", "/nowhere"]) {
      texts.push((await get(path, { headers })).text);
      texts.push((await get(`${path}?key=${CANARY}`)).text.replace(path, ""));
    }
    const login = await get("/api/v1/login", { method: "POST", body: JSON.stringify({ key: CANARY }) });
    texts.push(login.text, JSON.stringify(login.headers));
    texts.push((await get("/api/v1/login", { method: "POST", body: JSON.stringify({ key: `${CANARY}x` }) })).text);
    const socket = await connect({ headers, protocol: "opensqt.v2" });
    await socket.until((text) => text.includes('"type":"ready"'));
    texts.push(...socket.texts, ...logged);
    const found = texts.filter((text) => text.includes(CANARY) || hashes.some((hash) => text.includes(hash)));
    assert.deepEqual(found, []);
  });
});

test("/health has the classic three keys and can fail; /ready names what is awaited; /status tells sources with ages", async () => {
  let there = false;
  const ready = () => [{ name: "source demo", ok: there, text: "waiting for orders", ageMs: null, limitMs: 5000 }];
  await inHouse({ fed: false, ready, wallMs: () => 1_700_000_000_999 }, async ({ get, feed, picture, connect }) => {
    const sick = await get("/health");
    assert.deepEqual([sick.status, sick.json()], [503, { status: "down", clients: 0, time: 1_700_000_000 }]);
    const waiting = await get("/ready");
    assert.deepEqual(
      [waiting.status, waiting.json()["waiting"]],
      [503, [{ name: "source demo", text: "waiting for orders" }]],
    );
    feed.begin(2);
    there = true;
    await connect({});
    const well = await get("/health");
    assert.deepEqual([well.status, well.text], [200, '{"status":"ok","clients":1,"time":1700000000}']);
    assert.equal((await get("/ready")).status, 200);
    const status = (await get("/status")).json();
    assert.deepEqual([status["overall"], status["release"], status["clients"]], ["ok", "1.2.3", 1]);
    const [source = assert.fail()] = status["sources"] as Record<string, unknown>[];
    assert.deepEqual([source["name"], source["state"], typeof source["ageMs"]], ["demo", "LIVE", "number"]);
    picture.source({ name: "demo", state: "DOWN", receivedMs: null, lastAction: "gone" });
    assert.equal((await get("/health")).status, 503);
    assert.equal((await get("/status")).json()["overall"], "down");
    picture.source({ name: "demo", state: "LIVE", receivedMs: null, lastAction: "" });
    assert.equal((await get("/health")).status, 200);
  });
});

test("LIVE-16 the start is one line: release, sources, instruments, bind, port, web directory, auth mode", async () => {
  await inHouse({ settings: { instruments: ["BTC/USDT:USDT"] } }, async ({ logged, server }) => {
    const line = logged
      .map((text) => JSON.parse(text) as Record<string, unknown>)
      .find(({ code }) => code === "live-started");
    const { release, sources, instruments, bind, port, web, auth } = line ?? assert.fail();
    assert.deepEqual(
      { release, sources, instruments, bind, port, web, auth },
      {
        release: "1.2.3",
        sources: ["demo"],
        instruments: ["BTC/USDT:USDT"],
        bind: "127.0.0.1",
        port: server.port,
        web: "built-in console",
        auth: "none",
      },
    );
  });
});
