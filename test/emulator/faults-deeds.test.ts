import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { type Ended, type FaultWire, overWire, START_MS, SYMBOL } from "./faults-wire.ts";

type Json = Record<string, unknown>;

const demo = { account: "demo", instrument: SYMBOL };

function reply(ended: Ended): Json {
  assert.ok("status" in ended, JSON.stringify(ended));
  return JSON.parse(ended.body) as Json;
}

const code = (ended: Ended): unknown => reply(ended)["code"];

async function list(wire: FaultWire, route: string, parameters: Record<string, string> = {}): Promise<Json[]> {
  const ended = await wire.ask(route, parameters);
  assert.ok("status" in ended && ended.status === 200, JSON.stringify(ended));
  return JSON.parse(ended.body) as Json[];
}

async function position(wire: FaultWire): Promise<string> {
  const risks = await list(wire, "GET /fapi/v3/positionRisk", { symbol: "BTCUSDT" });
  return (risks[0] as { positionAmt: string } | undefined)?.positionAmt ?? "0.000";
}

const idOf = (frame: Json): string => (frame["o"] as { c: string } | undefined)?.c ?? "";
const isTrade = (frame: Json): boolean => (frame["o"] as Json | undefined)?.["x"] === "TRADE";
const isAccount = (reason: string) => (frame: Json) => (frame["a"] as Json | undefined)?.["m"] === reason;

test("EMU-28 listenKeyExpiry: announced or silently, the key is dead and cannot be renewed", async () => {
  await overWire(async (wire) => {
    const user = await wire.user();
    wire.inject({ name: "listenKeyExpiry" });
    await user.next((frame) => frame["e"] === "listenKeyExpired");
    assert.equal(code(await wire.ask("PUT /fapi/v1/listenKey")), -1125);
    const second = await wire.user();
    wire.inject({ name: "listenKeyExpiry", parameters: { announced: false } });
    await wire.place("a");
    assert.equal(code(await wire.ask("PUT /fapi/v1/listenKey")), -1125);
    const third = await wire.user();
    await wire.place("b");
    await third.next((frame) => frame["e"] === "ORDER_TRADE_UPDATE");
    assert.deepEqual(second.heard, []);
  });
});

test("EMU-28 loginLost and serviceRestart are refused where there is no login and no memory to lose", async () => {
  await overWire(async (wire) => {
    for (const name of ["loginLost", "serviceRestart"]) {
      assert.throws(() => wire.inject({ name }), /okx, bybit, gate, bitget/);
    }
  });
});

test("EMU-28 clockSkew: the exchange's time runs apart, drifts, refuses timestamps, and comes back", async () => {
  await overWire(async (wire) => {
    const told = async (): Promise<number> => Number(reply(await wire.ask("GET /fapi/v1/time"))["serverTime"]);
    const id = wire.inject({ name: "clockSkew", parameters: { ms: 90_000, driftPerMinMs: 500 } });
    assert.equal(await told(), START_MS + 90_000);
    assert.equal(code(await wire.place("a", { recvWindow: "5000" })), -1021);
    await wire.advance(120_000);
    assert.equal(await told(), START_MS + 120_000 + 91_000);
    wire.gate.desk.remove(id);
    assert.equal(await told(), START_MS + 120_000);
  });
});

test("EMU-28 halt: places are refused, cancels served, and at its end everything is as before", async () => {
  await overWire(async (wire) => {
    await wire.place("a");
    wire.inject({ name: "halt", filter: { instrument: SYMBOL }, parameters: { seconds: 30 } });
    const info = reply(await wire.ask("GET /fapi/v1/exchangeInfo"))["symbols"] as Json[];
    assert.notEqual(info.find(({ symbol }) => symbol === "BTCUSDT")?.["status"], "TRADING");
    assert.ok(Number(code(await wire.place("b"))) < 0);
    assert.equal(reply(await wire.cancel("a"))["status"], "CANCELED");
    await wire.advance(30_000);
    assert.equal(reply(await wire.place("b"))["status"], "NEW");
  });
});

