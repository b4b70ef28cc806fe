import assert from "node:assert/strict";
import { test } from "node:test";
import { Bench, BTC, BUY, START_MS } from "./usdm.fixture.ts";

const ORDER = "POST /fapi/v1/order";

test("EMU-09 EMU-18 an order is refused in the exchange's own codes", async (context) => {
  const bench = await Bench.open(context);
  const refusals: readonly (readonly [number, Record<string, string>])[] = [
    [-1121, { symbol: "NOPEUSDT" }],
    [-1117, { side: "HOLD" }],
    [-1116, { type: "ICEBERG" }],
    [-4120, { type: "STOP_MARKET" }],
    [-1115, { timeInForce: "DAY" }],
    [-1102, { price: "" }],
    [-1111, { price: "59990.05" }],
    [-1111, { quantity: "0.0105" }],
    [-1100, { quantity: "much" }],
    [-4003, { quantity: "0" }],
    [-4005, { quantity: "100000000" }],
    [-4001, { price: "0" }],
    [-4002, { price: "100000000" }],
    [-4164, { quantity: "0.001", price: "100" }],
    [-4016, { price: "70000" }],
    [-4024, { side: "SELL", price: "50000" }],
    [-2019, { quantity: "900" }],
    [-2022, { reduceOnly: "true" }],
    [-5022, { timeInForce: "GTX", price: "60001" }],
    [-5021, { timeInForce: "FOK" }],
    [-4015, { newClientOrderId: "x".repeat(37) }],
    [-1100, { newClientOrderId: "a b" }],
    [-4061, { positionSide: "LONG" }],
    [-4141, { symbol: "LUNAUSDT", price: "1", quantity: "100" }],
    [-4140, { symbol: "FTTUSDT", price: "1", quantity: "100" }],
  ];
  for (const [code, values] of refusals) {
    const reply = bench.reply(ORDER, { ...BUY, ...values });
    const body = JSON.parse(reply.body) as { code: number };
    assert.equal(body.code, code, `${JSON.stringify(values)}: ${reply.body}`);
    assert.equal(reply.status, 400);
  }
  assert.deepEqual(bench.list("GET /fapi/v1/openOrders"), []);
});

test("EMU-18 tick and step refuse by codes of their own once the grid is coarser than the digits", async (context) => {
  const bench = await Bench.open(context);
  assert.equal(bench.operator.change(BTC, { tickSize: "0.5", lotSize: "0.004" }), null);
  assert.equal(bench.place({ price: "59990.1", quantity: "0.012" })["code"], -4014);
  assert.equal(bench.place({ price: "59990.5", quantity: "0.010" })["code"], -4023);
  assert.equal(bench.place({ price: "59990.5", quantity: "0.012" })["status"], "NEW");
});

test("EMU-18 a client id is refused while its order is open, and free again afterwards", async (context) => {
  const bench = await Bench.open(context);
  const first = bench.place({ newClientOrderId: "one" });
  assert.equal(bench.place({ newClientOrderId: "one" })["code"], -4116);
  assert.equal(
    bench.ask("DELETE /fapi/v1/order", { symbol: "BTCUSDT", origClientOrderId: "one" })["status"],
    "CANCELED",
  );
  const second = bench.place({ newClientOrderId: "one" });
  assert.notEqual(second["orderId"], first["orderId"]);
  const found = bench.ask("GET /fapi/v1/order", { symbol: "BTCUSDT", origClientOrderId: "one" });
  assert.equal(found["orderId"], second["orderId"], "the newest is found");
});

test("EMU-18 at most so many orders may be open", async (context) => {
  const bench = await Bench.open(context, {
    limits: { weightPerMinute: 10_000, ordersPer10S: 10_000, ordersPerMinute: 10_000 },
  });
  for (let i = 0; i < 200; i += 1) assert.equal(bench.place({ quantity: "0.001" })["status"], "NEW");
  assert.equal(bench.place({ quantity: "0.001" })["code"], -2025);
});

test("EMU-18 unknown orders: -2011 to cancel, -2013 to ask", async (context) => {
  const bench = await Bench.open(context);
  const by = { symbol: "BTCUSDT", origClientOrderId: "one" };
  assert.equal(bench.code("DELETE /fapi/v1/order", by), -2011);
  assert.equal(bench.code("GET /fapi/v1/order", by), -2013);
  assert.equal(bench.code("GET /fapi/v1/order", { symbol: "BTCUSDT" }), -1102);
  bench.place({ newClientOrderId: "one" });
  assert.equal(bench.code("DELETE /fapi/v1/order", { ...by, symbol: "ETHUSDT" }), -2011);
  bench.ask("DELETE /fapi/v1/order", by);
  assert.equal(bench.code("DELETE /fapi/v1/order", by), -2011);
  assert.equal(bench.ask("GET /fapi/v1/order", by)["status"], "CANCELED");
});

test("EMU-13 an amended order keeps its id, and one that would take as post-only is cancelled", async (context) => {
  const bench = await Bench.open(context);
  const placed = bench.place({ newClientOrderId: "one", timeInForce: "GTX" });
  const by = { symbol: "BTCUSDT", orderId: Number(placed["orderId"]), side: "BUY" };
  assert.equal(bench.code("PUT /fapi/v1/order", { ...by, quantity: "0.010", price: "59990" }), -5027);
  assert.equal(bench.code("PUT /fapi/v1/order", { ...by, quantity: "0.010" }), -1102);
  const amended = bench.ask("PUT /fapi/v1/order", { ...by, quantity: "0.020", price: "59991" });
  assert.deepEqual([amended["orderId"], amended["origQty"], amended["price"]], [placed["orderId"], "0.020", "59991.0"]);
  const crossing = bench.ask("PUT /fapi/v1/order", { ...by, quantity: "0.020", price: "60001" });
  assert.equal(crossing["status"], "CANCELED");
  assert.equal(bench.code("PUT /fapi/v1/order", { ...by, quantity: "0.020", price: "59992" }), -2011);
});

