// Balances and positions of the account: told when the stream speaks of them, read again a moment later because
// streams leave out what is free, and held against a poll (EXCH-22). Funding that was booked is read and told once.

import type { Clock } from "../../../base/clock.ts";
import type { Log } from "../../../observe/log.ts";
import type { AccountResult, FundingResult, StreamMessage } from "../../port.ts";
import type { Priority } from "../call.ts";
import type { CcxtReads } from "../ccxt-reads.ts";
import type { Instruments } from "../instruments.ts";
import type { StreamTimes } from "./times.ts";

export interface AccountWatchOptions {
  readonly reads: CcxtReads;
  /** Settlements of funding; absent on spot. */
  readonly funding?: (symbol: string, sinceMs: number) => Promise<FundingResult>;
  readonly instruments: Instruments;
  readonly clock: Clock;
  readonly exchangeNowMs: () => number;
  readonly log: Log;
  readonly times: StreamTimes;
  symbols(): readonly string[];
  tell(symbol: string, message: StreamMessage): void;
}

/** When funding is looked for after the exchange spoke of it: it may be booked late. */
const FUNDING_WAITS_MS = [0, 3_000, 15_000];
const FUNDING_SPAN_MS = 3_600_000;
const PAYMENTS_MAX = 10_000;

export class AccountWatch {
  private readonly options: AccountWatchOptions;
  /** Lots as last told, by symbol. */
  private readonly told = new Map<string, number>();
  /** Number of what the stream said of it: a read that was asked for before is older. */
  private spoken = 0;
  private readonly paid = new Set<string>();
  private readonly timers = new Set<() => void>();
  private fundingLooks: readonly (() => void)[] = [];
  private soon = false;
  private dueMs = Number.NEGATIVE_INFINITY;
  private differed = 0;
  private closed = false;

  constructor(options: AccountWatchOptions) {
    this.options = options;
  }

  /** Polls in a row that differed from what was told. */
  get off(): number {
    return this.differed;
  }

  /** The stream spoke of a position. */
  position(wireName: string, amount: string): void {
    const of = this.options.instruments.byWireName(wireName);
    const lots = of?.steps.lots(amount);
    if (of === null || lots?.ok !== true) return;
    const { symbol } = of.instrument;
    this.spoken += 1;
    this.told.set(symbol, lots.value);
    this.options.tell(symbol, { kind: "position", symbol, lots: lots.value, askedAtSeq: 0, liquidation: null });
  }

  /** Something changed: it is read soon, once for many changes. */
  touched(): void {
    this.spoken += 1;
    if (this.soon || this.closed) return;
    this.soon = true;
    const { clock, times } = this.options;
    const atMs = Math.max(clock.nowMs(), this.dueMs);
    this.at(atMs, () => {
      this.soon = false;
      this.dueMs = clock.nowMs() + times.accountPauseMs;
      void this.readAll(3);
    });
  }

  /** Reads every account and tells it; false: one was not to be had. */
  async readAll(priority: Priority): Promise<boolean> {
    // asked together they cost one request of each kind
    const answers = await Promise.all(this.options.symbols().map((symbol) => this.read(symbol, priority)));
    return !answers.includes(null);
  }

  /** Holds what the exchange says now against what was told. */
  async probe(): Promise<void> {
    const answers = await Promise.all(this.options.symbols().map((symbol) => this.read(symbol, 3)));
    if (!answers.includes(null)) this.differed = answers.includes(true) ? this.differed + 1 : 0;
  }

  /** A complete read took its place. */
  forgive(): void {
    this.differed = 0;
  }

  /** The exchange booked funding, or may have while nobody listened. */
  fundingBooked(): void {
    if (this.options.funding === undefined) return;
    const { clock } = this.options;
    // the newest word counts: looks that are still to come are for the same hour
    for (const cancel of this.fundingLooks) cancel();
    this.fundingLooks = FUNDING_WAITS_MS.map((waitMs) =>
      this.at(clock.nowMs() + waitMs, () => void this.readFunding()),
    );
  }

  close(): void {
    this.closed = true;
    for (const cancel of this.timers) cancel();
    this.timers.clear();
  }

  /** Whether a position differed from what was told; null: no answer. */
  private async read(symbol: string, priority: Priority): Promise<boolean | null> {
    const { spoken } = this;
    const answer = await this.options.reads.account(symbol, priority);
    if (this.closed || answer.result !== "ok") return null;
    const { equity, quoteAvailable, maintenanceMargin } = answer;
    this.options.tell(symbol, { kind: "account", equity, quoteAvailable, maintenanceMargin });
    // what the stream said meanwhile is newer than this answer
    return spoken === this.spoken && this.positions(answer);
  }

  private positions({ positions }: Extract<AccountResult, { result: "ok" }>): boolean {
    let differed = false;
    for (const { symbol, lots, liquidation } of positions) {
      const before = this.told.get(symbol);
      if (before === lots) continue;
      this.told.set(symbol, lots);
      this.options.tell(symbol, { kind: "position", symbol, lots, askedAtSeq: 0, liquidation });
      differed ||= before !== undefined;
    }
    return differed;
  }

  private async readFunding(): Promise<void> {
    const { funding, log } = this.options;
    if (funding === undefined) return;
    const sinceMs = this.options.exchangeNowMs() - FUNDING_SPAN_MS;
    for (const symbol of this.options.symbols()) {
      const answer = await funding(symbol, sinceMs);
      if (this.closed) return;
      if (answer.result !== "ok") {
        log.warn("funding that was booked could not be read", { symbol, why: answer.text });
        continue;
      }
      for (const settled of answer.settlements) {
        const key = `${settled.symbol} ${settled.settledAtMs}`;
        if (this.paid.has(key)) continue;
        this.paid.add(key);
        if (this.paid.size > PAYMENTS_MAX) for (const oldest of this.paid.keys().take(1)) this.paid.delete(oldest);
        this.options.tell(symbol, settled);
      }
    }
  }

  private at(atMs: number, work: () => void): () => void {
    const cancel = this.options.clock.at(atMs, () => {
      this.timers.delete(end);
      if (!this.closed) work();
    });
    const end = (): void => {
      this.timers.delete(end);
      cancel();
    };
    this.timers.add(end);
    return end;
  }
}
