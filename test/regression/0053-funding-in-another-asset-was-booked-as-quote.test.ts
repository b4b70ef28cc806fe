// By reading: which asset a funding payment was made in was read from the exchange and dropped: what was settled in
// another coin was booked as so much of the quote asset.

import assert from "node:assert/strict";
import { test } from "node:test";
import { isSettled } from "../../src/engine/market.ts";
import { Bench, INSTRUMENT } from "../../src/engine/probe.fixture.ts";
import type { FundingResult } from "../../src/exchange/port.ts";
import { portPayment, wirePayment } from "../../src/exchange/wire/account-view.ts";
import { lots, milliTicks, money } from "../../src/market/amounts.ts";
import { balanceOf, bookFunding, emptyLedger, profitAndLoss } from "../../src/trading/ledger.ts";
import { foldPostings } from "../../src/trading/posting-fold.ts";
import { BITGET, ok } from "../ccxt/bitget-replies.ts";
import { asked, exchangeStage } from "../ccxt/exchange-stage.ts";

const SYMBOL = "BTC/USDT:USDT";
const AT_MS = 1_795_219_200_000;
const PAID = money(-18n * 10n ** 15n);

test("EXCH-36 funding settled in another coin is read as that coin, over the wire as well", async (context) => {
  const replies = {
    ...BITGET,
    "GET /api/v2/mix/account/bill": ok({
      bills: ["BGB", "USDT"].map((coin, i) => ({
        billId: String(i),
        symbol: "BTCUSDT",
        amount: "-0.018",
        fee: "0",
        businessType: "contract_settle_fee",
        coin,
        cTime: String(AT_MS),
      })),
      endId: "1",
    }),
    "GET /api/v2/mix/market/history-fund-rate": ok([
      { symbol: "BTCUSDT", fundingRate: "0.0001", fundingTime: String(AT_MS) },
    ]),
  };
  const { port } = await exchangeStage(context, { exchange: "bitget", market: "perpetual", symbol: SYMBOL, replies });
  const read = await asked<FundingResult>((done) => port.funding?.(SYMBOL, AT_MS - 1000, done));
  assert.ok(read.result === "ok", read.result === "ok" ? "" : read.text);
  assert.deepEqual(
    read.settlements.map(({ asset }) => asset ?? "quote"),
    ["BGB", "quote"],
  );
  const wired = read.settlements.map((each) => wirePayment(each, INSTRUMENT));
  assert.deepEqual(
    wired.map(({ asset }) => asset),
    ["BGB", INSTRUMENT.quote],
  );
  assert.equal(new Set(wired.map(({ id }) => id)).size, 2, "two payments");
  assert.deepEqual(
    wired.map((each) => portPayment(each, INSTRUMENT).asset),
    ["BGB", undefined],
  );
});

test("DUR-07 RISK-42 it is booked as that coin, once, and told; no profit and no budget counts it", () => {
  const bot = new Bench().running();
  const budget = structuredClone(bot.state.budget);
  const settled = {
    kind: "funding-settled",
    symbol: INSTRUMENT.symbol,
    settledAtMs: AT_MS,
    ratePpt: 0,
    mark: milliTicks(0),
    positionLots: lots(0),
    amount: PAID,
  } as const;
  const inCoins = { ...settled, asset: "BGB" };
  for (let n = 0; n < 2; n += 1) {
    bot.feed(inCoins);
    assert.equal(isSettled(bot.state, inCoins), true);
  }
  assert.equal(isSettled(bot.state, settled), false, "what was paid in quote is another payment");
  const { ledger } = bot.state;
  assert.equal(balanceOf(ledger, "cash", "BGB"), PAID);
  assert.equal(balanceOf(ledger, "cash", INSTRUMENT.quote), 0n);
  assert.equal(profitAndLoss(ledger, INSTRUMENT, null).funding, 0n);
  assert.deepEqual(bot.state.budget, budget);
  const told = bot.effects.flatMap((effect) =>
    effect.kind === "alert" && effect.code === "funding-asset" ? [effect.text] : [],
  );
  assert.equal(told.length, 1);
  assert.match(told[0] ?? "", /-0\.018 BGB/);
  const postings = bookFunding(emptyLedger(), INSTRUMENT, { ...inCoins, atMs: 0 });
  const [entry] = foldPostings(emptyLedger(), INSTRUMENT, postings);
  assert.equal(entry?.funding, 0n);
});
