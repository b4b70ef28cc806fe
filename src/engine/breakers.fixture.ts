// A bot for tests of breakers: running under given keys, with its quotes accepted, and what is done to it. For tests.

import assert from "node:assert/strict";
import { money } from "../market/amounts.ts";
import { type RiskTexts, riskLimitsFrom } from "../risk/limits.ts";
import type { ClientOrderId } from "../trading/client-order-id.ts";
import type { BotConfigData } from "../trading/event.ts";
import {
  accepted,
  Bench,
  book,
  CONFIGURED,
  fillOf,
  INSTRUMENT,
  orderSeen,
  START_FACTS,
  STARTED,
} from "./probe.fixture.ts";

export const MINUTE_MS = 60_000;

/** A running bot under these keys, with its two quotes accepted. */
export function benchWith(texts: RiskTexts = {}, config: Partial<BotConfigData> = {}): Bench {
  const risk = riskLimitsFrom(texts, INSTRUMENT);
  assert.ok(risk.ok);
  const bot = new Bench();
  bot.feed(STARTED);
  const before = CONFIGURED.kind === "configured" ? CONFIGURED : assert.fail();
  bot.feed({ ...before, config: { ...before.config, risk: risk.value, ...config } });
  bot.feed(START_FACTS);
  bot.feed({ kind: "recovered" });
  bot.feed(book(300_000));
  for (const id of bot.placed()) bot.feed(accepted(id));
  return bot;
}

/** Time passes, cancels are answered, the account is as it was, and a book comes. */
export function wait(bot: Bench, ms: number): void {
  bot.atMs += ms;
  for (const { cancelAsked, clientOrderId } of bot.state.orders.values()) {
    if (cancelAsked) bot.feed(orderSeen(bot.state, clientOrderId, { status: "canceled", cumulative: 0 }));
  }
  const { equity } = bot.state;
  if (ms >= 20_000 && equity !== null) {
    const { equity: amount, quoteAvailable } = equity;
    bot.feed({ kind: "account", equity: amount, quoteAvailable, maintenanceMargin: money(0n) });
  }
  bot.feed(book(300_000));
}

/** Alerts of breakers since the start, as `opened rejects`. */
export const told = (bot: Bench): readonly string[] =>
  bot.effects.flatMap((effect) =>
    effect.kind === "alert" && effect.code.startsWith("breaker-")
      ? [`${effect.code.slice("breaker-".length)} ${String(effect.facts["breaker"])}`]
      : [],
  );

export const newest = (bot: Bench): ClientOrderId => bot.placed().at(-1) ?? assert.fail("nothing was placed");

/** The exchange refuses whatever is placed, so many times in a row. */
export function refuse(bot: Bench, times: number, reason: "OTHER" | "POST_ONLY_WOULD_TAKE" = "OTHER"): void {
  for (let i = 0; i < times; i += 1) {
    bot.feed({ ...accepted(newest(bot)), result: "rejected", reason, exchangeOrderId: null } as never);
    bot.feed(book(300_000));
  }
}

/** Cancels a quote, so that the next is placed and may be refused. */
export function free(bot: Bench): void {
  bot.feed(orderSeen(bot.state, newest(bot), { status: "canceled", cumulative: 0 }));
  bot.feed(book(300_000));
}

/** Buys ten lots at 2,999.00. */
export function buy(bot: Bench): void {
  const id = bot.placed().find((each) => bot.state.orders.get(each)?.order.side === "buy") ?? assert.fail();
  bot.feed(fillOf(bot.state, id, { tradeId: "1", quantity: 10 }));
  bot.feed(orderSeen(bot.state, id, { status: "filled", cumulative: 10 }));
}
