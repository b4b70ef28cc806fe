// Laws of the breakers of a bot for any sequence of what may trip and end them (RISK-51): nothing opens while one is
// open, none ends before its time, blocks and breakers agree, and a restored bot goes on alike.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { money } from "../market/amounts.ts";
import { BREAKERS, type BreakerState } from "../risk/breaker/breaker.ts";
import type { Effect } from "../trading/effect.ts";
import type { OutcomeEvent } from "../trading/event.ts";
import { benchWith } from "./breakers.fixture.ts";
import { accepted, Bench, book, fillOf, MARK, orderSeen } from "./probe.fixture.ts";
import { decodeState, encodeState, stateHash } from "./snapshot.ts";
import { provenPosition } from "./unbooked.ts";

const numRuns = Number.parseInt(process.env["OPENSQT_PROPERTY_RUNS"] ?? "100", 10);

interface Happening {
  readonly what: number;
  readonly which: number;
  readonly waitMs: number;
}

const happening: fc.Arbitrary<Happening> = fc.record({
  what: fc.integer({ min: 0, max: 11 }),
  which: fc.nat(100),
  waitMs: fc.constantFrom(0, 0, 10, 1_000, 11_000, 61_000, 301_000, 901_000),
});

const RESULTS = ["accepted", "rejected", "rejected", "unknown", "not-sent"] as const;

function happen(bot: Bench, { what, which, waitMs }: Happening): readonly Effect[] {
  bot.atMs += waitMs;
  const ids = [...bot.state.orders.keys()];
  const id = ids[which % Math.max(1, ids.length)];
  if (id !== undefined && what <= 4) {
    if (what === 0) return bot.feed(fillOf(bot.state, id, { tradeId: `${which}`, quantity: 1 + (which % 10) }));
    if (what === 1) return bot.feed(orderSeen(bot.state, id, { status: "canceled", cumulative: 0 }));
    if (what === 2) return bot.feed(orderSeen(bot.state, id, { status: "open", cumulative: 0 }));
    const result = RESULTS[which % RESULTS.length] ?? "unknown";
    const outcome = accepted(id) as Omit<OutcomeEvent, "atMs">;
    return bot.feed({ ...outcome, result, tookMs: which * 50, tries: 1 + (which % 3) });
  }
  switch (what) {
    case 5: {
      const [equity, maintenanceMargin] = [money(10n ** 22n), money(BigInt(which % 70) * 10n ** 20n)];
      return bot.feed({ kind: "account", equity, quoteAvailable: equity, maintenanceMargin });
    }
    case 6:
      return bot.feed({ kind: "feed", feed: which % 2 === 0 ? "book" : "account", state: "stale" });
    case 7:
      for (const feed of ["book", "account"] as const) bot.feed({ kind: "feed", feed, state: "fresh" });
      return [];
    case 8:
      return bot.feed({ kind: "timer", name: [...bot.state.timers.keys()][which % 4] ?? "x", missed: 0 });
    case 9:
      return bot.feed(MARK);
    default:
      return bot.feed(book(300_000 - which * 200));
  }
}

const KEYS = { rejectsInRowMax: "2", lossesInRowMax: "1", unknownOrdersMax: "1", unknownAgeMsMax: "10000" } as const;
const budgeted = { budget: money(100n * 10n ** 18n) };
const stories = fc.array(happening, { minLength: 25, maxLength: 80 });

/** The breakers that are open, by name. */
const open = (bot: Bench): ReadonlyMap<string, BreakerState> =>
  new Map([...bot.state.breakers].filter(([, { phase }]) => phase === "open"));

test("RISK-51 TEST-P16 while a breaker is open only what closes leaves, and under A and F only the closer's", () => {
  fc.assert(
    fc.property(stories, (story) => {
      const bot = benchWith(KEYS, budgeted);
      for (const each of story) {
        const before = open(bot).size;
        const effects = happen(bot, each);
        const now = [...open(bot).values()];
        if (before === 0 || now.length === 0) continue;
        const position = provenPosition(bot.state);
        const onlyCloser = now.some(({ action }) => action === "A" || action === "F");
        for (const effect of effects) {
          if (effect.kind !== "place") continue;
          assert.equal(effect.order.side, position > 0 ? "sell" : "buy");
          assert.ok(effect.order.quantity <= Math.abs(position));
          if (onlyCloser) assert.ok(effect.order.slotKey === "closer" && effect.order.reduceOnly);
        }
      }
    }),
    { numRuns },
  );
});

test("RISK-51 in a bot too no breaker ends before its cool-down, and blocks are the breakers that are open", () => {
  fc.assert(
    fc.property(stories, (story) => {
      const bot = benchWith(KEYS, budgeted);
      for (const each of story) {
        const before = open(bot);
        happen(bot, each);
        const after = open(bot);
        for (const [name, { openedAtMs, cooldownMs }] of before) {
          if (!after.has(name)) assert.ok(bot.atMs - openedAtMs >= cooldownMs, name);
        }
        for (const name of Object.keys(BREAKERS)) assert.equal(bot.state.blocks.has(name), after.has(name), name);
      }
    }),
    { numRuns },
  );
});

test("RISK-18 breakers, their windows and their cool-downs are state: a restored bot goes on alike", () => {
  fc.assert(
    fc.property(stories, stories, (story, rest) => {
      const bot = benchWith(KEYS, budgeted);
      for (const each of story) happen(bot, each);
      const again = new Bench(decodeState(encodeState(bot.state)));
      again.atMs = bot.atMs;
      for (const each of rest) assert.deepEqual(happen(again, each), happen(bot, each));
      assert.equal(stateHash(again.state), stateHash(bot.state));
    }),
    { numRuns },
  );
});
