// Keeps the instruments true (EXCH-29, EXCH-31): read at the start, again each hour, on every refusal that smells of
// new rules, and on an exchange's notice. A changed grid is never taken while the connection lives: every price in
// flight counts in the old ticks.

import type { Clock } from "../../base/clock.ts";
import type { Instrument } from "../../market/instrument.ts";
import type { UpstreamHealth } from "../port.ts";
import { ppmOf } from "./amount.ts";
import type { CallReply, Priority } from "./call.ts";
import type { Calls } from "./calls.ts";
import type { CcxtInstance } from "./ccxt-instance.ts";
import type { ExchangeTable } from "./exchanges/exchange-table.ts";
import { type InstrumentFacts, type Instruments, isChanged, NO_FACTS, readInstrument } from "./instruments.ts";
import { decimalOf, listOf, recordOf, recordsOf, textOf, wholeOf } from "./raw.ts";

export interface InstrumentDeskOptions {
  readonly table: ExchangeTable;
  readonly instance: CcxtInstance;
  readonly calls: Calls;
  readonly instruments: Instruments;
  readonly clock: Clock;
  /** With keys, fees and leverage are the account's. */
  readonly signed: boolean;
  readonly health: (health: UpstreamHealth) => void;
  readonly changed: (instrument: Instrument) => void;
}

const HOUR_MS = 3_600_000;
/** Fees of an account change once a day at most. */
const FEES_MS = 24 * HOUR_MS;
const REFRESH_MS_MIN = 5000;
/** While an instrument does not trade it is read again after so long, then after twice that, and so on. */
const CLOSED_MS = 10_000;
const CLOSED_MS_MAX = 5 * 60_000;

/** Leverage and margin mode as the account has them; null: not told. */
export interface MarginSetting {
  readonly leverage: string | null;
  readonly marginMode: string | null;
  /** False: this instrument is in hedge mode. */
  readonly oneWay?: boolean;
}

export class InstrumentDesk {
  private readonly options: InstrumentDeskOptions;
  private readonly facts = new Map<string, InstrumentFacts>();
  private readonly frozen = new Set<string>();
  private refreshing: Promise<void> | null = null;
  private refreshedAtMs = Number.NEGATIVE_INFINITY;
  private feesAtMs = Number.NEGATIVE_INFINITY;
  private cancelNext = (): void => undefined;
  private cancelSoon: (() => void) | null = null;
  private closedLooks = 0;
  private closed = false;

  constructor(options: InstrumentDeskOptions) {
    this.options = options;
  }

  /** Null where it worked; otherwise why the symbol cannot be traded here. */
  async open(symbol: string): Promise<string | null> {
    const market = this.options.instance.market(symbol);
    if (market === null) return `${symbol} is no instrument of ${this.options.table.name}`;
    this.facts.set(symbol, await this.readFacts(symbol));
    return this.take(symbol);
  }

  /** Starts reading anew each hour. */
  start(): void {
    this.feesAtMs = this.options.clock.nowMs();
    this.schedule();
  }

  /** Why orders of this instrument must not leave; null: they may. */
  objection(symbol: string): string | null {
    if (!this.frozen.has(symbol)) return null;
    return `the tick or lot of ${symbol} has changed since this connection opened: restart the connector and its bots`;
  }

  /** Reads again soon: a refusal spoke of rules that are not those we know. Never twice within five seconds. */
  suspect(): void {
    const { clock } = this.options;
    const waitMs = this.refreshedAtMs + REFRESH_MS_MIN - clock.nowMs();
    if (waitMs <= 0) void this.refresh();
    else {
      this.cancelSoon ??= clock.at(clock.nowMs() + waitMs, () => {
        this.cancelSoon = null;
        void this.refresh();
      });
    }
  }

  refresh(): Promise<void> {
    this.refreshing ??= this.readAgain().finally(() => {
      this.refreshing = null;
      this.schedule();
    });
    return this.refreshing;
  }

  /** Leverage was changed by us. */
  leverageIs(symbol: string, leverage: number): void {
    this.facts.set(symbol, { ...(this.facts.get(symbol) ?? NO_FACTS), leverage });
    this.take(symbol);
  }

  async marginSetting(symbol: string, priority: Priority): Promise<MarginSetting | null> {
    const { table, calls, instance } = this.options;
    const wireName = textOf(instance.market(symbol)?.["id"]) ?? "";
    if (table.marginSettings === null) return null;
    const reply = await calls.read(table.marginSettings.call(symbol, wireName), priority);
    return reply.ok ? table.marginSettings.read(reply.value, wireName) : null;
  }

  close(): void {
    this.closed = true;
    this.cancelNext();
    this.cancelSoon?.();
  }

  private schedule(): void {
    this.cancelNext();
    if (this.closed) return;
    const { clock } = this.options;
    this.cancelNext = clock.at(clock.nowMs() + this.nextLookMs(), () => void this.refresh());
  }

  /** Nobody tells when a halt is over. */
  private nextLookMs(): number {
    const trades = this.options.instruments.all().every(({ instrument }) => {
      return instrument.status === "trading" || this.frozen.has(instrument.symbol);
    });
    this.closedLooks = trades ? 0 : this.closedLooks + 1;
    return trades ? HOUR_MS : Math.min(CLOSED_MS * 2 ** Math.min(this.closedLooks - 1, 10), CLOSED_MS_MAX);
  }

