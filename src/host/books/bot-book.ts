// The books of one bot: every figure a person may ask for, folded event by event from what is on the disk, live and
// from the journal alike. It reads; it never decides and never writes.

import { ownedLots } from "../../engine/owned.ts";
import { type Lots, lots, type MilliTicks, type Money, milliTicks } from "../../market/amounts.ts";
import type { Instrument } from "../../market/instrument.ts";
import { causeOf } from "../../observe/alerts/alert.ts";
import type { Effect } from "../../trading/effect.ts";
import type { EngineEvent, ExchangeStateEvent, FillEvent } from "../../trading/event.ts";
import { emptyLedger, type LedgerState, regridLedger } from "../../trading/ledger.ts";
import { foldPostings } from "../../trading/posting-fold.ts";
import { type CauseEnd, endsOfAlert, endsOfEvent } from "./alert-ends.ts";
import type { AlertRing } from "./alert-ring.ts";
import { type MoneyRow, MoneyRows } from "./money-rows.ts";
import { OrderRows } from "./order-rows.ts";
import { type Reconciliation, Reconciliations } from "./reconciliations.ts";
import { type Sample, Samples } from "./samples.ts";
import type { Told } from "./told.ts";
import { balanceMark } from "./valuation.ts";

/** Age beyond which the exchange's mark is not used while a book is known (risk.md section 2). */
const MARK_AGE_MS_MAX = 10_000;

/** The exchange's newest word about the account, as the journal has it. */
export interface AccountFacts {
  readonly equity: Money;
  readonly quoteAvailable: Money;
  /** Null until an account event told it. */
  readonly maintenanceMargin: Money | null;
  readonly atMs: number;
}

/** What a folded event changed, for those who push changes on. */
export type BookChange =
  | { readonly kind: "money"; readonly row: MoneyRow }
  | { readonly kind: "mark" }
  | { readonly kind: "reconciled"; readonly run: Reconciliation };

export class BotBook {
  readonly bot: string;
  readonly money = new MoneyRows();
  readonly orders = new OrderRows();
  readonly samples = new Samples();
  readonly reconciliations = new Reconciliations();
  readonly ledger: LedgerState = emptyLedger();
  instrument: Instrument | null = null;
  strategy = "";
  seq = 0;
  nowMs = 0;
  /** When the open position was opened; 0 when flat. */
  openedAtMs = 0;
  /** When lots or money last moved. */
  movedAtMs = 0;
  account: AccountFacts | null = null;
  /**
   * Quote wallet of the account when the bot began, before anything of it was booked: the equity of a perpetual's flat
   * account; on spot, where equity counts coins too, what was free.
   */
  startWallet: { readonly amount: Money; readonly atMs: number } | null = null;
  /** Liquidation mark the exchange told last: by an event, or by a whole read, which comes again at every start. */
  liquidation: MilliTicks | null = null;
  private readonly alerts: AlertRing;
  private lastBook: Told | null = null;
  private lastMark: Told | null = null;
  private sampledMark: MilliTicks | null = null;

  constructor(bot: string, alerts: AlertRing) {
    this.bot = bot;
    this.alerts = alerts;
  }

  /** Takes one event with what it caused, in order of seq; returns what changed. */
  fold(told: Told): readonly BookChange[] {
    this.samples.upTo(told.atMs, (atMs) => this.sample(atMs));
    this.seq = told.seq;
    if (told.atMs > this.nowMs) this.nowMs = told.atMs;
    const changes: BookChange[] = [];
    this.takeEvent(told, changes);
    if (told.postings.length > 0) this.takePostings(told, changes);
    for (const each of told.effects) this.takeEffect(told, each);
    return changes;
  }

