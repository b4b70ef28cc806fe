// What each piece of evidence makes of one order: what the strategy hears, what the engine must do, and what is known
// of the order afterwards. An order of ten lots; each word comes a second after the one before.

import assert from "node:assert/strict";
import { test } from "node:test";
import { lots, money, ticks } from "../market/amounts.ts";
import { makeClientOrderId } from "../trading/client-order-id.ts";
import type { FillEvent, OrderEvent, OutcomeEvent } from "../trading/event.ts";
import type { Order, OrderStatus } from "../trading/order.ts";
import { newOrder } from "./evidence.fixture.ts";
import {
  applyAbsent,
  applyCancelOutcome,
  applyFill,
  applyOrderEvent,
  applyPlaceOutcome,
  applyRestart,
  type OrderUpdate,
} from "./orders.ts";

const ID = makeClientOrderId({ tag: "probe0", lineage: 0, seq: 1, index: 0 });

const placed = (): Order => ({
  clientOrderId: ID,
  order: newOrder(),
  placedAtMs: 0,
  placedSeq: 1,
  place: "recorded",
  status: null,
  exchangeOrderId: null,
  cumulative: lots(0),
  filled: lots(0),
  cancelAsked: false,
  unknownSinceMs: null,
  changedSeq: 1,
});

const outcome = (of: "place" | "cancel", result: string, atMs: number): OutcomeEvent => ({
  kind: "outcome",
  of,
  clientOrderId: ID,
  result: result as OutcomeEvent["result"],
  exchangeOrderId: result === "accepted" ? "x1" : null,
  reason: null,
  text: "no such luck",
  atMs,
});

const seen = (status: string, cumulative: number, atMs: number): OrderEvent => ({
  kind: "order",
  symbol: "ETHUSDT",
  clientOrderId: ID,
  exchangeOrderId: "x2",
  side: "buy",
  price: ticks(299_900),
  quantity: lots(10),
  status: status as OrderStatus,
  cumulative: lots(cumulative),
  reason: null,
  source: "stream",
  atMs,
});

const fill = (quantity: number, atMs: number): FillEvent => ({
  kind: "fill",
  symbol: "ETHUSDT",
  tradeId: String(atMs),
  clientOrderId: ID,
  exchangeOrderId: "x1",
  side: "buy",
  price: ticks(299_900),
  quantity: lots(quantity),
  feeAsset: "USDT",
  fee: money(0n),
  liquidity: "maker",
  origin: "order",
  exchangeAtMs: 0,
  atMs,
});

/** `seen open 4`: the exchange shows it so; `fill 4`; `not-found`, `forgotten`; else how the send ended. */
function apply(order: Order, words: string, atMs: number): OrderUpdate {
  const [what = "", status = "", total = "0"] = words.split(" ");
  if (what === "seen") return applyOrderEvent(order, seen(status, Number(total), atMs));
  if (what === "fill") return applyFill(order, fill(Number(status), atMs));
  if (what === "not-found" || what === "forgotten")
    return applyAbsent(order, { kind: "absent", clientOrderId: ID, note: what, atMs });
  if (what === "restart") return applyRestart(order, atMs);
  return applyPlaceOutcome(order, outcome("place", what, atMs));
}

const told = ({ change, action }: OrderUpdate): string => {
  const heard = change === null ? "nothing" : Object.values(change).join(" ");
  return action === null ? heard : `${heard}, then ${action}`;
};

/** What was told at each word, and at last what is known of the order: place, status, executed, booked. */
function life(...words: readonly string[]): readonly string[] {
  const order = placed();
  const lines = words.map((each, at) => told(apply(order, each, (at + 1) * 1000)));
  const unknown = order.unknownSinceMs === null ? "" : ` since ${order.unknownSinceMs}`;
  return [...lines, `${order.place} ${order.status} ${order.cumulative}/${order.filled}${unknown}`];
}

