// Paper trading that follows a live public market: an emulated Binance plays the market, and hears of no order.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { test } from "node:test";
import { FREE_PORTS, startEmulator } from "../../src/exchange/emulator/emulator.ts";
import { startOpensqt, withFolder } from "../cli/command-line.ts";
import { System, until } from "./system.ts";

const SYMBOL = "BTC/USDT:USDT";

const configOf = (port: number | undefined): string => `
bot:
  id: btc-grid
  strategy: grid
  instrument: "${SYMBOL}"
  cancelOnExit: all
  grid: { mode: neutral, spacing: geometric, spacingBps: "6", orderQuote: "130", entryLevels: 5, exitLevels: 5 }
simulated:
  market: live
  follow: binance
  endpoints: { rest: "http://127.0.0.1:${port}", websocket: "ws://127.0.0.1:${port}" }
  balance: "10000"
`;

test("EXCH-47 a bot trades on paper on the public market of an exchange, which hears of no order and no key", {
  timeout: 150_000,
}, async (t) => {
  const emulator = await startEmulator({ protocols: ["binance-usdm"], ports: FREE_PORTS, controlPort: null });
  t.after(() => emulator.close());
  const asked: { readonly path: string; readonly key: string; readonly query: string }[] = [];
  const endWatch = emulator.control.universe.record.watch((entry) => {
    if (entry.kind === "request") asked.push(entry);
  });
  t.after(endWatch);
  const system = await System.start({ config: configOf(emulator.ports["binance-usdm"]) });
  t.after(() => system.close());
  await until("orders rest on paper", async () => {
    const { orders } = await system.exchange.getOpenOrders({ symbol: SYMBOL });
    return orders.length >= 4;
  });
  const { book } = await system.exchange.getBook({ symbol: SYMBOL, depth: 1 });
  assert.ok((book?.bids.length ?? 0) > 0, "the book is the exchange's");
  const { code, err } = await system.stop();
  assert.equal(code, 0, err);
  assert.ok(asked.some(({ path }) => path === "/fapi/v1/exchangeInfo"));
  for (const { path, key, query } of asked) {
    assert.doesNotMatch(path, /^\/fapi\/v\d\/(order|batchOrders|listenKey|account|openOrders)/);
    assert.deepEqual([key, /signature=/.test(query)], ["", false], path);
  }
});

test("EXCH-47 OPS-11 where the market to follow cannot be reached, the connector says so and ends with 5", async () => {
  await withFolder(async (folder) => {
    writeFileSync(
      `${folder}/connector.yaml`,
      `
simulated:
  market: live
  follow: binance
  endpoints: { rest: "http://127.0.0.1:1", websocket: "ws://127.0.0.1:1" }
  instruments: [{ symbol: "${SYMBOL}" }]
store: { folder: "${folder}/data" }
grpc: { bind: "127.0.0.1:0", clients: [{ name: engine, role: trader, sha256: "${"0".repeat(64)}" }] }
http: { port: 0 }
`,
    );
    const words = ["connector", "--config", `${folder}/connector.yaml`];
    const { code, err } = await startOpensqt(words, { cwd: folder }).ended;
    assert.equal(code, 5, err);
    assert.match(err, /binance could not be asked: .*ECONNREFUSED/);
  });
});
