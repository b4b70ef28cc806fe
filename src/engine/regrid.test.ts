// What an engine keeps in ticks and lots, said on another grid: the same prices, quantities and money everywhere.

import assert from "node:assert/strict";
import { test } from "node:test";
import { lots, milliTicks, money } from "../market/amounts.ts";
import type { Instrument } from "../market/instrument.ts";
import { defaultRiskLimits, type RiskLimits } from "../risk/limits.ts";
import { benchWith } from "./breakers.fixture.ts";
import { FOREIGN, OWN, quoting } from "./evidence.fixture.ts";
import { type Bench, fillOf, INSTRUMENT } from "./probe.fixture.ts";
import { regrid } from "./regrid.ts";
import type { BotState } from "./state.ts";

const USDT = 10n ** 18n;
const [ORDER_MAX, POSITION_MAX] = [lots(50), lots(70)];

/** A bot that has something in every place that counts in ticks or lots. */
function full(): BotState {
  const { bot, id } = quoting();
  const { state } = bot;
  const buy = state.orders.get(id) ?? assert.fail();
  Object.assign(buy, { cumulative: lots(4), filled: lots(3) });
  state.ended.set(FOREIGN, structuredClone({ ...buy, clientOrderId: FOREIGN }));
  state.unbooked.set(id, lots(1));
  state.strays = new Map([[OWN, lots(-2)]]);
  state.history.slots.set("b", { lots: -3, cost: money(USDT) });
  state.ledger.position = lots(8);
  state.ledger.cost = 8n * 300_000n;
  state.spotBaseline = lots(6);
  state.closedDust = lots(1);
  state.closer = { because: "reduce.margin", nextAtMs: 1, startedAtMs: 2, target: lots(-4) };
  state.divergence = { local: lots(8), exchange: lots(-9), small: true };
  state.divergences = [{ atMs: 7, local: lots(8), exchange: lots(-9), action: "accepted", by: "ann" }];
  state.fundingNext = { atMs: 5, ratePpt: 6, held: lots(8) };
  state.fundingOwed = { atMs: 3, ratePpt: 4, held: lots(-2) };
  state.limits = { ...defaultRiskLimits(INSTRUMENT), orderQuantityMax: ORDER_MAX, positionQuantityMax: POSITION_MAX };
  state.suspicion = { local: lots(1), exchange: lots(2) };
  state.mark = { mark: milliTicks(1), atMs: 1 };
  state.liquidation = { price: milliTicks(1), atMs: 1 };
  return state;
}

/** Prices and quantities, wherever they stand. */
function kept(state: BotState) {
  const [order, ended] = [state.orders.values().next().value, state.ended.get(FOREIGN)];
  assert.ok(order !== undefined && ended !== undefined);
  const of = ({ order: { price, quantity, ...asked }, cumulative, filled }: typeof order) =>
    `${asked.side} ${quantity} at ${price} for ${asked.slotKey}, ${cumulative} executed, ${filled} booked`;
  return {
    orders: [of(order), of(ended)],
    unbooked: [...state.unbooked.values()],
    strays: [...(state.strays?.values() ?? [])],
    slots: [...state.history.slots.values()],
    ledger: [state.ledger.position, state.ledger.cost],
    spot: [state.spotBaseline, state.closedDust],
    closer: state.closer,
    divergence: state.divergence,
    divergences: state.divergences,
    funding: [state.fundingNext, state.fundingOwed],
    limits: [state.limits?.orderQuantityMax, state.limits?.positionQuantityMax],
    seen: [state.suspicion, state.book, state.mark, state.liquidation],
  };
}

test("EXCH-29 ten times finer, all prices and quantities are ten times as many, what was seen is forgotten", () => {
  const state = full();
  assert.equal(kept(state).orders[0], "buy 10 at 299899 for b, 4 executed, 3 booked");
  regrid(state, INSTRUMENT, { ...INSTRUMENT, tickSize: "0.001", lotSize: "0.0001" });
  assert.deepEqual(kept(state), {
    orders: ["buy 100 at 2998990 for b, 40 executed, 30 booked", "buy 100 at 2998990 for b, 40 executed, 30 booked"],
    unbooked: [10],
    strays: [-20],
    slots: [{ lots: -30, cost: USDT }],
    ledger: [80, 80n * 3_000_000n],
    spot: [60, 10],
    closer: { because: "reduce.margin", nextAtMs: 1, startedAtMs: 2, target: -40 },
    divergence: { local: 80, exchange: -90, small: true },
    divergences: [{ atMs: 7, local: 80, exchange: -90, action: "accepted", by: "ann" }],
    funding: [
      { atMs: 5, ratePpt: 6, held: 80 },
      { atMs: 3, ratePpt: 4, held: -20 },
    ],
    limits: [500, 700],
    seen: [null, null, null, null],
  });
});

