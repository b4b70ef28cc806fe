// The kill switch through a connector alone, on 127.0.0.1 over real gRPC: nobody runs an engine here.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { RemoteStage } from "../../../test/contract/exchange-remote.ts";
import { ACCOUNT, Hands, makeWorld, openOn, positionOn, SYMBOL } from "../../../test/contract/exchange-stage.ts";
import type { ExchangePort } from "../../exchange/port.ts";
import { RemotePort } from "../../exchange/remote.ts";
import { SimulatedPort } from "../../exchange/simulated.ts";
import { type ClientOrderId, foreignOrderId, makeClientOrderId } from "../../trading/client-order-id.ts";
import { type DirectReport, killDirectly } from "./direct-kill.ts";

const TAG = "mybot1";

/** An engine that traded with run 3 and is gone; `kill` is what an operator has left. */
async function leftBehind(t: TestContext) {
  const world = makeWorld();
  const stage = await RemoteStage.open(world);
  t.after(async () => {
    await stage.close();
    world.driver.stop();
  });
  const connection = await stage.connect("operator");
  const port = new RemotePort(connection, { botId: "bot", tag: TAG, epoch: () => 3 });
  t.after(() => port.closed());
  const hands = new Hands(port);
  const idOf = (seq: number): ClientOrderId => makeClientOrderId({ tag: TAG, lineage: 1, seq, index: 0 });
  const kill = (flatten: boolean, onSay: (text: string) => void = () => undefined): Promise<DirectReport> =>
    killDirectly({
      bot: { id: "bot", tag: TAG, symbol: SYMBOL },
      port,
      cancelTag: async (tag) => {
        const { cancelled, left } = await connection.client.emergencyCancel({ exchange: "", tag });
        return { cancelled, left: left.length };
      },
      flatten,
      clock: connection.clock,
      pause: (ms) => new Promise((resolve) => void world.clock.at(world.clock.nowMs() + ms, resolve)),
      say: onSay,
    });
  return { world, hands, idOf, kill };
}

test("RISK-23 RISK-24 without an engine own orders go, proved by two reads; what others placed stays", async (t) => {
  const { world, hands, idOf, kill } = await leftBehind(t);
  await hands.place("buy 599000 x 5", idOf(1));
  await hands.place("sell 601000 x 5", idOf(2));
  const foreign = foreignOrderId("osomebodyelse");
  await hands.place("buy 598000 x 5", foreign);
  const said: string[] = [];
  const report = await kill(false, (text) => said.push(text));
  assert.deepEqual(openOn(world), [foreign]);
  assert.deepEqual([report.cancelled, report.proven, report.ordersLeft, report.flat], [2, true, [], true]);
  const [first = 0, second = 0] = report.cleanReadsAtMs;
  assert.ok(second - first >= 1_000, "the two reads are a second apart");
  assert.match(said[1] ?? "", /no own order in two complete reads, at \d{4}-.*Z and \d{4}-.*Z/);
});

test("RISK-23 without an engine the position is closed by reduce-only slices, and the report says flat", async (t) => {
  const { world, hands, idOf, kill } = await leftBehind(t);
  await hands.place("buy 600001 x 30 taker", idOf(1));
  assert.equal(positionOn(world), 30);
  const report = await kill(true);
  assert.equal(positionOn(world), 0);
  assert.deepEqual([report.proven, report.flat, report.position], [true, true, "0.000"]);
});

test("RISK-23 RISK-37 without an engine and without a book the position is closed at the mark", async (t) => {
  const world = makeWorld();
  t.after(() => world.driver.stop());
  const { clock, market } = world;
  const port = new SimulatedPort(world.driver, { account: ACCOUNT, marks: true });
  await new Hands(port).place("buy 600001 x 30 taker", makeClientOrderId({ tag: TAG, lineage: 1, seq: 1, index: 0 }));
  const subscribe: ExchangePort["subscribe"] = (request, listener) =>
    port.subscribe(request, (message) => {
      if (message.kind !== "book") listener(message);
    });
  const report = await killDirectly({
    bot: { id: "bot", tag: TAG, symbol: SYMBOL },
    port: Object.assign(Object.create(port) as SimulatedPort, { subscribe }),
    cancelTag: () => Promise.resolve({ cancelled: 0, left: 0 }),
    flatten: true,
    clock,
    pause: (ms) => {
      market.say("mark 600000");
      return new Promise((resolve) => void clock.at(clock.nowMs() + ms, resolve));
    },
    say: () => undefined,
  });
  assert.deepEqual([positionOn(world), report.flat], [0, true], report.note);
});
