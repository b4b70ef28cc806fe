// The life of a connection (live.md section 4) on virtual time: paces, pings, slow readers, floods, faults, the end.

import assert from "node:assert/strict";
import { test } from "node:test";
import { DEMO_OF } from "./demo-feed.fixture.ts";
import type { ClassicMessage } from "./messages.ts";
import { type MemoryWire, openStage, type Stage } from "./stage.fixture.ts";

const classicOf = (wire: MemoryWire): readonly ClassicMessage[] =>
  wire.texts.map((text) => JSON.parse(text) as ClassicMessage);

/** Fills and orders without a pause: nothing in it may be left out. */
function flood(stage: Stage, events: number): void {
  for (let index = 0; index < events; index += 1) {
    stage.picture.alert("demo", {
      id: `a${index}`,
      code: "flood",
      severity: "INFO",
      bot: "",
      title: "t",
      text: "t",
      facts: {},
      done: "",
      todo: "",
      at: index,
      resolvedAt: 0,
    });
  }
}

test("LIVE-02 a slow reader is ended alone with 1013 when 256 events wait for it; the others miss nothing", async () => {
  const stage = openStage();
  stage.feed.begin(1);
  const [slow, quick] = [stage.wire(), stage.wire()];
  stage.hub.joinConsole(slow);
  stage.hub.joinConsole(quick);
  const before = quick.texts.length;
  slow.stopUp();
  flood(stage, 258);
  assert.equal(slow.closed, null);
  flood(stage, 0);
  stage.picture.fill({
    id: "one-more",
    bot: "",
    exchange: DEMO_OF.exchange,
    symbol: DEMO_OF.symbol,
    side: "BUY",
    price: "1",
    qty: "1",
    quote: "1",
    fee: "0",
    feeAsset: "USDT",
    maker: true,
    realized: "",
    order: "",
    clientOrder: "",
    cycle: false,
    at: 1,
  });
  assert.deepEqual(slow.closed, { code: 1013, reason: "slow" });
  assert.equal(quick.closed, null);
  assert.equal(quick.texts.length - before, 258 + 2);
  assert.match(await stage.metrics.text(), /opensqt_ws_slow_total 1\n/);
  stage.pass(2000);
  assert.equal(slow.destroyed, true, "a reader that does not take its last words is cut");
});

test("latest values never fill a buffer: a reader that sleeps through them gets the newest of each", () => {
  const stage = openStage();
  stage.feed.begin(1);
  const wire = stage.wire();
  stage.hub.joinConsole(wire);
  wire.stopUp();
  const [{ bot } = assert.fail()] = [...stage.picture.botsOf.values()];
  for (let count = 1; count <= 180; count += 1) {
    stage.picture.bot("demo", { ...bot, sequence: count });
    stage.pass(50);
  }
  wire.unstop();
  stage.pass(300);
  assert.equal(wire.closed, null);
  const told = wire
    .messages()
    .flatMap((each) => (each.type === "bots" && "sequence" in each.data ? [each.data.sequence] : []));
  assert.equal(told.at(-1), 180);
  assert.ok(told.length < 10, `${told.length} of 180 changes were sent`);
});

test("klines go out at most 10 times a second, ladders 4 times, and the close of a candle is never left out", () => {
  const stage = openStage();
  stage.feed.begin(1);
  const wire = stage.wire();
  stage.hub.joinClassic(wire, { name: "", exchange: "" });
  const console = stage.wire();
  stage.hub.joinConsole(console);
  const of = { ...DEMO_OF, interval: "1m" };
  const candle = (time: number, close: number) => {
    return { time, open: "1.00", high: "99.00", low: "1.00", close: `${close}.00`, volume: "1" };
  };
  const base = Math.floor(stage.clock.nowMs() / 60_000) * 60 + 600;
  const slots = stage.picture.slotsOf.get(DEMO_OF.bot)?.slots ?? assert.fail();
  for (let change = 0; change < 100; change += 1) {
    stage.picture.candle(of, candle(base, change % 50));
    stage.picture.slots(DEMO_OF, slots);
    stage.pass(10);
  }
  stage.picture.candle(of, candle(base, 77));
  stage.picture.candle(of, candle(base + 60, 78));
  stage.pass(500);
  const klines = classicOf(wire).flatMap((each) => (each.type === "kline" ? [each.data] : []));
  assert.ok(klines.length <= 14, `${klines.length} klines in a second and a half`);
  assert.deepEqual(
    klines
      .slice(-2)
      .map(({ close }) => close)
      .sort(),
    ["77.00", "78.00"],
  );
  const ladders = console.messages().filter(({ type }) => type === "slots").length;
  assert.ok(ladders <= 1 + 7, `${ladders} ladders in a second and a half`);
});

