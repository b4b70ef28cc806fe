// What a hostile or careless caller may send to BotService: each request gets its own refusal, and nothing of it is in
// registry or journal.

import assert from "node:assert/strict";
import { test } from "node:test";
import { BotServiceDefinition } from "../../rpc/generated/opensqt/market_maker/v1/bot.ts";
import type { Leg, Severity } from "../../rpc/generated/opensqt/market_maker/v1/types.ts";
import { phaseOf } from "../fleet/bot-view.ts";
import { botOf, botText, symbolOf } from "../fleet/fleet.fixture.ts";
import { type Bots, type BotTown, messagesOf, startBotTown } from "./bot-service.fixture.ts";

const reason = "why not";
const long = (length: number): string => "x".repeat(length);

/** `[what is wrong, call, status]`; "a" is stopped, "run" runs, "none" is nobody. */
type Row = readonly [what: string, call: (bots: Bots, town: BotTown) => Promise<unknown>, status: string];

const streamed =
  (open: (bots: Bots) => AsyncIterable<unknown>): Row[1] =>
  (bots, town) =>
    messagesOf(town, open(bots), () => true);

const badIds: readonly (readonly [string, string])[] = [
  ["no id", ""],
  ["an id with capitals", "Bot"],
  ["an id that climbs", "../a"],
  ["an id beyond all bounds", long(100_000)],
  ["an id with a zero", "a\u0000"],
];

const withId = (name: string, call: (bots: Bots, botId: string) => Promise<unknown>): Row[] => [
  ...badIds.map(([what, id]): Row => [`${name}: ${what}`, (bots) => call(bots, id), "INVALID_ARGUMENT"]),
  [`${name}: nobody's id`, (bots) => call(bots, "none"), "NOT_FOUND"],
];

const config = botText("fresh", 2);

