// Streams that are opened and left again and again leave nothing behind.

import assert from "node:assert/strict";
import test from "node:test";
import { BotServiceDefinition } from "./generated/opensqt/market_maker/v1/bot.ts";
import { rpcService } from "./method.ts";
import { Topic } from "./topic.ts";
import { refusedBy, startVillage } from "./village.fixture.ts";

test("API-21 a thousand streams opened and left over two connections leave no handle and no subscriber", async (t) => {
  const topic = new Topic<string>({ name: "SubscribeBots", local: true });
  const service = rpcService(BotServiceDefinition, {
    async *subscribeBots(_, { signal }) {
      for await (const { meta } of topic.subscribe({ signal })) yield { meta };
    },
  });
  const { bots } = await startVillage(t, [service], { rate: { perSecond: 10_000, burst: 10_000 } });
  // HTTP/2 takes a thousand resets of one connection in a burst for an attack
  const readers = [bots("reader"), bots("reader")];
  // a call on the same connection comes after the last leave, which is on its way
  const leftAll = async (): Promise<unknown> =>
    await Promise.all(readers.map((reader) => refusedBy(reader.getBot({}))));
  const rounds = async (count: number): Promise<void> => {
    for (let round = 0; round < count; round += 1)
      for await (const _ of readers[round % 2]?.subscribeBots({}) ?? []) break;
    await leftAll();
  };
  await rounds(10);
  const before = process.getActiveResourcesInfo().length;
  await rounds(1000);
  while (topic.subscribers > 0) await leftAll();
  assert.ok(process.getActiveResourcesInfo().length <= before + 3, process.getActiveResourcesInfo().join(" "));
});