test("DUR-34 a send that was accepted, refused, not sent or not answered is told once", () => {
  assert.deepEqual(life("accepted", "accepted"), ["open 0", "nothing", "acknowledged open 0/0"]);
  assert.deepEqual(life("rejected", "rejected"), ["rejected 0 OTHER no such luck", "nothing", "rejected null 0/0"]);
  assert.deepEqual(life("not-sent", "not-sent"), ["withdrawn", "nothing", "withdrawn null 0/0"]);
  assert.deepEqual(life("unknown", "unknown"), ["unknown", "nothing", "unknown null 0/0 since 1000"]);
  assert.deepEqual(life("not-open"), ["unknown", "unknown null 0/0 since 1000"]);
});

test("DUR-34 the exchange's reason and its number of the order are kept as they were first told", () => {
  const order = placed();
  const refused = { ...outcome("place", "rejected", 1), reason: "POST_ONLY_WOULD_TAKE" } as const;
  assert.equal(told(applyPlaceOutcome(order, refused)), "rejected 0 POST_ONLY_WOULD_TAKE no such luck");
  applyPlaceOutcome(order, outcome("place", "accepted", 2));
  assert.equal(order.exchangeOrderId, "x1");
  applyOrderEvent(order, seen("open", 0, 3));
  assert.equal(order.exchangeOrderId, "x1");
  const silent = placed();
  applyOrderEvent(silent, seen("open", 0, 3));
  assert.equal(silent.exchangeOrderId, "x2", "a stream may be the first to name it");
});

test("DUR-36 nothing but evidence ends an unknown order, and it is as old as its first doubt", () => {
  const doubted = "unknown null 0/0 since 1000";
  assert.deepEqual(life("unknown", "restart"), ["unknown", "nothing", doubted]);
  assert.deepEqual(life("unknown", "not-sent"), ["unknown", "nothing", doubted]);
  assert.deepEqual(life("unknown", "accepted"), ["unknown", "open 0", "acknowledged open 0/0"]);
  assert.deepEqual(life("unknown", "rejected"), ["unknown", "rejected 0 OTHER no such luck", "rejected null 0/0"]);
  assert.deepEqual(life("unknown", "seen open 4"), ["unknown", "executed 4", "acknowledged open 4/0"]);
  assert.deepEqual(life("unknown", "not-found", "not-found"), ["unknown", "absent", "nothing", "absent null 0/0"]);
});

test("DUR-34 a restart makes unknown what had no outcome, and nothing else", () => {
  assert.deepEqual(life("restart", "restart"), ["unknown", "nothing", "unknown null 0/0 since 1000"]);
  assert.deepEqual(life("accepted", "restart"), ["open 0", "nothing", "acknowledged open 0/0"]);
  assert.deepEqual(life("not-sent", "restart"), ["withdrawn", "nothing", "withdrawn null 0/0"]);
});

test("DUR-34 what ended and shows up after all is late, and the exchange that contradicts itself is told of", () => {
  assert.deepEqual(life("rejected", "seen open").slice(1), ["open 0, then late-order", "acknowledged open 0/0"]);
  assert.deepEqual(life("not-found", "accepted").slice(1), ["open 0, then late-order", "acknowledged open 0/0"]);
  assert.deepEqual(life("not-sent", "fill 4").slice(1), ["executed 4, then late-order", "acknowledged open 4/4"]);
  assert.deepEqual(life("not-sent", "rejected").slice(1), ["nothing", "withdrawn null 0/0"]);
  assert.deepEqual(life("accepted", "rejected").slice(1), ["nothing, then alert", "acknowledged open 0/0"]);
  assert.deepEqual(life("accepted", "unknown").slice(1), ["nothing", "acknowledged open 0/0"]);
  assert.deepEqual(life("accepted", "not-sent").slice(1), ["nothing", "acknowledged open 0/0"]);
});

test("GRID-27 the exchange's word is told when it is news: open, executed, filled, ended", () => {
  assert.deepEqual(life("seen open", "seen open"), ["open 0", "nothing", "acknowledged open 0/0"]);
  assert.deepEqual(life("seen open 4", "seen open 4"), ["executed 4", "nothing", "acknowledged open 4/0"]);
  assert.deepEqual(life("seen filled 10"), ["filled 10", "acknowledged filled 10/0"]);
  assert.deepEqual(life("seen canceled 4"), ["canceled 4", "acknowledged canceled 4/0"]);
  assert.deepEqual(life("seen expired"), ["expired 0", "acknowledged expired 0/0"]);
  assert.deepEqual(life("seen canceled 10"), ["filled 10", "acknowledged filled 10/0"], "nothing was left to cancel");
});

