// What goes wrong between the ccxt port and the emulated Binance: nothing that may have been sent is called refused,
// and nothing that was not is called unknown.

import assert from "node:assert/strict";
import { createServer } from "node:net";
import { test } from "node:test";
import { inspect } from "node:util";
import { openCcxtPort } from "../../src/exchange/ccxt/ccxt-port.ts";
import type { ClientOrderId } from "../../src/trading/client-order-id.ts";
import { emulated, type PortStage, portOptions, portStage, SPOT, USDM, until } from "./port-stage.ts";

const ORDER = "POST /fapi/v1/order";
const PLACES = { filter: { route: ORDER } };

/** [fault, its parameters, whether the order stands at the exchange] */
const LOST: readonly (readonly [string, Readonly<Record<string, unknown>>, boolean])[] = [
  ["acceptThenTimeout", { parameters: { reset: true } }, true],
  ["acceptThenTimeout", {}, true],
  ["timeoutNotAccepted", {}, false],
  ["cutReply", { parameters: { atByte: 40 } }, true],
  ["cutReply", { parameters: { atByte: 0 } }, true],
  ["serverErrorAfterAccept", { parameters: { status: 503 } }, true],
  ["serverErrorNotAccepted", { parameters: { status: 503 } }, false],
];

test("EXCH-07 a lost, cut or broken reply leaves the outcome unknown; the look-up tells", async (context) => {
  const { hands, inject, ordersOf } = await portStage(context, { times: { changeMs: 400 } });
  for (const [fault, more, stands] of LOST) {
    inject(fault, { ...more, ...PLACES, times: 1 });
    const placed = await hands.place("buy 590000 x 10");
    assert.equal(placed.result, "unknown", `${fault}: ${JSON.stringify(placed)}`);
    const found = await hands.lookup(placed.id);
    assert.equal(found.result, stands ? "found" : "absent", fault);
    assert.equal(ordersOf(placed.id), stands ? 1 : 0, fault);
  }
});

/** Expiry, look-up lag and clock error together: 3.5 s. */
const SOON = { times: { changeMs: 400, expiryMs: 500 } } as const;

/** Asks for the order again until "not found" is a proof; gives the outcomes that came before. */
async function againUntilProven({ hands }: PortStage, id: ClientOrderId) {
  const before: string[] = [];
  for (;;) {
    const again = await hands.place("buy 590000 x 10", id);
    if (!(again.result === "unknown" && /may still be accepted/.test(again.text))) return { again, before };
    before.push(again.result);
    const nextMs = performance.now() + 50;
    await until("the time of another look", () => performance.now() >= nextMs);
  }
}

test("EXCH-10 DUR-45 an unknown order asked for again is looked up, sent only once proved absent", async (context) => {
  const stage = await portStage(context, SOON);
  const { hands, inject, ordersOf, sentTo } = stage;
  inject("cutReply", { ...PLACES, times: 1 });
  const stands = await hands.place("buy 590000 x 10");
  assert.equal(stands.result, "unknown");
  assert.equal((await hands.place("buy 590000 x 10", stands.id)).result, "accepted");
  assert.deepEqual([ordersOf(stands.id), sentTo(ORDER).length], [1, 1]);
  inject("timeoutNotAccepted", { ...PLACES, times: 1 });
  const absent = await hands.place("buy 590000 x 10");
  assert.equal(absent.result, "unknown");
  const { again, before } = await againUntilProven(stage, absent.id);
  assert.ok(before.length > 0, "one that was just sent may still be accepted");
  assert.equal(again.result, "accepted");
  assert.deepEqual([ordersOf(absent.id), sentTo(ORDER).length], [1, 3]);
});

test("EXCH-08 EXCH-10 an order whose look-up took too long is not sent: it would be accepted after its end", async (context) => {
  const stage = await portStage(context, SOON);
  const { hands, inject, ordersOf, sentTo } = stage;
  inject("timeoutNotAccepted", { ...PLACES, times: 1 });
  const absent = await hands.place("buy 590000 x 10");
  assert.equal(absent.result, "unknown");
  inject("slow", { filter: { route: "GET /fapi/v1/order" }, parameters: { ms: 800 } });
  const { again } = await againUntilProven(stage, absent.id);
  assert.equal(again.result, "not-sent", JSON.stringify(again));
  assert.deepEqual([ordersOf(absent.id), sentTo(ORDER).length], [0, 1]);
});

