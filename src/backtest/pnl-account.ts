// Exact equity and its split (BT-36) from the same facts by two ways: cash plus marked position, and spread + inventory
// + costs. Both are integers of 10^−(21 + tick digits) of the quote, so they must agree to the last unit. No floats
// here but for `curveEquity`, which is for drawing and ratios.

import { assert } from "../base/assert.ts";
import { parseDecimal } from "../base/decimal.ts";
import {
  type Lots,
  lots,
  type MilliTicks,
  MONEY_SCALE,
  type Money,
  milliTicks,
  type Side,
  type Ticks,
} from "../market/amounts.ts";
import { baseMoney, type Instrument } from "../market/instrument.ts";

/** Integers of 10^−scale of the quote. Each is signed as it changes equity: a paid fee is negative. */
export interface PnlSplit {
  readonly spread: bigint;
  readonly inventory: bigint;
  readonly fees: bigint;
  readonly rebates: bigint;
  readonly liquidationFees: bigint;
  readonly funding: bigint;
  readonly interest: bigint;
}

export interface AccountedFill {
  readonly side: Side;
  readonly price: Ticks;
  readonly quantity: Lots;
  readonly feeAsset: string;
  readonly fee: Money;
  /** Value of a fee in a third asset, in quote at its own price; null for quote and base. */
  readonly feeInQuote: Money | null;
  readonly liquidation: boolean;
}

export class PnlAccount {
  /** Digits after the point of every integer in here. */
  readonly scale: number;
  private readonly instrument: Instrument;
  private readonly tickDigits: bigint;
  private readonly moneyFactor: bigint;
  private readonly lotBase: bigint;
  private readonly startEquity: bigint;
  private cash = 0n;
  private base: bigint;
  private mark: number | null = null;
  private spread = 0n;
  private inventory = 0n;
  private inventoryMark = 0;
  private inventoryCurve = 0;
  private fees = 0n;
  private rebates = 0n;
  private liquidationFees = 0n;
  private funding = 0n;
  private interest = 0n;
  private transfers = 0n;
  /** Value of the position for one millitick of the mark. */
  private markValue: bigint;
  private curveStart = 0;
  private curveSlope = 0;
  private curveMark = 0;

  constructor(instrument: Instrument, start: { readonly equity: Money; readonly position: Lots }) {
    const tick = parseDecimal(instrument.tickSize);
    assert(tick.ok, "an instrument's tick size is a decimal");
    this.instrument = instrument;
    this.tickDigits = tick.value.digits;
    this.scale = MONEY_SCALE + 3 + tick.value.scale;
    this.moneyFactor = 10n ** BigInt(tick.value.scale + 3);
    this.lotBase = baseMoney(instrument, lots(1));
    this.startEquity = start.equity * this.moneyFactor;
    this.base = this.lotBase * BigInt(start.position);
    this.markValue = this.tickDigits * this.base;
  }

  /** A new mark. The first one fixes what the position at the start was worth. Cheap: no integer leaves a register. */
  setMark(mark: MilliTicks): void {
    if (this.mark === null) {
      this.cash += this.startEquity - this.valueOf(mark, this.base);
      this.mark = mark;
      this.inventoryMark = mark;
      this.refreshCurve();
      return;
    }
    this.mark = mark;
  }

  /** Books a fill at the mark in force (its own price where there was none yet). */
  fill(fill: AccountedFill): void {
    if (this.mark === null) this.setMark(milliTicks(fill.price * 1000));
    const mark = this.mark ?? 0;
    this.bookInventory(mark);
    const signed = fill.side === "buy" ? this.lotBase * BigInt(fill.quantity) : -this.lotBase * BigInt(fill.quantity);
    const paid = this.valueOf(fill.price * 1000, signed);
    this.cash -= paid;
    this.base += signed;
    this.spread += this.valueOf(mark, signed) - paid;
    this.bookFee(fill, mark);
    this.refreshCurve();
  }

