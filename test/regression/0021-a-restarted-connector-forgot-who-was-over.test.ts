// Found by reading: the highest run number seen of each bot was in the connector's memory only. After a restart of the
// connector an engine whose run was over could place again until the new engine spoke first.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fenceFile } from "../../src/exchange/connector/fence-file.ts";
import { OrderSide, OrderType, TimeInForce } from "../../src/rpc/generated/opensqt/market_maker/v1/types.ts";
import { refusalOf } from "../../src/rpc/refusal.ts";
import { RemoteStage } from "../contract/exchange-remote.ts";
import { makeWorld, openOn, SYMBOL } from "../contract/exchange-stage.ts";

const order = (clientOrderId: string, epoch: number) => ({
  symbol: SYMBOL,
  side: OrderSide.BUY,
  type: OrderType.LIMIT,
  timeInForce: TimeInForce.GTC,
  quantity: { value: "0.005" },
  price: { value: "59000.0" },
  clientOrderId,
  botId: "a",
  epoch,
});

test("API-12 an engine whose run is over stays fenced when the connector is another process", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "fence-"));
  const said: string[] = [];
  const path = join(folder, "fence.json");
  const fence = fenceFile(path, { error: (text) => void said.push(text) });
  const world = makeWorld({});
  const first = await RemoteStage.open(world, { fence });
  t.after(() => {
    world.driver.stop();
    rmSync(folder, { recursive: true });
  });
  await first.exchange("trader").getBook({ symbol: SYMBOL });
  await first.exchange("trader").placeOrder(order("onew", 7));
  await first.close();

  const second = await RemoteStage.reopen(world, first.keys, { fence });
  t.after(() => second.close());
  const refusal = await second
    .exchange("trader")
    .placeOrder(order("oold", 6))
    .then(() => assert.fail("it was let in"), refusalOf);
  assert.deepEqual([refusal.reason, refusal.metadata["highest_epoch"]], ["FENCED", "7"]);
  await second.exchange("trader").placeOrder(order("onext", 8));
  assert.deepEqual(openOn(world).toSorted(), ["onew", "onext"]);
  assert.deepEqual([...fence.read().highest], [["a", 8]]);
  assert.deepEqual(said, []);

  // what cannot be read is said, and stops nobody from cancelling: the copy stands in
  writeFileSync(path, "{");
  assert.deepEqual(fence.read(), { highest: new Map([["a", 8]]), lost: false, where: path });
  assert.equal(said.splice(0).length, 2);
  rmSync(`${path}.copy`);
  assert.deepEqual(fence.read(), { highest: new Map(), lost: true, where: path });
  assert.equal(said.length, 2);
});
