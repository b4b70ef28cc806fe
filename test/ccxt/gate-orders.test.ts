// Gate through ccxt with its network replaced: requests and replies against the examples of its API v4 documents
// (https://www.gate.com/docs/developers/apiv4/, "Create a futures order", "List personal trading history" and others).
// One contract of BTC_USDT is 0.0001 BTC; the sign of a size is its side.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { callersApproval } from "../../src/risk/wire-approval.ts";
import { foreignOrderId } from "../../src/trading/client-order-id.ts";
import { Hands, orderOf } from "../contract/exchange-stage.ts";
import {
  asked,
  type ExchangeStage,
  exchangeStage,
  money,
  NOW_MS,
  type Sent,
  type StageAbout,
  Status,
} from "./exchange-stage.ts";
import { ACCOUNT, GATE, ORDER, TRADE } from "./gate-replies.ts";
import { GATE_CONTRACT, GATE_PAIR } from "./listed-instruments.ts";

const SYMBOL = "BTC/USDT:USDT";
const ID = foreignOrderId("ob1");

interface Stage extends ExchangeStage {
  readonly hands: Hands;
}

async function stage(context: TestContext, about: Partial<StageAbout> = {}): Promise<Stage> {
  const replies = { ...GATE, ...about.replies };
  const of = { exchange: "gate", market: "perpetual", symbol: SYMBOL, ...about, replies } as const;
  const made = await exchangeStage(context, of);
  return { ...made, hands: new Hands(made.port, { symbol: of.symbol, unit: 1 }) };
}

test("EXCH-02 EXCH-05 EXCH-08 a Gate order counts signed contracts behind t-, and expires", async (context) => {
  const { hands, last } = await stage(context);
  const placed = await hands.place("buy 599990 x 5", ID);
  assert.deepEqual(placed, { result: "accepted", exchangeOrderId: "15675394", id: ID });
  const sent = last("POST /api/v4/futures/usdt/orders");
  assert.deepEqual(sent.json, { contract: "BTC_USDT", size: 5, price: "59999", tif: "poc", text: "t-ob1" });
  const expires = Number.parseInt(sent.headers["x-gate-exptime"] ?? "", 10);
  assert.ok(expires > NOW_MS && expires <= NOW_MS + 10_000, `${expires}`);
  await hands.place("sell 600010 x 3 reduce", foreignOrderId("ob2"));
  const sold = last("POST /api/v4/futures/usdt/orders").json;
  const { size, price, reduce_only: reduces, tif, text } = sold as Record<string, unknown>;
  assert.deepEqual([size, price, reduces, tif, text], [-3, "60001", true, "poc", "t-ob2"]);
});

test("EXCH-12 elements of a Gate list stand in the order of the request", async (context) => {
  const { hands, last, replies } = await stage(context);
  replies["POST /api/v4/futures/usdt/batch_orders"] = [
    { succeeded: true, ...ORDER, size: 5, left: 5, text: "t-ob1" },
    { succeeded: false, label: "INSUFFICIENT_AVAILABLE", detail: "margin 29 > available 3" },
    { succeeded: false, label: "ORDER_POC_IMMEDIATE", detail: "order price 60001 while counter price 60000" },
  ];
  const placed = await Promise.all([
    hands.place("buy 599990 x 5", ID),
    hands.place("buy 599980 x 5", foreignOrderId("ob2")),
    hands.place("buy 600010 x 5", foreignOrderId("ob3")),
  ]);
  const sent = last("POST /api/v4/futures/usdt/batch_orders").json as Record<string, unknown>[];
  assert.deepEqual(
    sent.map(({ size, text }) => [size, text]),
    [
      [5, "t-ob1"],
      [5, "t-ob2"],
      [5, "t-ob3"],
    ],
  );
  assert.deepEqual(
    placed.map((each) => (each.result === "rejected" ? each.reason : each.result)),
    ["accepted", "INSUFFICIENT_FUNDS", "POST_ONLY_WOULD_TAKE"],
  );
});

