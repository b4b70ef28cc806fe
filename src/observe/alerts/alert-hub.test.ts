// Alerts on real sockets: what each service is sent, and what becomes of an alert when the service is slow, angry,
// wrong or gone. Time is the test's own; only the network is real.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { type TestContext, test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { VirtualClock } from "../../base/virtual-clock.ts";
import { openLog } from "../log.ts";
import { AlertHub, type OpenedChannel } from "./alert-hub.ts";
import { type AlertServer, startAlertServer } from "./alert-server.fixture.ts";
import type { Channel } from "./channel.ts";
import { REST_MS, TRY_MS_MAX } from "./courier.ts";
import { alertOf } from "./desk.fixture.ts";
import { slackChannel } from "./slack.ts";
import { telegramChannel } from "./telegram.ts";
import { webhookChannel } from "./webhook.ts";

const WALL_MS = Date.UTC(2026, 10, 21, 13, 5, 9);
const TOKEN = "12345678:AAF-a-token-that-nobody-may-see";
const SIGNED_WITH = "a-secret-to-sign-with-0123456789";
const RULES = { minSeverity: "info", bots: null } as const;
const process = "market-maker";

const slackTo = (server: AlertServer, name = "slack"): OpenedChannel => ({
  channel: slackChannel({ name, url: () => `${server.url}/services/T0/B0/hidden-part`, process }),
  rules: RULES,
});
const telegramTo = (server: AlertServer): OpenedChannel => ({
  channel: telegramChannel({ name: "telegram", endpoint: server.url, token: () => TOKEN, chat: "-100200", process }),
  rules: RULES,
});
const webhookTo = (server: AlertServer, secret: string | null = null): OpenedChannel => {
  const parts = { name: "webhook", url: () => `${server.url}/hook`, secret: () => secret, process, release: "0.0.0" };
  return { channel: webhookChannel({ ...parts, nowMs: () => WALL_MS }), rules: RULES };
};

function hubOver(channels: readonly OpenedChannel[], test: TestContext) {
  const clock = new VirtualClock(0);
  const sent: string[] = [];
  const dropped: string[] = [];
  const lines: string[] = [];
  const log = openLog({ process, write: (line) => lines.push(line) });
  const flying = { count: 0 };
  const hub = new AlertHub({
    channels: channels.map(({ channel, rules }) => ({ channel: counted(channel, flying), rules })),
    clock,
    wallMs: () => WALL_MS + clock.nowMs(),
    quiet: () => false,
    waitMs: (failures) => 1000 * 2 ** (failures - 1),
    log,
    onSent: (kind, severity) => sent.push(`${kind} ${severity}`),
    onDropped: (kind, severity) => dropped.push(`${kind} ${severity}`),
  });
  test.after(() => log.close());
  /** Waits for the condition; with `run` the clock goes on whenever nothing is on its way to a server. */
  const until = async (what: string, holds: () => boolean, run = false): Promise<void> => {
    for (let i = 0; !holds(); i += 1) {
      assert.ok(i < 20_000, `it never came to this: ${what}`);
      await turn();
      if (run && flying.count === 0 && !holds()) clock.runNext();
    }
  };
  return { hub, clock, sent, dropped, lines, until };
}

function counted(channel: Channel, flying: { count: number }): Channel {
  const send: Channel["send"] = async (notice, signal) => {
    flying.count += 1;
    const delivery = await channel.send(notice, signal);
    flying.count -= 1;
    return delivery;
  };
  return { ...channel, send };
}

async function served(test: TestContext, count: number): Promise<readonly AlertServer[]> {
  const servers = await Promise.all(Array.from({ length: count }, () => startAlertServer()));
  test.after(() => Promise.all(servers.map((server) => server.close())));
  return servers;
}

async function server(test: TestContext): Promise<AlertServer> {
  const [one] = await served(test, 1);
  assert.ok(one !== undefined);
  return one;
}

const checkOf = (hub: AlertHub) => hub.checks().map(({ name, ok, text }) => `${name} ${ok} ${text}`);

test("OPS-28 Slack is sent coloured blocks, OPS-29 with numbers, what was done and what to do", async (t) => {
  const slack = await server(t);
  const { hub, sent, until } = hubOver([slackTo(slack)], t);
  hub.raise(alertOf({ severity: "critical", text: "<!channel> look & see" }));
  await until("it is sent", () => sent.length === 1);
  const [message] = slack.bodies();
  assert.equal(message?.["text"], "CRITICAL: Order outcome unknown (grid, BTC/USDT:USDT)");
  const [attachment] = (message?.["attachments"] ?? []) as { color: string; blocks: { type: string }[] }[];
  assert.equal(attachment?.color, "#7f1d1d");
  assert.deepEqual(
    attachment?.blocks.map(({ type }) => type),
    ["header", "section", "section", "section", "context"],
  );
  const said = JSON.stringify(attachment);
  for (const part of [
    "&lt;!channel&gt; look &amp; see",
    "*ageMs*\\n30000",
    "*Done:* Its slot",
    "*To do:* Look",
    "13:05:09 UTC",
  ]) {
    assert.ok(said.includes(part), `${part} in ${said}`);
  }
  assert.deepEqual(sent, ["slack critical"]);
});

