// What a connection is told (live.md sections 4 and 6): which news reach whom, what is asked for, and what memory
// keeps.

import assert from "node:assert/strict";
import { test } from "node:test";
import { DEMO_INSTRUMENT, DEMO_OF } from "./demo-feed.fixture.ts";
import type { ClassicMessage, ConsoleOrder } from "./messages.ts";
import { type MemoryWire, openStage } from "./stage.fixture.ts";

const classicOf = (wire: MemoryWire): readonly ClassicMessage[] =>
  wire.texts.map((text) => JSON.parse(text) as ClassicMessage);

test("TEST-35 a position that was closed is told to who comes later as to who was there: flat", () => {
  const stage = openStage();
  const position = { symbol: "BTCUSDT", entryPrice: "1", unrealizedPnL: "0" };
  for (const amount of ["1", "0.00"]) stage.picture.position(DEMO_OF, { ...position, amount });
  const wire = stage.wire();
  stage.hub.joinConsole(wire);
  stage.pass(300);
  const amounts = wire.messages().flatMap((each) => (each.type === "position" ? [each.data.amount] : []));
  assert.deepEqual(amounts, ["0"]);
});

test("LIVE-13 a value that is no plain decimal is not sent to classic connections", () => {
  const stage = openStage();
  stage.feed.begin(1);
  for (const amount of ["NaN", "1e5", 'value:"1"', "null", "+1", "01", ""]) {
    const wire = stage.wire();
    stage.hub.joinClassic(wire, { name: "", exchange: "" });
    const before = wire.texts.length;
    stage.picture.position(DEMO_OF, { symbol: "BTCUSDT", amount, entryPrice: "1", unrealizedPnL: "0" });
    stage.pass(300);
    assert.deepEqual(wire.closed, { code: 1011, reason: "fault" }, amount);
    assert.equal(wire.texts.length, before);
    stage.picture.position(DEMO_OF, { symbol: "BTCUSDT", amount: "1", entryPrice: "1", unrealizedPnL: "0" });
    stage.pass(300);
  }
});

test("LIVE-01 a classic connection that comes before the first source is opened when the instrument is known", () => {
  const stage = openStage();
  const wire = stage.wire();
  stage.hub.joinClassic(wire, { name: "BTCUSDT", exchange: "" });
  stage.pass(5_000);
  assert.deepEqual(wire.texts, []);
  stage.feed.begin(2);
  stage.pass(1_000);
  assert.deepEqual(
    classicOf(wire)
      .slice(0, 4)
      .map(({ type }) => type),
    ["history", "orders", "account", "position"],
  );
});

test("LIVE-12 orders without the exchange's id, or with unknown outcome, are not shown to classic connections", () => {
  const stage = openStage();
  stage.picture.instruments("demo", [DEMO_INSTRUMENT]);
  const wire = stage.wire();
  stage.hub.joinClassic(wire, { name: "", exchange: "" });
  const order: ConsoleOrder = {
    id: "",
    price: "100",
    side: "BUY",
    status: "NEW",
    type: "LIMIT",
    symbol: "BTCUSDT",
    exchange: DEMO_OF.exchange,
    clientOrder: "b1x",
    bot: DEMO_OF.bot,
    qty: "1",
    filled: "0",
    slot: "1",
    foreign: false,
    unknown: false,
    reduceOnly: false,
    at: 1,
  };
  const tell = (changes: object): void => stage.picture.order({ of: DEMO_OF, order: { ...order, ...changes } });
  tell({});
  tell({ id: "77", unknown: true });
  assert.equal(wire.texts.length, 3);
  tell({ id: "77" });
  tell({ id: "77", filled: "0.5", status: "PARTIALLY_FILLED" });
  tell({ id: "77", filled: "0.6", status: "PARTIALLY_FILLED" });
  tell({ id: "77", filled: "1", status: "FILLED", gone: true });
  tell({ id: "77", filled: "0", status: "NEW" });
  assert.deepEqual(wire.texts.slice(3), [
    '{"type":"orders","data":{"id":"77","price":"100.00","side":"BUY","status":"NEW","type":"LIMIT","symbol":"BTCUSDT"}}',
    '{"type":"orders","data":{"id":"77","price":"100.00","side":"BUY","status":"PARTIALLY_FILLED","type":"LIMIT","symbol":"BTCUSDT"}}',
    '{"type":"orders","data":{"id":"77","price":"100.00","side":"BUY","status":"FILLED","type":"LIMIT","symbol":"BTCUSDT"}}',
  ]);
});