  /** Mark in use: the exchange's while fresh, else the mid of the book, else the last known. */
  mark(): MilliTicks | null {
    const told = this.lastMark?.event();
    const mark = told?.kind === "mark" ? told.mark : null;
    const isFresh = this.lastMark !== null && this.nowMs - this.lastMark.atMs < MARK_AGE_MS_MAX;
    if (mark !== null && isFresh && this.instrument?.kind === "perpetual") return mark;
    const book = this.lastBook?.event();
    if (book?.kind === "book") {
      const bid = book.bids[0]?.[0];
      const ask = book.asks[0]?.[0];
      if (bid !== undefined && ask !== undefined && bid > 0 && ask > bid) return milliTicks((bid + ask) * 500);
    }
    return mark ?? this.sampledMark;
  }

  toldLiquidation(mark: MilliTicks | null): void {
    this.liquidation = mark;
  }

  /** Lots that are the bot's own (on spot less what fees in coins have eaten). */
  position(): Lots {
    return ownedLots({ instrument: this.instrument, ledger: this.ledger });
  }

  /** Net since the first posting, exact at `mark`; what is not realised yet is the rest. */
  result(mark: MilliTicks | null = this.mark()): { readonly realised: bigint; readonly unrealized: bigint } {
    const { gross, fees, rebates, funding } = this.money.totals;
    const realised = gross - fees + rebates + funding;
    if (mark === null || this.instrument === null) return { realised, unrealized: 0n };
    return { realised, unrealized: balanceMark(this.ledger, this.instrument, mark) - realised };
  }

  /** Change of the exchange's quote wallet that the books explain. */
  walletChange(): bigint {
    if (this.instrument === null) return 0n;
    const cash = this.ledger.balances.get(`cash|${this.instrument.quote}`) ?? 0n;
    if (this.instrument.kind === "perpetual") return cash + this.money.openCost;
    // coins that were adopted or corrected cost the ledger money, and the wallet none
    return cash + (this.ledger.balances.get(`adjustment|${this.instrument.quote}`) ?? 0n);
  }

  private sample(atMs: number): Sample | null {
    const mark = this.mark();
    this.sampledMark = mark;
    const { gross, fees, rebates, funding } = this.money.totals;
    const { realised, unrealized } = this.result(mark);
    const net = realised + unrealized;
    const { cost } = this.ledger;
    const position = lots(this.position());
    return { atMs, position, cost, mark, gross, fees, rebates, funding, unrealized, net };
  }

  private takeEvent(told: Told, changes: BookChange[]): void {
    switch (told.kind) {
      case "book":
        this.lastBook = told;
        changes.push(MARK_CHANGED);
        return;
      case "mark":
        this.lastMark = told;
        changes.push(MARK_CHANGED);
        return;
      case "candle":
      case "trades":
      case "funding-rate":
      case "timer":
        return;
      default:
        this.takeFact(told, told.event(), changes);
    }
  }

  private takeFact(told: Told, event: EngineEvent, changes: BookChange[]): void {
    this.end(endsOfEvent(event, this.about, alertCodes(told)), told.atMs);
    switch (event.kind) {
      case "configured":
        this.takeInstrument(event.instrument);
        this.strategy = event.config.strategy;
        return;
      case "instrument":
        this.takeInstrument(event.instrument);
        return;
      case "start-facts":
        this.startWallet ??= {
          amount: this.instrument?.kind === "spot" ? event.quoteAvailable : event.equity,
          atMs: event.atMs,
        };
        this.account = factsOf(event, event.maintenanceMargin ?? this.account?.maintenanceMargin ?? null);
        return;
      case "account":
        this.account = factsOf(event, event.maintenanceMargin);
        return;
      case "position":
        this.liquidation = event.liquidation;
        return;
      case "exchange-state":
        changes.push({ kind: "reconciled", run: this.compared(told, event) });
        return;
      case "order":
      case "outcome":
      case "absent":
      case "run-started":
        this.orders.saw(event, told.seq);
        if (this.alerts.holds("unknown-order", this.bot) && !this.orders.anyUnknown()) {
          this.over("unknown-order", "What became of every order is known", told.atMs);
        }
        return;
      case "fill":
        if (told.postings.length > 0) this.orders.saw(event, told.seq);
        return;
      case "book":
      case "mark":
      case "candle":
      case "trades":
      case "funding-rate":
      case "funding-settled":
      case "timer":
      case "command":
      case "feed":
      case "host-condition":
      case "recovered":
      case "stop-requested":
      case "grant":
        return;
      case "account-balance":
      case "account-breaker":
      case "account-configured":
      case "account-figures":
      case "bot-joined":
      case "bot-kill-reported":
      case "bot-left":
      case "flow-asked":
      case "flow-ended":
      case "grant-acknowledged":
        // of the account's journal
        return;
    }
  }

