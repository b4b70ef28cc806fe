// What of an account is the bot's own on spot, and what is proven executed beyond the booked fills.

import assert from "node:assert/strict";
import { test } from "node:test";
import { lots, money } from "../market/amounts.ts";
import { makeClientOrderId } from "../trading/client-order-id.ts";
import { benchWith } from "./breakers.fixture.ts";
import { quoting, SPOT } from "./evidence.fixture.ts";
import { ORPHAN_SLOT } from "./names.ts";
import { eatenLots, moveBaseline, ownedLots, positionShown } from "./owned.ts";
import type { BotState } from "./state.ts";
import { bookedAsRead, noteStray, noteUnbooked, provenPosition, takeStray } from "./unbooked.ts";

/** One lot of 0.001 ETH. */
const LOT = 10n ** 15n;

/** A spot bot whose ledger counts `position` lots, of which `held` money is there, beside `others` lots. */
function spot(position: number, held: bigint, others: number | null = null): BotState {
  const { state } = benchWith();
  state.instrument = { ...SPOT };
  state.ledger.position = lots(position);
  state.ledger.balances.set("holding|ETH", held);
  state.spotBaseline = others === null ? null : lots(others);
  return state;
}

test("GRID-03 on spot whole lots are owned: what a fee in base has eaten cannot be sold", () => {
  const state = spot(10, 10n * LOT);
  assert.deepEqual([ownedLots(state), eatenLots(state)], [10, 0]);
  state.ledger.balances.set("holding|ETH", 10n * LOT - 1n);
  assert.deepEqual([ownedLots(state), ownedLots(state), eatenLots(state)], [9, 9, 1]);
  state.ledger.balances.set("holding|ETH", -1n);
  assert.equal(ownedLots(state), -1, "a debt is never less than it is");
});

test("RISK-34 a perpetual's position is the ledger's, whatever the balances say", () => {
  const { state } = benchWith();
  state.ledger.position = lots(7);
  state.ledger.balances.set("holding|ETH", 3n * LOT);
  assert.deepEqual([ownedLots(state), eatenLots(state)], [7, 0]);
  assert.equal(ownedLots({ ...state, instrument: null }), 7);
});

test("RISK-34 a spot account shows the bot's lots and whatever is neither its own nor was there before", () => {
  const shown = (total: bigint, others: number | null = 5): number =>
    positionShown(spot(10, 10n * LOT, others), money(total));
  assert.equal(shown(15n * LOT), 10);
  assert.equal(shown(17n * LOT), 12, "two came from elsewhere");
  assert.equal(shown(12n * LOT), 7, "three are missing");
  assert.equal(shown(16n * LOT - 1n), 10, "a part of a lot is nobody's business");
  assert.equal(shown(99n * LOT, null), 10, "before the first start nothing is known of the rest");
  const unconfigured = Object.assign(spot(10, 10n * LOT, 5), { instrument: null });
  assert.equal(positionShown(unconfigured, money(99n * LOT)), 10);
});

test("RISK-34 lots that came without a fill explain what the last read could not, the rest were the account's", () => {
  const after = (quantity: number, unexplained: number | null, others: number | null = 5): readonly unknown[] => {
    const state = spot(10, 10n * LOT, others);
    if (unexplained !== null) state.suspicion = { local: lots(10), exchange: lots(10 + unexplained) };
    moveBaseline(state, lots(quantity));
    return [state.spotBaseline, state.suspicion === null ? "explained" : "open"];
  };
  assert.deepEqual(after(3, null), [2, "explained"], "they were among the others");
  assert.deepEqual(after(3, 3), [5, "explained"], "the read had seen them");
  assert.deepEqual(after(3, 2), [4, "explained"], "two of them");
  assert.deepEqual(after(2, 3), [5, "explained"]);
  assert.deepEqual(after(3, -2), [2, "open"], "lots that are missing do not explain lots that came");
  assert.deepEqual(after(-3, null), [8, "explained"], "they are the account's now");
  assert.deepEqual(after(-3, -3), [5, "explained"]);
  assert.deepEqual(after(-3, -2), [6, "explained"]);
  assert.deepEqual(after(-3, 2), [8, "open"]);
  assert.deepEqual(after(3, 3, null), [null, "open"], "a bot without others' lots has nothing to move");
});

test("RISK-07 what is proven executed counts with its sign, and no longer than it is unbooked", () => {
  const { bot, id } = quoting();
  const { state } = bot;
  const buy = state.orders.get(id) ?? assert.fail();
  const sell = state.orders.get(bot.placed()[1] ?? assert.fail()) ?? assert.fail();
  buy.cumulative = lots(4);
  noteUnbooked(state, buy);
  assert.equal(provenPosition(state), 4);
  sell.cumulative = lots(3);
  sell.filled = lots(1);
  noteUnbooked(state, sell);
  assert.equal(provenPosition(state), 2);
  buy.filled = lots(4);
  noteUnbooked(state, buy);
  assert.deepEqual([...state.unbooked], [[sell.clientOrderId, -2]]);
  sell.filled = lots(5);
  noteUnbooked(state, sell);
  assert.equal(state.unbooked.size, 0, "more fills than the order's word are booked, not owed");
});

test("DUR-35 strays add up until their order turns up; a thousand are remembered", () => {
  const { state } = benchWith();
  const id = (index: number) => makeClientOrderId({ tag: "probe0", lineage: 9, seq: 1, index });
  assert.equal(takeStray(state, id(0)), 0);
  noteStray(state, id(0), lots(2));
  noteStray(state, id(0), lots(3));
  assert.deepEqual([takeStray(state, id(0)), takeStray(state, id(0))], [5, 0]);
  for (let index = 1; index <= 1_000; index += 1) noteStray(state, id(index), lots(1));
  assert.deepEqual([state.strays?.size, state.strays?.has(id(1))], [1_000, true]);
  noteStray(state, id(1_001), lots(1));
  assert.deepEqual([state.strays?.size, state.strays?.has(id(1)), state.strays?.has(id(2))], [1_000, false, true]);
});

test("RISK-31 what a complete read shows of an orphan is booked, or older than the journal", () => {
  const { bot, id } = quoting();
  const { state } = bot;
  const order = state.orders.get(id) ?? assert.fail();
  const { side, price, quantity } = order.order;
  const shown = { clientOrderId: id, exchangeOrderId: "x1", side, price, quantity, cumulative: lots(6) };
  bookedAsRead(state, [shown]);
  assert.deepEqual([order.cumulative, order.filled], [0, 0]);
  const orphan = { ...order, order: { ...order.order, slotKey: ORPHAN_SLOT }, cumulative: lots(4), filled: lots(4) };
  state.orders.set(id, orphan);
  state.unbooked.set(id, lots(1));
  bookedAsRead(state, [{ ...shown, cumulative: lots(4) }]);
  assert.deepEqual([orphan.filled, state.unbooked.size], [4, 1], "it shows nothing new");
  bookedAsRead(state, [shown]);
  assert.deepEqual([orphan.cumulative, orphan.filled, state.unbooked.size], [6, 6, 0]);
  orphan.cumulative = lots(9);
  bookedAsRead(state, [{ ...shown, cumulative: lots(7) }]);
  assert.deepEqual([orphan.cumulative, orphan.filled], [9, 7], "a newer word had shown more");
  const elsewhere = makeClientOrderId({ tag: "probe0", lineage: 9, seq: 1, index: 0 });
  bookedAsRead(state, [{ ...shown, clientOrderId: elsewhere }]);
  assert.ok(!state.orders.has(elsewhere));
});
