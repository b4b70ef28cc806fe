// Who gets in, over real sockets: keys, roles over every RPC of the proto, limits, locks, and what the log says of it.

import assert from "node:assert/strict";
import test from "node:test";
import { callerOf, requireBot } from "./caller.ts";
import { openRpcClient, type RpcCallOptions } from "./client.ts";
import { BotServiceDefinition } from "./generated/opensqt/market_maker/v1/bot.ts";
import { ExchangeServiceDefinition } from "./generated/opensqt/market_maker/v1/exchange.ts";
import { PortfolioServiceDefinition } from "./generated/opensqt/market_maker/v1/portfolio.ts";
import { PositionServiceDefinition } from "./generated/opensqt/market_maker/v1/position.ts";
import { RiskServiceDefinition } from "./generated/opensqt/market_maker/v1/risk.ts";
import { newApiKey, sha256Of } from "./keyring.ts";
import { rpcService } from "./method.ts";
import { UNCOUNTED } from "./observer.ts";
import { type RpcRefusal, refusalOf } from "./refusal.ts";
import { knownPaths, ruleOf } from "./roles.ts";
import { refusedBy, startVillage } from "./village.fixture.ts";

const DEFINITIONS = [
  ExchangeServiceDefinition,
  RiskServiceDefinition,
  PositionServiceDefinition,
  PortfolioServiceDefinition,
  BotServiceDefinition,
] as const;

const RPCS = DEFINITIONS.flatMap((definition) =>
  Object.entries(definition.methods).map(([key, { name, responseStream }]) => {
    return { definition, key, path: `/${definition.fullName}/${name}`, responseStream };
  }),
);

const nothing = DEFINITIONS.map((definition) => rpcService(definition, {}));

/** Calls any RPC of the proto with an empty request; how it ends. */
async function call(client: object, key: string): Promise<RpcRefusal> {
  const method: unknown = Reflect.get(client, key);
  assert.ok(typeof method === "function");
  const options: RpcCallOptions = { deadlineMs: 10_000 };
  const answer: unknown = Reflect.apply(method, client, [{}, options]);
  if (answer instanceof Promise) return refusedBy(answer);
  const stream = answer as AsyncIterable<unknown>;
  try {
    for await (const _ of stream) break;
  } catch (error) {
    return refusalOf(error);
  }
  throw new Error(`${key} was answered`);
}

test("API-27 the table of roles names every RPC of the proto and no other", () => {
  assert.deepEqual([...knownPaths()].sort(), RPCS.map(({ path }) => path).sort());
});

test("API-27 reading never changes anything, and what changes something needs more than a reader", () => {
  for (const path of knownPaths()) {
    const rule = ruleOf(path);
    const reads = /\/(?:Get|List|Preview|Explain|Subscribe|Simulate)/.test(path);
    assert.equal(rule?.role === "reader", reads, path);
    assert.equal(rule?.mutates, !reads, path);
  }
});

test("API-28 a reader is refused every RPC that changes anything, whatever it sends", async (t) => {
  const { dial } = await startVillage(t, nothing, { rate: { perSecond: 10_000, burst: 10_000 } });
  const reader = dial("reader");
  const refused: string[] = [];
  for (const { definition, key, path } of RPCS) {
    const { status } = await call(reader.client(definition), key);
    if (ruleOf(path)?.mutates === true) assert.equal(status, "PERMISSION_DENIED", path);
    else assert.equal(status, "UNIMPLEMENTED", path);
    if (status === "PERMISSION_DENIED") refused.push(path);
  }
  assert.ok(refused.length >= 30, `${refused.length} refused`);
});

test("API-27 a trader may place and cancel, and stops no bot; an operator may do everything", async (t) => {
  const { dial } = await startVillage(t, nothing, { rate: { perSecond: 10_000, burst: 10_000 } });
  const [trader, operator] = [dial("trader"), dial("operator")];
  for (const { definition, key, path } of RPCS) {
    const expected = ruleOf(path)?.role === "operator" ? "PERMISSION_DENIED" : "UNIMPLEMENTED";
    assert.equal((await call(trader.client(definition), key)).status, expected, path);
    assert.equal((await call(operator.client(definition), key)).status, "UNIMPLEMENTED", path);
  }
});

