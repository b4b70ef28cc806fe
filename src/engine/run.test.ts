// The life of a run, each event alone: what a new run forgets, what a recovery sends again, how a stop begins.

import assert from "node:assert/strict";
import { test } from "node:test";
import { milliTicks, money } from "../market/amounts.ts";
import { makeClientOrderId } from "../trading/client-order-id.ts";
import type { RunStarted, StopRequested } from "../trading/event.ts";
import { FOREIGN, moveTo, newOrder, OWN, quoting } from "./evidence.fixture.ts";
import { Bench, STARTED } from "./probe.fixture.ts";
import { beginStop, onRecovered, onRunStarted, onStopRequested } from "./run.ts";
import { handled } from "./said.fixture.ts";
import type { Phase } from "./state.ts";
import { initialState } from "./step.ts";
import { Turn } from "./turn.ts";

const startAgain = (bot: Bench, change: Partial<RunStarted> = {}) =>
  handled<RunStarted>(bot, onRunStarted, { ...STARTED, epoch: 2, ...change } as RunStarted);

test("DUR-48 a new run forgets what the last one saw of the world; breakers and the operator's pause stay", () => {
  const { bot } = quoting();
  const { state } = bot;
  const block = { reason: "", sinceMs: 1, level: "HOLD", leg: "both", reducing: true } as const;
  for (const name of ["feed-book", "host-clock", "operator", "rejects", "grant"]) state.blocks.set(name, block);
  state.mark = { mark: milliTicks(1), atMs: 1 };
  state.stopAtMs = 5;
  state.history.freshSinceMs = 5;
  state.grant = { id: 3, gross: money(7n), over: "yes" };
  state.monitor.watched.set("BTC/USDT", { closed: [], open: null });
  const { inputs, turn } = startAgain(bot);
  assert.deepEqual(inputs, [{ kind: "recovering" }]);
  assert.deepEqual([state.epoch, state.phase, state.stopAtMs, turn.gatesChanged], [2, "recovering", null, true]);
  assert.deepEqual([state.book, state.mark, state.history.freshSinceMs], [null, null, null]);
  assert.deepEqual([...state.blocks.keys()], ["operator", "rejects"]);
  assert.deepEqual(state.grant, { id: 3, gross: 0n, over: "no" }, "new terms have to come");
  assert.equal(state.monitor.watched.size, 0);
});

test("DUR-48 orders without an outcome are unknown in the new run; the strategy hears of its own", () => {
  const restarted = (slotKey: string): readonly unknown[] => {
    const bot = new Bench().running();
    const [buy, sell] = bot.placed();
    assert.ok(buy !== undefined && sell !== undefined);
    const order = bot.state.orders.get(sell) ?? assert.fail();
    order.place = "acknowledged";
    moveTo(bot, buy, slotKey);
    const { inputs } = startAgain(bot);
    assert.deepEqual(inputs[0], { kind: "recovering" });
    assert.deepEqual([bot.state.orders.get(buy)?.place, order.place], ["unknown", "acknowledged"]);
    assert.equal(bot.state.orders.get(buy)?.unknownSinceMs, bot.state.nowMs);
    for (const input of inputs.slice(1))
      assert.deepEqual(input, { kind: "order", clientOrderId: buy, change: { change: "unknown" } });
    return inputs.slice(1);
  };
  assert.equal(restarted("b").length, 1);
  assert.equal(restarted("closer").length, 0);
  assert.equal(restarted("orphan").length, 0);
});

test("DUR-27 DUR-42 a journal lost its end where the lineage rose, or where it begins with a later one", () => {
  const lost = (bot: Bench, lineage: number): boolean => {
    startAgain(bot, { lineage });
    assert.equal(bot.state.identity.lineage, lineage);
    return bot.state.tailLost === true;
  };
  const begun = (lineage: number): Bench => new Bench(initialState({ bot: "probe", tag: "probe0", lineage }));
  const run = (lineage: number): Bench => {
    const { bot } = quoting();
    bot.state.identity = { ...bot.state.identity, lineage };
    return bot;
  };
  assert.equal(lost(begun(1), 1), false, "the first journal of all");
  assert.equal(lost(begun(2), 2), true, "a journal that begins after another was lost");
  assert.equal(lost(run(1), 2), true, "the journal was cut");
  assert.equal(lost(run(2), 2), false, "a plain restart");
});

