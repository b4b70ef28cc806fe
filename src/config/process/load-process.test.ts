// Configurations of the three processes: what the smallest text gives, and every way a text is refused, with file,
// line, key, value and what to do.

import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { inspect } from "node:util";
import type { Result } from "../../base/result.ts";
import { formatMoney } from "../../market/instrument.ts";
import { type ConfigProblem, renderProblems } from "../problem.ts";
import { loadConnector, loadLiveServer, loadMarketMaker } from "./load-process.ts";

const folder = mkdtempSync(join(tmpdir(), "opensqt-process-"));
after(() => rmSync(folder, { recursive: true }));

const KEY = "k".repeat(43);
const CONNECTOR = `grpc:
  clients:
    - { name: engine, role: trader, key: { env: ENGINE_KEY } }
`;
const MARKET_MAKER = `store: { sqlite: ./data }
exchange: remote
connector: { address: "127.0.0.1:50051" }
bots:
  - { id: btc-grid, strategy: grid, instruments: ["BTC/USDT:USDT"], budget: "5000", config: { interval: "100",
      orderQuote: "200" } }
`;

type Environment = Record<string, string>;
const environment: Environment = { ENGINE_KEY: KEY };
const connector = (text: string, env = environment) => loadConnector({ text, file: "c.yaml" }, { environment: env });
const engine = (text: string, env = environment) => loadMarketMaker({ text, file: "m.yaml" }, { environment: env });
const live = (text: string, env = environment) => loadLiveServer({ text, file: "l.yaml" }, { environment: env });

function accepted<T>(loaded: Result<T, readonly ConfigProblem[]>): T {
  if (!loaded.ok) assert.fail(renderProblems(loaded.error));
  return loaded.value;
}

const refused = (loaded: Result<unknown, readonly ConfigProblem[]>): string =>
  loaded.ok ? "accepted" : renderProblems(loaded.error);

test("OPS-01 a connector needs to know its callers and nothing else", () => {
  const config = accepted(connector(CONNECTOR));
  assert.equal(config.grpc.bind, "127.0.0.1:50051");
  assert.deepEqual(config.http, { bind: "127.0.0.1", port: 8083 });
  assert.deepEqual(
    config.simulated?.instruments.map(({ instrument }) => instrument.symbol),
    ["BTC/USDT:USDT"],
  );
  assert.deepEqual(
    [...(config.simulated?.balances ?? [])].map(([asset, amount]) => `${asset} ${formatMoney(amount)}`),
    ["USDT 10000"],
  );
  assert.match(refused(connector("environment: emulator\n")), /c\.yaml:1 grpc\.clients: nobody could call/);
});

test("OPS-01 the market-maker of the specification is read, its bot as a draft", () => {
  const config = accepted(engine(MARKET_MAKER));
  assert.equal(config.exchange, "remote");
  assert.equal(config.connector.address, "127.0.0.1:50051");
  assert.equal(config.simulated, null);
  assert.deepEqual(
    config.bots.map(({ id, tag, symbol }) => [id, tag, symbol]),
    [["btc-grid", "98aoyw", "BTC/USDT:USDT"]],
  );
});

test("OPS-63 each process has a port of its own", () => {
  const ports = [accepted(connector(CONNECTOR)), accepted(engine(MARKET_MAKER)), accepted(live("{}"))];
  assert.deepEqual(
    ports.map(({ http }) => `${http.bind}:${http.port}`),
    ["127.0.0.1:8083", "127.0.0.1:8080", "127.0.0.1:8081"],
  );
});

test("live-server shows the local processes unless told others", () => {
  const config = accepted(live("{}"));
  assert.deepEqual(
    config.sources.map(({ kind, address }) => `${kind} ${address}`),
    ["connector 127.0.0.1:50051", "engine 127.0.0.1:50052"],
  );
  assert.deepEqual(config.web.doors, [{ bot: null, url: "http://127.0.0.1:8080" }]);
  assert.equal(config.limits.pongMs, 60_000);
});

