// Laws of `step` for any sequence of valid events: total, deterministic, restorable, indifferent to order of evidence.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { lots, money } from "../market/amounts.ts";
import type { Effect } from "../trading/effect.ts";
import {
  accepted,
  Bench,
  book,
  CONFIGURED,
  fillOf,
  INSTRUMENT,
  MARK,
  orderSeen,
  START_FACTS,
  STARTED,
} from "./probe.fixture.ts";
import { decodeState, encodeState, stateHash } from "./snapshot.ts";
import { provenPosition } from "./unbooked.ts";

const numRuns = Number.parseInt(process.env["OPENSQT_PROPERTY_RUNS"] ?? "200", 10);

/** One thing that may happen, with a choice of which order it concerns. */
interface Happening {
  readonly what: number;
  readonly which: number;
  readonly value: number;
}

const happening: fc.Arbitrary<Happening> = fc.record({
  what: fc.integer({ min: 0, max: 19 }),
  which: fc.nat(1000),
  value: fc.integer({ min: 0, max: 12 }),
});

const STATUSES = ["open", "filled", "canceled", "expired"] as const;
const RESULTS = ["accepted", "rejected", "unknown", "not-sent", "not-open"] as const;

function happen(bot: Bench, h: Happening): readonly Effect[] {
  const ids = [...bot.state.orders.keys(), ...bot.state.ended.keys()];
  const id = ids[h.which % Math.max(1, ids.length)];
  bot.atMs += h.value * 500;
  const by = { by: "ann", reason: "test" };
  if (id !== undefined) {
    const order = bot.state.orders.get(id) ?? bot.state.ended.get(id);
    if (h.what === 1) return bot.feed(accepted(id));
    if (h.what === 2)
      return bot.feed(orderSeen(bot.state, id, { status: STATUSES[h.value % 4] ?? "open", cumulative: h.value % 11 }));
    if (h.what === 3 || h.what === 4)
      return bot.feed(fillOf(bot.state, id, { tradeId: `${h.which}`, quantity: 1 + (h.value % 10) }));
    if (h.what === 5 && order?.place !== "recorded")
      return bot.feed({ kind: "absent", clientOrderId: id, note: h.value > 6 ? "forgotten" : "not-found" });
    if (h.what === 6) {
      const of = h.value > 6 ? "cancel" : "place";
      return bot.feed({ ...accepted(id), of, result: RESULTS[h.which % 5] ?? "unknown" } as ReturnType<
        typeof accepted
      >);
    }
  }
  switch (h.what) {
    case 7:
      return bot.feed({ kind: "command", command: { name: "kill", flatten: h.value > 6 }, ...by });
    case 8:
      return bot.feed({ kind: "command", command: { name: "killReset" }, ...by });
    case 9:
      return bot.feed({ kind: "command", command: { name: "pause", cancelEntries: h.value > 6, leg: "both" }, ...by });
    case 10:
      return bot.feed({ kind: "command", command: { name: "resume" }, ...by });
    case 11:
      return bot.feed({
        kind: "feed",
        feed: h.value > 6 ? "book" : "orders",
        state: h.which % 2 === 0 ? "stale" : "fresh",
      });
    case 12: {
      const askedAtSeq = bot.state.seq;
      const positionLots = lots(bot.state.ledger.position + (h.value === 12 ? 1 : 0));
      return bot.feed({ kind: "exchange-state", symbol: INSTRUMENT.symbol, askedAtSeq, openOrders: [], positionLots });
    }
    case 13:
      return bot.feed({ kind: "timer", name: [...bot.state.timers.keys()][h.which % 3] ?? "x", missed: 0 });
    case 14:
      return bot.feed({ kind: "command", command: { name: "flatten" }, ...by });
    case 15:
      return bot.feed({ ...STARTED, epoch: bot.state.epoch + 1 } as typeof STARTED);
    case 16:
      return bot.feed({ kind: "recovered" });
    case 17:
      return bot.feed({
        kind: "account",
        equity: money(10n ** 22n),
        quoteAvailable: money(10n ** 22n),
        maintenanceMargin: money(0n),
      });
    case 18:
      return bot.feed(MARK);
    default:
      return bot.feed(book(300_000 + (h.which % 400) - 200));
  }
}

test("TEST-P11 step never throws on any event in any reachable state, and the same input gives the same bytes and hash", () => {
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 80 }), (happenings) => {
      const first = new Bench().running();
      const second = new Bench().running();
      for (const h of happenings) assert.deepEqual(happen(first, h), happen(second, h));
      assert.equal(stateHash(first.state), stateHash(second.state));
    }),
    { numRuns },
  );
});

