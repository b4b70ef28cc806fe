// The flow of EMU-38 with ccxt pro as it is: only its addresses are set.

import assert from "node:assert/strict";
import { test } from "node:test";
import ccxt from "ccxt";
import { type FlowClient, type FlowOrder, flow, type HeardOrder } from "./usdm-flow.ts";
import { BTC, KEY, patienceMs, runs, SECRET, type UsdmStage, until, usdmStage } from "./usdm-stage.ts";

type Client = InstanceType<typeof ccxt.pro.binanceusdm>;
type Rows = readonly Readonly<Record<string, unknown>>[];

/** ccxt's words for the exchange's. */
const STATUS: Readonly<Record<string, string>> = { open: "NEW", closed: "FILLED", canceled: "CANCELED" };

/** ccxt's addresses: every host becomes the emulator, and the futures stream ends in `/ws` (EMU, section 1). */
function redirected(urls: unknown, stage: UsdmStage): unknown {
  if (typeof urls === "string") return urls.startsWith("wss:") ? `${stage.ws}/ws` : stage.http + new URL(urls).pathname;
  if (typeof urls !== "object" || urls === null) return urls;
  return Object.fromEntries(Object.entries(urls).map(([name, value]) => [name, redirected(value, stage)]));
}

class CcxtFlow implements FlowClient {
  readonly heard = { books: 0, trades: 0, orders: new Map<string, HeardOrder>(), fills: 0 };
  readonly complaints: unknown[] = [];
  private readonly client: Client;
  private readonly stage: UsdmStage;
  private watching = false;
  private ended = false;

  constructor(client: Client, stage: UsdmStage) {
    this.client = client;
    this.stage = stage;
  }

  static async open(stage: UsdmStage): Promise<CcxtFlow> {
    const client = new ccxt.pro.binanceusdm({ apiKey: KEY, secret: SECRET, enableRateLimit: false });
    Object.assign(client.urls, { api: redirected(client.urls["api"], stage) });
    await client.loadHttpProxyAgent();
    // the timer that renews the listen key in twenty minutes would keep the test from ending
    client.delay = (ms: number, method: (...given: unknown[]) => unknown, ...given: unknown[]) => {
      setTimeout(() => void client.spawn(method, ...given), ms).unref();
    };
    const made = new CcxtFlow(client, stage);
    stage.atEnd(() => made.close());
    return made;
  }

  async close(): Promise<void> {
    this.ended = true;
    await this.client.close();
  }

  get sockets(): number {
    return this.stage.emulator.control.sockets().filter(({ subscriptions }) => subscriptions.length > 0).length;
  }

  async markets(): Promise<readonly string[]> {
    const markets = Object.values(await this.client.loadMarkets(true));
    return markets.filter((market) => market?.active === true).map((market) => String(market?.id));
  }

  async balance(): Promise<{ total: string; free: string }> {
    const balance = await this.client.fetchBalance();
    const [usdt] = (balance.info.assets as Rows).filter(({ asset }) => asset === "USDT");
    return { total: String(usdt?.["walletBalance"]), free: String(balance["USDT"]?.free) };
  }

  async oneWay(): Promise<boolean> {
    const mode = (await this.client.fetchPositionMode(BTC)) as { hedged: boolean };
    return !mode.hedged;
  }

  async makerFee(): Promise<string> {
    return String((await this.client.fetchTradingFee(BTC)).maker);
  }

  async subscribe(): Promise<void> {
    if (this.watching) return;
    this.watching = true;
    this.loop(async () => {
      await this.client.watchOrderBook(BTC);
      this.heard.books += 1;
    });
    this.loop(async () => {
      this.heard.trades += (await this.client.watchTrades(BTC)).length;
    });
    this.loop(async () => {
      for (const order of await this.client.watchOrders()) {
        const partial = order.status === "open" && Number(order.filled) > 0;
        const status = partial ? "PARTIALLY_FILLED" : (STATUS[String(order.status)] ?? String(order.status));
        this.heard.orders.set(String(order.clientOrderId), { status, filled: String(order.filled) });
      }
    });
    this.loop(async () => {
      this.heard.fills += (await this.client.watchMyTrades()).length;
    });
    await until("book and streams", () => this.heard.books > 0 && this.sockets >= 3);
  }

  async place(order: FlowOrder): Promise<{ id: string }> {
    const { id, side, price, quantity, postOnly = false } = order;
    const params = { clientOrderId: id, postOnly };
    const placed = await this.client.createOrder(BTC, "limit", side, Number(quantity), Number(price), params);
    return { id: String(placed.id) };
  }

  async placeMany(orders: readonly FlowOrder[]): Promise<readonly (true | number)[]> {
    // ccxt would round the price that is to be refused
    const batchOrders = orders.map(({ id, side, price, quantity }) => ({
      symbol: "BTCUSDT",
      side: side.toUpperCase(),
      type: "LIMIT",
      timeInForce: "GTC",
      quantity,
      price,
      newClientOrderId: id,
    }));
    const call = this.client["fapiPrivatePostBatchOrders"] as (request: unknown) => Promise<Rows>;
    const results = await call.call(this.client, { batchOrders });
    return results.map((result) => (result["code"] === undefined ? true : Number(result["code"])));
  }

  async amend(order: FlowOrder, orderId: string): Promise<void> {
    const { side, price, quantity } = order;
    await this.client.editOrder(orderId, BTC, "limit", side, Number(quantity), Number(price));
  }

  async cancel(id: string): Promise<void> {
    await this.client.cancelOrder("", BTC, { clientOrderId: id });
  }

  async cancelAll(): Promise<void> {
    await this.client.cancelAllOrders(BTC);
  }

  async position(): Promise<string> {
    const [position] = await this.client.fetchPositions([BTC]);
    const amount = (position?.info as Record<string, unknown> | undefined)?.["positionAmt"];
    return typeof amount === "string" ? amount : "0";
  }

  async fills(): Promise<readonly { price: string; quantity: string }[]> {
    const fills = await this.client.fetchMyTrades(BTC);
    return fills.map(({ price, amount }) => ({ price: String(price), quantity: String(amount) }));
  }

  async funding(): Promise<readonly string[]> {
    const rows = await this.client.fetchFundingHistory(BTC);
    return rows.map(({ info }) => String((info as Record<string, unknown>)["income"]));
  }

  async lookUp(id: string): Promise<HeardOrder> {
    const order = await this.client.fetchOrder("", BTC, { clientOrderId: id });
    return { status: STATUS[String(order.status)] ?? "", filled: String(order.filled) };
  }

  codeOf(error: unknown): number {
    return Number(/"code":(-\d+)/.exec(String(error))?.[1] ?? 0);
  }

  private loop(once: () => Promise<void>): void {
    const again = async (): Promise<void> => {
      while (!this.ended) {
        try {
          await once();
        } catch (error) {
          // a socket the server closed; anything else is one too many
          if (!(error instanceof ccxt.NetworkError) && !this.ended) this.complaints.push(error);
          await new Promise((resolve) => setImmediate(resolve));
        }
      }
    };
    void again();
  }
}

test("TEST-29 EMU-38 EMU-39 ccxt pro finishes the flow on USDⓈ-M futures unmodified", {
  timeout: patienceMs(),
}, async (context) => {
  const stage = await usdmStage(context);
  for (let run = 1; run <= runs(); run += 1) {
    const client = await CcxtFlow.open(stage);
    await flow(client, stage, `ccxt${run}`);
    assert.ok(client.heard.fills > 0);
    await client.close();
  }
});
