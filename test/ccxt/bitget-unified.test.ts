// A unified account of Bitget (V3) through ccxt with its network replaced: another API behind the same port, chosen by
// name and never guessed. Examples are those of its documents and of ccxt's source.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { foreignOrderId } from "../../src/trading/client-order-id.ts";
import { Hands } from "../contract/exchange-stage.ts";
import { type Answer, asked, type ExchangeStage, exchangeStage, money, NOW_MS, Status } from "./exchange-stage.ts";

const SYMBOL = "BTC/USDT:USDT";
const ID = foreignOrderId("ob1");
const ok = (data: unknown): object => ({ code: "00000", msg: "success", requestTime: NOW_MS, data });

/** "Get Instruments". */
const INSTRUMENT = {
  symbol: "BTCUSDT",
  category: "USDT-FUTURES",
  baseCoin: "BTC",
  quoteCoin: "USDT",
  buyLimitPriceRatio: "0.05",
  sellLimitPriceRatio: "0.05",
  makerFeeRate: "0.0002",
  takerFeeRate: "0.0006",
  minOrderQty: "0.001",
  maxOrderQty: "220",
  pricePrecision: "1",
  quantityPrecision: "3",
  priceMultiplier: "0.1",
  quantityMultiplier: "0.001",
  type: "perpetual",
  minOrderAmount: "5",
  maxSymbolOrderNum: "400",
  status: "online",
  symbolType: "crypto",
  fundInterval: "8",
  minLeverage: "1",
  maxLeverage: "125",
};

const SETTINGS = {
  uid: "1",
  accountMode: "unified",
  assetMode: "multi_assets",
  holdMode: "one_way_mode",
  symbolConfigList: [{ category: "USDT-FUTURES", symbol: "BTCUSDT", marginMode: "crossed", leverage: "5" }],
};

const UNIFIED: Readonly<Record<string, Answer>> = {
  "GET /api/v2/public/time": () => ok({ serverTime: String(NOW_MS) }),
  "GET /api/v3/market/instruments": ({ query }: { readonly query: string }) =>
    ok(query.includes("USDT-FUTURES") ? [INSTRUMENT] : []),
  "GET /api/v3/account/info": ok({
    userId: "1",
    permType: "read_and_write",
    permissions: ["uta_trade"],
    ips: "127.0.0.1",
  }),
  "GET /api/v3/account/settings": ok(SETTINGS),
  "GET /api/v3/account/assets": ok({
    accountEquity: "5000",
    effEquity: "4990",
    mmr: "12.5",
    imr: "30",
    assets: [{ coin: "USDT", equity: "5000", balance: "4950", available: "4800", debt: "0", locked: "0" }],
  }),
  "GET /api/v3/account/fee-rate": ok({ makerFeeRate: "0.0002", takerFeeRate: "0.0006" }),
  "POST /api/v3/trade/place-order": ok({ orderId: "111", clientOid: "ob1" }),
  "POST /api/v3/trade/cancel-order": ok({ orderId: "111", clientOid: "ob1" }),
  "GET /api/v3/position/current-position": ok({ list: [] }),
};

interface Stage extends ExchangeStage {
  readonly hands: Hands;
}

async function stage(context: TestContext, replies: Readonly<Record<string, Answer>> = {}): Promise<Stage> {
  const made = await exchangeStage(context, {
    exchange: "bitgetuta",
    market: "perpetual",
    symbol: SYMBOL,
    replies: { ...UNIFIED, ...replies },
    more: { exclusive: true },
  });
  return { ...made, hands: new Hands(made.port, { symbol: SYMBOL, unit: 1 }) };
}

test("EXCH-34 a unified account of Bitget is asked by its own API from the first request", async (context) => {
  const { hands, last, sent } = await stage(context);
  const placed = await hands.place("sell 600010 x 5 reduce", ID);
  assert.deepEqual(placed, { result: "accepted", exchangeOrderId: "111", id: ID });
  assert.deepEqual(last("POST /api/v3/trade/place-order").json, {
    category: "USDT-FUTURES",
    symbol: "BTCUSDT",
    qty: "0.005",
    side: "sell",
    clientOid: "ob1",
    price: "60001",
    orderType: "limit",
    timeInForce: "post_only",
    reduceOnly: "yes",
  });
  assert.equal((await hands.cancel(ID)).result, "accepted");
  assert.deepEqual(last("POST /api/v3/trade/cancel-order").json, { symbol: "BTCUSDT", clientOid: "ob1" });
  assert.deepEqual(
    sent.filter(({ route }) => route.includes("/api/v2/") && !route.endsWith("/public/time")),
    [],
  );
});

test("EXCH-02 sums of a unified account are told beside its assets", async (context) => {
  const { hands } = await stage(context);
  const account = await hands.account();
  assert.ok(account.result === "ok");
  assert.deepEqual(
    [account.quoteTotal, account.quoteAvailable, account.equity, account.maintenanceMargin],
    [money("4950"), money("4800"), money("4990"), money("12.5")],
  );
});

test("EXCH-36 fees of a unified account are positive when paid, and pages go by their cursor", async (context) => {
  const { hands, replies, sentTo } = await stage(context);
  const fill = {
    execId: "1",
    orderId: "111",
    clientOid: "ob1",
    category: "USDT-FUTURES",
    symbol: "BTCUSDT",
    orderType: "limit",
    side: "buy",
    execPrice: "59999",
    execQty: "0.002",
    execValue: "119.998",
    tradeScope: "taker",
    feeDetail: [{ feeCoin: "USDT", fee: "0.00642032" }],
    createdTime: "1795233000000",
    updatedTime: "1795233000000",
  };
  const pages = [ok({ list: [fill], cursor: "1" }), ok({ list: [], cursor: null })];
  replies["GET /api/v3/trade/fills"] = () => pages.shift();
  const read = await hands.fills({ sinceMs: 1_795_232_000_000, cursor: null });
  assert.ok(read.result === "ok");
  assert.deepEqual(
    read.fills.map(({ fee, clientOrderId }) => [fee, clientOrderId]),
    [[money("0.00642032"), "ob1"]],
  );
  const cursors = sentTo("GET /api/v3/trade/fills").map(({ query }) => new URLSearchParams(query).get("cursor"));
  assert.deepEqual(cursors, [null, "1"]);
});

test("EXCH-32 the timer of a unified account is armed within its bounds", async (context) => {
  const { port, last, replies } = await stage(context);
  replies["POST /api/v3/trade/countdown-cancel-all"] = ok("success");
  const armed = await asked<{ readonly result: string }>((done) => port.deadMan?.arm(SYMBOL, 90_000, done));
  assert.equal(armed.result, "accepted");
  assert.deepEqual(last("POST /api/v3/trade/countdown-cancel-all").json, { countdown: "60" });
});

test("EXCH-38 a classic account under the unified name is refused, and so is hedge mode", async (context) => {
  const other = { code: "40084", msg: "You are in Classic Account mode", requestTime: NOW_MS, data: null };
  await assert.rejects(stage(context, { "GET /api/v3/account/settings": new Status(400, other) }), /exchange: bitget/);
  const hedged = ok({ ...SETTINGS, holdMode: "hedge_mode" });
  await assert.rejects(stage(context, { "GET /api/v3/account/settings": hedged }), /one-way/);
});
