// One connection set to the exchange however many ask for it: the exchange counts its sockets.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Hands, type Watcher } from "./exchange-stage.ts";
import { REMOTE_CCXT_USDM, socketsOf } from "./stage-emulated.ts";

/** Binance's paths: /public for books, /market for marks and candles, /private for what is ours. */
const SOCKETS = 3;

test("EXCH-49 the exchange sees as many sockets with twenty gRPC clients as with one", async (t) => {
  const stage = await REMOTE_CCXT_USDM.open({});
  t.after(() => stage.close());
  const { remote, instrument, unit } = stage;
  assert.ok(remote !== null);
  const meant = { symbol: instrument.symbol, unit };
  const following = async (): Promise<Watcher> => {
    const watch = new Hands(await remote.port(), meant).watch();
    await stage.ready(watch);
    return watch;
  };
  await following();
  while (socketsOf(stage) < SOCKETS) await new Promise((resolve) => setImmediate(resolve));
  const others = await Promise.all(Array.from({ length: 19 }, following));
  assert.equal(socketsOf(stage), SOCKETS);
  // and all of them hear the same fill
  const { id } = await stage.hands.place("buy 599995 x 5");
  stage.say("sold 599980x9");
  for (const watch of others) assert.equal((await watch.fills(1))[0]?.clientOrderId, id);
  assert.equal(socketsOf(stage), SOCKETS);
});