test("DUR-48 recovery ends: the bot runs, its rounds begin, cancels that were under way go out again", () => {
  const { bot, id } = quoting();
  const { state } = bot;
  Object.assign(state, { phase: "recovering" });
  state.timers.clear();
  state.gates.clear();
  state.history.lookedAtMs = 0;
  state.orders.set(FOREIGN, { ...(state.orders.get(id) ?? assert.fail()), clientOrderId: FOREIGN });
  Object.assign(state.orders.get(id) ?? {}, { cancelAsked: true });
  state.blocks.set("operator", { reason: "ann", sinceMs: 1, level: "HOLD", leg: "both", reducing: true });
  const { inputs, did } = handled(bot, (turn) => onRecovered(turn), {} as never);
  assert.deepEqual(inputs, [
    { kind: "gate", gate: "operator", level: "HOLD", leg: "both", reason: "ann" },
    { kind: "recovered" },
  ]);
  const { reconcileIntervalMs } = state.limits ?? assert.fail();
  assert.deepEqual(did, [`timer engine.reconcile in ${reconcileIntervalMs}`, "cancel 1, cancel.again"]);
  assert.deepEqual([state.phase, state.history.lookedAtMs], ["running", state.nowMs]);
});

test("DUR-27 orders of an earlier lineage are cancelled when recovery is over, no others", () => {
  const { bot, id } = quoting();
  const { state } = bot;
  state.identity = { ...state.identity, lineage: 1 };
  const order = state.orders.get(id) ?? assert.fail();
  const now = makeClientOrderId({ tag: "probe0", lineage: 1, seq: 9, index: 0 });
  state.orders.clear();
  for (const clientOrderId of [OWN, now, FOREIGN]) state.orders.set(clientOrderId, { ...order, clientOrderId });
  const { turn } = handled(bot, (each) => onRecovered(each), {} as never);
  const cancels = turn.effects.filter((effect) => effect.kind === "cancel");
  assert.deepEqual(cancels, [
    { kind: "cancel", clientOrderId: OWN, symbol: newOrder().symbol, because: { code: "cancel.lineage" } },
  ]);
});

test("DUR-48 a recovery wakes no bot that was refused or has stopped, and forgets no stop", () => {
  const recovered = (phase: Phase): string => {
    const { bot } = quoting();
    Object.assign(bot.state, { phase });
    const { inputs } = handled(bot, (turn) => onRecovered(turn), {} as never);
    return [bot.state.phase, ...inputs.map(({ kind }) => kind)].join(", ");
  };
  assert.equal(recovered("starting"), "running, recovered");
  assert.equal(recovered("refused"), "refused");
  assert.equal(recovered("stopped"), "stopped");
  assert.equal(recovered("stopping"), "stopping, gate, recovered");
});

test("DUR-58 a stop begins by the policy of the configuration, or by the strictest where there is none", () => {
  const stop = (bot: Bench): string => {
    const { inputs, did, turn } = handled<StopRequested>(bot, onStopRequested, { kind: "stop-requested", by: "ann" });
    assert.deepEqual([inputs, turn.gatesChanged], [[], true]);
    assert.deepEqual([bot.state.phase, bot.state.stopAtMs], ["stopping", bot.state.nowMs]);
    return `${bot.state.stopPolicy}; ${did.join()}`;
  };
  const { bot } = quoting();
  assert.ok(bot.state.config !== null);
  bot.state.config = { ...bot.state.config, cancelOnExit: "opening" };
  assert.equal(stop(bot), "opening; info stopping: stop requested by ann cancelOnExit=opening");
  const early = new Bench();
  early.state.stopPolicy = "none";
  assert.equal(stop(early), "all; info stopping: stop requested by ann cancelOnExit=all");
});

test("DUR-58 a stop that has begun, or is over, begins no second time", () => {
  const again = (phase: Phase): readonly unknown[] => {
    const { state } = new Bench();
    Object.assign(state, { phase, stopAtMs: 5, stopPolicy: "none" });
    const turn = new Turn(state);
    beginStop(turn, "opening");
    return [state.phase, state.stopAtMs, state.stopPolicy, turn.gatesChanged];
  };
  assert.deepEqual(again("stopping"), ["stopping", 5, "none", false]);
  assert.deepEqual(again("stopped"), ["stopped", 5, "none", false]);
  assert.deepEqual(again("running"), ["stopping", 0, "opening", true]);
});
