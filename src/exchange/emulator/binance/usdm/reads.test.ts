import assert from "node:assert/strict";
import { test } from "node:test";
import { Bench, BTC, type Frame, START_MS } from "./usdm.fixture.ts";

const told = (bench: Bench, path: string, values: Record<string, string | number> = {}): unknown =>
  JSON.parse(bench.open(path, values).body);

const filtersOf = (symbol: Frame | undefined): Map<unknown, Frame> =>
  new Map(((symbol?.["filters"] ?? []) as Frame[]).map((filter) => [filter["filterType"], filter]));

test("EMU-07 the list has odd funding intervals, a tiny price, a halt and a cancel-only one", async (context) => {
  const bench = await Bench.open(context);
  const { symbols, rateLimits } = told(bench, "/fapi/v1/exchangeInfo") as { symbols: Frame[]; rateLimits: Frame[] };
  const status = new Map(symbols.map(({ symbol, status: each }) => [symbol, each]));
  assert.deepEqual(
    ["BTCUSDT", "ETHUSDT", "LUNAUSDT", "FTTUSDT"].map((name) => status.get(name)),
    ["TRADING", "TRADING", "PENDING_TRADING", "SETTLING"],
  );
  const info = told(bench, "/fapi/v1/fundingInfo") as Frame[];
  assert.deepEqual(
    info.map(({ symbol, fundingIntervalHours }) => [symbol, fundingIntervalHours]),
    [
      ["SOLUSDT", 4],
      ["DOGEUSDT", 1],
    ],
  );
  const shib = told(bench, "/fapi/v1/ticker/bookTicker", { symbol: "SHIBUSDT" }) as Frame;
  assert.ok(Number(shib["bidPrice"]) > 0 && Number(shib["bidPrice"]) < 0.0001);
  const [btc] = symbols;
  const filters = filtersOf(btc);
  assert.equal(filters.get("PRICE_FILTER")?.["tickSize"], "0.1");
  assert.equal(filters.get("LOT_SIZE")?.["minQty"], "0.001");
  assert.equal(filters.get("MIN_NOTIONAL")?.["notional"], "5");
  assert.deepEqual(
    rateLimits.map(({ limit }) => limit),
    [2_400, 1_200, 300],
  );
  bench.operator.change(BTC, { tickSize: "0.5" });
  const changed = told(bench, "/fapi/v1/exchangeInfo") as { symbols: Frame[] };
  assert.equal(filtersOf(changed.symbols[0]).get("PRICE_FILTER")?.["tickSize"], "0.5", "a changed grid is told");
});

test("EMU-12 each request has its weight, told in a header, by IP; orders are counted in two more", async (context) => {
  const bench = await Bench.open(context);
  const used = (reply: { headers?: Readonly<Record<string, string>> }) =>
    Number(reply.headers?.["x-mbx-used-weight-1m"]);
  const weights: readonly (readonly [string, Record<string, string | number>, number])[] = [
    ["/fapi/v1/time", {}, 1],
    ["/fapi/v1/depth", { symbol: "BTCUSDT", limit: 5 }, 2],
    ["/fapi/v1/depth", { symbol: "BTCUSDT", limit: 100 }, 5],
    ["/fapi/v1/depth", { symbol: "BTCUSDT" }, 10],
    ["/fapi/v1/depth", { symbol: "BTCUSDT", limit: 1000 }, 20],
    ["/fapi/v1/klines", { symbol: "BTCUSDT", interval: "1m", limit: 50 }, 1],
    ["/fapi/v1/klines", { symbol: "BTCUSDT", interval: "1m", limit: 1500 }, 10],
  ];
  let sum = 0;
  for (const [path, values, weight] of weights) {
    sum += weight;
    assert.equal(used(bench.open(path, values)), sum, path);
  }
  assert.equal(used(bench.reply("GET /fapi/v1/openOrders", {})), sum + 40);
  const placed = bench.reply("POST /fapi/v1/order", {
    symbol: "BTCUSDT",
    side: "BUY",
    type: "LIMIT",
    timeInForce: "GTC",
    quantity: "0.010",
    price: "59990",
  });
  assert.equal(used(placed), sum + 40, "an order weighs nothing");
  assert.deepEqual([placed.headers?.["x-mbx-order-count-10s"], placed.headers?.["x-mbx-order-count-1m"]], ["1", "1"]);
  assert.equal(placed.headers?.["retry-after"], undefined);
});

