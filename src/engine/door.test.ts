// The one door from the strategy's side: what it hears of each event, in which order, and what becomes of its wishes.

import assert from "node:assert/strict";
import { test } from "node:test";
import { lots, money, ticks } from "../market/amounts.ts";
import type { Outbox, Strategy, StrategyContext, StrategyInput } from "../strategy/contract.ts";
import type { EngineEvent } from "../trading/event.ts";
import { newOrder, SPOT } from "./evidence.fixture.ts";
import { Bench, book, CONFIGURED, INSTRUMENT, MARK } from "./probe.fixture.ts";
import { said } from "./said.fixture.ts";
import { initialState, step, strategyContext } from "./step.ts";
import { addStrategy } from "./strategies.ts";

/** What the strategy of a test does at an input. */
type Deed = (input: StrategyInput, out: Outbox, context: StrategyContext) => void;

/** A strategy that does what the configuration of the test says; it remembers nothing. */
const listener: Strategy<Deed, object> = {
  name: "listener",
  initial: () => ({}),
  step: (deed, context, _state, input, out) => deed(input, out, context),
  view: () => ({ phase: "running", reference: null, gates: [], ladder: [] }),
  check: () => [],
};

/** A running bot whose strategy does this at each input from now on. */
function running(deed: Deed): Bench {
  addStrategy(listener);
  const bot = new Bench().running();
  for (const id of bot.placed()) bot.state.orders.delete(id);
  const config = bot.state.config ?? assert.fail();
  bot.state.config = { ...config, strategy: "listener", strategyConfig: deed };
  return bot;
}

/** Kinds of what the strategy hears of an event. */
function hears(event: Parameters<Bench["feed"]>[0]): readonly string[] {
  const heard: string[] = [];
  running((input) => heard.push(input.kind)).feed(event);
  return heard;
}

test("DUR-05 a bot begins as nothing: no configuration, no run, no time", () => {
  const state = initialState({ bot: "b", tag: "probe0", lineage: 0 });
  const { phase, seq, configHash, started, stopPolicy, corrections } = state;
  assert.deepEqual(
    { phase, seq, configHash, started, stopPolicy, corrections },
    {
      phase: "new",
      seq: 0,
      configHash: "",
      started: false,
      stopPolicy: "all",
      corrections: { day: 0, count: 0 },
    },
  );
  assert.deepEqual(
    step(state, { ...book(300_000), atMs: 5 } as EngineEvent).effects,
    [],
    "and does nothing before it is configured",
  );
});

test("DUR-05 time never goes back, whatever an event says", () => {
  const bot = new Bench().running();
  const { nowMs, seq } = bot.state;
  step(bot.state, { ...book(300_000), atMs: nowMs - 50 } as EngineEvent);
  assert.deepEqual([bot.state.nowMs, bot.state.seq], [nowMs, seq + 1]);
});

test("GRID-33 gates are told before anything else of the event that shut them", () => {
  assert.deepEqual(hears({ kind: "feed", feed: "book", state: "stale" }), ["gate", "gate", "feed"]);
  const pause = { kind: "command", command: { name: "pause", cancelEntries: false, leg: "both" } } as const;
  assert.deepEqual(hears({ ...pause, by: "ann", reason: "" }), ["gate", "command"]);
  assert.deepEqual(hears({ kind: "stop-requested", by: "ann" }), ["gate"]);
});

test("RISK-09 a grant that is too small, and a closer that ends, are told in the same step", () => {
  const heard: string[] = [];
  const bot = running((input) => heard.push(input.kind === "gate" ? `${input.gate} ${input.level}` : input.kind));
  bot.state.ledger.position = lots(10);
  bot.state.ledger.cost = 3_000_000n;
  bot.feed({ kind: "grant", id: 1, gross: money(1n) });
  assert.deepEqual(heard, ["risk REDUCE"]);
  bot.state.ledger.position = lots(0);
  bot.state.ledger.cost = 0n;
  bot.state.grant = { id: 2, gross: money(10n ** 30n), over: "no" };
  bot.state.blocks.clear();
  bot.state.closer = { because: "x", nextAtMs: 9e15, startedAtMs: 0, target: lots(0) };
  bot.state.gates.set("risk", "HALT/both");
  bot.feed(book(300_000));
  assert.deepEqual(heard.slice(1), ["book", "risk RUN"]);
});

test("RISK-18 a breaker of the account comes through the same door, and its gate with it", () => {
  const breaker = { breaker: "net", phase: "open", action: "A", reason: "too much", value: "", limit: "" } as const;
  assert.deepEqual(hears({ kind: "account-breaker", ...breaker }), ["gate"]);
});

