// One event's worth of effects: the outbox a strategy writes to. Gives client ids, asks risk before anything is
// recorded, and keeps the orders it recorded. Nothing gets out of a step but through here.

import { present } from "../base/assert.ts";
import { type Lots, lots, type MilliTicks, milliTicks, type Ticks, ticks, ZERO_MONEY } from "../market/amounts.ts";
import type { Instrument } from "../market/instrument.ts";
import { approve, type CheckRecord, explainApproval, type RefusalCode } from "../risk/approve.ts";
import { availableBudget, bookBudgetFill, reserve } from "../risk/budget.ts";
import type { ApprovalFacts } from "../risk/facts.ts";
import type { RiskLimits } from "../risk/limits.ts";
import type { Outbox } from "../strategy/contract.ts";
import { type ClientOrderId, makeClientOrderId } from "../trading/client-order-id.ts";
import type { AlertSeverity, Because, Effect } from "../trading/effect.ts";
import { bookAdjustment, type Posting } from "../trading/ledger.ts";
import type { NewOrder, Order } from "../trading/order.ts";
import { modeOf } from "./mode.ts";
import { isUrgent } from "./names.ts";
import { moveBaseline } from "./owned.ts";
import { onProbationNow } from "./probation.ts";
import { isRefusalNews, refusalSeverity } from "./refusal-news.ts";
import type { BotState } from "./state.ts";
import { provenPosition } from "./unbooked.ts";

export interface Refusal {
  readonly clientOrderId: ClientOrderId;
  readonly code: RefusalCode;
  readonly text: string;
}

/** An order a strategy asked for, before risk judged it. */
export interface Asked {
  readonly clientOrderId: ClientOrderId;
  readonly order: NewOrder;
  readonly because: Because;
}

/** Sees each order before risk judges it; `explain` runs all checks with their head-room. */
export type Watch = (asked: Asked, explain: () => readonly CheckRecord[]) => void;

type Facts = { readonly [name: string]: string | number | boolean | null };

/** Age beyond which the exchange's mark is not used (risk.md section 2). */
const MARK_AGE_MS_MAX = 10_000;

export class Turn implements Outbox {
  readonly state: BotState;
  readonly effects: Effect[] = [];
  readonly postings: Posting[] = [];
  /** Orders risk refused in this step: the strategy hears of each after it has spoken. */
  refused: Refusal[] = [];
  /** The strategy configuration a `relattice` put in force, if one did. */
  acceptedConfig: { readonly config: unknown } | null = null;
  /** What an operator's update replaced: all of it comes back when the strategy refuses its part. */
  beforeUpdate: Pick<BotState, "config" | "limits" | "budget"> | null = null;
  /** Something a gate depends on changed in this step. */
  gatesChanged = false;
  private facts: MutableFacts | null = null;
  /** One cancel an order and step, however many ask for it. */
  private cancelled: Set<ClientOrderId> | null = null;
  private readonly watch: Watch | null;
  private ids = 0;

  constructor(state: BotState, watch: Watch | null = null) {
    this.state = state;
    this.watch = watch;
  }

  place(order: NewOrder, because: Because): ClientOrderId {
    const clientOrderId = this.nextId();
    this.watch?.({ clientOrderId, order, because }, () =>
      explainApproval(this.limits, this.state.risk, this.currentFacts(), order),
    );
    const approval = approve(this.limits, this.state.risk, this.currentFacts(), order);
    if (!approval.ok) {
      this.countRefusal(approval);
      this.refused.push({ clientOrderId, code: approval.code, text: approval.text });
      return clientOrderId;
    }
    this.effects.push({ kind: "place", clientOrderId, order: approval.approved, because });
    this.state.orders.set(clientOrderId, newOrder(clientOrderId, order, this.state));
    const { budget } = this.state;
    if (budget !== null && !approval.reducing) {
      const { side, price, quantity } = order;
      reserve(budget, this.instrument, { orderId: clientOrderId, side, price, quantity });
    }
    return clientOrderId;
  }

