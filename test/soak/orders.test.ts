// A thousand orders a second for a minute (TEST-25), twice: through the host of a bot and its journal on simulated
// time, and over gRPC to a connector, there as fast as the wire takes them.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { CONFIGURED, INSTRUMENT } from "../../src/engine/probe.fixture.ts";
import type { SendOutcome } from "../../src/exchange/port.ts";
import { World as HostWorld, TAG } from "../../src/host/bench.fixture.ts";
import { MONOTONIC_CLOCK } from "../../src/host/wall-clock.ts";
import { openSqliteJournal } from "../../src/journal/sqlite-open.ts";
import { lots, ticks } from "../../src/market/amounts.ts";
import { defaultRiskLimits } from "../../src/risk/limits.ts";
import { callersApproval } from "../../src/risk/wire-approval.ts";
import { foreignOrderId } from "../../src/trading/client-order-id.ts";
import type { NewOrder } from "../../src/trading/order.ts";
import { until } from "../ccxt/stream-stage.ts";
import { RemoteStage } from "../contract/exchange-remote.ts";
import { makeWorld, SYMBOL } from "../contract/exchange-stage.ts";
import { HEAP_MB_MAX, handlesDown, heapMb } from "./heap.ts";

/** Of a minute at a thousand a second. */
const ORDERS = 60_000;
/** For a machine that does much else. */
const ENDS_MS_MAX = 60_000;
/** Ended orders a bot remembers, `src/engine/order-events.ts`. */
const ENDED_MAX = 4_000;

test("TEST-25 a bot that places a thousand orders a second for a minute keeps no more of them than it says", (context) => {
  const folder = mkdtempSync(join(tmpdir(), "opensqt-orders-"));
  const holder = { host: "test", pid: process.pid, sinceMs: 0 };
  const journal = openSqliteJournal(folder, { bot: "probe", tag: TAG, sync: "kill", holder, warn: () => undefined });
  context.after(() => {
    journal.close();
    rmSync(folder, { recursive: true });
  });
  assert.ok(CONFIGURED.kind === "configured");
  const { config } = CONFIGURED;
  const often = { ...config, risk: { ...defaultRiskLimits(INSTRUMENT), ordersPerSecondMax: 2_000 } };
  const world = new HostWorld();
  const { village } = world;
  village.latencyMs = 0;
  const { host, alerts, turns } = world.running({
    journal,
    configuration: { revision: 1, hash: "often", by: "test", config: often, text: "" },
  });
  const place = (count: number): void => {
    // one of each side every two milliseconds, filled at once
    for (let i = 0; i < count; i += 2) {
      village.book(300_000 + ((i >> 1) % 2));
      world.run(1);
      for (const order of village.open()) village.fill(order, order.quantity);
      world.run(1);
      // what the test's own exchange remembers is not what is judged; both sides were filled, it holds nothing
      village.orders.clear();
      village.fills.length = 0;
      turns.length = 0;
    }
    village.arrived.length = 0;
    village.mutations.length = 0;
  };
  place(2 * ENDED_MAX);
  const [before, fills, beganMs] = [heapMb(), host.state.ledger.fills, world.clock.nowMs()];
  place(ORDERS);
  const grown = heapMb() - before;
  assert.ok(world.clock.nowMs() - beganMs <= 60_000, "a thousand a second, or more");
  assert.ok(grown < HEAP_MB_MAX, `${grown} MB`);
  assert.deepEqual(alerts, []);
  assert.deepEqual([host.state.ledger.fills - fills, host.state.ledger.position], [ORDERS, 0]);
  assert.ok(host.state.orders.size <= 2 && host.state.ended.size <= ENDED_MAX, `${host.state.ended.size} ended`);
});

/** What the id of an old order takes: half a million of them are known, so that a late repeat is looked up (API-14). */
const ID_BYTES = 110;
/** Orders that travel in one call. */
const PER_TURN = 25;
const FAR: NewOrder = {
  symbol: SYMBOL,
  side: "buy",
  price: ticks(500_000),
  quantity: lots(10),
  timeInForce: "IOC",
  postOnly: false,
  reduceOnly: false,
  slotKey: "",
};

test("TEST-25 as many orders over gRPC as a thousand a second make in a minute leave neither heap nor handles", {
  timeout: 240_000,
}, async (context) => {
  const world = makeWorld({});
  context.after(() => world.driver.stop());
  let laterMs = 0;
  let serial = 0;
  const monotonicMs = (): number => MONOTONIC_CLOCK.monotonicMs() + laterMs;
  const stage = await RemoteStage.open(world, { machine: { ...MONOTONIC_CLOCK, monotonicMs } });
  context.after(() => stage.close());
  const port = await stage.port();
  await new Promise((resolve) => port.instrument(SYMBOL, resolve));
  const results = new Map<string, number>();
  const placed = (): Promise<void> =>
    new Promise((resolve) => {
      serial += 1;
      const request = { clientOrderId: foreignOrderId(`o${serial}`), order: callersApproval(FAR) };
      port.place(request, ({ result }: SendOutcome) => {
        results.set(result, (results.get(result) ?? 0) + 1);
        resolve();
      });
    });
  const place = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i += PER_TURN) await Promise.all(Array.from({ length: PER_TURN }, placed));
  };
  /** What is remembered for a while, the stream's last minute and the answers of ten (API-14), is let go of. */
  const round = async (count: number): Promise<void> => {
    const heard = { ends: 0, isFresh: false };
    const request = { symbol: SYMBOL, candleInterval: null, bookIntervalMs: 100 } as const;
    const sessions = world.exchange.connections;
    const unsubscribe = port.subscribe(request, (message) => {
      if (message.kind === "order" && message.status === "expired") heard.ends += 1;
      if (message.kind === "feed" && message.feed === "orders") heard.isFresh = message.state === "fresh";
    });
    await until("the stream lives", () => heard.isFresh);
    await place(count);
    await until("every end is told", () => heard.ends === count, ENDS_MS_MAX);
    unsubscribe();
    await until("nobody listens", () => world.exchange.connections === sessions);
    laterMs += 601_000;
    await place(PER_TURN);
  };
  // by then the stream keeps as many messages as it ever does
  await round(ORDERS);
  const [before, handles] = [heapMb(), process.getActiveResourcesInfo().length];
  await round(ORDERS);
  await handlesDown(handles + 4);
  const grown = heapMb() - before - (ORDERS * ID_BYTES) / (1024 * 1024);
  assert.ok(grown < HEAP_MB_MAX, `${grown} MB`);
  assert.deepEqual([...results], [["accepted", 2 * (ORDERS + PER_TURN)]]);
});
