// EMU-44: the same seed, script and order of requests make the same record, byte for byte, with faults at work.

import assert from "node:assert/strict";
import test from "node:test";
import { FREE_PORTS, startEmulator } from "../../src/exchange/emulator/emulator.ts";
import { parseScript } from "../../src/exchange/emulator/script.ts";
import { type Ended, FaultWire, type Frames, type InjectedFault, START_MS, SYMBOL } from "./faults-wire.ts";

const STEP_MS = 5_000;
const STEPS = 120;

const FAULTS: readonly InjectedFault[] = [
  { name: "duplicateEvent", after: 1, times: 5 },
  { name: "duplicateEvent", parameters: { copies: 2, gapMs: 40 }, after: 20, times: 3 },
  { name: "reorderEvents", after: 10, times: 4 },
  { name: "dropEvent", after: 15, times: 3 },
  { name: "lateEvent", parameters: { delayMs: 700 }, after: 7, times: 4 },
  { name: "lateEvent", parameters: { delayMs: 3_000 }, after: 30, times: 2 },
  { name: "sequenceGap", after: 100, times: 2 },
  { name: "sequenceGap", after: 400, times: 3 },
  { name: "serverErrorAfterAccept", after: 5, times: 2 },
  { name: "serverErrorNotAccepted", after: 9, times: 2 },
  { name: "serverErrorNotAccepted", parameters: { status: 502 }, after: 25, times: 1 },
  { name: "rateLimit", after: 60, times: 1 },
  { name: "postOnlyReject", after: 3, times: 2 },
  { name: "cancelLost", after: 4, times: 2 },
  { name: "insufficientMargin", after: 12, times: 2 },
  { name: "crossedBook", after: 2, times: 1 },
  { name: "clockSkew", parameters: { ms: 400 } },
  { name: "fundingSettle", filter: { instrument: SYMBOL }, parameters: { rate: "0.0002" } },
  { name: "foreignOrder", filter: { account: "demo", instrument: SYMBOL }, parameters: { lots: 3 } },
  { name: "adl", filter: { account: "demo", instrument: SYMBOL }, parameters: { lots: 1 } },
];

const SCRIPT = [
  { atMs: 100_000, call: "market", body: { symbol: SYMBOL, trade: { side: "sell", price: "59000", quantity: "0.5" } } },
  { atMs: 200_000, call: "market", body: { symbol: SYMBOL, rules: { tickSize: "0.5" } } },
  { atMs: 300_000, call: "settleFunding", body: { symbol: SYMBOL, rate: "-0.0001" } },
];

/** A round trip: whatever was under way on the socket before has arrived. */
async function settled(frames: Frames, id: number): Promise<void> {
  frames.socket.send(JSON.stringify({ method: "LIST_SUBSCRIPTIONS", id }));
  await frames.next((frame) => frame["id"] === id);
}

async function act(wire: FaultWire, step: number): Promise<Ended> {
  if (step % 4 === 3) return wire.cancel(`o${step - 2}`);
  if (step % 4 === 2) return wire.ask("GET /fapi/v1/openOrders", { symbol: "BTCUSDT" });
  const market = wire.emulator.world.exchange.market(SYMBOL);
  const price = Math.floor((market.best("buy") - (step % 3) * 50) / 5) * 5;
  return wire.place(`o${step}`, { price: (price / 10).toFixed(1), side: "BUY" });
}

async function run(
  seed: string,
  steps = STEPS,
): Promise<{ readonly hash: string; readonly state: string; readonly fired: number }> {
  const script = parseScript(SCRIPT.map((line) => JSON.stringify(line)).join("\n"), "script");
  const emulator = await startEmulator({
    ports: FREE_PORTS,
    protocols: ["binance-usdm"],
    controlPort: null,
    market: { kind: "preset", preset: "chop" },
    clock: { mode: "manual", startMs: START_MS },
    seed,
    script,
  });
  const wire = new FaultWire(emulator);
  try {
    const streams = await wire.open("/ws/btcusdt@depth@100ms");
    const user = await wire.user();
    const ids = FAULTS.map((fault) => wire.inject(fault));
    for (let step = 0; step < steps; step += 1) {
      await act(wire, step);
      await wire.advance(STEP_MS);
      await settled(streams, 2 * step);
      await settled(user, 2 * step + 1);
    }
    const fired = ids.filter((id) => wire.fired(id) > 0).length;
    return { hash: emulator.control.log().hash, state: emulator.control.state().hash, fired };
  } finally {
    await wire.close();
  }
}

test("EMU-05 EMU-44 two runs of ten minutes with twenty faults give the same log hash", async () => {
  const first = await run("1");
  assert.ok(first.fired >= 15, `${first.fired} of ${FAULTS.length} faults struck`);
  assert.deepEqual(await run("1"), first);
  assert.notEqual((await run("2", 6)).hash, (await run("1", 6)).hash);
});