test("DUR-05 a mark and what is the account machine's are no news for a strategy", () => {
  assert.deepEqual(hears(MARK), []);
  const bot = running(() => assert.fail("it heard of it"));
  bot.feed(MARK);
  assert.equal(bot.state.mark?.mark, 300_000_000);
  const trades = { count: 1, volume: lots(1), last: ticks(1), high: ticks(1), low: ticks(1) };
  bot.feed({ kind: "trades", symbol: INSTRUMENT.symbol, ...trades });
  bot.feed({ kind: "bot-left", bot: "b", exposure: null, removed: false });
  bot.feed({ kind: "grant-acknowledged", bot: "b", id: 1, exposure: null });
  bot.feed({ kind: "bot-kill-reported", bot: "b", proved: true, ordersLeft: 0, flat: true });
  bot.feed({ kind: "account-balance", asset: "USDT", total: money(1n), openOrders: 0, postings: [] });
  const others = ["account-configured", "bot-joined", "account-figures", "flow-asked", "flow-ended"] as const;
  for (const kind of others) assert.deepEqual(bot.feed({ kind } as never), [], kind);
  assert.deepEqual(hears({ kind: "instrument", instrument: INSTRUMENT }).includes("instrument"), true);
});

test("RISK-06 the strategy hears of each refusal after it has spoken; one that never learns is stopped", () => {
  const heard: string[] = [];
  let asked = 0;
  const stubborn = (most: number): Bench =>
    running((input, out) => {
      heard.push(input.kind === "order" ? input.change.change : input.kind);
      if (asked < most) out.place(newOrder({ quantity: lots(900_000) }), { code: "x" });
      asked += 1;
    });
  stubborn(2).feed(book(300_000));
  assert.deepEqual(heard, ["book", "refused", "refused"]);
  asked = 0;
  stubborn(16).feed(book(300_000));
  asked = 0;
  assert.throws(() => stubborn(17).feed(book(300_000)), /the strategy answers every refusal with the same order/);
});

test("RISK-29 the cleaner's round is armed while orders rest", () => {
  const bot = running((_input, out) => void out.place(newOrder(), { code: "x" }));
  const limits = bot.state.limits ?? assert.fail();
  bot.state.limits = { ...limits, cleaner: { ...limits.cleaner, orderAgeMsMax: 1_000 } };
  assert.deepEqual(said(bot, bot.feed(book(300_000))).slice(1), ["timer engine.clean in 10000"]);
  const quiet = running(() => undefined);
  quiet.state.limits = bot.state.limits;
  assert.deepEqual(quiet.feed(book(300_000)), []);
});

test("GRID-44 a configuration the strategy takes stands; one it refuses takes the whole update back", () => {
  const taking: Deed = (input, out) => {
    if (input.kind !== "book") out.acceptConfig("kept");
  };
  const bot = running(taking);
  const { limits } = bot.state;
  const config = CONFIGURED.kind === "configured" ? CONFIGURED.config : assert.fail();
  const risk = { ...limits, openOrdersMax: 7 };
  const by = { by: "ann", reason: "" };
  const update = { name: "update", config: { ...config, strategyConfig: taking, risk } } as const;
  bot.feed({ kind: "command", command: update, ...by });
  assert.deepEqual([bot.state.config?.strategyConfig, bot.state.limits], ["kept", limits], "all of it came back");
  assert.equal(bot.state.config?.risk, config.risk);
  const moved = running(taking);
  const before = moved.state.config;
  moved.feed({ kind: "command", command: { name: "reanchor", price: ticks(1) }, ...by });
  assert.deepEqual(moved.state.config, { ...before, strategyConfig: "kept" });
});

test("RISK-06 GRID-39 a strategy sees its own lots and the fewest open orders: risk's, or nine tenths", () => {
  const { state } = new Bench().running();
  const limits = state.limits ?? assert.fail();
  const open = (openOrdersMax: number, exchange: number): number =>
    strategyContext(state, { ...INSTRUMENT, openOrdersMax: exchange }, { ...limits, openOrdersMax }).openOrdersLimit;
  assert.deepEqual([open(50, 200), open(500, 200), open(500, 5)], [50, 180, 4]);
  state.instrument = SPOT;
  state.ledger.position = lots(3);
  state.ledger.balances.set("holding|ETH", 2n * 10n ** 15n);
  assert.equal(strategyContext(state, SPOT, limits).position, 2);
});