/** What may come while the exchange has not named the instrument yet; each kind in its most demanding form. */
function happenEarly(bot: Bench, { what, which, value }: Happening): void {
  const by = { by: "ann", reason: "test" };
  const id = "oprobe0000000000001000000" as Parameters<typeof accepted>[0];
  const action = (["P", "O", "A", "F"] as const)[which % 4] ?? "F";
  const commands = [
    { name: "breakerOpen", action },
    { name: "breakerClose", breaker: "manual", force: value > 6 },
    { name: "reconcileAccept" },
    { name: "clearGate", gate: "feed-book" },
    { name: "stop", cancelOnExit: "all" },
    { name: "start" },
  ] as const;
  switch (what) {
    case 0:
      bot.feed({ kind: "feed", feed: "account", state: value > 6 ? "stale" : "fresh" });
      return;
    case 1:
      bot.feed({ kind: "host-condition", condition: "overload", active: value > 6, text: "many" });
      return;
    case 2:
      bot.feed(orderSeen(bot.state, id, { status: STATUSES[which % 4] ?? "open", cumulative: 1 }));
      return;
    case 3:
      bot.feed(fillOf(bot.state, id, { tradeId: `${which}`, quantity: 1 }));
      return;
    case 4:
      bot.feed({ kind: "absent", clientOrderId: id, note: "not-found" });
      return;
    case 5:
      bot.feed({ kind: "grant", id: which, gross: money(0n) });
      return;
    case 6: {
      const phase = value > 6 ? "open" : "closed";
      bot.feed({ kind: "account-breaker", breaker: "all", phase, action, reason: "test", value: "", limit: "" });
      return;
    }
    case 13:
    case 16:
      bot.feed({ kind: "command", command: commands[which % commands.length] ?? { name: "start" }, ...by });
      return;
    default:
      happen(bot, { what, which, value });
  }
}

test("TEST-P11 whatever comes before the first configuration, the bot is configured and starts", () => {
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 30 }), (happenings) => {
      const bot = new Bench();
      bot.feed(STARTED);
      for (const h of happenings) happenEarly(bot, h);
      assert.equal(bot.effects.filter(({ kind }) => kind === "reconcile" || kind === "place").length, 0);
      bot.feed(CONFIGURED);
      bot.feed(START_FACTS);
      bot.feed({ kind: "recovered" });
      bot.feed(book(300_000));
      assert.ok(["running", "stopping", "stopped"].includes(bot.state.phase));
    }),
    { numRuns },
  );
});

test("TEST-P12 DUR-18 a restored snapshot goes on with the same effects as the state it was taken from", () => {
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 60 }), fc.nat(60), (happenings, cut) => {
      const whole = new Bench().running();
      for (const h of happenings.slice(0, cut)) happen(whole, h);
      const text = encodeState(whole.state);
      const restored = new Bench(decodeState(text));
      restored.atMs = whole.atMs;
      assert.equal(encodeState(restored.state), text);
      for (const h of happenings.slice(cut)) assert.deepEqual(happen(restored, h), happen(whole, h));
      assert.equal(stateHash(restored.state), stateHash(whole.state));
    }),
    { numRuns },
  );
});

test("TEST-P4 filled never falls, and a final state changes only by later positive evidence", () => {
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 60 }), (happenings) => {
      const bot = new Bench().running();
      const seen = new Map<string, { cumulative: number; status: string | null }>();
      for (const h of happenings) {
        happen(bot, h);
        for (const [id, order] of [...bot.state.orders, ...bot.state.ended]) {
          const before = seen.get(id);
          if (before !== undefined) {
            assert.ok(order.cumulative >= before.cumulative);
            if (before.status !== null && before.status !== "open") assert.equal(order.status, before.status);
          }
          seen.set(id, { cumulative: order.cumulative, status: order.status });
        }
      }
    }),
    { numRuns },
  );
});

test("TEST-P16 while killed no opening order leaves, and killed stays killed through restarts", () => {
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 60 }), (happenings) => {
      const bot = new Bench().running();
      bot.feed({ kind: "command", command: { name: "kill", flatten: false }, by: "ann", reason: "test" });
      for (const h of happenings) {
        if (h.what === 8) continue;
        const effects = happen(bot, h);
        // by the exchange's word an order may have executed more than its fills have booked yet
        const position = provenPosition(bot.state);
        for (const effect of effects) {
          if (effect.kind !== "place") continue;
          assert.ok(effect.order.reduceOnly && effect.order.side === (position > 0 ? "sell" : "buy"));
        }
        assert.notEqual(bot.state.kill.phase, "off");
      }
    }),
    { numRuns },
  );
});

test("TEST-P6 reply, order update and fills of one order in any order and multiplicity end in the same state", () => {
  const pieces = ["reply", "open", "partial", "fill-1", "fill-2", "filled"] as const;
  const sequences = fc
    .array(fc.constantFrom(...pieces), { maxLength: 10 })
    .chain((extra) => fc.shuffledSubarray([...pieces, ...extra], { minLength: pieces.length + extra.length }));
  fc.assert(
    fc.property(sequences, (sequence) => {
      const bot = new Bench().running();
      const id = bot.placed()[0];
      assert.ok(id !== undefined);
      for (const piece of sequence) {
        if (piece === "reply") bot.feed(accepted(id));
        if (piece === "open") bot.feed(orderSeen(bot.state, id, { status: "open", cumulative: 0 }));
        if (piece === "partial") bot.feed(orderSeen(bot.state, id, { status: "open", cumulative: 4 }));
        if (piece === "fill-1") bot.feed(fillOf(bot.state, id, { tradeId: "1", quantity: 4 }));
        if (piece === "fill-2") bot.feed(fillOf(bot.state, id, { tradeId: "2", quantity: 6 }));
        if (piece === "filled") bot.feed(orderSeen(bot.state, id, { status: "filled", cumulative: 10 }));
      }
      const order = bot.state.ended.get(id);
      assert.deepEqual(
        [
          order?.place,
          order?.status,
          order?.cumulative,
          order?.filled,
          bot.state.ledger.position,
          bot.state.ledger.fills,
        ],
        ["acknowledged", "filled", 10, 10, 10, 2],
      );
    }),
    { numRuns },
  );
});
