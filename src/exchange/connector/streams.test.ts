// Streams of a connector on 127.0.0.1: one upstream whatever the number of subscribers, snapshots before updates, and
// the truth about the exchange.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { RemoteStage } from "../../../test/contract/exchange-remote.ts";
import { ACCOUNT, makeWorld, SYMBOL, type WorldOptions } from "../../../test/contract/exchange-stage.ts";
import {
  FeedKind,
  FeedState,
  OrderSide,
  OrderStatus,
  OrderType,
  StreamKind,
  TimeInForce,
} from "../../rpc/generated/opensqt/market_maker/v1/types.ts";
import { refusedBy } from "../../rpc/village.fixture.ts";
import type { StreamMessage } from "../port.ts";
import { SimulatedPort } from "../simulated.ts";
import { Heard, isEnd } from "./heard.fixture.ts";

async function stageFor(t: TestContext, options: WorldOptions = {}, more: Parameters<typeof RemoteStage.open>[1] = {}) {
  const world = makeWorld(options);
  const stage = await RemoteStage.open(world, more);
  t.after(async () => {
    await stage.close();
    world.driver.stop();
  });
  return { world, stage, trader: stage.exchange("trader") };
}

const order = (clientOrderId: string, price = "59999.0") => ({
  symbol: SYMBOL,
  side: OrderSide.BUY,
  type: OrderType.LIMIT,
  timeInForce: TimeInForce.GTC,
  quantity: { value: "0.005" },
  price: { value: price },
  postOnly: true,
  clientOrderId,
});

/** Resolves once the exchange has as many connections' subscriptions as said. */
async function subscribedTo(stage: RemoteStage, count: number): Promise<void> {
  while (stage.connector.status.upstreamSubscriptions !== count) await new Promise((resolve) => setImmediate(resolve));
}

test("API-15 EXCH-49 twenty subscribers cost one upstream subscription, freed within a second", async (t) => {
  const { world, stage } = await stageFor(t);
  assert.equal(stage.connector.status.upstreamSubscriptions, 0);
  const clients = Array.from({ length: 20 }, () => stage.exchange("reader"));
  const books = clients.map((client) => new Heard((signal) => client.subscribeBook({ symbols: [SYMBOL] }, { signal })));
  const orders = clients.map((client) => new Heard((signal) => client.subscribeOrders({}, { signal })));
  await Promise.all(books.map((stream) => stream.until(({ book }) => book !== undefined)));
  await Promise.all(orders.map((stream) => stream.until(isEnd)));
  assert.equal(stage.connector.status.upstreamSubscriptions, 1);
  assert.equal(world.exchange.market(SYMBOL).publisher.count, 1);
  assert.equal(world.exchange.connections, 1);
  await Promise.all([...books, ...orders].map((stream) => stream.leave()));
  const leftMs = performance.now();
  await subscribedTo(stage, 0);
  assert.ok(performance.now() - leftMs < 3_000, "the upstream was let go long after the last one left");
  assert.equal(world.exchange.market(SYMBOL).publisher.count, 0);
});

test("API-16 orders: open orders as a snapshot, its end, then every change under the next number", async (t) => {
  const { world, trader } = await stageFor(t);
  await trader.getBook({ symbol: SYMBOL });
  await trader.placeOrder(order("o1"));
  const stream = new Heard((signal) => trader.subscribeOrders({ symbols: [SYMBOL] }, { signal }));
  await stream.until(isEnd);
  assert.deepEqual(
    stream.all.map(({ meta, update }) => [meta?.kind, update?.order?.clientOrderId, update?.order?.status]),
    [
      [StreamKind.SNAPSHOT, "o1", OrderStatus.NEW],
      [StreamKind.SNAPSHOT_END, undefined, undefined],
    ],
  );
  const before = stream.all[1]?.meta?.sequence ?? -1;
  await trader.placeOrder(order("o2", "60000.0"));
  await stream.until(({ update }) => update?.order?.clientOrderId === "o2");
  world.market.say("sold 600000x9");
  const filled = await stream.until(({ update }) => update?.order?.status === OrderStatus.FILLED);
  assert.equal(filled.update?.order?.avgPrice?.value, "60000");
  const fill = stream.all.find(({ update }) => update?.lastFill !== undefined)?.update?.lastFill;
  assert.deepEqual(
    [fill?.clientOrderId, fill?.price?.value, fill?.fee?.value, fill?.origin],
    ["o2", "60000.0", "0.06", "own"],
  );
  const numbers = stream.all.slice(2).flatMap(({ meta }) => (meta?.kind === StreamKind.UPDATE ? [meta.sequence] : []));
  assert.deepEqual(
    numbers,
    numbers.map((_, i) => before + 1 + i),
  );
  await stream.leave();
});

