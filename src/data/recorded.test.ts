// The loaders on the recorded data: every figure and hash of its README that a loader can show (BT-48, BT-49).

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { presentData, skipWithoutData } from "../../test/data.ts";
import { lots, ticks } from "../market/amounts.ts";
import { FastDepth, NaiveDepth } from "../market/depth.ts";
import { formatPrice, formatQuantity } from "../market/instrument.ts";
import { RowKind, type Tape } from "../market/tape.ts";
import { bookDigest, candlesDigest, tradesDigest } from "./digest.ts";
import type { Loaded } from "./loaded.ts";
import { loadData } from "./open.ts";
import { turnoverText, vwapText } from "./trade-check.ts";

const USDM = "ticks/binance-usdm-btcusdt_20240808.gz";
const SPOT8 = "ticks/binance-spot-btcusdt_20240808.gz";
const SPOT9 = "ticks/binance-spot-btcusdt_20240809.gz";
const CANDLES = "candles/bitfinex-BTCUSD-1m-2019.csv.gz";

/** Figures of a recording as the README prints them. */
function described(loaded: Loaded): Record<string, number | string> {
  const { instrument, trades, figures, clock } = loaded;
  assert.ok(trades !== null && clock !== null);
  const price = (value: number): string => formatPrice(instrument, ticks(value));
  const volume = (value: bigint): string => formatQuantity(instrument, lots(Number(value)));
  return {
    lines: loaded.sources.reduce((sum, source) => sum + source.lines, 0),
    counts: `${figures["depth"]} ${figures["quotes"]} ${figures["trades"]} ${figures["snapshots"]}`,
    local: `${figures["firstLocalNs"]} ${figures["lastLocalNs"]}`,
    silence: figures["longestSilenceMs"] ?? "",
    clock: `${clock.minNs} ${clock.medianNs} ${clock.maxNs} of ${clock.messages}`,
    levels: `${figures["levelUpdates"]} ${figures["removals"]} ${figures["absentRemovals"]}`,
    sync: `${figures["buffered"]} ${figures["dropped"]} ${figures["applied"]}`,
    ids: `${trades.firstId} ${trades.lastId}`,
    range: `${price(trades.minPrice)} ${price(trades.maxPrice)}`,
    prices: `${price(trades.firstPrice)} ${price(trades.lastPrice)}`,
    volume: volume(trades.volumeLots),
    turnover: turnoverText(trades, instrument),
    vwap: vwapText(trades, instrument.tickSize, 9),
    sellerTook: `${trades.sellerTookTrades} ${volume(trades.sellerTookLots)}`,
    quoteEqualsBook: `${figures["quotesEqual"]} of ${figures["quotesCompared"]}`,
  };
}

function best(loaded: Loaded): string {
  const { book, instrument } = loaded;
  assert.ok(book !== null);
  const level = (side: "buy" | "sell"): string => {
    const price = book.best(side);
    return `${formatPrice(instrument, ticks(price))} x ${formatQuantity(instrument, lots(book.quantity(side, price)))}`;
  };
  return `${level("buy")} / ${level("sell")}, ${book.count("buy")} + ${book.count("sell")}`;
}

const names = (loaded: Loaded): string[] => loaded.findings.map((finding) => `${finding.name} ${finding.count}`);

test("BT-02 BT-48 BT-49 the USDⓈ-M capture shows every figure of its README", skipWithoutData(USDM), async () => {
  const loaded = await loadData([presentData(USDM)]);
  assert.deepEqual(described(loaded), {
    lines: 93954,
    counts: "6551 66089 21313 1",
    local: "1723161255030314667 1723161599833492584",
    silence: "344.872301",
    clock: "1219426009 1269538553 1272548721 of 93953",
    levels: "443521 96007 17747",
    sync: "6 4 6547",
    ids: "5266583935 5266605247",
    range: "61590.3 61839.9",
    prices: "61800.3 61659.8",
    volume: "2429.366",
    turnover: "149845680.8898",
    vwap: "61680.982153286",
    sellerTook: "11697 1177.790",
    quoteEqualsBook: "6547 of 6547",
  });
  assert.equal(best(loaded), "61659.7 x 1.486 / 61659.8 x 0.981, 5018 + 4578");
  assert.ok(loaded.book !== null);
  assert.equal(tradesDigest(loaded.tape), "24cf0dccbefd5fc90e0924c5fd48fefb2385bf7700e32aef3bcdcd11d6b1c702");
  assert.equal(bookDigest(loaded.book), "40665883ff74124f2935339a0dc1bc6291406abf2a3a494b3e872a9f86723da6");
  const sha256 = "0ad7b3a0f5cff220761ea890cfd6e3c15f6899edc7f94637ec915043d7a72251";
  assert.equal(loaded.sources[0]?.sha256, sha256);
  assert.equal(loaded.instrument.symbol, "BTC/USDT:USDT");
});

