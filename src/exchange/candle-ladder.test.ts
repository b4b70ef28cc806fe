// BT-51: a ladder of 110 slots over the candles of 2019, every path and rule, to the digit.

import assert from "node:assert/strict";
import { test } from "node:test";
import { presentData, skipWithoutData } from "../../test/data.ts";
import { loadCandles } from "../data/candles.ts";
import { BITFINEX_BTCUSD } from "../data/rules.ts";
import { money, type Side } from "../market/amounts.ts";
import type { Tape } from "../market/tape.ts";
import { SimulatedExchange } from "../sim/exchange.ts";
import { tapeSource } from "../sim/market-source.ts";
import { type FillModel, simulationOptions } from "../sim/options.ts";

const CANDLES = "candles/bitfinex-BTCUSD-1m-2019.csv.gz";
const SLOTS = 110;
const LOTS = 10;
const UNIT = 100_000_000;
type Model = Extract<FillModel, { level: "L0" }>;

interface LadderFigures {
  buys: number;
  sells: number;
  /** Quote × 10^8 × lots. */
  cash: bigint;
  heldMax: number;
  notional: bigint;
}

/** Ticks of slot i's buy; its sell stands 100 higher. */
const buyPrice = (slot: number): number => (3_000 + 100 * slot) * UNIT;

function runLadder(tape: Tape, fill: Model): LadderFigures {
  const instrument = { ...BITFINEX_BTCUSD, makerPpm: 0, openOrdersMax: 1_000 };
  const rich = money(10n ** 30n);
  const exchange = new SimulatedExchange(
    simulationOptions({
      markets: [{ instrument, source: tapeSource(tape), fill }],
      accounts: [
        {
          name: "ladder",
          balances: new Map([
            ["USD", rich],
            ["BTC", rich],
          ]),
        },
      ],
      profile: {
        name: "plain",
        postOnly: "reject",
        reduceOnly: "shrink",
        selfTrade: "none",
        duplicateId: "whileOpen",
        priceBandPpm: null,
        requestsPerSecondMax: null,
      },
      openOnStream: false,
      accountIntervalMs: 0,
    }),
  );
  const session = exchange.connect("ladder");
  const figures: LadderFigures = { buys: 0, sells: 0, cash: 0n, heldMax: 0, notional: 0n };
  let orders = 0;
  const place = (slot: number, side: Side): void => {
    orders += 1;
    const price = buyPrice(slot) + (side === "buy" ? 0 : 100 * UNIT);
    const order = { symbol: instrument.symbol, clientOrderId: `${slot}/${orders}`, side, price, quantity: LOTS };
    session.place(exchange.nowUs(), { ...order, timeInForce: "GTC", postOnly: true, reduceOnly: false }, (reply) => {
      assert.equal(reply.result, "accepted");
    });
  };
  let slotsUsed = 0;
  const wish = { bookIntervalUs: 0, candleInterval: null, trades: false, marks: false };
  session.subscribe(instrument.symbol, wish, (message) => {
    if (message.kind === "book") {
      const path = ((message.bids[0]?.[0] ?? 0) + (message.asks[0]?.[0] ?? 0)) / 2;
      for (; slotsUsed < SLOTS && path > buyPrice(slotsUsed); slotsUsed += 1) place(slotsUsed, "buy");
    }
    if (message.kind !== "fill") return;
    const slot = Number.parseInt(String(message.clientOrderId), 10);
    const value = BigInt(message.price) * BigInt(message.quantity);
    figures.notional += value;
    figures.cash += message.side === "buy" ? -value : value;
    figures[message.side === "buy" ? "buys" : "sells"] += 1;
    figures.heldMax = Math.max(figures.heldMax, figures.buys - figures.sells);
    place(slot, message.side === "buy" ? "sell" : "buy");
  });
  for (;;) {
    const due = exchange.advance(Number.POSITIVE_INFINITY);
    if (due === Number.POSITIVE_INFINITY) return figures;
    exchange.deliver(due);
  }
}

const EXPECTED: readonly [
  rule: Model["rule"],
  path: Model["path"],
  counts: string,
  equity: string,
  notional: bigint,
][] = [
  ["touch", "nearest", "1796 / 1730", "-409.5220", 347_793n],
  ["touch", "olhc", "1926 / 1860", "-279.5220", 376_307n],
  ["touch", "ohlc", "1905 / 1839", "-300.5220", 369_400n],
  ["through", "nearest", "1658 / 1592", "-547.5220", 320_463n],
  ["through", "olhc", "1770 / 1704", "-435.5220", 345_321n],
  ["through", "ohlc", "1758 / 1692", "-447.5220", 340_137n],
];

test("BT-51 BT-15 the ladder over the candles of 2019, to the digit", skipWithoutData(CANDLES), async () => {
  const { tape } = await loadCandles([presentData(CANDLES)], { instrument: BITFINEX_BTCUSD, symbol: "BTC/USD" });
  const close = BigInt(tape.price[tape.length - 1] ?? 0);
  const wholeQuote = BigInt(UNIT) * 1000n;
  for (const [rule, path, counts, equity, notional] of EXPECTED) {
    const run = runLadder(tape, { level: "L0", rule, path, volumeShareMaxPpm: null });
    const name = `${rule}, ${path}`;
    assert.equal(`${run.buys} / ${run.sells}`, counts, name);
    const held = run.buys - run.sells;
    const change = run.cash + BigInt(held * LOTS) * close;
    assert.equal((Number((change * 10_000n) / wholeQuote) / 10_000).toFixed(4), equity, name);
    assert.equal(run.notional / wholeQuote, notional, name);
    assert.equal(held, 66, name);
    assert.ok(run.heldMax <= 73, name);
  }
});
