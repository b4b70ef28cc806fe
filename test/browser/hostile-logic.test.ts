// What a hostile world does to what the page knows, without a browser: orders without ids, exchanges that share names,
// servers that come back with less than before, values too small for the digits of a column.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { ConsoleMessage, Feed, Of } from "../../src/live/messages.ts";
import { moment, signed } from "../../web/src/money/show.ts";
import { applyAll } from "../../web/src/picture/apply.ts";
import { ageOf } from "../../web/src/picture/freshness.ts";
import {
  candleKey,
  emptyPicture,
  instrumentKey,
  type Picture,
  serverNow,
  withExplained,
} from "../../web/src/picture/picture.ts";
import { quoted } from "../../web/src/quoted.ts";
import { priceIn } from "../../web/src/shown-price.ts";
import { openOrder } from "./order.fixture.ts";

const OF = { bot: "b", exchange: "x", symbol: "BTC/USDT:USDT", interval: "1m" } as const;

type Said = Pick<ConsoleMessage, "type" | "data"> & { readonly of?: Of };

/** Messages of one connection, in order, in the frame at `nowMs`. */
function told(picture: Picture, nowMs: number, ...messages: readonly Said[]): Picture {
  const numbered = messages.map(
    (message, index) => ({ of: OF, seq: index + 1, at: 1000, ...message }) as ConsoleMessage,
  );
  return applyAll(picture, numbered, nowMs)[0];
}

const hello = { type: "hello", data: { release: "1" } } as never as Said;
const ready = { type: "ready", data: {} } as Said;

const candle = (time: number, close = "100.0") => {
  return { time, open: "100.0", high: "101.0", low: "99.0", close, volume: "1" };
};

test("UI-02 LIVE-12 orders the exchange has given no id yet are one row each, and one row still when it has", () => {
  const sent = ["c1", "c2", "c3"].map((clientOrder) => openOrder({ clientOrder, unknown: true }));
  const first = told(emptyPicture(0), 5000, { type: "orders", data: { all: sent } }, ready);
  assert.deepEqual(
    [...first.orders.values()].map(({ clientOrder }) => clientOrder),
    ["c1", "c2", "c3"],
  );
  const second = told(
    first,
    6000,
    { type: "orders", data: openOrder({ id: "77", clientOrder: "c1" }) },
    { type: "orders", data: openOrder({ id: "78", clientOrder: "c2", status: "FILLED", gone: true }) },
  );
  assert.deepEqual(
    [...second.orders.values()].map(({ id, clientOrder }) => `${id} ${clientOrder}`),
    ["77 c1", " c3"],
  );
  assert.equal(second.seenOrders.get([...second.orders.keys()][0] ?? ""), 5000, "its age runs on");
});

test("LIVE-01 two exchanges with the same id, asset and instrument are told apart", () => {
  const account = (free: string) => ({ asset: "USDT", free, balance: free, marginBalance: free, symbol: "BTCUSDT" });
  const position = (amount: string) => ({ symbol: "BTCUSDT", amount, entryPrice: "1", unrealizedPnL: "0" });
  const of = (exchange: string) => ({ exchange, symbol: OF.symbol });
  const foreign = (exchange: string) => openOrder({ id: "1", clientOrder: "", exchange, foreign: true });
  const picture = told(
    emptyPicture(0),
    5000,
    { type: "orders", data: { all: [foreign("x"), foreign("y")] } },
    { type: "account", of: { exchange: "x" }, data: account("10") },
    { type: "account", of: { exchange: "y" }, data: account("20") },
    { type: "position", of: of("x"), data: position("0.5") },
    { type: "position", of: of("y"), data: position("-0.7") },
  );
  assert.equal(picture.orders.size, 2);
  assert.deepEqual(
    [...picture.accounts.values()].map(({ exchange, free }) => `${exchange} ${free}`),
    ["x 10", "y 20"],
  );
  assert.equal(picture.positions.get(instrumentKey(of("x")))?.amount, "0.5");
  assert.equal(picture.positions.get(instrumentKey(of("y")))?.amount, "-0.7");
});

test("UI-10 what a server that came back does not tell any more is not shown as if it still held", () => {
  const position = { symbol: "BTCUSDT", amount: "0.5", entryPrice: "1", unrealizedPnL: "0" };
  const slots = { anchor: "1", slots: [] };
  const before = told(
    emptyPicture(0),
    5000,
    hello,
    { type: "position", of: { exchange: "x", symbol: OF.symbol }, data: position },
    { type: "slots", data: slots as never },
    { type: "slots", of: { bot: "gone" }, data: slots as never },
    ready,
  );
  const joining = told(before, 6000, hello, { type: "slots", data: slots as never });
  assert.equal(joining.positions.size, 1, "the last picture stays until the new one is whole");
  const after = told(joining, 6000, { type: "ready", data: {} });
  assert.equal(after.positions.size, 0);
  assert.deepEqual([...after.slots.keys()], ["b"]);
});

