// The streams of the ccxt port on the emulated Binance: what a bot hears of its own orders and of the market.

import assert from "node:assert/strict";
import { test } from "node:test";
import { isLive, kindOf, SPOT, streamStage, until, USDM } from "./stream-stage.ts";

for (const market of [USDM, SPOT]) {
  test(`EXCH-18 EXCH-19 EXCH-36 EXCH-37 ${market.protocol}: every state of an order and each fill is told, in order, once`, async (context) => {
    const stage = await streamStage(context, { market });
    const { told, hands } = stage;
    await until("the private stream lives", () => isLive(stage));
    await until("a book", () => kindOf(told, "book").length > 0);
    console.log(stage.health, told.slice(0, 5));
    assert.ok(hands);
  });
}
