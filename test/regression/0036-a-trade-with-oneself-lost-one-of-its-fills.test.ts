// Found by reading: both sides of a trade between two orders of one account (a bot and a person, or two bots) carry one
// trade id. Pages, stream and connector knew fills by that id alone, so one of the two was never booked.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { CallReply } from "../../src/exchange/ccxt/call.ts";
import { genericTable } from "../../src/exchange/ccxt/exchanges/generic.ts";
import { fillPages } from "../../src/exchange/ccxt/fill-pages.ts";
import { FillMemory } from "../../src/exchange/ccxt/streams/fill-memory.ts";
import { StreamSaid } from "../../src/exchange/ccxt/streams/stream-said.ts";
import { Instruments } from "../../src/exchange/connector/instruments.ts";
import { OrderMemory } from "../../src/exchange/connector/order-memory.ts";
import type { Unstamped } from "../../src/exchange/port.ts";
import { lots, type Side, ticks, ZERO_MONEY } from "../../src/market/amounts.ts";
import type { FillEvent } from "../../src/trading/event.ts";

const NOW_MS = 1_795_233_139_000;

const fillOn = (side: Side): Unstamped<FillEvent> => ({
  kind: "fill",
  symbol: "ETH/USDT:USDT",
  tradeId: "7",
  clientOrderId: null,
  exchangeOrderId: side === "buy" ? "1" : "2",
  side,
  price: ticks(300_000),
  quantity: lots(5),
  feeAsset: "USDT",
  fee: ZERO_MONEY,
  liquidity: side === "buy" ? "maker" : "taker",
  origin: "order",
  exchangeAtMs: NOW_MS,
});

const BOTH = [fillOn("buy"), fillOn("sell")];

test("DUR-06 EXCH-36 pages of fills keep both sides of a trade with oneself, each once", async () => {
  const page = BOTH.map(({ tradeId: id, side }) => ({ id, side, timestamp: NOW_MS, info: {} }));
  const reply: CallReply = { ok: true, body: page, status: 200, headers: {}, value: page };
  const calls = { read: () => Promise.resolve(reply) };
  const table = genericTable("someone", "perpetual");
  const about = { table, calls, exchangeNowMs: () => NOW_MS, symbol: "ETH/USDT:USDT", priority: 1 } as const;
  const found = await fillPages(about, { sinceMs: NOW_MS, cursor: null });
  assert.deepEqual(found.ok && found.value.map((record) => record["side"]), ["buy", "sell"]);
});

test("DUR-06 EXCH-19 stream and connector tell both sides of a trade with oneself, each once", () => {
  const [memory, orders] = [new FillMemory(), new OrderMemory(new Instruments())];
  const twice = [...BOTH, ...BOTH];
  assert.deepEqual(
    twice.map((fill) => memory.take(fill)),
    [true, true, false, false],
  );
  assert.deepEqual(
    twice.map((fill) => orders.filled(fill)),
    [true, true, false, false],
  );
});

test("EXCH-22 a stream that told one side of a trade with oneself did not tell the other", () => {
  const said = new StreamSaid();
  said.fill(fillOn("buy"));
  assert.equal(said.missing([], [fillOn("buy")]), null);
  assert.match(said.missing([], BOTH) ?? "", /did not tell fill 7/);
});