test("EMU-13 account, balance and positions agree with each other and with the world", async (context) => {
  const bench = await Bench.open(context);
  bench.ask("POST /fapi/v1/order", { symbol: "BTCUSDT", side: "SELL", type: "MARKET", quantity: "0.200" });
  bench.place({ quantity: "0.100" });
  const [v3, v2] = [bench.ask("GET /fapi/v3/account"), bench.ask("GET /fapi/v2/account")];
  const [balance] = bench.list("GET /fapi/v3/balance");
  const [risk] = bench.list("GET /fapi/v3/positionRisk");
  assert.equal(v3["totalWalletBalance"], balance?.["balance"]);
  assert.equal(v3["availableBalance"], v2["availableBalance"]);
  assert.deepEqual(
    (v3["positions"] as Frame[]).map(({ symbol, positionAmt }) => [symbol, positionAmt]),
    [["BTCUSDT", "-0.200"]],
  );
  assert.equal((v2["positions"] as Frame[]).length, 7, "version 2 lists every instrument");
  assert.deepEqual([risk?.["positionAmt"], risk?.["entryPrice"]], ["-0.200", "59999.9"]);
  assert.equal(risk?.["bidNotional"], "5999.00000000");
  assert.equal(bench.list("GET /fapi/v2/positionRisk").length, 7);
  const { exchange } = bench.universe;
  const wallet = exchange.clearing.wallet(exchange.clearing.account("demo@binance-usdm"), "USDT");
  assert.equal(BigInt(String(balance?.["balance"]).replace(".", "")) * 10n ** 10n, wallet);
});

test("EMU-13 settings are read, changed, and refused where nothing would change", async (context) => {
  const bench = await Bench.open(context);
  const btc = { symbol: "BTCUSDT" };
  assert.deepEqual(bench.ask("GET /fapi/v1/positionSide/dual"), { dualSidePosition: false });
  assert.equal(bench.code("POST /fapi/v1/positionSide/dual", { dualSidePosition: "false" }), -4059);
  assert.equal(bench.code("POST /fapi/v1/marginType", { ...btc, marginType: "CROSSED" }), -4046);
  assert.equal(bench.code("POST /fapi/v1/leverage", { ...btc, leverage: 500 }), -4028);
  bench.ask("POST /fapi/v1/leverage", { ...btc, leverage: 5 });
  const [config] = bench.list("GET /fapi/v1/symbolConfig", btc);
  assert.deepEqual([config?.["leverage"], config?.["marginType"]], [5, "CROSSED"]);
  bench.place();
  assert.equal(bench.code("POST /fapi/v1/positionSide/dual", { dualSidePosition: "true" }), -4067);
  assert.equal(bench.code("POST /fapi/v1/marginType", { ...btc, marginType: "ISOLATED" }), -4047);
  bench.ask("DELETE /fapi/v1/allOpenOrders", btc);
  assert.equal(bench.code("POST /fapi/v1/positionSide/dual", { dualSidePosition: "true" }), 200);
  assert.equal(bench.place({ positionSide: "LONG" })["positionSide"], "LONG");
  assert.equal(bench.place()["code"], -4061);
  const fee = bench.ask("GET /fapi/v1/commissionRate", btc);
  assert.deepEqual([fee["makerCommissionRate"], fee["takerCommissionRate"]], ["0.000200", "0.000500"]);
  const rights = bench.ask("GET /sapi/v1/account/apiRestrictions");
  assert.deepEqual([rights["enableWithdrawals"], rights["enableFutures"]], [false, true]);
});

test("EMU-13 trades, candles, marks and settled rates are read as the market made them", async (context) => {
  const bench = await Bench.open(context);
  const of = { symbol: "BTCUSDT" };
  for (const side of ["buy", "sell"] as const) {
    bench.operator.market.trade(BTC, { side, price: "60000.1", quantity: "0.002" });
    await bench.later(60_000);
  }
  const trades = told(bench, "/fapi/v1/trades", of) as Frame[];
  assert.deepEqual(
    trades.map(({ id, price, qty, isBuyerMaker, time }) => [id, price, qty, isBuyerMaker, time]),
    [
      [1, "60000.1", "0.002", false, START_MS],
      [2, "60000.1", "0.002", true, START_MS + 60_000],
    ],
  );
  const klines = told(bench, "/fapi/v1/klines", { ...of, interval: "1m" }) as unknown[][];
  assert.deepEqual(klines[0]?.slice(1, 6), ["60000.1", "60000.1", "60000.1", "60000.1", "0.002"]);
  assert.equal((told(bench, "/fapi/v1/klines", { ...of, interval: "2m" }) as Frame)["code"], -1120);
  assert.equal((told(bench, "/fapi/v1/depth", { ...of, limit: 7 }) as Frame)["code"], -4021);
  bench.operator.settleFunding(BTC, "-0.0003");
  const rates = told(bench, "/fapi/v1/fundingRate", of) as Frame[];
  assert.deepEqual(
    rates.map(({ fundingRate, fundingTime }) => [fundingRate, fundingTime]),
    [["-0.00030000", START_MS + 120_000]],
  );
  const premium = told(bench, "/fapi/v1/premiumIndex", of) as Frame;
  assert.equal(premium["markPrice"], "60000.0");
  assert.equal(Number(premium["nextFundingTime"]) % 28_800_000, 0);
});
