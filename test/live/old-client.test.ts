// An old client, written only from the message table of docs/spec/live.md section 5: it knows nothing of this code.
// What it gets on the wire is held byte for byte by the files of test/live/classic.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { DEMO_OF } from "../../src/live/demo-feed.fixture.ts";
import type { ConsoleOrder, Fill, Instrument } from "../../src/live/messages.ts";
import { inHouse } from "../../src/live/server.fixture.ts";

const golden = (name: string): string =>
  readFileSync(new URL(`classic/${name}.txt`, import.meta.url), "utf8").trimEnd();

const OF = { exchange: "binance", symbol: "BTC/USDT:USDT" } as const;
const INSTRUMENT: Instrument = { ...OF, name: "BTCUSDT", tick: "0.01", lot: "0.001", kind: "perpetual" };
const OTHER: Instrument = { ...INSTRUMENT, symbol: "ETH/USDT:USDT", name: "ETHUSDT" };
const ORDER: ConsoleOrder = {
  id: "8389765",
  price: "42000",
  side: "BUY",
  status: "NEW",
  type: "LIMIT",
  symbol: "BTCUSDT",
  exchange: "binance",
  clientOrder: "b1a",
  bot: "grid",
  qty: "0.01",
  filled: "0",
  slot: "",
  foreign: false,
  unknown: false,
  reduceOnly: false,
  at: 1705881e6,
};
const SELL: ConsoleOrder = {
  ...ORDER,
  id: "8389766",
  clientOrder: "b1b",
  price: "42300",
  side: "SELL",
  status: "PARTIALLY_FILLED",
};
const FILL: Fill = {
  id: "t1",
  bot: "grid",
  ...OF,
  side: "BUY",
  price: "42000",
  qty: "0.01",
  quote: "420",
  fee: "0.08",
  feeAsset: "USDT",
  maker: true,
  realized: "",
  order: "8389765",
  clientOrder: "b1a",
  cycle: false,
  at: 1705881605999,
};

test("LIVE-12 LIVE-17 a page written for the original gets byte-compatible messages: one golden file of each", async () => {
  await inHouse({ fed: false }, async ({ picture, connect }) => {
    const bot = { ...OF, bot: "grid" };
    picture.instruments("connector", [INSTRUMENT, OTHER]);
    picture.candles({ ...OF, interval: "1m" }, [
      { time: 1_705_881_480, open: "42100", high: "42160", low: "42090.5", close: "42140", volume: "80.1" },
      { time: 1_705_881_540, open: "42140", high: "42155", low: "42120", close: "42150.5", volume: "64" },
    ]);
    picture.orders("binance", [
      { of: bot, order: ORDER },
      { of: bot, order: SELL },
    ]);
    picture.account("binance", { asset: "USDT", free: "9500.25", balance: "10000", marginBalance: "10012.5" });
    const { texts, until } = await connect({ path: "/ws?symbol=BTCUSDT" });
    await until((text) => text.includes('"type":"position"'));
    assert.deepEqual(texts, ["history", "orders-list", "account", "position-closed"].map(golden));
    const next = async (name: string): Promise<void> => {
      await until((text) => text === golden(name));
      assert.equal(texts.at(-1), golden(name));
    };
    // what concerns other instruments and intervals does not reach it
    picture.candle({ ...OTHER, interval: "1m" }, { time: 1, open: "1", high: "1", low: "1", close: "1", volume: "1" });
    picture.candle({ ...OF, interval: "5m" }, { time: 1, open: "1", high: "1", low: "1", close: "1", volume: "1" });
    picture.candle(
      { ...OF, interval: "1m" },
      { time: 1_705_881_600, open: "42150.5", high: "42200", low: "42100", close: "42180.25", volume: "125.45" },
    );
    await next("kline");
    picture.fill(FILL);
    await next("trade_event");
    picture.fill(FILL);
    picture.order({ of: bot, order: { ...ORDER, status: "FILLED", filled: "0.01", gone: true } });
    await next("orders");
    picture.position(OF, { symbol: "BTCUSDT", amount: "-0.01", entryPrice: "42000", unrealizedPnL: "-1.8025" });
    await next("position");
    picture.position(OF, { symbol: "BTCUSDT", amount: "0.000", entryPrice: "", unrealizedPnL: "0" });
    await until((text) => texts.indexOf(text) > 4 && text === golden("position"));
    await until(() => texts.filter((text) => text === golden("position-closed")).length === 2);
    assert.equal(texts.length, 4 + 5, "each once, and nothing else");
  });
});

/** The rules of the table, as somebody without our code would check them. */
function conforms(text: string): string {
  const message = JSON.parse(text) as { type: string; data: Record<string, unknown> };
  assert.deepEqual(Object.keys(message), ["type", "data"]);
  const rows: Record<string, readonly string[]> = {
    kline: ["time", "open", "high", "low", "close", "volume"],
    account: ["asset", "free", "balance", "marginBalance", "symbol"],
    orders: ["id", "price", "side", "status", "type", "symbol"],
    trade_event: ["side", "price", "amount", "symbol", "time"],
    position: ["symbol", "amount", "entryPrice", "unrealizedPnL"],
  };
  const each = (type: string, data: Record<string, unknown>): void => {
    assert.deepEqual(Object.keys(data), rows[type], type);
    for (const [key, value] of Object.entries(data)) {
      if (key === "time") assert.ok(Number.isInteger(value) && String(value).length === 10, text);
      else assert.equal(typeof value, "string", text);
      const isWord = ["asset", "symbol", "id", "side", "status", "type"].includes(key);
      if (!isWord && key !== "time") assert.match(String(value), /^-?(0|[1-9]\d*)(\.\d+)?$/, text);
    }
    if (type === "trade_event") assert.match(String(data["side"]), /^(buy|sell)$/);
    if (type === "orders") assert.match(String(data["side"]), /^(BUY|SELL)$/);
  };
  if (message.type === "history")
    for (const one of Object.values(message.data)) each("kline", one as Record<string, unknown>);
  else if (Array.isArray(message.data))
    for (const one of message.data) each(message.type, one as Record<string, unknown>);
  else each(message.type, message.data);
  return message.type;
}

test("LIVE-13 whatever a whole session brings has exactly the shapes of the table: no enum names, no numbers, no null", async () => {
  await inHouse({}, async ({ feed, connect, picture }) => {
    const { texts, until } = await connect();
    await until((text) => text.includes('"type":"position"'));
    const before = picture.fillBook.last(9999).length;
    for (let second = 0; second < 2000; second += 1) {
      feed.tick();
      if (second % 100 === 99) await new Promise((resolve) => setImmediate(resolve));
    }
    const fills = picture.fillBook.last(9999).length - before;
    const trades = (): number => texts.filter((text) => text.startsWith('{"type":"trade_event"')).length;
    picture.fill({ ...FILL, ...DEMO_OF, id: "last", price: "7", at: Date.now() });
    await until((text) => text.includes('"price":"7.00"'));
    assert.deepEqual(texts.slice(0, 4).map(conforms), ["history", "orders", "account", "position"]);
    const types = new Set(texts.slice(4).map(conforms));
    assert.deepEqual([...types].sort(), ["account", "kline", "orders", "position", "trade_event"]);
    assert.equal(trades(), fills + 1, "every own fill once");
    for (const banned of ["ORDER_SIDE", "value:", "NaN", "null", "undefined", "e+", "e-"]) {
      assert.equal(
        texts.some((text) => text.includes(banned)),
        false,
        banned,
      );
    }
  });
});
