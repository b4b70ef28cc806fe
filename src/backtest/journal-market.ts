// A journal as market data (BT-44): what a bot saw of the market becomes rows the simulated exchange can play again.
// Books were conflated before they were journaled, so only the best quote of each is used (L1); trades were summed, so
// each becomes its lowest, its highest and its last price; where no trades were journaled, a best level that is gone
// counts as traded. Own orders and fills are left out: as evidence they would favour the configuration that made them.

import { decodeEvent } from "../journal/codec.ts";
import type { JournalReader } from "../journal/port.ts";
import { type Money, money, type Side } from "../market/amounts.ts";
import type { Instrument } from "../market/instrument.ts";
import { RowFlag, RowKind, TapeBuilder } from "../market/tape.ts";
import { tapeSource } from "../sim/market-source.ts";
import type { Command } from "../trading/command.ts";
import type { BookEvent, EngineEvent, Level, StartFacts, TradesEvent } from "../trading/event.ts";
import type { MarketData } from "./market-data.ts";
import { TapeScan } from "./tape-scan.ts";

/** An operator's word at its time; both sides of a comparison hear it. */
export interface GivenCommand {
  readonly atMs: number;
  readonly command: Command;
  readonly by: string;
  readonly reason: string;
}

export interface JournalMarket {
  readonly market: MarketData;
  readonly instrument: Instrument;
  /** Hash of every configuration that was in force, oldest first. */
  readonly configHashes: readonly string[];
  readonly start: StartFacts;
  readonly commands: readonly GivenCommand[];
  readonly books: number;
  readonly trades: number;
}

export interface JournalRange {
  readonly fromSeq: number;
  readonly toSeq: number;
}

/** What made a journal unfit to be played again; a sentence for people. */
export class JournalMarketError extends Error {
  override readonly name = "JournalMarketError";
  readonly code = "NO_MARKET";
}

/** Commands that mean the same in another run; those about orders, lots or configurations of the first do not. */
const PLAYED: ReadonlySet<Command["name"]> = new Set([
  "pause",
  "resume",
  "flatten",
  "clearGate",
  "kill",
  "killReset",
  "limits",
  "breakerOpen",
  "breakerClose",
]);
const FUNDING_INTERVAL_MS = 8 * 3_600_000;
const US = 1000;

/** Reads the events once. Errors: JournalMarketError where there is no market, no start or a position to begin with. */
export function journalMarket(reader: JournalReader, { fromSeq, toSeq }: JournalRange): JournalMarket {
  const rows = new Rows(holdsTrades(reader, { fromSeq, toSeq }));
  const configHashes: string[] = [];
  const commands: GivenCommand[] = [];
  let instrument: Instrument | null = null;
  let start: StartFacts | null = null;
  for (const record of reader.records(0)) {
    if (record.type !== "event" || record.seq > toSeq) continue;
    const event = decodeEvent(record);
    if (event.kind === "configured") {
      instrument ??= event.instrument;
      if (configHashes.at(-1) !== event.hash) configHashes.push(event.hash);
    }
    if (record.seq < fromSeq) continue;
    if (event.kind === "start-facts") start ??= event;
    else if (event.kind === "command" && PLAYED.has(event.command.name)) commands.push(given(event));
    else rows.take(event);
  }
  if (instrument === null || start === null) {
    throw new JournalMarketError(
      "the journal has no start of a run in that range: give an earlier --from, or the journal of a bot that traded",
    );
  }
  if (instrument.kind !== "spot" && start.positionLots !== 0) {
    throw new JournalMarketError(
      `the range begins with a position of ${start.positionLots} lots, and a what-if begins flat: ` +
        "give a --from where the bot was flat",
    );
  }
  return { market: marketOf(reader, rows, instrument), instrument, configHashes, start, commands, ...rows.counts };
}

function holdsTrades(reader: JournalReader, { fromSeq, toSeq }: JournalRange): boolean {
  for (const { type, kind, seq } of reader.records(0))
    if (type === "event" && kind === "trades" && seq >= fromSeq && seq <= toSeq) return true;
  return false;
}

const given = ({ atMs, command, by, reason }: Extract<EngineEvent, { kind: "command" }>): GivenCommand => ({
  atMs,
  command,
  by,
  reason,
});

