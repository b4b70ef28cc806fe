// The flow of EMU-38 with ccxt pro as it is, on the emulated Binance spot market: only its addresses are set.

import assert from "node:assert/strict";
import { test } from "node:test";
import ccxt from "ccxt";
import { BTC, KEY, patienceMs, plain, runs, SECRET, type SpotStage, spotStage, until } from "./spot-stage.ts";

type Client = InstanceType<typeof ccxt.pro.binance>;

/** ccxt's addresses, each host replaced by the emulator's. */
function redirected(urls: unknown, { http, ws }: SpotStage): unknown {
  if (typeof urls === "string") {
    const { protocol, pathname } = new URL(urls);
    return protocol === "wss:" ? `${ws}${pathname}` : `${http}${pathname}`;
  }
  if (typeof urls !== "object" || urls === null) return urls;
  return Object.fromEntries(
    Object.entries(urls).map(([name, value]) => [name, redirected(value, { http, ws } as SpotStage)]),
  );
}

async function connected(stage: SpotStage): Promise<Client> {
  const options = { fetchMarkets: { types: ["spot"] }, defaultType: "spot" };
  const client = new ccxt.pro.binance({ apiKey: KEY, secret: SECRET, options, enableRateLimit: false });
  const { ws } = stage;
  const api = redirected(client.urls["api"], stage) as Record<string, Record<string, unknown>>;
  client.urls["api"] = { ...api, ws: { ...api["ws"], spot: `${ws}/stream/ws` } };
  await client.loadHttpProxyAgent();
  stage.atEnd(() => client.close());
  return client;
}

/** What watching one thing again and again has brought; errors end up beside it, and the watching goes on. */
function watched<T>(stage: SpotStage, watch: () => Promise<T>): { readonly seen: T[]; readonly errors: unknown[] } {
  const told = { seen: [] as T[], errors: [] as unknown[] };
  let ended = false;
  stage.atEnd(() => {
    ended = true;
  });
  const loop = async (): Promise<void> => {
    while (!ended) {
      try {
        told.seen.push(JSON.parse(JSON.stringify(await watch())));
      } catch (error) {
        if (ended) return;
        told.errors.push(error);
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
  };
  void loop();
  return told;
}

test("TEST-29 EMU-38 EMU-39 ccxt pro finishes the flow on Binance spot unmodified", {
  timeout: patienceMs(),
}, async (context) => {
  for (let run = 1; run <= runs(); run += 1) await flow(await spotStage(context));
});

async function flow(stage: SpotStage): Promise<void> {
  const client = await connected(stage);
  await client.loadMarkets();
  assert.equal(client.market(BTC).precision.price, 0.01);
  assert.equal(client.market("LUNA/USDT").active, false);
  const before = await client.fetchBalance();
  assert.equal(before["USDT"]?.free, 1_000_000);
  assert.equal((await client.fetchTradingFee(BTC)).maker, 0.001);

  const books = watched(stage, () => client.watchOrderBook(BTC));
  const trades = watched(stage, () => client.watchTrades(BTC));
  const orders = watched(stage, () => client.watchOrders());
  const mine = watched(stage, () => client.watchMyTrades());
  const balances = watched(stage, () => client.watchBalance());
  await until("a book", () => books.seen.length > 0);
  assert.equal(books.seen[0]?.bids[0]?.[0], 59_999.99);
  await until("the user stream", () =>
    stage.emulator.control
      .sockets()
      .some(({ path, subscriptions }) => path === "/ws-api/v3" && subscriptions.length > 0),
  );
  stage.trade("buy", 6_000_001, 7);
  await until("a trade", () => trades.seen.length > 0);

  const statusOf = (id: string): string | undefined =>
    orders.seen.flat().findLast((order) => order.clientOrderId === id)?.status;
  const first = await client.createOrder(BTC, "limit", "buy", 0.001, 59_990, {
    postOnly: true,
    clientOrderId: "first",
  });
  assert.equal(first.id, stage.order("first").exchangeOrderId);
  await until("the acknowledgement on the stream", () => statusOf("first") === "open");
  stage.fill("first", 40);
  await until("the partial fill", () => orders.seen.flat().some(({ filled }) => filled === 0.0004));
  stage.fill("first");
  await until("the fill", () => statusOf("first") === "closed");
  assert.equal(mine.seen.flat().length >= 2, true);

  const second = await client.createOrder(BTC, "limit", "sell", 0.002, 61_000, { clientOrderId: "second" });
  await until("its acknowledgement", () => statusOf("second") === "open");
  await client.cancelOrder(String(second.id), BTC);
  await until("its end", () => statusOf("second") === "canceled");

  const third = await client.createOrder(BTC, "limit", "sell", 0.002, 61_000, { clientOrderId: "third" });
  const edited = await client.editOrder(String(third.id), BTC, "limit", "sell", 0.003, 61_500, {
    newClientOrderId: "edited",
  });
  assert.equal(stage.order("third").status, "canceled");
  assert.equal(String(edited.id), stage.order("edited").exchangeOrderId);

  await client.createOrder(BTC, "limit", "buy", 0.001, 59_000);
  assert.equal((await client.fetchOpenOrders(BTC)).length, 2);
  await client.cancelAllOrders(BTC);
  assert.deepEqual(stage.openOrders(), []);
  const own = await client.fetchMyTrades(BTC);
  assert.deepEqual(
    own.map(({ amount, takerOrMaker }) => `${amount} ${takerOrMaker}`),
    ["0.0004 maker", "0.0006 maker"],
  );

  await client.createOrder(BTC, "limit", "buy", 0.001, 59_980, { clientOrderId: "last" });
  await until("the last order", () => statusOf("last") === "open");
  assert.ok(stage.closeSockets(1001) >= 3);
  await until("the user stream again", () =>
    stage.emulator.control
      .sockets()
      .some(({ path, subscriptions }) => path === "/ws-api/v3" && subscriptions.length > 0),
  );
  stage.fill("last");
  await until("the fill after the reconnect", () => statusOf("last") === "closed");
  const told = books.seen.length;
  await until("the book again", () => {
    stage.emulator.control.universe.world.interventions.inject(BTC, [
      { kind: "level", side: "buy", price: 5_999_900, quantity: 1 + books.seen.length },
    ]);
    return books.seen.length > told;
  });

  const found = await client.fetchOrder("", BTC, { clientOrderId: "first" });
  assert.equal(found.status, "closed");
  await assert.rejects(
    client.createOrder(BTC, "limit", "buy", 0.001, 60_100, { postOnly: true }),
    ccxt.OrderImmediatelyFillable,
  );
  await assert.rejects(client.createOrder(BTC, "limit", "buy", 100, 59_000), ccxt.InsufficientFunds);

  const after = await client.fetchBalance();
  for (const asset of ["USDT", "BTC"]) {
    assert.equal(plain(String(after[asset]?.total)), stage.balance(asset));
    const streamed = balances.seen[balances.seen.length - 1]?.[asset];
    assert.equal(plain(String(streamed?.total)), stage.balance(asset), `${asset} by the stream`);
  }
  stage.nothingUnserved();
}
