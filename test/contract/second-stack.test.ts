// Another gRPC stack against ours (EXCH-57), on both sides: as a client of the connector, and as the connector itself.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createClient } from "@connectrpc/connect";
import { openRemoteConnection } from "../../src/exchange/remote-connection.ts";
import { verifyConnector } from "../../src/exchange/verify/verify.ts";
import { MONOTONIC_CLOCK } from "../../src/host/wall-clock.ts";
import { RemoteStage } from "./exchange-remote.ts";
import { makeWorld, openOn, SYMBOL } from "./exchange-stage.ts";
import { callsOf, type SecondStack, secondStack, secondStackServer, transportTo } from "./second-stack.ts";

const shared: { stack: SecondStack | null } = { stack: null };

before(async () => {
  shared.stack = await secondStack();
});
after(() => shared.stack?.remove());

function stackNow(): SecondStack {
  assert.ok(shared.stack !== null);
  return shared.stack;
}

interface Update {
  readonly meta: { readonly kind: number };
  readonly update?: { readonly order?: { readonly clientOrderId: string; readonly status: number } };
}

test("EXCH-57 another gRPC stack places an order, hears of it on the stream, and cancels it", async (t) => {
  const world = makeWorld();
  const stage = await RemoteStage.open(world);
  t.after(async () => {
    await stage.close();
    world.driver.stop();
  });
  const transport = transportTo(stage.server.address, stage.keys.trader);
  const { getBook, placeOrder, cancelOrder, subscribeOrders } = callsOf(createClient(stackNow().exchange, transport));
  assert.ok(getBook && placeOrder && cancelOrder && subscribeOrders);
  await getBook({ symbol: SYMBOL });
  const abort = new AbortController();
  const stream = (subscribeOrders({ symbols: [SYMBOL] }, { signal: abort.signal }) as AsyncIterable<Update>)[
    Symbol.asyncIterator
  ]();
  const next = async (matches: (update: Update) => boolean): Promise<Update> => {
    for (;;) {
      const step = await stream.next();
      assert.ok(step.done !== true);
      if (matches(step.value)) return step.value;
    }
  };
  await next(({ meta }) => meta.kind === 2);
  const placed = (await placeOrder({
    symbol: SYMBOL,
    side: 1,
    type: 1,
    timeInForce: 4,
    quantity: { value: "0.005" },
    price: { value: "59999.0" },
    clientOrderId: "osecondstack",
  })) as { readonly outcome?: { readonly order?: { readonly orderId: string } } };
  assert.ok((placed.outcome?.order?.orderId ?? "").length > 0);
  const opened = await next(({ update }) => update?.order?.clientOrderId === "osecondstack");
  assert.equal(opened.update?.order?.status, 1);
  assert.deepEqual(openOn(world), ["osecondstack"]);
  const cancelled = await cancelOrder({ symbol: SYMBOL, clientOrderId: "osecondstack" });
  assert.equal((cancelled as { readonly result: string }).result, "accepted");
  const ended = await next(({ update }) => update?.order?.status === 4);
  assert.equal(ended.update?.order?.clientOrderId, "osecondstack");
  assert.deepEqual(openOn(world), []);
  abort.abort();
});

async function verified(address: string, key: string | null, active: boolean) {
  const connection = await openRemoteConnection({ address, key, machine: MONOTONIC_CLOCK });
  try {
    return await verifyConnector({ connection, active });
  } finally {
    await connection.close();
  }
}

test("EXCH-57 a server in another gRPC stack passes every case of verify, which leaves nothing behind", async (t) => {
  const world = makeWorld();
  const stage = await RemoteStage.open(world);
  const upstream = { address: stage.server.address, key: stage.keys.trader };
  const second = await secondStackServer(stackNow(), upstream);
  t.after(async () => {
    await second.close();
    await stage.close();
    world.driver.stop();
  });
  const rows = await verified(second.address, null, true);
  assert.deepEqual(
    rows.filter(({ result }) => result !== "pass"),
    [],
  );
  assert.deepEqual(openOn(world), []);
  const reading = await verified(second.address, null, false);
  const skipped = reading.filter(({ result }) => result === "skip").map(({ n }) => n);
  assert.deepEqual(skipped, [1, 15, 18, 22, 28]);
});

test("EXCH-57 verify names what a connector lacks", async (t) => {
  const world = makeWorld({ faults: { cancelLost: 1 } });
  const stage = await RemoteStage.open(world);
  t.after(async () => {
    await stage.close();
    world.driver.stop();
  });
  const rows = await verified(stage.server.address, stage.keys.trader, true);
  const failed = rows.filter(({ result }) => result === "fail");
  assert.deepEqual(
    failed.map(({ n, why }) => [n, why]),
    [[18, "the look-up after it said open"]],
  );
});