function marketOf(reader: JournalReader, rows: Rows, instrument: Instrument): MarketData {
  const tape = rows.tape.finish();
  const scan = new TapeScan();
  scan.take(tape);
  const facts = scan.facts();
  if (facts === null || rows.counts.books === 0)
    throw new JournalMarketError("the journal holds no book in that range: there is no market to play");
  const name = `journal of ${reader.meta.bot} (${rows.counts.books} books, conflated)`;
  return {
    facts,
    instrument,
    sources: [{ name, hash: reader.chainHash }],
    findings: [],
    synthetic: false,
    open: () => tapeSource(tape),
    close: () => undefined,
  };
}

/** The quote a bot begins with: all of it on a perpetual, what was free on spot. */
export const openingQuote = (instrument: Instrument, { equity, quoteAvailable }: StartFacts): Money =>
  money(instrument.kind === "spot" ? quoteAvailable : equity);

class Rows {
  readonly tape = new TapeBuilder();
  readonly counts = { books: 0, trades: 0 };
  private atUs = 0;
  private mid = 0;
  private best: { readonly bid: Level; readonly ask: Level } | null = null;
  private readonly hasTrades: boolean;

  constructor(hasTrades: boolean) {
    this.hasTrades = hasTrades;
  }

  take(event: EngineEvent): void {
    const atUs = Math.max(this.atUs, event.atMs * US);
    this.atUs = atUs;
    const { kind } = event;
    if (kind === "book") this.book(event, atUs);
    else if (kind === "trades") this.trades(event, atUs);
    else if (kind === "mark") this.row(RowKind.mark, atUs, { price: event.mark, quantity: 0 });
    else if (kind === "funding-settled") {
      this.row(RowKind.funding, atUs, { price: event.ratePpt, quantity: FUNDING_INTERVAL_MS });
    }
  }

  private book({ bids, asks }: BookEvent, atUs: number): void {
    const [bid] = bids;
    const [ask] = asks;
    if (bid === undefined || ask === undefined || bid[0] >= ask[0]) return;
    this.counts.books += 1;
    this.infer(bid, ask, atUs);
    this.mid = (bid[0] + ask[0]) / 2;
    this.best = { bid, ask };
    this.tape.push(RowKind.quoteBid, 0, atUs, atUs, bid[0], bid[1], 0, 0);
    this.tape.push(RowKind.quoteAsk, RowFlag.frameEnd, atUs, atUs, ask[0], ask[1], 0, 0);
  }

  /** Without public trades in the journal: a best level that is gone or thinner counts as traded, not as cancelled. */
  private infer(bid: Level, ask: Level, atUs: number): void {
    const { best } = this;
    if (best === null || this.hasTrades) return;
    const sold = bid[0] < best.bid[0] ? best.bid[1] : bid[0] === best.bid[0] ? best.bid[1] - bid[1] : 0;
    const bought = ask[0] > best.ask[0] ? best.ask[1] : ask[0] === best.ask[0] ? best.ask[1] - ask[1] : 0;
    if (sold > 0) this.trade({ price: best.bid[0], quantity: sold, of: "buy" }, atUs);
    if (bought > 0) this.trade({ price: best.ask[0], quantity: bought, of: "sell" }, atUs);
  }

  /** A third of the volume at each of the lowest, the highest and the last price: never more than there was. */
  private trades({ low, high, last, volume }: TradesEvent, atUs: number): void {
    this.counts.trades += 1;
    const ends = [low, high].filter((price) => price !== last);
    const each = Math.floor(volume / (ends.length + 1));
    const print = (price: number, quantity: number): void =>
      this.trade({ price, quantity, of: price < this.mid ? "buy" : "sell" }, atUs);
    if (each > 0) for (const price of ends) print(price, each);
    print(last, each > 0 ? volume - each * ends.length : volume);
  }

  /** `of`: the side that rested. */
  private trade({ price, quantity, of }: { price: number; quantity: number; of: Side }, atUs: number): void {
    const flags = RowFlag.frameEnd | (of === "buy" ? RowFlag.sellerTook : 0);
    this.tape.push(RowKind.trade, flags, atUs, atUs, price, quantity, 0, 0);
  }

  private row(kind: RowKind, atUs: number, { price, quantity }: { price: number; quantity: number }): void {
    this.tape.push(kind, RowFlag.frameEnd, atUs, atUs, price, quantity, 0, 0);
  }
}