  /**
   * A slice of the shared closer, judged by its own price band and order budget; a refusal waits for the next slice.
   */
  placeForCloser(order: NewOrder, priceBandBps: number, because: Because): void {
    const facts = { ...factsOf(this.state, this.instrument), closer: { priceBandBps } };
    const clientOrderId = this.nextId();
    this.watch?.({ clientOrderId, order, because }, () => explainApproval(this.limits, this.state.risk, facts, order));
    const approval = approve(this.limits, this.state.risk, facts, order);
    if (!approval.ok) {
      this.countRefusal(approval);
      return;
    }
    this.effects.push({ kind: "place", clientOrderId, order: approval.approved, because });
    this.state.orders.set(clientOrderId, newOrder(clientOrderId, order, this.state));
  }

  cancel(clientOrderId: ClientOrderId, because: Because): void {
    const order = this.state.orders.get(clientOrderId);
    if (order === undefined || this.cancelled?.has(clientOrderId) === true) return;
    this.cancelled ??= new Set();
    this.cancelled.add(clientOrderId);
    order.cancelAsked = true;
    this.effects.push({ kind: "cancel", clientOrderId, symbol: order.order.symbol, because });
  }

  timer(name: string, atMs: number | null): void {
    const armed = this.state.timers.get(name);
    if (atMs === null ? armed === undefined : armed === atMs) return;
    if (atMs === null) this.state.timers.delete(name);
    else this.state.timers.set(name, atMs);
    this.effects.push({ kind: "timer", name, atMs });
  }

  alert(code: string, severity: AlertSeverity, text: string, facts: Facts): void {
    this.effects.push({ kind: "alert", code, severity, text, facts });
  }

  /** Before the first configuration nobody has named what to read: recovery reads all of it when it has. */
  reconcile(because: Because): void {
    const { instrument } = this.state;
    if (instrument !== null) this.effects.push({ kind: "reconcile", symbol: instrument.symbol, because });
  }

  reloadCandles(interval: string, count: number): void {
    this.effects.push({ kind: "reload-candles", symbol: this.instrument.symbol, interval, count });
  }

  flatten(because: Because): void {
    this.reduceTo(lots(0), because);
  }

  /**
   * The shared closer brings the position to `target`; one that closes everything is not called back. What may pay more
   * with time hurries one that may not, and is never slowed down by one.
   */
  reduceTo(target: Lots, because: Because): void {
    const { closer, nowMs } = this.state;
    const hurries = isUrgent(because.code);
    if (closer !== null && (closer.target === 0 || target !== 0)) {
      if (!hurries || isUrgent(closer.because)) return;
      this.state.closer = { ...closer, because: because.code, nextAtMs: nowMs, startedAtMs: nowMs };
      return;
    }
    const urgent = closer !== null && isUrgent(closer.because) ? closer : null;
    const why = { because: urgent?.because ?? because.code, startedAtMs: urgent?.startedAtMs ?? nowMs };
    this.state.closer = { ...why, nextAtMs: nowMs, target };
    this.gatesChanged = true;
  }

  adjustLedger(quantity: Lots, price: Ticks, because: Because): void {
    const causeId = `adjustment|${this.state.identity.lineage}|${this.state.seq}|${this.postings.length}`;
    const cause = because.code.startsWith("adopt") ? "adoption" : "adjustment";
    const entry = { cause, causeId, quantity, price, atMs: this.state.nowMs } as const;
    const { budget } = this.state;
    if (budget !== null && quantity !== 0) {
      const side = quantity > 0 ? "buy" : "sell";
      const moved = { orderId: causeId, side, price, quantity: lots(Math.abs(quantity)), fee: ZERO_MONEY } as const;
      bookBudgetFill(budget, this.instrument, moved);
    }
    if (this.instrument.kind === "spot") moveBaseline(this.state, quantity);
    this.postings.push(...bookAdjustment(this.state.ledger, this.instrument, entry));
  }

  acceptConfig(config: unknown): void {
    this.acceptedConfig = { config };
  }

