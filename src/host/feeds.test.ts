// Feeds that go stale, whoever notices: no new risk until all who said so say that they are fresh, and then the
// exchange is read completely.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { FeedName } from "../trading/event.ts";
import { World } from "./bench.fixture.ts";

const feed = (world: World, name: FeedName, state: "stale" | "fresh"): void =>
  world.village.tell({ kind: "feed", feed: name, state });

/** Reads of the open orders asked for and answered so far. */
const reads = (world: World): number =>
  (world.process?.turns ?? []).flatMap(({ events }) => events).filter(({ kind }) => kind === "exchange-state").length;

test("RISK-20 while the port calls the order stream stale nothing opens; fresh, the exchange is read", () => {
  const world = new World();
  world.running();
  feed(world, "orders", "stale");
  world.run(100);
  const [first] = world.village.open();
  assert.ok(world.process?.host.state.blocks.has("feed-orders"));
  if (first !== undefined) world.village.fill(first, 10);
  const placed = world.village.arrived.length;
  for (let n = 0; n < 5; n += 1) {
    world.village.book(300_000 + n);
    world.run(100);
  }
  assert.equal(world.village.arrived.length, placed);
  const before = reads(world);
  feed(world, "orders", "fresh");
  world.run(200);
  assert.ok(reads(world) > before);
  world.village.book(300_001);
  world.run(9_000);
  assert.equal(world.village.arrived.length, placed, "a feed that flickers does not trade: 10 s first (RISK-18)");
  world.run(1_000);
  world.village.book(300_002);
  world.run(100);
  assert.ok(world.village.arrived.length > placed);
});

/** What the engine heard of the order stream and of complete reads since the stream was lost first. */
function told(world: World): string[] {
  const words = (world.process?.turns ?? [])
    .flatMap(({ events }) => events)
    .flatMap((event) => {
      if (event.kind === "exchange-state") return ["read"];
      return event.kind === "feed" && event.feed === "orders" ? [event.state] : [];
    });
  return words.slice(words.indexOf("stale"));
}

test("RISK-20 EXCH-18 the order stream is fresh after what was missed was read, never before", () => {
  const world = new World();
  world.running();
  feed(world, "orders", "stale");
  world.run(50);
  feed(world, "orders", "fresh");
  world.run(200);
  assert.deepEqual(told(world).slice(0, 3), ["stale", "read", "fresh"]);
});

test("RISK-20 EXCH-18 lost again during that read, it is fresh only after another one", () => {
  const world = new World();
  world.running();
  feed(world, "orders", "stale");
  world.run(50);
  feed(world, "orders", "fresh");
  feed(world, "orders", "stale");
  feed(world, "orders", "fresh");
  world.run(200);
  assert.deepEqual(told(world).slice(0, 4), ["stale", "read", "read", "fresh"]);
});

test("RISK-20 API-44 a feed is fresh only when nobody calls it stale any more", () => {
  const world = new World();
  const { host } = world.running();
  feed(world, "orders", "stale");
  host.connectorLost("the connector does not answer");
  world.run(50);
  host.connectorBack();
  world.run(50);
  assert.ok(host.state.blocks.has("feed-orders"), "the port has not said that it is fresh");
  assert.ok(!host.state.blocks.has("feed-book"));
  feed(world, "orders", "fresh");
  world.run(50);
  assert.deepEqual([...host.state.blocks.keys()], ["stale-feed"]);
  world.run(10_000);
  assert.equal(host.state.blocks.size, 0);
});

test("RISK-20 API-44 a connector that does not serve holds what rests; only a lost book pulls the entries", () => {
  const world = new World();
  const { host } = world.running();
  host.connectorLost("the API key is refused");
  for (let n = 0; n < 5; n += 1) {
    world.village.book(300_000);
    world.run(1_000);
  }
  assert.deepEqual([...host.state.blocks.keys()].sort(), ["feed-orders", "stale-feed"]);
  assert.equal(host.state.breakers.get("stale-feed")?.action, "P", "what rests is left alone");
  feed(world, "book", "stale");
  world.run(100);
  assert.equal(host.state.breakers.get("stale-feed")?.action, "O");
});

test("RISK-20 a stale account stream holds openings back like a stale order stream", () => {
  const world = new World();
  const { host } = world.running();
  feed(world, "account", "stale");
  world.run(50);
  assert.equal(host.state.blocks.get("feed-account")?.level, "HOLD");
  const before = reads(world);
  feed(world, "account", "fresh");
  world.run(200);
  assert.deepEqual([...host.state.blocks.keys()], ["stale-feed"]);
  assert.ok(reads(world) > before);
  world.run(10_000);
  assert.equal(host.state.blocks.size, 0);
});

const staleAlerts = (world: World): string[] =>
  (world.process?.alerts ?? []).filter(({ code }) => code === "feed-stale").map(({ text }) => text);

/** A bot that is subscribed, and told at once that its orders are not heard yet. */
function notYetHeard(): World {
  const world = new World();
  world.village.fate = (what) => (what === "read" && world.process === null ? "lost" : "fine");
  world.start();
  world.run(11);
  feed(world, "orders", "stale");
  return world;
}

test("RISK-20 a feed that was not fresh before the bot ran holds it and alarms nobody", () => {
  const world = notYetHeard();
  assert.notEqual(world.process?.host.state.phase, "running");
  world.run(1_000);
  assert.equal(world.process?.host.state.phase, "running");
  assert.ok(world.process?.host.state.blocks.has("feed-orders"), "it holds");
  feed(world, "orders", "fresh");
  world.run(20_000);
  assert.equal(world.process?.host.state.blocks.size, 0);
  assert.deepEqual(staleAlerts(world), []);
  feed(world, "orders", "stale");
  world.run(100);
  assert.equal(staleAlerts(world).length, 1, "lost later, it is told");
});

test("RISK-20 a feed that stays away after the start is told of, once, by the machine's clock", () => {
  const world = notYetHeard();
  world.run(9_900);
  assert.deepEqual(staleAlerts(world), []);
  world.run(200);
  world.run(60_000);
  assert.deepEqual(staleAlerts(world), ["the orders feed has not been fresh since the start; no new risk until it is"]);
});
