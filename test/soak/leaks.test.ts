// Leak tests in short form (TEST-25): subscriptions and connections come and go and leave nothing behind; a hundred
// fills in one turn are booked once each. The compressed soak is the long form.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { probe } from "../../src/engine/probe.fixture.ts";
import { addStrategy } from "../../src/engine/strategies.ts";
import { DepthChain, type WholeLevel } from "../../src/exchange/ccxt/streams/depth-chain.ts";
import type { ExchangePort } from "../../src/exchange/port.ts";
import { RemotePort } from "../../src/exchange/remote.ts";
import { SimulatedPort } from "../../src/exchange/simulated.ts";
import { World as HostWorld, START_MS } from "../../src/host/bench.fixture.ts";
import { lots, ticks } from "../../src/market/amounts.ts";
import { streamStage, until } from "../ccxt/stream-stage.ts";
import { RemoteStage } from "../contract/exchange-remote.ts";
import { ACCOUNT, makeWorld, SYMBOL, type World } from "../contract/exchange-stage.ts";
import { HEAP_MB_MAX, handlesDown, heapMb } from "./heap.ts";

addStrategy(probe);

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const cycle = async (port: ExchangePort): Promise<void> => {
  const heard = { count: 0 };
  const end = port.subscribe({ symbol: SYMBOL, candleInterval: "1m", bookIntervalMs: 10 }, () => {
    heard.count += 1;
  });
  await turn();
  end();
};

function worldOf(context: TestContext): World {
  const world = makeWorld({});
  context.after(() => world.driver.stop());
  return world;
}

test("TEST-25 a thousand subscriptions of the simulated exchange leave neither heap nor sessions", async (context) => {
  const world = worldOf(context);
  const port = new SimulatedPort(world.driver, { account: ACCOUNT, marks: true, trades: true });
  context.after(() => port.close());
  for (let i = 0; i < 50; i += 1) await cycle(port);
  const [before, sessions] = [heapMb(), world.exchange.connections];
  for (let i = 0; i < 1_000; i += 1) await cycle(port);
  const grown = heapMb() - before;
  assert.ok(grown < HEAP_MB_MAX, `${grown} MB`);
  assert.equal(world.exchange.connections, sessions);
});

test("TEST-25 subscriptions and connections over gRPC leave neither heap nor handles nor streams", async (context) => {
  const world = worldOf(context);
  const stage = await RemoteStage.open(world);
  context.after(() => stage.close());
  const port = await stage.port();
  for (let i = 0; i < 5; i += 1) await cycle(port);
  await turn();
  const [before, handles, sessions] = [heapMb(), process.getActiveResourcesInfo().length, world.exchange.connections];
  for (let i = 0; i < 100; i += 1) await cycle(port);
  for (let i = 0; i < 20; i += 1) {
    const connection = await stage.connect();
    const other = new RemotePort(connection, { botId: `bot${i}`, epoch: () => 1, tag: "" });
    await cycle(other);
    await other.closed();
    await connection.close();
  }
  await handlesDown(handles + 4);
  const grown = heapMb() - before;
  assert.ok(grown < HEAP_MB_MAX, `${grown} MB`);
  assert.equal(world.exchange.connections, sessions);
});

test("TEST-25 OPS-55 subscriptions and ten reconnects of a ccxt port end with the handles they began with", {
  timeout: 60_000,
}, async (context) => {
  const times = { redialWaitsMs: [5, 5, 5], dialGapMs: 1, judgeMs: 10, ordersPollMs: 100, lingerMs: 10 } as const;
  const stage = await streamStage(context, { times });
  const isUp = (): boolean => stage.health.findLast(({ subject }) => subject === "orders")?.state === "live";
  await until("the stream lives", () => isUp() && stage.sockets() >= 2);
  const request = { symbol: SYMBOL, candleInterval: "1m", bookIntervalMs: 10 } as const;
  const again = async (): Promise<void> => {
    stage.port.subscribe(request, () => undefined)();
    await turn();
  };
  const reconnect = async (): Promise<void> => {
    const seen = stage.health.length;
    stage.closeSockets(1001);
    await until("it was noticed", () => stage.health.slice(seen).some(({ state }) => state === "down"));
    await until("the stream lives again", () => isUp() && stage.sockets() >= 2);
  };
  for (let i = 0; i < 3; i += 1) await reconnect();
  const [before, handles, sockets] = [heapMb(), process.getActiveResourcesInfo().length, stage.sockets()];
  for (let i = 0; i < 10; i += 1) await reconnect();
  for (let i = 0; i < 200; i += 1) await again();
  await handlesDown(handles + 4);
  await until("sockets are as many as before", () => stage.sockets() <= sockets);
  const grown = heapMb() - before;
  assert.ok(grown < HEAP_MB_MAX, `${grown} MB`);
});

