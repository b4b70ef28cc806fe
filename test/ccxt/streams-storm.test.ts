// What closes of sockets, expired keys and silence do to the streams of the ccxt port: nothing is lost, nothing comes
// twice, nothing grows. Waits are compressed by configuration; the order of things is not.

import assert from "node:assert/strict";
import { test } from "node:test";
import { isLive, kindOf, SPOT, type StreamStage, streamStage, USDM, until, walletName } from "./stream-stage.ts";

const FAST = {
  redialWaitsMs: [20, 30, 50],
  dialGapMs: 5,
  ordersPollMs: 200,
  accountPauseMs: 50,
  judgeMs: 20,
} as const;

const timers = (): number => process.getActiveResourcesInfo().filter((each) => each === "Timeout").length;

const fillsOn = (stage: StreamStage, market: typeof USDM): readonly string[] =>
  stage.emulator.control.universe.exchange.desk.ledger
    .fillsSince(walletName(market), market.symbol, { n: 0, sinceUs: 0 })
    .map(({ fill }) => fill.tradeId);

for (const market of [USDM, SPOT]) {
  const { protocol, symbol } = market;
  const buy = market === USDM ? "buy 599000 x 5" : "buy 5990000 x 5";

  test(`EXCH-46 EXCH-44 ${protocol}: fifty forced closes lose no fill, tell none twice, and leave no timer behind`, {
    timeout: 60_000,
  }, async (context) => {
    const stage = await streamStage(context, { market, times: FAST });
    const { told, hands, operator } = stage;
    await until("the private stream lives", () => isLive(stage));
    const before = timers();
    const sockets = stage.sockets();
    for (let round = 0; round < 50; round += 1) {
      const placed = await hands.place(buy);
      assert.equal(placed.result, "accepted", JSON.stringify(placed));
      await until("a socket", () => stage.sockets() > 0);
      stage.closeSockets(round % 3 === 0 ? 1001 : 1012);
      // half of the fills fall into the gap, half of them after it
      if (round % 2 === 1) await until("a socket again", () => stage.sockets() > 0);
      assert.equal(operator.fill("demo", { symbol, clientOrderId: placed.id, quantity: "0.005" }), null);
      if (round % 5 === 4) await until("the private stream lives again", () => isLive(stage));
    }
    await until("every fill was told", () => kindOf(told, "fill").length >= 50);
    await until("everything lives again", () => isLive(stage) && isLive(stage, `book ${symbol}`));
    const ids = kindOf(told, "fill").map(({ tradeId }) => tradeId);
    assert.deepEqual(ids.toSorted(), fillsOn(stage, market).toSorted());
    const ends = kindOf(told, "order").filter(({ status }) => status === "filled");
    assert.equal(new Set(ends.map((each) => each.clientOrderId)).size, 50);
    assert.equal(ends.length, 50);
    await until("as many sockets as before", () => stage.sockets() === sockets);
    assert.ok(timers() <= before + 3, `${timers()} timers, ${before} before`);
    const limit = stage.health.filter(({ subject }) => subject === "limits");
    assert.deepEqual(limit, [], "no ban and no limit");
  });
}
