// The channels of a process as its configuration makes them: its own conditions, renewed addresses, metrics, the end.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { AlertsConfig } from "../../config/process/alerts-shape.ts";
import { Secret } from "../../config/secret.ts";
import { startAlertServer } from "../../observe/alerts/alert-server.fixture.ts";
import { openLog } from "../../observe/log.ts";
import { Metrics } from "../../observe/metrics.ts";
import { openAlerts } from "./alerts.ts";
import { Owners } from "./owners.ts";

const LOOK_MS = 5;
const RULES = { minSeverity: "info", bots: null } as const;

const webhookAt = (url: string): AlertsConfig => ({
  slack: null,
  telegram: null,
  webhook: { ...RULES, url: new Secret(url, "env HOOK"), secret: null },
  quietHours: null,
});

async function stage(t: TestContext) {
  const hook = await startAlertServer();
  const log = openLog({ process: "connector", write: () => undefined });
  const metrics = new Metrics({ process: "connector", release: "0.0.0", own: false });
  const owners = new Owners(log);
  t.after(async () => {
    await owners.close();
    await hook.close();
    log.close();
  });
  const config = webhookAt(`${hook.url}/first-address-of-the-hook`);
  const secrets = config.webhook === null ? [] : [config.webhook.url];
  const frame = { name: "connector", release: "0.0.0", log, metrics, owners };
  const alerts = openAlerts({ alerts: config, secrets }, frame, LOOK_MS);
  return { hook, alerts, metrics, owners };
}

test("RISK-42 a lost exchange is told once, and its end when it is back", async (t) => {
  const { hook, alerts, metrics } = await stage(t);
  const exchange = { ok: true, text: "It serves again" };
  const heard: string[] = [];
  alerts.watch({
    code: "exchange-lost",
    severity: "error",
    afterMs: 0,
    read: () => exchange,
    onBegin: ({ code }) => void heard.push(code),
    onEnd: () => void heard.push("back"),
  });
  Object.assign(exchange, { ok: false, text: "no answer" });
  await hook.seen(1);
  Object.assign(exchange, { ok: true, text: "It serves again" });
  await hook.seen(2);
  assert.deepEqual(heard, ["exchange-lost", "back"]);
  assert.deepEqual(
    hook.bodies().map(({ headline, process }) => [headline, process]),
    [
      ["ERROR: Exchange is not reachable", "connector"],
      ["RESOLVED: Exchange is not reachable", "connector"],
    ],
  );
  assert.match(await metrics.text(), /^alerts_sent_total\{channel="webhook",severity="error"\} [12]$/m);
});

test("API-30 a renewed address counts from the next alert on, and what is sent at the end goes there too", async (t) => {
  const { hook, alerts, owners } = await stage(t);
  const alert = { code: "kill", severity: "critical", text: "by me", facts: {} } as const;
  alerts.tell("one", { id: "one/1.0", ...alert }, "BTC/USDT:USDT");
  await hook.seen(1);
  const renewed = webhookAt(`${hook.url}/second-address-of-the-hook`);
  alerts.renew(renewed, renewed.webhook === null ? [] : [renewed.webhook.url]);
  alerts.tell("two", { id: "two/1.0", ...alert, text: "see /second-address-of-the-hook" }, "ETH/USDT:USDT");
  await owners.close();
  assert.deepEqual(
    hook.received.map(({ path }) => path),
    ["/first-address-of-the-hook", "/second-address-of-the-hook"],
  );
  assert.match(String(hook.bodies()[1]?.["text"]), /\[secret\]/, "RISK-48");
});
