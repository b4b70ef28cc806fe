// The private stream of the ccxt port when it does not do what it should: silence, lost events, expired keys, a
// socket whose end is known. Waits are compressed by configuration; what follows what is not.

import assert from "node:assert/strict";
import { test } from "node:test";
import { isLive, kindOf, SPOT, type StreamStage, streamStage, USDM, until } from "./stream-stage.ts";

const FAST = {
  redialWaitsMs: [20, 30, 50],
  dialGapMs: 5,
  ordersPollMs: 100,
  ordersSuspectMs: 150,
  ordersStaleMs: 300,
  probeGraceMs: 100,
  accountPauseMs: 20,
  judgeMs: 10,
} as const;

const BUY = "buy 599000 x 5";

const wordsOf = ({ told }: StreamStage, wanted: "orders" | "account"): string[] =>
  kindOf(told, "feed").flatMap(({ feed, state }) => (feed === wanted ? [state] : []));
const ordersFeed = (stage: StreamStage): string[] => wordsOf(stage, "orders");

const whyStale = ({ health }: StreamStage): string =>
  health.filter(({ subject, state }) => subject === "orders" && state === "stale").at(-1)?.text ?? "";

const ownSockets = ({ emulator }: StreamStage): readonly number[] =>
  emulator.control.sockets().flatMap(({ path, id }) => (/private|ws-api/.test(path) ? [id] : []));

const fill = (stage: StreamStage, clientOrderId: string, symbol = USDM.symbol): void => {
  assert.equal(stage.operator.fill("demo", { symbol, clientOrderId, quantity: "0.005" }), null);
};

test("EXCH-22 EXCH-23 an acknowledged order the stream is silent about makes it stale; it is polled, then replaced", {
  timeout: 30_000,
}, async (context) => {
  const stage = await streamStage(context, { times: { ...FAST, ordersProbeMs: 60_000 } });
  await until("the private stream lives", () => isLive(stage));
  const [before] = ownSockets(stage);
  stage.inject("silentStall", { parameters: { streams: "user", answersPing: true } });
  const placed = await stage.hands.place(BUY);
  await until("stale", () => ordersFeed(stage).at(-1) === "stale");
  assert.match(whyStale(stage), /acknowledged order was not heard of/);
  fill(stage, placed.id);
  await until("the fill", () => kindOf(stage.told, "fill").length === 1);
  await until("the stream lives on another socket", () => isLive(stage));
  assert.notDeepEqual(ownSockets(stage), [before]);
  // no risk before the own socket has lived either
  assert.deepEqual(ordersFeed(stage), ["stale", "fresh", "stale", "fresh"]);
  const ends = kindOf(stage.told, "order").filter(({ status }) => status === "filled");
  assert.deepEqual(
    ends.map(({ clientOrderId }) => clientOrderId),
    [placed.id],
  );
});

test("EXCH-22 a fill the stream left out is told by the probe, and the stream is stale for it", {
  timeout: 30_000,
}, async (context) => {
  const stage = await streamStage(context, { times: { ...FAST, ordersProbeMs: 300 } });
  await until("the private stream lives", () => isLive(stage));
  const placed = await stage.hands.place(BUY);
  await until("the acknowledgement", () => kindOf(stage.told, "order").length === 1);
  stage.inject("dropEvent", { parameters: { kind: "ORDER_TRADE_UPDATE" }, times: 1 });
  fill(stage, placed.id);
  await until("the fill all the same", () => kindOf(stage.told, "fill").length === 1);
  await until("stale", () => ordersFeed(stage).lastIndexOf("stale") > ordersFeed(stage).indexOf("fresh"));
  assert.match(whyStale(stage), /the stream did not tell/);
  await until("the stream lives again", () => ordersFeed(stage).at(-1) === "fresh" && isLive(stage));
  assert.equal(kindOf(stage.told, "fill").length, 1);
});

