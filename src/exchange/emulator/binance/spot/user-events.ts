// What Binance spot tells an account on its own streams: `executionReport` for every change of an order,
// `outboundAccountPosition` for the balances it moved, `balanceUpdate` for money that came from outside. Shapes:
// developers.binance.com, "User Data Stream" of the spot API.

import type { Instrument } from "../../../../market/instrument.ts";
import type { SimOrder } from "../../../../sim/order.ts";
import type { FillEvent } from "../../../../trading/event.ts";
import type { AssetView } from "./account-view.ts";
import { eightDigits, moneyText, priceText, quantityText, quoteOf, ZERO_TEXT } from "./amounts.ts";
import { orderNumber } from "./order-records.ts";
import { orderType, type Shown, STP, sideWord, timeInForceOf } from "./order-view.ts";

export type Execution = "NEW" | "CANCELED" | "REPLACED" | "TRADE" | "EXPIRED" | "TRADE_PREVENTION";

export interface Report {
  readonly shown: Shown;
  readonly execution: Execution;
  readonly status: string;
  /** Executed so far: after the fill this report is about. */
  readonly executed: number;
  readonly quote: bigint;
  readonly fill: Omit<FillEvent, "atMs"> | null;
  /** The id it is told under, and the one it had before a cancel or an amendment; empty where it had none. */
  readonly clientOrderId: string;
  readonly origClientOrderId: string;
  /** When it happened and when it is told, with the account's skew. */
  readonly tradeMs: number;
  readonly eventMs: number;
  /** Counts the reports of the market. */
  readonly executionId: number;
}

export function executionReport(report: Report): Record<string, unknown> {
  const { shown, fill, execution } = report;
  const { order, instrument, wireName, records } = shown;
  const type = orderType(shown);
  const { quoteOrderQty } = records.noteOf(order.exchangeOrderId);
  const placedMs = Math.floor(order.acceptedUs / 1000) + shown.skewMs;
  return {
    e: "executionReport",
    E: report.eventMs,
    s: wireName,
    c: report.clientOrderId,
    S: sideWord(order),
    o: type,
    f: timeInForceOf(shown),
    q: quantityText(instrument, order.quantity),
    p: type === "MARKET" ? ZERO_TEXT : priceText(instrument, order.price),
    P: ZERO_TEXT,
    F: ZERO_TEXT,
    g: -1,
    C: report.origClientOrderId,
    x: execution,
    X: report.status,
    r: "NONE",
    i: orderNumber(order),
    ...executed(instrument, fill),
    z: quantityText(instrument, report.executed),
    T: report.tradeMs,
    I: report.executionId,
    w: onBook(order, report.status),
    m: fill?.liquidity === "maker",
    M: fill !== null,
    O: placedMs,
    Z: moneyText(report.quote),
    Q: quoteOrderQty === null ? ZERO_TEXT : eightDigits(quoteOrderQty),
    W: placedMs,
    V: STP,
  };
}

function executed(instrument: Instrument, fill: Report["fill"]): Record<string, unknown> {
  if (fill === null) return { l: ZERO_TEXT, L: ZERO_TEXT, n: "0", N: null, t: -1, Y: ZERO_TEXT };
  return {
    l: quantityText(instrument, fill.quantity),
    L: priceText(instrument, fill.price),
    n: moneyText(fill.fee),
    N: fill.feeAsset,
    t: Number.parseInt(fill.tradeId, 10),
    Y: moneyText(quoteOf(instrument, fill.price, fill.quantity)),
  };
}

const onBook = (order: SimOrder, status: string): boolean =>
  order.timeInForce === "GTC" && (status === "NEW" || status === "PARTIALLY_FILLED");

export function accountPosition(assets: readonly AssetView[], at: { eventMs: number; updateMs: number }): unknown {
  return {
    e: "outboundAccountPosition",
    E: at.eventMs,
    u: at.updateMs,
    B: assets.map(({ asset, free, locked }) => ({ a: asset, f: moneyText(free), l: moneyText(locked) })),
  };
}

export function balanceUpdate(asset: string, delta: bigint, atMs: number): unknown {
  return { e: "balanceUpdate", E: atMs, a: asset, d: moneyText(delta), T: atMs };
}