test("OPS-02 what was loaded is frozen", () => {
  const config = accepted(engine(MARKET_MAKER));
  assert.ok(Object.isFrozen(config) && Object.isFrozen(config.bots[0]?.values.grid) && Object.isFrozen(config.http));
});

test("OPS-03 all problems of a file come together, each with line, key and what is allowed", () => {
  const text = `exchange: binance
grpc:
  bind: 0.0.0.0:50051
  clients:
    - { name: engine, role: boss, key: { env: ENGINE_KEY } }
    - { name: engine }
http: { prot: 9000 }
simulated: { speed: -1 }
`;
  assert.equal(
    refused(connector(text)),
    `c.yaml:5 grpc.clients[0].role: boss is not allowed; give reader, trader, operator (default none)
c.yaml:6 grpc.clients[1].role: nothing is not allowed; give reader, trader, operator (default none)
c.yaml:7 http.prot: is not a key; the nearest is port
c.yaml:8 simulated.speed: -1 is not allowed; give 0–1,000,000 times (default 1)`,
  );
});

test("OPS-03 what keys say to each other is judged once each is whole", () => {
  const text = `exchange: okx
environment: live
grpc:
  bind: 0.0.0.0:50051
  clients:
    - { name: engine, role: trader, key: { env: ENGINE_KEY } }
    - { name: engine, role: reader }
    - { name: view, role: reader, san: view.example }
`;
  assert.equal(
    refused(connector(text)),
    `c.yaml:1 instruments: nothing is not allowed here; list what bots may trade
c.yaml:4 grpc.bind: 0.0.0.0:50051 in the clear is not allowed; give tls, or bind a loopback address or unix:PATH
c.yaml:7 grpc.clients[1]: engine cannot show who it is; give key, sha256 or san
c.yaml:7 grpc.clients[1].name: engine is given twice; each caller has its own name
c.yaml:8 grpc.clients[2].san: needs tls.clientCa`,
  );
});

test("OPS-04 a bare number where money belongs is refused in a list too", () => {
  const text = MARKET_MAKER.replace('budget: "5000"', "budget: 5000.0");
  assert.match(refused(engine(text)), /^m\.yaml:5 bots\[0\]\.budget: 5000\.0 is not allowed; .*in quotes: "5000\.0"$/);
});

test("OPS-05 a missing variable is named with every place that uses it", () => {
  const text = `http: { bind: "\${HOST}" }\nhistoryLimit: "\${LIMIT}"\nweb: { csp: "\${HOST}" }\n`;
  const said = refused(live(text, { LIMIT: "" }));
  assert.match(said, /the variable HOST is not set or empty; it is used at l\.yaml:1 http\.bind, l\.yaml:3 web\.csp/);
  assert.match(said, /the variable LIMIT is not set or empty; it is used at l\.yaml:2 historyLimit/);
  assert.equal(accepted(live(`historyLimit: "\${LIMIT:-50}"\n`)).historyLimit, 50);
  assert.match(
    refused(live(`historyLimit: "\${LIMIT}"\n`, { LIMIT: "5x" })),
    /historyLimit: \$\{LIMIT\} is not allowed/,
  );
});

test("OPS-06 a secret comes from the environment or a private file, and prints as [secret]", () => {
  const path = join(folder, "reader.key");
  writeFileSync(path, `${KEY}\n`, { mode: 0o600 });
  const text = `sources:
  - { name: engine, kind: engine, address: "127.0.0.1:50052", key: { file: ${path} } }
  - { name: exchange, kind: connector, address: "127.0.0.1:50051", key: { env: ENGINE_KEY } }
`;
  const config = accepted(live(text));
  assert.deepEqual(
    config.sources.map(({ key }) => key?.reveal()),
    [KEY, KEY],
  );
  assert.deepEqual(config.watchedFiles, [path]);
  for (const shown of [inspect(config, { depth: 9 }), JSON.stringify(config), `${config.secrets.join()}`]) {
    assert.ok(!shown.includes(KEY) && shown.includes("[secret]"), shown);
  }
  chmodSync(path, 0o644);
  assert.match(
    refused(live(text)),
    /sources\[0\]\.key: .* may be read or written by others \(mode 644\); run: chmod 600/,
  );
});

