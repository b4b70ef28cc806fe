// Keys, cookies and tokens (LIVE-09): what opens, for how long, and what is refused.

import assert from "node:assert/strict";
import { createHash, generateKeyPairSync, randomBytes } from "node:crypto";
import { test } from "node:test";
import { SignJWT } from "jose";
import { inHouse, metricOf } from "./server.fixture.ts";

const KEY = "a-viewer's-key";
const BY_KEY = { mode: "key", hashes: [createHash("sha256").update(KEY).digest("hex")] } as const;
const NOW_MS = 1_800_000_000_000;

const rejected = (reason: string): string => `websocket_rejected_total{reason="${reason}"}`;

test("LIVE-09 a key opens as Bearer or as the cookie of a login, never in an address; the cookie ends after 12 hours", async () => {
  const time = { nowMs: NOW_MS };
  await inHouse({ settings: { auth: BY_KEY }, wallMs: () => time.nowMs }, async ({ get, connect, logged }) => {
    assert.equal((await get("/api/v1/bots")).status, 401);
    assert.equal((await get(`/api/v1/bots?key=${encodeURIComponent(KEY)}`)).status, 401);
    assert.equal((await connect({ path: `/ws?token=${encodeURIComponent(KEY)}` })).status, 401);
    assert.equal((await get("/api/v1/bots", { headers: { authorization: `Bearer ${KEY}` } })).status, 200);
    assert.equal((await get("/health")).status, 200, "open to all");
    assert.equal((await get("/metrics")).status, 200, "open on loopback");
    assert.equal((await get("/status")).status, 401);
    const wrong = await get("/api/v1/login", { method: "POST", body: JSON.stringify({ key: "wrong" }) });
    assert.deepEqual([wrong.status, wrong.headers["set-cookie"]], [401, undefined]);
    const login = await get("/api/v1/login", { method: "POST", body: JSON.stringify({ key: KEY }) });
    const [set = ""] = [login.headers["set-cookie"] ?? ""].flat();
    assert.match(set, /^opensqt_live=[\w.-]+; Path=\/; HttpOnly; SameSite=Strict; Max-Age=43200$/);
    const [cookie = ""] = set.split(";");
    assert.equal((await get("/api/v1/bots", { headers: { cookie } })).status, 200);
    assert.equal((await connect({ headers: { cookie } })).status, 101);
    const forged = cookie.replace(/=\d+/, `=${NOW_MS + 1e12}`);
    assert.equal((await get("/api/v1/bots", { headers: { cookie: forged } })).status, 401);
    time.nowMs += 12 * 3_600_000 + 1;
    assert.equal((await get("/api/v1/bots", { headers: { cookie } })).status, 401);
    const end = await get("/api/v1/login", { method: "DELETE" });
    assert.match(String(end.headers["set-cookie"]), /^opensqt_live=; .*Max-Age=0/);
    assert.equal(
      logged.some((line) => line.includes(KEY)),
      false,
    );
  });
});

test("LIVE-09 five logins a minute an address, then 429; foreign pages may not log anybody in", async () => {
  await inHouse({ settings: { auth: BY_KEY } }, async ({ get }) => {
    const body = JSON.stringify({ key: "wrong" });
    const foreign = await get("/api/v1/login", { method: "POST", body, headers: { origin: "https://evil.example" } });
    assert.equal(foreign.status, 403);
    const statuses: number[] = [];
    for (let count = 0; count < 7; count += 1)
      statuses.push((await get("/api/v1/login", { method: "POST", body })).status);
    assert.deepEqual(statuses, [401, 401, 401, 401, 401, 429, 429]);
    const good = await get("/api/v1/login", { method: "POST", body: JSON.stringify({ key: KEY }) });
    assert.equal(good.status, 429, "guessing costs the guesser's address its logins");
    for (const nonsense of ["", "[]", "{", '{"key":7}', "null"]) {
      const answer = await get("/api/v1/login", { method: "POST", body: nonsense });
      assert.ok(answer.status >= 400 && answer.status < 500, nonsense);
    }
  });
});

