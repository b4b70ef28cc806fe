// The one file of `opensqt up`: one bot or several, what each process gets of it, and problems at the key a person
// wrote.

import assert from "node:assert/strict";
import { test } from "node:test";
import { DEFAULT_CONFIG_TEXT } from "../default-config.ts";
import { renderProblems } from "../problem.ts";
import { loadConnector, loadLiveServer, loadMarketMaker } from "./load-process.ts";
import { loadUp } from "./load-up.ts";
import { processText } from "./process-text.ts";
import type { UpConfig } from "./shapes.ts";

const load = (text: string, environment: Record<string, string> = {}) =>
  loadUp({ text, file: "opensqt.yaml" }, { environment });

function accepted(text: string, environment: Record<string, string> = {}): UpConfig {
  const config = load(text, environment);
  if (!config.ok) assert.fail(renderProblems(config.error));
  return config.value;
}

function refused(text: string): string {
  const config = load(text);
  return config.ok ? "accepted" : renderProblems(config.error);
}

const TWO = `bots:
  - id: btc
    strategy: grid
    instrument: "BTC/USDT:USDT"
    grid: { interval: "100", orderQuote: "200" }
  - id: doge
    strategy: grid
    instruments: ["DOGE/USDT"]
    config: { interval: "0.001", orderQuote: "20" }
simulated:
  baseBalance: "1000"
  instruments:
    - { symbol: "DOGE/USDT", tickSize: "0.00001", lotSize: "1", minNotional: "1", startPrice: "0.2" }
`;

test("OPS-01 a file with bot: is one bot on an exchange of its instrument", () => {
  const up = accepted(DEFAULT_CONFIG_TEXT);
  assert.deepEqual(
    up.bots.map(({ id, hash }) => [id, hash.length]),
    [["btc-grid", 64]],
  );
  assert.deepEqual(
    up.simulated?.instruments.map(({ instrument }) => instrument.symbol),
    ["BTC/USDT:USDT"],
  );
  assert.equal(up.marketMaker.exchange, "remote");
  assert.equal(up.connector.store.folder, "data/exchange");
});

test("OPS-01 a file with bots: has each bot's instrument, listed or known by name", () => {
  const up = accepted(TWO);
  assert.deepEqual(
    up.bots.map(({ id, instrument, grid }) => [id, instrument.symbol, grid.interval]),
    [
      ["btc", "BTC/USDT:USDT", 1000],
      ["doge", "DOGE/USDT", 100],
    ],
  );
  assert.deepEqual(
    up.simulated?.instruments.map(({ instrument, startPrice }) => [instrument.symbol, startPrice]),
    [
      ["DOGE/USDT", "0.2"],
      ["BTC/USDT:USDT", null],
    ],
  );
  assert.deepEqual([...(up.simulated?.balances.keys() ?? [])], ["USDT", "DOGE"]);
});

test("a section of a process's name changes that process alone", () => {
  const up = accepted(`${TWO}connector: { http: { port: 9083 } }\nmarket-maker: { limits: { botsMax: 3 } }\n`);
  assert.deepEqual([up.connector.http.port, up.marketMaker.http.port, up.marketMaker.limits.botsMax], [9083, 8080, 3]);
});

test("each child's own text loads as what up made of it", () => {
  const up = accepted(`${TWO}live-server: { historyLimit: 7, web: { csp: "\${CSP}" } }\n`, { CSP: `script-src \${x}` });
  const environment = { KEY: "k".repeat(43) };
  const callers = { grpc: { clients: [{ name: "up", role: "operator", key: { env: "KEY" } }] } };
  const connector = loadConnector(
    { text: processText(up.processes.connector, callers), file: "connector" },
    { environment },
  );
  const engine = loadMarketMaker(
    { text: processText(up.processes.marketMaker, callers), file: "market-maker" },
    { environment },
  );
  const live = loadLiveServer({ text: processText(up.processes.liveServer), file: "live-server" }, { environment });
  if (!connector.ok) assert.fail(renderProblems(connector.error));
  if (!engine.ok) assert.fail(renderProblems(engine.error));
  if (!live.ok) assert.fail(renderProblems(live.error));
  assert.deepEqual(connector.value.simulated, up.simulated);
  assert.deepEqual(
    engine.value.bots.map(({ values }) => values),
    up.marketMaker.bots.map(({ values }) => values),
  );
  assert.equal(live.value.web.csp, `script-src \${x}`, "what a variable held is not expanded again");
  assert.deepEqual(live.value.sources, up.liveServer.sources);
});

test("problems stand at the key that was written, whichever process they hurt", () => {
  assert.equal(
    refused(`bots:
  - id: one
    strategy: grid
    instruments: ["BTC/USDT:USDT"]
    config: { interval: "0.05", orderQuote: "200", entryLevels: 60 }
  - id: one
    strategy: grid
    instrument: "FOO/USDT"
    grid: { interval: "1", orderQuote: "20" }
connector:
  grpc: { bind: "0.0.0.0:1" }
live-server:
  http: { bind: "0.0.0.0" }
simulated:
  instruments:
    - { symbol: "ETH/USDT", maxQuantity: "0.00001" }
`)
      .split("\n")
      .map((line) => line.slice(0, 70).trimEnd())
      .join("\n"),
    `opensqt.yaml:5 bots[0].grid.interval: interval 0.05 is not a multiple
opensqt.yaml:6 bots[1].id: one is given twice; each bot has its own id
opensqt.yaml:8 bots[1].instrument: FOO/USDT is not allowed; give BTC/U
opensqt.yaml:11 connector.grpc.bind: 0.0.0.0:1 in the clear is not all
opensqt.yaml:12 live-server.auth.mode: none is not allowed on 0.0.0.0;
opensqt.yaml:16 simulated.instruments[0].maxQuantity: must not be belo`,
  );
});

test("bot and bots exclude each other, and one of them is needed", () => {
  assert.match(refused(`${DEFAULT_CONFIG_TEXT}bots: [{ id: a }]\n`), /bots\[0\]\.strategy/);
  assert.match(refused("store: { sqlite: ./data }\n"), /bots: nothing is not allowed; give bot: for one bot, or bots:/);
});

test("rules for one instrument are refused where two would take them", () => {
  const text = TWO.replace(/ {2}instruments:\n.*\n/, '  instrument: { tickSize: "0.01", lotSize: "1" }\n');
  assert.match(refused(text), /opensqt\.yaml:\d+ simulated\.instrument: is for one instrument/);
});

test("what is put together of the file is judged too: a folder whose inner path is too long", () => {
  const text = DEFAULT_CONFIG_TEXT.replace("sqlite: ./data", `sqlite: ${"d".repeat(1000)}`);
  assert.match(refused(text), /opensqt\.yaml:\d+ store\.sqlite: does not go together with the rest/);
});
