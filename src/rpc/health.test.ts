// Health as probes and engines see it: live, per service, without a key; and a watch that ends is silence.

import assert from "node:assert/strict";
import test from "node:test";
import { openRpcClient } from "./client.ts";
import { HealthDefinition, HealthCheckResponse_ServingStatus as Serving } from "./generated/grpc/health/v1/health.ts";
import { BotServiceDefinition } from "./generated/opensqt/market_maker/v1/bot.ts";
import { RiskServiceDefinition } from "./generated/opensqt/market_maker/v1/risk.ts";
import { type WatchedHealth, watchHealth } from "./health-watch.ts";
import { newApiKey } from "./keyring.ts";
import { rpcService } from "./method.ts";
import { refusedBy, startVillage } from "./village.fixture.ts";

const services = [rpcService(BotServiceDefinition, {}), rpcService(RiskServiceDefinition, {})];

test("API-31 health is told per service and for the whole, needs no key, and changes live", async (t) => {
  const { health, dial } = await startVillage(t, services);
  const probe = dial(null).client(HealthDefinition);
  const of = async (service: string): Promise<Serving> => (await probe.check({ service })).status;
  assert.equal(await of(""), Serving.NOT_SERVING, "nobody has said that it serves");
  health.set(null, "serving");
  assert.equal(await of(""), Serving.SERVING);
  health.set(BotServiceDefinition.fullName, "not-serving", "the loop stands still");
  assert.equal(await of(BotServiceDefinition.fullName), Serving.NOT_SERVING);
  assert.equal(await of(RiskServiceDefinition.fullName), Serving.SERVING);
  assert.equal(await of(""), Serving.NOT_SERVING, "the whole is as well as its worst service");
  assert.equal((await refusedBy(of("made.up.Service"))).status, "NOT_FOUND");
});

test("API-31 Watch tells the state at once and every change, and SERVICE_UNKNOWN for what is not there", async (t) => {
  const { health, dial } = await startVillage(t, services);
  const probe = dial(null).client(HealthDefinition);
  const stream = probe.watch({ service: BotServiceDefinition.fullName })[Symbol.asyncIterator]();
  const next = async (): Promise<Serving | undefined> => (await stream.next()).value?.status;
  assert.equal(await next(), Serving.NOT_SERVING);
  health.set(BotServiceDefinition.fullName, "serving");
  assert.equal(await next(), Serving.SERVING);
  health.set(RiskServiceDefinition.fullName, "serving");
  health.set(BotServiceDefinition.fullName, "not-serving");
  assert.equal(await next(), Serving.NOT_SERVING);
  for await (const { status } of probe.watch({ service: "made.up.Service" })) {
    assert.equal(status, Serving.SERVICE_UNKNOWN);
    break;
  }
});

test("API-44 an engine's watch hears every change, and silence when the server goes", async (t) => {
  const { server, health } = await startVillage(t, services);
  const heard: WatchedHealth[] = [];
  let wake = (): void => undefined;
  const until = async (count: number): Promise<void> => {
    while (heard.length < count) {
      const { promise, resolve } = Promise.withResolvers<void>();
      wake = resolve;
      await promise;
    }
  };
  const client = openRpcClient({ address: server.address, key: newApiKey() });
  const watch = watchHealth({
    client,
    service: "",
    listener: (state) => {
      heard.push(state);
      wake();
    },
  });
  t.after(async () => {
    client.close();
    await watch.close();
  });
  assert.equal(watch.health, "unknown");
  await until(1);
  health.set(null, "serving");
  await until(2);
  await server.stop();
  await until(3);
  assert.equal(heard[1], "serving");
  assert.notEqual(heard.at(-1), "serving");
});