  private async readAgain(): Promise<void> {
    const { calls, clock, instruments, health } = this.options;
    this.refreshedAtMs = clock.nowMs();
    const reply = await calls.read({ method: "loadMarkets", args: [true] }, 1);
    if (!reply.ok) {
      health({ subject: "instruments", state: "suspect", text: `they could not be read again: ${reply.text}` });
      return;
    }
    const feesDue = clock.nowMs() - this.feesAtMs >= FEES_MS;
    if (feesDue) this.feesAtMs = clock.nowMs();
    for (const { instrument } of instruments.all()) {
      if (feesDue) this.facts.set(instrument.symbol, await this.readFacts(instrument.symbol));
      const trouble = this.take(instrument.symbol);
      if (trouble !== null) health({ subject: "instruments", state: "stale", text: trouble });
    }
  }

  private take(symbol: string): string | null {
    const { instance, table, instruments, clock, changed, health } = this.options;
    const market = instance.market(symbol);
    const before = instruments.get(symbol);
    if (market === null) return `${symbol} is no longer listed`;
    const facts = this.facts.get(symbol) ?? NO_FACTS;
    const about = { table, precisionMode: instance.precisionMode(), facts, nowMs: clock.nowMs() };
    const read = readInstrument(market, about);
    if (!read.ok) return read.error;
    const after = read.value;
    if (before === null) {
      instruments.set(symbol, after);
      return null;
    }
    const { tickSize, lotSize } = before.instrument;
    if (after.instrument.tickSize !== tickSize || after.instrument.lotSize !== lotSize) {
      if (this.frozen.has(symbol)) return null;
      this.frozen.add(symbol);
      const halted = { ...before, instrument: { ...before.instrument, status: "cancel-only" as const } };
      instruments.set(symbol, halted);
      changed(halted.instrument);
      health({ subject: "instruments", state: "down", text: this.objection(symbol) ?? "" });
      return null;
    }
    if (this.frozen.has(symbol) || !isChanged(before, after)) return null;
    instruments.set(symbol, after);
    changed(after.instrument);
    return null;
  }

  private async readFacts(symbol: string): Promise<InstrumentFacts> {
    const { table, signed } = this.options;
    const perpetual = table.market === "perpetual";
    const [fees, margin, maintenancePpm, fundingIntervalMs] = await Promise.all([
      signed ? this.fees(symbol) : null,
      signed && perpetual ? this.marginSetting(symbol, 1) : null,
      signed && perpetual ? this.maintenance(symbol) : null,
      perpetual ? this.interval(symbol) : null,
    ]);
    const leverage = margin === null ? null : wholeOf(margin.leverage);
    return {
      makerPpm: fees?.makerPpm ?? null,
      takerPpm: fees?.takerPpm ?? null,
      leverage,
      maintenancePpm,
      fundingIntervalMs,
    };
  }

  /** Null where the account's fees cannot be read. */
  private async fees(symbol: string): Promise<{ readonly makerPpm: number; readonly takerPpm: number } | null> {
    const { calls, instance, table } = this.options;
    if (table.feeTier === undefined && !instance.has("fetchTradingFee")) return null;
    const wireName = textOf(instance.market(symbol)?.["id"]) ?? "";
    const call = table.feeTier?.call(symbol, wireName) ?? { method: "fetchTradingFee", args: [symbol] };
    return feesOf(await calls.read(call, 1), table);
  }

  private async maintenance(symbol: string): Promise<number | null> {
    const { calls, instance } = this.options;
    if (!instance.has("fetchLeverageTiers")) return null;
    const reply = await calls.read({ method: "fetchLeverageTiers", args: [[symbol]] }, 1);
    const tiers = reply.ok ? recordsOf(recordOf(reply.value)[symbol]) : [];
    return ppmOf(decimalOf(tiers[0]?.["maintenanceMarginRate"]));
  }

  private async interval(symbol: string): Promise<number | null> {
    const { calls, instance, table } = this.options;
    const told = table.fundingIntervalMs(recordOf(instance.market(symbol)?.["info"]));
    if (told !== null || table.fundingIntervals === null) return told;
    const reply = await calls.read(table.fundingIntervals.call, 1);
    if (!reply.ok) return table.fundingIntervals.absentMs;
    const entries = recordOf(reply.value);
    const found = recordOf(entries[symbol] ?? listOf(reply.value).find((each) => recordOf(each)["symbol"] === symbol));
    return durationOf(textOf(found["interval"])) ?? table.fundingIntervals.absentMs;
  }
}

/** Null where ccxt gave no fees. */
export function feesOf(
  reply: CallReply,
  { feeTier }: Pick<ExchangeTable, "feeTier">,
): { readonly makerPpm: number; readonly takerPpm: number } | null {
  if (!reply.ok) return null;
  const fee = recordOf(feeTier === undefined ? reply.value : feeTier.read(reply.value));
  const makerPpm = ppmOf(decimalOf(fee["maker"]));
  const takerPpm = ppmOf(decimalOf(fee["taker"]));
  return makerPpm === null || takerPpm === null ? null : { makerPpm, takerPpm };
}

/** `8h`, `30m`. */
function durationOf(text: string | null): number | null {
  const match = text === null ? null : /^(\d{1,3})(m|h|d)$/.exec(text);
  const count = wholeOf(match?.[1]);
  if (match === null || count === null || count === 0) return null;
  return count * (match[2] === "m" ? 60_000 : match[2] === "h" ? HOUR_MS : 24 * HOUR_MS);
}
