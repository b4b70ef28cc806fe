// What a connector tells of its streams when somebody looks: each with its age, and each bot's dead-man timer.

import assert from "node:assert/strict";
import { test } from "node:test";
import { RemoteStage } from "../../test/contract/exchange-remote.ts";
import { ACCOUNT, Hands, makeWorld, SYMBOL } from "../../test/contract/exchange-stage.ts";
import { FacetedPort } from "./connector/faceted.fixture.ts";
import { feedsNow } from "./remote-feeds.ts";

test("RISK-43 streams with their ages and every bot's dead-man timer are told as they are when asked", async (t) => {
  const world = makeWorld();
  const upstream = new FacetedPort(world.driver, { account: ACCOUNT, marks: true, trades: true });
  const stage = await RemoteStage.open(world, { port: upstream });
  t.after(async () => {
    await stage.close();
    world.driver.stop();
  });
  const port = await stage.port("bot");
  const looking = await stage.connect();
  await new Hands(port).watch().first("book");
  upstream.say({ subject: "clock", state: "suspect", text: "our clock is 1200 ms ahead" });
  const disarm = port.heartbeat(60_000, () => true);
  await untilTimer("dead-man timer armed");
  const told = await feedsNow(looking);
  const book = told?.streams.find(({ name, symbol }) => name === "book" && symbol === SYMBOL);
  assert.equal(book?.state, "live");
  assert.ok(book.ageMs !== null && book.ageMs >= 0 && book.ageMs < 60_000, JSON.stringify(book));
  const clock = told?.streams.find(({ name }) => name === "clock");
  assert.deepEqual([clock?.state, clock?.ageMs, clock?.text], ["suspect", null, "our clock is 1200 ms ahead"]);
  await disarm();
  await untilTimer("dead-man timer off");
  await stage.server.stop();
  assert.equal(await feedsNow(looking), null, "who does not answer tells nothing");

  async function untilTimer(words: string): Promise<void> {
    // ends with the word, or with the time a test has
    while ((await feedsNow(looking))?.deadMan.get("bot") !== words);
  }
});
