// What a configuration brings into force: the strategy, what it is told of a later one, limits and the budget.

import assert from "node:assert/strict";
import { test } from "node:test";
import { lots, money, ticks } from "../market/amounts.ts";
import type { Instrument } from "../market/instrument.ts";
import { defaultRiskLimits, type RiskLimits } from "../risk/limits.ts";
import type { Strategy } from "../strategy/contract.ts";
import { makeClientOrderId } from "../trading/client-order-id.ts";
import type { Configured, InstrumentEvent } from "../trading/event.ts";
import type { Order } from "../trading/order.ts";
import { benchWith } from "./breakers.fixture.ts";
import { holding, newOrder, quoting, SPOT } from "./evidence.fixture.ts";
import { Bench, CONFIGURED, INSTRUMENT } from "./probe.fixture.ts";
import { budgetOf, limitsFor, onConfigured, onInstrument } from "./run.ts";
import { handled } from "./said.fixture.ts";
import type { BotState } from "./state.ts";
import { addStrategy } from "./strategies.ts";

const USDT = 10n ** 18n;

/** A strategy whose state is what it was made of. */
const named: Strategy<unknown, object> = {
  name: "named",
  initial: (config, { symbol }) => ({ config, symbol }),
  step: () => undefined,
  view: () => ({ phase: "running", reference: null, gates: [], ladder: [] }),
  check: () => [],
};

const configuredEvent = (change: Partial<Configured> = {}): Configured => ({ ...CONFIGURED, ...change }) as Configured;

test("GRID-41 the first configuration makes the strategy's state and is in force; nobody is told", () => {
  addStrategy(named);
  const config = { ...configuredEvent().config, strategy: "named", strategyConfig: "cloud" };
  const bot = new Bench();
  const { inputs } = handled<Configured>(bot, onConfigured, configuredEvent({ config }));
  assert.deepEqual(inputs, []);
  const { state } = bot;
  assert.deepEqual(state.strategy, { config: "cloud", symbol: "ETH/USDT:USDT" });
  assert.deepEqual([state.configRevision, state.configHash, state.stopPolicy], [1, "0", "all"]);
  assert.deepEqual([state.instrument, state.limits, state.budget], [INSTRUMENT, defaultRiskLimits(INSTRUMENT), null]);
});

test("GRID-44 a later configuration is told to the strategy, with the instrument where its rules are others", () => {
  const { config } = configuredEvent();
  const next = { ...config, strategyConfig: "cloud", cancelOnExit: "none", budget: money(USDT) } as const;
  const hears = (change: Partial<Instrument>): readonly unknown[] => {
    const { bot } = quoting();
    const instrument = { ...INSTRUMENT, ...change };
    const event = configuredEvent({ revision: 7, hash: "7", config: next, instrument });
    const { inputs } = handled<Configured>(bot, onConfigured, event);
    const { configRevision, configHash, stopPolicy, budget } = bot.state;
    assert.deepEqual([configRevision, configHash, stopPolicy, budget?.budget], [7, "7", "none", USDT]);
    assert.deepEqual([bot.state.config, bot.state.instrument], [next, instrument]);
    return inputs;
  };
  const told = { kind: "config", config: "cloud" };
  assert.deepEqual(hears({}), [told]);
  assert.deepEqual(hears({ openOrdersMax: 7 }), [told], "no rule of an order");
  const rules: readonly Partial<Instrument>[] = [
    { tickSize: "0.02" },
    { lotSize: "0.002" },
    { status: "halted" },
    { minLots: lots(2) },
    { minNotional: 1 },
    { makerPpm: 1 },
    { takerPpm: 1 },
  ];
  for (const rule of rules)
    assert.deepEqual(hears(rule), [told, { kind: "instrument", instrument: { ...INSTRUMENT, ...rule } }]);
});

test("EXCH-29 a changed instrument is told, and what is held counts on its grid, however the change came", () => {
  const finer = { ...INSTRUMENT, lotSize: "0.0001" };
  const told = holding(3);
  const { inputs } = handled<InstrumentEvent>(told, onInstrument, { kind: "instrument", instrument: finer });
  assert.deepEqual(inputs, [{ kind: "instrument", instrument: finer }]);
  assert.deepEqual([told.state.instrument, told.state.ledger.position], [finer, 30]);
  const configuredAnew = holding(3);
  handled<Configured>(configuredAnew, onConfigured, configuredEvent({ instrument: finer }));
  assert.equal(configuredAnew.state.ledger.position, 30);
});

