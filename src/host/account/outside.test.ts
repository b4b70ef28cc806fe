// What reads of the exchange show beyond our bots, and when the budgets' books are held against them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { BTC_PERPETUAL } from "../../../test/instruments.ts";
import { VirtualClock } from "../../base/virtual-clock.ts";
import type { BotState } from "../../engine/state.ts";
import { initialState } from "../../engine/step.ts";
import type { PositionView } from "../../exchange/port.ts";
import { lots, milliTicks, money, ticks } from "../../market/amounts.ts";
import { unitMoney } from "../../market/instrument.ts";
import { initialBudget } from "../../risk/budget.ts";
import type { ExchangeRead } from "../reconciler.ts";
import { BalanceWatch } from "./balance-watch.ts";
import { Outside } from "./outside.ts";

const ETH = { ...BTC_PERPETUAL, symbol: "ETH/USDT:USDT", base: "ETH" };
const usdt = (n: number): ReturnType<typeof money> => money(BigInt(n) * 10n ** 18n);

/** A flat bot on BTC at a mid of 600,000 ticks. */
function bot(): BotState {
  const state = initialState({ bot: "a", tag: "aaaaaa", lineage: 1 });
  state.instrument = BTC_PERPETUAL;
  state.book = { bids: [[ticks(599_999), lots(1)]], asks: [[ticks(600_001), lots(1)]], atMs: 0 };
  return state;
}

const position = (symbol: string, held: number): PositionView => ({
  symbol,
  lots: lots(held),
  entry: milliTicks(600_000_000),
  liquidation: null,
  leverage: 1,
});

const read = (positions: readonly PositionView[], quoteTotal = usdt(0)): ExchangeRead => ({
  orders: [],
  fills: [],
  settlements: [],
  account: {
    result: "ok",
    quoteTotal,
    quoteAvailable: quoteTotal,
    equity: quoteTotal,
    maintenanceMargin: usdt(0),
    baseTotal: usdt(0),
    positions,
    oneWayMode: true,
  },
});

/** Worth of so many lots at 600,000 ticks. */
const worth = (held: number): bigint => BigInt(held) * 600_000n * unitMoney(BTC_PERPETUAL);

test("RISK-12 a position nobody here made counts when two reads a second apart show it, until it is gone", () => {
  const clock = new VirtualClock(0);
  const outside = new Outside({ instrument: () => undefined }, () => assert.fail("its price is known"), clock);
  const state = bot();
  const states = new Map([[BTC_PERPETUAL.symbol, [state]]]);
  assert.equal(outside.figures(), null, "before the first read nothing is known");
  outside.saw(read([position(BTC_PERPETUAL.symbol, -5)]), state, states);
  assert.equal(outside.figures()?.gross, 0n, "a fill may be on its way");
  clock.runUntil(999_000);
  outside.saw(read([position(BTC_PERPETUAL.symbol, -5)]), state, states);
  assert.equal(outside.figures()?.gross, 0n, "bots that read at once all miss the same fill");
  clock.runUntil(1_000_000);
  outside.saw(read([position(BTC_PERPETUAL.symbol, -5)]), state, states);
  assert.deepEqual(outside.figures(), { gross: worth(5), net: [{ base: "BTC", net: -worth(5) }] });
  outside.saw(read([]), state, states);
  assert.equal(outside.figures()?.gross, 0n, "an exchange may leave out what is flat");
});

test("RISK-12 a position on an instrument of no bot counts at its entry price", () => {
  const clock = new VirtualClock(0);
  const outside = new Outside(
    { instrument: (_symbol, done) => done({ result: "ok", instrument: ETH }) },
    () => undefined,
    clock,
  );
  const state = bot();
  const states = new Map([[BTC_PERPETUAL.symbol, [state]]]);
  for (let n = 0; n < 3; n += 1) {
    clock.runUntil(n * 1_000_000);
    outside.saw(read([position(ETH.symbol, 7)]), state, states);
  }
  assert.deepEqual(outside.figures(), { gross: worth(7), net: [{ base: "ETH", net: worth(7) }] });
});

test("RISK-17 books and exchange are compared when two reads a second apart agree, once for each", () => {
  const clock = new VirtualClock(0);
  const watch = new BalanceWatch(clock);
  const state = bot();
  state.budget = initialBudget(usdt(500));
  const running = [["a", state]] as const;
  assert.equal(watch.saw(read([], usdt(700)), running), null, "one read may fall between a fill and its booking");
  assert.equal(watch.saw(read([], usdt(700)), running), null, "and so may those of all bots that read at once");
  clock.runUntil(1_000_000);
  const told = watch.saw(read([], usdt(700)), running);
  assert.deepEqual([told?.asset, told?.total], ["USDT", usdt(700)]);
  assert.equal(watch.saw(read([], usdt(700)), running), null, "nothing new");
  state.budget = null;
  assert.equal(watch.saw(read([], usdt(100)), running), null, "without a budget there are no books");
});
