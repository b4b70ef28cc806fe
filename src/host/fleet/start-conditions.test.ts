// What is known of the exchange's clock and of the key decides whether a bot starts: facts of the link, in the journal.

import assert from "node:assert/strict";
import { test } from "node:test";
import { SqliteStore } from "../../journal/sqlite-store.ts";
import type { StartConditions } from "../recovery.ts";
import { botText, FleetWorld } from "./fleet.fixture.ts";

const GOOD: StartConditions = { clockOffsetMs: 12, clockErrorMs: 4, keyMayWithdraw: false };

const ROWS: readonly [StartConditions, string, string][] = [
  [{ ...GOOD, clockErrorMs: 640 }, "start-refused", "clock offset 12 ms, uncertain by 640 ms"],
  [{ ...GOOD, keyMayWithdraw: true }, "start-refused", "this key may withdraw: make one that may not"],
  [{ ...GOOD, keyRights: "read-only" }, "start-refused", "this key may not trade: give one that may"],
  [{ ...GOOD, keyRights: "unread" }, "start-warning", "what this key may do is not known"],
];

for (const [conditions, code, text] of ROWS) {
  test(`RISK-30 DUR-05 the link tells: ${text}: ${code}`, async (t) => {
    const world = new FleetWorld(1);
    t.after(() => world.remove());
    const process = world.start({ seeds: [botText("a", 0)], conditions: () => conditions });
    await world.untilTrue(() => process.alerts.some((alert) => alert.code === code && alert.text.startsWith(text)));
    if (code === "start-refused") {
      await world.untilTrue(() => process.ends.length === 1);
      assert.equal(process.ends[0]?.end.exitCode, 4);
      assert.equal(world.open(0), 0, "no order left");
    } else {
      await world.untilTrue(() => world.open(0) > 0);
    }
    await world.until(process.fleet.close("test"));
  });
}

/** A store on a disk with as much room as is said. */
class RoomyStore extends SqliteStore {
  freeMib = 171;
  override freeBytes(): number {
    return this.freeMib << 20;
  }
}

test("DUR-61 a bot that starts on a disk with little room opens nothing until there is room", async (t) => {
  const world = new FleetWorld(1);
  t.after(() => world.remove());
  const store = (): RoomyStore => new RoomyStore(world.folder);
  const first = world.start({ seeds: [botText("a", 0)], store: store() });
  world.kill(first);
  const small = store();
  const next = world.start({ store: small });
  const state = () => next.fleet.bot("a")?.state ?? assert.fail("no state");
  await world.untilTrue(() => next.fleet.bot("a")?.state?.phase === "running");
  await world.run(5_000);
  assert.match(state().blocks.get("host-disk")?.reason ?? "", /171 MiB free/);
  assert.equal(world.open(0), 0);
  small.freeMib = 5_000;
  await world.untilTrue(() => world.open(0) > 0);
  assert.equal(state().blocks.has("host-disk"), false);
  await world.until(next.fleet.close("test"));
});
