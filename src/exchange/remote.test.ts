// The remote port when things go wrong: a connector that is not there, falls silent, dies and comes back.

import assert from "node:assert/strict";
import { createServer } from "node:net";
import { type TestContext, test } from "node:test";
import { RemoteStage } from "../../test/contract/exchange-remote.ts";
import { Hands, makeWorld, openOn, positionOn, type World } from "../../test/contract/exchange-stage.ts";
import { MONOTONIC_CLOCK } from "../host/wall-clock.ts";
import { refusalOf } from "../rpc/refusal.ts";
import type { Timers } from "../rpc/timers.ts";
import { foreignOrderId } from "../trading/client-order-id.ts";
import { RemotePort } from "./remote.ts";
import { openRemoteConnection, RemoteError } from "./remote-connection.ts";
import { cancelOutcomeOf, sendOutcomeOf } from "./remote-outcomes.ts";

/** A port of this machine nobody listens on. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  assert.ok(typeof address === "object" && address !== null);
  return address.port;
}

test("API-34 a connector that is not there is tried ten times by the ladder, then given up", async () => {
  const address = `127.0.0.1:${await freePort()}`;
  const waits: (number | null)[] = [];
  const timers: Timers = {
    monotonicMs: () => 0,
    after: (_ms, wake) => {
      const immediate = setImmediate(wake);
      return () => clearImmediate(immediate);
    },
  };
  const opening = openRemoteConnection({
    address,
    key: null,
    machine: MONOTONIC_CLOCK,
    timers,
    dice: () => 0,
    attemptMs: 20,
    onAttempt: ({ waitMs }) => waits.push(waitMs),
  });
  await assert.rejects(opening, (error) => {
    assert.ok(error instanceof RemoteError && error.code === "CONNECTOR_UNREACHABLE");
    assert.match(error.message, new RegExp(`^cannot reach connector at ${address} after 10 attempts: .+`));
    return true;
  });
  assert.deepEqual(waits, [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000, null]);
});

test("API-34 a key the connector does not know is refused at once: trying again would not help", async (t) => {
  const world = makeWorld();
  const stage = await RemoteStage.open(world);
  t.after(async () => {
    await stage.close();
    world.driver.stop();
  });
  const attempts: number[] = [];
  const opening = openRemoteConnection({
    address: stage.server.address,
    key: "nobody's",
    machine: MONOTONIC_CLOCK,
    onAttempt: ({ failures }) => attempts.push(failures),
  });
  const refusal = await opening.then(() => null, refusalOf);
  assert.deepEqual([refusal?.status, attempts], ["UNAUTHENTICATED", []]);
});

/** A connector that can be killed and started again at the same address over the same exchange. */
async function mortal(t: TestContext) {
  const world = makeWorld();
  // an address nobody else on this machine binds: between death and return its port could go to another
  const { pid } = process;
  const host = process.platform === "linux" ? `127.77.${(pid >> 8) & 255}.${pid & 255 || 1}` : "127.0.0.1";
  const bind = `${host}:${await freePort()}`;
  const life: { stage: RemoteStage } = { stage: await RemoteStage.open(world, { bind }) };
  const { keys } = life.stage;
  const connection = await openRemoteConnection({ address: bind, key: keys.trader, machine: MONOTONIC_CLOCK });
  const port = new RemotePort(connection, { botId: "bot", epoch: () => 1, tag: "" });
  t.after(async () => {
    await port.closed();
    await connection.close();
    await life.stage.close();
    world.driver.stop();
  });
  return { world, port, connection, hands: new Hands(port), life, bind };
}

