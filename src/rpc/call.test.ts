// The life of a call: deadlines, stopping, counting, logging, flow control, and requests nobody should have sent.

import assert from "node:assert/strict";
import test from "node:test";
import { Client, credentials, Metadata } from "@grpc/grpc-js";
import { Metrics } from "../observe/metrics.ts";
import { addressOf, timeLeft } from "./call.ts";
import { deadlineOf } from "./caller.ts";
import { BotServiceDefinition } from "./generated/opensqt/market_maker/v1/bot.ts";
import { ExchangeServiceDefinition, PlaceOrderRequest } from "./generated/opensqt/market_maker/v1/exchange.ts";
import { rpcService } from "./method.ts";
import { RpcRefusal } from "./refusal.ts";
import { fromWire, toWire } from "./refusal-wire.ts";
import { rpcMetrics } from "./rpc-metrics.ts";
import { Topic } from "./topic.ts";
import { refusedBy, startVillage } from "./village.fixture.ts";

test("API-33 a deadline reaches the handler, which can pass on what is left of it less 100 ms", async (t) => {
  const seen: (number | null)[] = [];
  const service = rpcService(BotServiceDefinition, {
    getBot: async (_, context) => {
      seen.push(deadlineOf(context), timeLeft(context, (deadlineOf(context) ?? 0) - 1_000));
      return {};
    },
  });
  const { bots } = await startVillage(t, [service]);
  const before = Date.now();
  await bots("reader").getBot({}, { deadlineMs: 60_000 });
  const [deadline, left] = seen;
  assert.ok(Math.abs((deadline ?? 0) - before - 60_000) < 5_000);
  assert.equal(left, 900);
  await bots("reader").getBot({}, { deadlineMs: 0 });
  assert.ok((seen[2] ?? 0) <= Date.now() + 5_000, "a call without a deadline gets the default of a read");
});

test("API-33 an expired deadline on a mutation says nothing about its outcome: it is unknown", async (t) => {
  const service = rpcService(ExchangeServiceDefinition, { placeOrder: () => new Promise(() => undefined) });
  const { dial } = await startVillage(t, [service]);
  const exchange = dial("trader").client(ExchangeServiceDefinition);
  const refusal = await refusedBy(exchange.placeOrder({}, { deadlineMs: 150 }));
  assert.equal(refusal.status, "DEADLINE_EXCEEDED");
  assert.ok(refusal.outcome === null || refusal.outcome === "unknown");
});

test("API-36 stopping: health says so, nothing new begins, running calls end, streams end with SHUTDOWN", async (t) => {
  const { promise: release, resolve: finish } = Promise.withResolvers<void>();
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const service = rpcService(BotServiceDefinition, {
    getBot: async () => {
      begin();
      await release;
      return { config: "in time" };
    },
    async *subscribeBots(_, context) {
      yield {};
      await new Promise((resolve) => context.signal.addEventListener("abort", resolve));
    },
  });
  const { server, health, bots } = await startVillage(t, [service]);
  health.set(null, "serving");
  const reader = bots("reader");
  const stream = reader.subscribeBots({})[Symbol.asyncIterator]();
  await stream.next();
  const running = reader.getBot({});
  await begun;
  const stopped = server.stop();
  assert.equal(health.of("")?.health, "not-serving");
  const ended = await refusedBy(stream.next());
  assert.deepEqual([ended.status, ended.reason], ["UNAVAILABLE", "SHUTDOWN"]);
  finish();
  assert.equal((await running).config, "in time");
  await stopped;
  assert.equal((await refusedBy(bots("operator").startBot({ reason: "late" }))).status, "UNAVAILABLE");
});

test("API-36 a call that outlives the grace is ended, and nobody is told that nothing happened", async (t) => {
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const startBot = (): Promise<never> => {
    begin();
    return new Promise(() => undefined);
  };
  const { server, bots } = await startVillage(t, [rpcService(BotServiceDefinition, { startBot })], { graceMs: 20 });
  const running = refusedBy(bots("operator").startBot({ reason: "test" }));
  await begun;
  await server.stop();
  const refusal = await running;
  assert.deepEqual([refusal.status, refusal.reason, refusal.outcome], ["UNAVAILABLE", "SHUTDOWN", "unknown"]);
});

