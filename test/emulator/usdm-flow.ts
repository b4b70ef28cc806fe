// The flow every client must finish (EMU-38), told once; what differs between clients is how each is asked. After it
// the client's belief and the world must be the same, and nothing may have been asked for that is not served.

import assert from "node:assert/strict";
import { type UsdmStage, units, until } from "./usdm-stage.ts";

export interface FlowOrder {
  readonly id: string;
  readonly side: "buy" | "sell";
  readonly price: string;
  readonly quantity: string;
  readonly postOnly?: boolean;
}

/** What the client's user stream said of an order last. Words are the exchange's. */
export interface HeardOrder {
  readonly status: string;
  readonly filled: string;
}

export interface FlowClient {
  /** Names of all instruments that can be traded. */
  markets(): Promise<readonly string[]>;
  /** Balance of USDT, and what of it is free. */
  balance(): Promise<{ readonly total: string; readonly free: string }>;
  oneWay(): Promise<boolean>;
  makerFee(): Promise<string>;
  /** Book, trades and user stream; resolves when all three stand. */
  subscribe(): Promise<void>;
  readonly heard: { books: number; trades: number; readonly orders: Map<string, HeardOrder>; fills: number };
  place(order: FlowOrder): Promise<{ readonly id: string }>;
  /** True, or the exchange's code of why not, for each. */
  placeMany(orders: readonly FlowOrder[]): Promise<readonly (true | number)[]>;
  amend(order: FlowOrder, orderId: string): Promise<void>;
  cancel(id: string): Promise<void>;
  cancelAll(): Promise<void>;
  position(): Promise<string>;
  fills(): Promise<readonly { readonly price: string; readonly quantity: string }[]>;
  /** Payments of funding, signed. */
  funding(): Promise<readonly string[]>;
  lookUp(id: string): Promise<HeardOrder>;
  /** The exchange's code in an error of this client. */
  codeOf(error: unknown): number;
  /** Whether its sockets are open and subscribed, as the server sees it. */
  readonly sockets: number;
  /** Errors and warnings nobody asked for. */
  readonly complaints: readonly unknown[];
}

const same = (a: string, b: string): boolean => units(a) === units(b);

/** One run; `tag` keeps the ids of runs apart. */
export async function flow(client: FlowClient, stage: UsdmStage, tag: string): Promise<void> {
  const id = (name: string): string => `${tag}-${name}`;
  const { heard } = client;
  const stands = (name: string, status: string, filled: string): boolean => {
    const order = heard.orders.get(id(name));
    return order?.status === status && same(order.filled, filled);
  };
  const before = stage.truth();

  const markets = await client.markets();
  for (const name of ["BTCUSDT", "ETHUSDT", "SHIBUSDT"]) assert.ok(markets.includes(name), `${name} is listed`);
  assert.ok(!markets.includes("LUNAUSDT"), "a halted instrument cannot be traded");
  assert.equal(units((await client.balance()).total), before.wallet);
  assert.equal(await client.oneWay(), true);
  assert.ok(same(await client.makerFee(), "0.0002"));
  await client.subscribe();
  stage.trade("buy", "60000.1", "0.001");
  await until("a public trade", () => heard.trades > 0);

  const first = await client.place({ id: id("first"), side: "buy", price: "59990", quantity: "0.01", postOnly: true });
  await until("the acknowledgement by stream", () => stands("first", "NEW", "0"));
  stage.fill(id("first"), "0.004");
  await until("a partial fill", () => stands("first", "PARTIALLY_FILLED", "0.004"));
  stage.fill(id("first"), "0.006");
  await until("the full fill", () => stands("first", "FILLED", "0.01"));
  assert.ok(first.id !== "");

  const second = await client.place({ id: id("second"), side: "buy", price: "59980", quantity: "0.01" });
  await client.amend({ id: id("second"), side: "buy", price: "59970", quantity: "0.012" }, second.id);
  await until("the amendment", () => heard.orders.get(id("second"))?.status === "NEW");
  await client.cancel(id("second"));
  await until("the cancel", () => stands("second", "CANCELED", "0"));

  const batch = await client.placeMany([
    { id: id("b1"), side: "buy", price: "59950", quantity: "0.01" },
    { id: id("b2"), side: "buy", price: "59950.05", quantity: "0.01" },
    { id: id("b3"), side: "sell", price: "60050", quantity: "0.01" },
    { id: id("b1"), side: "buy", price: "59940", quantity: "0.01" },
    { id: id("b5"), side: "sell", price: "60060", quantity: "0.01" },
  ]);
  assert.deepEqual(batch, [true, -1111, true, -4116, true]);
  assert.equal(stage.truth().openOrders, 3);
  await client.cancelAll();
  await until("the cancel of all", () => ["b1", "b3", "b5"].every((name) => stands(name, "CANCELED", "0")));

  assert.ok(same(await client.position(), stage.truth().position));
  const paid = (await client.funding()).length;
  stage.settleFunding("0.0001");
  const payments = await client.funding();
  assert.equal(payments.length, paid + 1);
  assert.ok(units(payments[payments.length - 1] ?? "0") < 0n, "a long pays a positive rate");

  const { sockets } = client;
  assert.ok(sockets >= 2);
  await client.place({ id: id("third"), side: "buy", price: "59960", quantity: "0.005", postOnly: true });
  const [books, trades] = [heard.books, heard.trades];
  assert.ok(stage.closeSockets(1001) >= 2);
  await until("the client to come back", () => client.sockets >= sockets);
  stage.fill(id("third"), "0.005");
  await until("the fill after the reconnect", () => stands("third", "FILLED", "0.005"));
  stage.trade("sell", "59999.9", "0.002");
  await until("trades after the reconnect", () => heard.trades > trades);
  await until("a book after the reconnect", () => {
    stage.nudge();
    return heard.books > books;
  });

  assert.deepEqual(plain(await client.lookUp(id("first"))), { status: "FILLED", filled: units("0.01") });
  const crossing = client.place({ id: id("cross"), side: "buy", price: "60010", quantity: "0.01", postOnly: true });
  await assert.rejects(crossing, (error) => client.codeOf(error) === -5022);

  const fills = await client.fills();
  const bought = fills.reduce((sum, { quantity }) => sum + units(quantity), 0n);
  const after = stage.truth();
  assert.equal(bought, units(after.position));
  assert.ok(same(await client.position(), after.position));
  assert.equal(units((await client.balance()).total), after.wallet);
  assert.equal(after.openOrders, 0);
  assert.deepEqual([...stage.protocol.unserved], []);
  assert.deepEqual(client.complaints, []);
}

const plain = ({ status, filled }: HeardOrder): { status: string; filled: bigint } => ({
  status,
  filled: units(filled),
});