const secret = randomBytes(32).toString("base64url");
const hs256 = new TextEncoder().encode(secret);

function token(
  claims: Record<string, unknown>,
  key: Uint8Array | Parameters<SignJWT["sign"]>[0] = hs256,
  alg = "HS256",
) {
  return new SignJWT(claims).setProtectedHeader({ alg }).sign(key);
}

const SECONDS = Math.floor(NOW_MS / 1000);

test("LIVE-09 a token needs its signature, its audience and an end; every other token is refused and counted", async () => {
  const auth = { mode: "jwt", secret } as const;
  await inHouse({ settings: { auth }, wallMs: () => NOW_MS }, async ({ get, connect, metrics }) => {
    const status = async (jwt: string) =>
      (await get("/api/v1/bots", { headers: { authorization: `Bearer ${jwt}` } })).status;
    const good = await token({ aud: "opensqt-live", exp: SECONDS + 60 });
    assert.equal(await status(good), 200);
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const bad = [
      await token({ aud: "opensqt-live", exp: SECONDS - 60 }),
      await token({ aud: "opensqt-live" }),
      await token({ aud: "elsewhere", exp: SECONDS + 60 }),
      await token({ exp: SECONDS + 60 }),
      await token({ aud: "opensqt-live", exp: SECONDS + 60 }, randomBytes(32)),
      await token({ aud: "opensqt-live", exp: SECONDS + 60 }, hs256, "HS384"),
      await token({ aud: "opensqt-live", exp: SECONDS + 60 }, privateKey, "ES256"),
      `${Buffer.from('{"alg":"none"}').toString("base64url")}.${good.split(".")[1]}.`,
      "x".repeat(8000),
      secret,
    ];
    for (const [index, jwt] of bad.entries()) assert.equal(await status(jwt), 401, `token ${index}`);
    for (const jwt of bad.slice(0, 5)) {
      assert.equal((await connect({ headers: { authorization: `Bearer ${jwt}` } })).status, 401);
    }
    assert.equal(await metricOf(metrics, rejected("auth")), 5);
    const login = await get("/api/v1/login", { method: "POST", body: JSON.stringify({ jwt: good }) });
    assert.match(String(login.headers["set-cookie"]), /Max-Age=60$/, "a login lasts no longer than its token");
  });
});

test("LIVE-09 tokens of ES256 are checked with the public key alone; short secrets and other keys are refused at the start", async () => {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const pem = publicKey.export({ type: "spki", format: "pem" }).toString();
  await inHouse({ settings: { auth: { mode: "jwt", publicKey: pem } }, wallMs: () => NOW_MS }, async ({ get }) => {
    const claims = { aud: "opensqt-live", exp: SECONDS + 60 };
    const status = async (jwt: string) =>
      (await get("/api/v1/bots", { headers: { authorization: `Bearer ${jwt}` } })).status;
    assert.equal(await status(await token(claims, privateKey, "ES256")), 200);
    // the public key is no secret: it must not verify what was signed with it as one
    assert.equal(await status(await token(claims, new TextEncoder().encode(pem), "HS256")), 401);
  });
  const start = (auth: Parameters<typeof inHouse>[0]["settings"]) =>
    inHouse({ settings: auth ?? {} }, () => Promise.resolve());
  await assert.rejects(
    start({ auth: { mode: "jwt", secret: "short" } }),
    /auth\.jwt\.secret: has 5 bytes; give at least 32/,
  );
  await assert.rejects(start({ auth: { mode: "jwt", publicKey: "x" } }), /auth\.jwt\.publicKey/);
});

test("a connection ends with its login: 1008", async () => {
  const auth = { mode: "jwt", secret } as const;
  await inHouse({ settings: { auth } }, async ({ connect }) => {
    const jwt = await token({ aud: "opensqt-live", exp: Math.floor(Date.now() / 1000) + 1 });
    const connection = await connect({ headers: { authorization: `Bearer ${jwt}` } });
    assert.deepEqual(await connection.closed, { code: 1008, reason: "login" });
  });
});
