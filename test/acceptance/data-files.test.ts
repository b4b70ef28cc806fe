// The recorded data are the files the figures were computed from: size and SHA-256 of each, and of the unpacked
// candles.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { skipWithoutData, testData } from "../data.ts";

const FILES: readonly (readonly [path: string, bytes: number, sha256: string])[] = [
  [
    "ticks/binance-usdm-btcusdt_20240808.gz",
    3637062,
    "0ad7b3a0f5cff220761ea890cfd6e3c15f6899edc7f94637ec915043d7a72251",
  ],
  [
    "ticks/binance-spot-btcusdt_20240808.gz",
    1274097,
    "5d263f4c5379cfc27379ef0e22779aa33804463d1b69c292e9c0714e31f2e1b4",
  ],
  [
    "ticks/binance-spot-btcusdt_20240809.gz",
    1754087,
    "2981a27474b8903133cc66e25f4da561140dd061c942b84801b9d8c60e4b3599",
  ],
  [
    "candles/bitfinex-BTCUSD-1m-2019.csv.gz",
    8409084,
    "5fad38763e7e0d68b0f6d4d965ea90474469dce1c05db1ecd6d9d5ae9fefacc7",
  ],
  ["funding/binance-BTC-USDT.csv", 193467, "c03444292619e1891dbf9cfb5f1515440b35198a29958793d52b33d2930b4a70"],
  ["funding/binance-ETH-USDT.csv", 193425, "14daf901f3a48d4d912b450d8f494f3e2e7e4997b512c2b540f46638237845dc"],
  ["funding/bybit-BTC-USDT.csv", 125698, "f970dd758ebff40c44bf3259708c72c174d4af570379a91ff460c55711dfea3e"],
  ["funding/bybit-ETH-USDT.csv", 125356, "e9e17ed857fc4ce80e128f2f8674600b7f912e5d2e4414e9dc35db7d8d79f770"],
  ["funding/gate-BTC-USDT.csv", 157891, "eac7e68943c0b5740259f9c5ef909a07d8041c23bcfe73ab96655383a48816e5"],
  ["funding/gate-ETH-USDT.csv", 157649, "660ce27ea0f70547742d867d117f7a6feb039d5f6a02098a3245d74f0afad89a"],
];

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

for (const [path, bytes, hash] of FILES) {
  test(`BT-48 ${path} is the file its figures were computed from`, skipWithoutData(path), () => {
    const file = testData(path);
    assert.ok(file !== null);
    assert.equal(statSync(file).size, bytes);
    assert.equal(sha256(readFileSync(file)), hash);
  });
}

const CANDLES = "candles/bitfinex-BTCUSD-1m-2019.csv.gz";

test("BT-48 the unpacked candles have their published size and hash", skipWithoutData(CANDLES), () => {
  const file = testData(CANDLES);
  assert.ok(file !== null);
  const text = gunzipSync(readFileSync(file));
  assert.equal(text.length, 28_932_521);
  assert.equal(sha256(text), "ab0e536a0c4c96edcaeac210679bb6283c08f658c9d54d6d2bed558fa91b66b2");
});
