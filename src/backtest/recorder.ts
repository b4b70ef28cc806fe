// Watches a run and keeps what its report needs in flat memory: the runner tells it of marks, orders, fills and funding
// in order of exchange time, and gets a RunRecord at the end. It decides nothing and changes nothing in the run.

import { formatDecimal } from "../base/decimal.ts";
import { type Lots, type MilliTicks, MONEY_SCALE, type Money } from "../market/amounts.ts";
import { notionalMoney } from "../market/instrument.ts";
import type { ClientOrderId } from "../trading/client-order-id.ts";
import type { FillEvent } from "../trading/event.ts";
import type { NewOrder } from "../trading/order.ts";
import { CURVE_ROWS_MAX, Curve } from "./curve.ts";
import { DrawdownTracker } from "./drawdown.ts";
import { stepWriter } from "./fixed-text.ts";
import { InventoryTracker } from "./inventory.ts";
import { MarkOutTracker } from "./mark-outs.ts";
import { OrderKeeper } from "./order-book-keeping.ts";
import { PnlAccount } from "./pnl-account.ts";
import type { ReportFolder } from "./report-folder.ts";
import { buildRecord } from "./run-figures.ts";
import { RunFiles } from "./run-files.ts";
import { CURVE_WIDTH, CurveColumn, type RunEnd, type RunIdentity, type RunRecord } from "./run-record.ts";
import { ShownFills } from "./shown-fills.ts";

/** What the recorder reads of a fill: any {@link FillEvent} will do. */
export type RecordedFill = Pick<
  FillEvent,
  "tradeId" | "clientOrderId" | "side" | "price" | "quantity" | "feeAsset" | "fee" | "liquidity" | "origin"
>;

export interface RecorderOptions {
  readonly identity: RunIdentity;
  /** Where the CSV files go; null keeps nothing on the disk (benches, optimiser). */
  readonly folder: ReportFolder | null;
  readonly startUs: number;
  /** Equity at the first mark, the position at the start included. */
  readonly equity: Money;
  readonly position: Lots;
  readonly curveRowsMax?: number;
}

/** Facts only the runner knows at the end. */
export interface RunEnding extends RunEnd {
  readonly atUs: number;
  /** Equity by the engine's own ledger, at the same mark; null where the host keeps none. */
  readonly ledgerEquity: Money | null;
  readonly band?: RunRecord["band"];
  readonly wall?: RunRecord["wall"];
}

const DAY_US = 86_400_000_000;

export class RunRecorder {
  readonly identity: RunIdentity;
  readonly account: PnlAccount;
  readonly startUs: number;
  readonly orders: OrderKeeper;
  readonly drawdown = new DrawdownTracker();
  readonly markOuts = new MarkOutTracker();
  readonly inventory: InventoryTracker;
  readonly curve: Curve;
  readonly counters = new Map<string, number>();
  /** Equity at the start and at each 00:00 UTC passed. */
  readonly dayEquity: number[] = [];
  readonly shownFills = new ShownFills();
  fills = 0;
  buys = 0;
  liquidations = 0;
  lotsFilled = 0;
  notional = 0n;
  makerNotional = 0n;
  equitySum = 0;
  samples = 0;
  private readonly files: RunFiles | null;
  private readonly sampleUs: number;
  private readonly priceText: (units: number) => string;
  private readonly quantityText: (units: number) => string;
  private mark = 0;
  private nowUs: number;
  private nextSampleUs: number;
  private nextDayUs: number;
  private position: number;
  private spreadCurve = 0;
  private feesCurve = 0;
  private fundingCurve = 0;

