// Who asks for a stop, and how often: the operator's command goes through the journal and the run is asked to end
// afterwards, by a message that may come late. That is one stop, not two (DUR-59).

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Process, World } from "./bench.fixture.ts";

const ended = ({ end }: Process): string | undefined => (end === null ? undefined : `${end.code} ${end.exitCode}`);

/** The engine has stopped by the operator's command, and the host is about to prove it. */
function commanded(): { readonly world: World; readonly bot: Process } {
  const world = new World();
  const bot = world.running();
  bot.host.command({ name: "stop", cancelOnExit: null }, { by: "mika", reason: "done" }, () => {});
  world.run(500);
  assert.equal(bot.host.state.phase, "stopped");
  assert.equal(ended(bot), undefined, "one clean read is not proof");
  return { world, bot };
}

test("DUR-58 DUR-59 a stop that an operator commanded is proved, though the run is asked to end meanwhile", () => {
  const { world, bot } = commanded();
  bot.host.requestStop("mika: done");
  assert.equal(ended(bot), undefined, "asked for the first time");
  world.run(5_000);
  assert.equal(ended(bot), "CLEAN 0");
});

test("DUR-59 asked a second time, a stop that an operator commanded is cut short", () => {
  const { bot } = commanded();
  bot.host.requestStop("mika: done");
  bot.host.requestStop("SIGINT", 130);
  assert.equal(ended(bot), "SECOND_SIGNAL 130");
});

test("DUR-59 DUR-61 the first signal after a disk ran full is not the second", () => {
  const world = new World();
  let full = true;
  const freeReserve = (): boolean => {
    const had = full;
    full = false;
    return had;
  };
  const bot = world.running({ freeReserve });
  world.disk.fault = () => (full ? "full" : null);
  world.village.book(300_100);
  world.run(100);
  assert.equal(bot.host.state.phase, "stopped");
  bot.host.requestStop("SIGTERM");
  assert.equal(ended(bot), undefined, "it is proved");
  world.run(10_000);
  assert.equal(ended(bot), "CANNOT_WRITE 13");
});

test("DUR-59 DUR-19 a second signal after a turn was cut short leaves no snapshot over what was not recorded", () => {
  const world = new World();
  const bot = world.running();
  world.disk.fault = (write) => (write === "effects" ? "full" : null);
  bot.host.requestStop("SIGTERM");
  world.run(0);
  const cut = bot.host.state.seq;
  assert.equal(ended(bot), undefined, "orders are being cancelled without a record");
  world.disk.fault = () => null;
  bot.host.requestStop("SIGTERM");
  assert.equal(ended(bot), "SECOND_SIGNAL 130");
  assert.ok(world.disk.snapshots.every(({ seq }) => seq < cut));
  assert.notEqual(world.disk.records.at(-1)?.type, "seal");
  world.start();
  world.run(5_000);
  const stopping = world.disk.records.find((record) => record.type === "effect" && record.seq === cut);
  assert.match(stopping?.type === "effect" ? stopping.body : "", /"stopping"/);
});
