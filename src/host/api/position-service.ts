// PositionService (api.md section 8): positions, orders, fills and results as the books have them. Reads only; every
// number names its tie to the exchange (API-24).

import { toDecimal } from "../../rpc/decimal.ts";
import { absent, chosenExchange, optionalText, timeRange } from "../../rpc/fields.ts";
import type {
  PositionServiceGetFillsRequest,
  PositionServiceGetOrderRequest,
  PositionServiceImplementation,
} from "../../rpc/generated/opensqt/market_maker/v1/position.ts";
import type { Fill, Order } from "../../rpc/generated/opensqt/market_maker/v1/resources.ts";
import { pageTokenAfter, readPage } from "../../rpc/paging.ts";
import { invalidField, RpcRefusal } from "../../rpc/refusal.ts";
import type { Books } from "../books/books.ts";
import type { MoneyRow, Totals } from "../books/money-rows.ts";
import { sumOf } from "../books/money-rows.ts";
import type { OrderRow } from "../books/order-rows.ts";
import { type PnlMethod, splitFigures, totalsBetween, winRateBps } from "../books/pnl-figures.ts";
import { sampleFigures } from "../books/position-figures.ts";
import { moneyText } from "../books/text.ts";
import { WALL_CLOCK } from "../wall-clock.ts";
import { fillMessage, orderMessage } from "./order-messages.ts";
import { pageOf, sortable } from "./paging.ts";
import { positionHistory } from "./position-history.ts";
import { positionMessage, sampleMessage, splitMessage, tieMessage } from "./position-messages.ts";
import { oneOnInstrument, onInstrument, type Selected, selected, servedExchanges } from "./selection.ts";

type PositionReads = Omit<PositionServiceImplementation, "subscribePositions">;

const SAMPLES_MAX = 1_000;

/** Every unary call of the service. */
export function positionReads(books: Books): PositionReads {
  return {
    getPositions: async ({ symbols, exchanges }) => {
      const of = selected(books, { symbols, exchanges });
      return { positions: of.map(positionMessage), tie: tieMessage(books, of) };
    },
    getPosition: async ({ exchange, symbol, botId }) => {
      const one = oneOnInstrument(books, { exchange, symbol, botId });
      return { position: positionMessage(one), openOrders: openOrders(one), tie: tieMessage(books, [one]) };
    },
    getOpenOrders: async ({ symbols, exchanges, botIds, ...page }) => {
      const of = selected(books, { symbols, exchanges, botIds });
      const rows = of.flatMap(keyedOrders).sort((a, b) => (a.key < b.key ? -1 : 1));
      const list = `GetOpenOrders ${JSON.stringify([symbols, exchanges, botIds])}`;
      const { items, nextPageToken } = pageOf(rows, page, { list, keyOf: ({ key }) => key, falling: false });
      return { orders: items.map(({ order }) => order), nextPageToken };
    },
    getOrder: async (request) => orderWithFills(books, request),
    getOrderHistory: async (request) => {
      const { symbols, exchanges, botIds } = request;
      const { fromMs, toMs } = timeRange(request);
      const of = selected(books, { symbols, exchanges, botIds });
      const rows = of.flatMap((one) => keyedHistory(one, fromMs, toMs)).sort((a, b) => (a.key < b.key ? 1 : -1));
      const list = `GetOrderHistory ${JSON.stringify([symbols, exchanges, botIds, fromMs, toMs])}`;
      const { items, nextPageToken } = pageOf(rows, request, { list, keyOf: ({ key }) => key, falling: true });
      return { orders: items.map(({ one, row }) => historyMessage(one, row)), nextPageToken };
    },
    getFills: async (request) => fillsPage(books, request),
    getPositionHistory: async (request) => {
      const { exchange, symbol, botId } = request;
      const of = onInstrument(books, { exchange, symbol, botId });
      const { fromMs, toMs } = timeRange(request);
      const { stepMs } = request;
      if (!Number.isSafeInteger(stepMs) || stepMs < 0) throw invalidField("step_ms", `must be 0 or more, is ${stepMs}`);
      const samples = positionHistory(of, { fromMs, toMs, stepMs, countMax: SAMPLES_MAX });
      return { snapshots: samples.map(({ instrument, sample }) => sampleMessage(sampleFigures(instrument, sample))) };
    },
    getRealizedPnL: async (request) => {
      const { symbols, exchanges, botIds } = request;
      const range = timeRange(request);
      const method = methodOf(request.method);
      const of = selected(books, { symbols, exchanges, botIds });
      const found = of.map((one) => ({ one, totals: resultOf(one, range) }));
      const bySymbol = Map.groupBy(found, ({ one }) => `${one.instrument.exchange}\n${one.instrument.symbol}`);
      return {
        total: splitMessage(splitFigures(sumOf(found.map(({ totals }) => totals)), method)),
        bySymbol: [...bySymbol.values()].map((group) => symbolPnl(group, method)),
        tie: tieMessage(books, of),
      };
    },
    getUnrealizedPnL: async ({ symbols }) => {
      const of = selected(books, { symbols });
      const open = of.filter(({ book }) => book.position() !== 0);
      const total = of.reduce((sum, { book }) => sum + book.result().unrealized, 0n);
      return { total: toDecimal(moneyText(total)), positions: open.map(positionMessage), tie: tieMessage(books, of) };
    },
  };
}

