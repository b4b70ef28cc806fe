// What the grid would do right now, and what it can cost (GRID-47 … GRID-49). Uses the strategy itself, so it lists
// exactly the orders the bot would place; changes nothing.

import { assert } from "../../base/assert.ts";
import { toSafe } from "../../base/integer.ts";
import {
  type Lots,
  lots,
  type MilliTicks,
  type Money,
  money,
  type Side,
  type Ticks,
  ticks,
} from "../../market/amounts.ts";
import { type Instrument, unitMoney } from "../../market/instrument.ts";
import { type ClientOrderId, makeClientOrderId } from "../../trading/client-order-id.ts";
import type { Leg } from "../../trading/command.ts";
import type { AlertSeverity, Because } from "../../trading/effect.ts";
import type { NewOrder } from "../../trading/order.ts";
import type { Outbox, StrategyContext, StrategyInput } from "../contract.ts";
import { breakEvenGap } from "./checks.ts";
import { candlesNeeded, type GridConfig } from "./config.ts";
import { gridStrategy } from "./grid.ts";
import { type Inventory, inventoryOf, type ReachAdvice, reachAdvice, type WorstCase, worstCase } from "./inventory.ts";
import type { Plan } from "./plan.ts";
import type { Skip } from "./plan-entries.ts";
import type { GridState } from "./state.ts";
import { planOf, skippedLevels } from "./view.ts";

export interface PreviewBook {
  readonly bid: Ticks;
  readonly ask: Ticks;
}

/** Account and risk limits the preview judges by. */
export interface PreviewAccount {
  readonly quoteAvailable: Money;
  readonly leverage: number;
  readonly position: Lots;
  readonly positionEntry: MilliTicks | null;
  readonly priceBandBps: number;
  readonly priceBandFarBps: number;
  readonly openOrdersLimit: number;
}

export interface PreviewOrder {
  readonly leg: Leg;
  readonly purpose: "entry" | "exit";
  readonly level: number;
  readonly side: Side;
  readonly price: Ticks;
  readonly quantity: Lots;
  readonly value: Money;
  readonly exitPrice: Ticks;
  /** What one cycle earns after maker fees on both sides. */
  readonly profit: Money;
  readonly postOnly: boolean;
  readonly reduceOnly: boolean;
}

export interface PreviewSkip {
  readonly leg: Leg;
  readonly level: number;
  readonly price: Ticks;
  readonly reason: Skip;
}

/** Totals of a grid that may start; null in a report that refuses. */
export interface PreviewTotals {
  readonly anchor: Ticks;
  /** Value of the first window's entries. */
  readonly windowValue: Money;
  readonly inventory: Inventory;
  /** Full inventory ÷ leverage. */
  readonly capital: Money;
  readonly breakEven: { readonly price: Ticks; readonly gap: Ticks; readonly actual: Ticks };
  readonly worst: WorstCase;
  /** Thousandths of a lot the window's orders have above (negative: below) what orderQuote asks. */
  readonly roundingMilliLots: number;
}

export interface PreviewReport {
  readonly symbol: string;
  readonly base: string;
  readonly quote: string;
  readonly tickSize: string;
  readonly lotSize: string;
  /** Why the grid would not start; empty when it would. */
  readonly refusals: readonly string[];
  readonly warnings: readonly string[];
  readonly orders: readonly PreviewOrder[];
  readonly skipped: readonly PreviewSkip[];
  readonly totals: PreviewTotals | null;
}

/** Plays the start of the grid on a book and an account. */
export function preview(
  config: GridConfig,
  instrument: Instrument,
  now: { readonly book: PreviewBook; readonly account: PreviewAccount },
): PreviewReport {
  const { account } = now;
  const plain = {
    ...config,
    trend: { ...config.trend, enabled: false },
    dynamic: { ...config.dynamic, enabled: false },
  };
  const rehearsal = new Rehearsal(plain, instrument, account);
  rehearsal.start(now.book);
  const plan = planOf(rehearsal.context, rehearsal.state);
  const base = { symbol: instrument.symbol, base: instrument.base, quote: instrument.quote };
  const steps = { tickSize: instrument.tickSize, lotSize: instrument.lotSize };
  const warnings = [...rehearsal.warnings];
  if (candlesNeeded(config) > 0)
    warnings.push("trend and dynamic spacing need candles and are left out of this preview");
  if (plan === null || rehearsal.refusals.length > 0) {
    return { ...base, ...steps, refusals: rehearsal.refusals, warnings, orders: [], skipped: [], totals: null };
  }
  const totals = totalsOf(plan, rehearsal);
  warnings.push(...reachWarnings(plan, totals, account));
  warnings.push("the worst case leaves out funding and liquidation");
  const skipped = skippedLevels(plan).map(({ leg, level, price, skip }) => {
    assert(skip !== null, "a skipped level without a reason");
    return { leg, level, price: ticks(price), reason: skip };
  });
  const orders = rehearsal.placed.map(({ order, because }) => orderRow(instrument, order, because));
  return { ...base, ...steps, refusals: [], warnings, orders, skipped, totals };
}

