// A journal of a life that was long, written by hand in a moment: order after order is placed, accepted and filled, ten
// bought and ten sold. For what reads journals and books; no strategy and no market are behind it.

import type { BotState } from "../src/engine/state.ts";
import type { Journal } from "../src/journal/port.ts";
import { openSqliteJournal } from "../src/journal/sqlite-open.ts";
import { type Lots, lots, money, type Ticks, ticks } from "../src/market/amounts.ts";
import type { Instrument } from "../src/market/instrument.ts";
import { recordedApproval } from "../src/risk/recorded.ts";
import { type ClientOrderId, makeClientOrderId } from "../src/trading/client-order-id.ts";
import type { EngineEvent, FillEvent } from "../src/trading/event.ts";
import { bookFill, emptyLedger } from "../src/trading/ledger.ts";

export const LIFE_BEGAN_MS = 1_700_000_000_000;
const TAG = "bench0";
const MID = 600_000;

export interface LifeOptions {
  /** Orders, each with one fill. */
  readonly orders: number;
  /** From one order to the next. */
  readonly everyMs: number;
  /** Instrument and configuration it began with. */
  readonly state: Pick<BotState, "instrument" | "config">;
}

/** The journal, open. Errors: those of the journal. */
export function longJournal(path: string, { orders, everyMs, state }: LifeOptions): Journal {
  const { instrument, config } = state;
  if (instrument === null || config === null) throw new Error("a life begins with a configuration");
  const holder = { host: "bench", pid: process.pid, sinceMs: LIFE_BEGAN_MS };
  const warn = (text: string): never => {
    throw new Error(text);
  };
  const options = { bot: "bench", tag: TAG, sync: "kill" as const, holder, warn, reserveBytes: 0 };
  const journal = openSqliteJournal(path, options);
  const first = { revision: 1, hash: "0", by: "bench", atMs: LIFE_BEGAN_MS };
  journal.appendEvents(1, [{ kind: "configured", ...first, instrument, config }]);
  const ledger = emptyLedger();
  for (let i = 0; i < orders; i += 1) {
    const clientOrderId = placed(journal, instrument.symbol, { i, atMs: LIFE_BEGAN_MS + (i + 1) * everyMs });
    const fill = lifeFill(i, { symbol: instrument.symbol, clientOrderId, atMs: LIFE_BEGAN_MS + (i + 1) * everyMs });
    const seq = journal.seq + 1;
    journal.appendEvents(seq, [...acceptedAndFilled(fill, clientOrderId), fill]);
    const postings = bookFill(ledger, instrument, fill).map((posting) => ({ seq: journal.seq, posting }));
    journal.appendEffects({ effects: [], postings, mark: null, sends: false });
  }
  return journal;
}

/** Price and size of order `i`: ten bought one after the other, then ten sold, a little dearer. */
function orderOf(i: number): { readonly side: "buy" | "sell"; readonly price: Ticks; readonly quantity: Lots } {
  const side = i % 20 < 10 ? "buy" : "sell";
  return { side, price: ticks(MID + (side === "sell" ? 100 : 0) + (i % 50)), quantity: lots(10) };
}

/** A book, and the order it caused. */
function placed(journal: Journal, symbol: string, { i, atMs }: { i: number; atMs: number }): ClientOrderId {
  const seq = journal.seq + 1;
  const { side, price, quantity } = orderOf(i);
  const book = { bids: [[ticks(MID - 1), lots(500)]], asks: [[ticks(MID + 1), lots(500)]] } as const;
  journal.appendEvents(seq, [{ kind: "book", atMs, symbol, ...book, exchangeAtMs: atMs, replaced: 0 }]);
  const clientOrderId = makeClientOrderId({ tag: TAG, lineage: 1, seq, index: 0 });
  const kind = { timeInForce: "GTC", postOnly: true, reduceOnly: false, slotKey: `L/${i % 20}` } as const;
  const order = recordedApproval({ symbol, side, price, quantity, ...kind });
  const effect = { kind: "place", clientOrderId, order, because: { code: "grid.entry" } } as const;
  journal.appendEffects({ effects: [{ seq, index: 0, atMs, effect }], postings: [], mark: null, sends: true });
  return clientOrderId;
}

function acceptedAndFilled(fill: FillEvent, clientOrderId: ClientOrderId): readonly EngineEvent[] {
  const { atMs, symbol, exchangeOrderId, side, price, quantity } = fill;
  const outcome = { of: "place", result: "accepted", reason: null, text: "" } as const;
  const order = { symbol, clientOrderId, exchangeOrderId, side, price, quantity, cumulative: quantity } as const;
  return [
    { kind: "outcome", atMs, clientOrderId, exchangeOrderId, ...outcome },
    { kind: "order", atMs, ...order, status: "filled", reason: null, source: "stream" },
  ];
}

/** Fill `i` of such a life. */
export function lifeFill(
  i: number,
  of: { readonly symbol: Instrument["symbol"]; readonly clientOrderId: ClientOrderId | null; readonly atMs: number },
): FillEvent {
  return {
    kind: "fill",
    ...of,
    ...orderOf(i),
    tradeId: `t${i}`,
    exchangeOrderId: `x${i}`,
    feeAsset: "USDT",
    fee: money(10n ** 15n),
    liquidity: "maker",
    origin: "order",
    exchangeAtMs: of.atMs,
  };
}
