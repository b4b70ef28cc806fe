// The safety check at a start: what it tells, what refuses a first start, and what a bot that trades already may have.

import assert from "node:assert/strict";
import { test } from "node:test";
import { lots, money } from "../market/amounts.ts";
import type { Instrument } from "../market/instrument.ts";
import type { Strategy } from "../strategy/contract.ts";
import type { Configured, StartFacts } from "../trading/event.ts";
import { SPOT } from "./evidence.fixture.ts";
import { Bench, CONFIGURED, INSTRUMENT, START_FACTS, STARTED } from "./probe.fixture.ts";
import { onStartFacts } from "./run.ts";
import { handled } from "./said.fixture.ts";
import type { Phase } from "./state.ts";
import { addStrategy } from "./strategies.ts";

const USDT = 10n ** 18n;

/** What a wary strategy looks at before it starts. */
interface Wary {
  readonly says?: string;
  readonly adoptPosition?: "adopt" | "refuse";
}

/** A strategy with a word of its own about a start; each of its orders costs 100 USDT. */
const wary: Strategy<Wary | string | null, object> = {
  name: "wary",
  initial: (config, { symbol }) => ({ config, symbol }),
  step: () => undefined,
  view: () => ({ phase: "running", reference: null, gates: [], ladder: [] }),
  check: (config, { base }, { quoteAvailable }) =>
    typeof config === "object" && config?.says !== undefined ? [`${config.says} ${base} ${quoteAvailable}`] : [],
  orderNotional: () => money(100n * USDT),
};

const configuredEvent = (change: Partial<Configured> = {}): Configured => ({ ...CONFIGURED, ...change }) as Configured;

/** Configured with the wary strategy; nothing else happened yet. */
function configured(strategyConfig: Wary | string | null = null, instrument: Instrument = INSTRUMENT): Bench {
  addStrategy(wary);
  const bot = new Bench();
  bot.feed(STARTED);
  const { config } = configuredEvent();
  bot.feed(configuredEvent({ instrument, config: { ...config, strategy: "wary", strategyConfig } }));
  bot.state.nowMs = 9_000;
  return bot;
}

const facts = (change: Partial<StartFacts> = {}): StartFacts => ({ ...START_FACTS, ...change }) as StartFacts;

const start = (bot: Bench, change: Partial<StartFacts> = {}) => handled<StartFacts>(bot, onStartFacts, facts(change));

/** `refused: critical start-refused: no USDT available check=balance` */
function started(bot: Bench, change: Partial<StartFacts> = {}): string {
  const { inputs, did } = start(bot, change);
  assert.equal(inputs.length, bot.state.phase === "refused" ? 0 : 1);
  return [bot.state.phase, ...did].join(": ");
}

/** A bot of this strategy that traded before: its next start is a restart. */
function restarting(strategyConfig: Wary | null = null): Bench {
  const bot = configured(strategyConfig);
  bot.state.started = true;
  return bot;
}

test("GRID-41 facts of the account mean nothing before there is a configuration", () => {
  for (const missing of ["config", "instrument"] as const) {
    const bot = configured({ says: "no" });
    bot.state[missing] = null;
    assert.deepEqual(start(bot).inputs, [], missing);
    assert.deepEqual([bot.state.phase, bot.state.equity], ["recovering", null]);
  }
});

test("RISK-30 the account is taken down at each start, the base of the capital curve at the first", () => {
  const bot = configured();
  const [equity, quoteAvailable] = [money(5_000n * USDT), money(4_000n * USDT)];
  assert.equal(started(bot, { equity, quoteAvailable }), "starting");
  assert.deepEqual(bot.state.equity, { equity, quoteAvailable, maintenanceMargin: null, atMs: 9_000 });
  start(bot, { equity: money(1n), maintenanceMargin: money(2n) });
  assert.deepEqual([bot.state.equity?.maintenanceMargin, bot.state.history.startEquity], [2n, equity]);
});

test("GRID-08 what the strategy finds refuses a first start; a bot that trades already is told, and goes on", () => {
  const says = { says: "too poor for" };
  const text = `start-refused: too poor for ETH ${10n ** 22n} check=strategy`;
  assert.equal(started(configured(says)), `refused: critical ${text}`);
  assert.equal(started(restarting(says)), `starting: warning ${text.replace("refused", "warning")}`);
});