test("OPS-28 Telegram is sent markup that a hostile text cannot break, to the chat, by the bot", async (t) => {
  const telegram = await server(t);
  telegram.always({ status: 200, body: '{"ok":true,"result":{"message_id":1,"chat":{"id":-100200}}}' });
  const { hub, sent, until } = hubOver([telegramTo(telegram)], t);
  hub.raise(alertOf({ severity: "warning", text: `</b><a href="x">&${"<".repeat(5000)}` }));
  await until("it is sent", () => sent.length === 1);
  const [request] = telegram.received;
  assert.equal(request?.path, `/bot${TOKEN}/sendMessage`);
  const body = JSON.parse(request?.body ?? "") as Readonly<Record<string, unknown>>;
  const text = String(body["text"]);
  assert.equal(body["chat_id"], "-100200");
  assert.equal(body["disable_notification"], true);
  assert.ok(text.length <= 4096 && text.startsWith("<b>WARNING: Order outcome unknown</b>\ngrid, BTC/USDT:USDT"), text);
  assert.ok(!/<(?!\/?(b|i|code)>)/.test(text), "only our own tags");
  assert.ok(text.includes("ageMs: <code>30000</code>\n<b>Done:</b> Its slot is blocked"), text);
});

test("RISK-40 a webhook is sent the alert as JSON, OPS-28 signed over time and body", async (t) => {
  const hook = await server(t);
  const { hub, sent, until } = hubOver([webhookTo(hook, SIGNED_WITH)], t);
  const alert = alertOf({ id: "grid/7.0" });
  hub.raise(alert);
  await until("it is sent", () => sent.length === 1);
  const [request] = hook.received;
  assert.deepEqual(JSON.parse(request?.body ?? ""), {
    v: 1,
    kind: "alert",
    id: "grid/7.0",
    process,
    severity: "error",
    headline: "ERROR: Order outcome unknown",
    code: "unknown-order",
    bot: "grid",
    instrument: "BTC/USDT:USDT",
    at: "2026-11-21T13:05:09.000Z",
    title: alert.title,
    text: alert.text,
    facts: { clientOrderId: "a1", ageMs: 30_000 },
    done: alert.done,
    todo: alert.todo,
  });
  const time = String(request?.headers["x-opensqt-time"]);
  assert.equal(time, String(WALL_MS / 1000));
  const expected = createHmac("sha256", SIGNED_WITH).update(`${time}.${request?.body}`).digest("hex");
  assert.equal(request?.headers["x-opensqt-signature"], `sha256=${expected}`);
});

test("RISK-41 a server error is tried three times, with longer waits between, and then given up", async (t) => {
  const slack = await server(t);
  slack.always({ status: 503, body: "busy\nnow" });
  const { hub, clock, dropped, sent, lines, until } = hubOver([slackTo(slack)], t);
  hub.raise(alertOf());
  await slack.seen(1);
  await until("three tries", () => dropped.length === 1, true);
  assert.equal(slack.received.length, 3);
  assert.equal(clock.nowMs(), 3000);
  assert.deepEqual([sent, dropped], [[], ["slack error"]]);
  assert.match(checkOf(hub).join(), /^alerts slack false failing: 503 busy now; 0 sent, 0 waiting, 0 for the digest$/);
  assert.ok(lines.some((line) => line.includes('"code":"alert-not-sent"') && line.includes("503 busy now")));
});

test("RISK-41 a service that names a time to wait is not asked before it", async (t) => {
  const [slack, telegram] = await served(t, 2);
  assert.ok(slack !== undefined && telegram !== undefined);
  slack.next({ status: 429, headers: { "retry-after": "30" } });
  const parameters = { retry_after: 7 };
  telegram.next({ status: 429, body: JSON.stringify({ ok: false, description: "Too Many Requests", parameters }) });
  const { hub, clock, sent, until } = hubOver([slackTo(slack), telegramTo(telegram)], t);
  hub.raise(alertOf());
  await Promise.all([slack.seen(1), telegram.seen(1)]);
  await until("Telegram took it", () => sent.includes("telegram error"), true);
  assert.equal(clock.nowMs(), 7000);
  assert.equal(slack.received.length, 1);
  await until("Slack took it", () => sent.includes("slack error"), true);
  assert.equal(clock.nowMs(), 30_000);
});

test("RISK-41 a server that hangs is left after five seconds, and never slows the one who raises", async (t) => {
  const hook = await server(t);
  hook.always(null);
  const { hub, clock, dropped, until } = hubOver([webhookTo(hook)], t);
  for (let i = 0; i < 10_000; i += 1) hub.raise(alertOf({ bot: `bot-${i}`, severity: "warning" }));
  for (let tries = 1; tries <= 3; tries += 1) {
    await hook.seen(tries);
    assert.equal(clock.nowMs() % 1000, 0);
    clock.runUntil(clock.nowUs() + TRY_MS_MAX * 1000);
    if (tries < 3) await until("the next try", () => hook.received.length > tries, true);
  }
  await until("it is given up", () => dropped.length === 1);
  assert.match(checkOf(hub).join(), /failing: no answer in time; 0 sent, 4 waiting, 9995 for the digest/);
});