test("EXCH-13 a list whose reply is lost leaves its orders unknown, and the next goes on", async (context) => {
  const { hands, inject } = await portStage(context, { times: { changeMs: 400 } });
  inject("cutReply", { filter: { route: "POST /fapi/v1/batchOrders" }, times: 1 });
  const placed = await Promise.all(Array.from({ length: 10 }, (_, n) => hands.place(`buy ${590_000 - n} x 10`)));
  assert.deepEqual(
    placed.map(({ result }) => result),
    [...Array(5).fill("unknown"), ...Array(5).fill("accepted")],
  );
  for (const { id } of placed) assert.equal((await hands.lookup(id)).result, "found");
});

test("EXCH-06 a refused connection is not sent: provably no byte left", async (context) => {
  const { hands, port, emulator } = await portStage(context);
  assert.equal(port.name, "binance");
  await emulator.close();
  const placed = await hands.place("buy 590000 x 10");
  // a kept connection may have taken the bytes before it was known to be gone; then it is unknown, never more
  assert.ok(placed.result === "not-sent" || placed.result === "unknown");
  assert.equal((await hands.place("buy 590000 x 10")).result, "not-sent");
});

test("EXCH-15 a cancel that got no answer is tried three times at once; an order never is", async (context) => {
  const { hands, inject, sentTo, openIds } = await portStage(context, { times: { changeMs: 400 } });
  const { id } = await hands.place("buy 590000 x 10");
  const twice = inject("serverErrorNotAccepted", { filter: { route: "DELETE /fapi/v1/order" }, times: 2 });
  assert.ok(twice !== "");
  assert.deepEqual(await hands.cancel(id), { result: "accepted" });
  assert.equal(sentTo("DELETE /fapi/v1/order").length, 3);
  assert.deepEqual(openIds(), []);
  const other = await hands.place("buy 590000 x 10");
  inject("serverErrorNotAccepted", { filter: { route: "DELETE /fapi/v1/order" } });
  assert.equal((await hands.cancel(other.id)).result, "unknown");
  assert.equal(sentTo("DELETE /fapi/v1/order").length, 6);
  inject("serverErrorNotAccepted", { ...PLACES, times: 1 });
  assert.equal((await hands.place("buy 590000 x 10")).result, "unknown");
  assert.equal(sentTo(ORDER).length, 3);
});

test("EXCH-40 a read that fails is tried three times, and the exchange's words come through", async (context) => {
  const { hands, inject, sentTo } = await portStage(context);
  const route = "GET /fapi/v1/openOrders";
  inject("serverErrorNotAccepted", { filter: { route }, times: 2 });
  assert.equal((await hands.openOrders()).result, "ok");
  assert.equal(sentTo(route).length, 3);
  inject("serverErrorNotAccepted", { filter: { route }, parameters: { status: 503 } });
  const failed = await hands.openOrders();
  assert.ok(failed.result === "unavailable");
  assert.match(failed.text, /-1\d{3} /);
  assert.equal(sentTo(route).length, 6);
});

test("EXCH-27 a 429 silences everything but one bulk cancel until its time is over", async (context) => {
  const { hands, inject, sent, port, health } = await portStage(context, {
    exclusive: true,
    times: { changeMs: 4000 },
  });
  const { id } = await hands.place("buy 590000 x 10");
  inject("rateLimit", { filter: { route: "GET /fapi/v1/openOrders" }, parameters: { retryAfterS: 2 }, times: 1 });
  const limited = hands.openOrders();
  await until("the limit was told", () => health.some(({ subject }) => subject === "limits"));
  const before = sent.length;
  const placed = await hands.place("buy 590000 x 10");
  assert.equal(placed.result, "not-sent", "its turn did not come while it was worth sending");
  assert.equal(sent.length, before);
  const gone = await new Promise<{ readonly result: string }>((done) => port.cancelEverything?.(USDM.symbol, done));
  assert.notEqual(gone.result, "not-sent", "it leaves, whatever the exchange makes of it");
  assert.equal(sent.length, before + 1);
  const again = hands.cancel(id);
  assert.equal((await limited).result, "ok", "the read waits, and comes after the silence");
  assert.notEqual((await again).result, "not-sent", "a second cancel waits until the silence is over");
  assert.equal((await hands.lookup(id)).result, "found");
});

