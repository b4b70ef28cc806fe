// Found by reading: an order of ours that the journal did not know (an older copy put back, or a journal begun anew)
// was partly filled. Its fills were booked before it turned up, and its executed total was counted again: the position
// was wrong by those lots, and the journal that took the exchange's word took them away from the bot.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  Bench,
  book,
  CONFIGURED,
  fillOf,
  INSTRUMENT,
  orderSeen,
  START_FACTS,
  STARTED,
} from "../../src/engine/probe.fixture.ts";
import { provenPosition } from "../../src/engine/unbooked.ts";
import { lots, ticks } from "../../src/market/amounts.ts";
import { makeClientOrderId } from "../../src/trading/client-order-id.ts";

const ID = makeClientOrderId({ tag: "probe0", lineage: 0, seq: 900, index: 0 });
const SEEN = {
  clientOrderId: ID,
  exchangeOrderId: "x1",
  side: "buy",
  price: ticks(299_900),
  quantity: lots(10),
  cumulative: lots(4),
} as const;

/** A complete read that holds four lots and, if it is open, the order. */
const read = (bot: Bench, isOpen: boolean) =>
  bot.feed({
    kind: "exchange-state",
    symbol: INSTRUMENT.symbol,
    openOrders: isOpen ? [SEEN] : [],
    askedAtSeq: bot.state.seq,
    positionLots: lots(4),
  });

const shown = (bot: Bench, status: "open" | "canceled") =>
  bot.feed(orderSeen(bot.state, ID, { status, cumulative: 4 }));
const filled = (bot: Bench) => bot.feed(fillOf(bot.state, ID, { tradeId: "1", quantity: 4 }));

type Way = readonly [what: string, steps: (bot: Bench) => void];

const WAYS: readonly Way[] = [
  ["its fill, then a read that shows it", (bot) => [filled(bot), read(bot, true)]],
  ["its fill, then the stream", (bot) => [filled(bot), shown(bot, "open")]],
  ["the stream, then its fill", (bot) => [shown(bot, "open"), filled(bot)]],
  ["the stream, its fill, a read", (bot) => [shown(bot, "open"), filled(bot), read(bot, true)]],
];

for (const [what, steps] of WAYS) {
  test(`RISK-31 DUR-35 an orphan's fills count once: ${what}`, () => {
    const bot = new Bench().running();
    steps(bot);
    assert.equal(provenPosition(bot.state), 4);
    shown(bot, "canceled");
    for (let n = 0; n < 3; n += 1) read(bot, false);
    assert.equal(provenPosition(bot.state), 4);
    assert.equal(bot.state.ledger.position, 4);
    assert.deepEqual([bot.state.unbooked.size, bot.state.breakers.size], [0, 0]);
  });
}

test("DUR-27 a journal begun anew adopts what its orphan executed before, and does not count it again", () => {
  const bot = new Bench();
  bot.feed({ ...STARTED, lineage: 2 } as typeof STARTED);
  bot.feed(CONFIGURED);
  shown(bot, "open");
  for (let n = 0; n < 2; n += 1) read(bot, true);
  bot.feed(START_FACTS);
  bot.feed({ kind: "recovered" });
  bot.feed(book(300_000));
  shown(bot, "canceled");
  for (let n = 0; n < 3; n += 1) read(bot, false);
  assert.equal(provenPosition(bot.state), 4);
  assert.equal(bot.state.ledger.position, 4);
});
