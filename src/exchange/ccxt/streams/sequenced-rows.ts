// Rows of public frames in the form OKX and Bitget share: books with a sequence and the one before, and public trades. The
// names of the fields differ, what they mean does not.

import { decimalOf, listOf, type Raw, textOf, wholeOf } from "../raw.ts";
import type { PublicNews } from "./stream-table.ts";

/** Nothing where the row has no sequence. */
export function sequencedDepth(
  data: Raw,
  about: { readonly wireName: string; readonly whole: boolean },
  fields: { readonly sequence: string; readonly previous: string },
): readonly PublicNews[] {
  const last = wholeOf(data[fields.sequence]);
  if (last === null) return [];
  const previous = wholeOf(data[fields.previous]) ?? "untold";
  const [bids, asks] = [listOf(data["bids"]), listOf(data["asks"])];
  return [{ kind: "depth", ...about, first: last, last, previous, bids, asks, atMs: wholeOf(data["ts"]) ?? 0 }];
}

/** Nothing where the row lacks its id, time, price or amount. */
export function publicTrade(
  data: Raw,
  wireName: string,
  fields: { readonly price: string; readonly amount: string },
): readonly PublicNews[] {
  const [tradeId, atMs] = [textOf(data["tradeId"]), wholeOf(data["ts"])];
  const [price, amount] = [decimalOf(data[fields.price]), decimalOf(data[fields.amount])];
  if (tradeId === null || atMs === null || price === null || amount === null) return [];
  const takerSide = data["side"] === "sell" ? "sell" : "buy";
  return [{ kind: "trade", wireName, tradeId, takerSide, price, amount, atMs }];
}
