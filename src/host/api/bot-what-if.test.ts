// StartWhatIf, GetWhatIf and CancelWhatIf over real gRPC, on the journal of a running bot, in a real process (DUR-70).

import assert from "node:assert/strict";
import { getPriority } from "node:os";
import { type TestContext, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { whatIfChildren } from "../../apps/market-maker/what-if-runner.ts";
import type { GetWhatIfResponse } from "../../rpc/generated/opensqt/market_maker/v1/bot.ts";
import { WhatIfState } from "../../rpc/generated/opensqt/market_maker/v1/types.ts";
import { refusedBy } from "../../rpc/village.fixture.ts";
import { botText } from "../fleet/fleet.fixture.ts";
import { type BotTown, startBotTown } from "./bot-service.fixture.ts";

const FEWER = botText("a", 0, { entryLevels: "1" });

/** Bot `a`, which has traded for a while. */
async function traded(t: TestContext, given = whatIfChildren({ niceness: 0 })): Promise<BotTown> {
  const town = await startBotTown(t, 1, {}, given);
  const desk = town.bots();
  await town.answer(desk.createBot({ botId: "a", config: botText("a", 0), reason: "test" }));
  await town.answer(desk.startBot({ botId: "a", reason: "test" }));
  await town.world.run(120_000);
  return town;
}

/** Asked until it is over; the market stands still meanwhile. */
async function ended(town: BotTown, jobId: string): Promise<GetWhatIfResponse> {
  for (;;) {
    const told = await town.bots("reader").getWhatIf({ jobId });
    if (told.state !== WhatIfState.RUNNING) return told;
    await pause(20);
  }
}

test("DUR-70 BT-44 a what-if is played beside the running bot, one at a time, and told side by side", async (t) => {
  const children = whatIfChildren({ niceness: 0 });
  const town = await traded(t, children);
  const trader = town.bots("trader");
  const none = await town.refusal(town.bots("reader").getWhatIf({ botId: "a" }));
  assert.deepEqual(
    [none.status, none.message],
    ["NOT_FOUND", "nobody has asked a what-if of a since the engine began"],
  );
  const { jobId } = await trader.startWhatIf({ botId: "a", config: FEWER });
  const busy = await refusedBy(trader.startWhatIf({ botId: "a", config: FEWER }));
  assert.equal(busy.status, "RESOURCE_EXHAUSTED");
  assert.match(busy.message, /a what-if of a is running, job 1; one at a time/);
  const told = await ended(town, jobId);
  assert.deepEqual([told.state, told.error, told.progressBps], [WhatIfState.DONE, "", 10_000]);
  const { recorded, simulated, changed, first } = told;
  assert.ok(recorded !== undefined && simulated !== undefined && changed !== undefined && first !== undefined);
  assert.ok(simulated.orders > changed.orders, "fewer levels place less");
  assert.equal(told.ordersBoth + told.ordersOnlySimulated, simulated.orders);
  assert.equal(told.ordersBoth + told.ordersOnlyChanged, changed.orders);
  assert.match(first.simulated?.text ?? "", /^place (buy|sell) /);
  assert.notEqual(first.simulated?.text, first.changed?.text);
  assert.ok(recorded.orders > 0 && told.notes.includes("fills simulated, books conflated"));
  for (const { curve, fees, funding, pnl, configHash } of [simulated, changed]) {
    assert.ok(
      curve.length > 1 && curve.length <= 1_000 && curve.every(({ net }) => /^-?\d+(\.\d+)?$/.test(net?.value ?? "")),
    );
    assert.ok(fees?.value && funding?.value && pnl?.value && configHash !== "");
  }
  const newest = await town.answer(town.bots("reader").getWhatIf({ botId: "a" }));
  assert.deepEqual(newest, told, "the newest of the bot is that one");
  const same = await town.answer(trader.startWhatIf({ botId: "a", config: botText("a", 0) }));
  const replayed = await ended(town, same.jobId);
  assert.ok(replayed.unchanged && replayed.changed === undefined, replayed.error);
  assert.match(replayed.notes.join(), /this is a replay: \d+ effects, \d+ postings and \d+ marks are the same/);
});

test("DUR-70 what does not serve is refused in words that say where, and a reader may not start one", async (t) => {
  const town = await traded(t);
  const wrong = await town.refusal(town.bots("trader").startWhatIf({ botId: "a", config: FEWER.replace("grid", "x") }));
  assert.equal(wrong.status, "INVALID_ARGUMENT");
  assert.match(wrong.message, /^the configuration is refused\nconfiguration:2 strategy: /);
  assert.ok(wrong.violations.some(({ field }) => field === "config.strategy"));
  const reader = await town.refusal(town.bots("reader").startWhatIf({ botId: "a", config: FEWER }));
  assert.equal(reader.status, "PERMISSION_DENIED");
  const late = { botId: "a", config: FEWER, fromMs: town.world.clock.nowMs() };
  const { jobId } = await town.answer(town.bots("trader").startWhatIf(late));
  const told = await ended(town, jobId);
  assert.equal(told.state, WhatIfState.FAILED);
  assert.match(told.error, /no start of a run in that range: give an earlier/);
});

test("DUR-70 OPS-55 a what-if ends when it is cancelled, when it takes too long, and with the engine", async (t) => {
  const children = whatIfChildren();
  const town = await traded(t, children);
  const trader = town.bots("trader");
  const start = async (): Promise<string> => (await trader.startWhatIf({ botId: "a", config: FEWER })).jobId;
  const first = await start();
  const [pid] = children.pids;
  assert.ok(pid !== undefined && getPriority(pid) >= 10, "the engine goes first");
  assert.equal((await trader.cancelWhatIf({ jobId: first })).state, WhatIfState.CANCELLED);
  assert.deepEqual(children.pids, [], "its process is gone when the answer comes");
  const second = await start();
  await children.close();
  assert.deepEqual(children.pids, []);
  assert.equal((await ended(town, second)).state, WhatIfState.CANCELLED);
  const hurried = whatIfChildren({ timeMsMax: 1 });
  const journal = town.process.fleet.bot("a")?.store.addressOf("a") ?? assert.fail("no bot");
  const ask = { bot: "a", journal, config: FEWER, fromMs: 0, toMs: 0 };
  const end = await hurried.run(ask, () => undefined).end;
  assert.match(end.kind === "failed" ? end.text : "", /it took longer than 0 s: give a shorter range/);
});
