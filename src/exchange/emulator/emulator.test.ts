import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { WebSocket } from "ws";
import { ECHO } from "./echo.fixture.ts";
import { type Emulator, type EmulatorOptions, startEmulator } from "./emulator.ts";
import { EmulatorError } from "./error.ts";

const START_MS = 1_700_000_000_000;
const MANUAL: EmulatorOptions = {
  registry: ECHO,
  controlPort: null,
  market: { kind: "hand" },
  clock: { mode: "manual", startMs: START_MS },
};

async function emulated(options: EmulatorOptions, use: (emulator: Emulator) => Promise<void>): Promise<void> {
  const emulator = await startEmulator({ ...MANUAL, ...options });
  try {
    await use(emulator);
  } finally {
    await emulator.close();
  }
}

const ask = async (emulator: Emulator, path: string, protocol = "binance-usdm"): Promise<unknown> =>
  (await fetch(`http://127.0.0.1:${emulator.ports[protocol]}${path}`)).json();

const PERPETUAL = encodeURIComponent("BTC/USDT:USDT");

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
    const placed = await ask(emulator, `/place?symbol=${PERPETUAL}&id=a&price=599900&quantity=5`);
    assert.deepEqual(placed, { result: "accepted", exchangeOrderId: "1" });
    assert.equal(emulator.world.exchange.desk.ledger.openOrder("demo@binance-usdm", "a")?.price, 599_900);
  });
});

test("EMU-04 time moved by hand stands still in between, and what it causes is written when the call returns", async () => {
  await emulated({}, async (emulator) => {
    const socket = new WebSocket(`ws://127.0.0.1:${emulator.ports["binance-usdm"]}/told`);
    await once(socket, "open");
    const heard: string[] = [];
    socket.on("message", (data) => heard.push(String(data)));
    await ask(emulator, `/place?symbol=${PERPETUAL}&id=a&price=600010&quantity=5`);
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
