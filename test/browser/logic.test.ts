// The console's reasoning without a browser: exact money, waits of reconnecting, what messages do to the picture,
// arrows and lines of the chart.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { ConsoleMessage, ConsoleOrder, Fill } from "../../src/live/messages.ts";
import { fillMarks, orderLines } from "../../web/src/chart/marks.ts";
import { compare, difference, rounded, shareBps, sum } from "../../web/src/money/exact.ts";
import { plain, shareText, signed, span } from "../../web/src/money/show.ts";
import { applyAll, withCandles } from "../../web/src/picture/apply.ts";
import { emptyPicture, type Picture } from "../../web/src/picture/picture.ts";
import { partsOf } from "../../web/src/wire/parts.ts";
import { waitMs } from "../../web/src/wire/waits.ts";
import { openOrder } from "./order.fixture.ts";

const OF = { bot: "b", exchange: "x", symbol: "BTC/USDT:USDT", interval: "1m" } as const;

const fill = (id: string, at: number, side: "BUY" | "SELL" = "BUY"): Fill => ({
  id,
  bot: "b",
  exchange: "x",
  symbol: OF.symbol,
  side,
  price: "100.0",
  qty: "0.010",
  quote: "1",
  fee: "0.001",
  feeAsset: "USDT",
  maker: true,
  realized: "0",
  order: `o${id}`,
  clientOrder: `c${id}`,
  cycle: false,
  at,
});

const order = (id: string, changes: Partial<ConsoleOrder> = {}): ConsoleOrder =>
  openOrder({ id, clientOrder: `c${id}`, filled: "0.004", ...changes });

const candle = (time: number, close = "100.0") => ({
  time,
  open: "100.0",
  high: "101.0",
  low: "99.0",
  close,
  volume: "1",
});

/** Messages in order, as one connection sends them. */
function told(picture: Picture, ...messages: readonly Pick<ConsoleMessage, "type" | "data">[]) {
  const numbered = messages.map(
    (message, index) => ({ of: OF, seq: index + 1, at: 1000, ...message }) as ConsoleMessage,
  );
  return applyAll(picture, numbered, 5000);
}

const ready = { type: "ready", data: {} } as const;

test("UI-03 sums and differences of money are exact whatever the digits", () => {
  const decimal = fc.tuple(fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }), fc.integer({ min: 0, max: 12 }));
  const text = ([units, scale]: [bigint, number]): string => {
    const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, "0");
    const [whole, part] = [digits.slice(0, digits.length - scale), digits.slice(digits.length - scale)];
    return `${units < 0n ? "-" : ""}${whole}${part === "" ? "" : `.${part}`}`;
  };
  fc.assert(
    fc.property(decimal, decimal, (left, right) => {
      const [a, b] = [text(left), text(right)];
      assert.equal(compare(difference(sum(a, b), b), a), 0);
      assert.equal(compare(a, b), -compare(b, a) + 0);
      assert.equal(compare(rounded(a, 40), a), 0);
    }),
  );
  assert.equal(sum("0.1", "0.2"), "0.3");
  assert.equal(rounded("-0.005", 2), "-0.01");
  assert.equal(rounded("1.005", 2), "1.01");
});

test("UI-03 a number is shown with its sign, an unknown one as a dash, never as zero", () => {
  const table: readonly (readonly [string, string])[] = [
    [signed("12.5"), "+12.5"],
    [signed("-0.25", 4), "\u22120.2500"],
    [signed("0", 2), "0.00"],
    [signed(""), "–"],
    [signed("-0.0001", 2), "\u22120.0001"],
    [plain("1234567.80"), "1,234,567.80"],
    [plain("42150.50"), "42150.50"],
    [shareText("0.913"), "91.30 %"],
    [shareText(""), "–"],
    [span(340), "340 ms"],
    [span(12_400), "12 s"],
  ];
  for (const [shown, expected] of table) assert.equal(shown, expected);
  assert.equal(shareBps("1", "0"), null);
});

