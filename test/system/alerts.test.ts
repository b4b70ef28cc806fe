// A market-maker with channels on this machine: what an operator and the engine do reaches them, and what they do not
// take is seen in metrics and status.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { stringify } from "yaml";
import { type AlertServer, startAlertServer } from "../../src/observe/alerts/alert-server.fixture.ts";
import { openRpcClient } from "../../src/rpc/client.ts";
import { RiskServiceDefinition } from "../../src/rpc/generated/opensqt/market_maker/v1/risk.ts";
import { Scope } from "../../src/rpc/generated/opensqt/market_maker/v1/types.ts";
import { opensqt, type Running, startOpensqt, withFolder } from "../cli/command-line.ts";
import { until } from "./system.ts";

const KEY = "k".repeat(43);
const PATH = "/services/T000/B000/marked-path-of-slack";
const TOKEN = "12345678:AAF-marked-token";
const grid = { spacing: "geometric", spacingBps: "20", orderQuote: "130", entryLevels: 3, exitLevels: 3 };

function configIn(folder: string, hook: AlertServer): string {
  const config = {
    exchange: "simulated",
    simulated: { balance: "10000", seed: 1, instruments: [{ symbol: "BTC/USDT:USDT", startPrice: "60000" }] },
    store: { sqlite: join(folder, "store") },
    bots: [{ id: "one", strategy: "grid", instrument: "BTC/USDT:USDT", grid }],
    grpc: { bind: `unix:./mm.sock`, clients: [{ name: "me", role: "operator", key: KEY }] },
    http: { port: 0 },
    alerts: {
      minSeverity: "info",
      webhook: { url: { env: "HOOK" } },
      slack: { url: { env: "SLACK" }, minSeverity: "critical" },
      telegram: { token: { env: "TOKEN" }, chats: ["-100"], endpoint: hook.url, bots: ["another"] },
    },
  };
  const path = join(folder, "mm.yaml");
  writeFileSync(path, stringify(config));
  return path;
}

const urlOf = (running: Running): string => /"url":"(http[^"]+)"[^\n]*http listens/.exec(running.said())?.[1] ?? "";

async function answerOf(running: Running, path: string): Promise<string> {
  return (await fetch(`${urlOf(running)}${path}`)).text();
}

/** The one bot as /status has it now, beside an exchange whose clock is our own. */
async function botOf(running: Running): Promise<Readonly<Record<string, unknown>>> {
  const status = JSON.parse(await answerOf(running, "/status")) as {
    readonly bots: Record<string, unknown>[];
    readonly clock: unknown;
  };
  assert.deepEqual(status.clock, { offsetMs: 0, errorMs: 0 });
  return status.bots[0] ?? assert.fail("no bot");
}

/** The breaker that is opened by hand, where it stands open. */
const manualOf = (bot: Readonly<Record<string, unknown>>): unknown =>
  (bot["breakers"] as { readonly name: string }[]).find(({ name }) => name === "manual");

/** Every value of the bot is one of now: it trades, has no breaker any more, and its parts are measured (RISK-43). */
async function assertLive(running: Running, before: Readonly<Record<string, unknown>>): Promise<void> {
  const now = await botOf(running);
  assert.deepEqual(
    [now["bot"], now["mode"], manualOf(now), now["monitor"], now["recovery"], now["end"]],
    ["one", "RUNNING", undefined, "off", null, null],
  );
  assert.ok(Number(now["seq"]) > Number(before["seq"]), "the journal goes on");
  assert.match(String(now["position"]), /^-?\d+\.\d+$/);
  const journal = now["journal"] as { readonly commitP99Ms: number; readonly freeBytes: number };
  assert.ok(journal.commitP99Ms > 0 && journal.freeBytes > 0, JSON.stringify(journal));
  const feeds = now["feeds"] as { readonly name: string; readonly ageMs: number | null; readonly limitMs: number }[];
  const told = feeds.map(({ name, ageMs, limitMs }) => `${name} ${ageMs === null ? "-" : "age"} ${limitMs}`);
  assert.deepEqual(told, ["book age 5000", "orders - null", "account age 60000"]);
}