test("TEST-25 a hundred fills that come at once, each twice, are booked once each, in one turn", () => {
  const world = new HostWorld();
  const { host } = world.running();
  const fillsOfTurns: number[] = [];
  host.observe(({ events }) => void fillsOfTurns.push(events.filter(({ kind }) => kind === "fill").length));
  const [order] = world.village.open();
  assert.ok(order !== undefined, "the probe has an order");
  const before = host.state.ledger.fills;
  const big = { ...order, quantity: lots(order.quantity + 1_000), cumulative: lots(0) };
  const position = host.state.ledger.position;
  for (let n = 0; n < 100; n += 1) world.village.fill(big, 1);
  // and each of them a second time
  for (const fill of world.village.fills.slice(-100)) world.village.tell(fill);
  // the loop is busy while they come
  world.clock.runUntil((world.clock.nowMs() + 100) * 1000);
  world.run(1_000);
  assert.equal(host.state.ledger.fills - before, 100);
  assert.equal(Math.max(...fillsOfTurns), 100);
  assert.equal(Math.abs(host.state.ledger.position - position), 100);
  assert.ok(world.clock.nowMs() > START_MS && ticks(1) > 0);
});

test("TEST-25 a thousand books at once are one event: the newest, with what it replaced", () => {
  const world = new HostWorld();
  const { host } = world.running();
  const books: { readonly bid: number; readonly replaced: number }[] = [];
  host.observe(({ events }) => {
    for (const event of events) {
      if (event.kind === "book") books.push({ bid: event.bids[0]?.[0] ?? 0, replaced: event.replaced });
    }
  });
  for (let n = 1; n <= 1_000; n += 1) world.village.book(300_000 + (n % 7));
  // the loop is busy while they come
  world.clock.runUntil((world.clock.nowMs() + 100) * 1000);
  world.run(1_000);
  assert.deepEqual(books[0], { bid: 300_000 + (1_000 % 7) - 1, replaced: 999 });
});

test("TEST-25 fifty books that change ten times a second leave no heap behind in an hour", () => {
  const changesOfEach = 10 * 3_600;
  const chains = Array.from({ length: 50 }, () => new DepthChain());
  for (const chain of chains) chain.begin({ last: 0, bids: [[999, 1]], asks: [[1_001, 1]], atMs: 0 });
  const change = (from: number, to: number): void => {
    for (let last = from; last < to; last += 1) {
      for (const [i, chain] of chains.entries()) {
        // levels come and go on both sides of a middle that wanders
        const middle = 1_000 + ((last + i) % 400);
        const told = { first: last + 1, last: last + 1, previous: last, atMs: last };
        const bids: WholeLevel[] = [[middle - 401 - (last % 5), last % 3]];
        assert.equal(chain.change({ ...told, bids, asks: [[middle + 401 + (last % 5), (last + 1) % 3]] }), "applied");
      }
    }
  };
  change(0, changesOfEach / 2);
  const before = heapMb();
  change(changesOfEach / 2, changesOfEach);
  const grown = heapMb() - before;
  assert.ok(grown < HEAP_MB_MAX, `${grown} MB`);
  assert.ok(chains.every((chain) => chain.broken === null && chain.best("buy") > 0));
});
