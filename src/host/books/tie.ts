// Do our books explain the exchange's balance? Its quote wallet now, less what it was when the first bot of the account
// began, less what all their books say came and went (API-24). What is left came from elsewhere: transfers, others'
// trades, or a mistake.

import type { Money } from "../../market/amounts.ts";
import type { BotBook } from "./bot-book.ts";

export interface Tie {
  /** When both were compared, Unix ms by engine time; 0 = never. */
  readonly tiedAtMs: number;
  /** The exchange's balance less ours, 10^−18 of the quote asset; null when never compared. */
  readonly difference: bigint | null;
}

/** `books`: every book of the account. Null where no bot knows what the account began with. */
export function tieOf(books: readonly BotBook[], wallet: Money, atMs: number): Tie | null {
  let start: { readonly amount: bigint; readonly atMs: number } | null = null;
  let explained = 0n;
  for (const book of books) {
    const { startWallet } = book;
    if (startWallet !== null && (start === null || startWallet.atMs < start.atMs)) start = startWallet;
    explained += book.walletChange();
  }
  return start === null ? null : { tiedAtMs: atMs, difference: wallet - start.amount - explained };
}
