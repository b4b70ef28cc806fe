// Fill-or-kill on emulated Binance spot: an order that cannot fill at once is taken and expires, as its documents say
// of the status EXPIRED; USDⓈ-M refuses it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { spotStage, until } from "./spot-stage.ts";
import { ask, dial } from "./spot-wire.ts";

const FOK = { symbol: "BTCUSDT", side: "BUY", type: "LIMIT", timeInForce: "FOK", price: "60001" };

test("EMU-19 EMU-22 fill or kill that cannot fill expires on spot: accepted, told, found again", async (context) => {
  const stage = await spotStage(context);
  const key = await ask(stage, "POST /api/v3/userDataStream");
  const talk = await dial(stage, `/ws/${String(key.body["listenKey"])}`);
  const killed = await ask(stage, "POST /api/v3/order", { ...FOK, quantity: "5", newClientOrderId: "killed" });
  assert.deepEqual([killed.status, killed.body["status"], killed.body["executedQty"]], [200, "EXPIRED", "0.00000000"]);
  await until("its reports", () => talk.frames.filter(({ e }) => e === "executionReport").length === 2);
  assert.deepEqual(
    talk.frames.filter(({ e }) => e === "executionReport").map(({ x, X }) => `${String(x)} ${String(X)}`),
    ["NEW NEW", "EXPIRED EXPIRED"],
  );
  const found = await ask(stage, "GET /api/v3/order", { symbol: "BTCUSDT", origClientOrderId: "killed" });
  assert.equal(found.body["status"], "EXPIRED");
  assert.equal(stage.balance("BTC"), "10");
  const filled = await ask(stage, "POST /api/v3/order", { ...FOK, quantity: "0.1", newClientOrderId: "filled" });
  assert.deepEqual([filled.body["status"], filled.body["executedQty"]], ["FILLED", "0.10000000"]);
});
