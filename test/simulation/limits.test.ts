// What the checker of limits holds against a bot when an owner trades by hand on its account.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Bench, INSTRUMENT } from "../../src/engine/probe.fixture.ts";
import type { JournalRecord } from "../../src/journal/port.ts";
import { lots, money, ticks } from "../../src/market/amounts.ts";
import { notionalMoney } from "../../src/market/instrument.ts";
import { defaultRiskLimits } from "../../src/risk/limits.ts";
import type { RecordEntry } from "../../src/sim/record.ts";
import { limits } from "./checkers/limits.ts";
import { JournalSide, Tape } from "./evidence.ts";

const PRICE = ticks(300_000);
const { symbol } = INSTRUMENT;
const order = { account: "main", symbol, price: PRICE, atUs: 0, reduceOnly: false, exchangeOrderId: "1" } as const;
const fill = { fee: "0", feeAsset: "USDT", liquidity: "maker", origin: "order", counterparty: "market" } as const;
const RECORD: JournalRecord = {
  position: 1,
  type: "effect",
  seq: 1,
  index: 0,
  epoch: 1,
  atMs: 0,
  kind: "place",
  version: 1,
  clientOrderId: null,
  body: "",
  hash: "",
};

/** A buy of `quantity` lots at a limit of ten, with `held` lots of its own fills and `adjusted` others in the books. */
function complaints({ held, adjusted, quantity }: { held: number; adjusted: number; quantity: number }): number {
  const told: string[] = [];
  const bot = new Bench().running();
  const { identity } = bot.state;
  const tape = new Tape(identity.tag);
  const journal = new JournalSide({ records: [] }, identity);
  journal.shadow.instrument = INSTRUMENT;
  const checker = limits({
    tape,
    journal,
    durablePosition: () => 0,
    report: (_checker, text) => told.push(text),
    nowMs: () => 0,
    disturbedUntilMs: () => 0,
    faultless: false,
  });
  const see = (entry: RecordEntry): void => {
    tape.take(entry);
    checker.onTape?.(entry);
  };
  const effect = bot.effects.find(({ kind }) => kind === "place");
  assert.ok(effect?.kind === "place");
  const { clientOrderId } = effect;
  see({ ...order, ...fill, n: 1, kind: "fill", clientOrderId, tradeId: "1", side: "buy", quantity: held });
  checker.onEffect?.(RECORD, effect);
  const most = money(notionalMoney(INSTRUMENT, PRICE, lots(10)));
  const inForce = { ...defaultRiskLimits(INSTRUMENT), positionNotionalMax: most, orderNotionalMax: most };
  const judged = { limits: inForce, mark: PRICE * 1000, adjusted };
  journal.places.set(clientOrderId, { ...RECORD, clientOrderId, order: effect.order, ...judged });
  see({ ...order, n: 2, kind: "accepted", clientOrderId, side: "buy", quantity });
  return told.length;
}

test("TEST-14 an order within the books is no breach where an owner traded back what the books took from him", () => {
  assert.equal(complaints({ held: 8, adjusted: 0, quantity: 2 }), 0);
  assert.equal(complaints({ held: 8, adjusted: 0, quantity: 4 }), 1);
  assert.equal(complaints({ held: 8, adjusted: -2, quantity: 4 }), 0);
  assert.equal(complaints({ held: 8, adjusted: -2, quantity: 5 }), 1);
  // more in the books than there is, and less in truth: nobody was at risk
  assert.equal(complaints({ held: 8, adjusted: 2, quantity: 2 }), 0);
});