function orderRow(instrument: Instrument, order: NewOrder, because: Because): PreviewOrder {
  const unit = unitMoney(instrument);
  const entry = BigInt(fact(because, "entry"));
  const exit = BigInt(fact(because, "exit"));
  const quantity = BigInt(order.quantity);
  const gross = (exit > entry ? exit - entry : entry - exit) * quantity * unit;
  const fees = ((entry + exit) * quantity * unit * BigInt(instrument.makerPpm)) / 1_000_000n;
  const leg: Leg = because["leg"] === "L" ? "L" : "S";
  const slot = fact(because, "slot");
  const isEntry = because.code.startsWith("entry");
  return {
    leg,
    purpose: isEntry ? "entry" : "exit",
    level: (leg === "L") === isEntry ? slot : slot + 1,
    side: order.side,
    price: order.price,
    quantity: order.quantity,
    value: money(BigInt(order.price) * quantity * unit),
    exitPrice: ticks(toSafe(exit)),
    profit: money(gross - fees),
    postOnly: order.postOnly,
    reduceOnly: order.reduceOnly,
  };
}

/** A number the planner wrote beside its decision (GRID-25). */
function fact(because: Because, name: string): number {
  const value = because[name];
  assert(typeof value === "number", () => `because lacks ${name}`);
  return value;
}

function totalsOf(plan: Plan, rehearsal: Rehearsal): PreviewTotals {
  const { instrument } = plan.context;
  const unit = unitMoney(instrument);
  const entries = rehearsal.placed.filter(({ because }) => because.code.startsWith("entry"));
  const window = entries.reduce((sum, { order }) => sum + BigInt(order.price) * BigInt(order.quantity), 0n);
  const milli = entries.reduce((sum, { order }) => {
    const excess = BigInt(order.price) * BigInt(order.quantity) - BigInt(plan.config.orderValue);
    return sum + (excess * 1000n) / BigInt(order.price);
  }, 0n);
  const inventory = inventoryOf(plan);
  const leverage = BigInt(Math.max(1, rehearsal.account.leverage));
  return {
    anchor: plan.lattice.spec.anchor,
    windowValue: money(window * unit),
    inventory,
    capital: money((inventory.value + leverage - 1n) / leverage),
    breakEven: {
      price: ticks(plan.lattice.price(plan.frame.c)),
      gap: ticks(breakEvenGap(plan.lattice.price(plan.frame.c), instrument)),
      actual: ticks(plan.frame.gap),
    },
    worst: worstCase(plan, inventory),
    roundingMilliLots: toSafe(milli),
  };
}

function reachWarnings(plan: Plan, totals: PreviewTotals, account: PreviewAccount): readonly string[] {
  const limit = account.quoteAvailable * BigInt(Math.max(1, account.leverage));
  if (totals.inventory.value <= limit) return [];
  const advice: ReachAdvice = reachAdvice(plan, limit);
  const most = `the largest heldSlotsMax that fits is ${advice.heldSlotsMax}`;
  const order = advice.orderQuote === null ? "no orderQuote fits" : `the largest orderQuote is ${advice.orderQuote}`;
  return [`full inventory needs more than is available × leverage: ${most}, ${order}`];
}

/** The strategy with an outbox that only remembers. */
class Rehearsal implements Outbox {
  readonly state: GridState;
  readonly config: GridConfig;
  readonly instrument: Instrument;
  readonly account: PreviewAccount;
  readonly placed: { readonly order: NewOrder; readonly because: Because }[] = [];
  readonly refusals: string[] = [];
  readonly warnings: string[] = [];

  constructor(config: GridConfig, instrument: Instrument, account: PreviewAccount) {
    this.config = config;
    this.instrument = instrument;
    this.account = account;
    this.state = gridStrategy.initial(config, instrument);
  }

  get context(): StrategyContext {
    const { priceBandBps, priceBandFarBps, openOrdersLimit, position } = this.account;
    return {
      nowMs: 0,
      seq: 1,
      instrument: this.instrument,
      position,
      priceBandBps,
      priceBandFarBps,
      openOrdersLimit,
    };
  }

  start(book: PreviewBook): void {
    const { account } = this;
    this.tell({
      kind: "start",
      facts: {
        kind: "start-facts",
        atMs: 0,
        positionLots: account.position,
        positionEntry: account.positionEntry,
        quoteAvailable: account.quoteAvailable,
        equity: account.quoteAvailable,
        leverage: account.leverage,
        oneWayMode: true,
        foreignOrders: 0,
        clockOffsetMs: 0,
        clockErrorMs: 0,
        keyMayWithdraw: false,
      },
    });
    this.tell({ kind: "recovered" });
    // three books in a row: the first reference is believed (GRID-10)
    for (let i = 0; i < 3; i += 1) {
      this.tell({ kind: "book", ...book, bidQuantity: lots(1), askQuantity: lots(1) });
    }
  }

  private tell(input: StrategyInput): void {
    gridStrategy.step(this.config, this.context, this.state, input, this);
  }

  place(order: NewOrder, because: Because): ClientOrderId {
    this.placed.push({ order, because });
    return makeClientOrderId({ tag: "000000", lineage: 0, seq: 0, index: this.placed.length });
  }

  alert(code: string, severity: AlertSeverity, text: string): void {
    if (code === "start-refused") this.refusals.push(text);
    else if (severity !== "info") this.warnings.push(text);
  }

  cancel(): void {}
  timer(): void {}
  reconcile(): void {}
  reloadCandles(): void {}
  flatten(): void {}
  adjustLedger(): void {}
  acceptConfig(): void {}
}