test("RISK-41 a critical alert outlives a dead channel, OPS-28 of which the others are told", async (t) => {
  const [slack, hook] = await served(t, 2);
  assert.ok(slack !== undefined && hook !== undefined);
  slack.always({ status: 404, body: "no_service" });
  const { hub, clock, sent, dropped, until } = hubOver([slackTo(slack), webhookTo(hook)], t);
  hub.raise(alertOf({ code: "kill", severity: "critical", title: "Kill switch pulled" }));
  await hook.seen(2);
  assert.equal(slack.received.length, 1, "a refusal is no reason to try at once again");
  assert.deepEqual(
    hook.bodies().map(({ code, text }) => [code, text]),
    [
      ["kill", "the outcome of an order is still not known"],
      ["alert-channel-failed", "slack did not take an alert: 404 no_service"],
    ],
  );
  slack.always({ status: 200, body: "ok" });
  await until("it is sent after the rest", () => sent.includes("slack critical"), true);
  assert.equal(clock.nowMs(), REST_MS);
  await hook.seen(3);
  assert.equal(hook.bodies()[2]?.["headline"], "RESOLVED: An alert channel fails");
  assert.deepEqual(dropped, []);
  assert.ok(hub.checks().every(({ ok }) => ok));
});

test("RISK-41 a server that is gone, and one that points elsewhere, are failures like any other", async (t) => {
  const [gone, elsewhere] = await served(t, 2);
  assert.ok(gone !== undefined && elsewhere !== undefined);
  elsewhere.always({ status: 302, headers: { location: "http://127.0.0.1:1/" } });
  await gone.close();
  const { hub, dropped, until } = hubOver([slackTo(gone), webhookTo(elsewhere)], t);
  hub.raise(alertOf());
  await until("both are given up", () => dropped.length === 2, true);
  const said = checkOf(hub);
  assert.match(said[0] ?? "", /failing: ECONNREFUSED/);
  assert.match(said[1] ?? "", /failing: 302/);
  assert.equal(elsewhere.received.length, 1);
});

test("RISK-48 no address, token or concealed value leaves in a message, a log line or a status", async (t) => {
  const [slack, telegram] = await served(t, 2);
  assert.ok(slack !== undefined && telegram !== undefined);
  slack.always({ status: 500, body: "at /services/T0/B0/hidden-part with key-of-the-exchange" });
  const { hub, sent, dropped, lines, until } = hubOver([slackTo(slack), telegramTo(telegram)], t);
  const hidden = [TOKEN, `${slack.url}/services/T0/B0/hidden-part`, "hidden-part", "key-of-the-exchange"];
  hub.conceal(hidden);
  hub.raise(alertOf({ text: "refused: key-of-the-exchange", facts: { said: `key-of-the-exchange ${TOKEN}` } }));
  await until("one fails, one takes it", () => dropped.length === 1 && sent.length >= 2, true);
  const out = [...slack.received, ...telegram.received].map(({ body }) => body);
  for (const text of [...out, ...lines, ...checkOf(hub)]) {
    for (const secret of hidden) assert.ok(!text.includes(secret), `${secret} in ${text}`);
  }
  assert.ok(out.some((body) => body.includes("[secret]")));
});

test("OPS-55 at the end what waits is sent, counts that were held back too", async (t) => {
  const hook = await server(t);
  const { hub, sent, until } = hubOver([webhookTo(hook)], t);
  for (let i = 0; i < 3; i += 1) hub.raise(alertOf());
  await until("the first is sent", () => sent.length === 1);
  for (let i = 0; i < 6; i += 1) hub.raise(alertOf({ bot: `bot-${i}` }));
  await hub.close(3000);
  const kinds = hook
    .bodies()
    .map(({ kind }) => String(kind))
    .sort();
  assert.deepEqual(kinds, ["alert", "alert", "alert", "alert", "alert", "digest"]);
  hub.raise(alertOf({ bot: "too-late" }));
  assert.equal(hook.received.length, 6);
});

test("OPS-55 the end waits for a dead channel no longer than it is given, and says what was not sent", async (t) => {
  const hook = await server(t);
  hook.always(null);
  const { hub, clock, dropped, lines, until } = hubOver([webhookTo(hook)], t);
  for (let i = 0; i < 3; i += 1) hub.raise(alertOf({ bot: `bot-${i}`, severity: "critical" }));
  await hook.seen(1);
  let ended = false;
  const closing = hub.close(3000).then(() => {
    ended = true;
  });
  await until("the clock cuts it", () => clock.nextUs() === 3_000_000);
  assert.equal(ended, false);
  clock.runUntil(3_000_000);
  await closing;
  assert.deepEqual(dropped, ["webhook critical", "webhook critical", "webhook critical"]);
  assert.ok(lines.some((line) => line.includes("3 alerts were not sent before the end")));
});