test("RISK-08 what an operator tightened stays tight under a new configuration; before one nothing was", () => {
  const { state } = quoting().bot;
  const { config } = configuredEvent();
  const risk = config.risk as RiskLimits;
  assert.ok(state.limits !== null);
  const tight = { ...state, limits: { ...state.limits, positionQuantityMax: lots(5) } };
  assert.deepEqual(limitsFor(tight, config), { ...risk, positionQuantityMax: 5 });
  assert.deepEqual(limitsFor({ ...tight, config: null }, config), risk);
  assert.deepEqual(limitsFor({ ...tight, limits: null }, config), risk);
});

/** The bot's orders from now on: side, lots, and lots executed of them; all at 2,990.00. */
function rest(
  state: BotState,
  orders: readonly (readonly ["buy" | "sell", quantity: number, executed?: number])[],
): void {
  const like = benchWith().state.orders.values().next().value ?? assert.fail();
  state.orders.clear();
  for (const [index, [side, quantity, executed = 0]] of orders.entries()) {
    const clientOrderId = makeClientOrderId({ tag: "probe0", lineage: 0, seq: 1, index });
    const order = newOrder({ side, quantity: lots(quantity), price: ticks(299_000) });
    state.orders.set(clientOrderId, { ...like, clientOrderId, order, cumulative: lots(executed) } satisfies Order);
  }
}

/** A new budget of 100 USDT: what is held, what it cost, and what is held back for resting orders. */
function newBudget(state: BotState): string {
  const budget = budgetOf(state, money(100n * USDT)) ?? assert.fail();
  const { position, invested, realisedNet, reservations } = budget;
  assert.deepEqual([budget.budget, realisedNet], [100n * USDT, 0n]);
  const held = [...reservations.values()].map((each) => `${each.side} ${each.remaining} at ${each.price}`);
  return `${position} lots for ${invested / (USDT / 1_000n)}; ${held.join(", ")}`;
}

test("RISK-13 a new budget begins with what is held, and holds back what resting orders may still open", () => {
  const { state } = holding(8);
  assert.equal(newBudget(state), "8 lots for 8000; ", "24 USDT at leverage 3");
  rest(state, [
    ["buy", 10],
    ["sell", 5],
    ["sell", 4],
    ["sell", 3],
    ["sell", 1],
  ]);
  // 5 and 3 close the 8 lots: more would open
  assert.equal(newBudget(state), "8 lots for 8000; buy 10 at 299000, sell 4 at 299000, sell 1 at 299000");
  rest(state, [
    ["buy", 10, 4],
    ["buy", 10, 11],
    ["sell", 10, 2],
  ]);
  assert.equal(newBudget(state), "8 lots for 8000; buy 6 at 299000, buy 0 at 299000");
  const short = holding(-8).state;
  rest(short, [
    ["sell", 2],
    ["buy", 8],
    ["buy", 1],
  ]);
  assert.equal(newBudget(short), "-8 lots for 8000; sell 2 at 299000, buy 1 at 299000");
});

test("RISK-14 the margin of a new budget's reservations is that of the orders themselves", () => {
  const { state } = holding(0);
  rest(state, [["sell", 10]]);
  const [reserved] = budgetOf(state, money(USDT))?.reservations ?? [];
  // 29.90 USDT at leverage 3, rounded up, and a fee of 0.05 %
  assert.deepEqual(reserved, [
    makeClientOrderId({ tag: "probe0", lineage: 0, seq: 1, index: 0 }),
    { side: "sell", price: 299_000, remaining: 10, reserved: 9_966_666_666_666_666_667n + 14_950_000_000_000_000n },
  ]);
});

test("RISK-16 coins that fees have eaten are none of a new budget's", () => {
  const { state } = holding(10);
  state.orders.clear();
  state.instrument = SPOT;
  state.ledger.balances.set("holding|ETH", 9n * 10n ** 15n);
  assert.equal(newBudget(state), "9 lots for 27000; ");
});

test("RISK-13 a changed budget is another sum and nothing else; none is kept where none is configured", () => {
  const bot = benchWith({}, { budget: money(1_000n * USDT) });
  const { state } = bot;
  assert.ok(state.budget !== null);
  state.budget.realisedNet = 3n * USDT;
  assert.equal(state.budget.reservations.size, 2);
  assert.deepEqual(budgetOf(state, money(5n)), { ...state.budget, budget: 5n });
  assert.equal(budgetOf(state, undefined), null);
  assert.equal(budgetOf({ ...state, budget: null, instrument: null }, money(5n)), null);
});
