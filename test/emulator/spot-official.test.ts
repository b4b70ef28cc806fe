// The flow of EMU-38 with Binance's own SDK as it is, on the emulated spot market: REST for the orders of the first
// run, the WebSocket API for those of the second, streams in both.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Spot } from "@binance/spot";
import { BID, KEY, patienceMs, plain, runs, SECRET, type SpotStage, spotStage, until } from "./spot-stage.ts";

type Rest = Spot["restAPI"];
type Api = Awaited<ReturnType<Spot["websocketAPI"]["connect"]>>;
type Body = Record<string, unknown>;

const symbol = "BTCUSDT";
// it would print each connection it makes
process.env["LOG_LEVEL"] = "error";

/** A reply with its large numbers as text. */
const plainBody = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_key, each: unknown) => (typeof each === "bigint" ? String(each) : each)));

/** The requests of the flow, whichever way they travel. */
interface Calls {
  place(order: Body): Promise<Body>;
  cancel(origClientOrderId: string): Promise<Body>;
  replace(order: Body): Promise<Body>;
  amend(change: Body): Promise<Body>;
  cancelAll(): Promise<unknown>;
  query(origClientOrderId: string): Promise<Body>;
  open(): Promise<unknown>;
  trades(): Promise<unknown>;
  account(): Promise<Body>;
}

const read = async (call: Promise<{ data: () => Promise<unknown> }>): Promise<Body> =>
  plainBody(await (await call).data()) as Body;

const restCalls = (rest: Rest): Calls => ({
  place: (order) => read(rest.newOrder(order as never)),
  cancel: (origClientOrderId) => read(rest.deleteOrder({ symbol, origClientOrderId })),
  replace: (order) => read(rest.orderCancelReplace(order as never)),
  amend: (change) => read(rest.orderAmendKeepPriority(change as never)),
  cancelAll: () => read(rest.deleteOpenOrders({ symbol })),
  query: (origClientOrderId) => read(rest.getOrder({ symbol, origClientOrderId })),
  open: () => read(rest.getOpenOrders({ symbol })),
  trades: () => read(rest.myTrades({ symbol })),
  account: () => read(rest.getAccount({ omitZeroBalances: true })),
});

const answered = async (call: Promise<{ data?: unknown }>): Promise<Body> => plainBody((await call).data) as Body;

const apiCalls = (api: Api): Calls => ({
  place: (order) => answered(api.orderPlace(order as never)),
  cancel: (origClientOrderId) => answered(api.orderCancel({ symbol, origClientOrderId })),
  replace: (order) => answered(api.orderCancelReplace(order as never)),
  amend: (change) => answered(api.orderAmendKeepPriority(change as never)),
  cancelAll: () => answered(api.openOrdersCancelAll({ symbol })),
  query: (origClientOrderId) => answered(api.orderStatus({ symbol, origClientOrderId })),
  open: () => answered(api.openOrdersStatus({ symbol })),
  trades: () => answered(api.myTrades({ symbol })),
  account: () => answered(api.accountStatus({ omitZeroBalances: true })),
});

function official({ http, ws }: SpotStage): Spot {
  const keys = { apiKey: KEY, apiSecret: SECRET };
  return new Spot({
    configurationRestAPI: { ...keys, basePath: http },
    configurationWebsocketAPI: { ...keys, wsURL: `${ws}/ws-api/v3`, reconnectDelay: 20 },
    configurationWebsocketStreams: { wsURL: ws, reconnectDelay: 20 },
  });
}

const countOf = (list: unknown): number => Object.values(list as Body).length;