test("EMU-13 every amendment goes to the back of the queue", async (context) => {
  const bench = await Bench.open(context);
  const aheadOf = (): number | undefined =>
    bench.universe.exchange.desk.ledger.openOrder("demo@binance-usdm", "one")?.ahead;
  bench.operator.market.level(BTC, { side: "buy", price: "59990", quantity: "1" });
  bench.place({ newClientOrderId: "one" });
  bench.operator.market.level(BTC, { side: "buy", price: "59990", quantity: "3" });
  assert.equal(aheadOf(), 1_000);
  const to = { symbol: "BTCUSDT", origClientOrderId: "one", side: "BUY", quantity: "0.009", price: "59990" };
  bench.ask("PUT /fapi/v1/order", to);
  assert.equal(aheadOf(), 3_000, "though it became smaller at the same price");
});

test("EMU-13 batches answer for each element, and are refused when empty or too long", async (context) => {
  const bench = await Bench.open(context);
  const of = (count: number) => JSON.stringify(Array.from({ length: count }, () => BUY));
  assert.equal(bench.code("POST /fapi/v1/batchOrders", { batchOrders: of(6) }), -4082);
  assert.equal(bench.code("POST /fapi/v1/batchOrders", { batchOrders: of(0) }), -4082);
  assert.equal(bench.code("POST /fapi/v1/batchOrders", {}), -1102);
  const mixed = JSON.stringify([BUY, { ...BUY, price: "1e-9" }, { ...BUY, symbol: "NOPE" }]);
  const placed = bench.list("POST /fapi/v1/batchOrders", { batchOrders: mixed });
  assert.deepEqual(
    placed.map(({ status, code }) => status ?? code),
    ["NEW", -1111, -1121],
  );
  const ids = JSON.stringify([placed[0]?.["orderId"], 999]);
  const ended = bench.list("DELETE /fapi/v1/batchOrders", { symbol: "BTCUSDT", orderidlist: ids });
  assert.deepEqual(
    ended.map(({ status, code }) => status ?? code),
    ["CANCELED", -2011],
  );
});

test("EMU-13 a market order takes what is there, and tells its average when asked for the result", async (context) => {
  const bench = await Bench.open(context);
  const market = { symbol: "BTCUSDT", side: "SELL", type: "MARKET", quantity: "0.500" };
  const { price: _price, timeInForce: _time, ...rest } = BUY;
  assert.equal(bench.ask(ORDER, { ...rest, type: "MARKET" })["status"], "NEW", "an acknowledgement says no more");
  const done = bench.ask(ORDER, { ...market, newOrderRespType: "RESULT" });
  assert.deepEqual([done["status"], done["executedQty"], done["type"]], ["FILLED", "0.500", "MARKET"]);
  assert.match(String(done["avgPrice"]), /^59999\.\d+$/);
});

test("EMU-13 the countdown cancels by the clock, unless it is set again or taken back", async (context) => {
  const bench = await Bench.open(context);
  const set = (countdownTime: number) =>
    bench.ask("POST /fapi/v1/countdownCancelAll", { symbol: "BTCUSDT", countdownTime });
  const open = () => bench.list("GET /fapi/v1/openOrders").length;
  bench.place();
  assert.deepEqual(set(10_000), { symbol: "BTCUSDT", countdownTime: "10000" });
  await bench.later(9_000);
  set(10_000);
  await bench.later(9_999);
  assert.equal(open(), 1);
  await bench.later(1);
  assert.equal(open(), 0);
  bench.place();
  set(5_000);
  set(0);
  await bench.later(60_000);
  assert.equal(open(), 1);
});

test("EMU-13 an order good till a date ends by the clock", async (context) => {
  const bench = await Bench.open(context);
  assert.equal(bench.place({ timeInForce: "GTD", goodTillDate: START_MS + 600_000 })["code"], -4227);
  const placed = bench.place({ timeInForce: "GTD", goodTillDate: START_MS + 700_000 });
  assert.equal(placed["timeInForce"], "GTD");
  await bench.later(700_000);
  assert.deepEqual(bench.list("GET /fapi/v1/openOrders"), []);
});

test("EMU-13 own trades and orders are read in pages from an id, from a time, or the newest", async (context) => {
  const bench = await Bench.open(context);
  for (let i = 0; i < 4; i += 1) {
    bench.place({ newClientOrderId: `o${i}` });
    assert.equal(bench.operator.fillWhole("demo", BTC, `o${i}`), null);
    await bench.later(1_000);
  }
  const ids = (values: Record<string, string | number>) =>
    bench.list("GET /fapi/v1/userTrades", { symbol: "BTCUSDT", ...values }).map(({ id }) => Number(id));
  assert.deepEqual(ids({ limit: 2 }), [3, 4]);
  assert.deepEqual(ids({ fromId: 2, limit: 2 }), [2, 3]);
  assert.deepEqual(ids({ startTime: START_MS + 1_000, limit: 2 }), [2, 3]);
  assert.deepEqual(ids({ endTime: START_MS + 1_000 }), [1, 2]);
  assert.deepEqual(ids({ orderId: 3 }), [3]);
  const orders = bench.list("GET /fapi/v1/allOrders", { symbol: "BTCUSDT", orderId: 2, limit: 2 });
  assert.deepEqual(
    orders.map(({ orderId, status }) => [orderId, status]),
    [
      [2, "FILLED"],
      [3, "FILLED"],
    ],
  );
});
