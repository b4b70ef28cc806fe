// Closing orders against what their own slots paid (RISK-18 `consecutive-losses`), long and short.

import assert from "node:assert/strict";
import { test } from "node:test";
import { BTC, usdt } from "../../../test/risk-examples.ts";
import { lots, ticks } from "../../market/amounts.ts";
import { makeClientOrderId } from "../../trading/client-order-id.ts";
import { type BreakerHistory, initialHistory } from "./history.ts";
import { addFill, closingEnded } from "./losses.ts";

const idOf = (seq: number) => makeClientOrderId({ tag: "btcgrd", lineage: 0, seq, index: 0 });

test("RISK-18 a closing order is measured against its own slot, fees of both ways in it", () => {
  const history = initialHistory();
  let seq = 0;
  /** Buys or sells one lot of 0.001 BTC on a slot, at whole USDT. */
  const fill = (slotKey: string, side: "buy" | "sell", price: number, fee = 0): number => {
    seq += 1;
    const one = { clientOrderId: idOf(seq), slotKey, side, price: ticks(price * 10), quantity: lots(1) };
    const held = { position: 9, cost: 9n * 700_000n };
    addFill(history, BTC, { fill: { ...one, fee: usdt(fee), onlyCloses: side === "sell" }, held });
    closingEnded(history, one.clientOrderId);
    return history.lossesInRow;
  };
  fill("1", "buy", 60_000);
  fill("2", "buy", 59_000);
  assert.equal(fill("2", "sell", 59_100), 0, "below the average of 59,500, and still a gain of its own slot");
  assert.equal(fill("1", "sell", 59_100), 1);
  fill("3", "buy", 59_000, 0.05);
  assert.equal(fill("3", "sell", 59_100, 0.05), 1, "0.10 gained and 0.10 of fees: nothing, which is skipped");
  assert.equal(fill("adopted", "sell", 59_100), 2, "lots no slot paid for count by the average of 70,000");
  fill("4", "buy", 59_000);
  assert.equal(fill("4", "sell", 59_100), 0, "a gain begins anew");
});

interface Given {
  readonly slotKey?: string;
  readonly fee?: number;
  readonly onlyCloses?: boolean;
  readonly held?: { readonly position: number; readonly cost: bigint };
}

let order = 1_000;

/** Books a fill of an order of its own, at whole USDT; answers what it closed with, null where it closed nothing. */
function booked(history: BreakerHistory, text: string, given: Given = {}): bigint | null {
  const [side, quantity = "1", price = "60000"] = text.split(" ");
  order += 1;
  const fill = {
    clientOrderId: idOf(order),
    slotKey: given.slotKey ?? "s",
    side: side === "sell" ? ("sell" as const) : ("buy" as const),
    price: ticks(Number.parseInt(price, 10) * 10),
    quantity: lots(Number.parseInt(quantity, 10)),
    fee: usdt(given.fee ?? 0),
    onlyCloses: given.onlyCloses ?? false,
  };
  addFill(history, BTC, { fill, held: given.held ?? { position: 0, cost: 0n } });
  return history.closing.get(fill.clientOrderId) ?? null;
}

const slot = (history: BreakerHistory, key = "s"): readonly [number, bigint] | null => {
  const held = history.slots.get(key);
  return held === undefined ? null : [held.lots, held.cost];
};

test("RISK-18 a slot adds up what it buys and sells in parts, each part at the share of its cost", () => {
  const history = initialHistory();
  assert.equal(booked(history, "buy 2 60000", { fee: 0.1 }), null);
  assert.equal(booked(history, "buy 2 59000", { fee: 0.1 }), null, "the same side opens more");
  assert.deepEqual(slot(history), [4, usdt(238.2)]);
  // a quarter of 238.20 is 59.55
  assert.equal(booked(history, "sell 1 60000", { fee: 0.05 }), usdt(60 - 59.55 - 0.05));
  assert.deepEqual(slot(history), [3, usdt(178.65)]);
  assert.equal(booked(history, "sell 3 60000"), usdt(180 - 178.65));
  assert.equal(slot(history), null, "an empty slot is forgotten");
});

test("RISK-18 a short slot gains where it buys back below what it sold for", () => {
  const history = initialHistory();
  assert.equal(booked(history, "sell 2 60000", { fee: 0.1 }), null);
  assert.deepEqual(slot(history), [-2, usdt(-119.9)]);
  assert.equal(booked(history, "sell 1 60000"), null);
  assert.deepEqual(slot(history), [-3, usdt(-179.9)]);
  assert.equal(booked(history, "buy 3 59000"), usdt(179.9 - 177));
  assert.equal(slot(history), null);
});

test("RISK-18 a fill through nothing closes what the slot has and opens the rest, with the rest of the fee", () => {
  const history = initialHistory();
  booked(history, "buy 1 60000");
  assert.equal(booked(history, "sell 4 61000", { fee: 0.4 }), usdt(61 - 60 - 0.1));
  assert.deepEqual(slot(history), [-3, usdt(-183 + 0.3)]);
});

test("RISK-18 the average of all lots measures only an order that can only close, of a slot that paid for none", () => {
  const held = { position: 5, cost: 5n * 700_000n };
  const history = initialHistory();
  assert.equal(booked(history, "sell 2 60000", { held }), null, "it may open");
  assert.deepEqual(slot(history), [-2, usdt(-120)]);
  assert.equal(booked(history, "sell 2 60000", { held, onlyCloses: true }), null, "its slot knows what it has");
  const fresh = { slotKey: "t", onlyCloses: true };
  assert.equal(booked(history, "buy 2 60000", { ...fresh, held }), null, "a buy closes no long");
  const other = { slotKey: "u", onlyCloses: true };
  assert.equal(booked(history, "sell 2 60000", { ...other, held }), usdt(120 - 140));
  assert.equal(slot(history, "u"), null, "what no slot paid for is taken from none");
  const flat = { onlyCloses: true, held: { position: 0, cost: 0n } };
  for (const side of ["buy", "sell"]) {
    assert.equal(booked(history, `${side} 1 60000`, { ...flat, slotKey: side }), null, "flat: none to close");
  }
});

test("RISK-18 the fills of one order count as one result, once, when it has ended", () => {
  const history = initialHistory();
  booked(history, "buy 4 60000");
  const id = idOf(1);
  const sold = (price: number): void => {
    const one = { clientOrderId: id, slotKey: "s", side: "sell" as const, price: ticks(price * 10), quantity: lots(1) };
    addFill(history, BTC, { fill: { ...one, fee: usdt(0), onlyCloses: false }, held: { position: 0, cost: 0n } });
  };
  sold(59_000);
  sold(60_500);
  closingEnded(history, idOf(2));
  assert.equal(history.lossesInRow, 0, "another order's end is not its own");
  closingEnded(history, id);
  closingEnded(history, id);
  assert.equal(history.lossesInRow, 1);
});

test("RISK-19 2,000 slots are remembered, and the longest untouched is forgotten first", () => {
  const history = initialHistory();
  for (let n = 0; n < 2_000; n += 1) booked(history, "buy 1 60000", { slotKey: `s${n}` });
  assert.equal(history.slots.size, 2_000);
  booked(history, "buy 1 60000", { slotKey: "s0" });
  booked(history, "buy 1 60000", { slotKey: "new" });
  assert.equal(history.slots.size, 2_000);
  assert.deepEqual([slot(history, "s0")?.[0], slot(history, "s1"), slot(history, "s2")?.[0]], [2, null, 1]);
});
