// The outbox of one step: ids, approvals, cancels, timers, adjustments, and the facts risk judges by.

import assert from "node:assert/strict";
import { test } from "node:test";
import { lots, milliTicks, money, ticks } from "../market/amounts.ts";
import type { CheckRecord } from "../risk/approve.ts";
import { benchWith } from "./breakers.fixture.ts";
import { newOrder, quoting, SPOT } from "./evidence.fixture.ts";
import type { Bench } from "./probe.fixture.ts";
import { INSTRUMENT } from "./probe.fixture.ts";
import { said } from "./said.fixture.ts";
import type { BotState } from "./state.ts";
import { type Asked, currentMark, Turn } from "./turn.ts";

/** What a turn on this bot said. */
function did(bot: Bench, act: (turn: Turn) => void): readonly string[] {
  const turn = new Turn(bot.state);
  act(turn);
  return said(bot, turn.effects);
}

test("GRID-26 a timer is armed, moved and taken away once; what stands already is not said again", () => {
  const { bot } = quoting();
  const { nowMs } = bot.state;
  const timer = (atMs: number | null): readonly string[] => did(bot, (turn) => turn.timer("x", atMs));
  assert.deepEqual(
    [timer(null), timer(nowMs + 5), timer(nowMs + 5), timer(nowMs + 6)],
    [[], ["timer x in 5"], [], ["timer x in 6"]],
  );
  assert.equal(bot.state.timers.get("x"), nowMs + 6);
  assert.deepEqual([timer(null), timer(null)], [["timer x off"], []]);
  assert.ok(!bot.state.timers.has("x"));
});

test("GRID-34 candles that are missing are asked for by interval and number", () => {
  assert.deepEqual(
    did(quoting().bot, (turn) => turn.reloadCandles("5m", 30)),
    ["reload 30 candles of 5m"],
  );
});

test("RISK-36 the closer's target only ever comes nearer to nothing", () => {
  const { bot } = quoting();
  const turn = new Turn(bot.state);
  const reduce = (target: number): number | undefined => {
    turn.reduceTo(lots(target), { code: "flatten.command" });
    return bot.state.closer?.target;
  };
  assert.deepEqual([turn.gatesChanged, reduce(5), turn.gatesChanged], [false, 5, true]);
  assert.equal(reduce(3), 5, "one part at a time");
  assert.deepEqual([reduce(0), reduce(5)], [0, 0], "what closes everything is not called back");
});

test("RISK-36 a closer keeps its reason and start; one that closes more has its own, if the first has time", () => {
  const { bot } = quoting();
  const startMs = bot.state.nowMs;
  const after = (...wishes: readonly (readonly [number, string])[]): readonly unknown[] => {
    bot.state.closer = null;
    bot.state.nowMs = startMs;
    for (const [target, code] of wishes) {
      new Turn(bot.state).reduceTo(lots(target), { code });
      bot.state.nowMs += 5;
    }
    const { because, startedAtMs, target } = bot.state.closer ?? assert.fail();
    return [because, startedAtMs - startMs, target];
  };
  const [patient, other, urgent] = ["flatten.command", "flatten.drawdown-window", "reduce.margin"] as const;
  assert.deepEqual(after([0, patient], [0, other]), [patient, 0, 0]);
  assert.deepEqual(after([5, patient], [3, other]), [patient, 0, 5]);
  assert.deepEqual(after([5, patient], [0, other]), [other, 5, 0]);
  assert.deepEqual(after([5, urgent], [0, patient]), [urgent, 0, 0]);
  assert.deepEqual(after([0, patient], [5, urgent]), [urgent, 5, 0]);
  assert.deepEqual(after([0, urgent], [0, "flatten.liquidation"]), [urgent, 0, 0]);
});

test("GRID-44 a configuration the strategy carried out is handed over as it is", () => {
  const turn = new Turn(benchWith().state);
  turn.acceptConfig("wider");
  assert.deepEqual(turn.acceptedConfig, { config: "wider" });
});

