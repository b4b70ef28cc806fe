import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { type Frames, overWire, until } from "./faults-wire.ts";

type Frame = Record<string, unknown>;

/** `NEW a`, `TRADE a 0.010`: what an ORDER_TRADE_UPDATE says. */
function told({ heard }: Pick<Frames, "heard">): string[] {
  return heard.flatMap((frame) => {
    if (frame["e"] !== "ORDER_TRADE_UPDATE") return [];
    const { x, c, l } = frame["o"] as { x: string; c: string; l: string };
    return [x === "TRADE" ? `TRADE ${c} ${l}` : `${x} ${c}`];
  });
}

const isTold = (text: string) => (frame: Frame) => told({ heard: [frame] }).includes(text);

/** A mark on the stream: whatever was sent before it has arrived when it has. */
async function settled(frames: Frames): Promise<void> {
  const id = Math.floor(performance.now() * 1000);
  const after = frames.heard.length;
  frames.socket.send(JSON.stringify({ method: "LIST_SUBSCRIPTIONS", id }));
  await frames.next((frame) => frame["id"] === id, after);
}

test("EMU-28 dropEvent: one event is never sent, the others are", async () => {
  await overWire(async (wire) => {
    const user = await wire.user();
    wire.inject({ name: "dropEvent", parameters: { kind: "ORDER_TRADE_UPDATE" }, after: 1, times: 1 });
    for (const id of ["a", "b", "c"]) await wire.place(id);
    await settled(user);
    assert.deepEqual(told(user), ["NEW a", "NEW c"]);
  });
});

test("EMU-28 duplicateEvent: the same event with the same ids, again after its gap", async () => {
  await overWire(async (wire) => {
    const user = await wire.user();
    const parameters = { copies: 2, gapMs: 300 };
    wire.inject({ name: "duplicateEvent", parameters, times: 1 });
    await wire.place("a");
    await settled(user);
    assert.deepEqual(told(user), ["NEW a"]);
    await wire.advance(300);
    await settled(user);
    assert.deepEqual(told(user), ["NEW a", "NEW a"]);
    await wire.advance(300);
    await settled(user);
    const events = user.heard.filter((frame) => frame["e"] === "ORDER_TRADE_UPDATE");
    assert.equal(events.length, 3);
    assert.deepEqual(events[2], events[0]);
  });
});

test("EMU-28 reorderEvents: a window of events comes in reverse; one that stays open is sent at its end", async () => {
  await overWire(async (wire) => {
    const user = await wire.user();
    wire.inject({ name: "reorderEvents", parameters: { window: 3, holdMs: 2_000 } });
    for (const id of ["a", "b", "c", "d"]) await wire.place(id);
    await settled(user);
    assert.deepEqual(told(user), ["NEW c", "NEW b", "NEW a"]);
    await wire.advance(2_000);
    await settled(user);
    assert.deepEqual(told(user), ["NEW c", "NEW b", "NEW a", "NEW d"]);
  });
});

test("EMU-28 reorderEvents: the fill is heard before the reply to its order", async () => {
  await overWire(async (wire) => {
    const user = await wire.user();
    wire.inject({ name: "reorderEvents", parameters: { replyHoldMs: 1_000 }, times: 1, after: 1_000 });
    let replied = false;
    const placed = wire.place("a", { price: "60500" }).then(() => {
      replied = true;
    });
    await user.next(isTold("TRADE a 0.010"));
    assert.equal(replied, false);
    await wire.advance(1_000);
    await placed;
  });
});

test("EMU-28 lateEvent: an event comes after its delay, behind events that came later", async () => {
  await overWire(async (wire) => {
    const user = await wire.user();
    wire.inject({ name: "lateEvent", parameters: { delayMs: 3_000 }, times: 1 });
    await wire.place("a");
    await wire.place("b");
    await settled(user);
    assert.deepEqual(told(user), ["NEW b"]);
    await wire.advance(3_000);
    await settled(user);
    assert.deepEqual(told(user), ["NEW b", "NEW a"]);
  });
});

test("EMU-28 silentStall: open sockets say nothing more and answer pings; a new one works", async () => {
  await overWire(async (wire) => {
    const user = await wire.user();
    const id = wire.inject({ name: "silentStall", parameters: { streams: "user" } });
    await wire.place("a");
    assert.equal(wire.fired(id), 1);
    user.socket.ping();
    await once(user.socket, "pong");
    const fresh = await wire.user();
    await wire.place("b");
    await fresh.next(isTold("NEW b"));
    assert.deepEqual(told(user), []);
    assert.deepEqual(told(fresh), ["NEW b"]);
    wire.gate.desk.remove(id);
    await wire.place("c");
    await user.next(isTold("NEW c"));
  });
});

