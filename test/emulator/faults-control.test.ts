import assert from "node:assert/strict";
import { once } from "node:events";
import { request } from "node:http";
import { test } from "node:test";
import { type FaultWire, overWire, START_MS, SYMBOL } from "./faults-wire.ts";

type Json = Record<string, unknown>;

interface Answer {
  readonly status: number;
  readonly body: Json;
}

async function call(wire: FaultWire, route: string, body?: unknown): Promise<Answer> {
  const [method = "GET", path = ""] = route.split(" ");
  const url = `http://127.0.0.1:${wire.emulator.controlPort}/control/${path}`;
  const sent =
    body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } };
  const response = await fetch(url, { method, ...sent });
  return { status: response.status, body: (await response.json()) as Json };
}

async function done(wire: FaultWire, route: string, body?: unknown): Promise<Json> {
  const answer = await call(wire, route, body);
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return answer.body;
}

const WITH_CONTROL = { controlPort: 0 };

test("EMU-35 health, ports and metrics answer at once", async () => {
  await overWire(async (wire) => {
    assert.deepEqual(await done(wire, "GET health"), { status: "ok", nowMs: START_MS });
    assert.deepEqual(await done(wire, "GET ports"), wire.emulator.ports);
    await wire.ask("GET /fapi/v1/nothing");
    await wire.ask("GET /fapi/v1/time");
    const response = await fetch(`http://127.0.0.1:${wire.emulator.controlPort}/control/metrics`);
    const text = await response.text();
    assert.match(text, /emulator_unserved_total\{protocol="binance-usdm",route="GET \/fapi\/v1\/nothing"\} 1/);
    assert.match(text, /emulator_requests_total\{protocol="binance-usdm",route="GET \/fapi\/v1\/time"\} 1/);
    assert.match(text, /emulator_sockets\{protocol="binance-usdm"\} 0/);
  }, WITH_CONTROL);
});

test("EMU-35 the clock is moved, and answers when everything due has happened", async () => {
  await overWire(async (wire) => {
    assert.deepEqual(await done(wire, "POST clock", { advanceMs: 1_500 }), { nowMs: START_MS + 1_500 });
    assert.deepEqual(await done(wire, "POST clock", { toMs: START_MS + 2_000, skewMs: 30 }), {
      nowMs: START_MS + 2_000,
    });
    assert.deepEqual((await wire.ask("GET /fapi/v1/time")) && wire.emulator.world.timeFor(null), START_MS + 2_030);
    const twice = await call(wire, "POST clock", { mode: "wall", advanceMs: 1 });
    assert.deepEqual([twice.status, twice.body["code"]], [400, "CLOCK"]);
  }, WITH_CONTROL);
});

test("EMU-35 faults are injected, listed with their firings, and removed", async () => {
  await overWire(async (wire) => {
    const fault = { name: "serverErrorNotAccepted", filter: { account: "demo" }, times: 2 };
    const injected = await done(wire, "POST faults", fault);
    assert.deepEqual([injected["id"], injected["state"], injected["fired"]], ["f1", "active", 0]);
    await wire.place("a");
    const [first] = (await done(wire, "GET faults"))["faults"] as [Json];
    assert.deepEqual([first["name"], first["matched"], first["fired"]], ["serverErrorNotAccepted", 1, 1]);
    assert.deepEqual(await done(wire, "DELETE faults/f1"), { removed: 1 });
    assert.equal((await call(wire, "DELETE faults/f1")).status, 404);
    await done(wire, "POST faults", fault);
    assert.deepEqual(await done(wire, "DELETE faults"), { removed: 1 });
    assert.deepEqual(await done(wire, "GET faults"), { faults: [] });
  }, WITH_CONTROL);
});