const ROWS: readonly Row[] = [
  ...withId("GetBot", (bots, botId) => bots.getBot({ botId })),
  ...withId("StartBot", (bots, botId) => bots.startBot({ botId, reason })),
  ...withId("PauseBot", (bots, botId) => bots.pauseBot({ botId, reason })),
  ...withId("ResumeBot", (bots, botId) => bots.resumeBot({ botId, reason })),
  ...withId("StopBot", (bots, botId) => bots.stopBot({ botId, reason })),
  ...withId("FlattenBot", (bots, botId) => bots.flattenBot({ botId, reason })),
  ...withId("DeleteBot", (bots, botId) => bots.deleteBot({ botId, reason })),
  ...withId("UpdateBot", (bots, botId) => bots.updateBot({ botId, reason, config, revision: 1 })),
  ...withId("SendCommand", (bots, botId) => bots.sendCommand({ botId, reason, name: "adopt" })),
  ...withId("GetSlots", (bots, botId) => bots.getSlots({ botId })),
  ...withId("GetStateAt", (bots, botId) => bots.getStateAt({ botId, sequence: 1 })),

  ["StartBot: no reason", (bots) => bots.startBot({ botId: "a" }), "INVALID_ARGUMENT"],
  ["StartBot: a blank reason", (bots) => bots.startBot({ botId: "a", reason: "  " }), "INVALID_ARGUMENT"],
  ["StopBot: a novel for a reason", (bots) => bots.stopBot({ botId: "run", reason: long(201) }), "INVALID_ARGUMENT"],
  ["PauseBot: a reason with a bell", (bots) => bots.pauseBot({ botId: "run", reason: "\u0007" }), "INVALID_ARGUMENT"],
  ["PauseBot: a leg nobody has", (bots) => bots.pauseBot({ botId: "run", reason, leg: 9 as Leg }), "INVALID_ARGUMENT"],
  ["PauseBot: of a stopped bot", (bots) => bots.pauseBot({ botId: "a", reason }), "FAILED_PRECONDITION"],
  ["ResumeBot: of a stopped bot", (bots) => bots.resumeBot({ botId: "a", reason }), "FAILED_PRECONDITION"],
  ["FlattenBot: of a stopped bot", (bots) => bots.flattenBot({ botId: "a", reason }), "FAILED_PRECONDITION"],
  [
    "StopBot: another policy",
    (bots) => bots.stopBot({ botId: "run", reason, cancelOnExit: "some" }),
    "INVALID_ARGUMENT",
  ],
  ["DeleteBot: of a running bot", (bots) => bots.deleteBot({ botId: "run", reason }), "FAILED_PRECONDITION"],

  ["CreateBot: no text", (bots) => bots.createBot({ botId: "fresh", reason }), "INVALID_ARGUMENT"],
  ["CreateBot: no YAML", (bots) => bots.createBot({ botId: "fresh", reason, config: "{[" }), "INVALID_ARGUMENT"],
  [
    "CreateBot: an alias bomb",
    (bots) => bots.createBot({ botId: "fresh", reason, config: "a: &a [1]\nb: *a" }),
    "INVALID_ARGUMENT",
  ],
  [
    "CreateBot: another id in the text",
    (bots) => bots.createBot({ botId: "other", reason, config }),
    "INVALID_ARGUMENT",
  ],
  [
    "CreateBot: a secret of ours",
    (bots) => bots.createBot({ botId: "fresh", reason, config: `${config}\nbudget: "\${HOME}"` }),
    "INVALID_ARGUMENT",
  ],
  [
    "CreateBot: an endless text",
    (bots) => bots.createBot({ botId: "fresh", reason, config: long(200_001) }),
    "INVALID_ARGUMENT",
  ],
  [
    "CreateBot: more than a message holds",
    (bots) => bots.createBot({ botId: "fresh", reason, config: long(5_000_000) }),
    "RESOURCE_EXHAUSTED",
  ],
  [
    "CreateBot: there already",
    (bots) => bots.createBot({ botId: "a", reason, config: botText("a", 2) }),
    "ALREADY_EXISTS",
  ],
  [
    "CreateBot: another's instrument",
    (bots) => bots.createBot({ botId: "fresh", reason, config: botText("fresh", 0) }),
    "FAILED_PRECONDITION",
  ],
  [
    "CreateBot: no such instrument",
    (bots) => bots.createBot({ botId: "fresh", reason, config: botText("fresh", 77) }),
    "UNAVAILABLE",
  ],
  [
    "UpdateBot: no revision",
    (bots) => bots.updateBot({ botId: "run", reason, config: botText("run", 1) }),
    "INVALID_ARGUMENT",
  ],
  [
    "UpdateBot: a revision to come",
    (bots) => bots.updateBot({ botId: "run", reason, config: botText("run", 1), revision: 2 }),
    "ABORTED",
  ],
  [
    "UpdateBot: another instrument",
    (bots) => bots.updateBot({ botId: "run", reason, config: botText("run", 2), revision: 1 }),
    "FAILED_PRECONDITION",
  ],

  ["SendCommand: no name", (bots) => bots.sendCommand({ botId: "run", reason }), "INVALID_ARGUMENT"],
  [
    "SendCommand: a name of objects",
    (bots) => bots.sendCommand({ botId: "run", reason, name: "constructor" }),
    "INVALID_ARGUMENT",
  ],
  ["SendCommand: no argument", (bots) => bots.sendCommand({ botId: "run", reason, name: "adopt" }), "INVALID_ARGUMENT"],
  [
    "SendCommand: one too many",
    (bots) => bots.sendCommand({ botId: "run", reason, name: "reanchor", args: { price: "1.0", now: "1" } }),
    "INVALID_ARGUMENT",
  ],
  [
    "SendCommand: off the tick",
    (bots) => bots.sendCommand({ botId: "run", reason, name: "reanchor", args: { price: "60000.05" } }),
    "INVALID_ARGUMENT",
  ],
  [
    "SendCommand: a float",
    (bots) => bots.sendCommand({ botId: "run", reason, name: "adopt", args: { quantity: "1e-3x" } }),
    "INVALID_ARGUMENT",
  ],
  [
    "SendCommand: nothing at all",
    (bots) => bots.sendCommand({ botId: "run", reason, name: "adopt", args: { quantity: "0" } }),
    "INVALID_ARGUMENT",
  ],
  [
    "SendCommand: no leg",
    (bots) => bots.sendCommand({ botId: "run", reason, name: "write_off", args: { quantity: "0.001", leg: "X" } }),
    "INVALID_ARGUMENT",
  ],
  [
    "SendCommand: a gate of the engine",
    (bots) => bots.sendCommand({ botId: "run", reason, name: "clearGate", args: { gate: "operator" } }),
    "FAILED_PRECONDITION",
  ],
  [
    "SendCommand: to a stopped bot",
    (bots) => bots.sendCommand({ botId: "a", reason, name: "relattice" }),
    "FAILED_PRECONDITION",
  ],

  ["ListBots: a page too large", (bots) => bots.listBots({ pageSize: 1_001 }), "INVALID_ARGUMENT"],
  ["ListBots: a made-up token", (bots) => bots.listBots({ pageToken: "AAAA" }), "INVALID_ARGUMENT"],
  ["PreviewBot: nothing given", (bots) => bots.previewBot({}), "INVALID_ARGUMENT"],
  ["PreviewBot: nobody's bot", (bots) => bots.previewBot({ botId: "none" }), "NOT_FOUND"],
  ["PreviewBot: no YAML", (bots) => bots.previewBot({ config: "{[" }), "INVALID_ARGUMENT"],
  ["ExplainOrder: no id", (bots) => bots.explainOrder({}), "INVALID_ARGUMENT"],
  ["ExplainOrder: two ids", (bots) => bots.explainOrder({ orderId: "1", tradeId: "2" }), "INVALID_ARGUMENT"],
  [
    "ExplainOrder: an id of a book's length",
    (bots) => bots.explainOrder({ orderId: long(10_000) }),
    "INVALID_ARGUMENT",
  ],
  ["ExplainOrder: nobody's order", (bots) => bots.explainOrder({ clientOrderId: "o1" }), "NOT_FOUND"],
  ["GetStateAt: no instant", (bots) => bots.getStateAt({ botId: "a" }), "INVALID_ARGUMENT"],
  [
    "GetStateAt: two instants",
    (bots) => bots.getStateAt({ botId: "a", sequence: 1, atMs: 1_700_000_000_000 }),
    "INVALID_ARGUMENT",
  ],
  ["GetStateAt: seconds", (bots) => bots.getStateAt({ botId: "a", atMs: 1_700_000_000 }), "INVALID_ARGUMENT"],
  [
    "GetStateAt: before there was anything",
    (bots) => bots.getStateAt({ botId: "a", atMs: 1_000_000_000_001 }),
    "NOT_FOUND",
  ],
  [
    "GetPnlCurve: backwards",
    (bots) => bots.getPnlCurve({ fromMs: 1_700_000_000_001, toMs: 1_700_000_000_000 }),
    "INVALID_ARGUMENT",
  ],
  ["GetPnlCurve: a negative step", (bots) => bots.getPnlCurve({ stepMs: -1 }), "INVALID_ARGUMENT"],
  ["StartWhatIf: without a text", (bots) => bots.startWhatIf({ botId: "a" }), "INVALID_ARGUMENT"],
  ["StartWhatIf: nobody's bot", (bots) => bots.startWhatIf({ botId: "none", config: "x: 1" }), "NOT_FOUND"],
  ["StartWhatIf: no configuration", (bots) => bots.startWhatIf({ botId: "a", config: "{" }), "INVALID_ARGUMENT"],
  ["GetWhatIf: nothing", (bots) => bots.getWhatIf({}), "INVALID_ARGUMENT"],
  ["GetWhatIf: both", (bots) => bots.getWhatIf({ jobId: "1", botId: "a" }), "INVALID_ARGUMENT"],
  ["GetWhatIf: never begun", (bots) => bots.getWhatIf({ jobId: "999" }), "NOT_FOUND"],
  ["GetWhatIf: nobody's bot", (bots) => bots.getWhatIf({ botId: "none" }), "NOT_FOUND"],
  ["CancelWhatIf: never begun", (bots) => bots.cancelWhatIf({ jobId: "999" }), "NOT_FOUND"],

  ["SubscribeSlots: nobody's bot", streamed((bots) => bots.subscribeSlots({ botId: "none" })), "NOT_FOUND"],
  [
    "SubscribeSlots: a token",
    streamed((bots) => bots.subscribeSlots({ botId: "a", resumeToken: "AAAA" })),
    "OUT_OF_RANGE",
  ],
  ["SubscribeBots: a token", streamed((bots) => bots.subscribeBots({ resumeToken: "AAAA" })), "OUT_OF_RANGE"],
  [
    "SubscribeBots: an endless list",
    streamed((bots) => bots.subscribeBots({ botIds: Array.from({ length: 201 }, () => "a") })),
    "INVALID_ARGUMENT",
  ],
  ["SubscribeEvents: nobody's bot", streamed((bots) => bots.subscribeEvents({ botId: "none" })), "NOT_FOUND"],
  [
    "SubscribeEvents: a number to come",
    streamed((bots) => bots.subscribeEvents({ botId: "a", fromSequence: 999_999 })),
    "INVALID_ARGUMENT",
  ],
  [
    "SubscribeEvents: no kind",
    streamed((bots) => bots.subscribeEvents({ botId: "a", kinds: ["'; DROP TABLE record"] })),
    "INVALID_ARGUMENT",
  ],
  [
    "SubscribeEvents: two beginnings",
    streamed((bots) => bots.subscribeEvents({ botId: "a", fromSequence: 1, resumeToken: "AAAA" })),
    "INVALID_ARGUMENT",
  ],
  [
    "SubscribeLogs: a level nobody has",
    streamed((bots) => bots.subscribeLogs({ levelMin: 77 as Severity })),
    "INVALID_ARGUMENT",
  ],
  [
    "SubscribeLogs: a token of another life",
    streamed((bots) => bots.subscribeLogs({ resumeToken: "AAAA" })),
    "OUT_OF_RANGE",
  ],
];