test("API-19 a lossless stream continues after its token; another life's is out of range", async (t) => {
  const { trader } = await stageFor(t);
  await trader.getBook({ symbol: SYMBOL });
  const keeper = new Heard((signal) => trader.subscribeOrders({}, { signal }));
  const first = new Heard((signal) => trader.subscribeOrders({}, { signal }));
  await first.until(isEnd);
  await keeper.until(isEnd);
  await trader.placeOrder(order("o1"));
  const told = await first.until(({ update }) => update?.order?.clientOrderId === "o1");
  await first.leave();
  await trader.placeOrder(order("o2"));
  await keeper.until(({ update }) => update?.order?.clientOrderId === "o2");
  const resumeToken = told.meta?.resumeToken ?? "";
  const second = new Heard((signal) => trader.subscribeOrders({ resumeToken }, { signal }));
  await second.until(({ update }) => update?.order?.clientOrderId === "o2");
  assert.deepEqual(second.kinds(), [StreamKind.UPDATE]);
  const stranger = Buffer.from("deadbeef:1:orders").toString("base64url");
  for (const token of [stranger, "nonsense", "x".repeat(150)]) {
    const lost = new Heard((signal) => trader.subscribeOrders({ resumeToken: token }, { signal }));
    const refusal = await refusedBy(lost.until(() => true));
    assert.deepEqual([refusal.status, refusal.reason], ["OUT_OF_RANGE", "OVERRUN"]);
  }
  await Promise.all([keeper.leave(), second.leave()]);
});

test("API-20 a lost upstream ends no stream: heartbeats say stale, then comes a fresh snapshot", async (t) => {
  const { world, stage } = await stageFor(t);
  const stream = new Heard((signal) => stage.exchange("reader").subscribeBook({ symbols: [SYMBOL] }, { signal }));
  const feeds = new Heard((signal) => stage.exchange("reader").subscribeFeeds({}, { signal }));
  await stream.until(isEnd);
  world.market.say("broken");
  const beat = await stream.until(({ meta }) => meta?.kind === StreamKind.HEARTBEAT);
  assert.equal(beat.meta?.upstream, FeedState.STALE);
  const said = await feeds.until(({ feed }) => feed?.kind === FeedKind.BOOK && feed.state === FeedState.STALE);
  assert.equal(said.feed?.symbol, SYMBOL);
  world.market.say("book 500000x7 / 500003x9");
  const end = await stream.until(isEnd);
  assert.equal(end.meta?.upstream, FeedState.LIVE);
  const fresh = await stream.until(({ book }) => book !== undefined);
  assert.equal(fresh.book?.bids[0]?.price?.value, "50000.0");
  await Promise.all([stream.leave(), feeds.leave()]);
});

test("API-21 a hundred rounds of subscribing and leaving leave nothing behind", async (t) => {
  const { world, stage } = await stageFor(t);
  const client = stage.exchange("reader");
  for (let round = 0; round < 100; round += 1) {
    const streams = [
      new Heard((signal) => client.subscribePrice({ symbols: [SYMBOL] }, { signal })),
      new Heard((signal) => client.subscribeAccount({}, { signal })),
      new Heard((signal) => client.subscribePositions({}, { signal })),
    ];
    await Promise.all(streams.map((stream) => stream.until(() => true)));
    await Promise.all(streams.map((stream) => stream.leave()));
  }
  await subscribedTo(stage, 0);
  assert.equal(world.exchange.market(SYMBOL).publisher.count, 0);
});

test("API-20 a server that stops ends its streams with SHUTDOWN", async (t) => {
  const world = makeWorld();
  const stage = await RemoteStage.open(world);
  t.after(() => world.driver.stop());
  const stream = new Heard((signal) => stage.exchange("reader").subscribeBook({ symbols: [SYMBOL] }, { signal }));
  await stream.until(isEnd);
  const ended = refusedBy(stream.until(() => false));
  await stage.server.stop();
  assert.equal((await ended).reason, "SHUTDOWN");
  await stage.close();
});

test("API-31 a private stream whose first read fails is DOWN, and so is the service until it works", async (t) => {
  const { world, stage } = await stageFor(t);
  const failing = world.exchange.faults.hit.bind(world.exchange.faults);
  let broken = true;
  world.exchange.faults.hit = (name) => (broken && name === "readUnavailable" ? true : failing(name));
  const stream = new Heard((signal) => stage.exchange("reader").subscribeOrders({}, { signal }));
  const beat = await stream.until(({ meta }) => meta?.upstream === FeedState.DOWN);
  assert.equal(beat.meta?.kind, StreamKind.HEARTBEAT);
  assert.equal(stage.health.of("")?.health, "not-serving");
  assert.match(stage.connector.health.reason, /order stream of simulated is down/);
  broken = false;
  await stream.until(isEnd);
  assert.equal(stage.health.of("")?.health, "serving");
  await stream.leave();
});

