// One breaker alone: what its opening blocks and tells, what its end gives back, and when the bot is woken for it.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { BreakerName } from "../risk/breaker/breaker.ts";
import type { BreakerAction } from "../trading/command.ts";
import { benchWith } from "./breakers.fixture.ts";
import { armBreakers, closeByHand, endBreaker, lookAtBreakers, type Tripped, trip } from "./breakers.ts";
import type { Bench } from "./probe.fixture.ts";
import { said } from "./said.fixture.ts";
import { Turn } from "./turn.ts";

const MINUTE_MS = 60_000;

function turnOf<T>(bot: Bench, act: (turn: Turn) => T) {
  const turn = new Turn(bot.state);
  const result = act(turn);
  return { result, did: said(bot, turn.effects), gatesChanged: turn.gatesChanged };
}

const opens = (bot: Bench, name: BreakerName, tripped: Partial<Tripped> = {}) =>
  turnOf(bot, (turn) => trip(turn, name, { reason: "why", ...tripped }));
const looks = (bot: Bench, holding: readonly string[] = []) =>
  turnOf(bot, (turn) => lookAtBreakers(turn, (name) => holding.includes(name)));
const closes = (bot: Bench, name: BreakerName, force = false) =>
  turnOf(bot, (turn) => closeByHand(turn, name, { who: "ann", force }));

test("RISK-18 each action blocks as it says: P holds, O cancels opening orders, A all, F closes as well", () => {
  const held = (action: BreakerAction): string => {
    const bot = benchWith();
    const { result, gatesChanged } = opens(bot, "manual", { action });
    assert.deepEqual([result, gatesChanged], [true, true]);
    const { reason, sinceMs, leg, level, reducing } = bot.state.blocks.get("manual") ?? assert.fail();
    assert.deepEqual([reason, sinceMs, leg], ["why", bot.state.nowMs, "both"]);
    return `${level}${reducing ? ", reducing" : ""}${bot.state.closer === null ? "" : `, ${bot.state.closer.because}`}`;
  };
  assert.deepEqual([held("P"), held("O")], ["HOLD, reducing", "REDUCE, reducing"]);
  assert.deepEqual([held("A"), held("F")], ["HALT", "HALT, flatten.manual"]);
  const margin = benchWith();
  opens(margin, "margin-ratio");
  assert.deepEqual([margin.state.blocks.get("margin-ratio")?.level, margin.state.closer], ["HALT", null], "by halves");
});

test("RISK-42 an opening is told once, in its own words or the usual ones, and a stricter trip once more", () => {
  const bot = benchWith();
  const usual = "error breaker-opened: breaker rejects why";
  assert.deepEqual(opens(bot, "rejects").did, [`${usual} breaker=rejects action=P value= limit=`]);
  assert.deepEqual([opens(bot, "rejects").result, opens(bot, "rejects").did], [false, []]);
  const stricter = opens(bot, "rejects", { action: "A", value: "5", limit: "3" });
  assert.deepEqual(stricter.did, [`${usual} breaker=rejects action=A value=5 limit=3`]);
  assert.deepEqual(opens(bot, "unknown", { told: null }).did, []);
  const told = { text: "other words", facts: { lots: 1 } };
  assert.deepEqual(opens(bot, "divergence", { told }).did, ["critical divergence: other words lots=1"]);
});

test("RISK-18 a cool-down ends in probation and probation in peace, each told, while the cause is gone", () => {
  const bot = benchWith();
  opens(bot, "latency");
  bot.state.nowMs += MINUTE_MS - 1;
  assert.deepEqual(looks(bot), { result: undefined, did: [], gatesChanged: false });
  bot.state.nowMs += 1;
  assert.deepEqual(looks(bot, ["latency"]).did, [], "its cause outlives the cool-down");
  const untilMs = bot.state.nowMs + MINUTE_MS;
  const probation = "info breaker-probation: breaker latency is on probation: order and exposure limits are halved";
  assert.deepEqual(looks(bot), {
    result: undefined,
    did: [`${probation} breaker=latency untilMs=${untilMs}`],
    gatesChanged: true,
  });
  assert.deepEqual([bot.state.blocks.size, bot.state.breakers.get("latency")?.phase], [0, "probation"]);
  bot.state.nowMs = untilMs;
  const closed = "warning breaker-closed: breaker latency closed: its cause is gone breaker=latency";
  assert.deepEqual(looks(bot), { result: undefined, did: [closed], gatesChanged: false });
  assert.equal(bot.state.breakers.size, 0);
});

