// Orders, fills, candles and books from ccxt's records to our events (REST and sockets alike). What cannot be read
// exactly is an error with its reason, never a rounded guess; a fill between two ticks is exact in its money.

import { fail, ok, type Result } from "../../base/result.ts";
import { type Lots, lots, type Money, money, type Side, type Ticks, ticks, ZERO_MONEY } from "../../market/amounts.ts";
import { notionalMoney } from "../../market/instrument.ts";
import { foreignOrderId } from "../../trading/client-order-id.ts";
import type { BookEvent, CandleEvent, CandleInterval, FillEvent, Level, OrderEvent } from "../../trading/event.ts";
import type { OrderStatus } from "../../trading/order.ts";
import type { Unstamped } from "../port.ts";
import { moneyOf } from "./amount.ts";
import type { ExchangeTable } from "./exchanges/exchange-table.ts";
import type { CcxtInstrument } from "./instruments.ts";
import { decimalOf, listOf, type Raw, recordOf, textOf, wholeOf } from "./raw.ts";

/** ccxt's words. A word that is none of them means open until looked up (EXCH-37). */
const STATUSES: Readonly<Record<string, OrderStatus>> = {
  open: "open",
  closed: "filled",
  canceled: "canceled",
  canceling: "open",
  expired: "expired",
  rejected: "canceled",
};

const sideOf = (value: unknown): Side | null => (value === "buy" || value === "sell" ? value : null);

/** Where an exchange tells the side of a fill it is a word; without one ccxt infers a side from who was the maker. */
const sideIsInferred = (info: Raw): boolean =>
  ["S", "side"].some((name) => Object.hasOwn(info, name) && textOf(info[name]) === null);

/** An order as ccxt parsed it. Errors: what is missing or off the grid. */
export function decodeOrder(
  record: Raw,
  of: CcxtInstrument,
  about: { readonly table: ExchangeTable; readonly source: OrderEvent["source"] },
): Result<Unstamped<OrderEvent>, string> {
  const exchangeOrderId = textOf(record["id"]);
  const side = sideOf(record["side"]);
  const amount = decimalOf(record["amount"]);
  if (exchangeOrderId === null || side === null || amount === null) return fail("an order without id, side or amount");
  const price = of.steps.ticks(decimalOf(record["price"]) ?? "0", "nearest");
  const quantity = of.steps.lots(amount, "up");
  const info = recordOf(record["info"]);
  const filledText = decimalOf(about.table.filled?.(info) ?? record["filled"]);
  const filled = of.steps.lots(filledText ?? "0", "down");
  if (!price.ok) return price;
  if (!quantity.ok) return quantity;
  if (!filled.ok) return filled;
  const word = about.table.orderStatus?.(info) ?? STATUSES[textOf(record["status"]) ?? ""] ?? "open";
  // an order that ended before all of it was filled is not "filled", whatever the word
  const status = word === "filled" && filled.value < quantity.value ? "canceled" : word;
  if (status !== "open" && filledText === null) return fail("an order that ended, without what of it was filled");
  return ok({
    kind: "order",
    symbol: of.instrument.symbol,
    clientOrderId: foreignOrderId(clientOrderIdOf(record, about.table) ?? ""),
    exchangeOrderId,
    side,
    price: price.value,
    quantity: quantity.value,
    status,
    cumulative: filled.value,
    reason: status === "open" || status === "filled" ? null : about.table.endReason(info),
    source: about.source,
  });
}

/** Our id of a record, without what the exchange puts before it; null: it has none, or does not say. */
export function clientOrderIdOf(record: Raw, table: Pick<ExchangeTable, "clientId">): string | null {
  const own = table.clientId?.(recordOf(record["info"])) ?? null;
  return own === null ? textOf(record["clientOrderId"]) : textOf(own);
}

/** A fill as ccxt parsed it; the fee comes from the raw record (EXCH-36). Errors: what is missing or off the grid. */
export function decodeFill(
  record: Raw,
  of: CcxtInstrument,
  about: { readonly table: ExchangeTable; readonly clientOrderId: string | null },
): Result<Unstamped<FillEvent>, string> {
  const info = recordOf(record["info"]);
  const tradeId = textOf(record["id"]);
  const side = sideIsInferred(info) ? null : sideOf(record["side"]);
  const exchangeAtMs = wholeOf(record["timestamp"]);
  const exchangeOrderId = textOf(record["order"]);
  if (tradeId === null || side === null || exchangeAtMs === null) return fail("a fill without id, side or time");
  const executedAt = decimalOf(record["price"]) ?? "";
  const quantity = of.steps.lots(decimalOf(record["amount"]) ?? "");
  if (!quantity.ok) return quantity;
  const at = fillPrice(executedAt, of, { side, quantity: quantity.value });
  if (!at.ok) return at;
  const fee = about.table.fee(info, record);
  const paid = fee === null ? ZERO_MONEY : moneyOf(fee.amount);
  if (paid === null) return fail(`a fee "${fee?.amount}" that is no number`);
  const { price, over } = at.value;
  const feeAsset = fee?.asset ?? of.instrument.quote;
  // a fee in coins has no place for it: there the price alone is rounded, against us
  const given = feeAsset === of.instrument.quote || paid === ZERO_MONEY ? over : ZERO_MONEY;
  const maker = textOf(record["takerOrMaker"]) === "maker";
  return ok({
    kind: "fill",
    symbol: of.instrument.symbol,
    tradeId,
    clientOrderId: about.clientOrderId === null ? null : foreignOrderId(about.clientOrderId),
    exchangeOrderId: exchangeOrderId ?? "",
    side,
    price,
    quantity: quantity.value,
    feeAsset: given === ZERO_MONEY ? feeAsset : of.instrument.quote,
    fee: money(paid - given),
    liquidity: maker ? "maker" : "taker",
    origin: about.table.origin(info, about.clientOrderId),
    exchangeAtMs,
  });
}