test("EXCH-29 a change of an instrument's rules is told on the feeds, and by GetSymbolInfo", async (t) => {
  const { world, stage, trader } = await stageFor(t);
  const feeds = new Heard((signal) => trader.subscribeFeeds({}, { signal }));
  await feeds.until(isEnd);
  const book = new Heard((signal) => trader.subscribeBook({ symbols: [SYMBOL] }, { signal }));
  await book.until(isEnd);
  world.exchange.market(SYMBOL).setStatus("cancel-only");
  const said = await feeds.until(({ symbolInfo }) => symbolInfo !== undefined);
  assert.equal(said.symbolInfo?.status, "cancel-only");
  assert.equal((await trader.getSymbolInfo({ symbol: SYMBOL })).info?.status, "cancel-only");
  assert.deepEqual((await trader.fetchExchangeInfo({})).changed, []);
  assert.ok(stage.connector.status.symbols.includes(SYMBOL));
  await Promise.all([feeds.leave(), book.leave()]);
});

test("API-13 hostile fields of subscriptions are refused before anything is taken upstream", async (t) => {
  const { stage } = await stageFor(t);
  const client = stage.exchange("reader");
  const long = "x".repeat(300);
  const calls: (() => AsyncIterable<unknown>)[] = [
    () => client.subscribeBook({ symbols: ["NONE/USDT"] }),
    () => client.subscribeBook({ symbols: [SYMBOL], depth: 51 }),
    () => client.subscribeBook({ symbols: [SYMBOL], depth: -1 }),
    () => client.subscribePrice({ symbols: [""] }),
    () => client.subscribePrice({ symbols: Array.from({ length: 1_001 }, () => SYMBOL) }),
    () => client.subscribeKlines({ symbols: [SYMBOL], interval: "7m" }),
    () => client.subscribeTrades({ symbols: ["NONE"] }),
    () => client.subscribeTrades({ symbols: [SYMBOL], resumeToken: "x".repeat(20_000) }),
    () => client.subscribeFundingRate({ symbols: ["../../etc/passwd"] }),
    () => client.subscribeOrders({ tag: "a b" }),
    () => client.subscribeOrders({ resumeToken: long }),
    () => client.subscribeAccount({ exchange: "nasdaq" }),
    () => client.subscribePositions({ symbols: ["\u0000"] }),
    () => client.subscribeFeeds({ resumeToken: long }),
  ];
  for (const [i, call] of calls.entries()) {
    const refusal = await refusedBy(call()[Symbol.asyncIterator]().next());
    assert.equal(refusal.status, "INVALID_ARGUMENT", `${i}: ${refusal.message}`);
  }
  assert.equal(stage.connector.status.upstreamSubscriptions, 0);
});

/** A port whose own streams say what a test wants. */
class SayingPort extends SimulatedPort {
  private readonly listeners = new Set<(message: StreamMessage) => void>();

  override subscribe(...[request, listener]: Parameters<SimulatedPort["subscribe"]>): () => void {
    this.listeners.add(listener);
    const end = super.subscribe(request, listener);
    return () => {
      this.listeners.delete(listener);
      end();
    };
  }

  orders(state: "stale" | "fresh"): void {
    for (const tell of this.listeners) tell({ kind: "feed", feed: "orders", state });
  }
}

test("EXCH-23 orders the exchange calls stale are not alive for who comes while the book goes on", async (t) => {
  const world = makeWorld();
  const port = new SayingPort(world.driver, { account: ACCOUNT });
  const stage = await RemoteStage.open(world, { port });
  t.after(async () => {
    await stage.close();
    world.driver.stop();
  });
  const reader = stage.exchange("reader");
  const book = new Heard((signal) => reader.subscribeBook({ symbols: [SYMBOL] }, { signal }));
  await book.until(({ book: told }) => told !== undefined);
  const first = new Heard((signal) => reader.subscribeOrders({}, { signal }));
  await first.until(isEnd);
  port.orders("stale");
  await first.until(({ meta }) => meta?.upstream === FeedState.STALE);
  await first.leave();
  // the last one that needed orders is gone, the instrument's subscription is not
  for (;;) {
    const feeds = new Heard((signal) => reader.subscribeFeeds({}, { signal }));
    await feeds.until(isEnd);
    await feeds.leave();
    if (feeds.all.every(({ feed }) => feed?.kind !== FeedKind.ORDERS)) break;
  }
  const second = new Heard((signal) => reader.subscribeOrders({}, { signal }));
  await second.until(({ meta }) => meta?.upstream === FeedState.STALE);
  assert.ok(second.all.every(({ meta }) => meta?.upstream !== FeedState.LIVE));
  port.orders("fresh");
  await second.until(({ meta }) => meta?.upstream === FeedState.LIVE);
  await Promise.all([book.leave(), second.leave()]);
});
