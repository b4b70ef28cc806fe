// Found by reading: the exchange's order stream came back, was lost again while the connector still read what had been
// missed, and that read called it alive. When it came back for good it was "alive already": nobody got a fresh
// snapshot, and what happened in between was told to nobody.

import { test } from "node:test";
import { Heard, isEnd } from "../../src/exchange/connector/heard.fixture.ts";
import type { ExchangePort, OpenOrdersResult, StreamMessage } from "../../src/exchange/port.ts";
import { SimulatedPort } from "../../src/exchange/simulated.ts";
import { OrderSide, OrderType, TimeInForce } from "../../src/rpc/generated/opensqt/market_maker/v1/types.ts";
import { RemoteStage } from "../contract/exchange-remote.ts";
import { ACCOUNT, makeWorld, SYMBOL } from "../contract/exchange-stage.ts";

/** A connection whose stream can be lost, and whose answers can be held back. */
class LossyPort extends SimulatedPort {
  private listener: (message: StreamMessage) => void = () => undefined;
  private lost = false;
  private held: (() => void)[] | null = null;

  override subscribe(
    request: Parameters<ExchangePort["subscribe"]>[0],
    listener: (message: StreamMessage) => void,
  ): () => void {
    this.listener = listener;
    return super.subscribe(request, (message) => {
      if (!this.lost) listener(message);
    });
  }

  override openOrders(symbol: string, done: (result: OpenOrdersResult) => void): void {
    super.openOrders(symbol, (result) => {
      if (this.held === null) done(result);
      else this.held.push(() => done(result));
    });
  }

  lose(): void {
    this.lost = true;
    this.listener({ kind: "feed", feed: "orders", state: "stale" });
  }

  find(): void {
    this.lost = false;
    this.listener({ kind: "feed", feed: "orders", state: "fresh" });
  }

  hold(): void {
    this.held = [];
  }

  /** Lets the answers go that were held back; waits for the first. */
  async letGo(): Promise<void> {
    while (this.held?.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const { held } = this;
    this.held = null;
    for (const go of held ?? []) go();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test("API-20 EXCH-18 an order stream lost again during the read is alive only after a read of its own", async (t) => {
  const world = makeWorld({});
  const port = new LossyPort(world.driver, { account: ACCOUNT });
  const stage = await RemoteStage.open(world, { port });
  const trader = stage.exchange("trader");
  const stream = new Heard((signal) => trader.subscribeOrders({ symbols: [SYMBOL] }, { signal }));
  t.after(async () => {
    await stream.leave();
    await stage.close();
    world.driver.stop();
  });
  await stream.until(isEnd);
  port.lose();
  port.hold();
  port.find();
  port.lose();
  await port.letGo();
  await trader.placeOrder({
    symbol: SYMBOL,
    side: OrderSide.BUY,
    type: OrderType.LIMIT,
    timeInForce: TimeInForce.GTC,
    quantity: { value: "0.005" },
    price: { value: "59999.0" },
    clientOrderId: "o1",
  });
  port.find();
  await stream.until(({ update }) => update?.order?.clientOrderId === "o1");
});