test("EXCH-14 cancels of Gate name the text, and everything of a contract goes at once", async (context) => {
  const { hands, port, last, replies } = await stage(context);
  assert.equal((await hands.cancel(ID)).result, "accepted");
  assert.equal(last("DELETE /api/v4/futures/usdt/orders/t-ob1").text, "");
  const gone = new Status(400, { label: "ORDER_FINISHED", detail: "order finished" });
  replies["DELETE /api/v4/futures/usdt/orders/t-ob1"] = gone;
  assert.equal((await hands.cancel(ID)).result, "not-open");
  // two of them in one turn go alone: a list's reply does not say which text an element was cancelled by
  const both = await Promise.all([hands.cancel(ID), hands.cancel(foreignOrderId("ob1"))]);
  assert.deepEqual(
    both.map(({ result }) => result),
    ["not-open", "not-open"],
  );
  replies["DELETE /api/v4/futures/usdt/orders"] = [{ ...ORDER, status: "finished", finish_as: "cancelled" }];
  const all = await asked<{ readonly result: string }>((done) => port.cancelEverything?.(SYMBOL, done));
  assert.equal(all.result, "accepted");
  assert.equal(last("DELETE /api/v4/futures/usdt/orders").query, "contract=BTC_USDT");
});

test("EXCH-09 EXCH-37 a Gate order is found by its text; its end is read without ccxt's word", async (context) => {
  const { hands, replies } = await stage(context);
  const states: string[] = [];
  for (const change of [
    {},
    { status: "finished", finish_as: "filled", left: 0 },
    { status: "finished", finish_as: "cancelled" },
    { status: "finished", finish_as: "reduce_only" },
    { status: "finished", finish_as: "stp" },
    { status: "finished", finish_as: "auto_deleveraged" },
  ]) {
    replies["GET /api/v4/futures/usdt/orders/t-ob1"] = { ...ORDER, ...change };
    const found = await hands.lookup(ID);
    assert.ok(found.result === "found");
    const { side, quantity, cumulative, status, reason, clientOrderId } = found.order;
    states.push(`${side} ${quantity} ${cumulative} ${status} ${reason} ${clientOrderId}`);
  }
  assert.deepEqual(states, [
    "sell 5 2 open null ob1",
    "sell 5 5 filled null ob1",
    "sell 5 2 canceled null ob1",
    "sell 5 2 canceled REDUCE_ONLY_REJECTED ob1",
    "sell 5 2 canceled SELF_TRADE ob1",
    "sell 5 2 canceled null ob1",
  ]);
  replies["GET /api/v4/futures/usdt/orders/t-ob1"] = new Status(404, { label: "ORDER_NOT_FOUND" });
  assert.equal((await hands.lookup(ID)).result, "absent");
});

test("EXCH-36 EXCH-19 fees of Gate fills keep their sign and their asset, page by page", async (context) => {
  const { hands, replies } = await stage(context);
  const rebate = { ...TRADE, trade_id: "121234232", fee: "-0.0015", role: "maker", create_time: 1_795_233_001 };
  const points = { ...TRADE, trade_id: "121234233", fee: "0", point_fee: "0.02", create_time: 1_795_233_002 };
  const forced = { ...TRADE, trade_id: "121234234", text: "liq-1", create_time: 1_795_233_003 };
  const pages = [[forced, points], [rebate, TRADE], []];
  const queries: URLSearchParams[] = [];
  replies["GET /api/v4/futures/usdt/my_trades_timerange"] = (sent: Sent) => {
    queries.push(new URLSearchParams(sent.query));
    return pages.shift();
  };
  const read = await hands.fills({ sinceMs: 1_795_232_000_000, cursor: null });
  assert.ok(read.result === "ok");
  assert.deepEqual(
    read.fills.map(({ side, quantity, fee, feeAsset, origin, clientOrderId }) => [
      `${side} ${quantity} ${feeAsset} ${origin} ${clientOrderId}`,
      fee,
    ]),
    [
      ["sell 2 USDT order ob1", money("0.006")],
      ["sell 2 USDT order ob1", money("-0.0015")],
      ["sell 2 POINT order ob1", money("0.02")],
      ["sell 2 USDT liquidation liq-1", money("0.006")],
    ],
  );
  assert.deepEqual(
    queries.map((query) => [query.get("from"), query.get("offset")]),
    [
      ["1795232000", null],
      ["1795232000", "2"],
      ["1795232000", "4"],
    ],
  );
});

