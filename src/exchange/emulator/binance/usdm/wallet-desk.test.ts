import assert from "node:assert/strict";
import { test } from "node:test";
import { Bench, BTC, type Frame } from "./usdm.fixture.ts";

test("EMU-13 what happened before anybody asked with the key is known all the same", async (context) => {
  const bench = await Bench.open(context);
  const { operator } = bench;
  for (const [clientOrderId, price] of [
    ["web_a", "59990"],
    ["web_b", "59980"],
  ] as const) {
    const order = { symbol: BTC, side: "buy", lots: "0.010", price, clientOrderId } as const;
    assert.equal(operator.foreignOrder("demo", order), null);
  }
  assert.equal(operator.fill("demo", { symbol: BTC, clientOrderId: "web_a", quantity: "0.007" }), null);
  assert.equal(operator.fillWhole("demo", BTC, "web_b"), null);
  assert.equal(operator.adl("demo", BTC, "0.005"), null);
  const open = bench.list("GET /fapi/v1/openOrders");
  assert.deepEqual(
    open.map(({ clientOrderId, status, executedQty, avgPrice }) => [clientOrderId, status, executedQty, avgPrice]),
    [["web_a", "PARTIALLY_FILLED", "0.007", "59990.0"]],
  );
  const done = bench.ask("GET /fapi/v1/order", { symbol: "BTCUSDT", origClientOrderId: "web_b" });
  assert.deepEqual([done["status"], done["avgPrice"]], ["FILLED", "59980.0"]);
  const trades = bench.list("GET /fapi/v1/userTrades", { symbol: "BTCUSDT" });
  assert.deepEqual(
    trades.map(({ qty, side }) => [qty, side]),
    [
      ["0.007", "BUY"],
      ["0.010", "BUY"],
      ["0.005", "SELL"],
    ],
  );
  const [forced] = bench.list("GET /fapi/v1/forceOrders", { autoCloseType: "ADL" });
  assert.deepEqual([forced?.["clientOrderId"], forced?.["status"]], ["adl_autoclose", "FILLED"]);
  const socket = bench.user();
  assert.equal(operator.fillWhole("demo", BTC, "web_a"), null);
  const update = socket.frames.find(({ e }) => e === "ORDER_TRADE_UPDATE")?.["o"] as Frame;
  assert.deepEqual([update["c"], update["X"], update["z"]], ["web_a", "FILLED", "0.010"]);
});

test("EMU-05 equal seeds and requests give equal replies and frames", async (context) => {
  const told = async (): Promise<unknown> => {
    const bench = await Bench.open(context, {}, { seed: "7", market: { kind: "preset", preset: "chop" } });
    const sockets = [bench.user(), bench.socket("/stream", "streams=btcusdt@depth@100ms/btcusdt@aggTrade/!bookTicker")];
    const replies: unknown[] = [];
    for (let i = 0; i < 20; i += 1) {
      const side = i % 3 === 0 ? "SELL" : "BUY";
      const order = { symbol: "BTCUSDT", side, type: "MARKET", quantity: "0.020", newOrderRespType: "RESULT" };
      replies.push(bench.ask("POST /fapi/v1/order", order));
      await bench.later(300);
      replies.push(bench.ask("GET /fapi/v3/account"));
    }
    return { replies, frames: sockets.map(({ frames }) => frames) };
  };
  assert.deepEqual(await told(), await told());
});