test("API-35 API-44 a connector dies and comes back: nothing is sent meanwhile, all is read again", async (t) => {
  const { world, connection, hands, life, bind } = await mortal(t);
  const watch = hands.watch();
  await watch.first("book");
  const before = await hands.place("buy 599990 x 5");
  assert.equal(before.result, "accepted");
  await watch.first("order");
  const gone = new Promise<void>((resolve) => {
    const end = connection.onHealth((health) => {
      if (health !== "unknown") return;
      end();
      resolve();
    });
  });
  await life.stage.close();
  await gone;
  await watch.first("feed", ({ feed, state }) => feed === "orders" && state === "stale");
  const refused = await hands.place("buy 599980 x 5");
  assert.deepEqual([refused.result, openOn(world).length], ["not-sent", 1]);
  world.market.say("sold 599980x9");
  await filledOn(world);
  const heard = watch.heard.length;
  life.stage = await RemoteStage.reopen(world, life.stage.keys, { bind });
  await watch.until(
    (all) =>
      all.slice(heard).some((each) => each.kind === "feed" && each.feed === "orders" && each.state === "fresh") ||
      undefined,
  );
  const fills = await hands.fills({ sinceMs: 0, cursor: null });
  assert.deepEqual(fills.result === "ok" && fills.fills.map(({ clientOrderId }) => clientOrderId), [before.id]);
  assert.equal((await hands.place("buy 599970 x 5", foreignOrderId("oafter"))).result, "accepted");
});

test("RISK-20 orders and account are stale from subscribing on until their streams live, not again", async (t) => {
  const { port } = await mortal(t);
  const said: string[] = [];
  await new Promise<void>((resolve) => {
    port.subscribe({ symbol: "BTC/USDT:USDT", candleInterval: null, bookIntervalMs: 100 }, (message) => {
      if (message.kind !== "feed") return;
      said.push(`${message.feed} ${message.state}`);
      if (said.includes("orders fresh") && said.includes("account fresh")) resolve();
    });
  });
  // a bot that recovers meanwhile knows of it before it runs: it waits, and has lost nothing
  assert.deepEqual(said.slice(0, 2).sort(), ["account stale", "orders stale"]);
  assert.deepEqual(
    said.filter((each) => each.startsWith("account")),
    ["account stale", "account fresh"],
  );
});

/** Resolves once the exchange has booked a fill of the account. */
async function filledOn(world: World): Promise<void> {
  while (positionOn(world) === 0) await new Promise((resolve) => setImmediate(resolve));
}

test("API-22 EXCH-48 a connection that breaks while an order is under way leaves it unknown", async (t) => {
  const world = makeWorld({ faults: { acceptThenTimeout: 1 }, requestExpiryMs: 60_000 });
  const stage = await RemoteStage.open(world);
  const port = await stage.port();
  const hands = new Hands(port);
  t.after(() => world.driver.stop());
  await hands.watch().first("book");
  const placing = hands.place("buy 599990 x 5");
  while (openOn(world).length === 0) await new Promise((resolve) => setImmediate(resolve));
  const closing = stage.server.stop();
  await port.closed();
  assert.equal((await placing).result, "unknown");
  await closing;
  await stage.close();
});

test("API-22 only rejected and not_sent are believed: anything else about an order is unknown", () => {
  const table: [metadata: Record<string, string>, send: string, cancel: string][] = [
    [{}, "unknown", "unknown"],
    [{ outcome: "unknown" }, "unknown", "unknown"],
    [{ outcome: "accepted" }, "unknown", "unknown"],
    [{ outcome: "REJECTED" }, "unknown", "unknown"],
    [{ outcome: "rejected" }, "rejected", "rejected"],
    [{ outcome: "not_sent" }, "not-sent", "not-sent"],
  ];
  for (const [metadata, send, cancel] of table) {
    const said = { reason: "INSUFFICIENT_FUNDS", metadata, message: "no" };
    assert.equal(sendOutcomeOf(said).result, send);
    assert.equal(cancelOutcomeOf(said).result, cancel);
  }
  const rejected = sendOutcomeOf({ reason: "INSUFFICIENT_FUNDS", metadata: { outcome: "rejected" }, message: "no" });
  assert.equal(rejected.result === "rejected" && rejected.reason, "INSUFFICIENT_FUNDS");
});

test("API-45 a port beats while its loop turns, and disarms when told to", async (t) => {
  const world = makeWorld();
  const stage = await RemoteStage.open(world);
  t.after(async () => {
    await stage.close();
    world.driver.stop();
  });
  const port = await stage.port("bot", 3);
  const stop = port.heartbeat(60_000, () => true);
  while (stage.connector.status.deadManTimers === 0) await new Promise((resolve) => setImmediate(resolve));
  await stop();
  assert.equal(stage.connector.status.deadManTimers, 0);
  const silent = port.heartbeat(60_000, () => false);
  await silent();
});
