// What a fill moves beside the ledger: the budget, the count of losses, and what is remembered of orders and fills.

import assert from "node:assert/strict";
import { test } from "node:test";
import { lots, money, ticks } from "../market/amounts.ts";
import type { Instrument } from "../market/instrument.ts";
import { type ClientOrderId, makeClientOrderId } from "../trading/client-order-id.ts";
import type { FillEvent, OrderEvent } from "../trading/event.ts";
import { fill, moveTo, quoting, SPOT, seen } from "./evidence.fixture.ts";
import { ORPHAN_SLOT } from "./names.ts";
import { onFill, onOrder, rememberFill } from "./order-events.ts";
import { accepted, Bench, CONFIGURED, INSTRUMENT, START_FACTS, STARTED } from "./probe.fixture.ts";
import { handled } from "./said.fixture.ts";

/** A bot with a budget of 1,000, its buy accepted. */
function budgeted(instrument: Instrument): { readonly bot: Bench; readonly id: ClientOrderId } {
  const bot = new Bench();
  bot.feed(STARTED);
  const before = CONFIGURED.kind === "configured" ? CONFIGURED : assert.fail();
  bot.feed({ ...before, instrument, config: { ...before.config, budget: money(10n ** 21n) } });
  bot.feed(START_FACTS);
  bot.feed({ kind: "recovered" });
  bot.feed({
    kind: "book",
    symbol: instrument.symbol,
    bids: [[ticks(300_000), lots(1000)]],
    asks: [[ticks(300_002), lots(1000)]],
    exchangeAtMs: 0,
    replaced: 0,
  });
  const id = bot.placed()[0] ?? assert.fail();
  bot.feed(accepted(id));
  return { bot, id };
}

test("RISK-15 a fill moves the budget: cost is invested, a fee in quote paid; a third asset is not its matter", () => {
  const paid = (feeAsset: string): bigint => {
    const { bot, id } = budgeted(INSTRUMENT);
    handled<FillEvent>(bot, onFill, fill(bot, id, { feeAsset, fee: money(10n ** 15n) }));
    assert.deepEqual([bot.state.budget?.position, bot.state.budget?.cost], [4, 4n * 2_999n * 10n ** 15n]);
    assert.equal(bot.state.budget?.reservations.get(id)?.remaining, 6, "the rest of the order is still held back");
    return bot.state.budget?.realisedNet ?? assert.fail();
  };
  assert.deepEqual([paid("USDT"), paid("BNB")], [-(10n ** 15n), 0n]);
});

test("RISK-15 GRID-03 a fee in base counts at the fill's own price, and the lots it ate are given up", () => {
  const { bot, id } = budgeted(SPOT);
  // half a lot of 0.001 ETH at 2,999 is 1.4995: it eats one whole lot of the four
  handled<FillEvent>(bot, onFill, fill(bot, id, { feeAsset: "ETH", fee: money(5n * 10n ** 14n) }));
  const budget = bot.state.budget ?? assert.fail();
  assert.deepEqual([budget.realisedNet, budget.position], [-14_995n * 10n ** 14n, 3]);
  handled<FillEvent>(bot, onFill, fill(bot, id, { tradeId: "2", feeAsset: "ETH", fee: money(4n * 10n ** 14n) }));
  assert.equal(budget.position, 7, "together they still eat one lot, and it is given up once");
});

test("RISK-18 what only closes is measured against what it closes: an orphan, a sale on spot", () => {
  const closes = (instrument: Instrument, slotKey: string, side: "buy" | "sell"): boolean => {
    const { bot, id } = budgeted(instrument);
    moveTo(bot, id, slotKey);
    const held = side === "buy" ? -20 : 20;
    bot.state.ledger.position = lots(held);
    bot.state.ledger.cost = BigInt(held) * 300_000n;
    handled<FillEvent>(bot, onFill, fill(bot, id, { side }));
    return bot.state.history.closing.has(id);
  };
  assert.equal(closes(INSTRUMENT, "s", "sell"), false, "its slot never bought: it may open");
  assert.equal(closes(INSTRUMENT, ORPHAN_SLOT, "sell"), true);
  assert.equal(closes(SPOT, "s", "sell"), true);
  assert.equal(closes(SPOT, "b", "buy"), false, "a purchase on spot may open");
});

test("DUR-34 ended orders are kept for late evidence: a thousand at least, a day's at most four thousand", () => {
  const { bot, id } = quoting();
  const order = bot.state.orders.get(id) ?? assert.fail();
  const DAY_MS = 86_400_000;
  const keep = (many: number, ageMs: number): { readonly left: number; readonly oldest: boolean } => {
    const { ended, orders, unbooked, history } = bot.state;
    ended.clear();
    const ids = Array.from({ length: many }, (_, index) =>
      makeClientOrderId({ tag: "probe0", lineage: 9, seq: 1, index }),
    );
    for (const each of ids) ended.set(each, { ...order, clientOrderId: each, placedAtMs: bot.state.nowMs - ageMs });
    const first = ids[0] ?? assert.fail();
    unbooked.set(first, lots(1));
    history.closing.set(first, money(1n));
    orders.set(id, { ...order, status: null, cumulative: lots(0), filled: lots(0) });
    handled<OrderEvent>(bot, onOrder, seen(bot, id, { status: "canceled" }));
    assert.equal(unbooked.has(first), ended.has(first), "what is forgotten leaves nothing behind");
    assert.equal(history.closing.has(first), ended.has(first));
    return { left: ended.size, oldest: ended.has(first) };
  };
  assert.deepEqual(keep(999, 2 * DAY_MS), { left: 1000, oldest: true });
  assert.deepEqual(keep(1000, 2 * DAY_MS), { left: 1000, oldest: false });
  assert.deepEqual(keep(1005, DAY_MS), { left: 1000, oldest: false });
  assert.deepEqual(keep(1005, DAY_MS - 1), { left: 1006, oldest: true });
  assert.deepEqual(keep(3999, 0), { left: 4000, oldest: true });
  assert.deepEqual(keep(4000, 0), { left: 4000, oldest: false });
});

test("DUR-06 the last ten thousand fills are remembered, the oldest goes first", () => {
  const known = new Map<string, number>(Array.from({ length: 9_999 }, (_, at) => [`${at}`, 1]));
  rememberFill(known, "a");
  assert.deepEqual([known.size, known.has("0"), known.has("a")], [10_000, true, true]);
  rememberFill(known, "b");
  assert.deepEqual([known.size, known.has("0"), known.has("1"), known.has("b")], [10_000, false, true, true]);
});
