// A decision taken again tells the same story: order, reason, what was seen, and every risk check with its head-room.

import assert from "node:assert/strict";
import { test } from "node:test";
import { money } from "../market/amounts.ts";
import { foreignOrderId } from "../trading/client-order-id.ts";
import type { EngineEvent } from "../trading/event.ts";
import { FOREIGN, OWN, outcome, SHOWN } from "./evidence.fixture.ts";
import { explainDecision, happenedTo, type NumberedEvent, refusedOrders } from "./explain.ts";
import { accepted, Bench, book, CONFIGURED, fillOf, INSTRUMENT, START_FACTS, STARTED } from "./probe.fixture.ts";
import { initialState } from "./step.ts";

const IDENTITY = { bot: "probe", tag: "probe0", lineage: 0 };

function story(configured = CONFIGURED): { events: NumberedEvent[]; bot: Bench } {
  const bot = new Bench();
  const events: NumberedEvent[] = [];
  const feed = (event: Parameters<Bench["feed"]>[0]): void => {
    bot.feed(event);
    events.push({ seq: bot.state.seq, event: { ...event, atMs: bot.atMs } as EngineEvent });
  };
  for (const event of [STARTED, configured, START_FACTS, { kind: "recovered" } as const, book(300_000)]) feed(event);
  const id = bot.placed()[0];
  assert.ok(id !== undefined);
  feed(accepted(id));
  feed(fillOf(bot.state, id, { tradeId: "7", quantity: 4 }));
  return { events, bot };
}

test("DUR-69 RISK-04 explain shows the order, why, the book it saw and every check with its head-room", () => {
  const { events, bot } = story();
  const id = bot.placed()[0];
  assert.ok(id !== undefined);
  const decision = explainDecision(initialState(IDENTITY), events, { clientOrderId: id, seq: 5 });
  assert.equal(decision?.because.code, "probe.buy");
  assert.equal(decision.refused, false);
  assert.equal(decision?.order.price, 299_899);
  assert.deepEqual(decision?.book?.bids[0], [299_999, 1000]);
  assert.ok((decision?.checks.length ?? 0) >= 16);
  const notional = decision?.checks.find((check) => check.code === "order-notional");
  assert.ok(notional?.passed);
  assert.match(`${notional.value} of ${notional.limit}`, /^29\.9899 of 500/);
});

test("DUR-69 explain tells what became of the order, with the ledger lines of each fill", () => {
  const { events, bot } = story();
  const id = bot.placed()[0];
  assert.ok(id !== undefined);
  const lines = events.flatMap((event) => happenedTo(id, event, INSTRUMENT) ?? []);
  assert.deepEqual(
    lines.map((line) => line.text),
    ["place accepted", "filled 0.004 ETH at 2998.99 USDT, maker, trade 7"],
  );
  assert.equal(
    lines[1]?.postings.reduce((sum, posting) => sum + (posting.asset === "USDT" ? posting.amount : 0n), 0n),
    0n,
  );
});

test("DUR-69 an order that this code does not decide is not explained away", () => {
  const { events, bot } = story();
  const id = bot.placed()[0];
  assert.ok(id !== undefined);
  assert.equal(explainDecision(initialState(IDENTITY), events, { clientOrderId: id, seq: 4 }), null);
});

test("DUR-69 an order risk refused is explained too: what was asked for, and which check said no", () => {
  assert.ok(CONFIGURED.kind === "configured");
  // the budget pays for the buy only
  const poor = { ...CONFIGURED, config: { ...CONFIGURED.config, budget: money(12n * 10n ** 18n) } };
  const { events } = story(poor);
  const [refused] = refusedOrders(initialState(IDENTITY), events, 10);
  assert.deepEqual([refused?.seq, refused?.order.side, refused?.code], [5, "sell", "budget"]);
  const clientOrderId = refused?.clientOrderId ?? foreignOrderId("");
  const decision = explainDecision(initialState(IDENTITY), events, { clientOrderId, seq: 5 });
  assert.equal(decision?.refused, true);
  assert.equal(decision?.because.code, "probe.sell");
  assert.match(decision?.checks.find((check) => !check.passed)?.text ?? "", /of budget left$/);
});

test("DUR-69 of the orders risk refused the newest are told, as many as were asked for", () => {
  assert.ok(CONFIGURED.kind === "configured");
  const poor = { ...CONFIGURED, config: { ...CONFIGURED.config, budget: money(12n * 10n ** 18n) } };
  const { events, bot } = story(poor);
  const books = [1, 2, 3].map((later): NumberedEvent => {
    const event = { ...book(300_000), atMs: bot.atMs + 1_000 * later } as EngineEvent;
    return { seq: bot.state.seq + later, event };
  });
  // the sell is asked for again at each book
  const refusedAt = (max: number): readonly number[] =>
    refusedOrders(initialState(IDENTITY), [...events, ...books], max).map(({ seq }) => seq);
  assert.deepEqual(refusedAt(10), [5, 8, 9, 10]);
  assert.deepEqual(refusedAt(4), [5, 8, 9, 10]);
  assert.deepEqual(refusedAt(2), [9, 10]);
});

/** What one event says of the bot's order, with the number of its ledger lines. */
function said(event: object, instrument: typeof INSTRUMENT | null = INSTRUMENT): string | null {
  const happened = happenedTo(OWN, { seq: 9, event: { ...event, atMs: 7 } as EngineEvent }, instrument);
  if (happened === null) return null;
  const { seq, atMs, text, postings } = happened;
  return `${seq} at ${atMs}: ${text} (${postings.length} lines)`;
}

test("DUR-69 each thing that happened to an order is a line: how its sends ended, what the exchange showed", () => {
  const rejected = { ...outcome(OWN, "place", "rejected"), exchangeOrderId: null };
  assert.equal(said(outcome(OWN, "cancel", "unknown")), "9 at 7: cancel unknown (0 lines)");
  assert.equal(said({ ...rejected, text: "too many" }), "9 at 7: place rejected: too many (0 lines)");
  assert.equal(
    said({ ...rejected, reason: "OTHER", text: "code 7" }),
    "9 at 7: place rejected: OTHER code 7 (0 lines)",
  );
  assert.equal(said({ ...rejected, reason: "OFF_GRID" }), "9 at 7: place rejected: OFF_GRID (0 lines)");
  const shown = { kind: "order", clientOrderId: OWN, ...SHOWN, cumulative: 4, status: "canceled", source: "stream" };
  assert.equal(said(shown), "9 at 7: canceled, executed 0.004 of 0.010 ETH (stream) (0 lines)");
  assert.equal(
    said(shown, null),
    "9 at 7: canceled, executed 4 of 10 lots (stream) (0 lines)",
    "nobody knows its lots",
  );
  const absent = { kind: "absent", clientOrderId: OWN, note: "forgotten" };
  assert.equal(said(absent), "9 at 7: proved absent (forgotten) (0 lines)");
  assert.equal(said({ ...absent, clientOrderId: FOREIGN }), null, "another order");
  assert.equal(said(book(300_000)), null, "no order at all");
});

test("DUR-69 a fill shows its ledger lines only where the instrument is known", () => {
  const filled = { ...fillOf(new Bench().state, OWN, { tradeId: "7", quantity: 4 }), liquidity: "taker" };
  assert.equal(said(filled), "9 at 7: filled 0.004 ETH at 2999.00 USDT, taker, trade 7 (6 lines)");
  assert.equal(said(filled, null), "9 at 7: filled 4 lots at 299900 ticks, taker, trade 7 (0 lines)");
});