test("EMU-28 silentStall without pongs: the ping of the client is not answered either", async () => {
  await overWire(async (wire) => {
    const user = await wire.user();
    wire.inject({ name: "silentStall", parameters: { answersPing: false } });
    await wire.place("a");
    let ponged = false;
    user.socket.on("pong", () => {
      ponged = true;
    });
    user.socket.ping();
    const { record } = wire.emulator.control.universe;
    await until(() => record.since(0).lines.some((line) => line.includes('"kind":"ping"')));
    const fresh = await wire.user();
    fresh.socket.ping();
    await once(fresh.socket, "pong");
    assert.equal(ponged, false);
  });
});

test("EMU-28 sequenceGap: book frames are left out, and the chain tells", async () => {
  await overWire(async (wire) => {
    const book = await wire.open("/public/ws/btcusdt@depth@100ms");
    const { operator } = wire.emulator.control.universe;
    const move = async (n: number): Promise<void> => {
      operator.market.level("BTC/USDT:USDT", { side: "buy", price: "59000.0", quantity: n });
      await wire.advance(200);
    };
    const isDepth = (frame: Frame): boolean => frame["e"] === "depthUpdate";
    await move(1);
    const first = await book.next(isDepth);
    const id = wire.inject({ name: "sequenceGap", parameters: { skip: 2 }, times: 1 });
    const after = book.heard.length;
    for (let n = 2; n <= 6; n += 1) await move(n);
    assert.equal(wire.fired(id), 1);
    const next = await book.next(isDepth, after);
    assert.notEqual(next["pu"], first["u"], "the next frame does not continue the last");
  });
});

test("EMU-28 slow frames keep their order on a socket", async () => {
  await overWire(async (wire) => {
    const user = await wire.user();
    const filter = { socket: "user" };
    wire.inject({ name: "slow", filter, parameters: { ms: 800, jitterMs: 500 }, times: 3 });
    for (const id of ["a", "b", "c", "d"]) await wire.place(id);
    await wire.advance(799);
    assert.deepEqual(told(user), []);
    await wire.advance(3_000);
    await settled(user);
    assert.deepEqual(told(user), ["NEW a", "NEW b", "NEW c", "NEW d"]);
  });
});

test("EMU-28 slow: taken back, what was held leaves at once, in order and before what comes after", async () => {
  await overWire(async (wire) => {
    const user = await wire.user();
    const id = wire.inject({ name: "slow", filter: { socket: "user" }, parameters: { ms: 9_000, jitterMs: 900 } });
    for (const each of ["a", "b"]) await wire.place(each);
    wire.gate.desk.remove(id);
    await wire.place("c");
    await settled(user);
    assert.deepEqual(told(user), ["NEW a", "NEW b", "NEW c"]);
    await wire.advance(20_000);
    await settled(user);
    assert.deepEqual(told(user), ["NEW a", "NEW b", "NEW c"]);
  });
});

test("EMU-28 closeStorm: sockets close by each code in turn, dials are refused, and then it is over", async () => {
  await overWire(async (wire) => {
    const parameters = { count: 3, everyMs: 100, codes: [1012, 1006], refusedDials: 2 };
    const first = await wire.open("/public/ws/1");
    const closed = once(first.socket, "close");
    wire.inject({ name: "closeStorm", parameters });
    assert.equal((await closed)[0], 1012);
    for (let dial = 0; dial < 2; dial += 1) await assert.rejects(wire.open("/public/ws/1"));
    const second = await wire.open("/public/ws/1");
    const cut = once(second.socket, "close");
    await wire.advance(100);
    assert.equal((await cut)[0], 1006);
    await wire.advance(100);
    const last = await wire.open("/public/ws/1");
    await settled(last);
  });
});

test("EMU-28 closeStorm: a half-open socket hears nothing, says nothing, and does not close", async () => {
  await overWire(async (wire) => {
    const user = await wire.user();
    wire.inject({ name: "closeStorm", parameters: { count: 1, codes: [0] } });
    await wire.place("a");
    user.socket.ping();
    user.socket.send(JSON.stringify({ method: "LIST_SUBSCRIPTIONS", id: 1 }));
    const fresh = await wire.user();
    await wire.place("b");
    await fresh.next(isTold("NEW b"));
    assert.deepEqual(user.heard, []);
    assert.equal(user.socket.readyState, user.socket.OPEN);
  });
});