test("UI-10 tries come after 0.5, 1, 2, 4, 8, 15, 15 … s, give or take a fifth, and never end", () => {
  const middle = [0, 1, 2, 3, 4, 5, 6, 700].map((tries) => waitMs(tries, 0.5));
  assert.deepEqual(middle, [500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000]);
  assert.equal(waitMs(0, 0), 400);
  assert.ok(waitMs(5, 0.999) <= 18_000);
});

test("UI-10 a new snapshot replaces all, and fills of the gap come without sound, marked as while away", () => {
  const start = emptyPicture(0);
  const [first] = told(
    start,
    { type: "fills", data: { all: [fill("1", 10)] } },
    { type: "orders", data: { all: [order("a")] } },
    ready,
  );
  assert.equal(first.away.size, 0, "the first list is history, not a gap");
  const [second, news] = told(
    first,
    { type: "hello", data: { release: "1" } } as never,
    { type: "fills", data: { all: [fill("1", 10), fill("2", 20)] } },
    { type: "orders", data: { all: [order("b")] } },
    ready,
  );
  assert.deepEqual([...second.away], ["2"]);
  assert.deepEqual(news.fills, [], "no sound");
  assert.deepEqual([...second.orders.keys()], ["x|cb"]);
  assert.deepEqual(
    second.fills.map(({ id }) => id),
    ["2", "1"],
  );
});

test("TEST-35 fills of one moment stand newest first, told one by one, told together or told again", () => {
  const [one, two, three] = [fill("1", 10), fill("2", 10), fill("3", 10)];
  const shown = ({ fills }: Picture): string => fills.map(({ id }) => id).join("");
  const [single] = told(emptyPicture(0), { type: "fills", data: { all: [one] } }, ready, {
    type: "fills",
    data: two,
  });
  const [again] = told(single, { type: "fills", data: { all: [one, two, three] } }, ready);
  const [whole] = told(emptyPicture(0), { type: "fills", data: { all: [one, two, three] } }, ready);
  assert.deepEqual([shown(single), shown(again), shown(whole)], ["21", "321", "321"]);
});

test("UI-05 a hello told again brings new doors and leaves the picture as complete as it was", () => {
  const doors = [{ bot: "b", url: "http://127.0.0.1:8080" }];
  const [first] = told(emptyPicture(0), { type: "hello", data: { release: "1", doors: [] } as never }, ready);
  const [second] = told(
    first,
    { type: "bots", data: { all: [] } },
    { type: "hello", data: { release: "1", doors } as never },
  );
  assert.ok(second.ready);
  assert.deepEqual(second.hello?.doors, doors);
});

test("UI-12 a fill is news once, however often it is told", () => {
  const [first] = told(emptyPicture(0), { type: "fills", data: { all: [] } }, ready);
  const [second, news] = told(first, { type: "fills", data: fill("1", 10) }, { type: "fills", data: fill("1", 10) });
  assert.deepEqual(
    news.fills.map(({ id }) => id),
    ["1"],
  );
  assert.equal(second.fills.length, 1);
});

test("UI-04 every message leaves the time of its receipt by the page's own clock", () => {
  const [picture] = told(emptyPicture(0), { type: "kline", data: candle(60) });
  assert.equal(picture.receipts.get("kline"), 5000);
});

test("UI-02 an order that ended leaves the list, an unknown one stays", () => {
  const [picture] = told(
    emptyPicture(0),
    { type: "orders", data: { all: [order("a"), order("b"), order("c")] } },
    { type: "orders", data: order("a", { status: "FILLED" }) },
    { type: "orders", data: { id: "b", gone: true } },
    { type: "orders", data: order("c", { status: "NEW", unknown: true }) },
  );
  assert.deepEqual([...picture.orders.keys()], ["x|cc"]);
});

