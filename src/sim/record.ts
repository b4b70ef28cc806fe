// The exchange's own record: what it was asked, what it accepted, filled and cancelled, in its order. Checkers and the
// crash test believe this and nothing else. The exchange only appends; who keeps it is the caller's business.

import { sha256 } from "../base/canonical.ts";
import type { Side } from "../market/amounts.ts";

interface Entry {
  readonly n: number;
  readonly atUs: number;
  readonly account: string;
  readonly symbol: string;
}

/** One line of the record. Amounts are ticks, lots, and Money as decimal integer text of 10^−18. */
export type RecordEntry = Entry &
  (
    | {
        readonly kind: "request";
        readonly request: "place" | "cancel" | "amend";
        readonly clientOrderId: string;
        readonly side: Side | null;
        readonly price: number;
        readonly quantity: number;
        readonly flags: string;
        readonly sentUs: number;
      }
    | { readonly kind: "refused"; readonly clientOrderId: string; readonly reason: string; readonly text: string }
    | {
        readonly kind: "accepted";
        readonly clientOrderId: string;
        readonly exchangeOrderId: string;
        readonly side: Side;
        readonly price: number;
        readonly quantity: number;
        readonly reduceOnly: boolean;
      }
    | {
        readonly kind: "fill";
        readonly clientOrderId: string | null;
        readonly exchangeOrderId: string;
        readonly tradeId: string;
        readonly side: Side;
        readonly price: number;
        readonly quantity: number;
        readonly fee: string;
        readonly feeAsset: string;
        readonly liquidity: "maker" | "taker";
        readonly origin: "order" | "liquidation" | "adl";
        readonly counterparty: string;
      }
    | {
        readonly kind: "ended";
        readonly clientOrderId: string;
        readonly exchangeOrderId: string;
        readonly status: "filled" | "canceled" | "expired";
        readonly cumulative: number;
        readonly why: string;
      }
    | {
        readonly kind: "amended";
        readonly clientOrderId: string;
        readonly exchangeOrderId: string;
        readonly price: number;
        readonly quantity: number;
        readonly keptPlace: boolean;
      }
    | {
        readonly kind: "funding";
        readonly ratePpt: number;
        readonly mark: number;
        readonly positionLots: number;
        readonly amount: string;
      }
    | { readonly kind: "liquidation"; readonly mark: number; readonly positionLots: number; readonly insurance: string }
    | { readonly kind: "balance"; readonly asset: string; readonly amount: string }
    | { readonly kind: "fault"; readonly fault: string; readonly touched: string }
  );

/** Keeps entries for tests, up to `max`: beyond it the oldest are dropped and counted, the hash goes on over all. */
export class RecordKeeper {
  readonly entries: RecordEntry[] = [];
  dropped = 0;
  private chain = "";
  private readonly max: number;

  constructor(max = 1_000_000) {
    this.max = max;
  }

  readonly append = (entry: RecordEntry): void => {
    if (this.entries.length === this.max) {
      this.chain = this.hash();
      this.dropped += this.entries.length;
      this.entries.length = 0;
    }
    this.entries.push(entry);
  };

  /** SHA-256 over everything recorded so far. */
  hash(): string {
    return sha256(this.chain + this.entries.map((entry) => JSON.stringify(entry)).join("\n"));
  }
}
