// What ccxt does beside what it was asked for: it prints, and it puts things off.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { VirtualClock } from "../../base/virtual-clock.ts";
import { openLog } from "../../observe/log.ts";
import { CcxtInstance } from "./ccxt-instance.ts";
import { BINANCE_USDM } from "./exchanges/binance-usdm.ts";
import { isRecord } from "./raw.ts";
import { Redactor } from "./redact.ts";
import { NodeTransport } from "./transport.ts";

async function opened(context: TestContext) {
  const clock = new VirtualClock(1_790_000_000_000);
  const lines: string[] = [];
  const instance = await CcxtInstance.open({
    table: BINANCE_USDM,
    credentials: null,
    environment: "live",
    urls: null,
    clock,
    gate: { pass: () => Promise.resolve(), replied: () => undefined },
    transport: new NodeTransport({ clock }),
    redactor: new Redactor(),
    log: openLog({ process: "test", write: (line) => lines.push(line) }),
  });
  context.after(() => instance.close());
  return { clock, instance, lines };
}

for (const address of ["ws?listenKey=abcdef0123456789", "ws/abcdef0123456789"]) {
  test(`OPS-11 EXCH-53 a frame that is no JSON is logged without key, not on stdout: ${address}`, async (context) => {
    const print = context.mock.method(console, "log");
    const { instance, lines } = await opened(context);
    const socket: unknown = instance.parse("client", `wss://127.0.0.1:1/${address}`);
    assert.ok(isRecord(socket) && typeof socket["onMessage"] === "function");
    Reflect.apply(socket["onMessage"], socket, [{ data: '{"e":"depthUpdate", broken' }]);
    assert.equal(print.mock.callCount(), 0);
    const [line = ""] = lines;
    assert.match(line, /JSON\.parse SyntaxError.*wss:\/\/127.0.0.1:1\/….*ccxt says/);
    assert.ok(!line.includes("abcdef0123456789"), line);
  });
}

test("OPS-55 what ccxt puts off for twenty minutes ends with the connection", async (context) => {
  const { clock, instance } = await opened(context);
  let ran = 0;
  const method = (): Promise<void> => {
    ran += 1;
    return Promise.resolve();
  };
  /** Whatever was begun before has begun. */
  const passed = (): Promise<void> =>
    new Promise((resolve) => void instance.parse("spawn", () => Promise.resolve(resolve())));
  instance.parse("delay", 1_000, method);
  instance.parse("delay", 1_200_000, method);
  clock.runUntil((1_790_000_000_000 + 2_000) * 1000);
  await passed();
  assert.equal(ran, 1);
  await instance.close();
  clock.runUntil((1_790_000_000_000 + 1_300_000) * 1000);
  await passed();
  assert.equal(ran, 1, "and nothing keeps the process");
});
