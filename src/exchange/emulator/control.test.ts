import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { WebSocket } from "ws";
import { emulated, order, PERPETUAL, START_MS } from "./stage.fixture.ts";

test("EMU-35 a reset makes a fresh world, closes its sockets, and equal worlds have equal hashes", async () => {
  await emulated({ market: { kind: "preset", preset: "calm" } }, async (emulator) => {
    const { control } = emulator;
    const socket = new WebSocket(`ws://127.0.0.1:${emulator.ports["binance-usdm"]}/told`);
    await once(socket, "open");
    await order(emulator, "a", { price: 599_000, quantity: 5 });
    await control.clock({ advanceMs: 10_000 });
    const before = control.state();
    assert.equal(before.accounts[0]?.wallets[0]?.openOrders.length, 1);
    const closed = once(socket, "close");
    control.reset();
    assert.equal((await closed)[0], 1012);
    assert.equal(control.state().nowMs, START_MS);
    assert.equal(control.orders("a").length, 0);
    await order(emulator, "a", { price: 599_000, quantity: 5 });
    await control.clock({ advanceMs: 10_000 });
    assert.equal(control.state().hash, before.hash);
    control.reset({ seed: "2" });
    await order(emulator, "a", { price: 599_000, quantity: 5 });
    await control.clock({ advanceMs: 10_000 });
    assert.notEqual(control.state().hash, before.hash);
  });
});

test("EMU-35 a world put aside is taken up again with orders, leverage, rules and accounts", async () => {
  await emulated({ market: { kind: "preset", preset: "chop" } }, async (emulator) => {
    const { control } = emulator;
    control.addAccount({ name: "late", balances: { "binance-usdm": { USDT: "5" } } });
    await order(emulator, "a", { price: 598_000, quantity: 5 });
    emulator.world.setLeverage("demo@binance-usdm", PERPETUAL, 3);
    control.operator.change(PERPETUAL, { tickSize: "0.5" });
    control.operator.market.mark(PERPETUAL, "60123.45");
    await control.clock({ advanceMs: 5_000 });
    const saved = control.state();
    control.snapshot("here");
    await control.clock({ advanceMs: 60_000 });
    const later = control.state();
    control.restore("here");
    assert.deepEqual(control.state(), saved);
    assert.equal(control.orders("a")[0]?.status, "open");
    assert.equal(emulator.world.exchange.market(PERPETUAL).grid.priceStep, 5);
    await control.clock({ advanceMs: 60_000 });
    assert.equal(control.state().hash, later.hash, "it goes on as it went on before");
    assert.throws(() => control.restore("nowhere"), { code: "NOT_FOUND" });
  });
});

test("EMU-35 every order that ever used a client id is found by it", async () => {
  await emulated({}, async (emulator) => {
    const { control } = emulator;
    await order(emulator, "again", { price: 599_900, quantity: 5 });
    emulator.world.cancel("demo@binance-usdm", PERPETUAL, "again");
    await order(emulator, "again", { price: 600_010, quantity: 2 });
    assert.deepEqual(
      control.orders("again").map(({ exchangeOrderId, status, filled }) => [exchangeOrderId, status, filled]),
      [
        ["1", "canceled", 0],
        ["2", "filled", 2],
      ],
    );
  });
});

test("EMU-35 a barrier opens when its condition holds, and says what it waited for when it never does", async () => {
  await emulated({ clock: { mode: "wall" } }, async (emulator) => {
    const { control } = emulator;
    const opened = control.barrier({ order: { clientOrderId: "a", status: "filled" }, requests: 1 });
    await order(emulator, "a", { price: 599_900, quantity: 5 });
    assert.equal(control.operator.fillWhole("demo", PERPETUAL, "a"), null);
    assert.ok((await opened) >= 0);
    await assert.rejects(control.barrier({ sockets: { count: 1 }, deadlineMs: 10 }), { code: "DEADLINE" });
  });
});

test("EMU-35 sockets are listed and closed by protocol, path and stream", async () => {
  await emulated({}, async (emulator) => {
    const { control, ports } = emulator;
    const url = (protocol: string): string => `ws://127.0.0.1:${ports[protocol]}/told`;
    const [usdm, spot] = [new WebSocket(url("binance-usdm")), new WebSocket(url("binance-spot"))];
    await Promise.all([once(usdm, "open"), once(spot, "open")]);
    assert.equal(control.sockets({ stream: "tol" }).length, 2);
    assert.equal(control.sockets({ path: "/else" }).length, 0);
    const ended = [once(usdm, "close"), once(spot, "close")];
    assert.equal(control.closeSockets({ protocol: "binance-usdm" }, 4001, "go"), 1);
    assert.equal((await ended[0])?.[0], 4001);
    assert.equal(control.closeSockets({}, 1006), 1);
    assert.equal((await ended[1])?.[0], 1006);
  });
});

test("EMU-36 a client's belief is compared with the world: balances, positions, open orders, fills", async () => {
  await emulated({}, async (emulator) => {
    const { control } = emulator;
    await order(emulator, "taken", { price: 600_010, quantity: 2 });
    await order(emulator, "rests", { price: 599_900, quantity: 5 });
    const truth = {
      account: "demo",
      protocol: "binance-usdm",
      balances: { USDT: control.state().accounts[0]?.wallets[0]?.balances["USDT"] ?? "" },
      positions: { [PERPETUAL]: "0.0020" },
      openOrders: ["rests"],
      filled: { taken: "0.002", rests: "0" },
    } as const;
    assert.deepEqual(control.compare(truth), []);
    const wrong = {
      ...truth,
      balances: { USDT: "1" },
      positions: {},
      openOrders: ["taken"],
      filled: { taken: "0.001" },
    };
    assert.deepEqual(
      control.compare(wrong).map(({ what, client }) => [what, client]),
      [
        ["balance USDT", "1"],
        [`position ${PERPETUAL}`, "0"],
        ["open order rests", "none"],
        ["open order taken", "open"],
        ["filled taken", "0.001"],
      ],
    );
  });
});
