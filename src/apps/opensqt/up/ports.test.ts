// OPS-63 with real listeners: a port in use is passed over, and said.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { test } from "node:test";
import { choosePorts } from "./ports.ts";

test("OPS-63 up takes the next free port where one is in use, says whose it is, and gives none out twice", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  const taken = address.port;
  try {
    const { http, grpc, any } = await choosePorts("127.0.0.1", { http: taken, grpc: taken + 1, any: 0 });
    assert.equal(http.wanted, taken);
    assert.ok(http.port > taken && http.port !== grpc.port, `${http.port} ${grpc.port}`);
    assert.ok(http.takenBy !== null);
    if (process.platform === "linux") assert.match(http.takenBy, new RegExp(`^process ${process.pid} `));
    assert.equal(any.port, 0);
  } finally {
    server.close();
  }
});
