// The listener over real sockets: what each path answers, what is refused, and that it ends.

import assert from "node:assert/strict";
import { once } from "node:events";
import { request } from "node:http";
import { connect } from "node:net";
import { test } from "node:test";
import { type HttpListener, type HttpOptions, loopbackOrKey, startHttp } from "./http.ts";
import { HttpError } from "./http-error.ts";
import type { CheckResult } from "./liveness.ts";
import { SILENT_LOG } from "./log.ts";
import { Metrics } from "./metrics.ts";

const good: CheckResult = { name: "lock", ok: true, text: "held", ageMs: 0, limitMs: null };
const bad: CheckResult = { name: "exchange", ok: false, text: "not connected", ageMs: 12, limitMs: null };

function options(more: Partial<HttpOptions> = {}): HttpOptions {
  return {
    bind: "127.0.0.1",
    port: 0,
    health: () => ({ ok: true, body: { status: "ok" } }),
    ready: () => [good],
    status: () => ({ overall: "ok", release: "1" }),
    metrics: new Metrics({ process: "test", release: "1", own: false }),
    log: SILENT_LOG,
    ...more,
  };
}

async function listening(more: Partial<HttpOptions>, use: (http: HttpListener) => Promise<void>): Promise<void> {
  const http = await startHttp(options(more));
  try {
    await use(http);
  } finally {
    await http.close();
  }
}

async function get(url: string, init: RequestInit = {}): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(url, init);
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

test("OPS-23 RISK-43 /health, /ready and /status tell what is so at the moment they are asked", async () => {
  let healthy = true;
  let checks = [good, bad];
  let overall: "ok" | "degraded" | "down" = "ok";
  const live = {
    health: () => ({ ok: healthy, body: { status: healthy ? "ok" : "down" } }),
    ready: () => checks,
    status: () => ({ overall, release: "1" }),
  };
  await listening(live, async ({ url }) => {
    assert.deepEqual(await get(`${url}/health`), { status: 200, body: { status: "ok" } });
    healthy = false;
    assert.equal((await get(`${url}/health`)).status, 503);
    const waiting = await get(`${url}/ready`);
    assert.equal(waiting.status, 503);
    assert.deepEqual(waiting.body["waiting"], [{ name: "exchange", text: "not connected" }]);
    checks = [good];
    assert.equal((await get(`${url}/ready`)).status, 200);
    for (const [word, status] of [
      ["ok", 200],
      ["degraded", 200],
      ["down", 503],
    ] as const) {
      overall = word;
      const told = await get(`${url}/status`);
      assert.deepEqual([told.status, told.body["overall"]], [status, word]);
    }
  });
});

test("OPS-22 /metrics is Prometheus text", async () => {
  const metrics = new Metrics({ process: "test", release: "1", own: false });
  metrics.counter({ name: "calls_total", help: "calls", labels: {} }).add({}, 2);
  await listening({ metrics }, async ({ url }) => {
    const response = await fetch(`${url}/metrics`);
    assert.match(response.headers.get("content-type") ?? "", /^text\/plain; version=0\.0\.4/);
    assert.match(await response.text(), /calls_total 2/);
  });
});

test("an unknown path is 404, a wrong method 405 with the right one, a broken body 400: all {code, message, hint}", async () => {
  const routes: HttpOptions["routes"] = (app) => {
    app.post("/operator/v1/PauseBot", async () => ({ ok: true }));
    app.get("/breaks", async () => {
      throw new Error("apiKey=AAAA");
    });
  };
  await listening({ routes }, async ({ url }) => {
    const absent = await get(`${url}/nothing?key=1`);
    assert.equal(absent.status, 404);
    assert.deepEqual(Object.keys(absent.body), ["code", "message", "hint"]);
    assert.equal(absent.body["message"], "there is no /nothing here");
    const wrong = await get(`${url}/operator/v1/PauseBot`);
    assert.deepEqual([wrong.status, wrong.body["hint"]], [405, "Use POST."]);
    assert.equal((await get(`${url}/health`, { method: "POST" })).status, 405);
    const json = { method: "POST", headers: { "content-type": "application/json" }, body: "{" };
    assert.equal((await get(`${url}/operator/v1/PauseBot`, json)).status, 400);
    const broken = await get(`${url}/breaks`);
    assert.equal(broken.status, 500);
    assert.doesNotMatch(JSON.stringify(broken.body), /AAAA/, "what went wrong inside is for the log");
  });
});

test("/status and /metrics are for this machine or a key: a page of a foreign name on this machine is refused", async () => {
  const rule = loopbackOrKey((key) => key === "reader");
  const caller = { path: "/status", address: "127.0.0.1", host: "127.0.0.1", key: null };
  assert.equal(rule(caller), null);
  assert.equal(rule({ ...caller, address: "::1", host: "localhost" }), null);
  assert.equal(rule({ ...caller, host: "evil.example" })?.status, 401);
  assert.equal(rule({ ...caller, address: "10.0.0.7", host: "127.0.0.1" })?.status, 401);
  assert.equal(rule({ ...caller, address: "10.0.0.7", key: "reader" }), null);
  assert.equal(rule({ ...caller, address: "10.0.0.7", key: "other" })?.status, 403);
  await listening({}, async ({ port }) => {
    const call = request({ port, path: "/status", headers: { host: "evil.example" } }).end();
    const [response] = (await once(call, "response")) as [{ statusCode: number; resume(): void }];
    response.resume();
    assert.equal(response.statusCode, 401);
  });
});

test("OPS-63 a port that is taken ends with exit 3 and names port and process", async () => {
  await listening({}, async ({ port }) => {
    await assert.rejects(startHttp(options({ port })), (error: unknown) => {
      assert.ok(error instanceof HttpError);
      assert.deepEqual([error.code, error.exitCode], ["PORT_TAKEN", 3]);
      assert.ok(error.message.includes(`port ${port} on 127.0.0.1 is in use by `), error.message);
      if (process.platform === "linux") assert.ok(error.message.includes(`process ${process.pid} `), error.message);
      return true;
    });
    await assert.rejects(startHttp(options({ bind: "192.0.2.1" })), /is no address of this machine/);
  });
});

test("OPS-55 close ends open connections and unanswered requests, and frees the port", async () => {
  const asked = Promise.withResolvers<void>();
  const routes: HttpOptions["routes"] = (app) => {
    app.get("/never", () => {
      asked.resolve();
      return new Promise(() => undefined);
    });
  };
  const http = await startHttp(options({ routes }));
  const idle = connect(http.port, "127.0.0.1");
  const call = request({ port: http.port, path: "/never" }).end();
  await Promise.all([once(idle, "connect"), asked.promise]);
  const ended = [once(idle, "close"), once(call, "error")];
  idle.on("error", () => undefined);
  await http.close();
  await Promise.all(ended);
  const again = await startHttp(options({ port: http.port }));
  await again.close();
});

test("OPS-27 RISK-46 whether it is ready is a metric, as /ready says it; who stands by has none", async () => {
  let checks = [good, bad];
  const readiness = async (url: string): Promise<string | undefined> =>
    /^opensqt_ready .*$/m.exec(await (await fetch(`${url}/metrics`)).text())?.[0];
  await listening({ ready: () => checks }, async ({ url }) => {
    assert.equal(await readiness(url), "opensqt_ready 0");
    checks = [good];
    assert.equal(await readiness(url), "opensqt_ready 1");
  });
  await listening({ ready: () => [bad], standsBy: true }, async ({ url }) => {
    assert.equal(await readiness(url), undefined);
  });
});
