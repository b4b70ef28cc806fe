// A connector that writes down what a real exchange says: recorded from an emulated Binance, killed in the middle, and
// read back by the data check and by a backtest.

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { Secret } from "../../src/config/secret.ts";
import { FREE_PORTS, startEmulator } from "../../src/exchange/emulator/emulator.ts";
import { openRpcClient } from "../../src/rpc/client.ts";
import { ExchangeServiceDefinition } from "../../src/rpc/generated/opensqt/market_maker/v1/exchange.ts";
import { opensqt, startOpensqt } from "../cli/command-line.ts";
import { until } from "./system.ts";

const KEY = "recording-test-key-of-an-engine-000001";
const SYMBOL = "BTC/USDT:USDT";

function folderOf(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "opensqt-recording-"));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A port that is free now. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  return typeof address === "object" && address !== null ? address.port : 0;
}

const recorded = (folder: string): readonly string[] =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => name.endsWith(".gz"))
        .sort()
    : [];

test("EXCH-60 BT-02 what a connector recorded until it was killed is read by data check and backtest", async (t) => {
  const folder = folderOf(t);
  const records = join(folder, "frames");
  const emulator = await startEmulator({ protocols: ["binance-usdm"], ports: FREE_PORTS, controlPort: null });
  t.after(() => emulator.close());
  const [at, grpc] = [`127.0.0.1:${emulator.ports["binance-usdm"]}`, `127.0.0.1:${await freePort()}`];
  const file = join(folder, "connector.yaml");
  writeFileSync(
    file,
    `
exchange: binance
environment: emulator
instruments: ["${SYMBOL}"]
credentials: { apiKey: "demo-key", secret: "demo-secret" }
endpoints: { rest: "http://${at}", websocket: "ws://${at}" }
record: { folder: "${records}", private: true }
store: { folder: "${folder}/data" }
grpc: { bind: "${grpc}", clients: [{ name: engine, role: trader, sha256: "${new Secret(KEY, "").sha256()}" }] }
http: { port: 0 }
`,
  );
  const connector = startOpensqt(["connector", "--config", file], { cwd: folder });
  await connector.seen(/gRPC listens/);
  const client = openRpcClient({ address: grpc, key: KEY });
  t.after(() => client.close());
  const exchange = client.client(ExchangeServiceDefinition);
  const ends = new AbortController();
  const drained = [
    drain(exchange.subscribeBook({ symbols: [SYMBOL] }, { signal: ends.signal })),
    drain(exchange.subscribeTrades({ symbols: [SYMBOL] }, { signal: ends.signal })),
    drain(exchange.subscribeOrders({ symbols: [SYMBOL] }, { signal: ends.signal })),
  ];
  const linesOf = (name: string): readonly string[] =>
    recorded(records)
      .filter((file) => file.includes(name))
      .flatMap((file) =>
        gunzipSync(readFileSync(join(records, file)))
          .toString()
          .split("\n"),
      );
  await until("frames of the market are on the disk", async () => {
    const lines = linesOf("BTCUSDT");
    return (
      lines.some((line) => line.includes("lastUpdateId")) && lines.filter((line) => /"e":"trade"/.test(line)).length > 3
    );
  });
  connector.kill("SIGKILL");
  await connector.ended;
  ends.abort();
  await Promise.all(drained);
  assert.ok(linesOf("BTCUSDT").every((line) => line === "" || /^\d{19} \{.*\}$/.test(line)));
  const markets = recorded(records).filter((name) => name.includes("BTCUSDT"));
  assert.match(markets[0] ?? "", /^binance-perpetual-BTCUSDT-\d{4}-\d\d-\d\dT\d\d\.gz$/);
  const paths = markets.map((name) => join(records, name));
  const checked = opensqt(["data", "check", ...paths], { cwd: folder });
  assert.equal(checked.code, 0, `${checked.out}${checked.err}`);
  const bot = join(folder, "bot.yaml");
  writeFileSync(
    bot,
    `
bot:
  id: replay
  strategy: grid
  instrument: "${SYMBOL}"
  grid: { mode: neutral, spacing: geometric, spacingBps: "6", orderQuote: "130", entryLevels: 3, exitLevels: 3 }
`,
  );
  const backtest = opensqt(
    ["backtest", "run", "--config", bot, ...paths.flatMap((path) => ["--data", path]), "--out", join(folder, "report")],
    { cwd: folder },
  );
  assert.equal(backtest.code, 0, `${backtest.out}${backtest.err}`);
});

async function drain(stream: AsyncIterable<unknown>): Promise<void> {
  try {
    for await (const _each of stream) void _each;
  } catch {
    // the connector is gone
  }
}