test("UI-10 candles newer than the whole history told after them are gone, and a gap is not drawn shut", () => {
  const key = candleKey(OF);
  const times = (picture: Picture) => picture.candles.get(key)?.map(({ time }) => time);
  const first = told(emptyPicture(0), 5000, hello, { type: "history", data: [candle(60), candle(120), candle(180)] });
  // a market that began anew stands earlier than before
  assert.deepEqual(times(told(first, 6000, hello, { type: "history", data: [candle(60), candle(120)] })), [60, 120]);
  // eight hours asleep: what is known ends long before what is told begins
  const slept = told(first, 6000, hello, { type: "history", data: [candle(28_800), candle(28_860)] });
  assert.deepEqual(times(slept), [28_800, 28_860]);
  assert.deepEqual(
    times(told(first, 6000, { type: "history", data: [candle(240), candle(300)] })),
    [60, 120, 180, 240, 300],
  );
});

test("UI-04 figures are old when the server has told no ages for five seconds, though the connection stands", () => {
  const feed: Feed = {
    id: "f",
    source: "s",
    kind: "BOOK",
    symbol: "",
    state: "LIVE",
    ageMs: 0,
    limitMs: 5000,
    lastAction: "",
  };
  const feeds = { feeds: [feed], budget: [], clock: null, deadMan: null, journal: null };
  const heard = told(emptyPicture(0), 5000, hello, { type: "feeds", of: {}, data: feeds }, ready);
  const open = { ...heard, link: { ...heard.link, state: "open" as const } };
  assert.equal(ageOf(open, ["BOOK"], "", 9900).stale, false);
  assert.deepEqual(ageOf(open, ["BOOK"], "", 12_000), { stale: true, ageMs: 7000, feed: "live-server" });
});

test("UI-03 a value that is not zero is never shown as zero, however few digits its column has", () => {
  const table: readonly (readonly [string, number, string])[] = [
    ["0.00490000", 2, "+0.0049"],
    ["-0.00001234", 4, "\u22120.000012"],
    ["0.00001296", 4, "+0.000013"],
    ["0.0999", 2, "+0.100"],
    ["0.000", 2, "0.00"],
    ["12.3456", 2, "+12.35"],
    ["-123456789012345678.005", 2, "\u2212123,456,789,012,345,678.01"],
  ];
  for (const [value, digits, expected] of table) assert.equal(signed(value, digits), expected, value);
});

test("UI-04 the price is of the series heard last, not of the interval that happens to be chosen", () => {
  const about = { exchange: "x", symbol: OF.symbol, interval: "5m", botId: "b" };
  const [one, five] = ["1m", "5m"].map((interval) => ({ exchange: "x", symbol: OF.symbol, interval }));
  assert.ok(one !== undefined && five !== undefined);
  const first = told(
    emptyPicture(0),
    5000,
    { type: "history", of: five, data: [candle(0, "90.0")] },
    { type: "kline", of: one, data: candle(60, "100.0") },
  );
  const later = told(first, 9000, { type: "kline", of: one, data: candle(60, "101.5") });
  assert.equal(priceIn(later, about), "101.5");
});

test("UI-07 an id from an address or an exchange cannot become a second command where it is to be copied", () => {
  assert.equal(quoted("b1demo7"), "b1demo7");
  assert.equal(quoted("x; rm -rf ~"), "'x; rm -rf ~'");
  assert.equal(quoted("a'b\n$(id)"), "'a'\\''b $(id)'");
});

test("UI-09 a time of another day says which, in the clock that is chosen", () => {
  const nowMs = Date.UTC(2026, 10, 22, 0, 10, 0);
  const at = (ms: number): string => moment(ms, { utc: true, nowMs });
  assert.equal(at(nowMs - 60_000), "00:09:00");
  assert.equal(at(nowMs - 3_600_000), "11-21 23:10:00");
  assert.equal(at(0), "–");
});

test("UI-04 the server's clock counts, not a person's: what is due is told by the messages' own time", () => {
  const picture = told(emptyPicture(0), 5000, hello);
  assert.equal(serverNow(picture, 7500), 3500, "1000 when it was heard, 2.5 s ago");
});

test("UI-07 a page that is open for days keeps the newest explanations alone", () => {
  let known: Picture["explained"] = new Map();
  for (let i = 0; i < 300; i += 1) known = withExplained(known, `o${i}`, { state: "asked", since: i });
  known = withExplained(known, "o150", { state: "asked", since: 300 });
  assert.deepEqual([known.size, [...known.keys()][0], [...known.keys()].at(-1)], [200, "o100", "o150"]);
});
