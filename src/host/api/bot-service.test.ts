// BotService over real gRPC: what operators do with bots, and what is left of it in registry and journal.

import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeEvent } from "../../journal/codec.ts";
import { BotPhase, Leg, SlotState } from "../../rpc/generated/opensqt/market_maker/v1/types.ts";
import { phaseOf } from "../fleet/bot-view.ts";
import { botOf, botText } from "../fleet/fleet.fixture.ts";
import { type BotTown, startBotTown } from "./bot-service.fixture.ts";

const reason = "a trial of the grid";

async function trading(town: BotTown, botId: string, n: number): Promise<void> {
  const bots = town.bots();
  await town.answer(bots.createBot({ botId, config: botText(botId, n), reason }));
  await town.answer(bots.startBot({ botId, reason }));
  await town.world.untilTrue(() => town.world.open(n) >= 3);
}

/** Commands the journal of a bot has, as `name by reason requestId`. */
function commandsIn(town: BotTown, botId: string): string[] {
  const reader = botOf(town.process, botId).openReader();
  const told: string[] = [];
  for (const record of reader.records(0)) {
    if (record.type !== "event" || record.kind !== "command") continue;
    const event = decodeEvent(record);
    if (event.kind === "command") told.push(`${event.command.name} ${event.by} ${event.reason} ${event.requestId}`);
  }
  reader.close();
  return told;
}

test("API-11 each change of a bot is in registry and journal with caller, call and reason", async (t) => {
  const town = await startBotTown(t, 1);
  const bots = town.bots();
  const made = await town.answer(bots.createBot({ botId: "a", config: botText("a", 0), reason }, { requestId: "r-1" }));
  assert.deepEqual([made.bot?.phase, made.bot?.revision, made.errors], [BotPhase.CREATED, 1, []]);
  await town.answer(bots.startBot({ botId: "a", reason }, { requestId: "r-2" }));
  await town.world.untilTrue(() => town.world.open(0) >= 3);
  const paused = await town.answer(bots.pauseBot({ botId: "a", reason, leg: Leg.LONG }, { requestId: "r-3" }));
  assert.equal(paused.bot?.phase, BotPhase.PAUSED);
  assert.deepEqual(commandsIn(town, "a"), [`pause desk ${reason} r-3`]);
  assert.equal(paused.bot.gates[0]?.leg, Leg.LONG);
  const again = await town.answer(bots.pauseBot({ botId: "a", reason, cancelEntries: true }, { requestId: "r-4" }));
  assert.equal(again.bot?.phase, BotPhase.PAUSED);
  await town.answer(bots.resumeBot({ botId: "a", reason }, { requestId: "r-5" }));
  await town.answer(bots.flattenBot({ botId: "a", reason }, { requestId: "r-6" }));
  const stopped = await town.answer(bots.stopBot({ botId: "a", reason, cancelOnExit: "all" }, { requestId: "r-7" }));
  assert.equal(stopped.bot?.phase, BotPhase.STOPPING);
  await town.world.untilTrue(() => phaseOf(botOf(town.process, "a")) === "STOPPED");
  const { bot } = await town.answer(bots.getBot({ botId: "a" }));
  assert.deepEqual(
    [bot?.phase, bot?.position?.value, bot?.operatorUrl],
    [BotPhase.STOPPED, "0.000", "http://127.0.0.1:8080"],
  );
  await town.answer(bots.deleteBot({ botId: "a", reason }, { requestId: "r-8" }));
  assert.deepEqual((await town.answer(bots.listBots({}))).bots, []);
  const history = town.process.fleet.registry.history("a");
  assert.deepEqual(
    history.map((change) => `${change.act} ${change.by} ${change.requestId}`),
    [
      "create desk r-1",
      "start desk r-2",
      "pause desk r-3",
      "pause desk r-4",
      "resume desk r-5",
      "flatten desk r-6",
      "stop desk r-7",
      "delete desk r-8",
    ],
  );
  assert.ok(history.every((change) => change.reason === reason && change.address === "127.0.0.1"));
});