test("EXCH-29 quantities that are no whole lots any more are cut toward zero, a price is never below one tick", () => {
  const state = full();
  regrid(state, INSTRUMENT, { ...INSTRUMENT, tickSize: "10000", lotSize: "0.002" });
  const { seen: _, ...coarse } = kept(state);
  assert.deepEqual(coarse, {
    orders: ["buy 5 at 1 for b, 2 executed, 1 booked", "buy 5 at 1 for b, 2 executed, 1 booked"],
    unbooked: [0],
    strays: [-1],
    slots: [{ lots: -1, cost: USDT }],
    ledger: [4, 1n],
    spot: [3, 0],
    closer: { because: "reduce.margin", nextAtMs: 1, startedAtMs: 2, target: -2 },
    divergence: { local: 4, exchange: -4, small: true },
    divergences: [{ atMs: 7, local: 4, exchange: -4, action: "accepted", by: "ann" }],
    funding: [
      { atMs: 5, ratePpt: 6, held: 4 },
      { atMs: 3, ratePpt: 4, held: -1 },
    ],
    limits: [25, 35],
  });
});

test("EXCH-29 another tick alone changes prices, another lot alone quantities, and neither changes nothing", () => {
  const changed = (after: Partial<Instrument>, before: Instrument | null = INSTRUMENT): string => {
    const state = full();
    regrid(state, before, { ...INSTRUMENT, ...after });
    return `${kept(state).orders[0]}; ${state.book === null ? "no book" : "a book"}`;
  };
  const asBefore = "buy 10 at 299899 for b, 4 executed, 3 booked; a book";
  assert.equal(changed({ tickSize: "0.1" }), "buy 10 at 29990 for b, 4 executed, 3 booked; no book");
  assert.equal(changed({ lotSize: "0.0001" }), "buy 100 at 299899 for b, 40 executed, 30 booked; no book");
  assert.equal(changed({ leverage: 5 }), asBefore);
  assert.equal(changed({ tickSize: "0.1" }, null), asBefore, "the first instrument there is");
});

test("EXCH-29 limits without a quantity stay without one, configured ones change with those in force", () => {
  const state = full();
  assert.ok(state.config !== null && state.limits !== null);
  state.config = { ...state.config, risk: { ...state.limits, positionQuantityMax: null } };
  state.limits = { ...state.limits, orderQuantityMax: null };
  regrid(state, INSTRUMENT, { ...INSTRUMENT, lotSize: "0.0001" });
  const quantities = ({ orderQuantityMax, positionQuantityMax, ...rest }: RiskLimits) => {
    assert.deepEqual({ ...rest, orderQuantityMax: null, positionQuantityMax: null }, defaultRiskLimits(INSTRUMENT));
    return [orderQuantityMax, positionQuantityMax];
  };
  assert.deepEqual(quantities(state.limits), [null, 700]);
  assert.deepEqual(quantities(state.config.risk as RiskLimits), [500, null]);
});

test("EXCH-29 a bot that keeps none of it is none the worse", () => {
  const { state } = benchWith();
  const empty = { strays: undefined, budget: null, spotBaseline: null, closedDust: null, closer: null };
  for (const [name, value] of Object.entries(empty)) assert.equal(Reflect.get(state, name), value, name);
  Object.assign(state, { limits: null, config: null });
  regrid(state, INSTRUMENT, { ...INSTRUMENT, tickSize: "0.001", lotSize: "0.0001" });
  for (const [name, value] of Object.entries(empty)) assert.equal(Reflect.get(state, name), value, name);
  assert.deepEqual([state.limits, state.config, state.divergence], [null, null, null]);
  assert.deepEqual([state.fundingNext, state.fundingOwed], [undefined, undefined]);
});

/** What a budget holds back for the bot's buy of ten lots at 2,998.99, in lots, ticks and 10^−18 USDT. */
const heldBack = ({ state }: Bench): readonly unknown[] => {
  const [held] = state.budget?.reservations.values() ?? [];
  return [held?.remaining, held?.price, held?.reserved];
};

test("EXCH-29 RISK-15 on a finer grid a half of the order still needs the half of what was held back for it", () => {
  const bot = benchWith({}, { budget: money(1_000n * USDT) });
  const [buy] = bot.placed();
  assert.ok(buy !== undefined);
  // 29.9899 USDT at leverage 3, and a fee of 0.05 %
  const reserved = 10_011_628_283_333_333_334n;
  assert.deepEqual(heldBack(bot), [10, 299_899, reserved]);
  const instrument = { ...INSTRUMENT, tickSize: "0.001", lotSize: "0.0001" };
  bot.feed({ kind: "instrument", instrument });
  assert.deepEqual(heldBack(bot), [100, 2_998_990, reserved]);
  bot.feed(fillOf(bot.state, buy, { tradeId: "1", quantity: 50 }));
  assert.equal(bot.state.budget?.position, 50);
  assert.deepEqual(heldBack(bot), [50, 2_998_990, reserved / 2n]);
});
