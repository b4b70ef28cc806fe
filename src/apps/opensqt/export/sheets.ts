// What can be exported of a journal, as rows of text: fills, lots, ledger, audit. Decimals are exact, times ISO 8601
// UTC, and a journal of any length passes through without being held in memory. Reads alone.

import { type Told, toldOfJournal } from "../../../host/books/told.ts";
import type { JournalReader } from "../../../journal/port.ts";
import { lots, money, type Ticks } from "../../../market/amounts.ts";
import { formatMoney, formatPrice, formatQuantity, type Instrument, unitMoney } from "../../../market/instrument.ts";
import type { EngineEvent, FillEvent } from "../../../trading/event.ts";
import { emptyLedger, fillIdentity, regridLedger } from "../../../trading/ledger.ts";
import { foldPostings, type PostedEntry } from "../../../trading/posting-fold.ts";
import { LotMatcher, type MatchedLots } from "./lot-matcher.ts";

/** Values in the order of the sheet's columns; "" where there is none. */
export type Row = readonly string[];

export interface Sheet {
  readonly columns: readonly string[];
  /** `onSeq` hears how far it is. Errors: those of the journal. */
  readonly rows: (journal: JournalReader, onSeq: (seq: number) => void) => Generator<Row>;
}

const timeOf = (ms: number): string => new Date(ms).toISOString();
const moneyText = (sum: bigint): string => formatMoney(money(sum));

/** One entry of the ledger with the fill it books, where it is one whose event the journal still has. */
interface Booked {
  readonly bot: string;
  readonly seq: number;
  readonly instrument: Instrument;
  readonly entry: PostedEntry;
  readonly fill: FillEvent | null;
}

function* bookedIn(journal: JournalReader, onSeq: (seq: number) => void): Generator<Booked> {
  const ledger = emptyLedger();
  const { bot } = journal.meta;
  let instrument: Instrument | null = null;
  for (const told of toldOfJournal(journal, journal.seq)) {
    onSeq(told.seq);
    const before = instrument;
    instrument = instrumentAfter(told, before);
    if (before !== null && instrument !== null) regridLedger(ledger, before, instrument);
    if (told.postings.length === 0 || instrument === null) continue;
    const event = told.kind === "fill" ? told.event() : null;
    const fill = event?.kind === "fill" ? event : null;
    for (const entry of foldPostings(ledger, instrument, told.postings)) {
      const isIts = fill !== null && entry.causeId === fillIdentity(instrument.exchange, fill);
      yield { bot, seq: told.seq, instrument, entry, fill: isIts ? fill : null };
    }
  }
}

function instrumentAfter(told: Told, before: Instrument | null): Instrument | null {
  if (told.kind !== "configured" && told.kind !== "instrument") return before;
  const event = told.event();
  return event.kind === "configured" || event.kind === "instrument" ? event.instrument : before;
}

const FILLS: Sheet = {
  columns: [
    ..."time bot exchange symbol side price quantity value fee fee_asset liquidity origin realized".split(" "),
    ..."trade_id order_id client_order_id sequence".split(" "),
  ],
  *rows(journal, onSeq) {
    for (const { bot, seq, instrument, entry, fill } of bookedIn(journal, onSeq)) {
      if (entry.cause === "fill") yield fillRow({ bot, seq, instrument, entry, fill });
    }
  },
};

function fillRow({ bot, seq, instrument, entry, fill }: Booked): Row {
  const { exchange, symbol } = instrument;
  const size = lots(Math.abs(entry.lots));
  const unit = unitMoney(instrument);
  const value = entry.price === null ? 0n : BigInt(entry.price) * BigInt(size) * unit;
  const fees = entry.fees.map(([, amount]) => moneyText(amount)).join(" ");
  return [
    timeOf(fill?.exchangeAtMs ?? entry.atMs),
    bot,
    exchange,
    symbol,
    entry.lots > 0 ? "buy" : "sell",
    priceText(instrument, entry.price),
    formatQuantity(instrument, size),
    moneyText(value),
    fees === "" ? "0" : fees,
    entry.fees.map(([asset]) => asset).join(" "),
    fill?.liquidity ?? "",
    fill?.origin ?? "",
    entry.closed === 0 ? "" : moneyText(entry.realised * unit),
    fill?.tradeId ?? entry.causeId,
    fill?.exchangeOrderId ?? "",
    fill?.clientOrderId ?? "",
    String(seq),
  ];
}

const priceText = (instrument: Instrument, price: Ticks | null): string =>
  price === null ? "" : formatPrice(instrument, price);

