// Leak tests in short form (TEST-25): subscriptions and connections come and go and leave nothing behind; a hundred
// fills in one turn are booked once each. The compressed soak is the long form.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { probe } from "../../src/engine/probe.fixture.ts";
import { addStrategy } from "../../src/engine/strategies.ts";
import type { ExchangePort } from "../../src/exchange/port.ts";
import { RemotePort } from "../../src/exchange/remote.ts";
import { SimulatedPort } from "../../src/exchange/simulated.ts";
import { World as HostWorld, START_MS } from "../../src/host/bench.fixture.ts";
import { lots, ticks } from "../../src/market/amounts.ts";
import { streamStage, until } from "../ccxt/stream-stage.ts";
import { RemoteStage } from "../contract/exchange-remote.ts";
import { ACCOUNT, makeWorld, SYMBOL, type World } from "../contract/exchange-stage.ts";
import { collect } from "../fuzz/oracle.ts";

addStrategy(probe);

const MB = 1024 * 1024;
/** TEST-25. */
const HEAP_MB_MAX = 5;

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function heapMb(): number {
  collect();
  collect();
  return process.memoryUsage().heapUsed / MB;
}

/** Handles that are neither pipes of the test's own nor about to go. */
async function handlesDown(to: number): Promise<number> {
  let now = Number.POSITIVE_INFINITY;
  await until("handles are back to the start", () => {
    now = process.getActiveResourcesInfo().length;
    return now <= to;
  });
  return now;
}

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

test("TEST-25 a hundred fills that come at once, each twice, are booked once each", () => {
  const world = new HostWorld();
  const { host } = world.running();
  const [order] = world.village.open();
  assert.ok(order !== undefined, "the probe has an order");
  const before = host.state.ledger.fills;
  const big = { ...order, quantity: lots(order.quantity + 1_000), cumulative: lots(0) };
  const position = host.state.ledger.position;
  for (let n = 0; n < 100; n += 1) world.village.fill(big, 1);
  // and each of them a second time
  for (const fill of world.village.fills.slice(-100)) world.village.tell(fill);
  world.run(1_000);
  assert.equal(host.state.ledger.fills - before, 100);
  assert.equal(Math.abs(host.state.ledger.position - position), 100);
  assert.ok(world.clock.nowMs() > START_MS && ticks(1) > 0);
});
