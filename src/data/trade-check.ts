// Checks and figures over a public trade tape, whatever file it came from: ids in order, one aggressor's side only,
// jumps there and back; and the sums a loader is compared by.

import { present } from "../base/assert.ts";
import { formatDecimal, parseDecimal } from "../base/decimal.ts";
import { MONEY_SCALE } from "../market/amounts.ts";
import { unitMoney } from "../market/instrument.ts";
import type { Findings } from "./finding.ts";

const ONE_SIDED_TRADES_MIN = 1000;
/** Rows within which a jump must have come back to count as one. */
const JUMP_ROWS = 3;

/** Counts prices more than 10 % from the row before that come back within three rows. One finding an excursion. */
export class JumpCheck {
  private readonly findings: Findings;
  private last = 0;
  private before = 0;
  private line = 0;
  private file = "";
  private rows = 0;

  constructor(findings: Findings) {
    this.findings = findings;
  }

  onPrice(price: number, line: number): void {
    if (this.before !== 0) {
      this.rows += 1;
      if (!far(price, this.before)) this.found();
      else if (this.rows >= JUMP_ROWS) this.before = 0;
    } else if (this.last !== 0 && far(price, this.last)) {
      this.before = this.last;
      this.line = line;
      this.file = this.findings.file;
      this.rows = 0;
    }
    this.last = price;
  }

  private found(): void {
    const first = this.findings.count("priceJump") === 0;
    this.findings.add("priceJump", this.line);
    if (first) this.findings.setPlace("priceJump", this.file, this.line);
    this.before = 0;
  }
}

// |a − b| > 10 % of b, in integers: products stay safe far beyond any price.
const far = (a: number, b: number): boolean => Math.abs(a - b) * 10 > b;

/** Sums over the trades used. Prices in ticks, quantities in lots, turnover in value units (tick × lot). */
export interface TradeFigures {
  readonly trades: number;
  readonly firstId: number;
  readonly lastId: number;
  readonly firstPrice: number;
  readonly lastPrice: number;
  readonly minPrice: number;
  readonly maxPrice: number;
  readonly volumeLots: bigint;
  readonly turnoverUnits: bigint;
  readonly sellerTookTrades: number;
  readonly sellerTookLots: bigint;
}

export class TradeCheck {
  readonly figures = {
    trades: 0,
    firstId: 0,
    lastId: 0,
    firstPrice: 0,
    lastPrice: 0,
    minPrice: 0,
    maxPrice: 0,
    volumeLots: 0n,
    turnoverUnits: 0n,
    sellerTookTrades: 0,
    sellerTookLots: 0n,
  };
  private readonly findings: Findings;
  private readonly jumps: JumpCheck;
  private lastId = -1;
  private first = { file: "", line: 0 };
  // Sums kept as doubles while they are exact, then moved into the bigints of the figures.
  private lots = 0;
  private sellerLots = 0;
  private units = 0;

  constructor(findings: Findings) {
    this.findings = findings;
    this.jumps = new JumpCheck(findings);
  }

  /** False for a row to drop: a doubled id, a price or a quantity not above zero. Its id counts in the chain. */
  accept(id: number, price: number, quantity: number, line: number): boolean {
    const last = this.lastId;
    if (last >= 0 && id !== last + 1) {
      this.findings.add(id === last ? "duplicateTrade" : id > last ? "tradeIdGap" : "tradeIdBackwards", line);
    }
    this.lastId = id;
    if (price <= 0) this.findings.add("negativePrice", line);
    else if (quantity <= 0) this.findings.add("zeroTrade", line);
    return id !== last && price > 0 && quantity > 0;
  }

  /** Takes an accepted trade into the figures. */
  take(id: number, price: number, quantity: number, sellerTook: boolean, line: number): void {
    const figures = this.figures;
    if (figures.trades === 0) {
      figures.firstId = id;
      figures.firstPrice = price;
      figures.minPrice = price;
      this.first = { file: this.findings.file, line };
    }
    figures.trades += 1;
    figures.lastId = id;
    figures.lastPrice = price;
    if (price < figures.minPrice) figures.minPrice = price;
    if (price > figures.maxPrice) figures.maxPrice = price;
    const units = price * quantity;
    if (units > 2 ** 52 || quantity > 2 ** 51) {
      figures.turnoverUnits += BigInt(price) * BigInt(quantity);
      figures.volumeLots += BigInt(quantity);
      if (sellerTook) figures.sellerTookLots += BigInt(quantity);
    } else {
      this.units += units;
      this.lots += quantity;
      if (sellerTook) this.sellerLots += quantity;
      if (this.units > 2 ** 52 || this.lots > 2 ** 52) this.flush();
    }
    if (sellerTook) figures.sellerTookTrades += 1;
    this.jumps.onPrice(price, line);
  }

  finish(): TradeFigures {
    this.flush();
    const { trades, sellerTookTrades } = this.figures;
    const most = Math.max(sellerTookTrades, trades - sellerTookTrades);
    if (trades >= ONE_SIDED_TRADES_MIN && most * 100 > trades * 99) {
      this.findings.add("oneSidedTape", this.first.line);
      this.findings.setPlace("oneSidedTape", this.first.file, this.first.line);
      this.findings.describe("oneSidedTape", `${most} of ${trades} trades`);
    }
    return { ...this.figures };
  }

  private flush(): void {
    this.figures.turnoverUnits += BigInt(this.units);
    this.figures.volumeLots += BigInt(this.lots);
    this.figures.sellerTookLots += BigInt(this.sellerLots);
    this.units = 0;
    this.lots = 0;
    this.sellerLots = 0;
  }
}

/** Turnover as exact decimal text of the quote. */
export function turnoverText(figures: TradeFigures, steps: { tickSize: string; lotSize: string }): string {
  return formatDecimal(figures.turnoverUnits * unitMoney(steps), MONEY_SCALE);
}

/** Volume-weighted mean price, cut after `digits` digits; "n/a" without a trade. */
export function vwapText(figures: TradeFigures, tickSize: string, digits: number): string {
  if (figures.volumeLots === 0n) return "n/a";
  const tick = parseDecimal(tickSize);
  const { digits: step, scale } = present(tick.ok ? tick.value : null, `tick ${tickSize}`);
  const numerator = figures.turnoverUnits * step * 10n ** BigInt(digits);
  return formatDecimal(numerator / (figures.volumeLots * 10n ** BigInt(scale)), digits, digits);
}