test("EXCH-19 EXCH-44 a fill the stream left out is told though a later one was heard before the next read", {
  timeout: 30_000,
}, async (context) => {
  const stage = await streamStage(context, { times: { ...FAST, ordersProbeMs: 1_000, fillOverlapMs: 20 } });
  await until("the private stream lives", () => isLive(stage));
  const [first, second] = [await stage.hands.place(BUY), await stage.hands.place(BUY)];
  await until("both acknowledgements", () => kindOf(stage.told, "order").length === 2);
  stage.inject("dropEvent", { parameters: { kind: "ORDER_TRADE_UPDATE" }, times: 1 });
  fill(stage, first.id);
  const droppedAtMs = Date.now();
  await until("more than the overlap has passed", () => Date.now() > droppedAtMs + 100);
  fill(stage, second.id);
  await until("both fills", () => kindOf(stage.told, "fill").length === 2);
  const ids = kindOf(stage.told, "fill").map(({ clientOrderId }) => clientOrderId);
  assert.deepEqual(new Set(ids), new Set([first.id, second.id]));
});

for (const market of [USDM, SPOT]) {
  test(`EXCH-23 ${market.protocol}: orders and account are stale until the own socket stands and all was read`, {
    timeout: 30_000,
  }, async (context) => {
    const stage = await streamStage(context, { market, times: FAST });
    stage.inject("slow", { parameters: { ms: 100 } });
    await until("the word of orders", () => ordersFeed(stage).length > 0);
    assert.deepEqual([ordersFeed(stage), isLive(stage), isLive(stage, "socket own")], [["stale"], false, false]);
    await until("fresh", () => ordersFeed(stage).length > 1);
    assert.deepEqual([ordersFeed(stage), ownSockets(stage).length], [["stale", "fresh"], 1]);
    await until("the account's word", () => wordsOf(stage, "account").length > 1);
    assert.deepEqual(wordsOf(stage, "account"), ["stale", "fresh"]);
    const of = (wanted: string): number => stage.health.findIndex(({ subject }) => subject === wanted);
    assert.ok(of("socket own") >= 0 && of("socket own") < of("orders"));
    assert.ok(
      stage.health.every(({ subject, state }) => subject !== "orders" || state === "live"),
      "nobody is alarmed",
    );
  });
}

test("EXCH-23 who subscribes while the own socket is not yet there hears that it is stale, and then that it lives", {
  timeout: 30_000,
}, async (context) => {
  const stage = await streamStage(context, { times: FAST });
  const late: string[] = [];
  stage.port.subscribe({ symbol: USDM.symbol, candleInterval: null, bookIntervalMs: 10 }, (message) => {
    if (message.kind === "feed" && message.feed === "orders") late.push(message.state);
  });
  await until("both heard", () => late.length === 2 && ordersFeed(stage).length === 2);
  assert.deepEqual(
    [late, ordersFeed(stage)],
    [
      ["stale", "fresh"],
      ["stale", "fresh"],
    ],
  );
  // who comes once it lives has nothing to be told
  const later: string[] = [];
  const placed = await new Promise<void>((resolve) => {
    stage.port.subscribe({ symbol: USDM.symbol, candleInterval: null, bookIntervalMs: 10 }, (message) => {
      if (message.kind === "feed" && message.feed === "orders") later.push(message.state);
      if (message.kind === "book") resolve();
    });
  });
  assert.equal(placed, undefined);
  assert.deepEqual(later, []);
});

for (const announced of [true, false]) {
  test(`EXCH-45 a key that expires ${announced ? "with a word" : "in silence"} brings another key and socket at once`, {
    timeout: 30_000,
  }, async (context) => {
    // a redial after its wait would take a minute: it has to be at once
    const stage = await streamStage(context, { times: { ...FAST, redialWaitsMs: [60_000], keyRenewMs: 400 } });
    await until("the private stream lives", () => isLive(stage));
    const [before] = ownSockets(stage);
    const resting = await stage.hands.place(BUY);
    stage.inject("listenKeyExpiry", { parameters: { announced } });
    await until("another socket", () => ownSockets(stage).some((id) => id !== before));
    fill(stage, resting.id);
    await until("the fill", () => kindOf(stage.told, "fill").length === 1);
    await until("the stream lives", () => isLive(stage));
    const next = await stage.hands.place(BUY);
    await until("its acknowledgement by the new socket", () =>
      kindOf(stage.told, "order").some((order) => order.clientOrderId === next.id && order.source === "stream"),
    );
  });
}

