// The account's fills of one instrument, page by page until nothing new comes, whichever way the exchange turns its
// pages (EXCH-51, case 41): oldest first by ids and times, or newest first by cursors inside a span of time.

import { fail, ok, type Result } from "../../base/result.ts";
import type { FillEvent } from "../../trading/event.ts";
import type { CallReply, Priority } from "./call.ts";
import type { Calls } from "./calls.ts";
import type { ExchangeTable, FillPaging } from "./exchanges/exchange-table.ts";
import { type Raw, recordOf, recordsOf, textOf, wholeOf } from "./raw.ts";

export interface FillPagesAbout {
  readonly table: Pick<ExchangeTable, "fills">;
  readonly calls: Pick<Calls, "read">;
  /** The exchange's time, Unix ms. */
  readonly exchangeNowMs: () => number;
  readonly symbol: string;
  readonly priority: Priority;
}

/** Where a reading begins: at a time, or after the fill a cursor stands on. */
export interface FillsSince {
  readonly sinceMs: number;
  readonly cursor: string | null;
}

/** More pages than this are no list but a mistake. */
export const PAGES_MAX = 500;
/** Spans read one by one before the whole history is cheaper. */
const SPANS_MAX = 16;

/** Raw fills as ccxt parsed them, oldest first. Errors: an answer that is not complete is none. */
export async function fillPages(about: FillPagesAbout, since: FillsSince): Promise<Result<readonly Raw[], string>> {
  const start = cursorParts(since.cursor);
  const seen = new Map<string, Raw>();
  const { older } = about.table.fills;
  const fromMs = start === null ? since.sinceMs : start.atMs;
  const read =
    older === undefined
      ? await forwards(about, { fromMs, tradeId: start?.told === null ? start.tradeId : null }, seen)
      : await backwards(about, { fromMs, older }, seen);
  if (!read.ok) return read;
  const ordered = start !== null && older === undefined && about.table.fills.afterId(start.tradeId) !== null;
  const wanted = [...seen.values()].filter(
    (record) => isWanted(record, fromMs) && !isTold(record, start, ordered) && isFill(about, record),
  );
  return ok(wanted.sort(byTimeAndId));
}

type Told = Pick<FillEvent, "exchangeAtMs" | "tradeId" | "side">;

/**
 * `time|side:id` of the last fill read, `time:id` where both sides of a trade with oneself are told; the one before
 * where nothing was read.
 */
export function cursorOf(fills: readonly Told[], before: string | null): string {
  const last = fills.at(-1);
  if (last === undefined) return before ?? "";
  const { exchangeAtMs, tradeId, side } = last;
  const start = cursorParts(before);
  const isOther = (id: string, other: string | null): boolean => id === tradeId && other !== side;
  const both = fills.some((each) => isOther(each.tradeId, each.side)) || (start && isOther(start.tradeId, start.told));
  return both === true ? `${exchangeAtMs}:${tradeId}` : `${exchangeAtMs}|${side}:${tradeId}`;
}

/** Null: no list, or one with something in it that is no record. */
export function listed(reply: Extract<CallReply, { ok: true }>): readonly Raw[] | null {
  if (!Array.isArray(reply.value)) return null;
  const records = recordsOf(reply.value);
  return records.length === reply.value.length ? records : null;
}

type End = Result<null, string>;
const UNREADABLE = "the list of fills cannot be read";
const ENDLESS = "the list of fills has no end";

async function forwards(
  about: FillPagesAbout,
  from: { readonly fromMs: number; readonly tradeId: string | null },
  seen: Map<string, Raw>,
): Promise<End> {
  const { table, calls, exchangeNowMs, symbol, priority } = about;
  const { pageMax, spanMsMax, first, always } = table.fills;
  let { fromMs } = from;
  let after = from.tradeId === null ? null : table.fills.afterId(from.tradeId);
  const pages = new PageSizes(pageMax);
  // a history of many spans is read from its beginning, trade by trade, instead
  const spans = spanMsMax === null ? 1 : (exchangeNowMs() - fromMs) / spanMsMax;
  if (after === null && first !== null && spans > SPANS_MAX) after = first;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const bounded = untilOf(fromMs, table.fills, exchangeNowMs());
    const args =
      after === null
        ? [symbol, fromMs, pageMax, { ...always, ...bounded }]
        : [symbol, undefined, pageMax, { ...always, ...after }];
    const reply = await calls.read({ method: "fetchMyTrades", args }, priority);
    if (!reply.ok) return fail(reply.text);
    const records = listed(reply);
    if (records === null) return fail(UNREADABLE);
    const last = keep(records, seen).at(-1);
    pages.take(records.length, last !== undefined);
    if (last !== undefined) {
      // pages may be smaller than asked for: only one with nothing new is the end
      after = table.fills.afterId(textOf(last["id"]) ?? "");
      fromMs = wholeOf(last["timestamp"]) ?? fromMs;
    } else if (after === null && pages.isFull(records)) {
      // times alone continue here, and this one does not: what comes after it was never shown
      return fail(
        `more fills than a page of ${records.length} lie in one millisecond, ${fromMs}: the rest is not shown`,
      );
    } else if (after === null && bounded.until !== undefined) fromMs = bounded.until + 1;
    else return ok(null);
  }
  return fail(ENDLESS);
}

