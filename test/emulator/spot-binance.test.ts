// The flow of EMU-38 with the SDK `binance` as it is, on the emulated Binance spot market: REST, streams by listen
// key, and the WebSocket API, each with its documented address options only.

import assert from "node:assert/strict";
import { test } from "node:test";
import { DefaultLogger, MainClient, WebsocketAPIClient, WebsocketClient, WS_KEY_MAP } from "binance";
import { BID, KEY, patienceMs, plain, runs, SECRET, type SpotStage, spotStage, until } from "./spot-stage.ts";

const symbol = "BTCUSDT";

// the SDK leaves the timer of its listen key behind when it is closed: it must not keep the process up
const { setInterval: real } = globalThis;
globalThis.setInterval = ((...given: Parameters<typeof real>) => real(...given).unref()) as typeof real;

interface Told {
  readonly complaints: unknown[][];
  readonly logger: typeof DefaultLogger;
}

/** The SDK's own logger, with every complaint kept. */
function listening(): Told {
  const complaints: unknown[][] = [];
  const keep = (...said: unknown[]): void => {
    complaints.push(said);
  };
  const silent = (): void => {};
  return { complaints, logger: { ...DefaultLogger, trace: silent, info: silent, error: keep } };
}

function restOf(stage: SpotStage): MainClient {
  return new MainClient({ api_key: KEY, api_secret: SECRET, baseUrl: stage.http, disableTimeSync: true });
}

/** Every message of a client, as it came. */
function messagesOf(client: WebsocketClient): Record<string, unknown>[] {
  const messages: Record<string, unknown>[] = [];
  const keep = (message: unknown): void => {
    if (Array.isArray(message) || typeof message !== "object" || message === null) return;
    const { event } = message as { event?: Record<string, unknown> };
    messages.push(event ?? (message as Record<string, unknown>));
  };
  client.on("message", keep);
  return messages;
}

function clientOf(stage: SpotStage, logger: Told["logger"]): WebsocketClient {
  const rest = { baseUrl: stage.http, disableTimeSync: true };
  const options = { api_key: KEY, api_secret: SECRET, wsUrl: stage.ws, restOptions: rest, reconnectTimeout: 20 };
  const client = new WebsocketClient(options, logger);
  client.on("exception", (error: unknown) => logger.error(error));
  stage.atEnd(() => client.closeAll(true));
  return client;
}

const report = (messages: readonly Record<string, unknown>[], id: string, status: string): boolean =>
  messages.some(({ e, c, C, X }) => e === "executionReport" && (c === id || C === id) && X === status);

test("TEST-29 EMU-38 EMU-39 the SDK binance finishes the flow by REST and streams", {
  timeout: patienceMs(),
}, async (context) => {
  for (let run = 1; run <= runs(); run += 1) await restFlow(await spotStage(context));
});

async function restFlow(stage: SpotStage): Promise<void> {
  const { complaints, logger } = listening();
  const rest = restOf(stage);
  const info = await rest.getExchangeInfo();
  assert.equal(info.symbols.length, 4);
  const account = await rest.getAccountInformation();
  assert.equal(account.balances.find(({ asset }) => asset === "USDT")?.free, "1000000.00000000");
  assert.equal((await rest.getOrderBook({ symbol })).bids[0]?.[0], BID);

  const streams = clientOf(stage, logger);
  const messages = messagesOf(streams);
  await streams.subscribe(["btcusdt@depth@100ms", "btcusdt@trade", "btcusdt@bookTicker"], WS_KEY_MAP.main);
  await streams.subscribeSpotUserDataStreamWithListenKey(
    WS_KEY_MAP.main,
    (await rest.getSpotUserDataListenKey()).listenKey,
  );
  await until(
    "both sockets",
    () => stage.emulator.control.sockets().filter(({ subscriptions }) => subscriptions.length > 0).length === 2,
  );
  stage.trade("sell", 5_999_999, 3);
  await until("a trade", () => messages.some(({ e }) => e === "trade"));
  await until("a best quote", () => messages.some(({ b }) => b === BID));

  const order = { symbol, side: "BUY", type: "LIMIT_MAKER", quantity: 0.001, price: 59_990 } as const;
  const first = rest.generateNewOrderId();
  await rest.submitNewOrder({ ...order, newClientOrderId: first });
  await until("the acknowledgement", () => report(messages, first, "NEW"));
  stage.fill(first, 40);
  await until("the partial fill", () => report(messages, first, "PARTIALLY_FILLED"));
  stage.fill(first);
  await until("the fill", () => report(messages, first, "FILLED"));

  const second = rest.generateNewOrderId();
  const resting = await rest.submitNewOrder({
    ...order,
    price: 59_000,
    newClientOrderId: second,
    newOrderRespType: "RESULT",
  });
  await rest.cancelOrder({ symbol, orderId: resting.orderId });
  await until("its end", () => report(messages, second, "CANCELED"));

  const third = rest.generateNewOrderId();
  await rest.submitNewOrder({ ...order, price: 59_000, newClientOrderId: third });
  const fourth = rest.generateNewOrderId();
  const replaced = await rest.replaceOrder({
    symbol,
    side: "BUY",
    type: "LIMIT_MAKER",
    cancelReplaceMode: "STOP_ON_FAILURE",
    cancelOrigClientOrderId: third,
    quantity: 0.002,
    price: 58_900,
    newClientOrderId: fourth,
  });
  assert.equal("newOrderResult" in replaced && replaced.newOrderResult, "SUCCESS");
  await rest.submitNewOrder({ ...order, price: 58_800 });
  assert.equal((await rest.getOpenOrders({ symbol })).length, 2);
  await rest.cancelAllSymbolOrders({ symbol });
  assert.deepEqual(stage.openOrders(), []);
  const trades = await rest.getAccountTradeList({ symbol });
  assert.deepEqual(
    trades.map(({ qty }) => qty),
    ["0.00040000", "0.00060000"],
  );

  const last = rest.generateNewOrderId();
  await rest.submitNewOrder({ ...order, price: 59_980, newClientOrderId: last });
  assert.equal(stage.closeSockets(1001), 2);
  await until(
    "the sockets again",
    () => stage.emulator.control.sockets().filter(({ subscriptions }) => subscriptions.length > 0).length === 2,
  );
  stage.fill(last);
  await until("the fill after the reconnect", () => report(messages, last, "FILLED"));

  const found = await rest.getOrder({ symbol, origClientOrderId: first });
  assert.equal(found.status, "FILLED");
  const crossing = { ...order, price: 60_100, newClientOrderId: rest.generateNewOrderId() };
  await assert.rejects(rest.submitNewOrder(crossing), {
    code: -2010,
    message: "Order would immediately match and take.",
  });
  const after = await rest.getAccountInformation();
  for (const asset of ["USDT", "BTC"]) {
    const held = after.balances.find((balance) => balance.asset === asset);
    assert.equal(plain(String(held?.free)), stage.balance(asset));
  }
  assert.deepEqual(complaints, []);
  stage.nothingUnserved();
}

