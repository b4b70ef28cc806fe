// The section `alerts:` of each process that has one: what it means, and how it is refused without showing a secret.

import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { renderProblems } from "../problem.ts";
import { loadConnector, loadMarketMaker } from "./load-process.ts";
import { loadUp } from "./load-up.ts";

const environment = {
  SLACK_URL: "https://hooks.slack.example/services/T0/B0/marked-secret",
  PLAIN_URL: "http://alerts.example/marked-secret",
  LOCAL_URL: "http://127.0.0.1:9000/hook",
  TOKEN: "12345678:AAF-marked-secret-of-a-bot",
  SHORT: "marked",
  ENGINE_KEY: "k".repeat(43),
};
const BOTS = `bots:
  - { id: grid, strategy: grid, instrument: "BTC/USDT:USDT", grid: { interval: "100", orderQuote: "200" } }
`;

const maker = (text: string) => loadMarketMaker({ text: `${BOTS}${text}`, file: "m.yaml" }, { environment });
const refusedBy = (text: string): string => {
  const loaded = maker(text);
  return loaded.ok ? "accepted" : renderProblems(loaded.error);
};

test("OPS-06 the alerts of the specification are read, addresses and tokens from beside the file", () => {
  const text = `alerts:
  minSeverity: warning
  slack: { url: { env: SLACK_URL } }
  telegram: { token: { env: TOKEN }, chats: ["-100200"], minSeverity: critical, bots: [grid] }
  webhook: { url: { env: LOCAL_URL } }
  quietHours: { from: "22:00", to: "07:30", zone: Europe/Berlin }
`;
  const loaded = maker(text);
  assert.ok(loaded.ok, loaded.ok ? "" : renderProblems(loaded.error));
  const { slack, telegram, webhook, quietHours } = loaded.value.alerts;
  assert.equal(slack?.url.reveal(), environment.SLACK_URL);
  assert.deepEqual([slack?.minSeverity, slack?.bots], ["warning", null]);
  assert.deepEqual([telegram?.minSeverity, telegram?.bots, telegram?.chats], ["critical", ["grid"], ["-100200"]]);
  assert.deepEqual([telegram?.endpoint, webhook?.secret], ["https://api.telegram.org", null]);
  assert.deepEqual(quietHours, { fromMinute: 1320, toMinute: 450, zone: "Europe/Berlin" });
  assert.equal(loaded.value.secrets.length, 3);
  assert.ok(!`${inspect(loaded.value.alerts, { depth: 9 })}${JSON.stringify(loaded.value.alerts)}`.includes("marked"));
});

test("OPS-06 what is wrong with an address or a secret is said without it, and all at once", () => {
  const said = refusedBy(`alerts:
  slack: { url: { env: PLAIN_URL } }
  telegram: { chats: ["1"] }
  webhook: { url: { env: MISSING }, secret: { env: SHORT } }
  quietHours: { from: "22:00", to: "22:00", zone: Mars/Olympus }
`);
  for (const part of [
    /alerts\.slack\.url: is in the clear; give https/,
    /alerts\.telegram\.token: is needed here/,
    /alerts\.webhook\.url: the variable MISSING is not set/,
    /alerts\.webhook\.secret: is too short to sign with; give at least 16/,
    /alerts\.quietHours\.to: 22:00 is from too/,
    /alerts\.quietHours\.zone: Mars\/Olympus is no time zone/,
  ]) {
    assert.match(said, part);
  }
  assert.ok(!said.includes("marked"), said);
  assert.match(refusedBy("alerts: { telegram: { token: { env: TOKEN } } }\n"), /chats: nobody would be told/);
  assert.match(refusedBy("alerts: { minSeverity: loud }\n"), /alerts\.minSeverity: loud is not allowed; give info, /);
});

test("OPS-01 up gives its alerts to the engine and to the connector, and refuses them where they stand", () => {
  const up = (text: string) => loadUp({ text: `${BOTS}${text}`, file: "u.yaml" }, { environment });
  const loaded = up("alerts: { slack: { url: { env: SLACK_URL } } }\n");
  assert.ok(loaded.ok, loaded.ok ? "" : renderProblems(loaded.error));
  const { marketMaker, connector } = loaded.value;
  assert.equal(marketMaker.alerts.slack?.url.reveal(), environment.SLACK_URL);
  assert.equal(connector.alerts.slack?.url.reveal(), environment.SLACK_URL);
  const refused = up("alerts: { slack: { url: { env: PLAIN_URL } } }\n");
  assert.match(
    refused.ok ? "" : renderProblems(refused.error),
    /^u\.yaml:3 alerts\.slack\.url: is in the clear[^\n]*$/,
  );
});

test("OPS-01 a connector has alerts of its own", () => {
  const text = `grpc: { clients: [{ name: engine, role: trader, key: { env: ENGINE_KEY } }] }
alerts: { webhook: { url: { env: LOCAL_URL }, secret: { env: TOKEN } } }
`;
  const loaded = loadConnector({ text, file: "c.yaml" }, { environment });
  assert.ok(loaded.ok, loaded.ok ? "" : renderProblems(loaded.error));
  assert.equal(loaded.value.alerts.webhook?.secret?.reveal(), environment.TOKEN);
});
