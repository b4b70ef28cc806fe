// When the verdict may be spoken: what the exchange did a moment ago is given the time to arrive, nothing older is.

import assert from "node:assert/strict";
import { test } from "node:test";
import { MemoryDisk } from "../../src/journal/memory.ts";
import type { RecordEntry } from "../../src/sim/record.ts";
import { JournalSide, Tape } from "./evidence.ts";
import { isOnTheWire } from "./quiet.ts";

const AT_US = 1_700_000_000_000_000;
const SECOND_US = 1_000_000;
const ENTRY = { n: 1, atUs: AT_US, account: "main", symbol: "ETH/USDT:USDT" };

function sides(entry: RecordEntry): { readonly tape: Tape; readonly journal: JournalSide } {
  const tape = new Tape("sim001");
  tape.take(entry);
  return { tape, journal: new JournalSide(new MemoryDisk(), { bot: "sim", tag: "sim001", lineage: 1 }) };
}

const FILL: RecordEntry = {
  ...ENTRY,
  kind: "fill",
  clientOrderId: null,
  exchangeOrderId: "1",
  tradeId: "53",
  side: "buy",
  price: 305_212,
  quantity: 1,
  fee: "0",
  feeAsset: "USDT",
  liquidity: "taker",
  origin: "liquidation",
  counterparty: "market",
};

test("TEST-14 a fill of just now is on the wire until the journal has it (seed 116088)", () => {
  const { tape, journal } = sides(FILL);
  assert.equal(isOnTheWire(tape, journal, AT_US + SECOND_US), true);
  // the exchange is ahead of the clock, up to its next wake
  assert.equal(isOnTheWire(tape, journal, AT_US - SECOND_US), true);
  journal.booked.add("53|sell");
  assert.equal(isOnTheWire(tape, journal, AT_US + SECOND_US), true, "the other side of a trade with oneself");
  journal.booked.add("53|buy");
  assert.equal(isOnTheWire(tape, journal, AT_US + SECOND_US), false);
});

test("TEST-14 a fill that has not come in two seconds is lost, and not waited for", () => {
  const { tape, journal } = sides(FILL);
  assert.equal(isOnTheWire(tape, journal, AT_US + 2 * SECOND_US), false);
});

test("TEST-14 a settlement of funding of just now is on the wire until it is booked", () => {
  const funding: RecordEntry = { ...ENTRY, kind: "funding", ratePpt: 1, mark: 1, positionLots: 1, amount: "1" };
  const { tape, journal } = sides({ ...funding, atUs: AT_US + 7 });
  assert.equal(isOnTheWire(tape, journal, AT_US + SECOND_US), true);
  journal.booked.add(AT_US / 1000);
  assert.equal(isOnTheWire(tape, journal, AT_US + SECOND_US), false);
});
