// A salvaged journal lost its end and has the next lineage (DUR-27, DUR-42): the bot goes on from it, and never again
// uses an id that may have been used in what was lost.

import assert from "node:assert/strict";
import { test } from "node:test";
import { sha256 } from "../base/canonical.ts";
import { lots } from "../market/amounts.ts";
import { parseClientOrderId } from "../trading/client-order-id.ts";
import { type Process, TAG, World } from "./bench.fixture.ts";
import { productionEngine } from "./engine.ts";

/** The journal as salvage leaves it: its last records are lost, its lineage is one higher. */
function salvage(world: World, lost: number): void {
  const { disk } = world;
  disk.cutTo((disk.records.at(-1)?.position ?? 0) - lost);
  disk.head = null;
  assert.ok(disk.meta !== null);
  disk.meta = { ...disk.meta, lineage: disk.meta.lineage + 1 };
}

function trade(world: World, books: number): void {
  for (let i = 0; i < books; i += 1) {
    const [order] = world.village.open();
    if (order !== undefined && i % 2 === 0) world.village.fill(order, 10, false);
    world.run(200);
    world.village.book(300_000 + (i % 3) * 500);
    world.run(200);
  }
}

function snapshot({ host, journal }: Process): void {
  assert.ok(journal !== null);
  const state = productionEngine.encode(host.state);
  const { position, seq, chainHash } = journal;
  journal.writeSnapshot({ version: 1, position, seq, chainHash, stateHash: sha256(state), state });
}

for (const from of ["the beginning", "a snapshot"] as const) {
  test(`DUR-42 DUR-27 a bot goes on from a salvaged journal, replayed from ${from}, and every new id has the new lineage`, () => {
    const world = new World();
    const first = world.running();
    if (from === "a snapshot") snapshot(first);
    trade(world, 6);
    world.kill();
    const used = new Set(world.village.orders.keys());
    salvage(world, 9);
    const left = world.disk.records.at(-1)?.position ?? 0;

    const second = world.running();
    trade(world, 6);
    assert.equal(second.end, null);
    assert.equal(second.host.state.identity.lineage, 2);
    const fresh = [...world.village.orders.keys()].filter((id) => !used.has(id));
    assert.ok(fresh.length > 0, "it trades");
    for (const id of fresh) assert.deepEqual([parseClientOrderId(id)?.tag, parseClientOrderId(id)?.lineage], [TAG, 2]);
    assert.equal(second.host.state.ledger.position, world.village.position);

    // and what was decided in both lineages is decided the same again
    world.kill();
    const third = world.start();
    world.run(1_000);
    assert.equal(third.end, null);
    assert.ok((third.journal?.position ?? 0) > left);
  });
}

test("DUR-27 RISK-33 what stays unexplained after a salvage is adjusted, however large; without one it stops", () => {
  for (const isSalvaged of [true, false]) {
    const world = new World();
    world.running();
    trade(world, 4);
    world.kill();
    if (isSalvaged) salvage(world, 9);
    const local = world.village.position;
    // something that is not of this bot's orders moved the position
    const [known = assert.fail("no fill")] = world.village.fills;
    const theirs = { tradeId: "theirs", clientOrderId: null, exchangeOrderId: "theirs" } as const;
    world.village.fills.push({ ...known, ...theirs, side: "buy", quantity: lots(70) });
    const bot = world.start();
    world.run(60_000);
    const { state } = bot.host;
    const adjusted = bot.alerts.filter(({ code }) => code === "adjusted");
    const postings = [...(bot.journal?.postings(0) ?? [])].filter(({ posting }) => posting.cause === "adjustment");
    if (isSalvaged) {
      assert.deepEqual(
        adjusted.map(({ facts }) => facts["local"]),
        [local],
      );
      assert.equal(state.ledger.position, world.village.position);
      assert.equal(postings.length > 0, true);
      assert.equal(state.divergences.at(-1)?.action, "corrected");
      assert.equal(state.blocks.has("divergence"), false);
    } else {
      assert.deepEqual([adjusted.length, postings.length, state.ledger.position], [0, 0, local]);
      assert.equal(state.blocks.has("divergence"), true);
    }
  }
});

test("DUR-42 orders of before the salvage are cancelled, those the journal knew too", () => {
  const world = new World();
  world.running();
  world.kill();
  const resting = new Set(world.village.open().map(({ clientOrderId }) => clientOrderId));
  assert.ok(resting.size > 0);
  salvage(world, 0);
  world.running();
  world.run(5_000);
  for (const { clientOrderId } of world.village.open()) {
    assert.equal(resting.has(clientOrderId), false);
    assert.equal(parseClientOrderId(clientOrderId)?.lineage, 2);
  }
});

test("DUR-25 an order of a later lineage stops the start, and names the lineage that is free", () => {
  const world = new World();
  world.running();
  trade(world, 2);
  world.kill();
  salvage(world, 0);
  world.running();
  trade(world, 4);
  world.kill();
  assert.ok(world.disk.meta !== null);
  world.disk.meta = { ...world.disk.meta, lineage: 1 };
  const { end } = world.start();
  world.run(5_000);
  assert.equal(end, null);
  assert.equal(world.process?.end?.code, "JOURNAL_BEHIND_EXCHANGE");
  assert.match(world.process?.end?.text ?? "", /--lineage 3/);
});
