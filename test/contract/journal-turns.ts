// Turns of a small bot, for the journal's suites: a book arrives, an order is placed, now and then one is filled.

import { encodeCanonical, sha256 } from "../../src/base/canonical.ts";
import type { OpenOptions } from "../../src/journal/open-options.ts";
import type { Journal, PostingToAppend, Snapshot, TurnEffects } from "../../src/journal/port.ts";
import { lots, money, ticks } from "../../src/market/amounts.ts";
import { recordedApproval } from "../../src/risk/recorded.ts";
import { makeClientOrderId } from "../../src/trading/client-order-id.ts";
import type { Effect } from "../../src/trading/effect.ts";
import type { EngineEvent, FillEvent } from "../../src/trading/event.ts";
import { fillIdentity, type Posting } from "../../src/trading/ledger.ts";

export const BOT = "grid-1";
export const TAG = "grid01";
export const SYMBOL = "BTC/USDT:USDT";
const START_MS = 1_700_000_000_000;

export function options(patch: Partial<OpenOptions> = {}): OpenOptions {
  const holder = { host: "here", pid: process.pid, sinceMs: START_MS };
  return { bot: BOT, tag: TAG, sync: "send", holder, warn: () => {}, ...patch };
}

export const book = (seq: number): EngineEvent => ({
  kind: "book",
  atMs: START_MS + seq,
  symbol: SYMBOL,
  bids: [[ticks(60_000 - seq), lots(3)]],
  asks: [[ticks(60_001 + seq), lots(5)]],
  exchangeAtMs: START_MS + seq,
  replaced: 0,
});

export const fill = (seq: number): FillEvent => ({
  kind: "fill",
  atMs: START_MS + seq,
  symbol: SYMBOL,
  tradeId: `trade-${seq}`,
  clientOrderId: idOf(seq),
  exchangeOrderId: `x-${seq}`,
  side: "buy",
  price: ticks(60_000),
  quantity: lots(2),
  feeAsset: "USDT",
  fee: money(17n),
  liquidity: "maker",
  origin: "order",
  exchangeAtMs: START_MS + seq,
});

export const idOf = (seq: number) => makeClientOrderId({ tag: TAG, lineage: 1, seq, index: 0 });

export const place = (seq: number): Effect => ({
  kind: "place",
  clientOrderId: idOf(seq),
  order: recordedApproval({
    symbol: SYMBOL,
    side: "buy",
    price: ticks(60_000 - seq),
    quantity: lots(2),
    timeInForce: "GTC",
    postOnly: true,
    reduceOnly: false,
    slotKey: `L/${seq}`,
  }),
  because: { code: "ENTRY", slot: seq },
});

/** Two lines on the same account and asset, as a fill with a fee in quote has. */
export function postingsOf(seq: number, event: FillEvent): PostingToAppend[] {
  const causeId = fillIdentity("sim", event);
  const base = { cause: "fill", causeId, atMs: event.atMs } as const;
  const lines: Posting[] = [
    { ...base, account: "cash", asset: "USDT", amount: money(-120n) },
    { ...base, account: "market", asset: "USDT", amount: money(120n) },
    { ...base, account: "cash", asset: "USDT", amount: money(-17n) },
    { ...base, account: "fee", asset: "USDT", amount: money(17n) },
  ];
  return lines.map((posting) => ({ seq, posting }));
}

export const NOTHING: TurnEffects = { effects: [], postings: [], mark: null, sends: false };

export const placing = (seq: number): TurnEffects => ({
  ...NOTHING,
  effects: [{ seq, index: 0, atMs: START_MS + seq, effect: place(seq) }],
  sends: true,
});

/** One turn: every fifth event is a fill that is booked, every other one a book that places an order; marks by tens. */
export function turn(journal: Journal): void {
  const seq = journal.seq + 1;
  if (seq % 5 === 0) {
    const event = fill(seq);
    journal.appendEvents(seq, [event]);
    const mark = seq % 10 === 0 ? { seq, atMs: event.atMs, stateHash: sha256(`${seq}`) } : null;
    journal.appendEffects({ ...NOTHING, postings: postingsOf(seq, event), mark });
  } else {
    journal.appendEvents(seq, [book(seq)]);
    journal.appendEffects(placing(seq));
  }
}

export function turns(journal: Journal, count: number): void {
  for (let i = 0; i < count; i += 1) turn(journal);
}

/** A snapshot of the journal as it stands, of a state that says where. */
export function snapshotOf(journal: Journal): Snapshot {
  const state = encodeCanonical({ seq: journal.seq, money: 7n, map: new Map([["a", 1]]) });
  const { position, seq, chainHash } = journal;
  return { version: 1, position, seq, chainHash, stateHash: sha256(state), state };
}

export const hashOf = (text: string): string => sha256(text);
