import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { FREE_PORTS, startEmulator } from "./emulator.ts";

const SIGNED = { "x-mbx-apikey": "demo-key" };

test("EMU-11 EMU-14 habits reach the protocols: strict parameters, retired addresses closed", async () => {
  const habits = { strictParameters: true, legacy: "close" } as const;
  const emulator = await startEmulator({ ports: FREE_PORTS, controlPort: null, market: { kind: "hand" }, habits });
  try {
    const { "binance-usdm": usdm, "binance-spot": spot } = emulator.ports;
    const query = `symbol=BTCUSDT&colour=red&timestamp=${emulator.world.clock.nowMs()}`;
    const signature = createHmac("sha256", "demo-secret").update(query).digest("hex");
    const url = `http://127.0.0.1:${usdm}/fapi/v1/openOrders?${query}&signature=${signature}`;
    const refused = (await (await fetch(url, { headers: SIGNED })).json()) as { code: number };
    assert.equal(refused.code, -1104);
    const key = await fetch(`http://127.0.0.1:${spot}/api/v3/userDataStream`, { method: "POST", headers: SIGNED });
    assert.equal(key.status >= 400, true, "listen keys over REST are retired");
  } finally {
    await emulator.close();
  }
});
