// A connector answered from an account it had read up to 250 ms before, while the fills were read afresh. A bot that
// compared them twice in that time saw the same difference twice, took it for proven, and opened nothing until a person
// came. Now nobody is answered by a read that began before the question.

import assert from "node:assert/strict";
import { test } from "node:test";
import { OrderSide, OrderType, TimeInForce } from "../../src/rpc/generated/opensqt/market_maker/v1/types.ts";
import { RemoteStage } from "../contract/exchange-remote.ts";
import { makeWorld, SYMBOL } from "../contract/exchange-stage.ts";

test("RISK-31 TEST-05 an account that is read after a fill knows it, however soon after the last read", async (t) => {
  const world = makeWorld();
  const stage = await RemoteStage.open(world);
  t.after(async () => {
    await stage.close();
    world.driver.stop();
  });
  const trader = stage.exchange("trader");
  await trader.getBook({ symbol: SYMBOL });
  const held = async (): Promise<string | undefined> =>
    (await trader.getAccount({})).account?.positions.find(({ symbol }) => symbol === SYMBOL)?.size?.value;
  for (const [i, lots] of ["0.001", "0.002", "0.003", "0.004"].entries()) {
    // two questions at once: the second may share the first one's read, what is asked after the fill may not
    await Promise.all([held(), held()]);
    const underWay = held();
    await trader.placeOrder({
      symbol: SYMBOL,
      side: OrderSide.BUY,
      type: OrderType.LIMIT,
      timeInForce: TimeInForce.IOC,
      quantity: { value: "0.001" },
      price: { value: "60000.1" },
      clientOrderId: `o${i}`,
    });
    const { fills } = await trader.getFills({ symbol: SYMBOL });
    assert.equal(fills.length, i + 1);
    assert.equal(await held(), lots);
    await underWay;
  }
});
