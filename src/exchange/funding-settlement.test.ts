// BT-52, BT-20: funding is settled at the instant of exchange time, on the position held and the mark known then.

import assert from "node:assert/strict";
import { test } from "node:test";
import { presentData, skipWithoutData } from "../../test/data.ts";
import { loadFrames } from "../data/frames.ts";
import { loadFunding } from "../data/funding.ts";
import { BINANCE_USDM_BTCUSDT } from "../data/rules.ts";
import { lots, milliTicks, money } from "../market/amounts.ts";
import { formatMoney } from "../market/instrument.ts";
import { RowKind } from "../market/tape.ts";
import { SimulatedExchange } from "../sim/exchange.ts";
import { fundingPayment } from "../sim/margin-desk.ts";
import { tapeSource } from "../sim/market-source.ts";
import { simulationOptions } from "../sim/options.ts";
import type { SessionMessage } from "../sim/session.ts";

const USDM = "ticks/binance-usdm-btcusdt_20240808.gz";
const RATES = "funding/binance-BTC-USDT.csv";
const MIDNIGHT_US = Date.UTC(2024, 7, 9) * 1000;

test(
  "BT-52 BT-20 BT-23 a settlement is keyed on exchange time, not on the recorder's",
  skipWithoutData(USDM),
  async () => {
    const { tape, instrument } = await loadFrames([presentData(USDM)], { symbol: "BTCUSDT", market: "usdm" });
    const { symbol } = instrument;
    const last = tape.localUs[tape.length - 1] ?? 0;
    assert.ok(last < MIDNIGHT_US, "by the recorder's clock midnight never came");

    const exchange = new SimulatedExchange(
      simulationOptions({
        markets: [
          {
            instrument: { ...instrument, makerPpm: 0, takerPpm: 0 },
            source: tapeSource(tape),
            fill: { level: "L2", queue: "back" },
            funding: [{ atUs: MIDNIGHT_US, ratePpt: 49_940_000 }],
          },
        ],
        accounts: [{ name: "long", balances: new Map([["USDT", money(10n ** 24n)]]) }],
      }),
    );
    const session = exchange.connect("long");
    const heard: SessionMessage[] = [];
    const wish = { bookIntervalUs: 1_000_000, candleInterval: null, trades: false, marks: false };
    session.subscribe(symbol, wish, (message) => heard.push(message));
    const goTo = (us: number): void => {
      while (exchange.advance(us) <= us) exchange.deliver(us);
    };
    goTo(MIDNIGHT_US - 60_000_000);
    const order = { symbol, clientOrderId: "one", side: "buy" as const, price: 630_000, quantity: 1000 };
    session.place(exchange.nowUs(), { ...order, timeInForce: "IOC", postOnly: false, reduceOnly: false }, (reply) => {
      assert.equal(reply.result, "accepted");
    });
    goTo(MIDNIGHT_US - 1);
    const held = exchange.clearing.holding(exchange.clearing.account("long"), symbol);
    assert.equal(held.lots, 1000);
    assert.equal(heard.filter(({ kind }) => kind === "funding-settled").length, 0);
    goTo(MIDNIGHT_US + 60_000_000);

    const settled = heard.filter((message) => message.kind === "funding-settled");
    assert.equal(settled.length, 1);
    assert.equal(settled[0]?.settledAtMs, MIDNIGHT_US / 1000);
    assert.equal(settled[0]?.mark, 616_597_500);
    assert.equal(exchange.market(symbol).markSource, "mid of quotes");
    assert.equal(formatMoney(settled[0]?.amount ?? money(0n)), "-3.079287915");
    assert.equal(exchange.clearing.house.get("funding USDT"), 3_079_287_915n * 10n ** 9n);
  },
);

test("BT-52 a constant-notional short earns the sum of Binance BTC's rates", skipWithoutData(RATES), async () => {
  const { tape } = await loadFunding([presentData(RATES)], { timeZone: "+03:00" });
  // one unit of quote as notional: a position of 1,000 lots (1 BTC) at a mark of 1 USDT
  const market = { instrument: BINANCE_USDM_BTCUSDT, mark: () => milliTicks(10_000) };
  let earned = 0n;
  for (let i = 0; i < tape.length; i += 1) {
    if (tape.kind[i] === RowKind.funding) earned += fundingPayment(market, lots(-1000), tape.price[i] ?? 0);
  }
  assert.equal(formatMoney(money(earned)), "0.59878779");
});
