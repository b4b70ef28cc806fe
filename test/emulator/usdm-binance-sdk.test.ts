// The flow of EMU-38 with the `binance` package as it is: REST by USDMClient, streams by WebsocketClient.

import assert from "node:assert/strict";
import { test } from "node:test";
import { USDMClient, WebsocketClient } from "binance";
import { flow } from "./usdm-flow.ts";
import { type Body, type RawCalls, RawFlow } from "./usdm-raw-flow.ts";
import { BTCUSDT, KEY, patienceMs, runs, SECRET, type UsdmStage, until, usdmStage } from "./usdm-stage.ts";

const bodies = async (call: Promise<unknown>): Promise<readonly Body[]> => (await call) as readonly Body[];
const body = async (call: Promise<unknown>): Promise<Body> => (await call) as Body;

function callsOf(rest: USDMClient): RawCalls {
  const symbol = BTCUSDT;
  return {
    info: () => body(rest.getExchangeInfo()),
    balances: () => bodies(rest.getBalanceV3()),
    dual: () => body(rest.getCurrentPositionMode()),
    commission: () => body(rest.getAccountCommissionRate({ symbol })),
    place: (order) => body(rest.submitNewOrder(order)),
    placeMany: (orders) => bodies(rest.submitMultipleOrders([...orders])),
    modify: (change) => rest.modifyOrder(change),
    cancel: (by) => rest.cancelOrder(by),
    cancelAll: () => rest.cancelAllOpenOrders({ symbol }),
    positions: () => bodies(rest.getPositionsV3({ symbol })),
    trades: () => bodies(rest.getAccountTrades({ symbol })),
    income: () => bodies(rest.getIncomeHistory({ symbol, incomeType: "FUNDING_FEE" })),
    query: (by) => body(rest.getOrder(by)),
  };
}

// The SDK forgets the timer that renews a listen key when its socket is replaced; it must not keep the test alive.
const every = globalThis.setInterval;
globalThis.setInterval = ((...given: Parameters<typeof every>) => every(...given).unref()) as typeof every;

/** Ids without it are warned about. */
const PREFIX = "x-15PC4ZJy";

class SdkFlow extends RawFlow {
  private readonly streams: WebsocketClient;
  private ended = false;

  constructor(stage: UsdmStage) {
    const keys = { api_key: KEY, api_secret: SECRET };
    const restOptions = { ...keys, baseUrl: stage.http, disableTimeSync: true };
    super(stage, callsOf(new USDMClient(restOptions)));
    const quiet = { trace: () => undefined, info: () => undefined, error: (...said: unknown[]) => this.complain(said) };
    this.streams = new WebsocketClient({ ...keys, wsUrl: stage.ws, restOptions, reconnectTimeout: 20 }, quiet);
    this.streams.on("message", (message) => this.hear(dataOf(message)));
    this.streams.on("exception", (error) => this.complain([error]));
    stage.atEnd(() => this.close());
  }

  async subscribe(): Promise<void> {
    await this.streams.subscribe([`${BTCUSDT.toLowerCase()}@depth@100ms`], "usdmPublic");
    await this.streams.subscribe([`${BTCUSDT.toLowerCase()}@aggTrade`], "usdmMarket");
    await this.streams.subscribeUsdFuturesUserDataStream();
    await until("three sockets", () => this.sockets >= 3);
    await until("a book", () => {
      this.stage.nudge();
      return this.heard.books > 0;
    });
  }

  async close(): Promise<void> {
    if (this.ended) return;
    this.ended = true;
    await this.streams.unsubscribeUsdFuturesUserDataStream();
    this.streams.closeAll(true);
  }

  private complain(said: readonly unknown[]): void {
    this.complaints.push(said);
  }
}

function dataOf(message: unknown): Body {
  const { data } = message as { data?: unknown };
  return typeof data === "object" && data !== null ? (data as Body) : (message as Body);
}

test("TEST-29 EMU-38 EMU-39 the binance SDK finishes the flow on USDⓈ-M futures", {
  timeout: patienceMs(),
}, async (context) => {
  const stage = await usdmStage(context);
  for (let run = 1; run <= runs(); run += 1) {
    const client = new SdkFlow(stage);
    await flow(client, stage, `${PREFIX}${run}`);
    assert.ok(client.heard.fills > 0);
    await client.close();
    await until("its sockets to be gone", () => stage.emulator.control.sockets().length === 0);
  }
});