test("OPS-06 a literal secret is refused where the money may be real, and never repeated", () => {
  const text = `sources: [{ name: engine, kind: engine, address: "127.0.0.1:50052", key: ${KEY} }]\n`;
  const loaded = live(text);
  assert.match(refused(loaded), /^l\.yaml:1 sources\[0\]\.key: a secret in the file itself is not allowed/);
  assert.ok(!JSON.stringify(loaded).includes(KEY));
  const emulator = MARKET_MAKER.replace('50051" }', `50051", key: ${KEY} }`);
  assert.equal(accepted(engine(emulator)).connector.key?.reveal(), KEY);
  assert.match(refused(engine(`environment: testnet\n${emulator}`)), /connector\.key: a secret in the file itself/);
});

test("OPS-06 what is no secret file is named with the reason", () => {
  const key = (path: string): string =>
    refused(live(`sources: [{ name: e, kind: engine, address: "localhost:1", key: { file: ${path} } }]\n`));
  assert.match(key(folder), /is no regular file/);
  assert.match(key(join(folder, "none")), /cannot be read \(there is no such file\)/);
  const empty = join(folder, "empty");
  writeFileSync(empty, "\n", { mode: 0o600 });
  assert.match(key(empty), /is empty; write the secret into it/);
});

test("a caller's key is kept as its hash", () => {
  const [client] = accepted(connector(CONNECTOR)).grpc.clients;
  assert.deepEqual(client, {
    name: "engine",
    role: "trader",
    keySha256: "a0484a6185b324e2f355194f334482fc79194cd805185155ddcf6804fdb9090a",
    san: null,
    bots: null,
  });
  assert.match(refused(connector(CONNECTOR, { ENGINE_KEY: "short" })), /clients\[0\]\.key: is too short for a key/);
});

test("OPS-62 native with real money is refused unless somebody says so, and no release has it yet", () => {
  const text = `exchange: native\nenvironment: live\n`;
  assert.match(refused(engine(text)), /m\.yaml:2 environment: live is not allowed with exchange native/);
  assert.match(refused(engine(`${text}allowNativeLive: true\n`)), /environment: live comes with a later release/);
  assert.equal(accepted(engine("exchange: native\n")).simulated?.instruments.length, 1);
});

test("OPS-17 OPS-20 threads need a connector and a folder of journals; bounds, isolation and lock have defaults", () => {
  const said = refused(engine("exchange: native\nisolation: worker\n"));
  assert.match(
    said,
    /^m\.yaml:2 isolation: worker is not allowed with exchange native; give exchange remote, or shared/,
  );
  const PG = "postgresql://ann:secret@localhost/bots";
  const database = refused(
    engine("isolation: worker\nstore: { postgres: { url: { env: PG } } }\n", { ...environment, PG }),
  );
  assert.match(database, /isolation: worker is not allowed with store\.postgres; give shared, or store\.sqlite/);
  assert.equal(accepted(engine("isolation: worker\n")).isolation, "worker");
  const { isolation, limits, lock } = accepted(engine("exchange: native\n"));
  assert.equal(isolation, "shared");
  assert.deepEqual(limits, { botsMax: 100, stepMsMax: 100, journalMibPerHourMax: 4096, memoryMibMax: 4096 });
  assert.equal(lock, "refuse");
});

test("LIVE-09 without authentication live-server listens on loopback alone", () => {
  assert.match(
    refused(live("http: { bind: 0.0.0.0 }\n")),
    /l\.yaml:1 auth\.mode: none is not allowed on 0\.0\.0\.0; give key or jwt/,
  );
  assert.match(refused(live("auth: { mode: key }\n")), /auth\.keys: nothing is not allowed with mode key/);
  assert.match(refused(live("auth: { mode: jwt }\n")), /auth\.jwt: nothing is not allowed with mode jwt/);
  const jwt = `auth: { mode: jwt, jwt: { secret: { env: JWT } } }\n`;
  assert.match(refused(live(jwt, { JWT: "x".repeat(31) })), /auth\.jwt\.secret: 31 bytes are not enough/);
  assert.equal(accepted(live(jwt, { JWT: "x".repeat(32) })).auth.jwt?.kind, "hs256");
});

