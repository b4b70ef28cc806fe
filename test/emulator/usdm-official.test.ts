// The flow of EMU-38 with Binance's own SDK as it is: REST and streams, and again with its WebSocket API for everything
// that has one.

import assert from "node:assert/strict";
import { test } from "node:test";
import { DerivativesTradingUsdsFutures } from "@binance/derivatives-trading-usds-futures";
import { flow } from "./usdm-flow.ts";
import { type Body, type RawCalls, RawFlow, type WireOrder } from "./usdm-raw-flow.ts";
import { BTCUSDT, KEY, patienceMs, runs, SECRET, type UsdmStage, until, usdmStage } from "./usdm-stage.ts";

type Client = DerivativesTradingUsdsFutures;
type Rest = Client["restAPI"];
type Api = Awaited<ReturnType<Client["websocketAPI"]["connect"]>>;
type Streams = Awaited<ReturnType<Client["websocketStreams"]["connect"]>>;

const symbol = BTCUSDT;
// it would print each connection it makes
process.env["LOG_LEVEL"] = "error";

/** A reply's body with its large numbers as text. */
async function read(call: Promise<{ data: () => Promise<unknown> }>): Promise<Body> {
  return plain(await (await call).data()) as Body;
}
const list = async (call: Promise<{ data: () => Promise<unknown> }>): Promise<readonly Body[]> =>
  Object.values(await read(call)) as readonly Body[];

const plain = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_key, each: unknown) => (typeof each === "bigint" ? String(each) : each)));

function restCalls(rest: Rest): RawCalls {
  return {
    info: () => read(rest.exchangeInformation()),
    balances: () => list(rest.futuresAccountBalanceV3()),
    dual: () => read(rest.getCurrentPositionMode()),
    commission: () => read(rest.userCommissionRate({ symbol })),
    place: (order) => read(rest.newOrder(order as Parameters<Rest["newOrder"]>[0])),
    placeMany: (orders) => list(rest.placeMultipleOrders({ batchOrders: [...orders].map(textual) } as never)),
    modify: (change) => read(rest.modifyOrder(change as Parameters<Rest["modifyOrder"]>[0])),
    cancel: (by) => read(rest.cancelOrder(by)),
    cancelAll: () => read(rest.cancelAllOpenOrders({ symbol })),
    positions: () => list(rest.positionInformationV3({ symbol })),
    trades: () => list(rest.accountTradeList({ symbol })),
    income: () =>
      list(rest.getIncomeHistory({ symbol, incomeType: "FUNDING_FEE" } as Parameters<Rest["getIncomeHistory"]>[0])),
    query: (by) => read(rest.queryOrder(by)),
  };
}

const textual = (order: WireOrder): Record<string, string> =>
  Object.fromEntries(Object.entries(order).map(([name, value]) => [name, String(value)]));

const answer = async (call: Promise<{ data?: unknown }>): Promise<Body> => plain((await call).data) as Body;

/** What the WebSocket API has is asked there. */
function apiCalls(rest: Rest, api: Api): RawCalls {
  return {
    ...restCalls(rest),
    balances: async () => Object.values(await answer(api.futuresAccountBalanceV2({}))) as readonly Body[],
    place: (order) => answer(api.newOrder(order as Parameters<Api["newOrder"]>[0])),
    modify: (change) => answer(api.modifyOrder(change as Parameters<Api["modifyOrder"]>[0])),
    cancel: (by) => answer(api.cancelOrder(by)),
    positions: async () => Object.values(await answer(api.positionInformationV2({ symbol }))) as readonly Body[],
    query: (by) => answer(api.queryOrder(by)),
  };
}

class OfficialFlow extends RawFlow {
  private readonly client: Client;
  private streams: Streams | null = null;

  constructor(stage: UsdmStage, client: Client, calls: RawCalls) {
    super(stage, calls);
    this.client = client;
    stage.atEnd(() => this.close());
  }

  async subscribe(): Promise<void> {
    const { listenKey = "" } = await (await this.client.restAPI.startUserDataStream()).data();
    const streams = await this.client.websocketStreams.connect();
    this.streams = streams;
    streams.on("error", (error) => this.complaints.push(error));
    const hear = (event: unknown): void => this.hear(event as Body);
    const book = { symbol: "btcusdt", updateSpeed: "100ms" } as Parameters<Streams["diffBookDepthStreams"]>[0];
    streams.diffBookDepthStreams(book).on("message", hear);
    streams.aggregateTradeStreams({ symbol: "btcusdt" }).on("message", hear);
    streams.userData(listenKey).on("message", hear);
    await until("three sockets", () => this.sockets >= 3);
    await until("a book", () => {
      this.stage.nudge();
      return this.heard.books > 0;
    });
  }

  async close(): Promise<void> {
    const { streams } = this;
    this.streams = null;
    await streams?.disconnect();
  }
}

function official({ http, ws }: UsdmStage): Client {
  const keys = { apiKey: KEY, apiSecret: SECRET };
  return new DerivativesTradingUsdsFutures({
    configurationRestAPI: { ...keys, basePath: http },
    configurationWebsocketAPI: { ...keys, wsURL: `${ws}/ws-fapi/v1`, reconnectDelay: 20 },
    configurationWebsocketStreams: { wsURL: ws, reconnectDelay: 20 },
  });
}

test("TEST-29 EMU-38 EMU-39 the official SDK finishes the flow by REST and streams", {
  timeout: patienceMs(1),
}, async (context) => {
  const stage = await usdmStage(context);
  for (let run = 1; run <= runs(1); run += 1) {
    const client = official(stage);
    const driver = new OfficialFlow(stage, client, restCalls(client.restAPI));
    await flow(driver, stage, `off${run}`);
    assert.ok(driver.heard.fills > 0);
    await driver.close();
    await until("its sockets to be gone", () => stage.emulator.control.sockets().length === 0);
  }
});

test("TEST-29 EMU-11 EMU-14 EMU-38 the official SDK finishes the flow by the WebSocket API", {
  timeout: patienceMs(1),
}, async (t) => {
  const stage = await usdmStage(t);
  for (let run = 1; run <= runs(1); run += 1) {
    const client = official(stage);
    const api = await client.websocketAPI.connect();
    const driver = new OfficialFlow(stage, client, apiCalls(client.restAPI, api));
    stage.atEnd(() => api.disconnect());
    await flow(driver, stage, `api${run}`);
    await driver.close();
    await api.disconnect();
    await until("its sockets to be gone", () => stage.emulator.control.sockets().length === 0);
  }
});