test("API-39 API-40 every call is counted and written once, with caller, role, latency and status", async (t) => {
  const metrics = new Metrics({ process: "connector", release: "test", own: false });
  t.after(() => metrics.close());
  const service = rpcService(BotServiceDefinition, {
    getBot: async () => ({}),
    async *subscribeBots() {
      yield {};
      yield {};
    },
  });
  const { bots, lines } = await startVillage(t, [service], { metrics: rpcMetrics(metrics) });
  await bots("reader").getBot({ botId: "private-detail" }, { requestId: "r-1" });
  for await (const _ of bots("reader").subscribeBots({}, { requestId: "r-2" }));
  await refusedBy(bots("reader").getSlots({}, { requestId: "r-3" }));
  const of = (id: string): readonly string[] => lines().filter((line) => line.includes(`"requestId":"${id}"`));
  assert.equal(of("r-1").length, 1);
  assert.match(
    of("r-1")[0] ?? "",
    /"method":"BotService\/GetBot","caller":"view","role":"reader".*"latencyMs":[\d.]+,"status":"OK"/,
  );
  assert.deepEqual(
    of("r-2").map((line) => /"text":"([^"]+)"/.exec(line)?.[1]),
    ["stream begins", "stream ends"],
  );
  assert.match(of("r-3")[0] ?? "", /"status":"UNIMPLEMENTED","reason":"UNSUPPORTED"/);
  assert.ok(!lines().some((line) => line.includes("private-detail")), "a request's body was logged");
  const text = await metrics.text();
  assert.match(text, /grpc_requests_total\{service="BotService",method="GetBot",code="OK"\} 1/);
  assert.match(text, /grpc_requests_total\{service="BotService",method="GetSlots",code="UNIMPLEMENTED"\} 1/);
  assert.match(text, /grpc_stream_messages_total\{method="SubscribeBots"\} 2/);
  assert.match(text, /grpc_stream_subscribers\{method="SubscribeBots"\} 0/);
  assert.match(text, /grpc_request_duration_seconds_count\{service="BotService",method="GetBot"\} 1/);
});

test("API-18 EXCH-20 a stalled reader of a real stream is ended with OVERRUN, and its neighbour misses nothing", async (t) => {
  const overruns: string[] = [];
  const metrics = { conflated: () => undefined, overrun: (topic: string) => void overruns.push(topic) };
  const topic = new Topic<string>({ name: "SubscribeBots", local: true, bounds: { queueMax: 2_000 }, metrics });
  const service = rpcService(BotServiceDefinition, {
    async *subscribeBots(_, { signal }) {
      for await (const { meta, item } of topic.subscribe({ signal })) yield { meta, bot: { botId: item ?? "" } };
    },
  });
  const { bots } = await startVillage(t, [service]);
  const stalled = bots("operator").subscribeBots({})[Symbol.asyncIterator]();
  const lively = bots("reader").subscribeBots({})[Symbol.asyncIterator]();
  await stalled.next();
  await lively.next();
  const padding = "x".repeat(2_000);
  for (let at = 0; overruns.length === 0; at += 1) {
    topic.publish(`${at} ${padding}`);
    const { value } = await lively.next();
    assert.equal(value?.bot?.botId, `${at} ${padding}`);
    assert.ok(at < 100_000, "the stalled reader was never ended");
  }
  assert.equal(topic.subscribers, 1);
  let ended: RpcRefusal | null = null;
  while (ended === null)
    ended = await stalled.next().then(
      () => null,
      (error: RpcRefusal) => error,
    );
  assert.deepEqual([ended.status, ended.reason], ["RESOURCE_EXHAUSTED", "OVERRUN"]);
});

test("API-21 a client that goes away frees its subscription", async (t) => {
  let idle = Promise.withResolvers<void>();
  const onIdle = (): void => idle.resolve();
  const topic = new Topic<string>({ name: "SubscribeBots", local: true, onIdle, bounds: { idleMs: 1 } });
  const service = rpcService(BotServiceDefinition, {
    async *subscribeBots(_, { signal }) {
      for await (const { meta } of topic.subscribe({ signal })) yield { meta };
    },
  });
  const { dial, bots } = await startVillage(t, [service]);
  for await (const _ of bots("reader").subscribeBots({})) break;
  await idle.promise;
  idle = Promise.withResolvers();
  const leaving = dial("operator");
  const stream = leaving.client(BotServiceDefinition).subscribeBots({})[Symbol.asyncIterator]();
  await stream.next();
  leaving.close();
  await stream.return?.();
  await idle.promise;
  assert.equal(topic.subscribers, 0);
});

test("API-40 the line of a call about an order names it, and is the only part of the request in the log", async (t) => {
  const service = rpcService(ExchangeServiceDefinition, { placeOrder: async () => ({}) });
  const { dial, lines } = await startVillage(t, [service]);
  const exchange = dial("trader").client(ExchangeServiceDefinition);
  await exchange.placeOrder({ symbol: "BTC/USDT", clientOrderId: "o1a2b3", quantity: { value: "123.456" } });
  assert.equal(lines().length, 1);
  assert.match(lines()[0] ?? "", /"clientOrderId":"o1a2b3"/);
  assert.doesNotMatch(lines()[0] ?? "", /123\.456|BTC/);
});