test("the server pings every 54 s, and ends a client of which nothing was heard for 60 s", () => {
  const stage = openStage();
  const [alive, dead] = [stage.wire(), stage.wire()];
  const seat = stage.hub.joinConsole(alive);
  stage.hub.joinConsole(dead);
  stage.pass(55_000);
  assert.equal(alive.pings.length, 1);
  seat.heard();
  stage.pass(6_000);
  assert.equal(alive.closed, null);
  assert.deepEqual(dead.closed, { code: 1008, reason: "silent" });
  stage.pass(50_000);
  assert.equal(alive.pings.length, 2);
});

test("a write that does not end within 10 s ends its client", () => {
  const stage = openStage();
  stage.feed.begin(1);
  const wire = stage.wire();
  const seat = stage.hub.joinConsole(wire);
  wire.stopUp();
  flood(stage, 1);
  stage.pass(9_000);
  seat.heard();
  assert.equal(wire.closed, null);
  stage.pass(2_000);
  assert.deepEqual(wire.closed, { code: 1013, reason: "slow" });
});

test("a client that floods is closed with 1008 rate, one that talks nonsense with 1008 messages", () => {
  const stage = openStage();
  const [loud, silly] = [stage.wire(), stage.wire()];
  const seat = stage.hub.joinClassic(loud, { name: "", exchange: "" });
  for (let count = 0; count < 200; count += 1) seat.message("{}");
  assert.equal(loud.closed, null, "classic clients may say anything, up to a burst of 200");
  seat.message("{}");
  assert.deepEqual(loud.closed, { code: 1008, reason: "rate" });
  const other = stage.hub.joinConsole(silly);
  for (const text of [
    "",
    "{",
    "[]",
    "null",
    "7",
    '{"type":"order"}',
    '{"type":"subscribe"}',
    '{"type":"explain"}',
    "\u0000",
  ]) {
    other.message(text);
  }
  assert.equal(silly.closed, null);
  const errors = silly.messages().flatMap((each) => (each.type === "error" ? [each.data.code] : []));
  assert.deepEqual(
    errors,
    Array.from({ length: 9 }, () => "BAD_MESSAGE"),
  );
  other.message("x");
  assert.deepEqual(silly.closed, { code: 1008, reason: "messages" });
});

test("what throws while one client is told closes that client with 1011 and no other", () => {
  const stage = openStage();
  stage.feed.begin(1);
  const [bad, good] = [stage.wire(), stage.wire()];
  stage.hub.joinConsole(bad);
  stage.hub.joinConsole(good);
  bad.send = () => {
    throw new Error("the socket is in no state to write");
  };
  flood(stage, 1);
  assert.deepEqual(bad.closed, { code: 1011, reason: "fault" });
  assert.equal(good.messages().at(-1)?.type, "alerts");
  assert.equal(stage.hub.count, 1);
});

test("the end: consoles are told bye, all are closed with 1001, and nothing is sent afterwards", () => {
  const stage = openStage();
  stage.feed.begin(1);
  const [console, classic] = [stage.wire(), stage.wire()];
  stage.hub.joinConsole(console);
  stage.hub.joinClassic(classic, { name: "", exchange: "" });
  stage.hub.stop();
  const last = console.messages().at(-1);
  assert.deepEqual([last?.type, last?.data], ["bye", { code: 1001, reason: "going" }]);
  assert.deepEqual([console.closed?.code, classic.closed?.code], [1001, 1001]);
  const count = console.texts.length + classic.texts.length;
  stage.feed.tick();
  stage.pass(2000);
  assert.equal(console.texts.length + classic.texts.length, count);
  assert.deepEqual([console.destroyed, classic.destroyed], [true, true]);
});
