import assert from "node:assert/strict";
import { test } from "node:test";
import { type Ended, type FaultWire, overWire, SYMBOL } from "./faults-wire.ts";

type Json = Record<string, unknown>;

function reply(ended: Ended): Json {
  assert.ok("status" in ended, JSON.stringify(ended));
  return JSON.parse(ended.body) as Json;
}

const code = (ended: Ended): unknown => reply(ended)["code"];
const GTX = { timeInForce: "GTX" };

const level = (wire: FaultWire, price: string, quantity: number): unknown =>
  wire.emulator.control.operator.market.level(SYMBOL, { side: "buy", price, quantity });

test("EMU-28 postOnlyReject: refused as one that would take, or accepted and then cancelled", async () => {
  await overWire(async (wire) => {
    const user = await wire.user();
    const id = wire.inject({ name: "postOnlyReject", times: 1 });
    assert.equal(reply(await wire.place("plain"))["status"], "NEW", "other orders are not asked about");
    assert.equal(code(await wire.place("a", GTX)), -5022);
    assert.equal(wire.fired(id), 1);
    wire.inject({ name: "postOnlyReject", parameters: { thenCancel: true }, times: 1 });
    await wire.place("b", GTX);
    await user.next((frame) => {
      const order = frame["o"] as Json | undefined;
      return order?.["c"] === "b" && ["EXPIRED", "CANCELED"].includes(String(order["x"]));
    });
    assert.equal(wire.isOpen("b"), false);
  });
});

test("EMU-28 insufficientMargin: refused from a notional on", async () => {
  await overWire(async (wire) => {
    wire.inject({ name: "insufficientMargin", parameters: { fromNotional: 1_000 } });
    assert.equal(reply(await wire.place("a"))["status"], "NEW");
    assert.equal(code(await wire.place("b", { quantity: "0.100" })), -2019);
  });
});

test("EMU-28 reduceOnlyConflict: a reduce-only order is refused while others pass", async () => {
  await overWire(async (wire) => {
    await wire.place("a", { price: "60500" });
    wire.inject({ name: "reduceOnlyConflict", times: 1 });
    const closing = { side: "SELL", price: "61000", reduceOnly: "true" };
    assert.equal(code(await wire.place("b", closing)), -2022);
    assert.equal(reply(await wire.place("c", closing))["status"], "NEW");
  });
});

test("EMU-28 cancelLost: the cancel is acknowledged and the order stays", async () => {
  await overWire(async (wire) => {
    await wire.place("a");
    wire.inject({ name: "cancelLost", times: 1 });
    assert.equal(reply(await wire.cancel("a"))["status"], "CANCELED");
    assert.equal(wire.isOpen("a"), true);
    await wire.cancel("a");
    assert.equal(wire.isOpen("a"), false);
  });
});

test("EMU-28 partialThenCancelRace: a fill comes first; a cancel that loses is refused", async () => {
  await overWire(async (wire) => {
    const filled = (id: string): unknown => wire.emulator.control.orders(id)[0]?.filled;
    await wire.place("a");
    wire.inject({ name: "partialThenCancelRace", parameters: { lots: 3 }, times: 1 });
    await wire.cancel("a");
    assert.deepEqual([filled("a"), wire.isOpen("a")], [3, false]);
    await wire.place("b");
    wire.inject({ name: "partialThenCancelRace", parameters: { cancelLoses: true }, times: 1 });
    assert.equal(code(await wire.cancel("b")), -2011);
    assert.deepEqual([filled("b"), wire.isOpen("b")], [10, false]);
  });
});

test("EMU-28 pageLimit: pages are smaller than was asked for", async () => {
  await overWire(async (wire) => {
    for (const id of ["a", "b", "c"]) await wire.place(id, { price: "60500", quantity: "0.001" });
    const trades = async (): Promise<number> => {
      const ended = await wire.ask("GET /fapi/v1/userTrades", { symbol: "BTCUSDT", limit: "100" });
      assert.ok("status" in ended);
      return (JSON.parse(ended.body) as Json[]).length;
    };
    assert.equal(await trades(), 3);
    wire.inject({ name: "pageLimit", parameters: { size: 2 } });
    assert.equal(await trades(), 2);
  });
});

test("EMU-28 oddNumbers: the same values in other shapes", async () => {
  await overWire(async (wire) => {
    const before = await wire.place("a");
    wire.inject({ name: "oddNumbers" });
    const after = await wire.ask("GET /fapi/v1/order", { symbol: "BTCUSDT", origClientOrderId: "a" });
    const [plain, odd] = [reply(before), reply(after)];
    assert.notEqual(odd["price"], plain["price"]);
    assert.equal(Number(odd["price"]), Number(plain["price"]));
  });
});

test("EMU-28 staleSnapshot: the depth over REST is older than the stream", async () => {
  await overWire(async (wire) => {
    const book = await wire.open("/public/ws/btcusdt@depth@100ms");
    level(wire, "58000.0", 5);
    await wire.advance(2_000);
    level(wire, "58001.0", 5);
    await wire.advance(2_000);
    const frame = await book.next(({ e, b }) => e === "depthUpdate" && JSON.stringify(b).includes("58001.0"));
    const depth = async (): Promise<number> =>
      Number(reply(await wire.ask("GET /fapi/v1/depth", { symbol: "BTCUSDT", limit: "50" }))["lastUpdateId"]);
    assert.ok((await depth()) >= Number(frame["u"]), "EMU-17: never older than what was sent");
    wire.inject({ name: "staleSnapshot", parameters: { ageMs: 1_000 }, times: 1 });
    assert.ok((await depth()) < Number(frame["u"]));
  });
});

test("EMU-28 crossedBook: one frame shows a bid at or above the ask", async () => {
  await overWire(async (wire) => {
    const book = await wire.open("/public/ws/btcusdt@depth@100ms");
    await wire.advance(1_000);
    const id = wire.inject({ name: "crossedBook", times: 1 });
    level(wire, "58000.0", 5);
    await wire.advance(1_000);
    assert.equal(wire.fired(id), 1);
    const best = Number(wire.emulator.world.exchange.market(SYMBOL).best("sell")) / 10;
    await book.next(({ e, b }) => e === "depthUpdate" && (b as string[][]).some(([price]) => Number(price) >= best));
  });
});

test("EMU-28 wrongRouteSilent: the subscription is acknowledged and never delivers", async () => {
  await overWire(async (wire) => {
    wire.inject({ name: "wrongRouteSilent", times: 1 });
    const socket = await wire.open("/public/ws/1");
    socket.socket.send(JSON.stringify({ method: "SUBSCRIBE", params: ["btcusdt@depth@100ms"], id: 1 }));
    await socket.next(({ id, result }) => id === 1 && result === null);
    const other = await wire.open("/public/ws/btcusdt@depth@100ms");
    level(wire, "58000.0", 5);
    await wire.advance(1_000);
    await other.next(({ e }) => e === "depthUpdate");
    assert.equal(socket.heard.length, 1);
  });
});