test("API-21 a client that is closed ends its calls and streams", async (t) => {
  const service = rpcService(BotServiceDefinition, {
    getBot: () => new Promise(() => undefined),
    async *subscribeBots(_, { signal }) {
      yield {};
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
    },
  });
  const { dial } = await startVillage(t, [service]);
  const client = dial("reader");
  const bots = client.client(BotServiceDefinition);
  const stream = bots.subscribeBots({})[Symbol.asyncIterator]();
  await stream.next();
  const [call, next] = [refusedBy(bots.getBot({})), refusedBy(stream.next())];
  client.close();
  assert.deepEqual([(await call).status, (await next).status], ["CANCELLED", "CANCELLED"]);
});

/** Sends bytes that no generated client would. */
async function sendRaw(address: string, path: string, bytes: Buffer, key: string): Promise<RpcRefusal> {
  const client = new Client(address, credentials.createInsecure());
  const metadata = new Metadata();
  metadata.set("x-api-key", key);
  const { promise, resolve } = Promise.withResolvers<RpcRefusal>();
  client.makeUnaryRequest(
    path,
    (sent: Buffer) => sent,
    (got: Buffer) => got,
    bytes,
    metadata,
    (error) => {
      resolve(error === null ? new RpcRefusal({ status: "OK", reason: "", message: "" }) : fromWire(error));
    },
  );
  const refusal = await promise;
  client.close();
  return refusal;
}

test("API-10 bytes that are no request are INVALID_ARGUMENT, and more than 4 MiB never reach a handler", async (t) => {
  let asked = 0;
  const service = rpcService(ExchangeServiceDefinition, {
    placeOrder: async () => {
      asked += 1;
      return {};
    },
  });
  const { server, keys } = await startVillage(t, [service]);
  const path = "/opensqt.market_maker.v1.ExchangeService/PlaceOrder";
  const hostile = [
    Buffer.from("ffffffffffffffffffff", "hex"),
    Buffer.from("0a7f61", "hex"),
    // int64 beyond what a number holds exactly, in send_by_ms
    Buffer.from("8001808080808080808040", "hex"),
  ];
  for (const bytes of hostile) {
    const refusal = await sendRaw(server.address, path, bytes, keys.trader);
    assert.deepEqual([refusal.status, refusal.outcome], ["INVALID_ARGUMENT", "not_sent"], bytes.toString("hex"));
  }
  const huge = Buffer.from(
    PlaceOrderRequest.encode(PlaceOrderRequest.fromPartial({ symbol: "x".repeat(5 << 20) })).finish(),
  );
  assert.equal((await sendRaw(server.address, path, huge, keys.trader)).status, "RESOURCE_EXHAUSTED");
  assert.equal((await sendRaw(server.address, `${path}Twice`, Buffer.alloc(0), keys.trader)).status, "UNIMPLEMENTED");
  assert.equal(asked, 0);
});

test("API-10 the fills of a long silence are one answer, well above what a request may be", async (t) => {
  const fills = Array.from({ length: 25_000 }, (_, n) => ({ tradeId: `${n}`, clientOrderId: "o".repeat(200) }));
  const service = rpcService(ExchangeServiceDefinition, { getFills: async () => ({ fills }) });
  const { dial } = await startVillage(t, [service]);
  const told = await dial("trader").client(ExchangeServiceDefinition).getFills({ symbol: "BTC/USDT" });
  assert.deepEqual([told.fills.length, told.fills.at(-1)?.tradeId], [25_000, "24999"]);
});

test("API-23 the exchange's code and text travel unchanged, and a trailer is never too large to arrive", () => {
  const metadata = { exchange_code: "-2010", exchange_text: '余额不足 — insufficient "balance"' };
  const parts = { status: "RESOURCE_EXHAUSTED", reason: "INSUFFICIENT_FUNDS", message: "no funds", metadata } as const;
  const there = fromWire(toWire(new RpcRefusal({ ...parts, outcome: "rejected" })));
  assert.deepEqual(there.metadata, { ...metadata, outcome: "rejected" });
  const bulky = Object.fromEntries(Array.from({ length: 50 }, (_, at) => [`k${at}`, "y".repeat(10_000)]));
  const wire = toWire(new RpcRefusal({ ...parts, metadata: bulky, message: "z".repeat(10_000), outcome: "rejected" }));
  const [details] = wire.metadata.get("grpc-status-details-bin");
  assert.ok(Buffer.isBuffer(details) && details.length < 8_000);
  assert.equal(fromWire(wire).outcome, "rejected");
});

test("API-22 details nobody can read say nothing, so the outcome is unknown", () => {
  const metadata = new Metadata();
  metadata.set("grpc-status-details-bin", Buffer.from("ffffffff", "hex"));
  const refusal = fromWire({ code: 14, details: "gone", metadata });
  assert.deepEqual([refusal.status, refusal.explained, refusal.outcome], ["UNAVAILABLE", false, null]);
});

test("API-40 an address is written without its port", () => {
  assert.deepEqual(
    ["127.0.0.1:5", "[::1]:50051", "::ffff:127.0.0.1:77", "unix:/run/x.sock", "unknown"].map(addressOf),
    ["127.0.0.1", "::1", "127.0.0.1", "unix", "unix"],
  );
});