test("TEST-31 BT-12 BT-23 the untouched USDⓈ-M capture has two findings, no gap", skipWithoutData(USDM), async () => {
  const loaded = await loadData([presentData(USDM)]);
  assert.deepEqual(
    loaded.findings.map((finding) => finding.name),
    ["clockSkew", "beyondSnapshot"],
  );
});

test(
  "BT-01 replaying the rows of the tape gives the book, in the fast and the naive book",
  skipWithoutData(SPOT8),
  async () => {
    const loaded = await loadData([presentData(SPOT8)]);
    for (const book of [new FastDepth(), new NaiveDepth()]) {
      replay(loaded.tape, book);
      assert.equal(bookDigest(book), "f38b76ccee6050c3208ac1054108c901ddfc6310fdaf462b315a476a3132aabb");
    }
  },
);

function replay(tape: Tape, book: FastDepth | NaiveDepth): void {
  let heldUs = 0;
  for (let i = 0; i < tape.length; i += 1) {
    assert.ok((tape.localUs[i] ?? 0) >= heldUs, "local time never falls");
    heldUs = tape.localUs[i] ?? 0;
    const kind = tape.kind[i];
    if (kind === RowKind.snapshotStart) book.clear();
    else if (kind === RowKind.bidLevel) book.set("buy", tape.price[i] ?? 0, tape.quantity[i] ?? 0);
    else if (kind === RowKind.askLevel) book.set("sell", tape.price[i] ?? 0, tape.quantity[i] ?? 0);
  }
}

test("BT-02 BT-48 BT-49 the spot capture shows every figure of its README", skipWithoutData(SPOT8), async () => {
  const loaded = await loadData([presentData(SPOT8)]);
  assert.deepEqual(described(loaded), {
    lines: 41249,
    counts: "3451 28040 9757 1",
    local: "1723161253937085768 1723161599999231384",
    silence: "201.531605",
    clock: "1249978708 1272339202 1275018265 of 13208",
    levels: "124090 59187 11239",
    sync: "3 2 3449",
    ids: "3735683259 3735693015",
    range: "61583.22 61860.80",
    prices: "61837.63 61685.99",
    volume: "212.03315",
    turnover: "13084074.1123886",
    vwap: "61707.681616712",
    sellerTook: "5654 115.38197",
    quoteEqualsBook: "3449 of 3449",
  });
  assert.equal(best(loaded), "61685.99 x 1.00870 / 61686.00 x 2.29327, 1209 + 2196");
  assert.ok(loaded.book !== null);
  assert.equal(tradesDigest(loaded.tape), "418746a770aa078d754e3673d23f7e67091e73f2103b040be5fd88d8d98152af");
  // three far levels have quantities finer than the lot; everything else is on the grid
  assert.deepEqual(names(loaded), ["clockSkew 13208", "beyondSnapshot 1", "offTick 3"]);
});

test(
  "BT-02 BT-49 the second spot file joins the first where its ids chain",
  skipWithoutData(SPOT8, SPOT9),
  async () => {
    const loaded = await loadData([presentData(SPOT8), presentData(SPOT9)]);
    const { figures } = loaded;
    assert.equal(`${figures["depth"]} ${figures["quotes"]} ${figures["trades"]}`, "6495 73174 19904");
    assert.equal(`${figures["buffered"]} ${figures["dropped"]} ${figures["applied"]}`, "3 2 6493");
    assert.equal(figures["absentRemovals"], 11239 + 14901);
    assert.equal(`${figures["quotesEqual"]} of ${figures["quotesCompared"]}`, "6491 of 6493");
    assert.equal(best(loaded), "61602.01 x 1.67177 / 61602.02 x 2.66795, 1971 + 2962");
    assert.ok(loaded.book !== null);
    assert.equal(bookDigest(loaded.book), "425259fdf25120f76e499ebc742240ca09f51ffc90afd67961d9e44a4f01bee4");
    assert.deepEqual(names(loaded), ["clockSkew 26399", "quoteMismatch 2", "beyondSnapshot 8", "offTick 7"]);
    assert.equal(loaded.findings[1]?.file, "binance-spot-btcusdt_20240809.gz");
  },
);

test("BT-11 BT-48 the second spot file alone has trades and quotes, and no book", skipWithoutData(SPOT9), async () => {
  const loaded = await loadData([presentData(SPOT9)]);
  const shown = described(loaded);
  assert.equal(shown["counts"], "3044 45134 10147 0");
  assert.equal(shown["clock"], "1258786369 1274031497 1276670531 of 13191");
  assert.equal(shown["levels"], "174021 83271 0");
  assert.equal(shown["ids"], "3735693016 3735703162");
  assert.equal(shown["range"], "61556.04 61744.37");
  assert.equal(shown["prices"], "61685.99 61602.02");
  assert.equal(shown["volume"], "225.88237");
  assert.equal(shown["turnover"], "13922855.4786462");
  assert.equal(shown["vwap"], "61637.636786997");
  assert.equal(shown["sellerTook"], "5157 118.04243");
  assert.equal(shown["silence"], "103.323199");
  assert.equal(tradesDigest(loaded.tape), "5a0bd0052bbf6c533eda8cfb6fe5c2b3c4ae2a443628a451852e00998c772eba");
  assert.equal(loaded.findings.find((finding) => finding.severity === "refuse")?.name, "syncImpossible");
  assert.equal(loaded.book, null);
});