  constructor(options: RecorderOptions) {
    const { identity, startUs } = options;
    this.identity = identity;
    this.startUs = startUs;
    this.nowUs = startUs;
    this.position = options.position;
    this.account = new PnlAccount(identity.instrument, options);
    this.sampleUs = identity.level === "L0" ? 60_000_000 : 1_000_000;
    this.nextSampleUs = gridAfter(startUs, this.sampleUs);
    this.nextDayUs = gridAfter(startUs, DAY_US);
    this.inventory = new InventoryTracker(startUs, options.position, identity.positionLimitLots);
    this.curve = new Curve(CURVE_WIDTH, options.curveRowsMax ?? CURVE_ROWS_MAX);
    this.priceText = stepWriter(identity.instrument.tickSize, false);
    this.quantityText = stepWriter(identity.instrument.lotSize, false);
    const { folder } = options;
    this.files = folder === null ? null : new RunFiles(folder, identity.instrument, this.account.scale);
    this.orders = new OrderKeeper((order) => this.files?.order(order));
  }

  /** A new mark, and the mid where the mark is not the mid. The hot call: nothing is allocated between samples. */
  onMark(atUs: number, mark: MilliTicks, mid: MilliTicks = mark): void {
    this.advance(atUs);
    this.markOuts.setMid(this.nowUs, mid);
    const first = this.mark === 0;
    this.mark = mark;
    this.account.setMark(mark);
    if (first) this.begin();
  }

  onOrderPlaced(atUs: number, clientOrderId: ClientOrderId, order: NewOrder): void {
    this.advance(atUs);
    this.orders.place(clientOrderId, order, this.nowUs);
  }

  onOrderAccepted(atUs: number, clientOrderId: ClientOrderId): void {
    this.advance(atUs);
    this.orders.accept(clientOrderId, this.nowUs);
  }

  /**
   * `status`: filled, canceled, expired, rejected, or what else ended it; `cumulative`: lots executed by the exchange's
   * word.
   */
  onOrderEnded(
    atUs: number,
    clientOrderId: ClientOrderId,
    end: { readonly status: string; readonly reason: string; readonly cumulative: number },
  ): void {
    this.advance(atUs);
    if (end.status === "rejected") this.count(`rejected: ${end.reason.toLowerCase().replaceAll("_", " ")}`);
    this.orders.finish(clientOrderId, { atUs: this.nowUs, ...end });
  }

  /** A fill of ours. A fee in a third asset needs its value in quote. */
  onFill(atUs: number, fill: RecordedFill, feeInQuote: Money | null = null): void {
    this.advance(atUs);
    this.account.fill({ ...fill, feeInQuote, liquidation: fill.origin === "liquidation" });
    if (this.mark === 0) {
      this.mark = fill.price * 1000;
      this.begin();
    }
    const { instrument } = this.identity;
    if (
      fill.fee !== 0n &&
      feeInQuote === null &&
      fill.feeAsset !== instrument.quote &&
      fill.feeAsset !== instrument.base
    ) {
      this.count(`fees in ${fill.feeAsset} without a price`);
    }
    this.position = this.account.positionLots;
    this.inventory.set(this.nowUs, this.position);
    this.markOuts.fill(this.nowUs, fill.side, { price: fill.price * 1000, lots: fill.quantity });
    this.countFill(fill);
    const order = this.orders.fill(fill.clientOrderId, fill.quantity);
    const slot = order?.order.slotKey ?? "";
    this.files?.fill(fill, { atUs: this.nowUs, slot, mark: this.mark, position: this.position });
    this.shownFills.add({
      atUs: this.nowUs,
      side: fill.side,
      price: this.priceText(fill.price),
      quantity: this.quantityText(fill.quantity),
      maker: fill.liquidity === "maker",
    });
    this.refreshCosts();
    this.curveRow(this.nowUs);
  }

  /** Funding, > 0 received. */
  onFunding(atUs: number, amount: Money): void {
    this.advance(atUs);
    this.account.addFunding(amount);
    this.refreshCosts();
    this.curveRow(this.nowUs);
  }

  /** Interest, > 0 received. */
  onInterest(atUs: number, amount: Money): void {
    this.advance(atUs);
    this.account.addInterest(amount);
    this.refreshCosts();
  }