  private takeInstrument(instrument: Instrument): void {
    if (this.instrument !== null) regridLedger(this.ledger, this.instrument, instrument);
    this.instrument = instrument;
  }

  private compared(told: Told, event: ExchangeStateEvent): Reconciliation {
    const run = this.reconciliations.add(told, event, lots(this.position() + this.orders.unbookedLots()));
    if (event.openOrders.every((each) => each.clientOrderId !== null && this.orders.get(each.clientOrderId))) {
      this.over("foreign-orders", "No order of others is open", told.atMs);
    }
    if (run.match) this.over("divergence", "The position agrees with the exchange's", told.atMs);
    return run;
  }

  private get about(): { readonly bot: string; readonly instrument: string } {
    return { bot: this.bot, instrument: this.instrument?.symbol ?? "" };
  }

  private over(code: string, text: string, atMs: number): void {
    this.end([{ cause: causeOf({ ...this.about, code, facts: {} }), text }], atMs);
  }

  private end(ends: readonly CauseEnd[], atMs: number): void {
    for (const end of ends) this.alerts.end(end, atMs);
  }

  private takePostings(told: Told, changes: BookChange[]): void {
    const { instrument, ledger } = this;
    if (instrument === null) return;
    const event = told.kind === "fill" ? told.event() : null;
    for (const entry of foldPostings(ledger, instrument, told.postings)) {
      const before = ledger.position - entry.lots;
      const fill: FillEvent | null = entry.cause === "fill" && event?.kind === "fill" ? event : null;
      const row = this.money.add(entry, instrument, { seq: told.seq, fill });
      this.movedAtMs = told.atMs;
      if (ledger.position === 0) this.openedAtMs = 0;
      else if (before === 0 || before > 0 !== ledger.position > 0) this.openedAtMs = told.atMs;
      changes.push({ kind: "money", row });
    }
  }

  private takeEffect(told: Told, each: Told["effects"][number]): void {
    if (each.kind !== "place" && each.kind !== "cancel" && each.kind !== "alert") return;
    const effect = each.effect();
    if (effect.kind === "place") this.orders.placed(effect, told);
    else if (effect.kind === "cancel") this.orders.cancelAsked(effect.clientOrderId, told.atMs);
    else if (effect.kind === "alert") {
      const { code, severity, text, facts } = effect;
      this.end(endsOfAlert(effect, this.about), told.atMs);
      const id = `${this.bot}/${told.seq}.${each.index}`;
      const symbol = this.instrument?.symbol ?? "";
      this.alerts.add({ id, code, severity, text, facts, bot: this.bot, symbol, atMs: told.atMs });
    }
  }
}

const NO_CODES: ReadonlySet<string> = new Set();

/** Codes of the alerts an event caused. */
function alertCodes({ effects }: Told): ReadonlySet<string> {
  if (!effects.some(({ kind }) => kind === "alert")) return NO_CODES;
  return new Set(effects.flatMap(({ effect }) => alertCode(effect())));
}

const alertCode = (effect: Effect): readonly string[] => (effect.kind === "alert" ? [effect.code] : []);

const MARK_CHANGED: BookChange = { kind: "mark" };

const factsOf = (
  event: { readonly equity: Money; readonly quoteAvailable: Money; readonly atMs: number },
  maintenanceMargin: Money | null,
): AccountFacts => ({
  equity: event.equity,
  quoteAvailable: event.quoteAvailable,
  maintenanceMargin,
  atMs: event.atMs,
});
