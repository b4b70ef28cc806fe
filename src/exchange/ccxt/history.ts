// An exchange's history page by page, as the lines of a downloaded file (BT-07): candles of one minute, public trades,
// settled funding rates. Reads only, at the lowest priority, so that whoever trades is never kept waiting.

import type { PagePlace, PageSource } from "../../data/download/download.ts";
import { type DownloadKind, type DownloadRow, dateText } from "../../data/download/row.ts";
import type { CallReply } from "./call.ts";
import type { CcxtCall } from "./exchanges/exchange-table.ts";
import { decimalOf, listOf, recordOf, recordsOf, textOf, wholeOf } from "./raw.ts";

export interface HistoryOptions {
  readonly kind: DownloadKind;
  readonly symbol: string;
  /** Calls ccxt, as {@link CcxtInstance.call}; never rejects. */
  readonly call: (call: CcxtCall) => Promise<CallReply>;
  /** Parameters that continue trades after an id, where the exchange has them; else times continue. */
  readonly afterTrade: ((id: string) => Readonly<Record<string, unknown>>) | null;
  /** Unix ms of the exchange: a minute that is not over is left out. */
  readonly nowMs: () => number;
}

/** The exchange refused or did not answer; `text` is for people and holds no secret. */
export class HistoryError extends Error {
  override readonly name = "HistoryError";
  readonly code = "HISTORY";
}

const MINUTE_MS = 60_000;
const PAGE: Readonly<Record<DownloadKind, number>> = { candles: 1000, trades: 1000, funding: 100 };
const TRIES_MAX = 5;

/** Errors of the source: {@link HistoryError} after five failures of one page. */
export function historyPages(options: HistoryOptions): PageSource {
  return async (place) => {
    const { kind } = options;
    const value = await answered(options, callFor(options, place));
    if (kind === "candles") return candles(value, options.nowMs());
    if (kind === "trades") return trades(value);
    return funding(value, options.symbol);
  };
}

function callFor({ kind, symbol, afterTrade }: HistoryOptions, { sinceMs, after }: PagePlace): CcxtCall {
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

async function answered({ call, symbol }: HistoryOptions, wanted: CcxtCall): Promise<unknown> {
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
