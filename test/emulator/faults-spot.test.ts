// The same faults at the emulated spot market: the gate is one, the words are the market's own.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { test } from "node:test";
import { type Ended, type FaultWire, type Frames, overWire, until } from "./faults-wire.ts";

type Json = Record<string, unknown>;

const SYMBOL = "BTC/USDT";
const MAKER = { type: "LIMIT_MAKER", timeInForce: "" };

class SpotWire {
  readonly wire: FaultWire;

  constructor(wire: FaultWire) {
    this.wire = wire;
  }

  place(id: string, more: Record<string, string> = {}, signal?: AbortSignal): Promise<Ended> {
    const order = { symbol: "BTCUSDT", side: "BUY", type: "LIMIT", timeInForce: "GTC", quantity: "0.01" };
    const asked = Object.entries({ ...order, price: "59000", newClientOrderId: id, ...more });
    const given = Object.fromEntries(asked.filter(([, value]) => value !== ""));
    return this.wire.ask("POST /api/v3/order", given, signal);
  }

  cancel(id: string): Promise<Ended> {
    return this.wire.ask("DELETE /api/v3/order", { symbol: "BTCUSDT", origClientOrderId: id });
  }

  isOpen(id: string): boolean {
    return this.wire.emulator.world.exchange.desk.ledger.openOrder("demo@binance-spot", id) !== undefined;
  }

  /** The user events, as the WebSocket API subscribes to them. */
  async user(): Promise<Frames> {
    const frames = await this.wire.open("/ws-api/v3");
    const text = `apiKey=demo-key&timestamp=${this.wire.nowMs}`;
    const signature = createHmac("sha256", "demo-secret").update(text).digest("hex");
    const params = { apiKey: "demo-key", timestamp: this.wire.nowMs, signature };
    frames.socket.send(JSON.stringify({ id: 1, method: "userDataStream.subscribe.signature", params }));
    await frames.next(({ id, status }) => id === 1 && status === 200);
    return frames;
  }
}

const overSpot = (use: (spot: SpotWire, wire: FaultWire) => Promise<void>): Promise<void> =>
  overWire((wire) => use(new SpotWire(wire), wire), { protocols: ["binance-spot"] });

function reply(ended: Ended): Json {
  assert.ok("status" in ended, JSON.stringify(ended));
  return JSON.parse(ended.body) as Json;
}

const statusOf = (ended: Ended): number | string => ("status" in ended ? ended.status : ended.failed);

/** `NEW a`, of the reports heard. */
const reports = ({ heard }: Frames): string[] =>
  heard.flatMap(({ event }) => {
    const { e, x, c } = (event ?? {}) as { e?: string; x?: string; c?: string };
    return e === "executionReport" ? [`${x} ${c}`] : [];
  });

async function told(frames: Frames, text: string): Promise<void> {
  while (!reports(frames).includes(text)) await once(frames.socket, "message");
}

test("EMU-28 spot: replies withheld, cut, replaced and limited, with the order in the book or not", async () => {
  await overSpot(async (spot, wire) => {
    const expected: readonly (readonly [Parameters<FaultWire["inject"]>[0], number | string, boolean])[] = [
      [{ name: "acceptThenTimeout", parameters: { reset: true } }, "reset", true],
      [{ name: "timeoutNotAccepted", parameters: { reset: true } }, "reset", false],
      [{ name: "serverErrorAfterAccept", parameters: { status: 504 } }, 504, true],
      [{ name: "serverErrorNotAccepted" }, 503, false],
      [{ name: "cutReply", parameters: { atByte: 5 } }, "reset", true],
      [{ name: "rateLimit", parameters: { retryAfterS: 1 } }, 429, false],
    ];
    for (const [fault, status, open] of expected) {
      wire.inject({ ...fault, times: 1 });
      assert.equal(statusOf(await spot.place(fault.name)), status, fault.name);
      assert.equal(spot.isOpen(fault.name), open, fault.name);
      await wire.advance(1_000);
    }
    const id = wire.inject({ name: "acceptLate", parameters: { delayMs: 2_000 }, times: 1 });
    const giveUp = new AbortController();
    const asked = spot.place("late", {}, giveUp.signal);
    await until(() => wire.fired(id) === 1);
    await wire.advance(2_000);
    giveUp.abort();
    await asked;
    assert.equal(spot.isOpen("late"), true);
    wire.inject({ name: "ban", parameters: { seconds: 9 } });
    assert.equal(statusOf(await wire.ask("GET /api/v3/time")), 418);
    await wire.advance(9_000);
    wire.inject({ name: "maintenance", parameters: { seconds: 9 } });
    assert.equal(statusOf(await wire.ask("GET /api/v3/time")), 503);
  });
});

test("EMU-28 spot: user events dropped, doubled, late and swapped", async () => {
  await overSpot(async (spot, wire) => {
    const user = await spot.user();
    const kind = "executionReport";
    wire.inject({ name: "dropEvent", parameters: { kind }, times: 1 });
    await spot.place("a");
    wire.inject({ name: "duplicateEvent", parameters: { kind }, times: 1 });
    await spot.place("b");
    wire.inject({ name: "lateEvent", parameters: { kind, delayMs: 2_000 }, times: 1 });
    await spot.place("c");
    wire.inject({ name: "reorderEvents", parameters: { kind }, times: 1 });
    await spot.place("d");
    await spot.place("e");
    await told(user, "NEW d");
    await wire.advance(2_000);
    await told(user, "NEW c");
    assert.deepEqual(reports(user), ["NEW b", "NEW b", "NEW e", "NEW d", "NEW c"]);
  });
});