test("GRID-32 an order the exchange ended for a reason of its own is told as refused", () => {
  const order = placed();
  const update = applyOrderEvent(order, { ...seen("canceled", 0, 1), reason: "POST_ONLY_WOULD_TAKE" });
  assert.equal(told(update), "rejected 0 POST_ONLY_WOULD_TAKE ended by the exchange: POST_ONLY_WOULD_TAKE");
  assert.equal(order.status, "canceled");
  const whole = { ...seen("canceled", 10, 1), reason: "POST_ONLY_WOULD_TAKE" } as const;
  assert.equal(told(applyOrderEvent(placed(), whole)), "filled 10", "nothing of it was refused");
});

test("DUR-35 fills and the order's word may come in any order: what is executed is told once", () => {
  assert.deepEqual(life("fill 4", "fill 6"), ["executed 4", "filled 10", "acknowledged filled 10/10"]);
  assert.deepEqual(life("seen open 4", "fill 4"), ["executed 4", "nothing", "acknowledged open 4/4"]);
  assert.deepEqual(life("fill 4", "seen open 4"), ["executed 4", "nothing", "acknowledged open 4/4"]);
  assert.deepEqual(life("fill 4", "accepted"), ["executed 4", "nothing", "acknowledged open 4/4"]);
});

test("TEST-P4 a final state stays; more of it that was executed is told", () => {
  assert.deepEqual(life("seen canceled 4", "seen open 4").slice(1), ["nothing", "acknowledged canceled 4/0"]);
  assert.deepEqual(life("seen canceled 4", "seen canceled 6").slice(1), ["executed 6", "acknowledged canceled 6/0"]);
  assert.deepEqual(life("seen expired 4", "fill 6").slice(1), ["executed 6", "acknowledged expired 6/6"]);
  assert.deepEqual(life("seen canceled", "fill 10").slice(1), ["executed 10", "acknowledged canceled 10/10"]);
  assert.deepEqual(life("seen filled 10", "fill 10").slice(1), ["nothing", "acknowledged filled 10/10"]);
});

test("DUR-35 more than the order asked for is told, and counted in full", () => {
  assert.deepEqual(life("seen open 12", "seen open 12"), [
    "filled 12, then over-filled",
    "nothing",
    "acknowledged filled 12/0",
  ]);
  assert.deepEqual(life("fill 12"), ["filled 12, then over-filled", "acknowledged filled 12/12"]);
  assert.deepEqual(life("seen canceled 4", "seen canceled 12").slice(1), [
    "executed 12, then over-filled",
    "acknowledged canceled 12/0",
  ]);
  assert.deepEqual(life("seen open 12", "fill 12").slice(1), [
    "nothing, then over-filled",
    "acknowledged filled 12/12",
  ]);
});

test("GRID-27 an order that settling does not find is absent only if nobody ever saw it", () => {
  assert.deepEqual(life("not-found"), ["absent", "absent null 0/0"]);
  assert.deepEqual(life("accepted", "not-found").slice(1), ["nothing, then reconcile", "acknowledged open 0/0"]);
  assert.deepEqual(life("seen open 4", "forgotten").slice(1), ["canceled 4", "acknowledged canceled 4/0"]);
  assert.deepEqual(life("seen canceled 4", "not-found").slice(1), ["nothing", "acknowledged canceled 4/0"]);
  assert.deepEqual(life("rejected", "not-found").slice(1), ["nothing", "rejected null 0/0"]);
});

test("N-11 a cancel that was answered proves nothing yet; one that failed is tried again", () => {
  const after = (result: string): string => told(applyCancelOutcome(outcome("cancel", result, 1)));
  assert.deepEqual(["accepted", "not-open"].map(after), ["nothing", "nothing"]);
  const again = "cancel-failed, then cancel-again";
  assert.deepEqual(["rejected", "unknown", "not-sent"].map(after), [again, again, again]);
});