test("API-02 API-11 hostile requests get the right status and leave no trace in registry and journal", async (t) => {
  const town = await startBotTown(t, 3);
  const bots = town.bots();
  for (const [botId, n] of [
    ["a", 0],
    ["run", 1],
  ] as const) {
    await town.answer(bots.createBot({ botId, config: botText(botId, n), reason }));
    await town.answer(bots.startBot({ botId, reason }));
    await town.world.untilTrue(() => phaseOf(botOf(town.process, botId)) === "RUNNING");
  }
  await town.answer(bots.stopBot({ botId: "a", reason }));
  await town.world.untilTrue(() => phaseOf(botOf(town.process, "a")) === "STOPPED");
  const { fleet } = town.process;
  const changes = fleet.registry.history().length;
  const commands = countCommands(town);
  const sequence = botOf(town.process, "a").state?.seq;
  for (const [what, call, status] of ROWS) {
    const refusal = await town.refusal(call(bots, town));
    assert.equal(refusal.status, status, `${what}: ${refusal.message.slice(0, 200)}`);
    assert.ok(refusal.message.length < 2_000, what);
  }
  assert.equal(fleet.registry.history().length, changes);
  assert.equal(countCommands(town), commands);
  assert.equal(botOf(town.process, "a").state?.seq, sequence);
  assert.deepEqual(
    fleet.bots().map((bot) => [bot.id, phaseOf(bot), bot.record.instruments[0]]),
    [
      ["a", "STOPPED", symbolOf(0)],
      ["run", "RUNNING", symbolOf(1)],
    ],
  );
});

const countCommands = (town: BotTown): number =>
  [...(botOf(town.process, "run").journal?.records(0) ?? [])].filter(({ kind }) => kind === "command").length;

test("API-02 every call of BotService stands in the table of hostile requests", () => {
  const tried = new Set(ROWS.map(([what]) => what.split(":")[0]));
  // in an empty request nothing can be wrong
  const missing = Object.values(BotServiceDefinition.methods).filter(
    ({ name, requestType }) => !tried.has(name) && Object.keys(requestType.create({})).length > 0,
  );
  assert.deepEqual(
    missing.map(({ name }) => name),
    [],
  );
});
