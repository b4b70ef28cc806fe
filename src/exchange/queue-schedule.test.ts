// BT-50: one order a side and second over the recorded captures, by every queue model, to the digit.

import assert from "node:assert/strict";
import { test } from "node:test";
import { presentData, skipWithoutData } from "../../test/data.ts";
import { loadFrames } from "../data/frames.ts";
import { money } from "../market/amounts.ts";
import type { Instrument } from "../market/instrument.ts";
import type { Tape } from "../market/tape.ts";
import { SimulatedExchange } from "../sim/exchange.ts";
import { tapeSource } from "../sim/market-source.ts";
import { type FillModel, simulationOptions } from "../sim/options.ts";

const USDM = "ticks/binance-usdm-btcusdt_20240808.gz";
const SPOT = "ticks/binance-spot-btcusdt_20240808.gz";
const FIRST_SECOND = 1_723_161_260;
const LAST_SECOND = 1_723_161_599;

type Lots = ReadonlyMap<string, number>;

/** Cancels what is left and places one buy and one sell at the best, each second of the recorder's clock. */
function runSchedule(tape: Tape, instrument: Instrument, how: { fill: FillModel; lots: number; books?: "slow" }): Lots {
  const rich = money(10n ** 30n);
  const exchange = new SimulatedExchange(
    simulationOptions({
      markets: [
        {
          instrument,
          source: tapeSource(tape),
          fill: how.fill,
          timeline: "local",
          offsetUs: 0,
          books: how.books ?? "fast",
        },
      ],
      accounts: [
        {
          name: "maker",
          balances: new Map([
            [instrument.quote, rich],
            [instrument.base, rich],
          ]),
        },
      ],
      accountIntervalMs: 0,
    }),
  );
  const { symbol } = instrument;
  const market = exchange.market(symbol);
  const session = exchange.connect("maker");
  const filled = new Map<string, number>();
  session.subscribe(symbol, { bookIntervalUs: 1e12, candleInterval: null, trades: false, marks: false }, (message) => {
    if (message.kind !== "fill") return;
    const id = String(message.clientOrderId);
    filled.set(id, (filled.get(id) ?? 0) + message.quantity);
  });
  const goTo = (us: number): void => {
    while (exchange.advance(us) <= us) exchange.deliver(us);
  };
  for (let second = FIRST_SECOND; second <= LAST_SECOND; second += 1) {
    const nowUs = second * 1_000_000 - 1;
    goTo(nowUs);
    for (const side of ["buy", "sell"] as const) {
      session.cancel(nowUs, symbol, `${side}${second - 1}`, () => {});
      if (second === LAST_SECOND) continue;
      const order = { symbol, clientOrderId: `${side}${second}`, side, price: market.best(side), quantity: how.lots };
      session.place(nowUs, { ...order, timeInForce: "GTC", postOnly: true, reduceOnly: false }, (reply) => {
        assert.equal(reply.result, "accepted");
      });
    }
    goTo(nowUs);
  }
  return filled;
}

function figures(filled: Lots, lots: number): string {
  const text = (side: string): [complete: number, sum: number] => {
    let complete = 0;
    let sum = 0;
    for (const [id, quantity] of filled) {
      if (!id.startsWith(side)) continue;
      sum += quantity;
      if (quantity === lots) complete += 1;
    }
    return [complete, sum];
  };
  const [buys, bought] = text("buy");
  const [sells, sold] = text("sell");
  return `${buys} / ${sells}, ${bought} / ${sold}`;
}

function parity(a: Lots, b: Lots): number {
  let shared = 0;
  let all = 0;
  for (const id of new Set([...a.keys(), ...b.keys()])) {
    shared += Math.min(a.get(id) ?? 0, b.get(id) ?? 0);
    all += (a.get(id) ?? 0) + (b.get(id) ?? 0);
  }
  return (200 * shared) / all;
}

const MODELS: readonly [name: string, fill: FillModel, usdm: string, spot: string][] = [
  ["L2 front", { level: "L2", queue: "front" }, "295 / 278, 3045 / 2907", "245 / 176, 259089 / 197198"],
  ["L2 back", { level: "L2", queue: "back" }, "115 / 101, 1154 / 1010", "85 / 61, 85133 / 61000"],
  ["L2 power:1", { level: "L2", queue: "power:1" }, "122 / 103, 1221 / 1039", "86 / 61, 86441 / 61000"],
  ["L2 power:3", { level: "L2", queue: "power:3" }, "117 / 105, 1171 / 1054", "86 / 62, 86339 / 62000"],
  ["L2 log", { level: "L2", queue: "log" }, "123 / 106, 1234 / 1068", "85 / 61, 85587 / 61000"],
  ["L1 front", { level: "L1", queue: "front" }, "297 / 282, 3077 / 2947", "246 / 179, 260186 / 200653"],
  ["L1 back", { level: "L1", queue: "back" }, "118 / 108, 1192 / 1080", "82 / 63, 82000 / 63000"],
];

test("BT-50 BT-16 BT-17 the queue schedule over the USDⓈ-M capture, to the digit", skipWithoutData(USDM), async () => {
  const { tape, instrument } = await loadFrames([presentData(USDM)], { symbol: "BTCUSDT", market: "usdm" });
  const runs = new Map(MODELS.map(([name, fill]) => [name, runSchedule(tape, instrument, { fill, lots: 10 })]));
  for (const [name, , expected] of MODELS) assert.equal(figures(runs.get(name) ?? new Map(), 10), expected, name);
  const of = (a: string, b: string): string => parity(runs.get(a) ?? new Map(), runs.get(b) ?? new Map()).toFixed(5);
  assert.equal(of("L2 front", "L2 back"), "53.32676");
  assert.equal(of("L2 power:3", "L2 back"), "98.61016");
  assert.equal(of("L1 back", "L2 back"), "95.76195");
});

test("BT-50 the queue schedule over the spot capture, to the digit", skipWithoutData(SPOT), async () => {
  const { tape, instrument } = await loadFrames([presentData(SPOT)], { symbol: "BTCUSDT", market: "spot" });
  for (const [name, fill, , expected] of MODELS) {
    assert.equal(figures(runSchedule(tape, instrument, { fill, lots: 1000 }), 1000), expected, name);
  }
});