test("RISK-07 two bots share neither id, tag nor instrument", () => {
  const bot = (id: string, tag: string, symbol = "BTC/USDT:USDT"): string =>
    `  - { id: ${id}, tag: ${tag}, strategy: grid, instrument: "${symbol}", ` +
    `grid: { interval: "100", orderQuote: "200" } }\n`;
  assert.match(
    refused(engine(`bots:\n${bot("a", "aaaaaa")}${bot("a", "bbbbbb")}`)),
    /m\.yaml:3 bots\[1\]\.id: a is given/,
  );
  assert.match(
    refused(engine(`bots:\n${bot("a", "aaaaaa")}${bot("b", "aaaaaa")}`)),
    /m\.yaml:3 bots\[1\]\.tag: aaaaaa/,
  );
  assert.match(
    refused(engine(`bots:\n${bot("a", "aaaaaa")}${bot("b", "bbbbbb")}`)),
    /^m\.yaml:3 bots\[1\]\.instrument: BTC\/USDT:USDT is a's already; an instrument of an account belongs to one bot$/,
  );
  assert.equal(refused(engine(`bots:\n${bot("a", "aaaaaa")}${bot("b", "bbbbbb", "ETH/USDT:USDT")}`)), "accepted");
});

test("a section a later release brings is said to be that", () => {
  assert.match(refused(engine("portfolio: {}\n")), /m\.yaml:1 portfolio: comes with a later release/);
  assert.match(refused(live("alerts: { minSeverity: warning }\n")), /l\.yaml:1 alerts: comes with a later release/);
});

const REAL = `
exchange: binance
environment: live
instruments: ["BTC/USDT:USDT"]
credentials: { apiKey: { env: ENGINE_KEY }, secret: { env: ENGINE_KEY } }
grpc: { clients: [{ name: engine, role: trader, key: { env: ENGINE_KEY } }] }
`;

test("EXCH-52 a real exchange is named with its instruments, and its keys come from beside the file", () => {
  const { exchange, simulated, real } = accepted(connector(REAL));
  assert.deepEqual([exchange, simulated], ["binance", null]);
  assert.deepEqual([real?.market, real?.symbols, real?.endpoints], ["perpetual", ["BTC/USDT:USDT"], null]);
  assert.equal(String(real?.credentials?.secret), "[secret]");
  const literal = REAL.replace("secret: { env: ENGINE_KEY }", "secret: abcdef");
  assert.match(refused(connector(literal)), /c\.yaml:5 credentials\.secret: a key in the file itself is not allowed/);
  assert.doesNotMatch(refused(connector(literal)), /abcdef/);
});

test("RISK-50 what does not go together with a real exchange is said at its key", () => {
  const cases: readonly (readonly [string, string, RegExp])[] = [
    ['["BTC/USDT:USDT"]', '["BTC/USDT"]', /instruments\[0\]: BTC\/USDT is a spot instrument, and market is perpetual/],
    ['["BTC/USDT:USDT"]', "[]", /instruments: nothing is not allowed/],
    ["environment: live", "environment: emulator", /endpoints: nothing is not allowed with binance in an emulator/],
    ["exchange: binance", "exchange: ccxt", /ccxtId: nothing is not allowed with exchange: ccxt/],
    ["exchange: binance", "exchange: simulated", /credentials: is for real exchanges/],
    [
      "environment: live",
      "environment: live\nendpoints: { rest: 'http://127.0.0.1:1', websocket: 'ws://127.0.0.1:1' }",
      /endpoints: an address of one's own is not allowed with live money/,
    ],
  ];
  for (const [from, to, expected] of cases) assert.match(refused(connector(REAL.replace(from, to))), expected);
});
