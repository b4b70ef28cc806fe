// (picture, messages) → picture. Pure: what a message does to what the page knows, for a batch of one frame at once.
// Unknown types are ignored (LIVE-14); a list's `all` replaces, single items follow, `gone` removes.

import type {
  Alert,
  Bot,
  ClassicKline,
  ConsoleMessage,
  ConsoleOrder,
  Fill,
  Listed,
  LogLine,
  Pnl,
} from "../../../src/live/messages.ts";
import { candleKey, instrumentKey, type NumberedLine, orderKey, type Picture, topicKey } from "./picture.ts";

const CANDLES_MAX = 6000;
const FILLS_MAX = 10_000;
const ALERTS_MAX = 500;
const LOG_MAX = 2000;
const CURVE_MAX = 10_000;

type Draft = { -readonly [K in keyof Picture]: Picture[K] } & { receipts: Map<string, number> };

/** What a batch brought that someone may want to hear (UI-12): fills and alerts that are news, not history. */
export interface News {
  readonly fills: Fill[];
  readonly alerts: Alert[];
}

const withEntry = <T>(map: ReadonlyMap<string, T>, key: string, value: T): ReadonlyMap<string, T> =>
  new Map(map).set(key, value);

function isAll<T>(data: Listed<T>): data is { readonly all: readonly T[] } {
  return typeof data === "object" && data !== null && "all" in data;
}

const isGone = (data: object): boolean => "gone" in data && data.gone === true;

function botsOf(map: ReadonlyMap<string, Bot>, data: Listed<Bot>): ReadonlyMap<string, Bot> {
  if (isAll(data)) return new Map(data.all.map((bot) => [bot.id, bot]));
  const next = new Map(map);
  if (isGone(data)) next.delete(data.id);
  else next.set(data.id, data as Bot);
  return next;
}

function ordersOf(map: ReadonlyMap<string, ConsoleOrder>, data: Listed<ConsoleOrder>): Draft["orders"] {
  if (isAll(data)) return new Map(data.all.filter(open).map((order) => [orderKey(order), order]));
  const next = new Map(map);
  const { id, exchange, clientOrder } = data;
  // one that is gone may be named by its id alone
  const named = exchange !== undefined && clientOrder !== undefined;
  const key = named ? orderKey({ id, exchange, clientOrder }) : [...map].find(([, order]) => order.id === id)?.[0];
  if (key === undefined) return next;
  if (isGone(data) || !open(data as ConsoleOrder)) next.delete(key);
  else next.set(key, data as ConsoleOrder);
  return next;
}

/** Newest first, one of each id. */
function newestFirst<T extends { readonly id: string; readonly at: number }>(
  list: readonly T[],
  data: Listed<T>,
  max: number,
): readonly T[] {
  if (isAll(data)) {
    // told oldest first; of one moment the later one stands above, as if they had been told one by one
    const told = new Map(data.all.toReversed().map((item) => [item.id, item]));
    const rest = list.filter(({ id }) => !told.has(id));
    return [...told.values(), ...rest].sort((a, b) => b.at - a.at).slice(0, max);
  }
  const rest = list.filter((item) => item.id !== data.id);
  if (isGone(data)) return rest;
  const item = data as T;
  const place = rest.findIndex((other) => other.at <= item.at);
  return (place === -1 ? [...rest, item] : [...rest.slice(0, place), item, ...rest.slice(place)]).slice(0, max);
}

function merged(list: readonly ClassicKline[], more: readonly ClassicKline[]): readonly ClassicKline[] {
  const byTime = new Map([...list, ...more].map((candle) => [candle.time, candle]));
  return [...byTime.values()].sort((a, b) => a.time - b.time).slice(-CANDLES_MAX);
}

/**
 * A history told by the server replaces what is known of its time and after it. What ends long before it begins is left
 * out: drawn side by side, eight hours asleep would look like one minute; scrolling back loads what lies between.
 */
