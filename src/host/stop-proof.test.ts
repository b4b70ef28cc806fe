// What a stop must not take for proof that nothing of its bot is left on the exchange (DUR-58): an order whose fate is
// not known, an exchange that did not answer, a journal that is younger than the bot's orders.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openMemoryJournal } from "../journal/memory.ts";
import { MemoryDisk } from "../journal/memory-disk.ts";
import { type Process, TAG, World } from "./bench.fixture.ts";
import type { Fate } from "./village.fixture.ts";

const BOT = { bot: "probe", tag: TAG };

const ended = ({ end }: Process): string | undefined => (end === null ? undefined : `${end.code} ${end.exitCode}`);

const isSealed = ({ journal }: Process): boolean => [...(journal?.records(0) ?? [])].at(-1)?.type === "seal";

/** The first so many requests of this kind fare well, the others are lost. */
function lostAfter(wanted: "place" | "read", first: number): (what: "place" | "cancel" | "lookup" | "read") => Fate {
  let left = first;
  return (what) => {
    if (what !== wanted) return "fine";
    left -= 1;
    return left < 0 ? "lost" : "fine";
  };
}

test("DUR-58 DUR-36 an order of unknown fate is no proof: reads that do not show it end with 12, and name it", () => {
  const world = new World();
  const bot = world.start();
  world.run(1_000);
  bot.port.requestExpiryMs = 60_000;
  world.village.fate = lostAfter("place", 1);
  world.village.book(300_000);
  world.run(1_500);
  const unknown = [...bot.host.state.orders.values()].flatMap(({ place, clientOrderId }) =>
    place === "unknown" ? [clientOrderId] : [],
  );
  assert.equal(unknown.length, 1);
  bot.host.requestStop("test");
  world.run(26_000);
  assert.deepEqual([ended(bot), bot.end?.ordersLeft], ["ORDERS_REMAIN 12", unknown]);
});

for (const reads of [0, 1]) {
  test(`DUR-58 an exchange that could not be read twice proves nothing: 12 after ${reads} of two reads`, () => {
    const world = new World();
    const bot = world.running();
    bot.host.command(
      { name: "pause", cancelEntries: true, leg: "both" },
      { by: "mika", reason: "quiet" },
      () => undefined,
    );
    world.run(1_000);
    assert.deepEqual([bot.host.state.orders.size, world.village.open().length], [0, 0]);
    world.village.fate = lostAfter("read", 3 * reads); // orders, fills, account
    bot.host.requestStop("test");
    world.run(30_000);
    assert.equal(ended(bot), "ORDERS_REMAIN 12");
    assert.match(bot.end?.text ?? "", /could not be proved/);
    assert.ok(bot.alerts.some(({ code, severity }) => code === "orders-remain" && severity === "critical"));
    assert.ok(isSealed(bot));
  });
}

test("DUR-58 DUR-27 a bot begun anew never placed anything, and asks all the same what the one before left", () => {
  const world = new World();
  world.running();
  const left = world.village.open().map(({ clientOrderId }) => clientOrderId);
  assert.equal(left.length, 2);
  world.kill();
  const disk = new MemoryDisk();
  openMemoryJournal(disk, BOT).close();
  assert.ok(disk.meta !== null);
  disk.meta = { ...disk.meta, lineage: 2 };
  world.village.fate = lostAfter("read", 0);
  const bot = world.start({ journal: openMemoryJournal(disk, BOT), identity: { ...BOT, lineage: 2 } });
  world.run(1_000);
  world.village.fate = () => "fine";
  bot.host.requestStop("test");
  world.run(30_000);
  assert.equal(ended(bot), "ORDERS_REMAIN 12");
  assert.deepEqual([...(bot.end?.ordersLeft ?? [])].sort(), left.sort());
});