test("RISK-21 what an operator closes begins anew: its count, its peak, its halves", () => {
  const bot = benchWith();
  const { history } = bot.state;
  const fresh = (): void => {
    const halving = { lastAtMs: 1, nextAtMs: 2 };
    Object.assign(history, { lossesInRow: 3, refusalsInRow: 4, halving, profit: [{ atMs: 1, value: 2n }] });
  };
  const left = (name: BreakerName): readonly unknown[] => {
    fresh();
    opens(bot, name, { action: "O" });
    const { did, gatesChanged } = closes(bot, name);
    const text = `warning breaker-closed: breaker ${name} was closed by ann breaker=${name} force=false`;
    assert.deepEqual([did, gatesChanged, bot.state.breakers.size, bot.state.blocks.size], [[text], true, 0, 0]);
    assert.equal(history.forced.size, 0);
    return [history.lossesInRow, history.refusalsInRow, history.profit.length, history.halving === null];
  };
  assert.deepEqual(left("consecutive-losses"), [0, 4, 1, false]);
  assert.deepEqual(left("rejects"), [3, 0, 1, false]);
  assert.deepEqual(left("drawdown-window"), [3, 4, 0, false]);
  assert.deepEqual(left("drawdown-amount"), [3, 4, 0, false]);
  assert.deepEqual(left("margin-ratio"), [3, 4, 1, true]);
  assert.deepEqual(left("unknown"), [3, 4, 1, false]);
});

test("RISK-21 one that is forced while its cause holds stays closed until the cause is gone", () => {
  const levels = ["latency", "stale-feed", "margin-ratio", "liquidation", "retries", "unknown"] as const;
  for (const name of levels) {
    const bot = benchWith();
    opens(bot, name);
    assert.match(closes(bot, name, true).did[0] ?? "", /force=true$/);
    assert.deepEqual([opens(bot, name).result, bot.state.blocks.size], [false, 0], name);
    looks(bot, [name]);
    assert.deepEqual([...bot.state.history.forced.keys()], [name]);
    looks(bot);
    assert.deepEqual([bot.state.history.forced.size, opens(bot, name).result], [0, true]);
  }
  const bot = benchWith();
  opens(bot, "manual");
  closes(bot, "manual", true);
  assert.equal(opens(bot, "manual").result, true, "an event opens it again whenever it happens");
  bot.state.history.forced.set("of another release", 1);
  looks(bot, ["of another release"]);
  assert.equal(bot.state.history.forced.size, 0);
});

test("RISK-33 a breaker that ends with what it waited for has no word of its own", () => {
  const bot = benchWith();
  opens(bot, "divergence");
  const ended = turnOf(bot, (turn) => endBreaker(turn, "divergence"));
  assert.deepEqual(ended, { result: undefined, did: [], gatesChanged: true });
  assert.deepEqual([bot.state.breakers.size, bot.state.blocks.size], [0, 0]);
  assert.equal(turnOf(bot, (turn) => endBreaker(turn, "divergence")).gatesChanged, false);
});

test("RISK-18 the bot is woken for the earliest end of a phase, and once a second for one that is overdue", () => {
  const bot = benchWith();
  const armed = (alsoAtMs: number | null = null): readonly string[] => {
    bot.state.timers.clear();
    return turnOf(bot, (turn) => armBreakers(turn, alsoAtMs)).did;
  };
  const { nowMs } = bot.state;
  assert.deepEqual(armed(), []);
  bot.state.timers.set("engine.breakers", 1);
  assert.deepEqual(turnOf(bot, (turn) => armBreakers(turn, null)).did, ["timer engine.breakers off"]);
  assert.deepEqual(armed(nowMs), ["timer engine.breakers in 1"]);
  opens(bot, "manual");
  assert.deepEqual(armed(), [], "the operator ends it");
  opens(bot, "rejects");
  opens(bot, "latency");
  assert.deepEqual(armed(), ["timer engine.breakers in 60000"]);
  assert.deepEqual(armed(nowMs + 50), ["timer engine.breakers in 50"]);
  assert.deepEqual(armed(nowMs + 70_000), ["timer engine.breakers in 60000"]);
  bot.state.nowMs += MINUTE_MS;
  assert.deepEqual(armed(), ["timer engine.breakers in 1000"]);
  bot.state.nowMs += 9 * MINUTE_MS;
  assert.deepEqual(armed(), ["timer engine.breakers in 1000"]);
});
