// The fast readers against the exact ones, and every reader against rubbish: a value, NaN or a finding, nothing else.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseDecimal, unitsOf } from "../base/decimal.ts";
import { DataError } from "./error.ts";
import { FrameReader } from "./frame.ts";
import { loadData } from "./open.ts";
import { readInteger, StepGrid } from "./scan.ts";

const numRuns = Number(process.env["OPENSQT_PROPERTY_RUNS"] ?? 200);

const step = fc.constantFrom(
  "1",
  "0.1",
  "0.01",
  "0.5",
  "0.25",
  "5",
  "0.00001",
  "0.00000001",
  "0.000000000000000001",
  "100",
  "3",
);
const digits = (max: number): fc.Arbitrary<string> =>
  fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: max }).map((list) => list.join(""));
const number = fc.oneof(
  digits(9),
  fc.tuple(digits(8), digits(10)).map((parts) => parts.join(".")),
  fc.tuple(digits(20), digits(25)).map((parts) => parts.join(".")),
  fc
    .tuple(fc.constantFrom("", "-", "+"), digits(3), digits(3), fc.integer({ min: -30, max: 30 }))
    .map(([sign, a, b, e]) => `${sign}${a}.${b}e${e}`),
  fc.string({ maxLength: 12 }),
);

test("BT-01 TEST-P2 the byte reader gives what exact decimals give, whatever the text and the step", () => {
  fc.assert(
    fc.property(number, step, fc.constantFrom("nearest" as const, "down" as const), (text, size, rounding) => {
      const bytes = Buffer.from(`"${text}"`, "utf8");
      const grid = new StepGrid(size, rounding);
      const value = grid.read(bytes, 1, bytes.length - 1);
      const parsed = parseDecimal(text);
      const unit = parseDecimal(size);
      assert.ok(unit.ok);
      const exact = parsed.ok ? unitsOf(parsed.value, unit.value, "exact") : null;
      const units = parsed.ok ? unitsOf(parsed.value, unit.value, rounding) : null;
      if (units === null || !units.ok || !Number.isSafeInteger(Number(units.value)) || bytes.length > 66) {
        assert.ok(Number.isNaN(value) || (units?.ok === true && BigInt(value) === units.value));
        return;
      }
      assert.equal(BigInt(value), units.value);
      assert.ok(!Object.is(value, -0));
      assert.equal(grid.offGrid, exact?.ok === false);
    }),
    { numRuns: numRuns * 5, seed: 1001 },
  );
});

test("an integer is read exactly or not at all", () => {
  fc.assert(
    fc.property(fc.oneof(digits(20), fc.string({ maxLength: 5 })), (text) => {
      const bytes = Buffer.from(text, "latin1");
      const value = readInteger(bytes, 0, bytes.length);
      if (value === -1) assert.ok(!/^\d{1,15}$/.test(bytes.toString("latin1")));
      else assert.equal(BigInt(value), BigInt(text));
    }),
    { numRuns, seed: 1002 },
  );
});

const FRAMES = [
  `1723161255030314667 {"stream":"btcusdt@depth@0ms","data":{"e":"depthUpdate","E":1723161256299,"T":1723161256298,
    "s":"BTCUSDT","U":5,"u":7,"pu":4,"b":[["58710.20","0.014"],["61496.50","0.000"]],"a":[["61800.30","3.330"]]}}`,
  `1723161255088169167 {"stream":"btcusdt@bookTicker","data":{"e":"bookTicker","u":8,"s":"BTCUSDT","b":"61800.20",
    "B":"2.507","a":"61800.30","A":"2.510","T":1723161256313,"E":1723161256313}}`,
  `1723161255088176367 {"stream":"btcusdt@trade","data":{"e":"trade","E":1723161256322,"T":1723161256322,
    "s":"BTCUSDT","t":5266583935,"p":"61800.30","q":"0.006","X":"MARKET","m":false}}`,
  `1723161255319702566 {"lastUpdateId":6,"E":1723161256501,"T":1723161256493,"bids":[["61800.20","2.909"]],
    "asks":[["61975.20","0.004"]]}`,
  `1723161255400000000 {"stream":"btcusdt@markPrice@1s","data":{"e":"markPriceUpdate","E":1723161256600,
    "s":"BTCUSDT","p":"11794.15","i":"1","P":"2","r":"0.00038167","T":1723190400000}}`,
].map((frame) => frame.replace(/\n */g, ""));

