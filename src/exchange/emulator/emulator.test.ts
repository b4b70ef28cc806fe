import assert from "node:assert/strict";
import { once } from "node:events";
import { Agent, get } from "node:http";
import { Socket } from "node:net";
import { test } from "node:test";
import { WebSocket } from "ws";
import { startEmulator } from "./emulator.ts";
import { EmulatorError } from "./error.ts";
import { ask, emulated, MANUAL, order, START_MS } from "./stage.fixture.ts";

test("EMU-01 an address that is not loopback is refused unless remote clients are allowed", async () => {
  for (const host of ["0.0.0.0", "192.0.2.1", "::"]) {
    await assert.rejects(
      startEmulator({ ...MANUAL, host }),
      (error: unknown) => error instanceof EmulatorError && error.code === "ADDRESS_NOT_LOOPBACK",
    );
  }
  await emulated({ host: "0.0.0.0", allowRemote: true }, async (emulator) => {
    assert.equal(await ask(emulator, "/time"), START_MS);
  });
});

test("EMU-02 EMU-03 each protocol answers on a port of its own, over the same world", async () => {
  await emulated({}, async (emulator) => {
    const { "binance-usdm": usdm, "binance-spot": spot } = emulator.ports;
    assert.ok(usdm !== undefined && spot !== undefined && usdm !== spot);
    assert.equal(await ask(emulator, "/time", "binance-spot"), START_MS);
    const placed = await order(emulator, "a", { price: 599_900, quantity: 5 });
    assert.deepEqual(placed, { result: "accepted", exchangeOrderId: "1" });
    assert.equal(emulator.world.exchange.desk.ledger.openOrder("demo@binance-usdm", "a")?.price, 599_900);
  });
});

test("EMU-04 time moved by hand stands still, and what it causes is written when the call returns", async () => {
  await emulated({}, async (emulator) => {
    const socket = new WebSocket(`ws://127.0.0.1:${emulator.ports["binance-usdm"]}/told`);
    await once(socket, "open");
    const heard: string[] = [];
    socket.on("message", (data: Buffer) => heard.push(data.toString()));
    await order(emulator, "a", { price: 600_010, quantity: 5 });
    let fired = 0;
    emulator.world.clock.at(START_MS + 60_000, () => (fired = emulator.world.clock.nowMs()));
    await emulator.control.clock({ advanceMs: 59_999 });
    assert.equal(fired, 0);
    assert.equal(await emulator.control.clock({ toMs: START_MS + 61_000 }), START_MS + 61_000);
    assert.equal(fired, START_MS + 60_000);
    assert.equal(await ask(emulator, "/time"), START_MS + 61_000);
    socket.send("ping me");
    while (!heard.includes("ping me")) await once(socket, "message");
    assert.match(heard.join("\n"), /"kind":"fill"/);
    socket.close();
    await once(socket, "close");
  });
});

test("EMU-01 an emulator at work opens no outgoing connection", async (context) => {
  const connect = context.mock.method(Socket.prototype, "connect");
  await emulated({ controlPort: 0 }, async (emulator) => {
    const agent = new Agent();
    await new Promise<void>((resolve, reject) => {
      const port = emulator.ports["binance-usdm"];
      get({ host: "127.0.0.1", port, path: "/time", agent }, (response) => response.resume().on("end", resolve)).on(
        "error",
        reject,
      );
    });
    await emulator.control.clock({ advanceMs: 600_000 });
    agent.destroy();
    assert.equal(connect.mock.callCount(), 1, "the one connection is this test's own");
  });
});

test("EMU-05 requests, replies and frames stand in the record with the emulator's time", async () => {
  await emulated({}, async (emulator) => {
    await order(emulator, "a", { price: 599_900, quantity: 5 });
    await emulator.control.clock({ advanceMs: 2_500 });
    await ask(emulator, "/time");
    const entries = emulator.control.log().lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.deepEqual(
      entries.map(({ kind, atMs }) => [kind, Number(atMs) - START_MS]),
      [
        ["request", 0],
        ["reply", 0],
        ["control", 0],
        ["request", 2_500],
        ["reply", 2_500],
      ],
    );
    assert.deepEqual(
      entries.map(({ n }) => n),
      [1, 2, 3, 4, 5],
    );
    assert.equal(emulator.control.log(3).lines.length, 2);
    assert.equal(emulator.control.log(3, 1).lines.length, 1);
  });
});

test("EMU-06 accounts come while it runs, with keys, balances and fees of their own", async () => {
  await emulated({}, (emulator) => {
    const { control, world } = emulator;
    const fees = { makerPpm: -50, takerPpm: 100 };
    control.addAccount({ name: "maker", apiKey: "k", fees, balances: { "binance-usdm": { USDT: "12.5" } } });
    const account = world.accountByKey("k");
    assert.equal(account?.name, "maker");
    assert.equal(account?.userId, 1_000_002);
    const [, maker] = control.state().accounts;
    assert.deepEqual(
      maker?.wallets.map(({ balances }) => balances),
      [{ USDT: "12.5" }, { USDT: "0" }],
    );
    assert.deepEqual(world.exchange.clearing.account("maker@binance-usdm").fees, fees);
    control.changeAccount("maker", { revoked: true, skewMs: 250, rights: { trade: false } });
    assert.equal(account?.revoked, true);
    assert.equal(world.timeFor(account), START_MS + 250);
    assert.deepEqual(account?.rights, { trade: false, withdraw: false, transfer: false });
    assert.throws(() => control.addAccount({ name: "maker" }), { code: "ACCOUNT_TWICE" });
    assert.throws(() => control.addAccount({ name: "x", balances: { "binance-spot": { BTC: "lots" } } }), {
      code: "AMOUNT",
    });
    assert.throws(() => control.changeAccount("nobody", {}), { code: "NOT_FOUND" });
  });
});