test("EMU-28 filterChange: metadata change, later orders are judged by them, resting ones stay", async () => {
  await overWire(async (wire) => {
    await wire.place("a", { price: "59000.1" });
    const parameters = { tickSize: "1", lotSize: "0.01", minNotional: "1000" };
    wire.inject({ name: "filterChange", filter: { instrument: SYMBOL }, parameters });
    const info = reply(await wire.ask("GET /fapi/v1/exchangeInfo"))["symbols"] as Json[];
    const filters = info.find(({ symbol }) => symbol === "BTCUSDT")?.["filters"] as Json[];
    assert.equal(Number(filters.find(({ filterType }) => filterType === "PRICE_FILTER")?.["tickSize"]), 1);
    assert.equal(code(await wire.place("b", { price: "59000.1" })), -4014);
    assert.equal(code(await wire.place("c", { price: "59000" })), -4164);
    assert.equal(reply(await wire.place("d", { price: "59000", quantity: "0.020" }))["status"], "NEW");
    assert.equal(wire.isOpen("a"), true);
  });
});

test("EMU-28 fundingSettle: late on wish, with an account event, a record, and another interval", async () => {
  await overWire(async (wire) => {
    const user = await wire.user();
    await wire.place("a", { price: "60500" });
    const parameters = { rate: "0.0003", lateMs: 4_000, intervalH: 4 };
    wire.inject({ name: "fundingSettle", filter: { instrument: SYMBOL }, parameters });
    assert.deepEqual(await list(wire, "GET /fapi/v1/income", { incomeType: "FUNDING_FEE" }), []);
    await wire.advance(4_000);
    await user.next(isAccount("FUNDING_FEE"));
    const income = await list(wire, "GET /fapi/v1/income", { incomeType: "FUNDING_FEE" });
    assert.equal(income.length, 1);
    assert.match(String(income[0]?.["income"]), /^-0\.18/);
    const infos = await list(wire, "GET /fapi/v1/fundingInfo");
    assert.equal(infos.find(({ symbol }) => symbol === "BTCUSDT")?.["fundingIntervalHours"], 4);
  });
});

test("EMU-28 liquidate and adl: fills the client did not send, with the exchange's own ids", async () => {
  await overWire(async (wire) => {
    const user = await wire.user();
    await wire.place("a", { price: "60500" });
    const trade = await user.next(isTrade);
    assert.equal((trade["o"] as Json)["c"], "a");
    wire.inject({ name: "adl", filter: demo, parameters: { lots: 4 } });
    await user.next((frame) => idOf(frame).startsWith("adl_autoclose"));
    assert.equal(await position(wire), "0.006");
    wire.inject({ name: "liquidate", filter: demo, parameters: { partPpm: 500_000 } });
    await user.next((frame) => idOf(frame).startsWith("autoclose-"));
    assert.equal(await position(wire), "0.003");
    wire.inject({ name: "liquidate", filter: demo });
    assert.equal(await position(wire), "0.000");
    const id = wire.inject({ name: "liquidate", filter: demo });
    assert.match(wire.gate.desk.view(id)?.note ?? "", /no position/);
  });
});

test("EMU-28 balanceDrift: money from outside is told and is there", async () => {
  await overWire(async (wire) => {
    const user = await wire.user();
    wire.inject({ name: "balanceDrift", filter: { account: "demo" }, parameters: { amount: "-12.5" } });
    await user.next((frame) => frame["e"] === "ACCOUNT_UPDATE");
    const balances = await list(wire, "GET /fapi/v3/balance");
    assert.equal(Number(balances.find(({ asset }) => asset === "USDT")?.["balance"]), 999_987.5);
  });
});

test("EMU-28 foreignOrder: an order the client did not send appears, rests or trades", async () => {
  await overWire(async (wire) => {
    const user = await wire.user();
    wire.inject({ name: "foreignOrder", filter: demo, parameters: { lots: 20, price: "59000.0" } });
    const open = await list(wire, "GET /fapi/v1/openOrders", { symbol: "BTCUSDT" });
    assert.deepEqual([open[0]?.["clientOrderId"], open[0]?.["origQty"]], ["web_1", "0.020"]);
    wire.inject({ name: "foreignOrder", filter: demo, parameters: { side: "sell", lots: 5 } });
    await user.next(isTrade);
    assert.equal(await position(wire), "-0.005");
  });
});

test("EMU-28 a deed waits for its time, or for the requests it names", async () => {
  await overWire(async (wire) => {
    const socket = (await wire.open("/public/ws/1")).socket;
    const closed = once(socket, "close");
    wire.inject({ name: "closeStorm", parameters: { count: 1 }, after: 1, filter: { route: "POST *order" } });
    await wire.place("a");
    assert.equal(socket.readyState, socket.OPEN);
    await wire.place("b");
    await closed;
  });
});
