import assert from "node:assert/strict";
import { test } from "node:test";
import { type Ended, type FaultWire, overWire, until } from "./faults-wire.ts";

function replied(ended: Ended): { status: number; body: string; headers: Headers } {
  assert.ok("status" in ended, JSON.stringify(ended));
  return ended;
}

const code = (ended: Ended): unknown => (JSON.parse(replied(ended).body) as { code?: unknown }).code;

test("EMU-28 acceptThenTimeout: the order is in the book and the client hears nothing", async () => {
  await overWire(async (wire) => {
    const id = wire.inject({ name: "acceptThenTimeout", times: 1 });
    assert.deepEqual(await wire.placeUnheard("a", () => wire.isOpen("a")), { failed: "no reply" });
    assert.equal(wire.fired(id), 1);
    assert.equal(replied(await wire.place("b")).status, 200, "the next one is answered");
  });
});

test("EMU-28 acceptThenTimeout: the connection is reset, or the reply comes late", async () => {
  await overWire(async (wire) => {
    wire.inject({ name: "acceptThenTimeout", parameters: { reset: true }, times: 1 });
    assert.deepEqual(await wire.place("a"), { failed: "reset" });
    assert.equal(wire.isOpen("a"), true);
    wire.inject({ name: "acceptThenTimeout", parameters: { delayMs: 7_000 }, times: 1 });
    const late = wire.place("b");
    await until(() => wire.isOpen("b"));
    await wire.advance(7_000);
    assert.equal(replied(await late).status, 200);
  });
});

test("EMU-28 timeoutNotAccepted: no reply, and no order, ever", async () => {
  await overWire(async (wire) => {
    const id = wire.inject({ name: "timeoutNotAccepted", times: 1 });
    await wire.placeUnheard("a", () => wire.fired(id) === 1);
    await wire.advance(60_000);
    assert.equal(wire.isOpen("a"), false);
  });
});

test("EMU-28 acceptLate: the order comes after the delay, and not when its window has passed", async () => {
  await overWire(async (wire) => {
    const id = wire.inject({ name: "acceptLate", parameters: { delayMs: 4_000 } });
    await wire.placeUnheard("a", () => wire.fired(id) === 1);
    assert.equal(wire.isOpen("a"), false);
    await wire.advance(3_999);
    assert.equal(wire.isOpen("a"), false);
    await wire.advance(1);
    assert.equal(wire.isOpen("a"), true);
    const giveUp = new AbortController();
    const asked = wire.place("b", { recvWindow: "3000" }, giveUp.signal);
    await until(() => wire.fired(id) === 2);
    await wire.advance(10_000);
    giveUp.abort();
    await asked;
    assert.equal(wire.isOpen("b"), false, "its receive window had passed");
  });
});

test("EMU-28 server errors: the same four shapes, once with the order in the book and once without it", async () => {
  await overWire(async (wire) => {
    for (const [name, open] of [
      ["serverErrorAfterAccept", true],
      ["serverErrorNotAccepted", false],
    ] as const) {
      for (const status of [500, 502, 503, 504]) {
        wire.inject({ name, parameters: { status }, times: 1 });
        const ended = replied(await wire.place(`${open ? "y" : "n"}${status}`));
        assert.equal(ended.status, status);
        assert.equal(wire.isOpen(`${open ? "y" : "n"}${status}`), open, `${name} ${status}`);
        if (status === 502 || status === 504) assert.match(ended.body, /^<html>/);
        else assert.match(ended.body, /"code":-1/);
      }
    }
    wire.inject({ name: "serverErrorAfterAccept", parameters: { body: "upstream gone" }, times: 1 });
    assert.equal(replied(await wire.place("own")).body, "upstream gone");
  });
});

test("EMU-28 cutReply: 200, and the body ends where it is told", async () => {
  await overWire(async (wire) => {
    wire.inject({ name: "cutReply", parameters: { atByte: 20 }, times: 1 });
    assert.deepEqual(await wire.place("a"), { failed: "reset" }, "the head promised more than came");
    assert.equal(wire.isOpen("a"), true);
    const cut = wire.emulator.control.universe.record.since(0).lines.find((line) => line.includes('"cutAt":20'));
    assert.match(cut ?? "", /"status":200/);
  });
});

test("EMU-28 duplicateIdAccepted: filled and unheard, its id opens a second order", async () => {
  await overWire(async (wire) => {
    wire.inject({ name: "duplicateIdAccepted", times: 1 });
    assert.deepEqual(await wire.place("a"), { failed: "reset" });
    assert.equal(replied(await wire.place("a")).status, 200);
    assert.equal(wire.isOpen("a"), true);
    const ended = wire.emulator.world.exchange.desk.ledger.endedSince("demo@binance-usdm", 0);
    assert.deepEqual(
      ended.map(({ clientOrderId, filled, quantity }) => [clientOrderId, filled === quantity]),
      [["a", true]],
    );
  });
});