async function flow(stage: SpotStage, callsOf: (client: Spot, api: Api) => Calls): Promise<void> {
  const client = official(stage);
  const complaints: unknown[] = [];
  const api = await client.websocketAPI.connect();
  const streams = await client.websocketStreams.connect();
  stage.atEnd(() => Promise.all([api.disconnect(), streams.disconnect()]));
  streams.on("error", (error) => void complaints.push(error));
  api.on("error", (error) => void complaints.push(error));
  let opened = 0;
  api.on("open", () => {
    opened += 1;
  });
  const calls = callsOf(client, api);
  const info = await read(client.restAPI.exchangeInfo({ symbol }));
  assert.equal(countOf(info["symbols"]), 1);

  const [books, trades, events]: [Body[], Body[], Body[]] = [[], [], []];
  streams
    .diffBookDepth({ symbol: "btcusdt", updateSpeed: "100ms" } as never)
    .on("message", (told) => void books.push(told as Body));
  streams.trade({ symbol: "btcusdt" }).on("message", (told) => void trades.push(told as Body));
  const follow = async (): Promise<void> => {
    const { stream } = await api.userDataStreamSubscribeSignature();
    stream.on("message", (told) => void events.push(plainBody(told) as Body));
  };
  await follow();
  const listened = (): number =>
    stage.emulator.control.sockets().reduce((sum, { subscriptions }) => sum + subscriptions.length, 0);
  await until("three streams", () => listened() === 3);
  stage.trade("buy", 6_000_001, 5);
  stage.level("sell", 6_000_030, 17);
  await until("a book and a trade", () => books.length > 0 && trades.length > 0);
  const snapshot = await read(client.restAPI.depth({ symbol, limit: 5 }));
  assert.equal((snapshot["bids"] as string[][])[0]?.[0], BID);

  const reported = (id: string, status: string): boolean =>
    events.some(({ e, c, C, X }) => e === "executionReport" && (c === id || C === id) && X === status);
  const order = { symbol, side: "BUY", type: "LIMIT_MAKER", quantity: 0.001, price: 59_990 };
  await calls.place({ ...order, newClientOrderId: "first" });
  await until("the acknowledgement", () => reported("first", "NEW"));
  stage.fill("first", 40);
  await until("the partial fill", () => reported("first", "PARTIALLY_FILLED"));
  stage.fill("first");
  await until("the fill", () => reported("first", "FILLED"));
  await calls.place({ ...order, price: 59_000, newClientOrderId: "second" });
  assert.equal((await calls.cancel("second"))["status"], "CANCELED");
  await until("its end", () => reported("second", "CANCELED"));

  await calls.place({ ...order, price: 59_000, newClientOrderId: "third" });
  const amended = await calls.amend({ symbol, origClientOrderId: "third", newQty: 0.0005, newClientOrderId: "less" });
  assert.equal((amended["amendedOrder"] as Body)["qty"], "0.00050000");
  await until("the amendment", () =>
    events.some(({ x, c, C, q }) => x === "REPLACED" && c === "less" && C === "third" && q === "0.00050000"),
  );
  const half = { ...order, price: 58_900, cancelReplaceMode: "STOP_ON_FAILURE", cancelOrigClientOrderId: "less" };
  assert.equal((await calls.replace({ ...half, newClientOrderId: "fourth" }))["newOrderResult"], "SUCCESS");
  assert.equal(countOf(await calls.open()), 1);
  await calls.cancelAll();
  assert.deepEqual(stage.openOrders(), []);
  assert.equal(countOf(await calls.trades()), 2);

  await calls.place({ ...order, price: 59_980, newClientOrderId: "last" });
  assert.equal(stage.closeSockets(1001), 2);
  // it connects again by itself, and leaves it to its user to ask for his own stream again
  await until("the WebSocket API again", () => opened > 0);
  await follow();
  await until("three streams again", () => listened() === 3);
  stage.fill("last");
  await until("the fill after the reconnect", () => reported("last", "FILLED"));
  assert.equal((await calls.query("first"))["status"], "FILLED");
  await assert.rejects(calls.place({ ...order, price: 60_100 }), (refused: Body) => {
    // REST throws an error, the WebSocket API what the exchange said
    assert.equal(refused["message"] ?? refused["msg"], "Order would immediately match and take.");
    return true;
  });
  const balances = (await calls.account())["balances"] as { asset: string; free: string }[];
  for (const { asset, free } of Object.values(balances)) assert.equal(plain(free), stage.balance(asset));
  assert.deepEqual(complaints, []);
  stage.nothingUnserved();
}

test("TEST-29 EMU-38 EMU-39 the official SDK finishes the flow on spot by REST and streams", {
  timeout: patienceMs(1),
}, async (context) => {
  for (let run = 1; run <= runs(1); run += 1) {
    await flow(await spotStage(context), (client) => restCalls(client.restAPI));
  }
});

test("TEST-29 EMU-11 EMU-38 EMU-39 the official SDK finishes the flow on spot by the WebSocket API", {
  timeout: patienceMs(1),
}, async (context) => {
  for (let run = 1; run <= runs(1); run += 1) await flow(await spotStage(context), (_client, api) => apiCalls(api));
});