test("OPS-09 an update over gRPC: looked at first, refused when stale, told what is wrong line by line", async (t) => {
  const town = await startBotTown(t, 1);
  await trading(town, "a", 0);
  const bots = town.bots();
  const config = botText("a", 0, { skewLevels: "2" });
  const looked = await town.answer(bots.updateBot({ botId: "a", config, revision: 1, reason, dryRun: true }));
  assert.deepEqual(looked.diff, [{ key: "grid.skewLevels", old: "0", new: "2", change: "live" }]);
  assert.equal(looked.bot, undefined);
  const made = await town.answer(bots.updateBot({ botId: "a", config, revision: 1, reason }));
  assert.equal(made.bot?.revision, 2);
  const stale = await town.refusal(bots.updateBot({ botId: "a", config, revision: 1, reason }));
  assert.deepEqual([stale.status, stale.reason, stale.outcome], ["ABORTED", "STALE_REVISION", "not_sent"]);

  const wrong = botText("a", 0, { entryLevels: "many" });
  const listed = await town.answer(bots.updateBot({ botId: "a", config: wrong, revision: 2, reason, dryRun: true }));
  assert.deepEqual(
    listed.errors.map(({ key, line }) => [key, line]),
    [["grid.entryLevels", 7]],
  );
  const refused = await town.refusal(bots.updateBot({ botId: "a", config: wrong, revision: 2, reason }));
  assert.equal(refused.status, "INVALID_ARGUMENT");
  assert.equal(refused.violations[0]?.field, "config.grid.entryLevels");
  assert.equal((await town.answer(bots.getBot({ botId: "a" }))).config, config);
});

test("API-11 a strategy's command is done with its number, or refused with what is missing", async (t) => {
  const town = await startBotTown(t, 1);
  await trading(town, "a", 0);
  const bots = town.bots();
  const send = (name: string, args: Record<string, string>) => bots.sendCommand({ botId: "a", name, args, reason });
  const done = await town.answer(send("reanchor", { price: "60100.0" }));
  assert.ok(done.sequence > 0);
  const adopted = await town.refusal(send("adopt", { quantity: "-0.500" }));
  assert.deepEqual([adopted.status, adopted.reason], ["FAILED_PRECONDITION", "CONDITION"]);
  const gate = await town.refusal(send("clear_gate", { gate: "spread" }));
  assert.deepEqual([gate.status, gate.message], ["FAILED_PRECONDITION", "gate spread is not shut; none is"]);
  const unknown = await town.refusal(send("selfDestruct", {}));
  assert.equal(unknown.status, "INVALID_ARGUMENT");
  assert.match(unknown.message, /there are adopt, writeOff, reanchor, relattice, clearGate/);
  await town.answer(bots.stopBot({ botId: "a", reason }));
  await town.world.untilTrue(() => phaseOf(botOf(town.process, "a")) === "STOPPED");
  assert.equal((await town.refusal(send("reanchor", { price: "60000.0" }))).status, "FAILED_PRECONDITION");
});

test("API-08 bots are listed in the order of their ids, page by page", async (t) => {
  const town = await startBotTown(t, 3, { seeds: ["c", "a", "b"].map((id, n) => botText(id, n)) });
  const bots = town.bots("reader");
  const first = await town.answer(bots.listBots({ pageSize: 2 }));
  assert.deepEqual(
    first.bots.map(({ botId }) => botId),
    ["a", "b"],
  );
  const second = await town.answer(bots.listBots({ pageSize: 2, pageToken: first.nextPageToken }));
  assert.deepEqual([second.bots.map(({ botId }) => botId), second.nextPageToken], [["c"], ""]);
});

test("GRID-47 the preview lists the orders the bot has, and what a text without a bot would place", async (t) => {
  const town = await startBotTown(t, 2);
  await trading(town, "a", 0);
  const bots = town.bots("reader");
  const own = await town.answer(bots.previewBot({ botId: "a" }));
  assert.equal(own.orders.length, 3);
  assert.ok((own.totals?.gapTicks ?? 0) >= 600);
  const prices = own.orders.map(({ price }) => price?.value ?? "");
  assert.deepEqual(prices, prices.toSorted().toReversed());
  const other = await town.answer(bots.previewBot({ config: botText("other", 1) }));
  assert.equal(other.orders.length, 3);
  const losing = await town.answer(bots.previewBot({ config: botText("other", 1, { interval: '"20"' }) }));
  assert.deepEqual([losing.orders, losing.findings[0]?.passed], [[], false]);
});