test("EMU-28 rateLimit: 429 with Retry-After; who asks on is banned with 418, for longer each time", async () => {
  await overWire(async (wire) => {
    wire.inject({ name: "rateLimit", parameters: { limit: 2, retryAfterS: 5 } });
    const statuses: number[] = [];
    for (let i = 0; i < 6; i += 1) statuses.push(replied(await wire.ask("GET /fapi/v1/openOrders")).status);
    assert.deepEqual(statuses, [200, 200, 429, 429, 418, 418]);
    const banned = replied(await wire.ask("GET /fapi/v1/time"));
    assert.deepEqual([banned.status, banned.headers.get("retry-after")], [418, "120"]);
    await wire.advance(121_000);
    assert.equal(replied(await wire.ask("GET /fapi/v1/time")).status, 200);
  });
});

test("EMU-28 rateLimit: who waits as long as Retry-After says is served again", async () => {
  await overWire(async (wire) => {
    wire.inject({ name: "rateLimit", parameters: { retryAfterS: 5 }, times: 1 });
    const limited = replied(await wire.place("a"));
    assert.deepEqual([limited.status, limited.headers.get("retry-after"), code(limited)], [429, "5", -1003]);
    await wire.advance(5_000);
    assert.equal(replied(await wire.place("a")).status, 200);
  });
});

test("EMU-28 ban: 418 for every request and dial until the end, and not a moment longer", async () => {
  await overWire(async (wire) => {
    wire.inject({ name: "ban", parameters: { seconds: 30 } });
    assert.equal(replied(await wire.ask("GET /fapi/v1/time")).status, 418);
    await assert.rejects(wire.open("/public/ws/1"), /418/);
    await wire.advance(30_000);
    assert.equal(replied(await wire.ask("GET /fapi/v1/time")).status, 200);
    (await wire.open("/public/ws/1")).socket.close();
  });
});

test("EMU-28 maintenance: announced, then refused; cancels may be served, orders may be cancelled", async () => {
  await overWire(async (wire) => {
    await wire.place("a");
    await wire.place("b");
    const parameters = { noticeMs: 1_000, seconds: 60, cancelOnly: true };
    wire.inject({ name: "maintenance", parameters });
    assert.equal(replied(await wire.ask("GET /fapi/v1/openOrders")).status, 200);
    await wire.advance(1_000);
    assert.equal(replied(await wire.place("c")).status, 503);
    assert.equal(replied(await wire.cancel("a")).status, 200);
    await assert.rejects(wire.open("/public/ws/1"), /503/);
    await wire.advance(60_000);
    assert.equal(replied(await wire.ask("GET /fapi/v1/openOrders")).status, 200);
    assert.equal(wire.isOpen("b"), true);
    wire.inject({ name: "maintenance", parameters: { cancelOrders: true } });
    assert.equal(wire.isOpen("b"), false);
  });
});

test("EMU-28 slow: replies come after their delay, and one after the other where the line is narrow", async () => {
  await overWire(async (wire) => {
    const id = wire.inject({ name: "slow", parameters: { ms: 500 } });
    const ended: string[] = [];
    const ask = (name: string): Promise<unknown> => wire.ask("GET /fapi/v1/time").then(() => ended.push(name));
    const first = ask("first");
    await until(() => wire.fired(id) === 1);
    await wire.advance(499);
    assert.deepEqual(ended, []);
    await wire.advance(1);
    await first;
    wire.gate.desk.remove(id);
    const narrow = wire.inject({ name: "slow", parameters: { ms: 0, bytesPerS: 10 } });
    const two = [ask("second")];
    await until(() => wire.fired(narrow) === 1);
    two.push(ask("third"));
    await until(() => wire.fired(narrow) === 2);
    await wire.advance(3_000);
    await two[0];
    assert.deepEqual(ended, ["first", "second"]);
    await wire.advance(3_000);
    await Promise.all(two);
    assert.deepEqual(ended, ["first", "second", "third"]);
  });
});

test("EMU-28 a fault strikes what its filter means and nothing else, and ends with its removal", async () => {
  await overWire(async (wire: FaultWire) => {
    const filter = { side: "sell", clientOrderId: "g*", instrument: "BTC/USDT:USDT", route: "POST /fapi/v1/order" };
    const id = wire.inject({ name: "serverErrorNotAccepted", filter });
    assert.equal(replied(await wire.place("g1")).status, 200);
    assert.equal(replied(await wire.place("h1", { side: "SELL", price: "61000" })).status, 200);
    assert.equal(replied(await wire.place("g2", { side: "SELL", price: "61000" })).status, 503);
    assert.equal(wire.gate.desk.remove(id), true);
    assert.equal(replied(await wire.place("g2", { side: "SELL", price: "61000" })).status, 200);
    const fault = wire.emulator.control.universe.record
      .since(0)
      .lines.filter((line) => line.includes('"kind":"fault"'));
    assert.equal(fault.length, 1);
    assert.match(fault[0] ?? "", /"clientOrderId":"g2"/, "each firing is logged with what it touched");
  });
});

test("EMU-28 a fault taken back leaves nothing behind", async () => {
  await overWire(async (wire) => {
    const id = wire.inject({ name: "ban", parameters: { seconds: 86_400 } });
    assert.equal(replied(await wire.ask("GET /fapi/v1/time")).status, 418);
    wire.gate.desk.remove(id);
    assert.equal(replied(await wire.ask("GET /fapi/v1/time")).status, 200);
  });
});
