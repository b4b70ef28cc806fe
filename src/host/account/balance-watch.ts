// When the books of the budgets may be held against the exchange's total (RISK-17): two reads a second apart must show
// the same difference, since between a fill and its booking the two are apart for a moment.

import type { Clock } from "../../base/clock.ts";
import type { BotState } from "../../engine/state.ts";
import { postingText } from "../../journal/codec.ts";
import { money } from "../../market/amounts.ts";
import type { AccountBalance } from "../../trading/account-event.ts";
import type { Posting } from "../../trading/ledger.ts";
import { CONFIRM_MS, type ExchangeRead } from "../reconciler.ts";
import { figuresOf } from "./figures.ts";

type Told = Omit<AccountBalance, "atMs">;

/** Newest postings kept to be shown with a drift. */
const POSTINGS_MAX = 10;

export class BalanceWatch {
  private readonly postings: string[] = [];
  private readonly clock: Pick<Clock, "monotonicMs">;
  private lastDifference: bigint | null = null;
  private sinceMs = 0;
  private toldDifference: bigint | null = null;

  constructor(clock: Pick<Clock, "monotonicMs">) {
    this.clock = clock;
  }

  /** The exchange's total less the cash of the bots, as two reads in a row last showed it; null before that. */
  get difference(): bigint | null {
    return this.toldDifference;
  }

  /** A posting was booked. */
  booked(posting: Posting): void {
    this.postings.push(postingText(posting));
    if (this.postings.length > POSTINGS_MAX) this.postings.shift();
  }

  /** What to tell the account machine after this read; null while nothing is certain, or nothing new. */
  saw(read: ExchangeRead, running: readonly (readonly [bot: string, state: BotState])[]): Told | null {
    let cash = 0n;
    let openOrders = 0;
    const quotes = new Set<string>();
    for (const [bot, state] of running) {
      const figures = figuresOf(bot, state);
      if (figures.cash === null || state.instrument === null) return null;
      quotes.add(state.instrument.quote);
      cash += figures.cash;
      openOrders += figures.orders;
    }
    const [asset] = quotes;
    if (asset === undefined || quotes.size > 1) return null;
    const total = read.account.quoteTotal;
    const difference = total - cash;
    const nowMs = this.clock.monotonicMs();
    if (difference !== this.lastDifference) this.sinceMs = nowMs;
    this.lastDifference = difference;
    // bots that read at the same moment, as after a reconnect, all miss the same fills
    if (nowMs - this.sinceMs < CONFIRM_MS || difference === this.toldDifference) return null;
    this.toldDifference = difference;
    return { kind: "account-balance", asset, total: money(total), openOrders, postings: [...this.postings] };
  }
}
