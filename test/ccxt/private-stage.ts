// What a bot hears of frames of an exchange's private socket: its streams' table, ccxt's parsers, our decoders, one line
// an event.

import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { VirtualClock } from "../../src/base/virtual-clock.ts";
import { CcxtInstance } from "../../src/exchange/ccxt/ccxt-instance.ts";
import type { ExchangeTable } from "../../src/exchange/ccxt/exchanges/exchange-table.ts";
import { tableOf } from "../../src/exchange/ccxt/exchanges/registry.ts";
import { Instruments, NO_FACTS, readInstrument } from "../../src/exchange/ccxt/instruments.ts";
import type { Raw } from "../../src/exchange/ccxt/raw.ts";
import { Redactor } from "../../src/exchange/ccxt/redact.ts";
import { streamTableOf } from "../../src/exchange/ccxt/streams/ccxt-streams.ts";
import { FillMemory, OrderMemory } from "../../src/exchange/ccxt/streams/fill-memory.ts";
import { OwnFeed } from "../../src/exchange/ccxt/streams/own-feed.ts";
import type { StreamMessage } from "../../src/exchange/port.ts";
import { openLog } from "../../src/observe/log.ts";
import { type Answer, NOW_MS, stageTransport } from "./exchange-stage.ts";
import { BITGET_CONTRACT, BYBIT_LINEAR, GATE_CONTRACT } from "./listed-instruments.ts";
import { OKX } from "./okx-replies.ts";

const SYMBOL = "BTC/USDT:USDT";
const UNASKED = { result: "unavailable", text: "nothing is asked here" } as const;

const LISTED: Readonly<Record<string, Readonly<Record<string, Answer>>>> = {
  okx: OKX,
  bybit: {
    "GET /v5/market/instruments-info": {
      retCode: 0,
      retMsg: "OK",
      result: { list: [BYBIT_LINEAR], nextPageCursor: "" },
    },
  },
  gate: { "GET /api/v4/futures/usdt/contracts": [GATE_CONTRACT] },
  bitget: {
    "GET /api/v2/mix/market/contracts": ({ query }: { readonly query: string }) => ({
      code: "00000",
      data: query.includes("USDT-FUTURES") ? [BITGET_CONTRACT] : [],
    }),
  },
};

interface Played {
  /** One line an event. */
  readonly lines: readonly string[];
  readonly troubles: readonly string[];
}

/** What a bot hears of frames of an exchange's private socket. */
export async function played(context: TestContext, exchange: string, frames: readonly Raw[]): Promise<Played> {
  const clock = new VirtualClock(NOW_MS);
  const { table } = tableOf(exchange, "perpetual");
  const instance = await CcxtInstance.open({
    table,
    credentials: null,
    environment: "live",
    urls: null,
    clock,
    gate: { pass: () => Promise.resolve(), replied: () => undefined },
    transport: stageTransport(exchange, { ...LISTED[exchange] }, []),
    redactor: new Redactor(),
  });
  context.after(() => instance.close());
  const wish = { priority: 1, waitUntilMs: NOW_MS + 1000, deadlineMs: NOW_MS + 1000, expiresAtMs: null } as const;
  const loaded = await instance.call({ method: "loadMarkets", args: [] }, wish);
  assert.ok(loaded.ok, loaded.ok ? "" : loaded.text);
  const troubles: string[] = [];
  const told: StreamMessage[] = [];
  const feed = feedOf(table, instance, { told, troubles });
  const own = streamTableOf(table)?.own;
  assert.ok(own);
  for (const frame of frames) {
    for (const news of own.read(frame)) if (news.kind === "order" || news.kind === "fill") feed.hear(news);
  }
  return { lines: told.map(lineOf), troubles };
}

function feedOf(
  table: ExchangeTable,
  instance: CcxtInstance,
  to: { readonly told: StreamMessage[]; readonly troubles: string[] },
): OwnFeed {
  const instruments = new Instruments();
  const about = { table, precisionMode: instance.precisionMode(), facts: NO_FACTS, nowMs: NOW_MS };
  const read = readInstrument(instance.market(SYMBOL) ?? {}, about);
  assert.ok(read.ok, read.ok ? "" : read.error);
  instruments.set(SYMBOL, read.value);
  return new OwnFeed({
    instance,
    table,
    reads: {
      lookup: async () => UNASKED,
      openOrders: async () => UNASKED,
      fills: async () => UNASKED,
      account: async () => UNASKED,
      book: async () => UNASKED,
      clientOrderIdOf: () => null,
      remember: () => undefined,
    },
    instruments,
    log: openLog({ process: "test", write: (line) => to.troubles.push(line) }),
    fills: new FillMemory(),
    orders: new OrderMemory(),
    tell: (_symbol, message) => to.told.push(message),
    heardOrder: () => undefined,
    heardFill: () => undefined,
    unreadable: (text) => to.troubles.push(text),
    lookUp: (order) => to.troubles.push(`looked up ${order.clientOrderId}`),
  });
}

function lineOf(message: StreamMessage): string {
  if (message.kind === "order") {
    const { clientOrderId, side, status, cumulative, quantity, reason } = message;
    return `${clientOrderId} ${side} ${status} ${cumulative}/${quantity}${reason === null ? "" : ` ${reason}`}`;
  }
  if (message.kind !== "fill") return message.kind;
  const { clientOrderId, tradeId, quantity, fee, feeAsset, liquidity, origin } = message;
  const cost = `${fee < 0n ? "-" : ""}${(fee < 0n ? -fee : fee) / 10n ** 12n}e-6`;
  return `fill ${tradeId} of ${clientOrderId}: ${quantity} fee ${cost} ${feeAsset} ${liquidity} ${origin}`;
}
