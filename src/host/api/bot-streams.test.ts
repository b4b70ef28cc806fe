// Streams of BotService over real gRPC: bots and slots as they change, the journal as it grows, the log as it is
// written.

import assert from "node:assert/strict";
import { test } from "node:test";
import { BotPhase, Severity, StreamKind } from "../../rpc/generated/opensqt/market_maker/v1/types.ts";
import { botOf, botText } from "../fleet/fleet.fixture.ts";
import { messagesOf, startBotTown } from "./bot-service.fixture.ts";

const reason = "a trial of the grid";

test("API-16 a stream of bots begins with all of them, then says what changed and who came", async (t) => {
  const town = await startBotTown(t, 3, { seeds: [botText("a", 0), botText("b", 1)] });
  for (const n of [0, 1]) await town.world.untilTrue(() => town.world.open(n) >= 3);
  const bots = town.bots();
  let asked = false;
  const told = await messagesOf(town, bots.subscribeBots({}), (all) => {
    if (!asked && all.at(-1)?.meta?.kind === StreamKind.SNAPSHOT_END) {
      asked = true;
      void bots.createBot({ botId: "c", config: botText("c", 2), reason });
    }
    return all.some(({ bot }) => bot?.botId === "c");
  });
  assert.deepEqual(
    told.slice(0, 3).map(({ meta, bot }) => [meta?.kind, bot?.botId]),
    [
      [StreamKind.SNAPSHOT, "a"],
      [StreamKind.SNAPSHOT, "b"],
      [StreamKind.SNAPSHOT_END, undefined],
    ],
  );
  assert.equal(told.at(-1)?.bot?.phase, BotPhase.CREATED);
});

test("API-18 a subscriber of one bot hears of that bot alone, and its changes are conflated", async (t) => {
  const town = await startBotTown(t, 2, { seeds: [botText("a", 0), botText("b", 1)] });
  for (const n of [0, 1]) await town.world.untilTrue(() => town.world.open(n) >= 3);
  const told = await messagesOf(town, town.bots("reader").subscribeBots({ botIds: ["b"] }), (all) => {
    return all.filter(({ meta }) => meta?.kind === StreamKind.UPDATE).length >= 2;
  });
  assert.ok(told.every(({ bot }) => bot === undefined || bot.botId === "b"));
  const updates = told.filter(({ meta }) => meta?.kind === StreamKind.UPDATE);
  assert.ok(updates.some(({ meta }) => (meta?.conflated ?? 0) > 0));
  const sequences = updates.map(({ bot }) => bot?.sequence ?? 0);
  assert.ok((sequences[1] ?? 0) > (sequences[0] ?? 0));
});

test("API-16 a stream of slots begins with the ladder as it stands", async (t) => {
  const town = await startBotTown(t, 1, { seeds: [botText("a", 0)] });
  await town.world.untilTrue(() => town.world.open(0) >= 3);
  const bots = town.bots("reader");
  const told = await messagesOf(town, bots.subscribeSlots({ botId: "a" }), (all) => {
    return all.at(-1)?.meta?.kind === StreamKind.UPDATE;
  });
  assert.equal(told[0]?.meta?.kind, StreamKind.SNAPSHOT);
  assert.ok((told[0]?.slots.length ?? 0) >= 3 && told[0]?.anchor !== undefined);
});

test("API-19 the journal is told record by record, and a token goes on where it stopped", async (t) => {
  const town = await startBotTown(t, 1, { seeds: [botText("a", 0)] });
  await town.world.untilTrue(() => town.world.open(0) >= 3);
  const bots = town.bots("reader");
  const { journal, state } = botOf(town.process, "a");
  const seq = state?.seq ?? 0;
  const kept = [...(journal?.records(0) ?? [])].filter(({ type }) => type === "event" || type === "effect");
  const whole = await messagesOf(town, bots.subscribeEvents({ botId: "a", fromSequence: 1 }), (all) => {
    return all.filter(({ record }) => record !== undefined).length >= kept.length;
  });
  const shown = whole.flatMap(({ record }) => record ?? []);
  assert.deepEqual(
    shown.slice(0, kept.length).map(({ sequence, kind, bodyJson }) => [sequence, kind, bodyJson]),
    kept.map(({ seq: sequence, kind, body }) => [sequence, kind, body]),
  );
  const middle = whole[Math.floor(whole.length / 2)];
  const rest = await messagesOf(
    town,
    bots.subscribeEvents({ botId: "a", resumeToken: middle?.meta?.resumeToken ?? "" }),
    (all) => {
      return all.filter(({ record }) => record !== undefined).length >= 3;
    },
  );
  const next = whole.slice(Math.floor(whole.length / 2) + 1);
  assert.deepEqual(rest.flatMap(({ record }) => record ?? [])[0], next.flatMap(({ record }) => record ?? [])[0]);
  const fresh = await messagesOf(town, bots.subscribeEvents({ botId: "a", kinds: ["book"] }), (all) => {
    return all.filter(({ record }) => record !== undefined).length >= 3;
  });
  assert.ok(fresh.every(({ record }) => record === undefined || (record.kind === "book" && record.sequence > seq)));
  const foreign = await town.refusal(
    messagesOf(
      town,
      bots.subscribeEvents({ botId: "a", resumeToken: Buffer.from("x/1").toString("base64url") }),
      () => false,
    ),
  );
  assert.deepEqual([foreign.status, foreign.reason], ["OUT_OF_RANGE", "OVERRUN"]);
});

test("API-21 a reader that leaves frees what it held; the journal goes on without it", async (t) => {
  const town = await startBotTown(t, 1, { seeds: [botText("a", 0)] });
  await town.world.untilTrue(() => town.world.open(0) >= 3);
  const bots = town.bots("reader");
  for (let round = 0; round < 50; round += 1) {
    await messagesOf(town, bots.subscribeEvents({ botId: "a" }), (all) => all.length > 0);
    await messagesOf(town, bots.subscribeBots({}), (all) => all.length > 0);
  }
  const reader = botOf(town.process, "a").openReader();
  assert.ok(reader.seq > 0);
  reader.close();
});

test("API-17 the log: what is kept first, then every line, with the number of those that were lost", async (t) => {
  const town = await startBotTown(t, 1);
  for (let n = 1; n <= 1_200; n += 1) town.log.say(n % 100 === 0 ? "error" : "info", `line ${n}`);
  const bots = town.bots("reader");
  let said = false;
  const told = await messagesOf(town, bots.subscribeLogs({ levelMin: Severity.ERROR }), (all) => {
    if (!said && all.at(-1)?.meta?.kind === StreamKind.SNAPSHOT_END) {
      said = true;
      town.log.say("info", "nobody asked for this");
      town.log.say("error", "the last line");
    }
    return all.at(-1)?.text === "the last line";
  });
  assert.equal(told.filter(({ meta }) => meta?.kind === StreamKind.SNAPSHOT).length, 10);
  assert.equal(told[0]?.text, "line 300");
  assert.equal(told[0]?.meta?.conflated, 200, "lines that the ring had dropped before");
  const token = told.at(-1)?.meta?.resumeToken ?? "";
  town.log.say("error", "after the token");
  const rest = await messagesOf(town, bots.subscribeLogs({ resumeToken: token }), (all) => all.at(-1)?.text !== "");
  assert.equal(rest.at(-1)?.text, "after the token");
});
