// Reconciliations somebody asked for: each asks its bots' hosts for one whole read, and is done when the engine has
// judged a read that was asked for after it. What happens by itself every minute is the run `latest`.

import { absent, notNow, optionalText } from "../../rpc/fields.ts";
import type { Books } from "../books/books.ts";
import type { Reconciliation } from "../books/reconciliations.ts";
import { WALL_CLOCK } from "../wall-clock.ts";
import { everyBot, type Selected } from "./selection.ts";

/** The newest of each bot, whoever asked. */
export const LATEST = "latest";
const RUNS_MAX = 100;
/** A read that has not come by then will not be waited for. */
const PATIENCE_MS = 60_000;

export interface Run {
  readonly id: string;
  readonly status: "running" | "done" | "failed";
  readonly startedMs: number;
  /** 0 while it runs. */
  readonly completedMs: number;
  readonly results: readonly { readonly of: Selected; readonly run: Reconciliation }[];
}

interface Asked {
  readonly id: string;
  readonly startedMs: number;
  readonly bots: ReadonlyMap<string, number>;
  readonly results: Map<string, { readonly of: Selected; readonly run: Reconciliation }>;
  completedMs: number;
}

export class ReconciliationDesk {
  private readonly books: Books;
  private readonly asked = new Map<string, Asked>();
  private readonly end: () => void;
  private serial = 0;

  constructor(books: Books) {
    this.books = books;
    this.end = books.onChange(({ bot, change }) => {
      if (change.kind === "reconciled") this.saw(bot, change.run);
    });
  }

  /** Asks the exchange about these bots now. Throws FAILED_PRECONDITION where none of them runs. */
  trigger(of: readonly Selected[]): Run {
    const running = of.filter(({ bot }) => bot.host !== null);
    if (running.length === 0) throw notNow("NOT_RUNNING", "none of the bots that are meant runs: start them first");
    this.serial += 1;
    const startedMs = WALL_CLOCK.nowMs();
    const id = `rec-${startedMs}-${this.serial}`;
    const bots = new Map(running.map(({ bot, state }) => [bot.id, state.seq]));
    const asked: Asked = { id, startedMs, bots, results: new Map(), completedMs: 0 };
    this.asked.set(id, asked);
    for (const oldest of this.asked.keys()) {
      if (this.asked.size <= RUNS_MAX) break;
      this.asked.delete(oldest);
    }
    for (const { bot } of running) bot.host?.reconcile();
    return this.runOf(asked);
  }

  /** A run by its id; the newest that was asked for when empty, or `latest` where none was. Throws NOT_FOUND. */
  status(given: string): Run {
    const id = optionalText("reconciliation_id", given, 100);
    if (id === "") {
      const newest = [...this.asked.values()].at(-1);
      return newest === undefined ? this.latest() : this.runOf(newest);
    }
    if (id === LATEST) return this.latest();
    const asked = this.asked.get(id);
    if (asked === undefined) throw absent(`there is no reconciliation ${id}`);
    return this.runOf(asked);
  }

  close(): void {
    this.end();
  }

  private latest(): Run {
    const results = everyBot(this.books).flatMap((of) => {
      const run = of.book.reconciliations.newest;
      return run === null ? [] : [{ of, run }];
    });
    if (results.length === 0) throw absent("nothing was reconciled yet");
    const atMs = Math.max(...results.map(({ run }) => run.atMs));
    return { id: LATEST, status: "done", startedMs: atMs, completedMs: atMs, results };
  }

  private saw(bot: string, run: Reconciliation): void {
    for (const asked of this.asked.values()) {
      const sinceSeq = asked.bots.get(bot);
      if (sinceSeq === undefined || asked.completedMs !== 0 || run.askedAtSeq < sinceSeq) continue;
      if (run.action === "asked-again") continue;
      const of = this.selected(bot);
      if (of !== null) asked.results.set(bot, { of, run });
      if (asked.results.size === asked.bots.size) asked.completedMs = WALL_CLOCK.nowMs();
    }
  }

  /** Never throws: it is asked within a turn. */
  private selected(id: string): Selected | null {
    const found = this.books.all().find(({ bot }) => bot.id === id);
    const instrument = found?.book.instrument ?? null;
    const state = found?.bot.state ?? null;
    return found === undefined || instrument === null || state === null ? null : { ...found, instrument, state };
  }

  private runOf({ id, startedMs, completedMs, results }: Asked): Run {
    const late = completedMs === 0 && WALL_CLOCK.nowMs() - startedMs > PATIENCE_MS;
    const sorted = [...results.values()].sort((a, b) => (a.of.instrument.symbol < b.of.instrument.symbol ? -1 : 1));
    const status = completedMs !== 0 ? "done" : late ? "failed" : "running";
    return { id, status, startedMs, completedMs: late ? startedMs + PATIENCE_MS : completedMs, results: sorted };
  }
}
