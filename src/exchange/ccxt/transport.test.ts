// What a reply may not do to the process that reads it, and what is known of a request when there is none.

import assert from "node:assert/strict";
import { createServer, type RequestListener } from "node:http";
import { type TestContext, test } from "node:test";
import { gzipSync } from "node:zlib";
import { PacedClock } from "../../base/paced-clock.ts";
import { MONOTONIC_CLOCK } from "../../host/wall-clock.ts";
import { NodeTransport, TransportError } from "./transport.ts";

/** How a request to this server ends: the text, or the error's code; and whether a byte may have left. */
async function sentTo(context: TestContext, listener: RequestListener | null): Promise<readonly [string, boolean]> {
  const clock = new PacedClock(MONOTONIC_CLOCK, Date.now(), 1);
  const transport = new NodeTransport({ clock });
  const server = createServer(listener ?? undefined);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  context.after(() => {
    transport.close();
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  assert.ok(address !== null && typeof address === "object");
  const url = listener === null ? "http://127.0.0.1:1/" : `http://127.0.0.1:${address.port}/`;
  let left = false;
  const request = { method: "POST", url, headers: {}, body: "a=1", deadlineMs: clock.nowMs() + 3_000 } as const;
  const sent = transport.send({ ...request, lane: "urgent" }, () => {
    left = true;
  });
  const end = await sent.then(
    ({ text }) => text.slice(0, 20),
    (error: unknown) => (error instanceof TransportError ? error.code : String(error)),
  );
  return [end, left];
}

test("EXCH-58 a reply that is small on the way and endless when unpacked is given up", async (context) => {
  const bomb = gzipSync(Buffer.alloc(100 << 20));
  const [end, left] = await sentTo(context, (_request, reply) => {
    reply.writeHead(200, { "content-encoding": "gzip" }).end(bomb);
  });
  assert.deepEqual([end, left], ["ERR_BUFFER_TOO_LARGE", true]);
});

test("EXCH-06 where nobody listens: provably no byte left", async (context) => {
  assert.deepEqual(await sentTo(context, null), ["ECONNREFUSED", false]);
});

test("EXCH-07 a reply that cannot be unpacked is none, and the request may have arrived", async (context) => {
  const [end, left] = await sentTo(context, (_request, reply) => {
    reply.writeHead(200, { "content-encoding": "gzip" }).end("no gzip at all");
  });
  assert.deepEqual([end, left], ["Z_DATA_ERROR", true]);
});
