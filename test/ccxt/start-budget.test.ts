// A port that is opened when the exchange's requests are used up, as after a crash: it waits for the window they are
// counted in, and says so. What could not be asked yet is no answer, and refuses nothing.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { inspect } from "node:util";
import { openCcxtPort } from "../../src/exchange/ccxt/ccxt-port.ts";
import { NodeTransport, type Transport } from "../../src/exchange/ccxt/transport.ts";
import { RemoteClock } from "../../src/exchange/remote-clock.ts";
import { MONOTONIC_CLOCK } from "../../src/host/wall-clock.ts";
import { openLog } from "../../src/observe/log.ts";
import { emulated, portOptions, USDM } from "./port-stage.ts";

const WINDOW_S = 60;
const MODE = "/fapi/v1/positionSide/dual";

/** The machine's clock; `skip` moves it ahead, and wakes whoever waited for a time in between. */
function skippingClock(): { readonly clock: RemoteClock; readonly skip: (ms: number) => void } {
  const at = (nowMs: number) => {
    const asked = MONOTONIC_CLOCK.monotonicMs();
    return { nowMs, ratePpm: 1_000_000, askedMs: asked, answeredMs: asked };
  };
  const clock = new RemoteClock(MONOTONIC_CLOCK, at(Date.now()));
  return { clock, skip: (ms) => clock.correct(at(clock.nowMs() + ms)) };
}

/** Answers the first request of a route with 429, as Binance does when its weight of a minute is used up. */
function usedUp(inner: Transport, route: string): Transport & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    send: (request, left) => {
      const { pathname } = new URL(request.url);
      asked.push(pathname);
      if (pathname !== route || asked.filter((each) => each === route).length > 1) return inner.send(request, left);
      left();
      const text = '{"code":-1003,"msg":"Too many requests"}';
      const headers = { "retry-after": String(WINDOW_S) };
      return Promise.resolve({ status: 429, statusText: "Too Many Requests", headers, text });
    },
    close: () => inner.close(),
  };
}

interface Opened {
  readonly end: string;
  readonly said: readonly string[];
  readonly asked: readonly string[];
}

interface Hands {
  readonly skip: (ms: number) => void;
  readonly stop: () => void;
}

/** Opens a port; `heard` is called after each line about its limits. */
async function opened(context: TestContext, heard: (line: string, hands: Hands) => void): Promise<Opened> {
  const { clock, skip } = skippingClock();
  const emulator = await emulated(context, USDM, { machine: clock });
  const transport = usedUp(new NodeTransport({ clock }), MODE);
  const said: string[] = [];
  const stopping = new AbortController();
  const log = openLog({
    process: "test",
    level: "warn",
    write: (line) => {
      said.push(line);
      // not inside of what says it
      if (line.includes("limits")) setImmediate(() => heard(line, { skip, stop: () => stopping.abort() }));
    },
  });
  const options = { ...portOptions(emulator, USDM, log), clock, transport, signal: stopping.signal };
  const end = await openCcxtPort(options).then(
    async (port) => {
      await port.closed();
      return "opened";
    },
    (error: unknown) => inspect(error),
  );
  log.close();
  return { end, said, asked: transport.asked };
}

test("EXCH-27 EXCH-38 a start waits for the request budget's window, says so, and is not refused", async (context) => {
  const { end, said, asked } = await opened(context, (line, { skip }) =>
    // first past the deadline of the read, then past the window
    skip(line.includes("the start waits") ? WINDOW_S * 1000 : 15_000),
  );
  assert.equal(end, "opened", said.join("\n"));
  assert.equal(asked.filter((each) => each === MODE).length, 2, "asked again when the window was over");
  assert.ok(
    said.some((line) => /the start waits for the request budget, up to [1-9]\d* s more/.test(line)),
    said.join("\n"),
  );
});

test("EXCH-27 OPS-55 a start that waits for the request budget ends when the process is to stop", async (context) => {
  const { end, asked } = await opened(context, (_, { stop }) => stop());
  assert.match(end, /CcxtPortError/);
  assert.equal(asked.filter((each) => each === MODE).length, 1);
});