test("EMU-28 spot: a silent socket stays open, a new one works; subscriptions end before their time", async () => {
  await overSpot(async (spot, wire) => {
    const user = await spot.user();
    const stall = wire.inject({ name: "silentStall", parameters: { streams: "user" } });
    await spot.place("a");
    const fresh = await spot.user();
    await spot.place("b");
    await told(fresh, "NEW b");
    assert.deepEqual(reports(user), []);
    wire.gate.desk.remove(stall);
    wire.inject({ name: "listenKeyExpiry" });
    await fresh.next(({ event }) => (event as Json | undefined)?.["e"] === "eventStreamTerminated");
    const before = reports(fresh).length;
    const third = await spot.user();
    await spot.place("c");
    await told(third, "NEW c");
    assert.equal(reports(fresh).length, before);
  });
});

test("EMU-28 spot: orders refused, cancelled, raced and cancels lost inside the exchange", async () => {
  await overSpot(async (spot, wire) => {
    wire.inject({ name: "postOnlyReject", times: 1 });
    assert.equal(reply(await spot.place("a", MAKER))["code"], -2010);
    wire.inject({ name: "postOnlyReject", parameters: { thenCancel: true }, times: 1 });
    assert.equal(statusOf(await spot.place("b", MAKER)), 200);
    assert.equal(spot.isOpen("b"), false);
    const margin = wire.inject({ name: "insufficientMargin", parameters: { fromNotional: 1_000 } });
    assert.equal(statusOf(await spot.place("c")), 200);
    assert.equal(reply(await spot.place("d", { quantity: "0.1" }))["code"], -2010);
    wire.gate.desk.remove(margin);
    wire.inject({ name: "cancelLost", times: 1 });
    assert.equal(reply(await spot.cancel("c"))["status"], "CANCELED");
    assert.equal(spot.isOpen("c"), true);
    wire.inject({ name: "partialThenCancelRace", parameters: { cancelLoses: true }, times: 1 });
    assert.equal(reply(await spot.cancel("c"))["code"], -2011);
    assert.equal(wire.emulator.control.orders("c")[0]?.status, "filled");
  });
});

test("EMU-28 spot: small pages, odd numbers, a stale snapshot, a crossed book, a silent subscription", async () => {
  await overSpot(async (spot, wire) => {
    for (const id of ["a", "b", "c"]) await spot.place(id, { price: "60500" });
    const page = wire.inject({ name: "pageLimit", parameters: { size: 2 } });
    const trades = await wire.ask("GET /api/v3/myTrades", { symbol: "BTCUSDT" });
    assert.ok("status" in trades);
    assert.equal((JSON.parse(trades.body) as unknown[]).length, 2);
    wire.gate.desk.remove(page);
    await spot.place("odd");
    const read = async (): Promise<unknown> =>
      reply(await wire.ask("GET /api/v3/order", { symbol: "BTCUSDT", origClientOrderId: "odd" }))["price"];
    const plain = await read();
    wire.inject({ name: "oddNumbers", times: 1 });
    const odd = await read();
    assert.notEqual(odd, plain);
    assert.equal(Number(odd), Number(plain));
    const book = await wire.open("/ws/btcusdt@depth@100ms");
    const { market } = wire.emulator.control.operator;
    const level = (price: string): unknown => market.level(SYMBOL, { side: "buy", price, quantity: 500 });
    level("58000.00");
    await wire.advance(3_000);
    wire.inject({ name: "crossedBook", filter: {}, times: 1 });
    level("58001.00");
    await wire.advance(3_000);
    const best = wire.emulator.world.exchange.market(SYMBOL).best("sell") / 100;
    await book.next(({ e, b }) => e === "depthUpdate" && (b as string[][]).some(([price]) => Number(price) >= best));
    const depth = async (): Promise<number> =>
      Number(reply(await wire.ask("GET /api/v3/depth", { symbol: "BTCUSDT" }))["lastUpdateId"]);
    const head = await depth();
    wire.inject({ name: "staleSnapshot", parameters: { ageMs: 5_000 }, times: 1 });
    assert.ok((await depth()) < head);
    wire.inject({ name: "wrongRouteSilent", times: 1 });
    const silent = await wire.open("/ws/btcusdt@depth@100ms");
    const after = book.heard.length;
    level("58002.00");
    await wire.advance(1_000);
    await book.next(({ e }) => e === "depthUpdate", after);
    assert.deepEqual(silent.heard, []);
  });
});

test("EMU-28 spot: halts, rules, drifting money and foreign orders; what needs a perpetual says so", async () => {
  await overSpot(async (spot, wire) => {
    const filter = { instrument: SYMBOL };
    const halt = wire.inject({ name: "halt", filter });
    assert.ok(Number(reply(await spot.place("a"))["code"]) < 0);
    wire.gate.desk.remove(halt);
    assert.equal(statusOf(await spot.place("a", { price: "59000.01" })), 200);
    wire.inject({ name: "filterChange", filter, parameters: { tickSize: "1" } });
    assert.equal(reply(await spot.place("b", { price: "59000.01" }))["code"], -1013);
    const user = await spot.user();
    wire.inject({ name: "balanceDrift", filter: { account: "demo" }, parameters: { asset: "BTC", amount: "1.5" } });
    await user.next(({ event }) => (event as Json | undefined)?.["e"] === "balanceUpdate");
    wire.inject({ name: "foreignOrder", filter: { account: "demo", ...filter }, parameters: { lots: 1_000 } });
    await told(user, "TRADE web_1");
    const settle = wire.inject({ name: "fundingSettle", filter });
    assert.match(wire.gate.desk.view(settle)?.note ?? "", /perpetual/);
  });
});
