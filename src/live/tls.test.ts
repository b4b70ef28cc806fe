// live-server with a certificate of its own: HTTPS, wss, and cookies that travel no other way.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { request } from "node:https";
import { test } from "node:test";
import { WebSocket } from "ws";
import { makeAuthority } from "../rpc/certificates.fixture.ts";
import { inHouse } from "./server.fixture.ts";

const KEY = "a-viewer's-key";

test("LIVE-09 with TLS pages and sockets are encrypted, and the cookie of a login is Secure", async (t) => {
  const authority = makeAuthority(t);
  const files = authority.issue("live", ["localhost"]);
  const tls = { cert: readFileSync(files.cert, "utf8"), key: readFileSync(files.key, "utf8") };
  const ca = readFileSync(authority.ca);
  const auth = { mode: "key", hashes: [createHash("sha256").update(KEY).digest("hex")] } as const;
  await inHouse({ settings: { tls, auth } }, async ({ server }) => {
    assert.match(server.url, /^https:/);
    const call = request({ host: "localhost", port: server.port, path: "/api/v1/login", method: "POST", ca });
    call.setHeader("content-type", "application/json");
    call.end(JSON.stringify({ key: KEY }));
    const [response] = (await once(call, "response")) as [{ headers: { "set-cookie"?: string[] }; resume: () => void }];
    response.resume();
    const [cookie = ""] = response.headers["set-cookie"] ?? [];
    assert.match(cookie, /; Secure$/);
    const socket = new WebSocket(`wss://localhost:${server.port}/ws`, ["opensqt.v2"], {
      ca,
      headers: { cookie: cookie.split(";")[0] ?? "", origin: `https://localhost:${server.port}` },
    });
    const [message] = (await once(socket, "message")) as [Buffer];
    assert.match(message.toString("utf8"), /^\{"type":"hello"/);
    const closed = once(socket, "close");
    socket.close();
    await closed;
  });
});
