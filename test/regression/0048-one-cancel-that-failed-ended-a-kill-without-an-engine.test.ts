// Found by reading: `opensqt kill --direct` gave up at the first cancel the exchange did not answer: orders stayed, the
// position was not closed, and the bots named after this one were not asked about at all.

import assert from "node:assert/strict";
import { test } from "node:test";
import { SimulatedPort } from "../../src/exchange/simulated.ts";
import { killDirectly } from "../../src/host/account/direct-kill.ts";
import { makeClientOrderId } from "../../src/trading/client-order-id.ts";
import { ACCOUNT, Hands, makeWorld, openOn, SYMBOL } from "../contract/exchange-stage.ts";

const TAG = "mybot1";

test("RISK-23 a cancel that fails once is tried again, and what follows it is done all the same", async (t) => {
  const world = makeWorld();
  t.after(() => world.driver.stop());
  const { clock } = world;
  const port = new SimulatedPort(world.driver, { account: ACCOUNT });
  const hands = new Hands(port);
  const idOf = (seq: number) => makeClientOrderId({ tag: TAG, lineage: 1, seq, index: 0 });
  await hands.place("buy 599000 x 5", idOf(2));
  let asked = 0;
  const said: string[] = [];
  const report = await killDirectly({
    bot: { id: "bot", tag: TAG, symbol: SYMBOL },
    port,
    cancelTag: async () => {
      asked += 1;
      if (asked === 1) throw new Error("the exchange did not answer");
      await new Promise((resolve) => port.cancel(SYMBOL, idOf(2), resolve));
      return { cancelled: 1, left: 0 };
    },
    flatten: false,
    clock,
    pause: (ms) => new Promise((resolve) => void clock.at(clock.nowMs() + ms, resolve)),
    say: (text) => said.push(text),
  });
  assert.deepEqual(openOn(world), []);
  assert.deepEqual([report.cancelled, report.proven, report.flat], [1, true, true]);
  assert.equal(said[0], "bot: the cancel of everything failed: the exchange did not answer");
});

test("RISK-23 whoever may not cancel hears so at once", async (t) => {
  const world = makeWorld();
  t.after(() => world.driver.stop());
  const refused = new Error("the key may only read");
  const kill = killDirectly({
    bot: { id: "bot", tag: TAG, symbol: SYMBOL },
    port: new SimulatedPort(world.driver, { account: ACCOUNT }),
    cancelTag: () => Promise.reject(refused),
    isFinal: (error) => error === refused,
    flatten: false,
    clock: world.clock,
    pause: () => Promise.resolve(),
    say: () => undefined,
  });
  await assert.rejects(kill, refused);
});