test("LIVE-12 an order of the connector's life before is its bot's by the ladder, whichever is told first", () => {
  const stage = openStage();
  stage.feed.begin(30);
  const { picture } = stage;
  const [mine] = picture.orderBook.all();
  const ladder = picture.slotsOf.get(DEMO_OF.bot)?.slots;
  assert.ok(mine !== undefined && mine.order.slot !== "" && ladder !== undefined);
  const of = { ...DEMO_OF, bot: "" };
  const strange = { of, order: { ...mine.order, bot: "", slot: "", foreign: true } };
  const others = { of, order: { ...strange.order, id: "88", clientOrder: "web_1" } };
  const seen = (): object[] => picture.orderBook.all().map(({ order }) => order);
  const told = [mine.order, others.order];
  picture.orders(DEMO_OF.exchange, [strange, others]);
  assert.deepEqual(seen(), told);
  picture.orders(DEMO_OF.exchange, []);
  picture.slots(DEMO_OF, { ...ladder, slots: [] });
  picture.orders(DEMO_OF.exchange, [strange, others]);
  assert.deepEqual(seen(), [strange.order, others.order]);
  picture.slots(DEMO_OF, ladder);
  assert.deepEqual(seen(), told);
});

test("LIVE-14 a console subscribes and unsubscribes, asks for candles and for why; unknown fields are ignored", async () => {
  const stage = openStage();
  stage.feed.begin(30);
  for (let count = 0; count < 600; count += 1) stage.feed.tick();
  const wire = stage.wire();
  const seat = stage.hub.joinConsole(wire);
  const say = (request: object): void => seat.message(JSON.stringify({ ...request, news: true }));
  say({ type: "unsubscribe", topics: ["slots", "pnl"] });
  const from = wire.texts.length;
  stage.feed.tick();
  stage.pass(1000);
  const types = new Set(
    wire
      .messages()
      .slice(from)
      .map(({ type }) => type),
  );
  assert.equal(types.has("slots") || types.has("pnl"), false);
  assert.equal(types.has("bots"), true);
  say({ type: "subscribe", topics: ["slots"] });
  assert.equal(wire.messages().at(-1)?.type, "slots", "what is subscribed later is told as it stands");
  const [fill = assert.fail("the demonstration did not trade")] = stage.picture.fillBook.last(1);
  say({ type: "explain", requestId: "w1", id: fill.clientOrder });
  say({ type: "explain", requestId: "w2", id: "never-was" });
  say({ type: "candles", requestId: "c1", ...DEMO_OF, interval: "1m", before: 0, limit: 2 });
  await new Promise((resolve) => setImmediate(resolve));
  const answers = wire.messages().flatMap(({ type, data }) => (type === "explain" || type === "candles" ? [data] : []));
  const of = (id: string) => answers.find(({ requestId }) => requestId === id) ?? assert.fail(id);
  const why = of("w1");
  assert.ok("steps" in why && why.steps.length === 2 && why.fills[0]?.id === fill.id);
  assert.deepEqual(of("w2"), { requestId: "w2", error: "nothing is known of never-was" });
  const older = of("c1");
  assert.ok("candles" in older && older.candles.length === 2);
});

test("UI-10 a console that asks for a topic once a second gets the newest of each key, others as before", () => {
  const stage = openStage();
  stage.feed.begin(30);
  const [slow, other] = [stage.wire(), stage.wire()];
  const seat = stage.hub.joinConsole(slow);
  stage.hub.joinConsole(other);
  seat.message(JSON.stringify({ type: "subscribe", topics: ["slots"], perSecond: 1 }));
  const count = (wire: typeof slow): number => wire.messages().filter(({ type }) => type === "slots").length;
  const before = [count(slow), count(other)];
  for (let n = 0; n < 100; n += 1) {
    stage.feed.tick();
    stage.pass(100);
  }
  const [own, others] = [count(slow) - (before[0] ?? 0), count(other) - (before[1] ?? 0)];
  assert.ok(own >= 8 && own <= 11, `${own} in ten seconds`);
  assert.ok(others > 2 * own, `${others} for the other`);
  const last = (wire: typeof slow): unknown => wire.messages().findLast(({ type }) => type === "slots")?.data;
  stage.pass(2_000);
  assert.deepEqual(last(slow), last(other), "what is shown in the end is the newest");
});

