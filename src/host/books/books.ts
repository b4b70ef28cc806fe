// The books of every bot of a process: kept beside the bots that run, read from the journals of those that do not. Here
// the bots of one account meet: its wallet is tied to the sum of their books (API-24).

import type { BotState } from "../../engine/state.ts";
import type { JournalReader } from "../../journal/port.ts";
import { causeOf } from "../../observe/alerts/alert.ts";
import type { AlertOver, HostAlert } from "../context.ts";
import type { HostView } from "../fleet/run.ts";
import type { ExchangeRead } from "../reconciler.ts";
import { AlertRing } from "./alert-ring.ts";
import { type BookChange, BotBook } from "./bot-book.ts";
import { type Attached, attachBook, readBook } from "./bot-book-attach.ts";
import { type Tie, tieOf } from "./tie.ts";

/** A bot as the books need it; a `FleetBot` is one. */
export interface BookedBot {
  readonly id: string;
  /** Null while no run is live. */
  readonly host: HostView | null;
  readonly journal: JournalReader | null;
  /** Of the run, or as the journal left it; null for a bot that never ran. */
  readonly state: BotState | null;
  /** It ran before: there is a journal of it. */
  readonly hasJournal: boolean;
  /** Its journal beside its run or without one; whoever asks closes it. */
  openReader(): JournalReader;
}

/** A change of one bot's books. */
export interface BooksChange {
  readonly bot: string;
  readonly book: BotBook;
  readonly change: BookChange;
}

interface Kept {
  readonly book: BotBook;
  readonly host: HostView | null;
  readonly attached: Attached | null;
  /** It follows a run, or did: what a journal alone says may lack what the next run records of its last turn. */
  readonly followed: boolean;
  readonly end: () => void;
}

export interface BooksOptions {
  /** Every bot of the process, asked anew each time. */
  readonly bots: () => readonly BookedBot[];
  /** A journal cannot be read: its bot's figures stay behind. */
  readonly onFailed: (bot: string, error: unknown) => void;
}

export class Books {
  readonly alerts = new AlertRing();
  private readonly options: BooksOptions;
  private readonly kept = new Map<string, Kept>();
  private readonly listeners = new Set<(change: BooksChange) => void>();
  /** The newest complete read of each bot's account, until it is judged. */
  private readonly reads = new Map<string, ExchangeRead["account"]>();
  private readonly ties = new Map<string, Tie>();

  constructor(options: BooksOptions) {
    this.options = options;
  }

  /** Follows what bots there are and which run; call it after each change of the fleet. Cheap when nothing changed. */
  refresh(): void {
    const present = new Set<string>();
    for (const bot of this.options.bots()) {
      present.add(bot.id);
      const kept = this.kept.get(bot.id);
      if (kept !== undefined && kept.host === bot.host) continue;
      kept?.end();
      // a run that is over leaves its books as they are, once they were whole
      if (kept?.attached?.stage() === "ready" && bot.host === null)
        this.kept.set(bot.id, { ...kept, host: null, end: NOTHING });
      else this.keep(bot, kept ?? null);
    }
    for (const [id, kept] of this.kept) {
      if (present.has(id)) continue;
      kept.end();
      this.kept.delete(id);
    }
  }

  /** Resolves when every journal is folded. */
  async ready(): Promise<void> {
    for (const { attached } of this.kept.values()) await attached?.ready;
  }

  /** The book of a bot; null for one that is not there. */
  of(bot: string): BotBook | null {
    return this.kept.get(bot)?.book ?? null;
  }

  /** Books with their bots, sorted by bot; those that are whole and know their instrument. */
  all(): readonly { readonly bot: BookedBot; readonly book: BotBook }[] {
    const found: { readonly bot: BookedBot; readonly book: BotBook }[] = [];
    for (const bot of this.options.bots()) {
      const kept = this.kept.get(bot.id);
      if (kept === undefined || (kept.attached !== null && kept.attached.stage() !== "ready")) continue;
      if (kept.book.instrument !== null) found.push({ bot, book: kept.book });
    }
    return found.sort((a, b) => (a.bot.id < b.bot.id ? -1 : 1));
  }