/** By symbol, then highest price first. */
function keyedOrders({ bot, book, instrument, state }: Selected): { readonly key: string; readonly order: Order }[] {
  return [...state.orders.values()].map((order) => ({
    key: `${instrument.symbol} ${sortable(Number.MAX_SAFE_INTEGER - order.order.price)} ${order.clientOrderId}`,
    order: orderMessage({ bot: bot.id, instrument, order, known: book.orders.get(order.clientOrderId) }),
  }));
}

function openOrders(one: Selected): Order[] {
  return keyedOrders(one)
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ order }) => order);
}

interface KeyedRow {
  readonly key: string;
  readonly one: Selected;
  readonly row: OrderRow;
}

function keyedHistory(one: Selected, fromMs: number, toMs: number): KeyedRow[] {
  const found: KeyedRow[] = [];
  for (const row of one.book.orders.newestFirst()) {
    const { placedAtMs, clientOrderId } = row.order;
    if (placedAtMs < fromMs || (toMs !== 0 && placedAtMs >= toMs)) continue;
    found.push({ key: `${sortable(placedAtMs)} ${clientOrderId}`, one, row });
  }
  return found;
}

/** The engine's own word about an order that lives, the books' about one that ended. */
function historyMessage({ bot, instrument, state }: Selected, row: OrderRow): Order {
  const order = state.orders.get(row.order.clientOrderId) ?? row.order;
  return orderMessage({ bot: bot.id, instrument, order, known: row });
}

function orderWithFills(books: Books, request: PositionServiceGetOrderRequest): { order: Order; fills: Fill[] } {
  const orderId = optionalText("order_id", request.orderId, 100);
  const clientOrderId = optionalText("client_order_id", request.clientOrderId, 100);
  if ((orderId === "") === (clientOrderId === "")) {
    throw invalidField("order_id", "give either order_id or client_order_id");
  }
  const exchange = request.exchange === "" ? "" : chosenExchange(request.exchange, servedExchanges(books));
  for (const one of selected(books, exchange === "" ? {} : { exchanges: [exchange] })) {
    const { book, bot, instrument, state } = one;
    const row = clientOrderId === "" ? book.orders.ofExchangeId(orderId) : book.orders.get(clientOrderId);
    if (row === undefined) continue;
    const id = row.order.clientOrderId;
    const order = state.orders.get(id) ?? row.order;
    const fills = [...book.money.rows].flatMap((each) =>
      each.fill?.clientOrderId === id ? (fillMessage(bot.id, instrument, each) ?? []) : [],
    );
    return { order: orderMessage({ bot: bot.id, instrument, order, known: row }), fills };
  }
  throw absent(`no order ${orderId || clientOrderId} in the journals of this process`);
}