test("EXCH-02 EXCH-29 EXCH-31 contract, account and fees of Gate are read whole", async (context) => {
  const { port, hands, replies } = await stage(context);
  const read = await asked<Parameters<Parameters<typeof port.instrument>[1]>[0]>((done) =>
    port.instrument(SYMBOL, done),
  );
  assert.ok(read.result === "ok");
  const { tickSize, lotSize, fundingIntervalMs, leverage, makerPpm, takerPpm, openOrdersMax } = read.instrument;
  assert.deepEqual(
    { tickSize, lotSize, fundingIntervalMs, leverage, makerPpm, takerPpm, openOrdersMax },
    {
      tickSize: "0.1",
      lotSize: "0.0001",
      fundingIntervalMs: 28_800_000,
      leverage: 5,
      makerPpm: -50,
      takerPpm: 500,
      openOrdersMax: 100,
    },
  );
  replies["GET /api/v4/futures/usdt/positions"] = [
    { contract: "BTC_USDT", size: -3, entry_price: "60000.5", liq_price: "0", leverage: "0", mode: "single" },
  ];
  const account = await hands.account();
  assert.ok(account.result === "ok");
  assert.deepEqual(
    [account.quoteTotal, account.equity, account.maintenanceMargin, account.positions[0]?.lots],
    [money("4900.5"), money("4950.75"), money("12.5"), -3],
  );
});

test("EXCH-17 EXCH-32 a Gate order changes under its id, and the timer takes one contract", async (context) => {
  const { port, last, replies } = await stage(context, { more: { exclusive: true } });
  replies["PUT /api/v4/futures/usdt/orders/t-ob1"] = { ...ORDER, size: -7 };
  const order = callersApproval(orderOf("sell 600020 x 7", { symbol: SYMBOL, unit: 1 }));
  const outcome = await asked<{ readonly result: string }>((done) =>
    port.amend?.({ symbol: SYMBOL, clientOrderId: ID, revision: 1, order }, done),
  );
  assert.equal(outcome.result, "accepted");
  assert.deepEqual(last("PUT /api/v4/futures/usdt/orders/t-ob1").json, { size: -7, price: "60002" });
  replies["POST /api/v4/futures/usdt/countdown_cancel_all"] = { triggerTime: "1660039145000" };
  const armed = await asked<{ readonly result: string }>((done) => port.deadMan?.arm(SYMBOL, 60_000, done));
  assert.equal(armed.result, "accepted");
  assert.deepEqual(last("POST /api/v4/futures/usdt/countdown_cancel_all").json, { timeout: 60, contract: "BTC_USDT" });
});

test("EXCH-38 fractional contracts, hedge mode and keys that withdraw refuse the start on Gate", async (context) => {
  const key = {
    perms: [
      { name: "futures", read_only: false },
      { name: "withdraw", read_only: false },
    ],
  };
  for (const [replies, says] of [
    [{ "GET /api/v4/futures/usdt/contracts": [{ ...GATE_CONTRACT, enable_decimal: true }] }, /fractions of contracts/],
    [{ "GET /api/v4/futures/usdt/accounts": { ...ACCOUNT, position_mode: "dual" } }, /one-way/],
    [{ "GET /api/v4/futures/usdt/accounts": { ...ACCOUNT, position_mode: undefined, in_dual_mode: true } }, /one-way/],
    [{ "GET /api/v4/account/main_keys": [key] }, /withdraw/],
  ] as const) {
    await assert.rejects(stage(context, { replies }), says);
  }
});

