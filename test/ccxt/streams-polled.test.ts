// An exchange whose sockets nobody described (EXCH-61) is polled: played here by an emulated Binance that is asked
// for by ccxt's own name, which has no table.

import assert from "node:assert/strict";
import { test } from "node:test";
import { tableOf } from "../../src/exchange/ccxt/exchanges/registry.ts";
import { streamTableOf } from "../../src/exchange/ccxt/streams/ccxt-streams.ts";
import { kindOf, SPOT, streamStage, until } from "./stream-stage.ts";

test("EXCH-61 an exchange without a table of its own has its books and candles polled, over no socket", {
  timeout: 30_000,
}, async (context) => {
  assert.equal(streamTableOf(tableOf("binanceus", "spot").table), null);
  const stage = await streamStage(context, { market: SPOT, exchange: "binanceus", keys: false });
  await until("a book", () => kindOf(stage.told, "book").length > 0);
  assert.equal(kindOf(stage.told, "book")[0]?.bids.length, 5);
  assert.equal(stage.sockets(), 0);
  assert.ok(stage.health.some(({ subject, state }) => subject === `book ${SPOT.symbol}` && state === "live"));
});