test("RISK-06 a refusal is counted, and told of once an hour; the strategy hears of each", () => {
  const bot = benchWith();
  const turn = new Turn(bot.state);
  const tooMuch = newOrder({ quantity: lots(900_000) });
  turn.place(tooMuch, { code: "x" });
  turn.place(tooMuch, { code: "x" });
  const [refused, again, ...none] = turn.takeRefused();
  assert.deepEqual([refused?.code, again?.code, none, turn.takeRefused()], [refused?.code, refused?.code, [], []]);
  const code = refused?.code ?? assert.fail();
  assert.equal(bot.state.refusals.get(code), 2);
  const [alert, ...rest] = turn.effects;
  assert.ok(alert?.kind === "alert");
  assert.deepEqual([alert.code, alert.severity, rest], ["limit-refused", "warning", []]);
  assert.deepEqual(alert.facts, { refusal: code, refused: 1 });
  bot.state.nowMs += 3_600_000;
  bot.state.book = { ...(bot.state.book ?? assert.fail()), atMs: bot.state.nowMs };
  assert.match(did(bot, (later) => later.place(tooMuch, { code: "x" })).join(), /refused=3$/);
});

test("RISK-22 a slice of the closer has its own price band, is explained, and counted when refused", () => {
  const bot = benchWith();
  for (const id of bot.placed()) bot.state.orders.delete(id);
  bot.state.ledger.position = lots(10);
  bot.state.ledger.cost = 3_000_000n;
  const asked: { readonly each: Asked; readonly checks: readonly CheckRecord[] }[] = [];
  const turn = new Turn(bot.state, (each, explain) => asked.push({ each, checks: explain() }));
  const slice = newOrder({ side: "sell", price: ticks(270_000), reduceOnly: true, postOnly: false, slotKey: "closer" });
  turn.placeForCloser(slice, 2_000, { code: "flatten.slice" });
  assert.deepEqual(said(bot, turn.effects), ["place sell 10 at 270000 for closer, flatten.slice"]);
  turn.placeForCloser(slice, 20, { code: "flatten.slice" });
  assert.equal(turn.effects.length, 2, "one order, and the news of a refusal");
  assert.deepEqual([...bot.state.refusals.values()], [1]);
  assert.deepEqual(turn.takeRefused(), [], "the strategy knows nothing of slices");
  assert.deepEqual([asked[0]?.each.order, asked[0]?.each.because], [slice, { code: "flatten.slice" }]);
  assert.notEqual(asked[0]?.each.clientOrderId, asked[1]?.each.clientOrderId, "a refused one uses its id up");
  assert.deepEqual(
    asked.map(({ checks }) => checks.every(({ passed, spared }) => passed || spared)),
    [true, false],
  );
});

test("RISK-35 lots without a fill move ledger and budget together, each adjustment by a cause of its own", () => {
  const bot = benchWith({}, { budget: money(10n ** 21n) });
  const turn = new Turn(bot.state);
  const { lineage } = bot.state.identity;
  turn.adjustLedger(lots(4), ticks(300_000), { code: "adjust.reconcile" });
  const first = turn.postings.length;
  turn.adjustLedger(lots(-6), ticks(300_000), { code: "adopt.command" });
  const causes = [...new Set(turn.postings.map(({ cause, causeId }) => `${cause} ${causeId}`))];
  const cause = (at: number): string => `adjustment|${lineage}|${bot.state.seq}|${at}`;
  assert.deepEqual(causes, [`adjustment ${cause(0)}`, `adoption ${cause(first)}`]);
  const { ledger, budget } = bot.state;
  assert.deepEqual([ledger.position, budget?.position, budget?.realisedNet], [-2, -2, 0n]);
  turn.adjustLedger(lots(0), ticks(300_000), { code: "adjust.reconcile" });
  assert.equal(budget?.position, -2);
  turn.adjustLedger(lots(3), ticks(300_000), { code: "write-off.adopt" });
  assert.equal(turn.postings.at(-1)?.cause, "adjustment");
});

test("RISK-34 on spot lots that came without a fill were the account's before; a perpetual knows no others", () => {
  const others = (instrument: BotState["instrument"]): number | null => {
    const { state } = benchWith();
    state.instrument = instrument;
    state.spotBaseline = lots(9);
    new Turn(state).adjustLedger(lots(4), ticks(300_000), { code: "adopt.command" });
    return state.spotBaseline;
  };
  assert.deepEqual([others(SPOT), others(INSTRUMENT)], [5, 9]);
});

