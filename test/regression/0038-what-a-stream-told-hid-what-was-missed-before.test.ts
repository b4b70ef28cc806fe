// A settlement or fill told by a stream while a bot recovered moved the mark from which history is read: what had been
// settled or forced in the days before it was never booked. Found while asking whether a crash test that missed a
// settlement had only looked too early; it had, and that is held here too: a settlement at any moment of a stop, of a
// down time and of the start after it is booked, once.

import assert from "node:assert/strict";
import { test } from "node:test";
import { present } from "../../src/base/assert.ts";
import { openJournalReader } from "../../src/journal/reader.ts";
import { Interventions } from "../../src/sim/interventions.ts";
import { ETH } from "../grid/bench.ts";
import { SmallLife, units } from "./small-life.ts";

const GRID = { interval: "10.00", orderQuote: "30", anchor: "3000.00", entryLevels: 3, exitLevels: 3, windowSlack: 2 };
const STEPS = [
  { ms: 0, mid: 300_000 },
  { ms: 5_000, mid: 298_900 },
];
/** Recovery of the small exchange takes 80 ms; a settlement each 4 ms meets every step of it. */
const APART_MS = 4;
const SETTLEMENTS = 25;
const EIGHT_HOURS_MS = 28_800_000;
/** After the streams are open, before funding is read. */
const TOLD_EARLY_MS = 20;
/** Until a stream's word is with the bot: the read is still under way. */
const HEARD_MS = 6;
/** After the streams are open, before fills are read: an answer takes 10 ms. */
const FILLED_EARLY_MS = 12;
/** Longer than fills are read again. */
const LONG_MS = 700_000;

/** What the exchange moved, and what the journal booked, by the moment of the settlement. */
function compared(life: SmallLife): { readonly paid: readonly string[]; readonly booked: readonly string[] } {
  const paid = life.exchange.margin.settlements.map(
    ({ symbol, settledAtMs, amount }) => `${symbol}|${settledAtMs} ${amount}`,
  );
  const reader = openJournalReader(life.dir);
  const postings = [...reader.postings(0)].map(({ posting }) => posting);
  reader.close();
  const own = postings.filter(({ cause, account }) => cause === "funding" && account === "cash");
  return { paid, booked: own.map(({ causeId, amount }) => `${causeId} ${amount}`).sort() };
}

function live(visit: (life: SmallLife, settle: (atMs: number) => void) => void): void {
  const life = new SmallLife({
    instrument: ETH,
    balances: new Map([["USDT", units(10_000)]]),
    steps: STEPS,
    seconds: 900,
  });
  const exchange = new Interventions(life.exchange);
  try {
    const { host } = life.start({ grid: GRID });
    life.run(10_000);
    assert.ok(host.state.ledger.position > 0, "there is something to pay for");
    visit(life, (atMs) => exchange.settleFunding(ETH.symbol, 100_000_000, atMs * 1000));
    assert.equal(life.process?.host.recovered, true);
    life.run(1_000);
    const { paid, booked } = compared(life);
    assert.deepEqual(booked, paid);
  } finally {
    life.close();
  }
}

test("BT-20 DUR-49 DUR-71 settlements while a bot stops, is down and starts again are booked once each", () => {
  live((life, settle) => {
    const settleFor = (times: number): void => {
      for (let i = 0; i < times; i += 1) {
        settle(life.clock.nowMs());
        life.run(APART_MS);
      }
    };
    settleFor(1);
    life.process?.host.requestStop("the test");
    settleFor(3);
    life.kill();
    settleFor(3);
    life.start({ grid: GRID });
    settleFor(SETTLEMENTS);
  });
});

for (const [name, starts] of [
  ["recovers", 1],
  ["recovers, is killed and recovers again", 2],
] as const) {
  test(`BT-20 DUR-49 a settlement told while a bot ${name} does not hide those of the days before`, () => {
    live((life, settle) => {
      life.kill();
      const downMs = life.clock.nowMs();
      // as the exchange names them; the test's clock need not wait for three days
      for (let i = 0; i < 9; i += 1) settle(downMs + i * EIGHT_HOURS_MS);
      for (let i = 0; i < starts; i += 1) {
        life.kill();
        life.start({ grid: GRID });
        life.run(TOLD_EARLY_MS);
        settle(downMs + (9 + i) * EIGHT_HOURS_MS);
        life.run(HEARD_MS);
      }
      life.run(200);
    });
  });
}

for (const [name, starts] of [
  ["starts", 1],
  ["starts, is killed and starts again", 2],
] as const) {
  test(`DUR-49 RISK-36 a fill while a bot ${name} does not hide what the exchange forced on it long before`, () => {
    live((life) => {
      life.kill();
      const exchange = new Interventions(life.exchange);
      exchange.closeByForce({ account: "bot", symbol: ETH.symbol }, { origin: "adl", quantity: 1 });
      life.run(LONG_MS);
      for (let i = 0; i < starts; i += 1) {
        life.kill();
        life.start({ grid: GRID });
        life.run(FILLED_EARLY_MS);
        const [order] = life.exchange.desk.ledger.openOrders("bot");
        assert.ok(order !== undefined && exchange.fill("bot", order.clientOrderId, 1));
        life.run(HEARD_MS);
      }
      life.run(1_000);
      const { state } = present(life.process, "the bot").host;
      const account = life.exchange.clearing.account("bot");
      assert.equal(state.ledger.position, life.exchange.clearing.holding(account, ETH.symbol).lots);
      assert.equal(state.suspicion, null);
      assert.equal(state.divergence, null);
      const reader = openJournalReader(life.dir);
      const forced = [...reader.postings(0)].filter(({ posting }) => posting.cause !== "fill");
      reader.close();
      assert.deepEqual(forced, [], "it is booked as the fill it was, not as an adjustment");
    });
  });
}