test("EXCH-02 an account of Gate that is unified tells its sums in its own words", async (context) => {
  const { hands } = await stage(context, {
    replies: {
      "GET /api/v4/account/detail": { user_id: 1, key: { mode: 2 } },
      "GET /api/v4/unified/accounts": {
        balances: { USDT: { available: "4800", equity: "4950", margin_balance: "4900" } },
        unified_account_total_equity: "4950",
        total_maintenance_margin: "10",
      },
      "GET /api/v4/futures/usdt/positions": [],
    },
  });
  const account = await hands.account();
  assert.ok(account.result === "ok");
  assert.deepEqual(
    [account.quoteTotal, account.quoteAvailable, account.equity, account.maintenanceMargin],
    [money("4900"), money("4800"), money("4950"), money("10")],
  );
});

test("EXCH-05 EXCH-12 spot orders of Gate count coins; lists of cancels name theirs", async (context) => {
  const order = { id: "1852454420", text: "t-ob1", currency_pair: "BTC_USDT", type: "limit", account: "spot" };
  const { hands, last, replies } = await stage(context, {
    market: "spot",
    symbol: "BTC/USDT",
    replies: {
      "GET /api/v4/spot/currency_pairs": [GATE_PAIR],
      "GET /api/v4/margin/currency_pairs": [],
      "GET /api/v4/spot/accounts": [{ currency: "USDT", available: "968.8", locked: "0" }],
      "POST /api/v4/spot/orders": { ...order, side: "buy", amount: "0.001", price: "59999", status: "open" },
      "POST /api/v4/spot/cancel_batch_orders": [
        { currency_pair: "BTC_USDT", id: "t-ob2", text: "t-ob2", succeeded: false, label: "ORDER_NOT_FOUND" },
        { currency_pair: "BTC_USDT", id: "1852454420", text: "t-ob1", succeeded: true, label: null },
      ],
    },
  });
  const placed = await hands.place("buy 599990 x 100", ID);
  assert.ok(placed.result === "accepted" && placed.exchangeOrderId === "1852454420");
  assert.deepEqual(last("POST /api/v4/spot/orders").json, {
    currency_pair: "BTC_USDT",
    type: "limit",
    account: "spot",
    side: "buy",
    amount: "0.001",
    price: "59999",
    time_in_force: "poc",
    text: "t-ob1",
  });
  const cancelled = await Promise.all([hands.cancel(ID), hands.cancel(foreignOrderId("ob2"))]);
  assert.deepEqual(
    cancelled.map(({ result }) => result),
    ["accepted", "not-open"],
  );
  assert.deepEqual(last("POST /api/v4/spot/cancel_batch_orders").json, [
    { id: "t-ob1", currency_pair: "BTC_USDT" },
    { id: "t-ob2", currency_pair: "BTC_USDT" },
  ]);
  replies["POST /api/v4/spot/orders"] = new Status(400, {
    label: "POC_FILL_IMMEDIATELY",
    message: "Order would match and take immediately so its cancelled",
  });
  const crossed = await hands.place("buy 600010 x 100");
  assert.ok(crossed.result === "rejected" && crossed.reason === "POST_ONLY_WOULD_TAKE");
});

test("EXCH-25 Gate's headers correct what is counted of the endpoint asked", async (context) => {
  const { hands, port, replies } = await stage(context);
  const bucket = () => port.budget?.().find(({ name }) => name === "GET {settle}/accounts");
  const before = bucket()?.used ?? 0;
  const headers = { "x-gate-ratelimit-limit": "200", "x-gate-ratelimit-requests-remain": "150" };
  replies["GET /api/v4/futures/usdt/accounts"] = new Status(200, ACCOUNT, headers);
  replies["GET /api/v4/futures/usdt/positions"] = [];
  const told = await hands.account();
  assert.equal(told.result === "ok" ? "" : told.text, "");
  assert.ok(before < 50);
  assert.deepEqual([bucket()?.used, bucket()?.limit], [50, 200]);
});