function retold(known: readonly ClassicKline[], history: readonly ClassicKline[]): readonly ClassicKline[] {
  const first = history[0];
  if (first === undefined) return known;
  const before = known.filter(({ time }) => time < first.time);
  const widest = Math.max(0, ...history.slice(1).map(({ time }, index) => time - (history[index]?.time ?? time)));
  const gap = first.time - (before.at(-1)?.time ?? first.time);
  return (widest === 0 || gap <= widest ? [...before, ...history] : history).slice(-CANDLES_MAX);
}

function applyHistory(draft: Draft, key: string, history: readonly ClassicKline[]): void {
  const known = draft.candles.get(key) ?? [];
  const next = retold(known, history);
  draft.candles = withEntry(draft.candles, key, next);
  if (next[0]?.time === known[0]?.time || !draft.candlesEnd.has(key)) return;
  draft.candlesEnd = new Set([...draft.candlesEnd].filter((each) => each !== key));
}

function oneCandle(list: readonly ClassicKline[], candle: ClassicKline): readonly ClassicKline[] {
  const last = list.at(-1);
  if (last === undefined || candle.time > last.time) return [...list, candle].slice(-CANDLES_MAX);
  if (candle.time === last.time) return [...list.slice(0, -1), candle];
  return merged(list, [candle]);
}

const open = (order: ConsoleOrder): boolean =>
  order.unknown || order.status === "NEW" || order.status === "PARTIALLY_FILLED";

function applyFills(draft: Draft, data: Listed<Fill>, news: News): void {
  if (isAll(data)) {
    const known = new Set(draft.fills.map((fill) => fill.id));
    const missed = known.size === 0 ? [] : data.all.filter((fill) => !known.has(fill.id));
    if (missed.length > 0) draft.away = new Set([...draft.away, ...missed.map((fill) => fill.id)]);
  } else if (!isGone(data) && draft.ready && !draft.fills.some((fill) => fill.id === data.id)) {
    news.fills.push(data as Fill);
  }
  draft.fills = newestFirst(draft.fills, data, FILLS_MAX);
}

/** Points of the curve come whole at first, then one by one; they are told in the market's time and never made here. */
function applyPnl(draft: Draft, bot: string, data: Pnl): void {
  const { curve = [], ...figures } = data;
  draft.pnl = withEntry(draft.pnl, bot, figures);
  if (curve.length === 0) return;
  const known = draft.curves.get(bot) ?? [];
  const [first, last] = [curve[0], known.at(-1)];
  const points =
    first !== undefined && last !== undefined && first[0] <= last[0]
      ? [...new Map([...known, ...curve].map((point) => [point[0], point])).values()].sort((a, b) => a[0] - b[0])
      : [...known, ...curve];
  draft.curves = withEntry(draft.curves, bot, points.slice(-CURVE_MAX));
}

/** Since when each order is known here: its age by receipt, whatever clock the market runs on. */
function seenOrders(draft: Draft, nowMs: number): ReadonlyMap<string, number> {
  return new Map([...draft.orders.keys()].map((id) => [id, draft.seenOrders.get(id) ?? nowMs]));
}

/** Topics told one message a thing, and never as a whole list. */
const SINGLY = ["account", "position", "slots", "pnl", "risk"] as const;

/** A connection begins: what it tells of these from here on is all there is. */
function beginAnew(draft: Draft): void {
  for (const key of draft.receipts.keys())
    if (SINGLY.some((topic) => key.startsWith(`${topic}/`))) draft.receipts.delete(key);
}

/** The new picture is whole: what it does not hold is no longer so (UI-10), and must not be shown as if it were. */
function dropUntold(draft: Draft): void {
  const told = <T>(map: ReadonlyMap<string, T>, topic: (typeof SINGLY)[number]): ReadonlyMap<string, T> => {
    const kept = [...map].filter(([key]) => draft.receipts.has(`${topic}/${key}`));
    return kept.length === map.size ? map : new Map(kept);
  };
  const accounts = [...draft.accounts].filter(([, { exchange }]) =>
    draft.receipts.has(topicKey("account", { exchange })),
  );
  if (accounts.length < draft.accounts.size) draft.accounts = new Map(accounts);
  draft.positions = told(draft.positions, "position");
  draft.slots = told(draft.slots, "slots");
  draft.pnl = told(draft.pnl, "pnl");
  draft.curves = told(draft.curves, "pnl");
  draft.risks = told(draft.risks, "risk");
}