test("API-29 a key bound to bots acts for these alone", async (t) => {
  const key = newApiKey();
  const bound = { name: "engine", role: "operator", keySha256: sha256Of(key), san: null, bots: ["a", "b"] } as const;
  const service = rpcService(BotServiceDefinition, {
    startBot: async ({ botId }, context) => {
      requireBot(context, botId);
      return { bot: { botId } };
    },
  });
  const { server } = await startVillage(t, [service], { keys: [bound] });
  const client = openRpcClient({ address: server.address, key });
  t.after(() => client.close());
  const bots = client.client(BotServiceDefinition);
  assert.equal((await bots.startBot({ botId: "b", reason: "test" })).bot?.botId, "b");
  const refusal = await refusedBy(bots.startBot({ botId: "c", reason: "test" }));
  assert.equal(refusal.status, "PERMISSION_DENIED");
  assert.match(refusal.message, /a, b, not for c/);
});

test("API-10 both headers are accepted, a different key in each is not, and without one nobody gets in", async (t) => {
  const service = rpcService(BotServiceDefinition, {
    getBot: async (_, context) => ({ config: `${callerOf(context).name} ${callerOf(context).note}` }),
  });
  const { server, keys, dial } = await startVillage(t, [service]);
  assert.equal((await refusedBy(dial(null).client(BotServiceDefinition).getBot({}))).status, "UNAUTHENTICATED");
  const ask = async (headers: Readonly<Record<string, string>>): Promise<string> => {
    const { createChannel, createClientFactory, Metadata } = await import("nice-grpc");
    const channel = createChannel(server.address);
    try {
      const client = createClientFactory().create(BotServiceDefinition, channel);
      return (await client.getBot({}, { metadata: Metadata(headers) })).config;
    } finally {
      channel.close();
    }
  };
  assert.equal(await ask({ "x-api-key": keys.reader, "x-operator": "Ann" }), "view Ann");
  assert.equal(await ask({ authorization: `Bearer ${keys.trader}` }), "engine ");
  const mixed = await refusedBy(ask({ "x-api-key": keys.reader, authorization: `Bearer ${keys.trader}` }));
  assert.equal(mixed.status, "UNAUTHENTICATED");
});

test("API-30 a caller has its own budget of requests; cancels and kills are not counted", async (t) => {
  const { dial, bots } = await startVillage(t, nothing, { rate: { perSecond: 0.001, burst: 5 } });
  const desk = dial("operator").client(ExchangeServiceDefinition);
  for (let at = 0; at < 5; at += 1) assert.equal((await refusedBy(desk.getName({}))).status, "UNIMPLEMENTED");
  const limited = await refusedBy(desk.getName({}));
  assert.deepEqual(
    [limited.status, limited.reason, limited.outcome],
    ["RESOURCE_EXHAUSTED", "RATE_LIMITED", "not_sent"],
  );
  assert.ok((limited.retryAfterMs ?? 0) > 0);
  for (const free of [desk.cancelOrder({}), desk.batchCancelOrders({}), desk.cancelAllOrders({})]) {
    assert.equal((await refusedBy(free)).status, "UNIMPLEMENTED");
  }
  assert.equal((await refusedBy(bots("reader").getBot({}))).status, "UNIMPLEMENTED", "another caller, another budget");
});

test("API-30 an engine, whose bots all call under one name, has twenty times the budget of a person, and no more", async (t) => {
  const { dial } = await startVillage(t, nothing, { rate: { perSecond: 0.001, burst: 5 } });
  const engine = dial("trader").client(ExchangeServiceDefinition);
  const wave = await Promise.all(Array.from({ length: 101 }, () => refusedBy(engine.placeOrder({}))));
  const reasons = wave.map(({ reason }) => reason);
  assert.equal(reasons.filter((reason) => reason === "UNSUPPORTED").length, 100);
  assert.equal(reasons.filter((reason) => reason === "RATE_LIMITED").length, 1);
});

