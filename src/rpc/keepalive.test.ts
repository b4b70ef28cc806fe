// A peer that goes dark: a proxy between client and server keeps its connections open and forwards nothing any more.

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { openRpcClient } from "./client.ts";
import { BotServiceDefinition } from "./generated/opensqt/market_maker/v1/bot.ts";
import { KEEPALIVE, type Keepalive } from "./keepalive.ts";
import { rpcService } from "./method.ts";
import { refusedBy, startVillage } from "./village.fixture.ts";

const QUICK: Keepalive = { everyMs: 200, timeoutMs: 200 };

interface Cable {
  readonly address: string;
  /** Nothing gets through from now on, and nobody is told. */
  pull(): void;
}

async function startCable(t: TestContext, to: number): Promise<Cable> {
  const sockets = new Set<Socket>();
  let pulled = false;
  const proxy = createServer((near) => {
    const far = connect(to, "127.0.0.1");
    for (const [from, into] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on("error", () => undefined);
      from.on("data", (bytes) => {
        if (!pulled) into.write(bytes);
      });
      from.on("close", () => {
        if (!pulled) into.destroy();
      });
    }
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  t.after(async () => {
    for (const socket of sockets) socket.destroy();
    proxy.close();
    await once(proxy, "close");
  });
  const address = proxy.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    address: `127.0.0.1:${port}`,
    pull: () => {
      pulled = true;
    },
  };
}

/** A stream that says one thing and then waits; `left` resolves when the server has given it up. */
async function followed(t: TestContext, sides: { readonly server: Keepalive; readonly client: Keepalive }) {
  const left = Promise.withResolvers<void>();
  const service = rpcService(BotServiceDefinition, {
    async *subscribeBots(_, { signal }) {
      yield { bot: { botId: "a" } };
      await once(signal, "abort");
      left.resolve();
    },
  });
  const { server, keys } = await startVillage(t, [service], { keepalive: sides.server, graceMs: 100 });
  const cable = await startCable(t, server.port);
  const client = openRpcClient({ address: cable.address, key: keys.reader, keepalive: sides.client });
  t.after(() => client.close());
  const stream = client.client(BotServiceDefinition).subscribeBots({})[Symbol.asyncIterator]();
  await stream.next();
  return { cable, stream, left: left.promise };
}

test("API-36 a client whose server goes dark notices by itself: its stream ends as unreachable", async (t) => {
  const { cable, stream } = await followed(t, { server: KEEPALIVE, client: QUICK });
  cable.pull();
  const refusal = await refusedBy(stream.next());
  assert.deepEqual([refusal.status, refusal.explained], ["UNAVAILABLE", false]);
});

test("API-36 a server whose client goes dark gives up its stream and frees what it held", async (t) => {
  const { cable, left } = await followed(t, { server: QUICK, client: KEEPALIVE });
  cable.pull();
  await left;
});

test("API-36 unless told otherwise both sides ping every 20 s and wait 10 s for the answer", () => {
  assert.deepEqual(KEEPALIVE, { everyMs: 20_000, timeoutMs: 10_000 });
});