test("RISK-06 the mark is the exchange's for ten seconds, then the mid, and on spot always the mid", () => {
  const { state } = benchWith();
  const mid = milliTicks(300_000_000);
  const mark = milliTicks(310_000_500);
  assert.equal(currentMark(state), mid);
  state.mark = { mark, atMs: state.nowMs };
  assert.equal(currentMark(state), mark);
  state.mark = { mark, atMs: state.nowMs - 9_999 };
  assert.equal(currentMark(state), mark);
  assert.equal(new Turn(state).lastPrice(), 310_000, "a price is a whole tick");
  state.mark = { mark, atMs: state.nowMs - 10_000 };
  assert.equal(currentMark(state), mid);
  state.mark = { mark, atMs: state.nowMs };
  assert.equal(currentMark({ ...state, instrument: SPOT }), mid);
  assert.equal(currentMark({ ...state, instrument: null }), mid);
});

test("RISK-06 without a mark or a whole book there is no price; lots go at the last fill's, or at one tick", () => {
  const { state } = benchWith();
  const bids = [[ticks(299_999), lots(1)]] as const;
  const asks = [[ticks(300_001), lots(1)]] as const;
  for (const book of [
    null,
    { bids, asks: [], atMs: 0 },
    { bids: [], asks, atMs: 0 },
    { bids: [], asks: [], atMs: 0 },
  ]) {
    state.book = book;
    assert.equal(currentMark(state), null);
  }
  const price = () => new Turn(state).lastPrice();
  assert.equal(price(), 1);
  state.ledger.lastFillPrice = ticks(298_000);
  assert.equal(price(), 298_000);
});

test("RISK-02 RISK-06 the mid of a stale book holds up nothing that only closes; a mark younger than 10 s does", () => {
  const outcome = (bookAgeMs: number, markAgeMs: number | null, reduceOnly = true): string => {
    const bot = benchWith();
    for (const id of bot.placed()) bot.state.orders.delete(id);
    bot.state.ledger.position = lots(10);
    bot.state.ledger.cost = 3_000_000n;
    const { nowMs, book } = bot.state;
    bot.state.book = { ...(book ?? assert.fail()), atMs: nowMs - bookAgeMs };
    bot.state.mark = markAgeMs === null ? null : { mark: milliTicks(300_000_000), atMs: nowMs - markAgeMs };
    const turn = new Turn(bot.state);
    // 10 % below where the market was: it may well be there now
    const side = reduceOnly ? "sell" : "buy";
    turn.place(newOrder({ side, price: ticks(270_000), reduceOnly, postOnly: false }), { code: "x" });
    return turn.takeRefused()[0]?.code ?? "placed";
  };
  const { bookAgeMsMax } = benchWith().state.limits ?? assert.fail();
  assert.equal(outcome(bookAgeMsMax, null), "price-band");
  assert.equal(outcome(bookAgeMsMax + 1, null), "placed");
  assert.equal(outcome(bookAgeMsMax + 1, 10_000), "placed");
  assert.equal(outcome(bookAgeMsMax + 1, 9_999), "price-band");
  assert.equal(outcome(bookAgeMsMax + 1, null, false), "stale-book");
});

test("RISK-06 an order is judged by the book, the account and the grant as they are, and without them refused", () => {
  const refusal = (change: Partial<BotState>): string => {
    const bot = benchWith();
    for (const id of bot.placed()) bot.state.orders.delete(id);
    Object.assign(bot.state, change);
    const turn = new Turn(bot.state);
    turn.place(newOrder(), { code: "x" });
    return turn.takeRefused()[0]?.code ?? "none";
  };
  const { nowMs } = benchWith().state;
  const bids = [[ticks(299_999), lots(1)]] as const;
  const asks = [[ticks(300_001), lots(1)]] as const;
  const without = [
    { book: null },
    { book: { bids: [], asks, atMs: nowMs } },
    { book: { bids, asks: [], atMs: nowMs } },
  ];
  assert.deepEqual([{}, ...without].map(refusal), ["none", "stale-book", "no-price", "no-price"]);
  assert.equal(refusal({ book: { bids, asks, atMs: nowMs - 60_000 } }), "stale-book");
  assert.equal(refusal({ equity: null }), "leverage");
  assert.equal(refusal({ grant: { id: 1, gross: money(0n), over: "no" } }), "exposure");
});

test("RISK-02 what a configured bot must have is named when it is missing", () => {
  const { state } = benchWith();
  const turn = new Turn(state);
  state.instrument = null;
  state.limits = null;
  assert.throws(() => turn.instrument, /the instrument of a configured bot/);
  assert.throws(() => turn.limits, /the limits of a configured bot/);
});