test("EXCH-24 a clock two seconds off is measured, and requests are accepted", async (context) => {
  const { hands, port, inject } = await portStage(context);
  inject("clockSkew", { parameters: { ms: 2000 } });
  const first = await hands.place("buy 590000 x 10");
  await until(
    "a new measurement",
    () => Math.abs((port.clockOffset()?.offsetMs ?? 0) - 2000) < 500 || first.result === "accepted",
  );
  await until("the clock is trusted again", () => Math.abs(port.clockOffset()?.offsetMs ?? 0) < 60_000);
  assert.ok(["accepted", "rejected"].includes(first.result));
});

test("EXCH-36 numbers in odd forms are read exactly", async (context) => {
  const { hands, inject, trade } = await portStage(context);
  inject("oddNumbers", {});
  const placed = await hands.place("buy 599990 x 5");
  assert.equal(placed.result, "accepted", JSON.stringify(placed));
  trade("sell", "59990", "1");
  const found = await hands.lookup(placed.id);
  assert.ok(found.result === "found");
  assert.deepEqual([found.order.price, found.order.quantity], [599_990, 5]);
  const fills = await hands.fills({ sinceMs: 0, cursor: null });
  assert.ok(fills.result === "ok", inspect(fills));
  assert.deepEqual(
    fills.fills.map(({ price, quantity, fee }) => [price, quantity, fee]),
    [[599_990, 5, 59_999_000_000_000_000n]],
  );
});

test("EXCH-40 more fills than one page are read whole, in order, once, and go on from a cursor", async (context) => {
  const { hands, inject, operator } = await portStage(context);
  const first = await hands.place("buy 599990 x 60");
  inject("pageLimit", { parameters: { size: 7 } });
  const fill = (quantity: string): void => {
    const order = { symbol: USDM.symbol, clientOrderId: first.id, quantity };
    assert.equal(operator.fill("demo", order), null);
  };
  for (let n = 0; n < 40; n += 1) fill("0.001");
  const read = await hands.fills({ sinceMs: 0, cursor: null });
  assert.ok(read.result === "ok", inspect(read));
  assert.equal(read.fills.length, 40);
  assert.deepEqual(new Set(read.fills.map(({ clientOrderId }) => clientOrderId)), new Set([first.id]));
  const ids = read.fills.map(({ tradeId }) => Number.parseInt(tradeId, 10));
  assert.deepEqual(
    ids,
    [...ids].sort((a, b) => a - b),
  );
  assert.equal(new Set(ids).size, 40);
  const none = await hands.fills({ sinceMs: 0, cursor: read.cursor });
  assert.deepEqual(none.result === "ok" && [none.fills.length, none.cursor], [0, read.cursor]);
  fill("0.002");
  const more = await hands.fills({ sinceMs: 0, cursor: read.cursor });
  assert.deepEqual(more.result === "ok" && more.fills.map(({ quantity }) => quantity), [2]);
});

test("EXCH-58 orders and settling have connections of their own, kept alive", async (context) => {
  const { hands, sent, port } = await portStage(context, { of: SPOT });
  await hands.place("buy 5900000 x 10");
  await hands.place("buy 5900000 x 10");
  await new Promise((done) => port.candles({ symbol: SPOT.symbol, interval: "1m", count: 3 }, done));
  const lanes = new Map(sent.map(({ route, lane }) => [route, lane]));
  assert.deepEqual([lanes.get("POST /api/v3/order"), lanes.get("GET /api/v3/klines")], ["urgent", "patient"]);
});

test("EXCH-06 an exchange that takes the connection and says nothing is unreachable, not rejected", async (context) => {
  const mute = createServer(() => undefined);
  await new Promise<void>((listening) => mute.listen(0, "127.0.0.1", listening));
  context.after(() => mute.close());
  const emulator = await emulated(context, USDM);
  const address = mute.address();
  const at = `127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
  const options = { ...portOptions(emulator, USDM), endpoints: { rest: `http://${at}`, websocket: `ws://${at}` } };
  await assert.rejects(openCcxtPort({ ...options, times: { readMs: 200 } }), {
    name: "CcxtPortError",
    code: "UNREACHABLE",
  });
});

test("EXCH-10 DUR-45 an order sent a second time without an answer is never sent a third time", async (context) => {
  const stage = await portStage(context, SOON);
  const { hands, inject, sentTo } = stage;
  inject("timeoutNotAccepted", { ...PLACES, times: 2 });
  const { id } = await hands.place("buy 590000 x 10");
  assert.equal((await againUntilProven(stage, id)).again.result, "unknown");
  const third = await hands.place("buy 590000 x 10", id);
  assert.match(third.result === "unknown" ? third.text : third.result, /sent twice before/);
  assert.equal(sentTo(ORDER).length, 2);
});