function numbered(log: readonly NumberedLine[], lines: readonly LogLine[]): readonly NumberedLine[] {
  const next = (log.at(-1)?.number ?? 0) + 1;
  return [...log, ...lines.map((line, index) => ({ ...line, number: next + index }))].slice(-LOG_MAX);
}

function applyOne(draft: Draft, message: ConsoleMessage, news: News): void {
  const { of } = message;
  switch (message.type) {
    case "hello":
      draft.hello = message.data;
      draft.firstRelease = draft.firstRelease ?? message.data.release;
      // told again later when a door, an instrument or a bot came: only the first one begins a picture
      if (message.seq > 1) return;
      draft.ready = false;
      draft.fault = "";
      beginAnew(draft);
      return;
    case "ready":
      draft.ready = true;
      dropUntold(draft);
      return;
    case "kline": {
      const key = candleKey(of);
      draft.candles = withEntry(draft.candles, key, oneCandle(draft.candles.get(key) ?? [], message.data));
      return;
    }
    case "history":
      applyHistory(draft, candleKey(of), message.data);
      return;
    case "account": {
      const { exchange = "" } = of;
      draft.accounts = withEntry(draft.accounts, `${exchange}|${message.data.asset}`, { ...message.data, exchange });
      return;
    }
    case "position":
      draft.positions = withEntry(draft.positions, instrumentKey(of), message.data);
      return;
    case "orders":
      draft.orders = ordersOf(draft.orders, message.data);
      return;
    case "bots":
      draft.bots = botsOf(draft.bots, message.data);
      return;
    case "slots":
      draft.slots = withEntry(draft.slots, of.bot ?? "", message.data);
      return;
    case "fills":
      applyFills(draft, message.data, news);
      return;
    case "pnl":
      applyPnl(draft, of.bot ?? "", message.data);
      return;
    case "risk":
      draft.risks = withEntry(draft.risks, of.bot ?? "", message.data);
      return;
    case "feeds":
      draft.feeds = withEntry(draft.feeds, of.exchange ?? of.bot ?? "", message.data);
      return;
    case "system":
      draft.system = message.data;
      return;
    case "alerts":
      if (!isAll(message.data) && !isGone(message.data) && draft.ready) news.alerts.push(message.data as Alert);
      draft.alerts = newestFirst(draft.alerts, message.data, ALERTS_MAX);
      return;
    case "log":
      draft.log = numbered(draft.log, message.data.lines);
      draft.logDropped += message.data.dropped;
      return;
    case "error":
      draft.fault = `${message.data.code}: ${message.data.message}`;
      return;
    case "trade_event":
    case "explain":
    case "candles":
    case "config":
    case "preview":
    case "state":
    case "what_if":
    case "bye":
      return;
  }
}

/** Applies one frame's messages. `nowMs` is the page's monotonic clock: the receipt the ages are told by. */
export function applyAll(picture: Picture, messages: readonly ConsoleMessage[], nowMs: number): [Picture, News] {
  const draft: Draft = { ...picture, receipts: new Map(picture.receipts) };
  const news: News = { fills: [], alerts: [] };
  for (const message of messages) {
    applyOne(draft, message, news);
    draft.receipts.set(topicKey(message.type, message.of), nowMs);
    draft.receipts.set(message.type, nowMs);
  }
  const newest = messages.at(-1);
  if (newest !== undefined) draft.serverClock = { wallMs: newest.at, heardMs: nowMs };
  if (draft.orders !== picture.orders) draft.seenOrders = seenOrders(draft, nowMs);
  return [draft, news];
}

/** Older or newer candles that were asked for join those known. */
export function withCandles(picture: Picture, key: string, more: readonly ClassicKline[], asked: number): Picture {
  const candles = withEntry(picture.candles, key, merged(picture.candles.get(key) ?? [], more));
  const end = more.length < asked ? new Set([...picture.candlesEnd, key]) : picture.candlesEnd;
  return { ...picture, candles, candlesEnd: end };
}