test("UI-02 candles join in order of time, the open one replaced in place", () => {
  const [picture] = told(
    emptyPicture(0),
    { type: "history", data: [candle(60), candle(120)] },
    { type: "kline", data: candle(120, "100.5") },
    { type: "kline", data: candle(180) },
  );
  const key = "x|BTC/USDT:USDT|1m";
  const whole = withCandles(picture, key, [candle(0)], 500);
  assert.deepEqual(
    whole.candles.get(key)?.map(({ time, close }) => `${time} ${close}`),
    ["0 100.0", "60 100.0", "120 100.5", "180 100.0"],
  );
  assert.ok(whole.candlesEnd.has(key), "fewer than asked: there are no older ones");
});

test("UI-11 LIVE-14 a message of a type this page does not know changes nothing", () => {
  const start = emptyPicture(0);
  const [picture] = told(start, { type: "weather", data: { rain: true } } as never);
  const { receipts, serverClock } = start;
  assert.deepEqual({ ...picture, receipts, serverClock }, start);
});

test("UI-09 an order line says side, quantity, price and how much of it is filled", () => {
  const lines = orderLines([order("a"), order("b", { side: "SELL", filled: "0", price: "3001.00" })], "");
  assert.deepEqual(
    lines.map(({ title }) => title),
    ["B 0.010 @ 2998.00 · 4/10", "S 0.010 @ 3001.00"],
  );
});

test("UI-09 fills of one candle and side are one arrow with a count", () => {
  const marks = fillMarks(
    [fill("1", 61_000), fill("2", 70_000), fill("3", 70_000, "SELL"), fill("4", 130_000), fill("0", 1000)],
    [60, 120],
    "",
  );
  assert.deepEqual(
    marks.map(({ time, side, count }) => `${time} ${side} ${count}`),
    ["60 BUY 2", "60 SELL 1", "120 BUY 1"],
  );
});

test("UI-02 the curve is what was told, whole and then point by point, in the market's time however fast it runs", () => {
  const figures = { realizedGross: "1", fees: "0", funding: "0", unrealized: "0", net: "1" };
  const at = (ms: number) => [ms, "1", "0", "0", "0", "1"] as const;
  const [picture] = told(
    emptyPicture(0),
    { type: "pnl", data: { ...figures, curve: [at(9_000_000), at(9_060_000)] } as never },
    { type: "pnl", data: figures as never },
    { type: "pnl", data: { ...figures, curve: [at(9_120_000)] } as never },
    { type: "pnl", data: { ...figures, curve: [at(9_060_000), at(9_120_000), at(9_180_000)] } as never },
  );
  assert.deepEqual(
    picture.curves.get("b")?.map(([time]) => time),
    [9_000_000, 9_060_000, 9_120_000, 9_180_000],
  );
});

test("UI-04 an order's age runs from when the page first heard of it", () => {
  const [first] = told(emptyPicture(0), { type: "orders", data: { all: [order("a")] } });
  assert.equal(first.seenOrders.get("x|ca"), 5000);
  const [second] = told(
    first,
    { type: "orders", data: order("a", { filled: "0.006" }) },
    { type: "orders", data: order("b") },
  );
  assert.deepEqual([...second.seenOrders.keys()], ["x|ca", "x|cb"]);
});

test("LIVE-10 a configuration of any length is sent in parts of which each fits into one message", () => {
  const text = fc.oneof(fc.string({ maxLength: 20_000, unit: "binary" }), fc.constant("\u0001".repeat(64_000)));
  fc.assert(
    fc.property(text, (config) => {
      const parts = partsOf(config);
      assert.equal(parts.join(""), config);
      for (const part of parts) {
        const request = {
          type: "preview",
          requestId: "preview-1000000",
          bot: "b".repeat(64),
          config: part,
          more: true,
        };
        assert.ok(Buffer.byteLength(JSON.stringify(request)) <= 4096);
      }
    }),
    { numRuns: 50 },
  );
});
