// fills.csv, orders.csv and equity.csv of a report, written as the run goes. Prices, quantities and money are exact
// decimals; equity is rounded down to 8 decimals. Times are µs since the epoch, UTC.

import { formatDecimal } from "../base/decimal.ts";
import { bigFloorDiv } from "../base/integer.ts";
import { MONEY_SCALE } from "../market/amounts.ts";
import type { Instrument } from "../market/instrument.ts";
import { csvField, fixedText, stepWriter } from "./fixed-text.ts";
import type { TrackedOrder } from "./order-book-keeping.ts";
import type { RecordedFill } from "./recorder.ts";
import type { ReportFolder, ReportStream } from "./report-folder.ts";

const EQUITY_SCALE = 8;
const FILLS_HEADER =
  "time_us,utc,trade_id,client_order_id,slot,side,price,quantity,liquidity,fee,fee_asset,origin,mark,position_after";
const ORDERS_HEADER =
  "placed_us,utc,client_order_id,slot,side,price,quantity,time_in_force,post_only,reduce_only,accepted_us,ended_us,status,filled,reason";

export class RunFiles {
  private readonly price: (units: number) => string;
  private readonly quantity: (units: number) => string;
  private readonly mark: (units: number) => string;
  private readonly fills: ReportStream;
  private readonly orders: ReportStream;
  private readonly equity: ReportStream;
  private readonly equityDivisor: bigint;

  /** `scale`: digits after the point of the equity integers handed to {@link sample}. */
  constructor(folder: ReportFolder, instrument: Instrument, scale: number) {
    this.price = stepWriter(instrument.tickSize, false);
    this.mark = stepWriter(instrument.tickSize, true);
    this.quantity = stepWriter(instrument.lotSize, false);
    this.equityDivisor = 10n ** BigInt(scale - EQUITY_SCALE);
    this.fills = folder.stream("fills.csv");
    this.fills.line(FILLS_HEADER);
    this.orders = folder.stream("orders.csv");
    this.orders.line(ORDERS_HEADER);
    this.equity = folder.stream("equity.csv");
    this.equity.line("time_us,mark,position,equity");
  }

  fill(fill: RecordedFill, context: { atUs: number; slot: string; mark: number; position: number }): void {
    const columns = [
      String(context.atUs),
      isoText(context.atUs),
      csvField(fill.tradeId),
      csvField(fill.clientOrderId ?? ""),
      csvField(context.slot),
      fill.side,
      this.price(fill.price),
      this.quantity(fill.quantity),
      fill.liquidity,
      formatDecimal(fill.fee, MONEY_SCALE),
      csvField(fill.feeAsset),
      fill.origin,
      this.mark(context.mark),
      this.quantity(context.position),
    ];
    this.fills.line(columns.join(","));
  }

  order(tracked: TrackedOrder): void {
    const { order, end } = tracked;
    const columns = [
      String(tracked.placedUs),
      isoText(tracked.placedUs),
      csvField(tracked.clientOrderId),
      csvField(order.slotKey),
      order.side,
      this.price(order.price),
      this.quantity(order.quantity),
      order.timeInForce,
      String(order.postOnly),
      String(order.reduceOnly),
      tracked.acceptedUs === null ? "" : String(tracked.acceptedUs),
      end === null ? "" : String(end.atUs),
      end === null ? "open" : end.status,
      this.quantity(tracked.filled),
      csvField(end === null ? "" : end.reason),
    ];
    this.orders.line(columns.join(","));
  }

  sample(atUs: number, mark: number, state: { position: number; equity: bigint }): void {
    const equity = this.equityText(state.equity);
    this.equity.line(`${atUs},${this.mark(mark)},${this.quantity(state.position)},${equity}`);
  }

  close(): void {
    this.fills.close();
    this.orders.close();
    this.equity.close();
  }

  abandon(): void {
    this.fills.abandon();
    this.orders.abandon();
    this.equity.abandon();
  }

  private equityText(equity: bigint): string {
    // one division for the usual case: this runs once a sample
    const units = equity >= 0n ? equity / this.equityDivisor : bigFloorDiv(equity, this.equityDivisor);
    const plain = Number(units);
    return Number.isSafeInteger(plain) ? fixedText(plain, EQUITY_SCALE) : formatDecimal(units, EQUITY_SCALE);
  }
}

/** ISO time with microseconds. */
function isoText(us: number): string {
  const ms = Math.floor(us / 1000);
  return `${new Date(ms).toISOString().slice(0, 23)}${String(us - ms * 1000).padStart(3, "0")}Z`;
}
