// Private frames through ccxt's own parsers, one by one: what watchOrders would have dropped is told (EXCH-37).

import assert from "node:assert/strict";
import { test } from "node:test";
import { BTC_PERPETUAL } from "../../../../test/instruments.ts";
import { VirtualClock } from "../../../base/virtual-clock.ts";
import { openLog } from "../../../observe/log.ts";
import type { StreamMessage } from "../../port.ts";
import { stepsOf } from "../amount.ts";
import { RequestBudget } from "../budget/request-budget.ts";
import { CcxtInstance } from "../ccxt-instance.ts";
import { BINANCE_USDM } from "../exchanges/binance-usdm.ts";
import { Instruments } from "../instruments.ts";
import { Redactor } from "../redact.ts";
import { SentIds } from "../sent-ids.ts";
import { NodeTransport } from "../transport.ts";
import { BINANCE_USDM_STREAMS } from "./binance-streams.ts";
import { FillMemory, OrderMemory } from "./fill-memory.ts";
import { OwnFeed } from "./own-feed.ts";

const SYMBOL = BTC_PERPETUAL.symbol;
const UNASKED = { result: "unavailable", text: "nothing is asked here" } as const;

async function feedOf(): Promise<{
  readonly feed: OwnFeed;
  readonly told: StreamMessage[];
  readonly lookedUp: string[];
  readonly lines: string[];
  readonly unread: string[];
}> {
  const clock = new VirtualClock(1_790_000_000_000);
  const table = BINANCE_USDM;
  const gate = new RequestBudget({ clock, table, health: () => undefined });
  const transport = new NodeTransport({ clock });
  const redactor = new Redactor();
  const common = { table, credentials: null, environment: "live", urls: null } as const;
  const instance = await CcxtInstance.open({ ...common, clock, gate, transport, redactor });
  const steps = stepsOf({ tick: BTC_PERPETUAL.tickSize, amountStep: BTC_PERPETUAL.lotSize, contract: "1" });
  assert.ok(steps.ok);
  const instruments = new Instruments();
  const bounds = { priceMin: null, priceMax: null, readAtMs: 0 };
  instruments.set(SYMBOL, { instrument: BTC_PERPETUAL, wireName: "BTCUSDT", steps: steps.value, ...bounds });
  const sent = new SentIds();
  const told: StreamMessage[] = [];
  const lookedUp: string[] = [];
  const unread: string[] = [];
  const lines: string[] = [];
  const feed = new OwnFeed({
    instance,
    table,
    reads: {
      lookup: async () => UNASKED,
      openOrders: async () => UNASKED,
      fills: async () => UNASKED,
      account: async () => UNASKED,
      book: async () => UNASKED,
      clientOrderIdOf: (id) => sent.clientOrderIdOf(id),
      remember: (exchangeOrderId, clientOrderId) => sent.known(clientOrderId, exchangeOrderId),
    },
    instruments,
    log: openLog({ process: "test", write: (line) => lines.push(line) }),
    fills: new FillMemory(),
    orders: new OrderMemory(),
    tell: (_symbol, message) => told.push(message),
    heardOrder: () => undefined,
    heardFill: () => undefined,
    unreadable: (text) => unread.push(text),
    lookUp: (order) => lookedUp.push(order.clientOrderId),
  });
  return { feed, told, lookedUp, lines, unread };
}

/** An `ORDER_TRADE_UPDATE` as the exchange's documents show it. */
const update = (of: { x: string; X: string; l?: string; z: string; t?: number; n?: string; c?: string }): unknown => ({
  e: "ORDER_TRADE_UPDATE",
  E: 1_790_000_000_001,
  T: 1_790_000_000_000,
  // biome-ignore format: as wide as the document's example
  o: {
    s: "BTCUSDT", c: "o1", S: "BUY", o: "LIMIT", f: "GTC", q: "0.010", p: "60000.0", ap: "60000", i: 8_886_774,
    l: "0", L: "60000.0", T: 1_790_000_000_000, t: 0, b: "0", a: "0", m: true, R: false, ps: "BOTH", rp: "0",
    N: "USDT", n: "0", ...of,
  },
});

function played(feed: OwnFeed, frames: readonly unknown[]): void {
  for (const frame of frames) {
    const own = BINANCE_USDM_STREAMS.own?.read(frame as Readonly<Record<string, unknown>>) ?? [];
    for (const news of own) if (news.kind === "order" || news.kind === "fill") feed.hear(news);
  }
}

test("EXCH-37 EXCH-36 four frames give every state and each fill, fees with their sign", async () => {
  const { feed, told } = await feedOf();
  const partial = update({ x: "TRADE", X: "PARTIALLY_FILLED", l: "0.004", z: "0.004", t: 91, n: "-0.0120" });
  played(feed, [
    update({ x: "NEW", X: "NEW", z: "0" }),
    partial,
    partial,
    update({ x: "TRADE", X: "FILLED", l: "0.006", z: "0.010", t: 92, n: "0.0180" }),
  ]);
  const words = told.map((each) =>
    each.kind === "order"
      ? `order ${each.status} ${each.cumulative}`
      : each.kind === "fill"
        ? `fill ${each.tradeId} ${each.quantity} fee ${each.fee / 10n ** 14n} ${each.feeAsset}`
        : each.kind,
  );
  assert.deepEqual(words, [
    "order open 0",
    "fill 91 4 fee -120 USDT",
    "order open 4",
    "fill 92 6 fee 180 USDT",
    "order filled 10",
  ]);
});

test("EXCH-37 a state word nobody mapped counts as open, is looked up, and stands in the log", async () => {
  const { feed, told, lookedUp, lines } = await feedOf();
  played(feed, [update({ x: "NEW", X: "HALF_ASLEEP", z: "0" })]);
  assert.deepEqual(
    told.map((each) => (each.kind === "order" ? each.status : each.kind)),
    ["open"],
  );
  assert.deepEqual(lookedUp, ["o1"]);
  assert.ok(lines.some((line) => line.includes("HALF_ASLEEP")));
});

test("EXCH-19 fills of liquidation and deleveraging say so, and one that cannot be read is no guess", async () => {
  const { feed, told, lines, unread } = await feedOf();
  played(feed, [
    update({ x: "CALCULATED", X: "FILLED", l: "0.010", z: "0.010", t: 93, c: "autoclose-1790000000000" }),
    update({ x: "TRADE", X: "FILLED", l: "0.010", z: "0.010", t: 94, c: "adl_autoclose" }),
    update({ x: "TRADE", X: "FILLED", l: "0.0105", z: "0.010", t: 95 }),
  ]);
  const origins = told.flatMap((each) => (each.kind === "fill" ? `${each.tradeId} ${each.origin}` : []));
  assert.deepEqual(origins, ["93 liquidation", "94 adl"]);
  assert.ok(lines.some((line) => line.includes("a fill cannot be read")));
  assert.deepEqual(unread, [`a fill of ${SYMBOL} cannot be read`]);
});