test("TEST-29 EMU-38 EMU-39 the SDK binance finishes the flow by the WebSocket API", {
  timeout: patienceMs(),
}, async (context) => {
  for (let run = 1; run <= runs(); run += 1) await apiFlow(await spotStage(context));
});

async function apiFlow(stage: SpotStage): Promise<void> {
  const { complaints, logger } = listening();
  const options = { api_key: KEY, api_secret: SECRET, wsUrl: stage.ws, disableTimeSync: true, reconnectTimeout: 20 };
  const api = new WebsocketAPIClient(
    { ...options, attachEventListeners: false, resubscribeUserDataStreamDelaySeconds: 0 },
    logger,
  );
  const streams = api.getWSClient();
  stage.atEnd(() => streams.closeAll(true));
  const messages = messagesOf(streams);
  const status = await api.getSpotAccountInformation({ timestamp: Date.now() });
  assert.equal(status.result.balances.find(({ asset }) => asset === "BTC")?.free, "10.00000000");
  await api.subscribeUserDataStream(WS_KEY_MAP.mainWSAPI);

  const order = { symbol, side: "SELL", type: "LIMIT_MAKER", quantity: 0.001, price: 60_100 } as const;
  const place = (id: string, price: number): ReturnType<typeof api.submitNewSpotOrder> => {
    // its type leaves the time out, and the exchange wants it
    const stamped = { ...order, price, newClientOrderId: id, timestamp: Date.now() };
    return api.submitNewSpotOrder(stamped);
  };
  const [first, second, third, last] = Array.from({ length: 4 }, () => restOf(stage).generateNewOrderId()) as [
    string,
    string,
    string,
    string,
  ];
  await place(first, 60_100);
  await until("the acknowledgement", () => report(messages, first, "NEW"));
  stage.fill(first, 40);
  await until("the partial fill", () => report(messages, first, "PARTIALLY_FILLED"));
  stage.fill(first);
  await until("the fill", () => report(messages, first, "FILLED"));
  await place(second, 61_000);
  await api.cancelSpotOrder({ symbol, origClientOrderId: second, timestamp: Date.now() });
  await until("its end", () => report(messages, second, "CANCELED"));
  await place(third, 61_000);
  const replaced = await api.cancelReplaceSpotOrder({
    ...order,
    price: 61_500,
    cancelReplaceMode: "STOP_ON_FAILURE",
    cancelOrigClientOrderId: third,
    timestamp: Date.now(),
  });
  assert.equal("newOrderResult" in replaced.result && replaced.result.newOrderResult, "SUCCESS");
  const open = await api.getSpotOpenOrders({ symbol, timestamp: Date.now() });
  assert.equal(open.result.length, 1);
  await api.cancelAllSpotOpenOrders({ symbol, timestamp: Date.now() });
  assert.deepEqual(stage.openOrders(), []);

  await place(last, 60_200);
  assert.equal(stage.closeSockets(1001), 1);
  await until("the user stream again", () =>
    stage.emulator.control.sockets().some(({ subscriptions }) => subscriptions.length > 0),
  );
  stage.fill(last);
  await until("the fill after the reconnect", () => report(messages, last, "FILLED"));
  const found = await api.getSpotOrderStatus({ symbol, origClientOrderId: first, timestamp: Date.now() });
  assert.equal(found.result.status, "FILLED");
  await assert.rejects(place(restOf(stage).generateNewOrderId(), 59_000), ({ error }: { error: unknown }) => {
    assert.deepEqual(error, { code: -2010, msg: "Order would immediately match and take." });
    return true;
  });
  const after = await api.getSpotAccountInformation({ timestamp: Date.now() });
  for (const asset of ["USDT", "BTC"]) {
    assert.equal(plain(String(after.result.balances.find((held) => held.asset === asset)?.free)), stage.balance(asset));
  }
  assert.ok(messages.some(({ e }) => e === "outboundAccountPosition"));
  // it calls its own new subscription after a close an error
  assert.deepEqual(
    complaints.map((said) => String(said[0]).slice(0, 30)),
    ["tryResubscribeUserDataStream()"],
  );
  stage.nothingUnserved();
}
