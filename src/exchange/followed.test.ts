// A paper exchange that follows another exchange's public market: here a simulated one, in real time.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { ACCOUNT, Hands, INSTRUMENT, makeWorld, type World } from "../../test/contract/exchange-stage.ts";
import { usdt } from "../../test/try-market.ts";
import { MONOTONIC_CLOCK } from "../host/wall-clock.ts";
import { openPaperExchange, type PaperExchange } from "./paper-exchange.ts";
import { SimulatedPort } from "./simulated.ts";

async function following(t: TestContext, world: World, folder?: string): Promise<PaperExchange> {
  const dataDir = folder ?? mkdtempSync(join(tmpdir(), "opensqt-followed-"));
  if (folder === undefined) t.after(() => rmSync(dataDir, { recursive: true }));
  const zero = { kind: "zero" as const };
  const paper = await openPaperExchange({
    dataDir,
    instruments: [{ instrument: INSTRUMENT, startPrice: null }],
    data: null,
    follow: new SimulatedPort(world.driver, { account: ACCOUNT, trades: true, marks: true }),
    seed: "1",
    speed: 1,
    balances: new Map([["USDT", usdt(100_000)]]),
    margin: "cross",
    fees: null,
    latency: { feed: zero, entry: zero, response: zero },
    fill: { level: "auto", path: "nearest", rule: "through", volumeShareMaxPpm: null, queue: "front" },
    machine: MONOTONIC_CLOCK,
    unixMs: () => Date.now(),
    onLost: (error) => assert.fail(String(error)),
  });
  t.after(() => paper.stop());
  return paper;
}

test("EXCH-47 a paper exchange that follows another fills by its trades, and sends it no order", async (t) => {
  const world = makeWorld();
  t.after(() => world.driver.stop());
  const paper = await following(t, world);
  const hands = new Hands(paper.connect());
  const watch = hands.watch();
  await watch.first("book", ({ bids, asks }) => bids[0]?.[0] === 600_000 && asks[0]?.[0] === 600_001);
  const { id, result } = await hands.place("buy 600000 x 5");
  assert.equal(result, "accepted");
  world.market.say("sold 600000x100");
  const [fill] = await watch.fills(1);
  assert.deepEqual([fill?.clientOrderId, fill?.price, fill?.quantity], [id, 600_000, 5]);
  assert.equal(world.exchange.desk.orderCount, 0, "no order leaves for the exchange that is followed");
  assert.equal(paper.words, `live market of ${world.exchange.options.profile.name}`);
  watch.close();
});

test("EXCH-47 a book that comes later replaces the one before", async (t) => {
  const world = makeWorld();
  t.after(() => world.driver.stop());
  const paper = await following(t, world);
  const watch = new Hands(paper.connect()).watch();
  await watch.first("book");
  world.market.say("book 500000x7 / 500001x8");
  const moved = await watch.first("book", ({ bids }) => bids[0]?.[0] === 500_000);
  assert.deepEqual([moved.bids, moved.asks], [[[500_000, 7]], [[500_001, 8]]]);
  watch.close();
});