/** Only as many rows as the page needs are looked at: a console asks often, and for the newest. */
function fillsPage(books: Books, request: PositionServiceGetFillsRequest): { fills: Fill[]; nextPageToken: string } {
  const { symbols, botIds } = request;
  const { fromMs, toMs } = timeRange(request);
  const list = `GetFills ${JSON.stringify([symbols, botIds, fromMs, toMs])}`;
  const nowMs = WALL_CLOCK.nowMs();
  const { size, after } = readPage(request, list, nowMs);
  const found: KeyedFill[] = [];
  for (const one of selected(books, { symbols, botIds }))
    found.push(...newestFills(one, { fromMs, toMs, after, size }));
  const page = found.sort((a, b) => (a.key < b.key ? 1 : -1)).slice(0, size);
  const last = page.at(-1);
  const more = found.length > size && last !== undefined;
  return {
    fills: page.flatMap(({ one, row }) => fillMessage(one.bot.id, one.instrument, row) ?? []),
    nextPageToken: more ? pageTokenAfter(last.key, list, nowMs) : "",
  };
}

interface KeyedFill {
  readonly key: string;
  readonly one: Selected;
  readonly row: MoneyRow;
}

/** At most one more than the page holds, newest first. */
function newestFills(
  one: Selected,
  page: { readonly fromMs: number; readonly toMs: number; readonly after: string | null; readonly size: number },
): KeyedFill[] {
  const { rows } = one.book.money;
  const { after, fromMs, toMs, size } = page;
  const found: KeyedFill[] = [];
  const end = after === null ? (toMs === 0 ? rows.length : rows.firstFrom(toMs)) : rows.firstFrom(timeOf(after) + 1);
  for (let i = end - 1; i >= 0 && found.length <= size; i -= 1) {
    const row = rows.at(i);
    if (row === undefined || row.atMs < fromMs) break;
    if (row.fill === null) continue;
    const key = `${sortable(row.atMs)} ${sortable(row.seq)} ${one.bot.id} ${row.fill.tradeId}`;
    if (after === null || key < after) found.push({ key, one, row });
  }
  return found;
}

const timeOf = (key: string): number => Number.parseInt(key.slice(0, key.indexOf(" ")), 10);

function methodOf(text: string): PnlMethod {
  if (text === "" || text === "average") return "average";
  if (text === "fifo") return "fifo";
  throw invalidField("method", `must be average or fifo, is "${text.slice(0, 40)}"`);
}

/** Memory holds the newest 20,000 entries of a bot; a range that begins before them is refused, not guessed. */
function resultOf({ bot, book }: Selected, { fromMs, toMs }: { fromMs: number; toMs: number }): Totals {
  const totals = totalsBetween(book, fromMs, toMs);
  if (totals !== null) return totals;
  const since = book.money.rows.at(0)?.atMs ?? 0;
  throw new RpcRefusal({
    status: "OUT_OF_RANGE",
    reason: "HISTORY",
    message: `entries of ${bot.id} before ${since} are in its journal alone: begin later, or at 0, or export it`,
    outcome: "not_sent",
  });
}

function symbolPnl(
  group: readonly { readonly one: Selected; readonly totals: Totals }[],
  method: PnlMethod,
): Record<string, unknown> {
  const totals = sumOf(group.map((each) => each.totals));
  const instrument = group[0]?.one.instrument;
  return {
    exchange: instrument?.exchange ?? "",
    symbol: instrument?.symbol ?? "",
    pnl: splitMessage(splitFigures(totals, method)),
    cycles: totals.cycles,
    winning: totals.winning,
    losing: totals.losing,
    winRateBps: winRateBps(totals),
  };
}