  /** Bots whose journal is still being read: their figures are not known yet. */
  reading(): readonly string[] {
    return [...this.kept].flatMap(([id, { attached }]) => (attached?.stage() === "reading" ? [id] : []));
  }

  /** How the books of these bots' accounts tie to the exchange; the widest of several accounts. */
  tie(books: readonly BotBook[]): Tie {
    let widest: Tie | null = null;
    for (const key of new Set(books.map(accountOf))) {
      const tie = this.ties.get(key) ?? { tiedAtMs: 0, difference: null };
      if (widest === null || wider(tie, widest)) widest = tie;
    }
    return widest ?? { tiedAtMs: 0, difference: null };
  }

  /** An alert as a host tells it. Those of a journal come by themselves, with their own time. */
  alert(bot: string, alert: HostAlert, atMs: number): void {
    const isJournaled = alert.id.startsWith(`${bot}/`) && /^\d+\.\d+$/.test(alert.id.slice(bot.length + 1));
    if (isJournaled && this.kept.has(bot)) return;
    const symbol = this.of(bot)?.instrument?.symbol ?? "";
    this.alerts.add({ ...alert, bot, symbol, atMs });
  }

  /** What a host, or with `bot` "" the process, alerted of by itself is over. */
  over(bot: string, { code, facts, text }: AlertOver, atMs: number): void {
    const instrument = this.of(bot)?.instrument?.symbol ?? "";
    this.alerts.end({ cause: causeOf({ code, facts, bot, instrument }), text }, atMs);
  }

  /** Calls `listener` after each folded change of a live bot. Returns what ends it. */
  onChange(listener: (change: BooksChange) => void): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  }

  close(): void {
    for (const { end } of this.kept.values()) end();
    this.kept.clear();
    this.listeners.clear();
  }

  private keep(bot: BookedBot, before: Kept | null): void {
    const { host, journal } = bot;
    // books that are whole go on where they ended
    const isWhole = before?.attached?.stage() === "ready" && before.followed && host !== null;
    const book = isWhole ? before.book : new BotBook(bot.id, this.alerts);
    const onFailed = (error: unknown): void => this.options.onFailed(bot.id, error);
    if (host === null || journal === null) {
      const attached = bot.hasJournal ? readBook(book, () => bot.openReader(), onFailed) : null;
      this.kept.set(bot.id, { book, host, attached, followed: false, end: () => attached?.close() });
      return;
    }
    const onChange = (change: BookChange): void => this.changed(book, change);
    const attached = attachBook(book, { host, journal }, { onChange, onFailed });
    const endReads = host.onRead(({ account }) => {
      this.reads.set(bot.id, account);
      book.toldLiquidation(account.positions.find(({ symbol }) => symbol === host.symbol)?.liquidation ?? null);
    });
    const end = (): void => {
      attached.close();
      endReads();
    };
    this.kept.set(bot.id, { book, host, attached, followed: true, end });
  }

  private changed(book: BotBook, change: BookChange): void {
    if (change.kind === "reconciled" && change.run.match) this.tieAccount(book, change.run.atMs);
    for (const listener of this.listeners) listener({ bot: book.bot, book, change });
  }

  /** A read that shows our own position is the moment to compare money as well. */
  private tieAccount(book: BotBook, atMs: number): void {
    const account = this.reads.get(book.bot);
    if (account === undefined) return;
    this.reads.delete(book.bot);
    const key = accountOf(book);
    const books = this.all().flatMap((each) => (accountOf(each.book) === key ? [each.book] : []));
    const tie = tieOf(books, account.quoteTotal, atMs);
    if (tie !== null) this.ties.set(key, tie);
  }
}

const NOTHING = (): void => undefined;

const accountOf = ({ instrument }: BotBook): string => `${instrument?.exchange ?? ""}|${instrument?.quote ?? ""}`;

const wider = (a: Tie, b: Tie): boolean => {
  if (a.difference === null || b.difference === null) return a.difference === null;
  const size = (value: bigint): bigint => (value < 0n ? -value : value);
  return size(a.difference) > size(b.difference);
};
