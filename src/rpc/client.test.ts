// The client against real servers that answer, hang, vanish and come back.

import assert from "node:assert/strict";
import { createServer, type Socket } from "node:net";
import test, { type TestContext } from "node:test";
import { CONNECT_ATTEMPTS_MAX, connectWaitMs, readBackoff, resubscribeWaitMs } from "./backoff.ts";
import { openRpcClient } from "./client.ts";
import { BotServiceDefinition } from "./generated/opensqt/market_maker/v1/bot.ts";
import { ExchangeServiceDefinition } from "./generated/opensqt/market_maker/v1/exchange.ts";
import { rpcService } from "./method.ts";
import { RpcRefusal as Refusal, type RpcRefusal, refusalOf } from "./refusal.ts";
import { DEADLINES_MS, knownPaths, ruleOf } from "./roles.ts";
import { refusedBy, startVillage } from "./village.fixture.ts";

/** Accepts connections and hangs up on each; counts them. */
async function hangUp(t: TestContext): Promise<{ readonly address: string; readonly count: () => number }> {
  let count = 0;
  const server = createServer((socket: Socket) => {
    count += 1;
    socket.destroy();
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", resolve);
  await promise;
  t.after(() => server.close());
  const bound = server.address();
  assert.ok(typeof bound === "object" && bound !== null);
  return { address: `127.0.0.1:${bound.port}`, count: () => count };
}

test("API-34 the ladder of connecting: 1, 2, 4 … 60 s with up to a tenth more, ten attempts", () => {
  const plain = Array.from({ length: 12 }, (_, at) => connectWaitMs(at + 1, () => 0) / 1000);
  assert.deepEqual(plain, [1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60, 60]);
  assert.equal(
    connectWaitMs(1, () => 0.999),
    1_099.9,
  );
  assert.equal(CONNECT_ATTEMPTS_MAX, 10);
});

test("API-35 the ladders of reading and subscribing again", () => {
  assert.deepEqual(
    readBackoff(() => 0.5),
    [100, 200, 400],
  );
  assert.deepEqual(
    readBackoff(() => 0),
    [80, 160, 320],
  );
  const plain = Array.from({ length: 9 }, (_, at) => resubscribeWaitMs(at + 1, () => 0.5));
  assert.deepEqual(plain, [250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  assert.ok(resubscribeWaitMs(50, () => 0.99) <= 30_000);
});

test("API-33 every RPC has a default deadline by its kind, and streams have none", () => {
  const patience = (path: string): number | null => DEADLINES_MS[ruleOf(path)?.kind ?? "stream"];
  const of = (name: string): number | null => patience(knownPaths().find((path) => path.endsWith(`/${name}`)) ?? "");
  assert.deepEqual(
    ["GetAccount", "GetFills", "GetSymbolInfo", "PlaceOrder", "CancelOrder"].map(of),
    [5_000, 15_000, 15_000, 10_000, 10_000],
  );
  assert.deepEqual(
    ["BatchPlaceOrders", "CancelAllOrders", "TriggerKillSwitch", "PreviewBot", "ExplainOrder"].map(of),
    [15_000, 60_000, 60_000, 5_000, 5_000],
  );
  for (const path of knownPaths()) assert.equal(patience(path) === null, path.includes("/Subscribe"), path);
});

test("API-35 a read whose transport failed is tried again; a mutation never", async (t) => {
  const { address, count } = await hangUp(t);
  const client = openRpcClient({ address, key: "k" });
  t.after(() => client.close());
  const lines: string[] = [];
  const write = (text: string): void => void lines.push(text);
  const talking = openRpcClient({ address, key: "k", log: { info: write, warn: write, error: write } });
  t.after(() => talking.close());
  const read = await refusedBy(talking.client(BotServiceDefinition).getBot({}));
  assert.deepEqual([read.status, read.explained, read.outcome], ["UNAVAILABLE", false, null]);
  assert.equal(lines.filter((line) => line === "read retried").length, 3);
  lines.length = 0;
  const write1 = await refusedBy(talking.client(ExchangeServiceDefinition).placeOrder({}));
  assert.equal(write1.status, "UNAVAILABLE");
  assert.deepEqual(lines, []);
  assert.ok(count() > 0);
});

test("API-35 a refusal with a reason is the server's word: a read is not tried again", async (t) => {
  let asked = 0;
  const service = rpcService(BotServiceDefinition, {
    getBot: async () => {
      asked += 1;
      throw new Refusal({ status: "UNAVAILABLE", reason: "MAINTENANCE", message: "later", outcome: "unknown" });
    },
    startBot: async () => {
      asked += 1;
      throw new Refusal({ status: "UNAVAILABLE", reason: "UNAVAILABLE", message: "gone", outcome: "unknown" });
    },
  });
  const { bots } = await startVillage(t, [service]);
  assert.equal((await refusedBy(bots("reader").getBot({}))).reason, "MAINTENANCE");
  assert.equal((await refusedBy(bots("operator").startBot({ reason: "test" }))).reason, "UNAVAILABLE");
  assert.equal(asked, 2);
});

test("API-35 no mutation of the proto is ever retried, by the table the client goes by", () => {
  const retried = knownPaths().filter((path) => ruleOf(path)?.mutates === false);
  assert.ok(retried.every((path) => /\/(?:Get|List|Preview|Explain|Subscribe|Simulate)/.test(path)));
});

test("API-34 what cannot be reached is said with its address and cause", async (t) => {
  const { address } = await hangUp(t);
  const client = openRpcClient({ address, key: "k" });
  t.after(() => client.close());
  const refusal: RpcRefusal = await client.ready(300).then(
    () => assert.fail("it was reached"),
    (error: unknown) => refusalOf(error),
  );
  assert.equal(refusal.status, "UNAVAILABLE");
  assert.match(refusal.message, new RegExp(`cannot reach ${address.replaceAll(".", "\\.")} within 300 ms`));
});

test("API-33 a call can be cancelled, and a stream is over when its loop is left", async (t) => {
  const { promise: left, resolve: leave } = Promise.withResolvers<void>();
  const service = rpcService(BotServiceDefinition, {
    getBot: () => new Promise(() => undefined),
    async *subscribeBots(_, { signal }) {
      signal.addEventListener("abort", () => leave());
      for (;;) yield {};
    },
  });
  const { bots } = await startVillage(t, [service]);
  const abort = new AbortController();
  const pending = refusedBy(bots("reader").getBot({}, { signal: abort.signal }));
  abort.abort();
  assert.equal((await pending).status, "CANCELLED");
  for await (const _ of bots("reader").subscribeBots({})) break;
  await left;
});
