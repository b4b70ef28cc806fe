// What counts as an answer of the exchange: only what came from it. A connector that hears itself would call an exchange
// alive that is gone (API-31).

import assert from "node:assert/strict";
import { test } from "node:test";
import { Upstream } from "../../src/exchange/connector/upstream.ts";
import { portStage, USDM } from "./port-stage.ts";

test("API-31 an exchange that is gone gives no sign of life, though its instruments are remembered", async (context) => {
  const { port, emulator } = await portStage(context, { times: { readMs: 300, patientMs: 300 } });
  const upstream = new Upstream(port, { monotonicMs: () => performance.now(), onCall: () => undefined });
  let heard = 0;
  upstream.onAnswer = () => {
    heard += 1;
  };
  await upstream.alive(USDM.symbol);
  assert.equal(heard, 1);
  await emulator.close();
  await upstream.alive(USDM.symbol);
  assert.equal((await upstream.instrument(USDM.symbol)).result, "ok");
  assert.equal(heard, 1);
});