test("RISK-30 a finding that stops refuses the start, one that warns is told", () => {
  const hedge = "critical start-refused: account is in hedge mode; switch to one-way check=mode";
  assert.equal(started(configured(), { oneWayMode: false }), `refused: ${hedge}`);
  assert.equal(started(restarting(), { oneWayMode: false }), `refused: ${hedge}`);
  assert.equal(
    started(configured(), { keyMayWithdraw: true }),
    "refused: critical start-refused: this key may withdraw: make one that may not check=keys",
  );
  const others = "2 open orders on ETH/USDT:USDT are not this bot's; they stay check=foreign-orders";
  assert.equal(started(configured(), { foreignOrders: 2 }), `starting: warning start-warning: ${others}`);
});

test("RISK-30 DUR-49 capital must be there and reach at the first start; later its own orders may hold it", () => {
  const [none, few] = [{ quoteAvailable: money(0n) }, { quoteAvailable: money(10n * USDT) }];
  assert.match(started(configured(), none), /^refused: critical start-refused: no USDT available on sim check=balance/);
  assert.equal(
    started(restarting(), none),
    "starting: warning start-warning: no USDT available on sim check=balance",
    "and how far it would reach is not asked",
  );
  assert.match(
    started(configured(), few),
    /^refused: critical start-refused: capital pays for 0 orders.* check=reach$/,
  );
  assert.equal(started(restarting(), few), "starting");
});

test("RISK-30 GRID-42 a position nobody here bought refuses the first start, unless the strategy adopts it", () => {
  const held = { positionLots: lots(5) };
  const refused = /^refused: critical start-refused: 0\.005 ETH held that this bot did not buy check=position$/;
  for (const config of [null, {}, { adoptPosition: "refuse" }, "adoptPosition"] as const)
    assert.match(started(configured(config), held), refused);
  assert.equal(started(configured({ adoptPosition: "adopt" }), held), "starting");
  assert.equal(started(restarting(), held), "starting", "the reconciler looks for the fills first");
  const cut = configured();
  cut.state.tailLost = true;
  assert.equal(started(cut, held), "starting", "the journal may have lost them");
});

test("DUR-27 of a position the strategy is told all, after a lost end only what no fill explains", () => {
  const told = (tailLost: boolean, instrument: Instrument = INSTRUMENT): readonly unknown[] => {
    const bot = configured({ adoptPosition: "adopt" }, instrument);
    if (tailLost) bot.state.tailLost = true;
    bot.state.ledger.position = lots(3);
    bot.state.ledger.balances.set("holding|ETH", 3n * 10n ** 15n);
    const change = { positionLots: lots(5), leverage: instrument.leverage };
    const { inputs } = start(bot, change);
    const [input] = inputs;
    assert.ok(input?.kind === "start" && inputs.length === 1);
    assert.deepEqual({ ...input.facts, positionLots: 5 }, { ...facts(change), atMs: 9_000 });
    return [input.facts.positionLots, bot.state.started, bot.state.spotBaseline];
  };
  assert.deepEqual(told(false), [5, true, null]);
  assert.deepEqual(told(true), [2, true, null]);
  assert.deepEqual(told(true, SPOT), [5, true, 2]);
});

test("RISK-34 coins that were there at the first start are not the bot's, and that is settled once", () => {
  const bot = configured({ adoptPosition: "adopt" }, SPOT);
  start(bot, { positionLots: lots(7), leverage: 1 });
  start(bot, { positionLots: lots(9), leverage: 1 });
  assert.equal(bot.state.spotBaseline, 7);
});

test("DUR-58 a stop that was asked for while the bot recovered is not forgotten by its start", () => {
  const at = (phase: Phase): string => {
    const bot = configured();
    Object.assign(bot.state, { phase });
    start(bot);
    return bot.state.phase;
  };
  assert.deepEqual([at("recovering"), at("stopping"), at("stopped")], ["starting", "stopping", "stopped"]);
});