const headlines = (server: AlertServer, kind = "headline"): readonly unknown[] =>
  server.bodies().flatMap((body) => (kind in body ? [body[kind]] : []));

test("RISK-40 RISK-43 OPS-28 an alert reaches its channels once, is counted, and its end follows", async (t) => {
  const [hook, slack] = await Promise.all([startAlertServer(), startAlertServer()]);
  t.after(() => Promise.all([hook.close(), slack.close()]));
  // an address that is no good: 404 to everything
  slack.always({ status: 404, body: `no ${PATH}` });
  await withFolder(async (folder) => {
    const environment = { HOOK: `${hook.url}/hook`, SLACK: `${slack.url}${PATH}`, TOKEN };
    const running = startOpensqt(["market-maker", "--config", configIn(folder, hook)], { cwd: folder, environment });
    const client = openRpcClient({ address: `unix:${join(folder, "mm.sock")}`, key: KEY });
    try {
      await running.seen(/recovery done/);
      await until("it runs", async () => (await answerOf(running, "/ready")).includes('"ready":true'));
      const risk = client.client(RiskServiceDefinition);
      const of = { scope: Scope.BOT, id: "one" };
      await risk.openCircuitBreaker({ ...of, action: "pause", reason: "a drill" });
      await until("it is told", async () => headlines(hook).includes("CRITICAL: Breaker opened"));
      const held = await botOf(running);
      assert.deepEqual(manualOf(held), { name: "manual", phase: "open", action: "P" });
      await risk.closeCircuitBreaker({ name: "manual", id: "one", force: false, reason: "the drill is over" });
      await until("its end is told", async () => headlines(hook).includes("RESOLVED: Breaker opened"));
      await until("the other channel's failure is told", async () =>
        headlines(hook, "code").includes("alert-channel-failed"),
      );
      await assertLive(running, held);
      const metrics = await answerOf(running, "/metrics");
      assert.match(metrics, /^alerts_sent_total\{channel="webhook",severity="critical"\} [12]$/m);
      const status = await answerOf(running, "/status");
      assert.match(status, /"name":"alerts slack","ok":false,"text":"failing: 404 no \[secret\]/);
      assert.match(status, /"name":"alerts webhook","ok":true/);
      assert.match(await answerOf(running, "/ready"), /"ready":true/, "trading does not wait for a chat");
    } finally {
      client.close();
      running.kill("SIGTERM");
    }
    const { code, out, err } = await running.ended;
    assert.equal(code, 0, err);
    const told = headlines(hook);
    assert.equal(told.filter((line) => line === "CRITICAL: Breaker opened").length, 1);
    assert.ok(told.includes("INFO: Stopping") || told.some((line) => /more alert/.test(String(line))), told.join());
    const chat = hook.received.filter(({ path }) => path.startsWith("/bot"));
    assert.ok(chat.length > 0 && !chat.some(({ body }) => body.includes("Breaker")), "a chat of another bot");
    for (const secret of [PATH, TOKEN]) assert.ok(!`${out}${err}`.includes(secret), "RISK-48");
  });
});

test("OPS-28 alerts test sends one through each channel and says what each answered", async (t) => {
  const hook = await startAlertServer();
  t.after(() => hook.close());
  await withFolder(async (folder) => {
    const path = configIn(folder, hook);
    const environment = { HOOK: `${hook.url}/hook`, SLACK: "http://127.0.0.1:9/services/nobody-listens-here", TOKEN };
    const running = startOpensqt(["alerts", "test", "--config", path], { cwd: folder, environment });
    const { code, out, err } = await running.ended;
    assert.equal(code, 4, err);
    assert.match(out, /^slack +NOT SENT: .+\ntelegram +sent: 200 \(\d+ ms\)\nwebhook +sent: 200 ok \(\d+ ms\)\n$/);
    assert.deepEqual(headlines(hook), ["INFO: Test of the alerts"]);
    assert.ok(!`${out}${err}`.includes("nobody-listens"), out);
    const none = opensqt(["alerts", "test", "--config", join(folder, "none.yaml")], { cwd: folder });
    assert.equal(none.code, 3);
  });
});