  get instrument(): Instrument {
    return present(this.state.instrument, "the instrument of a configured bot");
  }

  get limits(): RiskLimits {
    return present(this.state.limits, "the limits of a configured bot");
  }

  private countRefusal({ code, text }: { readonly code: RefusalCode; readonly text: string }): void {
    const { refusals } = this.state;
    refusals.set(code, (refusals.get(code) ?? 0) + 1);
    if (isRefusalNews(this.state, code)) {
      const facts = { refusal: code, refused: refusals.get(code) ?? 1 };
      this.alert("limit-refused", refusalSeverity(code), `an order was refused by ${code}: ${text}`, facts);
    }
  }

  /** Best guess of a price for lots that came without one: the mark, else the last fill, else one tick. */
  lastPrice(): Ticks {
    const mark = currentMark(this.state);
    return mark === null ? (this.state.ledger.lastFillPrice ?? ticks(1)) : ticks(Math.floor(mark / 1000));
  }

  /** Facts as of now; what an event cannot change is taken once. */
  private currentFacts(): ApprovalFacts {
    this.facts ??= factsOf(this.state, this.instrument);
    this.facts.mode = modeOf(this.state);
    this.facts.probation = onProbationNow(this.state);
    this.facts.position = provenPosition(this.state);
    const { budget } = this.state;
    if (budget !== null) this.facts.budgetAvailable = availableBudget(budget);
    return this.facts;
  }

  /** Hands over the refusals collected so far. */
  takeRefused(): readonly Refusal[] {
    const refused = this.refused;
    this.refused = [];
    return refused;
  }

  /** Event number and a count within it make the id; a refused order uses its id up, so ids stay unique. */
  private nextId(): ClientOrderId {
    const { identity, seq } = this.state;
    const index = this.ids;
    this.ids += 1;
    return makeClientOrderId({ tag: identity.tag, lineage: identity.lineage, seq, index });
  }
}

type MutableFacts = { -readonly [K in keyof ApprovalFacts]: ApprovalFacts[K] };

function factsOf(state: BotState, instrument: Instrument): MutableFacts {
  return {
    nowMs: state.nowMs,
    mode: modeOf(state),
    instrument,
    bookAtMs: state.book?.atMs ?? null,
    bid: state.book?.bids[0]?.[0] ?? null,
    ask: state.book?.asks[0]?.[0] ?? null,
    mark: currentMark(state),
    markIsMid: exchangeMark(state) === null,
    position: provenPosition(state),
    live: state.orders,
    equity: state.equity?.equity ?? null,
    equityAtMs: state.equity?.atMs ?? null,
    ...(state.grant === undefined ? {} : { grant: state.grant.gross }),
  };
}

/**
 * Perpetual: the exchange's mark if younger than 10 s, else the mid. Spot: the mid. Null when neither is known. A mid
 * stays when its book grows old: valuations and an urgent close keep the last price there was (risk.md section 2).
 */
export function currentMark(state: BotState): MilliTicks | null {
  const told = exchangeMark(state);
  if (told !== null) return told;
  const bid = state.book?.bids[0]?.[0];
  const ask = state.book?.asks[0]?.[0];
  return bid === undefined || ask === undefined ? null : milliTicks((bid + ask) * 500);
}

function exchangeMark({ mark, nowMs, instrument }: BotState): MilliTicks | null {
  if (mark === null || nowMs - mark.atMs >= MARK_AGE_MS_MAX || instrument?.kind !== "perpetual") return null;
  return mark.mark;
}

function newOrder(clientOrderId: ClientOrderId, order: NewOrder, state: BotState): Order {
  return {
    clientOrderId,
    order,
    placedAtMs: state.nowMs,
    placedSeq: state.seq,
    place: "recorded",
    status: null,
    exchangeOrderId: null,
    cumulative: lots(0),
    filled: lots(0),
    cancelAsked: false,
    unknownSinceMs: null,
    changedSeq: state.seq,
  };
}