test("API-30 five failures in a minute lock their address for newcomers, not for who was known", async (t) => {
  const service = rpcService(BotServiceDefinition, { getBot: async () => ({ config: "fine" }) });
  const { server, dial, bots } = await startVillage(t, [service]);
  await bots("reader").getBot({});
  const stranger = openRpcClient({ address: server.address, key: newApiKey() });
  t.after(() => stranger.close());
  const guess = () => refusedBy(stranger.client(BotServiceDefinition).getBot({}));
  for (let at = 0; at < 5; at += 1) assert.match((await guess()).message, /not known/);
  const locked = await guess();
  assert.match(locked.message, /five failed calls in a minute/);
  assert.ok((locked.retryAfterMs ?? 0) > 50_000);
  assert.match(
    (await refusedBy(dial("operator").client(BotServiceDefinition).getBot({}))).message,
    /five failed calls/,
  );
  assert.equal((await bots("reader").getBot({})).config, "fine");
});

test("API-42 a refused call is logged with method, address, id and reason, and no part of the key", async (t) => {
  const failures: string[] = [];
  const metrics = { ...UNCOUNTED, authFailure: (reason: string) => void failures.push(reason) };
  const { server, lines, keys, bots } = await startVillage(t, nothing, { metrics });
  const guessed = newApiKey();
  const stranger = openRpcClient({ address: server.address, key: guessed });
  t.after(() => stranger.close());
  await refusedBy(stranger.client(BotServiceDefinition).getBot({}, { requestId: "r-7" }));
  await refusedBy(bots("reader").stopBot({ botId: "a", reason: "test" }, { requestId: "r-8" }));
  const refused = lines().filter((line) => line.includes("call refused"));
  assert.deepEqual(failures, ["unknown", "role"]);
  assert.match(refused[0] ?? "", /GetBot".*"address":"127\.0\.0\.1","reason":"unknown","requestId":"r-7"/);
  assert.ok(refused[0]?.includes(`"keyMark":"${sha256Of(guessed).slice(0, 12)}"`));
  assert.match(refused[1] ?? "", /StopBot".*"reason":"role","requestId":"r-8"/);
  for (const key of [guessed, ...Object.values(keys)]) {
    for (let at = 0; at + 8 <= key.length; at += 1) {
      assert.ok(!lines().some((line) => line.includes(key.slice(at, at + 8))), "a part of a key was logged");
    }
  }
});

test("API-30 streams of a key that is removed end at once; those of another go on", async (t) => {
  const service = rpcService(BotServiceDefinition, {
    async *subscribeBots(_, context) {
      yield { bot: { botId: "a" } };
      await new Promise((resolve) => context.signal.addEventListener("abort", resolve));
    },
  });
  const { server, entries, bots } = await startVillage(t, [service]);
  const [removed, kept] = [bots("reader").subscribeBots({}), bots("operator").subscribeBots({})].map((stream) =>
    stream[Symbol.asyncIterator](),
  );
  assert.ok(removed !== undefined && kept !== undefined);
  await removed.next();
  await kept.next();
  server.reload(entries.filter(({ role }) => role !== "reader"));
  const refusal = await refusedBy(removed.next());
  assert.deepEqual([refusal.status, refusal.reason], ["UNAUTHENTICATED", "AUTH"]);
  assert.equal((await refusedBy(bots("reader").getBot({}))).status, "UNAUTHENTICATED");
  let ended = false;
  const waiting = kept.next().then(
    () => undefined,
    () => {
      ended = true;
    },
  );
  await refusedBy(bots("operator").getBot({}));
  assert.equal(ended, false);
  await server.stop();
  await waiting;
});