/**
 * The tick of a fill, and what it takes too much from us, quote. Liquidations and deleveraging execute at the price of
 * bankruptcy, between two ticks: the one that is worse for us counts, and the fee gives back the difference, so that
 * what the ledger books is what was paid to the last unit.
 */
function fillPrice(
  text: string,
  of: CcxtInstrument,
  { side, quantity }: { readonly side: Side; readonly quantity: Lots },
): Result<{ readonly price: Ticks; readonly over: Money }, string> {
  const { steps, instrument } = of;
  const exact = steps.ticks(text);
  if (exact.ok) return ok({ price: exact.value, over: ZERO_MONEY });
  const read = steps.ticks(text, side === "buy" ? "up" : "down");
  if (!read.ok) return read;
  const paid = steps.value(text, quantity);
  if (!paid.ok) return paid;
  const price = ticks(Math.max(1, read.value));
  const booked = notionalMoney(instrument, price, quantity);
  return ok({ price, over: money(side === "buy" ? booked - paid.value : paid.value - booked) });
}

/** `[time, open, high, low, close, volume]`; an interval is over when the exchange's clock says so. */
export function decodeCandle(
  row: unknown,
  of: CcxtInstrument,
  about: { readonly interval: CandleInterval; readonly lengthMs: number; readonly nowMs: number },
): Result<Unstamped<CandleEvent>, string> {
  const [time, open, high, low, close, volume] = listOf(row);
  const openAtMs = wholeOf(time);
  if (openAtMs === null) return fail("a candle without time");
  const prices = [open, high, low, close].map((each) => of.steps.ticks(decimalOf(each) ?? "", "nearest"));
  // public volume may be finer than our lots
  const traded = of.steps.lots(decimalOf(volume) ?? "0", "down");
  const [first, highest, lowest, last] = prices.flatMap((each) => (each.ok ? [each.value] : []));
  if (first === undefined || highest === undefined || lowest === undefined || last === undefined || !traded.ok) {
    return fail("a candle that cannot be read");
  }
  return ok({
    kind: "candle",
    symbol: of.instrument.symbol,
    interval: about.interval,
    openAtMs,
    open: first,
    high: highest,
    low: lowest,
    close: last,
    volume: traded.value,
    closed: about.nowMs >= openAtMs + about.lengthMs,
  });
}

/** A book as ccxt keeps it, best first, at most `depth` levels a side. Errors: a level off the grid, a crossed book. */
export function decodeBook(record: Raw, of: CcxtInstrument, depth: number): Result<Unstamped<BookEvent>, string> {
  const bids = levelsOf(record["bids"], of, depth);
  const asks = levelsOf(record["asks"], of, depth);
  if (!bids.ok) return bids;
  if (!asks.ok) return asks;
  const [bid, ask] = [bids.value[0], asks.value[0]];
  if (bid !== undefined && ask !== undefined && bid[0] >= ask[0]) return fail("a crossed book");
  return ok({
    kind: "book",
    symbol: of.instrument.symbol,
    bids: bids.value,
    asks: asks.value,
    exchangeAtMs: wholeOf(record["timestamp"]) ?? 0,
    replaced: 0,
  });
}

function levelsOf(side: unknown, of: CcxtInstrument, depth: number): Result<Level[], string> {
  const levels: Level[] = [];
  for (const row of listOf(side)) {
    if (levels.length >= depth) break;
    const [price, amount] = listOf(row);
    const at = of.steps.ticks(decimalOf(price) ?? "");
    // what others rest with may be finer than our lots
    const size = of.steps.lots(decimalOf(amount) ?? "", "down");
    if (!at.ok) return at;
    if (!size.ok) return size;
    if (size.value > 0) levels.push([ticks(at.value), lots(size.value)]);
  }
  return ok(levels);
}

export const INTERVAL_MS: Readonly<Record<CandleInterval, number>> = {
  "1m": 60_000,
  "3m": 180_000,
  "5m": 300_000,
  "15m": 900_000,
  "1h": 3_600_000,
};