test("GRID-25 the slots show every order of the ladder with its prices, highest first", async (t) => {
  const town = await startBotTown(t, 1);
  await trading(town, "a", 0);
  const { slots, ref, anchor, windowLow, windowHigh } = await town.answer(town.bots("reader").getSlots({ botId: "a" }));
  const live = slots.filter(({ state }) => state === SlotState.LIVE);
  assert.ok(live.length >= 3);
  assert.ok(live.every(({ order, entryPrice }) => order?.price?.value === entryPrice?.value));
  assert.ok(ref !== undefined && anchor !== undefined);
  assert.ok((windowLow?.value ?? "") < (windowHigh?.value ?? ""));
});

test("DUR-69 an order is explained: why it was placed, what it saw, every check, and what became of it", async (t) => {
  const town = await startBotTown(t, 1);
  await trading(town, "a", 0);
  await town.world.untilTrue(() => (botOf(town.process, "a").state?.ledger.fills ?? 0) > 0, 3_600_000);
  const reader = botOf(town.process, "a").openReader();
  const filled = [...reader.records(0)].find(({ kind, type }) => type === "event" && kind === "fill");
  reader.close();
  assert.ok(filled !== undefined);
  const fill = decodeEvent(filled);
  assert.ok(fill.kind === "fill" && fill.clientOrderId !== null);
  const bots = town.bots("reader");
  const told = await town.answer(bots.explainOrder({ clientOrderId: fill.clientOrderId }));
  assert.equal(told.steps[0]?.kind, "place");
  assert.equal(told.steps[0]?.facts["because"], "entry.window");
  assert.match(told.steps[0]?.facts["position"] ?? "", /^-?\d+\.\d{3}$/);
  assert.match(told.steps.map(({ text }) => text).join("\n"), /^filled 0\.\d{3} C0 at \d+\.\d USDT, maker, trade /m);
  assert.ok(told.riskChecks.length >= 16 && told.riskChecks.every(({ passed }) => passed));
  assert.equal(told.fills[0]?.tradeId, fill.tradeId);
  assert.ok(told.postings.length > 0);
  assert.deepEqual(await town.answer(bots.explainOrder({ tradeId: fill.tradeId })), told);
  assert.deepEqual(await town.answer(bots.explainOrder({ orderId: fill.exchangeOrderId })), told);
  const missing = await town.refusal(bots.explainOrder({ orderId: "no such order" }));
  assert.equal(missing.status, "NOT_FOUND");
});

test("GRID-46 the bot as it was: the same as when it was there, by number and by time", async (t) => {
  const town = await startBotTown(t, 1);
  await trading(town, "a", 0);
  const bots = town.bots("reader");
  const bot = botOf(town.process, "a");
  const sequence = bot.state?.seq ?? 0;
  const orders = [...(bot.state?.orders.keys() ?? [])].sort();
  const atMs = bot.state?.nowMs ?? 0;
  await town.world.run(30_000);
  const then = await town.answer(bots.getStateAt({ botId: "a", sequence }));
  assert.equal(then.sequence, sequence);
  assert.deepEqual(then.orders.map(({ clientOrderId }) => clientOrderId).sort(), orders);
  assert.equal(then.event?.sequence, sequence);
  assert.ok(then.book !== undefined && then.position?.size?.value !== undefined);
  const byTime = await town.answer(bots.getStateAt({ botId: "a", atMs }));
  assert.deepEqual(byTime, then);
  const future = await town.refusal(bots.getStateAt({ botId: "a", sequence: 999_999_999 }));
  assert.equal(future.status, "NOT_FOUND");
  const curve = await town.answer(bots.getPnlCurve({ botIds: ["a"] }));
  assert.ok(curve.points.length > 3 && curve.points.every(({ net, drawdown }) => net && drawdown));
});
