// A decision taken again tells the same story: order, reason, what was seen, and every risk check with its head-room.

import assert from "node:assert/strict";
import { test } from "node:test";
import { money } from "../market/amounts.ts";
import { foreignOrderId } from "../trading/client-order-id.ts";
import type { EngineEvent } from "../trading/event.ts";
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
    ["place accepted", "filled 4 lots at 299899 ticks, maker, trade 7"],
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