  /** Funding received (> 0) or paid (< 0). */
  addFunding(amount: Money): void {
    this.funding += amount * this.moneyFactor;
    this.addCash(amount);
  }

  /** Interest received (> 0) or paid (< 0). */
  addInterest(amount: Money): void {
    this.interest += amount * this.moneyFactor;
    this.addCash(amount);
  }

  /** Money brought in (> 0) or taken out (< 0); no part of the result. */
  addTransfer(amount: Money): void {
    this.transfers += amount * this.moneyFactor;
    this.addCash(amount);
  }

  /** Equity at the mark, exact: cash + position × mark. */
  equity(): bigint {
    return this.mark === null ? this.startEquity + this.cash : this.cash + BigInt(this.mark) * this.markValue;
  }

  /** Equity at the mark less what was transferred in, as a number for curves and ratios. */
  curveEquity(): number {
    return this.mark === null
      ? this.toNumber(this.equity() - this.transfers)
      : this.curveStart + this.curveSlope * this.openMove();
  }

  /** PnL of the position by price moves so far, as a number for curves. */
  curveInventory(): number {
    const open = this.mark === null ? 0 : this.mark - this.inventoryMark;
    return this.inventoryCurve + this.curveSlope * open;
  }

  split(): PnlSplit {
    if (this.mark !== null) this.bookInventory(this.mark);
    const { spread, inventory, fees, rebates, liquidationFees, funding, interest } = this;
    return { spread, inventory, fees, rebates, liquidationFees, funding, interest };
  }

  /** What the two ways of counting disagree by: 0, or there is a bug. */
  difference(): bigint {
    const s = this.split();
    const sum = s.spread + s.inventory + s.fees + s.rebates + s.liquidationFees + s.funding + s.interest;
    return this.equity() - this.startEquity - this.transfers - sum;
  }

  get start(): bigint {
    return this.startEquity;
  }

  get transferred(): bigint {
    return this.transfers;
  }

  /** Position in whole lots, toward zero: what a fee in the base asset left below a lot is dust. */
  get positionLots(): number {
    return Number(this.base / this.lotBase);
  }

  toNumber(amount: bigint): number {
    return Number(amount) / 10 ** this.scale;
  }

  /** Money in this account's integers. */
  fine(amount: Money): bigint {
    return amount * this.moneyFactor;
  }

  private openMove(): number {
    return (this.mark ?? 0) - this.curveMark;
  }

  private valueOf(mark: number, base: bigint): bigint {
    return base === 0n ? 0n : BigInt(mark) * this.tickDigits * base;
  }

  // position × price move telescopes while the position stands: one product a fill instead of one a mark
  private bookInventory(mark: number): void {
    this.inventory += this.valueOf(mark - this.inventoryMark, this.base);
    this.inventoryMark = mark;
    this.inventoryCurve = this.toNumber(this.inventory);
  }

  private bookFee(fill: AccountedFill, mark: number): void {
    if (fill.fee === 0n) return;
    let cost: bigint;
    if (fill.feeAsset === this.instrument.base) {
      this.base -= fill.fee;
      cost = this.valueOf(mark, fill.fee);
    } else {
      const inQuote = fill.feeAsset === this.instrument.quote ? fill.fee : (fill.feeInQuote ?? 0n);
      cost = inQuote * this.moneyFactor;
      this.cash -= cost;
    }
    if (cost < 0n) this.rebates -= cost;
    else if (fill.liquidation) this.liquidationFees -= cost;
    else this.fees -= cost;
  }

  private addCash(amount: Money): void {
    this.cash += amount * this.moneyFactor;
    this.refreshCurve();
  }

  private refreshCurve(): void {
    this.markValue = this.tickDigits * this.base;
    this.curveMark = this.mark ?? 0;
    this.curveStart = this.toNumber(this.equity() - this.transfers);
    this.curveSlope = this.toNumber(this.markValue);
  }
}