const mutation = fc.oneof(
  fc.record({ at: fc.nat(400), put: fc.constant(""), take: fc.integer({ min: 1, max: 20 }) }),
  fc.record({ at: fc.nat(400), put: fc.string({ maxLength: 4 }), take: fc.nat(4) }),
  fc.record({
    at: fc.nat(400),
    put: fc.constantFrom(
      '{"__proto__":{"x":1}}',
      "[[[[[[[[",
      "99999999999999999999999",
      "-0",
      "1e400",
      "\u0000",
      "null",
      '"',
      "\\u0031",
      "NaN",
    ),
    take: fc.nat(3),
  }),
  fc.record({
    at: fc.nat(400),
    put: fc.integer({ min: 0, max: 4 }).map((i) => (FRAMES[i] ?? "").slice(20, 90)),
    take: fc.nat(60),
  }),
);
const mutated = fc
  .tuple(
    fc.nat(4).map((i) => FRAMES[i] ?? ""),
    fc.array(mutation, { maxLength: 4 }),
  )
  .map(([frame, edits]) => {
    let text: string = frame;
    for (const { at, put, take } of edits) text = text.slice(0, at) + put + text.slice(at + take);
    return text;
  });

test("TEST-P2 a mutated frame is read into safe integers or called bad, and never throws", () => {
  const reader = new FrameReader("BTCUSDT", "0.1", "0.001");
  fc.assert(
    fc.property(mutated, (text) => {
      const bytes = Buffer.from(text, "utf8");
      const kind = reader.read(bytes, 0, bytes.length);
      if (kind === "bad") return;
      const { id, eventMs, tradeMs, levels } = reader;
      const numbers = [
        id,
        eventMs,
        tradeMs,
        ...levels.price.subarray(0, levels.count),
        ...levels.quantity.subarray(0, levels.count),
      ];
      if (kind === "trade" || kind === "quote" || kind === "mark") numbers.push(reader.price);
      if (kind === "trade" || kind === "quote") numbers.push(reader.quantity);
      for (const value of numbers) assert.ok(Number.isSafeInteger(value), `${kind}: ${value} of ${text}`);
    }),
    { numRuns: numRuns * 10, seed: 1003 },
  );
  assert.equal(Object.hasOwn(Object.prototype, "x"), false);
});

test("a file of mutated rows of any kind is loaded, or refused with a DataError", async () => {
  const heads = [
    "",
    "timestamp_ms,open,high,low,close,volume\n",
    "Symbol,Date,Funding Rate\n",
    "id,price,qty,quote_qty,time,is_buyer_maker\n",
  ];
  const rows = ["60000,1,2,1,2,5", "BTC-USDT,2020-01-01 00:00:00,0.1", "1,100.1,0.5,1.5,1700000000001,true"];
  const row = fc.oneof(mutated, fc.constantFrom(...rows), fc.string({ maxLength: 80 }));
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...heads), fc.array(row, { maxLength: 20 }), async (head, lines) => {
      const bytes = Buffer.from(`${head}${lines.join("\n")}\n`, "utf8");
      try {
        const loaded = await loadData([{ name: "fuzz", bytes }], { symbol: "BTCUSDT", market: "usdm" });
        const { tape } = loaded;
        for (const value of [...tape.price, ...tape.quantity, ...tape.id, ...tape.localUs, ...tape.exchangeUs]) {
          assert.ok(Number.isSafeInteger(value), `${value}`);
        }
      } catch (error) {
        assert.ok(error instanceof DataError, String(error));
      }
    }),
    { numRuns, seed: 1004 },
  );
});