test("EMU-28 EMU-35 what is wrong is refused with field, value and what was expected", async () => {
  await overWire(async (wire) => {
    const cases: readonly (readonly [string, unknown, string, unknown])[] = [
      ["POST faults", { name: "dropEvents" }, "name", "dropEvents"],
      ["POST faults", { name: "ban", parameters: { seconds: 0 } }, "parameters.seconds", 0],
      ["POST faults", { name: "halt" }, "filter.instrument", null],
      ["POST faults", { name: "slow", filter: { account: "nobody" } }, "filter.account", "nobody"],
      ["POST clock", { advanceMs: "1" }, "advanceMs", "1"],
      ["POST clock", { advance: 1 }, "advance", 1],
      ["POST reset", { clock: { mode: "fast" } }, "clock.mode", "fast"],
      ["POST accounts", {}, "name", null],
      ["POST accounts", { name: "x", balances: { "binance-usdm": { USDT: 5 } } }, "balances.binance-usdm.USDT", 5],
      ["PATCH accounts/demo", { revoked: "yes" }, "revoked", "yes"],
      ["POST market", { symbol: "BTCUSDT", mark: "1" }, "symbol", "BTCUSDT"],
      ["POST market", { symbol: SYMBOL, mark: 60000.5 }, "mark", 60000.5],
      ["POST market", { symbol: SYMBOL, book: { bids: [["1"]], asks: [] } }, "bids[0].quantity", null],
      ["POST fill", { account: "demo", symbol: SYMBOL }, "clientOrderId", null],
      ["POST adl", { account: "demo", symbol: SYMBOL, lots: -1 }, "lots", -1],
      ["POST sockets/close", { code: 7 }, "code", 7],
      ["POST barrier", {}, "(body)", {}],
      ["POST compare", { account: "demo", protocol: "binance-usdm", openOrders: [1] }, "openOrders", [1]],
    ];
    for (const [route, body, field, value] of cases) {
      const { status, body: refusal } = await call(wire, route, body);
      assert.deepEqual([status, refusal["field"], refusal["value"]], [400, field, value], JSON.stringify(refusal));
      assert.ok(typeof refusal["expected"] === "string" && refusal["expected"] !== "");
    }
    assert.equal((await call(wire, "GET orders")).body["field"], "clientOrderId");
    assert.equal((await call(wire, "GET log?since=x")).body["field"], "since");
    const unknown = await call(wire, "GET nothing");
    assert.equal(unknown.status, 404);
    assert.ok((unknown.body["calls"] as string[]).includes("POST /control/barrier"));
  }, WITH_CONTROL);
});

test("EMU-35 accounts come and change; a revoked key is refused", async () => {
  await overWire(async (wire) => {
    const balances = { "binance-usdm": { USDT: "250.5" } };
    const made = await done(wire, "POST accounts", { name: "two", balances });
    assert.deepEqual([made["apiKey"], made["secret"]], ["two-key", "two-secret"]);
    const state = await done(wire, "GET state");
    const { wallets } = (state["accounts"] as { name: string; wallets: { balances: Json }[] }[])[1] ?? { wallets: [] };
    assert.equal(wallets[0]?.balances["USDT"], "250.5");
    assert.equal((await done(wire, "PATCH accounts/demo", { revoked: true }))["revoked"], true);
    const refused = await wire.place("a");
    assert.ok("status" in refused && refused.status === 401);
    assert.equal((await call(wire, "PATCH accounts/nobody", { revoked: true })).status, 404);
  }, WITH_CONTROL);
});

test("EMU-35 prices, fills, funding, liquidation and deleveraging happen when they are asked for", async () => {
  await overWire(async (wire) => {
    const user = await wire.user();
    await wire.place("a");
    await done(wire, "POST fill", { account: "demo", symbol: SYMBOL, clientOrderId: "a", quantity: "0.004" });
    const isTrade = (frame: Json): boolean => (frame["o"] as Json | undefined)?.["x"] === "TRADE";
    assert.equal(((await user.next(isTrade))["o"] as Json)["l"], "0.004");
    await done(wire, "POST market", {
      symbol: SYMBOL,
      mark: "60123.4",
      level: { side: "buy", price: "59999.0", quantity: 7 },
    });
    const markets = (await done(wire, "GET state"))["markets"] as Json[];
    const btc = markets.find(({ symbol }) => symbol === SYMBOL);
    assert.match(String(btc?.["mark"]), /^60123\.4/);
    await done(wire, "POST settleFunding", { symbol: SYMBOL, rate: "0.0001" });
    await user.next((frame) => (frame["a"] as Json | undefined)?.["m"] === "FUNDING_FEE");
    await done(wire, "POST adl", { account: "demo", symbol: SYMBOL, lots: 1 });
    await done(wire, "POST liquidate", { account: "demo", symbol: SYMBOL });
    const none = await call(wire, "POST liquidate", { account: "demo", symbol: SYMBOL });
    assert.deepEqual([none.status, none.body["code"]], [409, "STATE"]);
    await done(wire, "POST market", { symbol: SYMBOL, status: "halted" });
    const refused = await wire.place("b");
    assert.ok("status" in refused && refused.status === 400);
  }, WITH_CONTROL);
});

test("EMU-35 sockets are listed with their subscriptions, and closed by filter and code", async () => {
  await overWire(async (wire) => {
    const book = await wire.open("/public/ws/btcusdt@depth");
    const other = await wire.open("/public/ws/ethusdt@depth");
    await done(wire, "POST barrier", { sockets: { count: 2 } });
    const listed = (await done(wire, "GET sockets"))["sockets"] as Json[];
    assert.deepEqual(
      listed.map(({ subscriptions }) => subscriptions),
      [["btcusdt@depth"], ["ethusdt@depth"]],
    );
    const closed = once(book.socket, "close");
    assert.deepEqual(await done(wire, "POST sockets/close", { filter: { stream: "btcusdt" }, code: 1012 }), {
      closed: 1,
    });
    assert.equal((await closed)[0], 1012);
    assert.equal(other.socket.readyState, other.socket.OPEN);
  }, WITH_CONTROL);
});