  /** Money brought in (> 0) or taken out. */
  onTransfer(atUs: number, amount: Money): void {
    this.advance(atUs);
    this.account.addTransfer(amount);
  }

  /** Counts something worth a line in the report: a fault by name, a cap that bound. */
  count(name: string, by = 1): void {
    this.counters.set(name, (this.counters.get(name) ?? 0) + by);
  }

  /** Equity now, for progress: exact decimal text. */
  equityText(): string {
    return formatDecimal(this.account.equity(), this.account.scale);
  }

  /** Ends the run and closes its files. The recorder must not be used again. */
  finish(ending: RunEnding): RunRecord {
    this.advance(ending.atUs);
    const endUs = Math.max(this.nowUs, this.startUs);
    if (this.mark !== 0) this.sample(endUs);
    this.dayEquity.push(this.account.curveEquity());
    this.orders.flush();
    this.files?.close();
    return buildRecord(this, ending, endUs);
  }

  /** The run failed: gives its files back. */
  abandon(): void {
    this.files?.abandon();
  }

  // a sample at time g is the state after everything at or before g: it is taken when time first passes g
  private advance(atUs: number): void {
    if (atUs <= this.nowUs) return;
    if (atUs > this.nextSampleUs) {
      const dueUs = this.nextSampleUs;
      this.nextSampleUs = gridAt(atUs, this.sampleUs);
      if (this.mark !== 0) this.sample(dueUs);
      if (atUs > this.nextDayUs) this.closeDays(atUs);
    }
    this.nowUs = atUs;
  }

  private begin(): void {
    this.dayEquity.push(this.account.curveEquity());
    this.drawdown.add(this.nowUs, this.account.curveEquity());
    this.curveRow(this.nowUs);
  }

  private closeDays(atUs: number): void {
    while (this.nextDayUs < atUs) {
      if (this.mark !== 0) this.dayEquity.push(this.account.curveEquity());
      this.nextDayUs += DAY_US;
    }
  }

  private sample(atUs: number): void {
    const equity = this.account.curveEquity();
    this.drawdown.add(atUs, equity);
    this.equitySum += equity;
    this.samples += 1;
    this.curveRow(atUs);
    this.files?.sample(atUs, this.mark, { position: this.position, equity: this.account.equity() });
  }

  private curveRow(atUs: number): void {
    const { curve, account } = this;
    curve.push(atUs);
    curve.put(CurveColumn.mark, this.mark);
    curve.put(CurveColumn.position, this.position);
    curve.put(CurveColumn.equity, account.curveEquity());
    curve.put(CurveColumn.spread, this.spreadCurve);
    curve.put(CurveColumn.inventory, account.curveInventory());
    curve.put(CurveColumn.fees, this.feesCurve);
    curve.put(CurveColumn.funding, this.fundingCurve);
  }

  private refreshCosts(): void {
    const { account } = this;
    const split = account.split();
    this.spreadCurve = account.toNumber(split.spread);
    this.feesCurve = account.toNumber(split.fees + split.rebates + split.liquidationFees);
    this.fundingCurve = account.toNumber(split.funding + split.interest);
  }

  private countFill(fill: RecordedFill): void {
    this.fills += 1;
    if (fill.side === "buy") this.buys += 1;
    if (fill.origin === "liquidation") this.liquidations += 1;
    this.lotsFilled += fill.quantity;
    const notional = notionalMoney(this.identity.instrument, fill.price, fill.quantity);
    this.notional += notional;
    if (fill.liquidity === "maker") this.makerNotional += notional;
  }

  /** Notional as exact text. */
  notionalText(): string {
    return formatDecimal(this.notional, MONEY_SCALE);
  }

  lotsText(units: number): string {
    return this.quantityText(units);
  }
}

/** First grid point after `us`: a run that begins on the grid has its first sample a step later. */
const gridAfter = (us: number, step: number): number => (Math.floor(us / step) + 1) * step;

/** First grid point at or after `us`. */
const gridAt = (us: number, step: number): number => Math.ceil(us / step) * step;
