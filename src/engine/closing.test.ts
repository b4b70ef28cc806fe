// Closers that meet: a patient one that must hurry now, an urgent one that is asked for more, and a kill over both.

import assert from "node:assert/strict";
import { test } from "node:test";
import { lots, milliTicks, money } from "../market/amounts.ts";
import { benchWith, buy } from "./breakers.fixture.ts";
import { type Bench, INSTRUMENT, MARK, orderSeen } from "./probe.fixture.ts";

const NEAR = {
  kind: "position",
  symbol: INSTRUMENT.symbol,
  lots: lots(10),
  askedAtSeq: 0,
  liquidation: milliTicks(270_000_000),
} as const;

const SHORT_OF_MARGIN = {
  kind: "account",
  equity: money(2_000n * 10n ** 18n),
  quoteAvailable: money(0n),
  maintenanceMargin: money(1_500n * 10n ** 18n),
} as const;

const command = (bot: Bench, word: object): void =>
  void bot.feed({ kind: "command", command: word, by: "ann", reason: "out" } as never);
const patient = (bot: Bench): void => command(bot, { name: "breakerOpen", action: "F" });

/** A bot with ten lots and no other order, whose book is ten seconds old: what is not urgent waits for a new one. */
function holding(): Bench {
  const bot = benchWith();
  buy(bot);
  for (const id of bot.state.orders.keys()) bot.feed(orderSeen(bot.state, id, { status: "canceled", cumulative: 0 }));
  marks(bot, 10);
  return bot;
}

function marks(bot: Bench, seconds: number): void {
  for (let i = 0; i < seconds; i += 1) {
    bot.atMs += 1_000;
    bot.feed(MARK);
  }
}

/** What the closer placed, as `sell 10 299400`. */
const slices = (bot: Bench): readonly string[] =>
  bot.effects.flatMap((effect) =>
    effect.kind === "place" && effect.order.slotKey === "closer"
      ? [`${effect.order.side} ${effect.order.quantity} ${effect.order.price}`]
      : [],
  );

test("RISK-36 RISK-18 a liquidation or a margin call that comes while a patient close waits makes it urgent", () => {
  for (const worse of [NEAR, SHORT_OF_MARGIN]) {
    const bot = holding();
    patient(bot);
    marks(bot, 30);
    assert.deepEqual(slices(bot), [], "it waits for a book");
    bot.feed(worse);
    marks(bot, 2);
    assert.equal(slices(bot)[0], "sell 10 299400", `${worse.kind}: all of it at the mark, 20 bps below 3,000.00`);
  }
});

test("RISK-36 a patient wish to close everything does not slow down an urgent half", () => {
  const bot = holding();
  bot.feed(SHORT_OF_MARGIN);
  assert.equal(bot.state.closer?.target, 5);
  patient(bot);
  assert.equal(bot.state.closer?.target, 0);
  marks(bot, 1);
  assert.ok(slices(bot).length > 0, "at the mark, though there is no book");
});

test("RISK-05 RISK-22 a kill that leaves the position alone ends the close under way, and lets none begin", () => {
  const bot = holding();
  bot.feed(SHORT_OF_MARGIN);
  assert.equal(slices(bot).length, 1);
  for (const id of bot.state.orders.keys()) bot.feed(orderSeen(bot.state, id, { status: "canceled", cumulative: 0 }));
  command(bot, { name: "kill", flatten: false });
  assert.equal(bot.state.closer, null);
  bot.feed({
    kind: "account-breaker",
    breaker: "drawdown-total",
    phase: "open",
    action: "F",
    reason: "fell",
    value: "",
    limit: "",
  });
  marks(bot, 20);
  assert.deepEqual([bot.state.closer, slices(bot).length, bot.state.ledger.position], [null, 1, 10]);
});

test("RISK-36 a kill widens the limit from the kill on, however long a patient close has waited before", () => {
  const bot = holding();
  patient(bot);
  marks(bot, 60);
  command(bot, { name: "kill", flatten: true });
  marks(bot, 1);
  assert.equal(slices(bot)[0], "sell 10 299400", "20 bps, not 500");
});

test("RISK-18 near liquidation again while its breaker waits for a person, the position is closed again", () => {
  const bot = holding();
  bot.feed(NEAR);
  marks(bot, 2);
  const before = slices(bot).length;
  assert.ok(before > 0);
  for (const id of bot.state.orders.keys()) bot.feed(orderSeen(bot.state, id, { status: "expired", cumulative: 0 }));
  command(bot, { name: "kill", flatten: false });
  marks(bot, 2);
  assert.equal(slices(bot).length, before);
  command(bot, { name: "killReset" });
  marks(bot, 2);
  assert.ok(slices(bot).length > before);
  assert.equal(bot.alerts().filter((code) => code === "liquidation").length, 2);
});