/** How many records a page holds at most: as many as were asked for, or what one held that was not the last. */
class PageSizes {
  private max: number;
  private before = 0;

  constructor(pageMax: number) {
    this.max = pageMax;
  }

  take(length: number, isNew: boolean): void {
    if (isNew && this.before > 0) this.max = Math.min(this.max, this.before);
    this.before = length;
  }

  /** Whether nothing else could stand on the page, though more of the same millisecond may be there. */
  isFull(records: readonly Raw[]): boolean {
    const atMs = wholeOf(records[0]?.["timestamp"]);
    return records.length >= this.max && records.every((each) => wholeOf(each["timestamp"]) === atMs);
  }
}

async function backwards(
  about: FillPagesAbout,
  from: { readonly fromMs: number; readonly older: NonNullable<FillPaging["older"]> },
  seen: Map<string, Raw>,
): Promise<End> {
  const { table, calls, exchangeNowMs, symbol, priority } = about;
  const { pageMax, always } = table.fills;
  let { fromMs } = from;
  let span = { pages: 0, read: 0, next: {} as Raw };
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const bounded = untilOf(fromMs, table.fills, exchangeNowMs());
    const args = [symbol, fromMs, pageMax, { ...always, ...bounded, ...span.next }];
    const reply = await calls.read({ method: "fetchMyTrades", args }, priority);
    if (!reply.ok) return fail(reply.text);
    const records = listed(reply);
    if (records === null) return fail(UNREADABLE);
    const fresh = keep(records, seen);
    const [pages, read] = [span.pages + 1, span.read + records.length];
    const next = fresh.length === 0 ? null : from.older({ records, body: reply.body, pages, read });
    if (next !== null) span = { pages, read, next };
    else if (bounded.until === undefined) return ok(null);
    else {
      fromMs = bounded.until + 1;
      span = { pages: 0, read: 0, next: {} };
    }
  }
  return fail(ENDLESS);
}

/** The end of one request's span, where it lies in the past. */
function untilOf(fromMs: number, { spanMsMax }: FillPaging, nowMs: number): { readonly until?: number } {
  const until = spanMsMax === null ? null : fromMs + spanMsMax - 1;
  return until !== null && until < nowMs ? { until } : {};
}

/** Remembers what is new of a page; gives it, oldest first. */
function keep(records: readonly Raw[], seen: Map<string, Raw>): readonly Raw[] {
  const fresh = records.toSorted(byTimeAndId).filter((record) => !seen.has(identityOf(record)));
  for (const record of fresh) seen.set(identityOf(record), record);
  return fresh;
}

/** Both sides of a trade with oneself carry one id (DUR-06). */
const identityOf = (record: Raw): string => `${textOf(record["id"]) ?? ""} ${textOf(record["side"]) ?? ""}`;

const isFill = ({ table }: FillPagesAbout, record: Raw): boolean =>
  table.fills.isFill?.(recordOf(record["info"])) ?? true;

/** ccxt sorts trades of one millisecond by their ids as text, where "99" comes after "100". */
function byTimeAndId(a: Raw, b: Raw): number {
  const between = (wholeOf(a["timestamp"]) ?? 0) - (wholeOf(b["timestamp"]) ?? 0);
  if (between !== 0) return between;
  const [one, other] = [textOf(a["id"]) ?? "", textOf(b["id"]) ?? ""];
  // of ids that are counted, the shorter is the older
  if (one.length !== other.length) return one.length - other.length;
  return one < other ? -1 : one > other ? 1 : 0;
}

/** Not of before the time asked for. */
const isWanted = (record: Raw, fromMs: number): boolean => (wholeOf(record["timestamp"]) ?? fromMs) >= fromMs;

/** Whether the cursor stands on it; where ids are counted, also what its millisecond holds before that. */
function isTold(record: Raw, start: Standing | null, ordered: boolean): boolean {
  if (start === null) return false;
  if (textOf(record["id"]) === start.tradeId) return start.told === null || record["side"] === start.told;
  return ordered && byTimeAndId(record, { id: start.tradeId, timestamp: start.atMs }) < 0;
}

/** Where a cursor stands. */
interface Standing {
  readonly atMs: number;
  readonly tradeId: string;
  /** The side of the trade that was told; null: all there is of it. */
  readonly told: string | null;
}

function cursorParts(cursor: string | null): Standing | null {
  const match = cursor === null ? null : /^(\d+)(?:\|(buy|sell))?:(.+)$/.exec(cursor);
  const atMs = wholeOf(match?.[1]);
  return match === null || atMs === null ? null : { atMs, tradeId: match[3] ?? "", told: match[2] ?? null };
}