test("UI-10 LIVE-10 a long configuration comes in parts and is previewed whole, up to a bound", async () => {
  const stage = openStage();
  stage.feed.begin(2);
  const wire = stage.wire();
  const seat = stage.hub.joinConsole(wire);
  const part = "# a comment that fills a line of a long file\n".repeat(60);
  const send = (requestId: string, parts: number): void => {
    for (let n = 0; n < parts; n += 1) {
      const request = { type: "preview", requestId, bot: DEMO_OF.bot, config: part, more: n < parts - 1 };
      seat.message(JSON.stringify(request));
    }
  };
  send("p1", 23);
  send("p2", 25);
  await new Promise((resolve) => setImmediate(resolve));
  const answers = wire.messages().filter(({ type }) => type === "preview" || type === "error");
  const [refused, told] = [
    answers.find(({ type }) => type === "error"),
    answers.find(({ type }) => type === "preview"),
  ];
  assert.ok(told?.type === "preview" && told.data.requestId === "p1");
  assert.ok(refused?.type === "error" && refused.data.requestId === "p2");
  assert.match(refused.data.message, /more than 64000 characters/);
});

test("LIVE-15 when a source is lost, feeds says so at once; after its new snapshot lists are sent whole", () => {
  const stage = openStage();
  stage.feed.begin(2);
  const wire = stage.wire();
  stage.hub.joinConsole(wire);
  stage.pass(3000);
  const from = wire.texts.length;
  const receivedMs = stage.clock.monotonicMs() - 3000;
  stage.picture.source({ name: "demo", state: "DOWN", receivedMs, lastAction: "refused, next try in 4 s" });
  stage.pass(1000);
  const [feeds] = wire
    .messages()
    .slice(from)
    .flatMap((each) => (each.type === "feeds" ? [each.data.feeds] : []));
  const source = feeds?.find(({ kind }) => kind === "SOURCE") ?? assert.fail();
  assert.deepEqual([source.state, source.ageMs, source.lastAction], ["DOWN", 3000, "refused, next try in 4 s"]);
  assert.ok(
    feeds?.every(({ state }) => state === "DOWN"),
    "the word of a lost source's feeds is worth nothing",
  );
  stage.picture.orders(DEMO_OF.exchange, []);
  const last = wire.messages().at(-1);
  assert.deepEqual([last?.type, last?.data], ["orders", { all: [] }]);
});

test("LIVE-04 memory is bounded: the oldest candles, fills, alerts, lines and points fall out first", () => {
  const { picture } = openStage();
  picture.instruments("demo", [DEMO_INSTRUMENT]);
  const of = { ...DEMO_OF, interval: "1m" };
  for (let index = 1; index <= 6000; index += 1) {
    const price = "1";
    picture.candle(of, { time: index * 60, open: price, high: price, low: price, close: price, volume: "1" });
    picture.fill({
      id: `f${index}`,
      ...DEMO_OF,
      side: "BUY",
      price,
      qty: "1",
      quote: "1",
      fee: "0",
      feeAsset: "",
      maker: true,
      realized: "",
      order: "",
      clientOrder: "",
      cycle: false,
      at: index,
    });
    picture.curve(DEMO_OF.bot, [[index, "0", "0", "0", "0", "0"]]);
    picture.log([{ at: index, level: "info", process: "p", code: "", text: "", fields: {} }]);
    picture.alert("demo", {
      id: `a${index}`,
      code: "c",
      severity: "INFO",
      bot: "",
      title: "",
      text: "",
      facts: {},
      done: "",
      todo: "",
      at: index,
      resolvedAt: 0,
    });
  }
  const counts = [
    picture.candleBooks.get(`${DEMO_OF.exchange}|${DEMO_OF.symbol}|1m`)?.book.last(9999).length,
    picture.fillBook.last(9999).length,
    picture.alertBook.last(9999).length,
    picture.logLines.length,
    picture.curveOf.get(DEMO_OF.bot)?.length,
  ];
  assert.deepEqual(counts, [1000, 2000, 500, 1000, 5000]);
  assert.equal(picture.fillBook.last(9999)[0]?.id, "f4001");
  picture.fill({ ...(picture.fillBook.last(1)[0] ?? assert.fail()), id: "f1", at: 1 });
  assert.equal(picture.fillBook.last(9999)[0]?.id, "f4001", "what fell out does not come back as news");
});

test("a door or an instrument that comes later is told in another hello, once", () => {
  const stage = openStage();
  const wire = stage.wire();
  stage.hub.joinConsole(wire);
  stage.pass(3000);
  stage.feed.begin(1);
  stage.picture.doors("demo", [{ bot: DEMO_OF.bot, url: "http://127.0.0.1:8080" }]);
  stage.pass(5000);
  const hellos = wire.messages().flatMap((each) => (each.type === "hello" ? [each.data] : []));
  assert.equal(hellos.length, 2);
  assert.deepEqual(hellos[1]?.doors, [{ bot: DEMO_OF.bot, url: "http://127.0.0.1:8080" }]);
  assert.deepEqual([hellos[1]?.instruments.length, hellos[1]?.demo], [1, true]);
  const types = wire.messages().map(({ type }) => type);
  assert.equal(types[types.lastIndexOf("hello") + 1], "ready");
});
