// Settled rates on the recorded data: every figure and hash of its README, and how exchanges join (BT-05, BT-48).

import assert from "node:assert/strict";
import { test } from "node:test";
import { presentData, skipWithoutData } from "../../test/data.ts";
import type { Tape } from "../market/tape.ts";
import { fundingDigest } from "./digest.ts";
import { joinFunding } from "./funding.ts";
import type { Loaded } from "./loaded.ts";
import { loadData } from "./open.ts";

const names = (loaded: Loaded): string[] => loaded.findings.map((finding) => `${finding.name} ${finding.count}`);

const FUNDING = [
  [
    "binance-BTC",
    "4383 0 0.59878779 -0.003 0.003 590 0",
    "4c91bc85b355eb988029d9e4531607c50a539ec60a450c9bb6cb19762060270a",
  ],
  [
    "binance-ETH",
    "4383 0 0.74073975 -0.00356332 0.00375 548 0",
    "922f7dc4c7acdb962c3e95dfd947a8ab1a1887944bfd1fe6edbf897c6ce1ee5a",
  ],
  [
    "bybit-BTC",
    "3285 0 0.50127858 -0.00214698 0.00375 505 0",
    "22fe79f61d4d579e324f8fcaf4e637f940f4ada55fbbd92a364aa95b508f3625",
  ],
  [
    "bybit-ETH",
    "3285 0 0.53536484 -0.0034595 0.00375 499 0",
    "22e6a69e71c71e1be51d18a6df391a3faa8b0413d009744c71f22180acfb313e",
  ],
  [
    "gate-BTC",
    "4290 93 0.549716 -0.00375 0.00375 801 8",
    "780dac292a6f8253ed45898a80ee945b20c51b063831a55309c8e9e6d387c997",
  ],
  [
    "gate-ETH",
    "4290 93 0.60699 -0.002536 0.00375 746 8",
    "baec6ff03918b78673b2e34368f6070530cabed73a68383a10e21542d8098513",
  ],
] as const;
const fundingFile = (name: string): string => `funding/${name}-USDT.csv`;
const loadFundingOf = (name: string): Promise<Loaded> =>
  loadData([presentData(fundingFile(name))], { timeZone: name.startsWith("gate") ? "UTC" : "+03:00" });

for (const [name, figures, sha256] of FUNDING) {
  test(
    `BT-05 BT-48 the settled rates of ${name} show every figure of their README`,
    skipWithoutData(fundingFile(name)),
    async () => {
      const loaded = await loadFundingOf(name);
      const keys = ["settlements", "missing", "sum", "lowest", "highest", "negative", "zero"];
      assert.equal(keys.map((key) => loaded.figures[key]).join(" "), figures);
      assert.equal(fundingDigest(loaded.tape), sha256);
      assert.equal(loaded.figures["jitterRemoved"], name.startsWith("binance") ? 2233 : 0);
      assert.equal(loaded.findings.length, name.startsWith("gate") ? 1 : 0);
    },
  );
}

const BTC = ["binance-BTC", "bybit-BTC", "gate-BTC"] as const;
test("BT-05 exchanges join on normalised UTC only", skipWithoutData(...BTC.map(fundingFile)), async () => {
  const [binance, bybit, gate] = await Promise.all(BTC.map(async (name) => (await loadFundingOf(name)).tape));
  assert.ok(binance && bybit && gate);
  const sum = (tapes: Tape[]): [number, number] => {
    const { stampsMs, rates } = joinFunding(tapes);
    return [
      stampsMs.length,
      stampsMs.reduce((total, _, i) => total + (rates[0]?.[i] ?? 0) - (rates[1]?.[i] ?? 0), 0) / 1e4,
    ];
  };
  assert.deepEqual(sum([binance, bybit]), [3285, -7488798]);
  assert.deepEqual(sum([binance, gate]), [4290, 2785817]);
  assert.equal(joinFunding([bybit, gate]).stampsMs.length, 3285);
  assert.equal(joinFunding([binance, bybit, gate]).stampsMs.length, 3285);
});

test(
  "BT-05 loading Binance and Gate without offsets matches 0 settlements and is an error",
  skipWithoutData(...BTC.map(fundingFile)),
  async () => {
    const binance = await loadData([presentData(fundingFile("binance-BTC"))]);
    const gate = await loadData([presentData(fundingFile("gate-BTC"))]);
    assert.throws(() => joinFunding([binance.tape, gate.tape]), /0 stamps match.*time zone/s);
    assert.deepEqual(names(binance), ["missingFunding 4382"]);
    assert.equal(binance.findings[0]?.severity, "refuse");
  },
);

test(
  "BT-52 a constant-notional short earns the sum of the rates",
  skipWithoutData(fundingFile("binance-BTC")),
  async () => {
    const { tape } = await loadFundingOf("binance-BTC");
    let earned = 0n;
    for (let i = 0; i < tape.length; i += 1) earned += BigInt(tape.price[i] ?? 0);
    assert.equal(earned, 598787790000n);
  },
);
