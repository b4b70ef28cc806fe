// A salvaged journal lost its end and has the next lineage (DUR-27, DUR-42): the bot goes on from it, and never again
// uses an id that may have been used in what was lost.

import assert from "node:assert/strict";
import { test } from "node:test";
import { sha256 } from "../base/canonical.ts";
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
