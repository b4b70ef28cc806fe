// An exchange's history page by page, as the lines of a downloaded file (BT-07): candles of one minute, public trades,
// settled funding rates. Reads only, at the lowest priority, so that whoever trades is never kept waiting.

import type { Clock } from "../../base/clock.ts";
import type { PagePlace, PageSource } from "../../data/download/download.ts";
import { type DownloadKind, type DownloadRow, dateText } from "../../data/download/row.ts";
import type { Log } from "../../observe/log.ts";
import type { CallReply } from "./call.ts";
import type { CcxtCall } from "./exchanges/exchange-table.ts";
import { tableOf } from "./exchanges/registry.ts";
import { Machine } from "./machine.ts";
import { loadMarkets } from "./open.ts";
import { decimalOf, listOf, recordOf, recordsOf, textOf, wholeOf } from "./raw.ts";

export interface HistoryOptions {
  readonly exchange: string;
  readonly market: "spot" | "perpetual";
  readonly symbol: string;
  readonly kind: DownloadKind;
  /** Where an emulator listens; null: the exchange's own addresses. */
  readonly endpoints: { readonly rest: string; readonly websocket: string } | null;
  readonly clock: Clock;
  readonly log: Log;
}

export interface History {
  readonly page: PageSource;
  close(): Promise<void>;
}

interface Pages {
  readonly kind: DownloadKind;
  readonly symbol: string;
  readonly call: (call: CcxtCall) => Promise<CallReply>;
  /** Parameters that continue trades after an id, where the exchange has them; else times continue. */
  readonly afterTrade: ((id: string) => Readonly<Record<string, unknown>>) | null;
  /** Unix ms of the exchange: a minute that is not over is left out. */
  readonly nowMs: () => number;
}

/** Binance alone counts its public trades without a hole, and continues after a count. */
const AFTER_TRADE: Readonly<Record<string, Pages["afterTrade"]>> = {
  binance: (id) => (/^\d{1,15}$/.test(id) ? { fromId: String(BigInt(id) + 1n) } : {}),
};

/** Reads the list of markets. Errors: {@link CcxtPortError} UNREACHABLE, UNSUPPORTED; {@link HistoryError}. */
export async function openHistory(options: HistoryOptions): Promise<History> {
  const { exchange, market, symbol, kind, endpoints, clock, log } = options;
  const { table } = tableOf(exchange, market);
  const environment = endpoints === null ? "live" : "emulator";
  const port = { exchange, market, symbols: [symbol], credentials: null, environment, endpoints, clock, log } as const;
  const machine = await Machine.build(table, port);
  try {
    const { instance, calls } = machine;
    await loadMarkets({ table, calls });
    if (instance.market(symbol) === null) throw new HistoryError(`${exchange} ${market} has no ${symbol}`);
    const page = historyPages({
      kind,
      symbol,
      call: (call) => calls.read(call, 4),
      afterTrade: AFTER_TRADE[exchange] ?? null,
      nowMs: () => instance.nowMs(),
    });
    return { page, close: () => machine.close() };
  } catch (error) {
    await machine.close();
    throw error;
  }
}

/** The exchange refused or did not answer; `text` is for people and holds no secret. */
export class HistoryError extends Error {
  override readonly name = "HistoryError";
  readonly code = "HISTORY";
}

const MINUTE_MS = 60_000;
const PAGE: Readonly<Record<DownloadKind, number>> = { candles: 1000, trades: 1000, funding: 100 };
/** Time a page of each kind may be about. */
const WINDOW_MS: Readonly<Record<DownloadKind, number>> = {
  candles: PAGE.candles * MINUTE_MS,
  trades: 24 * 3_600_000,
  funding: PAGE.funding * 8 * 3_600_000,
};
const TRIES_MAX = 5;

/** Errors of the source: {@link HistoryError} after five failures of one page. */
function historyPages(options: Pages): PageSource {
  const rowsAt = async (place: PagePlace): Promise<readonly DownloadRow[]> => {
    const value = await answered(options, callFor(options, place));
    if (options.kind === "candles") return candles(value, options.nowMs());
    return options.kind === "trades" ? trades(value) : funding(value, options.symbol);
  };
  return async (place) => {
    let rows = await rowsAt(place);
    const stepMs = WINDOW_MS[options.kind];
    // some exchanges answer a window of time, in which there may be nothing; each step is one window nearer to now
    for (let sinceMs = place.sinceMs + stepMs; rows.length === 0 && sinceMs < options.nowMs(); sinceMs += stepMs) {
      rows = await rowsAt({ sinceMs, after: place.after });
    }
    return rows;
  };
}

function callFor({ kind, symbol, afterTrade }: Pages, { sinceMs, after }: PagePlace): CcxtCall {
  const limit = PAGE[kind];
  switch (kind) {
    case "candles":
      return { method: "fetchOHLCV", args: [symbol, "1m", sinceMs, limit] };
    case "trades":
      return after !== null && afterTrade !== null
        ? { method: "fetchTrades", args: [symbol, undefined, limit, afterTrade(after.id)] }
        : { method: "fetchTrades", args: [symbol, sinceMs, limit] };
    case "funding":
      return { method: "fetchFundingRateHistory", args: [symbol, sinceMs, limit] };
  }
}

async function answered({ call, symbol }: Pages, wanted: CcxtCall): Promise<unknown> {
  let why = "";
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    const reply = await call(wanted);
    if (reply.ok) return reply.value;
    why = reply.text;
    // the exchange's own word will not change by asking again
    if (reply.word !== null && reply.status !== null && reply.status < 500 && reply.status !== 429) break;
  }
  throw new HistoryError(`${symbol}: ${wanted.method} failed: ${why}; what was fetched is kept, run it again`);
}

function candles(value: unknown, nowMs: number): readonly DownloadRow[] {
  return listOf(value).flatMap((each): readonly DownloadRow[] => {
    const [time, ...rest] = listOf(each);
    const atMs = wholeOf(time);
    const texts = rest.slice(0, 5).map(decimalOf);
    if (atMs === null || texts.length < 5 || texts.includes(null) || atMs + MINUTE_MS > nowMs) return [];
    return [{ atMs, id: String(atMs), line: [atMs, ...texts].join(",") }];
  });
}

function trades(value: unknown): readonly DownloadRow[] {
  return recordsOf(value).flatMap((trade): readonly DownloadRow[] => {
    const atMs = wholeOf(trade["timestamp"]);
    const [id, price, amount] = [textOf(trade["id"]), decimalOf(trade["price"]), decimalOf(trade["amount"])];
    const taker = trade["side"];
    if (atMs === null || id === null || price === null || amount === null) return [];
    if (taker !== "buy" && taker !== "sell") return [];
    return [{ atMs, id, line: [id, price, amount, atMs, taker === "sell"].join(",") }];
  });
}

function funding(value: unknown, symbol: string): readonly DownloadRow[] {
  const [pair = symbol] = symbol.split(":");
  const name = pair.replace("/", "-");
  return recordsOf(value).flatMap((each): readonly DownloadRow[] => {
    const atMs = wholeOf(each["timestamp"]) ?? wholeOf(recordOf(each["info"])["fundingTime"]);
    const rate = decimalOf(each["fundingRate"]);
    if (atMs === null || rate === null) return [];
    return [{ atMs, id: String(atMs), line: [name, dateText(atMs), rate].join(",") }];
  });
}