for (const market of [USDM, SPOT]) {
  test(`EXCH-43 ${market.protocol}: a socket is replaced before its end, and nobody is told that anything was stale`, {
    timeout: 30_000,
  }, async (context) => {
    const stage = await streamStage(context, { market, times: { ...FAST, socketLifeMs: 250 } });
    await until("the private stream lives", () => isLive(stage));
    await until("the book lives", () => isLive(stage, `book ${market.symbol}`));
    const [first] = ownSockets(stage);
    const ids: string[] = [];
    for (let i = 0; i < 12; i += 1) {
      const placed = await stage.hands.place(market === USDM ? BUY : "buy 5990000 x 5");
      ids.push(placed.id);
      fill(stage, placed.id, market.symbol);
      await until("its end", () => kindOf(stage.told, "fill").length === ids.length);
    }
    const replaced = (of: string): number =>
      stage.health.filter(({ subject, text }) => subject === `socket ${of}` && text === "replaced before its end")
        .length;
    const links = market === USDM ? ["own", "public", "market"] : ["own", "market"];
    await until("replacements of each socket", () => links.every((link) => replaced(link) >= 2));
    await until("the first one is gone", () => !ownSockets(stage).includes(first ?? -1));
    assert.deepEqual(
      kindOf(stage.told, "fill").map(({ clientOrderId }) => clientOrderId),
      ids,
    );
    assert.deepEqual(
      stage.health.filter(({ state }) => state === "stale" || state === "down"),
      [],
    );
  });
}

test("EXCH-52 keys that were read again log in on a new socket, and nothing is stale for it", {
  timeout: 30_000,
}, async (context) => {
  const stage = await streamStage(context, {});
  await until("the private stream lives", () => isLive(stage));
  const [before] = ownSockets(stage);
  await stage.port.settings?.reloadCredentials();
  await until("another socket alone", () => ownSockets(stage).length === 1 && ownSockets(stage)[0] !== before);
  const placed = await stage.hands.place(BUY);
  await until("its acknowledgement", () =>
    kindOf(stage.told, "order").some((each) => each.clientOrderId === placed.id),
  );
  assert.deepEqual(ordersFeed(stage), ["stale", "fresh"]);
});

test("EXCH-20 EXCH-49 subscribers share sockets, and the last one that leaves frees them within a second", {
  timeout: 30_000,
}, async (context) => {
  const stage = await streamStage(context, {});
  await until("everything lives", () => isLive(stage) && isLive(stage, `book ${USDM.symbol}`));
  await until("the mark socket", () => stage.sockets() === 3);
  const request = { symbol: USDM.symbol, candleInterval: "1m", bookIntervalMs: 10 } as const;
  const books: number[] = Array.from({ length: 20 }, () => 0);
  const ends = books.map((_, i) =>
    stage.port.subscribe(request, (message) => {
      if (message.kind === "book") books[i] = (books[i] ?? 0) + 1;
    }),
  );
  await until("a book for each", () => books.every((count) => count > 0));
  assert.equal(stage.sockets(), 3);
  stage.end();
  for (const end of ends) end();
  await until("no socket", () => stage.sockets() === 0, 1_000);
});

test("EXCH-37 a foreign order is told under its own id and a liquidation's fill with its origin", {
  timeout: 30_000,
}, async (context) => {
  const stage = await streamStage(context, {});
  await until("the private stream lives", () => isLive(stage));
  const order = { symbol: USDM.symbol, side: "buy" as const, lots: 5, price: 599_000, clientOrderId: "web_abc" };
  assert.equal(stage.operator.foreignOrder("demo", order), null);
  await until("the order", () => kindOf(stage.told, "order").some((each) => each.clientOrderId === "web_abc"));
  fill(stage, "web_abc");
  await until("its fill", () => kindOf(stage.told, "fill").length === 1);
  assert.equal(stage.operator.liquidate("demo", USDM.symbol), null);
  await until("the liquidation", () => kindOf(stage.told, "fill").some(({ origin }) => origin === "liquidation"));
});
