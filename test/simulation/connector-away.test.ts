// The connector away for ten minutes while the market moves and orders fill, in virtual time (TEST-49): what the bot
// does meanwhile, what it says, and what journal and exchange know of each other afterwards.

import assert from "node:assert/strict";
import { test } from "node:test";
import { drawScenario } from "./scenario.ts";
import { START_MS, World } from "./world.ts";

const MINUTE_MS = 60_000;
const LOST_MS = START_MS + 5 * MINUTE_MS;
const BACK_MS = LOST_MS + 10 * MINUTE_MS;

/** Streams that fell silent are noticed within five seconds. */
const NOTICED_MS = LOST_MS + 6_000;

/** Plays it; `said` are the world's notes of the ten minutes, each with its time. */
function tenMinutesAway(seed: number) {
  // the rate of a fault that never strikes: a run without any must raise no alert, and this one must
  const world = new World({ ...drawScenario(seed), faults: new Map([["partition", 0] as const]) });
  const said: { readonly atMs: number; readonly text: string }[] = [];
  const note = world.note.bind(world);
  world.note = (text) => {
    note(text);
    said.push({ atMs: world.nowMs(), text });
  };
  world.start();
  world.run(LOST_MS);
  world.network.in = "cut";
  world.network.out = "cut";
  world.disturbed(10 * MINUTE_MS);
  world.main?.port?.lostStreams(BACK_MS * 1000);
  world.main?.port?.dropCalls();
  world.run(BACK_MS - 1);
  const fills = world.records.filter(({ kind, atUs }) => kind === "fill" && atUs > LOST_MS * 1000).length;
  world.network.in = "open";
  world.network.out = "open";
  world.run(BACK_MS + 3 * MINUTE_MS);
  return { world, said, fills };
}

for (const [seed, filled] of [
  [2, true],
  [7, false],
] as const) {
  test(`TEST-49 DUR-71 seed ${seed}: ten minutes without the connector lose nothing and do nothing twice`, (t) => {
    const { world, said, fills } = tenMinutesAway(seed);
    t.after(() => world.close());
    const away = said.filter(({ atMs }) => atMs > NOTICED_MS && atMs < BACK_MS);
    assert.equal(fills > 0, filled, `${fills} fills while nobody heard of them`);
    assert.deepEqual(
      away.filter(({ text }) => text.includes("sends place")),
      [],
      "nothing is sent blindly",
    );
    assert.ok(said.some(({ text }) => /alert \d+ feed-stale: the orders feed is stale/.test(text)));
    assert.ok(
      said.some(({ atMs, text }) => atMs > BACK_MS && text.includes("sends place")),
      "it trades on",
    );
    const { shadow } = world.journal;
    assert.ok([...shadow.orders.values()].every(({ place }) => place === "acknowledged"));
    assert.equal(shadow.ledger.position, world.exchangePosition());
    const ending = { cashByHand: 0n, latched: null, verify: () => null };
    world.finish((checker) =>
      checker.atEnd?.({ ...ending, exchangePosition: world.exchangePosition(), cashChange: world.cashChange() }),
    );
    assert.deepEqual(world.violations, []);
  });
}
