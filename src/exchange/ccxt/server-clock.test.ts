import assert from "node:assert/strict";
import { test } from "node:test";
import { VirtualClock } from "../../base/virtual-clock.ts";
import type { UpstreamHealth } from "../port.ts";
import { ServerClock } from "./server-clock.ts";

const START_MS = 1_000_000;

/** An exchange `aheadMs` ahead of us whose answers take these times, half of it each way, over and over. */
function stage(aheadMs: number, tripsMs: readonly number[] = [10]) {
  const clock = new VirtualClock(START_MS);
  const health: UpstreamHealth[] = [];
  const world = { aheadMs, asked: 0, mute: false, set: Number.NaN };
  const server = new ServerClock({
    clock,
    ask: () => {
      const trip = tripsMs[world.asked % tripsMs.length] ?? 0;
      world.asked += 1;
      return new Promise((resolve) => {
        const atMs = clock.nowMs();
        const told = world.mute ? null : atMs + trip / 2 + world.aheadMs;
        clock.at(atMs + trip, () => resolve(told));
      });
    },
    set: (offsetMs) => {
      world.set = offsetMs;
    },
    health: (news) => health.push(news),
  });
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  };
  const run = async (ms: number): Promise<void> => {
    const untilUs = (clock.nowMs() + ms) * 1000;
    await settle();
    while (clock.runNext(untilUs)) await settle();
    clock.runUntil(untilUs);
  };
  return { clock, health, world, server, run };
}

test("EXCH-24 of five samples the one with the shortest way decides, and its half is the error", async () => {
  const { server, world, run } = stage(40, [200, 80, 30, 90, 120]);
  void server.measure();
  await run(600);
  assert.deepEqual([server.offset, world.asked, world.set], [{ offsetMs: 40, errorMs: 15 }, 5, 40]);
  assert.equal(server.objection(), null);
});

test("EXCH-24 measuring is never done twice at once, and comes again every five minutes", async () => {
  const { server, world, run } = stage(0);
  void server.measure();
  void server.measure();
  await run(100);
  assert.equal(world.asked, 5);
  await run(300_100);
  assert.equal(world.asked, 10);
});

test("EXCH-24 no order is placed while the clock is unknown, known too badly, or has moved", async () => {
  const { server, world, run } = stage(0, [1200]);
  assert.match(server.objection() ?? "", /is not known/);
  void server.measure();
  await run(6000);
  assert.match(server.objection() ?? "", /to 600 ms only/);
  const moving = stage(0);
  void moving.server.measure();
  await moving.run(100);
  moving.world.aheadMs = 400;
  void moving.server.measure();
  await moving.run(100);
  assert.match(moving.server.objection() ?? "", /has moved/);
  assert.equal(moving.world.set, 400, "requests are signed by the newest measurement all the same");
  await moving.run(6000);
  assert.equal(moving.server.objection(), null, "the second measurement agrees");
  assert.ok(world.asked > 0);
});

test("EXCH-24 an offset above a second is an alert, and orders go on", async () => {
  const { server, health, run } = stage(-2000);
  void server.measure();
  await run(100);
  assert.equal(server.objection(), null);
  assert.deepEqual(
    health.map(({ subject, state }) => `${subject} ${state}`),
    ["clock suspect"],
  );
});

test("EXCH-24 an exchange that does not tell its time is asked again soon", async () => {
  const { server, world, run } = stage(0);
  world.mute = true;
  void server.measure();
  await run(100);
  assert.notEqual(server.objection(), null);
  world.mute = false;
  await run(6000);
  assert.equal(server.objection(), null);
});