/** Lots first in, first out: each piece that was opened and closed, then what is still open. Before fees. */
const LOTS: Sheet = {
  columns: [
    ..."bot exchange symbol side quantity opened_at open_price open_id closed_at close_price close_id".split(" "),
    "realized",
  ],
  *rows(journal, onSeq) {
    const matcher = new LotMatcher();
    let last: { readonly bot: string; readonly instrument: Instrument } | null = null;
    for (const { bot, instrument, entry, fill } of bookedIn(journal, onSeq)) {
      if (entry.price === null) continue;
      last = { bot, instrument };
      const id = fill?.tradeId ?? entry.causeId;
      const atMs = fill?.exchangeAtMs ?? entry.atMs;
      for (const piece of matcher.move({ price: entry.price, lots: entry.lots, atMs, id })) {
        yield lotRow(piece, { bot, instrument });
      }
    }
    if (last !== null) for (const piece of matcher.open()) yield lotRow(piece, last);
  },
};

function lotRow(
  { long, lots: size, opened, closed }: MatchedLots,
  { bot, instrument }: { readonly bot: string; readonly instrument: Instrument },
): Row {
  const realised = closed === null ? 0n : BigInt(closed.price - opened.price) * BigInt(size) * (long ? 1n : -1n);
  return [
    bot,
    instrument.exchange,
    instrument.symbol,
    long ? "long" : "short",
    formatQuantity(instrument, size),
    timeOf(opened.atMs),
    formatPrice(instrument, opened.price),
    opened.id,
    closed === null ? "" : timeOf(closed.atMs),
    priceText(instrument, closed?.price ?? null),
    closed?.id ?? "",
    closed === null ? "" : moneyText(realised * unitMoney(instrument)),
  ];
}

/** Postings as they stand: per asset they add up to nothing, entry by entry. */
const LEDGER: Sheet = {
  columns: ["time", "bot", "cause", "cause_id", "account", "asset", "amount", "sequence"],
  *rows(journal, onSeq) {
    const { bot } = journal.meta;
    for (const { seq, posting } of journal.postings(0)) {
      onSeq(seq);
      const { atMs, cause, causeId, account, asset, amount } = posting;
      yield [timeOf(atMs), bot, cause, causeId, account, asset, moneyText(amount), String(seq)];
    }
  },
};

/** Who did what, and what the system said: commands, configurations, starts and ends, alerts. */
const AUDIT: Sheet = {
  columns: ["time", "bot", "what", "by", "reason", "request_id", "text", "details", "sequence"],
  *rows(journal, onSeq) {
    const { bot } = journal.meta;
    for (const told of toldOfJournal(journal, journal.seq)) {
      onSeq(told.seq);
      const head = [timeOf(told.atMs), bot];
      const by = auditOf(told);
      if (by !== null) yield [...head, ...by, String(told.seq)];
      for (const { kind, effect } of told.effects) {
        const alert = kind === "alert" ? effect() : null;
        if (alert?.kind !== "alert") continue;
        const { code, severity, text, facts } = alert;
        yield [...head, `alert ${code}`, "", "", "", text, detailsOf({ severity, ...facts }), String(told.seq)];
      }
    }
  },
};

/** what, by, reason, request_id, text, details; null for what is the market's. */
function auditOf(told: Told): readonly string[] | null {
  if (told.kind === "command") return auditOfCommand(told.event());
  if (told.kind === "recovered") return ["recovered", "", "", "", "", ""];
  if (!AUDITED.has(told.kind)) return null;
  const event = told.event();
  if (event.kind === "configured") {
    return ["configured", event.by, "", "", `revision ${event.revision}`, detailsOf({ hash: event.hash })];
  }
  if (event.kind === "run-started") {
    const { host, release, epoch, lineage, configHash } = event;
    return ["run-started", host, "", "", `release ${release}`, detailsOf({ epoch, lineage, configHash })];
  }
  if (event.kind === "stop-requested") return ["stop-requested", event.by, "", "", "", ""];
  if (event.kind !== "host-condition") return null;
  return [`host ${event.condition}`, "", "", "", event.text, detailsOf({ active: event.active })];
}

const AUDITED: ReadonlySet<string> = new Set(["configured", "run-started", "stop-requested", "host-condition"]);

function auditOfCommand(event: EngineEvent): readonly string[] | null {
  if (event.kind !== "command") return null;
  const { name, ...details } = event.command;
  // a whole configuration is no detail: `configured` names its hash
  const shown = "config" in details ? {} : details;
  return [`command ${name}`, event.by, event.reason, event.requestId ?? "", "", detailsOf(shown)];
}

const detailsOf = (details: object): string =>
  Object.keys(details).length === 0
    ? ""
    : JSON.stringify(details, (_key, value: unknown) => (typeof value === "bigint" ? value.toString() : value));

export const SHEETS = { fills: FILLS, lots: LOTS, ledger: LEDGER, audit: AUDIT } as const;
export type SheetName = keyof typeof SHEETS;