test("EMU-35 every order that ever used an id is told: the check against duplicates", async () => {
  await overWire(async (wire) => {
    await wire.place("a");
    await wire.cancel("a");
    await wire.place("a");
    const { orders } = await done(wire, "GET orders?clientOrderId=a");
    assert.deepEqual(
      (orders as Json[]).map(({ status }) => status),
      ["canceled", "open"],
    );
    assert.deepEqual(await done(wire, "GET orders?clientOrderId=never"), { orders: [], forgotten: 0 });
  }, WITH_CONTROL);
});

test("EMU-35 the log has requests, replies, frames, faults and control calls in order, from any place", async () => {
  await overWire(async (wire) => {
    const user = await wire.user();
    await done(wire, "POST faults", { name: "dropEvent", times: 1 });
    await wire.place("a");
    await wire.place("b");
    await user.next((frame) => frame["e"] === "ORDER_TRADE_UPDATE");
    await done(wire, "POST clock", { advanceMs: 1 });
    const log = await done(wire, "GET log");
    const entries = log["entries"] as Json[];
    const kinds = new Set(entries.map(({ kind }) => kind));
    const operations = entries.flatMap(({ kind, operation }) => (kind === "control" ? [operation] : []));
    assert.deepEqual(operations, ["faults", "clock"], "what was done through it is in the record");
    for (const kind of ["request", "reply", "open", "frame", "fault", "control"]) assert.ok(kinds.has(kind), kind);
    assert.deepEqual(
      entries.map(({ n }) => n),
      entries.map((_entry, index) => index + 1),
    );
    const since = entries.length - 2;
    assert.deepEqual((await done(wire, `GET log?since=${since}`))["entries"], entries.slice(since));
    assert.match(String(log["hash"]), /^[0-9a-f]{64}$/);
  }, WITH_CONTROL);
});

test("EMU-35 a world is put aside and taken up again, and a reset makes a fresh one", async () => {
  await overWire(async (wire) => {
    await wire.place("a");
    const before = await done(wire, "GET state");
    await done(wire, "POST snapshot", { name: "one" });
    await wire.place("b");
    await done(wire, "POST restore", { name: "one" });
    assert.equal((await done(wire, "GET state"))["hash"], before["hash"]);
    assert.equal((await call(wire, "POST restore", { name: "two" })).status, 404);
    await done(wire, "POST faults", { name: "ban" });
    await done(wire, "POST reset", { seed: "9", source: "hand", clock: { mode: "manual", startMs: 5_000 } });
    assert.deepEqual(await done(wire, "GET faults"), { faults: [] });
    assert.equal((await done(wire, "GET health"))["nowMs"], 5_000);
    assert.deepEqual(await done(wire, "GET orders?clientOrderId=a"), { orders: [], forgotten: 0 });
  }, WITH_CONTROL);
});

test("EMU-35 a barrier waits until it holds, and says at its deadline what it waited for", async () => {
  await overWire(async (wire) => {
    const waits = done(wire, "POST barrier", { order: { clientOrderId: "a", status: "canceled" }, requests: 2 });
    await wire.place("a");
    await wire.cancel("a");
    assert.equal(typeof (await waits)["waitedMs"], "number");
    const late = await call(wire, "POST barrier", { order: { clientOrderId: "x", status: "open" }, deadlineMs: 5 });
    assert.deepEqual([late.status, late.body["code"]], [408, "DEADLINE"]);
    assert.match(String(late.body["message"]), /"clientOrderId":"x"/);
  }, WITH_CONTROL);
});

test("EMU-36 what a client believes is compared with the world, difference by difference", async () => {
  await overWire(async (wire) => {
    await wire.place("a");
    await wire.place("b", { price: "60500" });
    const whose = { account: "demo", protocol: "binance-usdm" };
    const right = { ...whose, positions: { [SYMBOL]: "0.01" }, openOrders: ["a"], filled: { a: "0", b: "0.0100" } };
    assert.deepEqual(await done(wire, "POST compare", right), { equal: true, differences: [] });
    const wrong = { ...whose, positions: {}, openOrders: ["b"], filled: { b: "0.02" }, balances: { USDT: "1000000" } };
    const { equal, differences } = await done(wire, "POST compare", wrong);
    assert.equal(equal, false);
    assert.deepEqual(
      (differences as Json[]).map(({ what }) => what),
      ["balance USDT", `position ${SYMBOL}`, "open order a", "open order b", "filled b"],
    );
    const [, position] = differences as Json[];
    assert.deepEqual(position, { what: `position ${SYMBOL}`, world: "0.010", client: "0" });
  }, WITH_CONTROL);
});

test("EMU-35 the control API hears only who calls it by a name of this machine", async () => {
  await overWire(async (wire) => {
    const port = wire.emulator.controlPort;
    const foreign = request({
      port,
      host: "127.0.0.1",
      path: "/control/health",
      headers: { host: "evil.example" },
    }).end();
    const [response] = (await once(foreign, "response")) as [{ statusCode: number; resume(): void }];
    response.resume();
    assert.equal(response.statusCode, 421);
  }, WITH_CONTROL);
});