test("BT-52 the settlement lies inside the capture by exchange time only", skipWithoutData(USDM), async () => {
  const { tape } = await loadData([presentData(USDM)]);
  const midnightUs = 1723161600000000;
  let line = 0;
  let mid = 0;
  for (let i = 0; i < tape.length && line === 0; i += 1) {
    if ((tape.exchangeUs[i] ?? 0) >= midnightUs) line = tape.line[i] ?? 0;
    else if (tape.kind[i] === RowKind.quoteAsk) mid = (tape.price[i - 1] ?? 0) + (tape.price[i] ?? 0);
    assert.ok((tape.localUs[i] ?? 0) < midnightUs);
  }
  assert.equal(line, 93950);
  assert.equal(mid, 2 * 616597.5);
});

test("BT-03 BT-48 the candles of 2019 show every figure of their README", skipWithoutData(CANDLES), async () => {
  const loaded = await loadData([presentData(CANDLES)]);
  const { figures } = loaded;
  assert.equal(
    `${figures["candles"]} ${figures["firstMs"]} ${figures["lastMs"]}`,
    "512727 1546300800000 1577836740000",
  );
  assert.equal(`${figures["missing"]} ${figures["gaps"]} ${figures["longestGap"]}`, "12873 9955 197");
  assert.equal(`${figures["zeroVolume"]} ${figures["flat"]}`, "0 55195");
  assert.equal(figures["volume"], "3948049.2326436836706911046");
  assert.equal(`${figures["lowestTicks"]} ${figures["lowestMs"]}`, `340532458599 ${Date.parse("2019-02-06T18:17Z")}`);
  assert.equal(
    `${figures["highestTicks"]} ${figures["highestMs"]}`,
    `1376400000000 ${Date.parse("2019-06-26T20:21Z")}`,
  );
  assert.deepEqual(names(loaded), ["missingCandle 12873"]);
  assert.equal(candlesDigest(loaded.tape), "07c86faeacac350748dcc20bd35aaa2835075d45d4fd650f944ec1cd9e7d6c3f");
  assertBuyAndHold(loaded.tape);
});

/** Buy and hold over the closes (BT-48), by the formulas of BT-35 written plainly. */
function assertBuyAndHold(tape: Tape): void {
  const closes: number[] = [];
  const days: number[] = [];
  let day = -1;
  for (let i = 0; i < tape.length; i += 1) {
    if (tape.kind[i] !== RowKind.candleClose) continue;
    const close = (tape.price[i] ?? 0) / 1e8;
    closes.push(close);
    const today = Math.floor((tape.exchangeUs[i] ?? 0) / 86_400_000_000);
    if (today !== day) days.push(close);
    else days[days.length - 1] = close;
    day = today;
  }
  const first = (tape.price[0] ?? 0) / 1e8;
  assert.equal(`${first} ${closes.at(-1)}`, "3832.6286242 7208.3");
  assert.equal((closes.at(-1) ?? 0) / first - 1, 0.8807718427205082);
  near(drawdown(closes), 0.5287198488811392);
  const equity = [first, ...days];
  near(drawdown(equity), 0.4822072072072072);
  const returns = days.map((close, i) => close / (equity[i] ?? 0) - 1);
  assert.equal(returns.length, 365);
  const mean = returns.reduce((sum, r) => sum + r, 0) / 365;
  const sd = Math.sqrt(returns.reduce((sum, r) => sum + (r - mean) ** 2, 0) / 364);
  const down = Math.sqrt(returns.reduce((sum, r) => sum + Math.min(r, 0) ** 2, 0) / 365);
  near((mean / sd) * Math.sqrt(365), 1.258492727357806);
  near((mean / down) * Math.sqrt(365), 1.9758239641099167);
}

const near = (actual: number, expected: number): void => assert.ok(Math.abs(actual - expected) < 1e-12, `${actual}`);

function drawdown(values: readonly number[]): number {
  let peak = 0;
  let worst = 0;
  for (const value of values) {
    peak = Math.max(peak, value);
    worst = Math.max(worst, 1 - value / peak);
  }
  return worst;
}

test("the hashes of this test are made as the README says", () => {
  const book = new FastDepth();
  book.set("buy", 10, 1);
  book.set("buy", 11, 2);
  book.set("sell", 12, 3);
  const expected = createHash("sha256").update("b,11,2\nb,10,1\na,12,3\n").digest("hex");
  assert.equal(bookDigest(book), expected);
});
