// Keeps a bot's books beside its host: first what the journal tells, then every turn that is on the disk. A journal is
// read in slices, so that bots trade on meanwhile; new turns wait until it is read.

import type { JournalReader } from "../../journal/port.ts";
import type { HostView } from "../fleet/run.ts";
import type { TurnDone } from "../loop.ts";
import type { BookChange, BotBook } from "./bot-book.ts";
import { type Told, toldOfJournal, toldOfTurn } from "./told.ts";

/** Events folded before others get their turn: about two milliseconds. */
const SLICE_EVENTS = 500;

export interface AttachOptions {
  /** Hears every change folded from live turns, not those of the journal. */
  readonly onChange: (change: BookChange) => void;
  /** The journal cannot be read to its end: the books stay as far as they came. */
  readonly onFailed: (error: unknown) => void;
}

/** `failed`: the journal could not be read to its end, so nothing of it is shown. */
export type BookStage = "reading" | "ready" | "failed";

export interface Attached {
  /** Resolves when the journal is folded, or cannot be. Never rejects. */
  readonly ready: Promise<void>;
  readonly stage: () => BookStage;
  /** No more turns are folded. */
  close(): void;
}

/**
 * Folds what of the journal the book does not know yet, then follows the host. Call it before the host starts, or
 * between turns.
 */
export function attachBook(
  book: BotBook,
  of: { readonly host: Pick<HostView, "observe" | "state">; readonly journal: JournalReader | null },
  options: AttachOptions,
): Attached {
  const waiting: TurnDone[] = [];
  const state: Progress = { stage: "reading", closed: false };
  const fold = (turn: TurnDone): void => {
    for (const told of toldOfTurn(turn)) for (const change of book.fold(told)) options.onChange(change);
  };
  const end = of.host.observe((turn) => {
    if (state.stage === "reading") waiting.push(turn);
    if (state.stage !== "ready") return;
    try {
      fold(turn);
    } catch (error) {
      // a mistake of the books must not end the bot they are about
      fail(state, error, options.onFailed);
    }
  });
  const run = async (): Promise<void> => {
    try {
      if (of.journal !== null) await foldSliced(book, toldOfJournal(of.journal, of.host.state.seq, book.seq), state);
      if (state.closed) return;
      for (const turn of waiting.splice(0)) fold(turn);
      state.stage = "ready";
    } catch (error) {
      fail(state, error, options.onFailed);
    }
  };
  return {
    ready: run(),
    stage: () => state.stage,
    close: () => {
      state.closed = true;
      waiting.length = 0;
      end();
    },
  };
}

/** Folds the journal of a bot that does not run. */
export function readBook(book: BotBook, open: () => JournalReader, onFailed: (error: unknown) => void): Attached {
  const state: Progress = { stage: "reading", closed: false };
  const run = async (): Promise<void> => {
    try {
      const journal = open();
      try {
        await foldSliced(book, toldOfJournal(journal, journal.seq), state);
        state.stage = "ready";
      } finally {
        journal.close();
      }
    } catch (error) {
      fail(state, error, onFailed);
    }
  };
  return {
    ready: run(),
    stage: () => state.stage,
    close: () => {
      state.closed = true;
    },
  };
}

interface Progress {
  stage: BookStage;
  closed: boolean;
}

/** A journal that was closed under the reader is no failure: its bot ended, and is read anew. */
function fail(state: Progress, error: unknown, onFailed: (error: unknown) => void): void {
  if (state.closed) return;
  state.stage = "failed";
  onFailed(error);
}

async function foldSliced(book: BotBook, past: Iterator<Told>, state: { readonly closed: boolean }): Promise<void> {
  // ends with the journal
  for (;;) {
    for (let i = 0; i < SLICE_EVENTS; i += 1) {
      const next = past.next();
      if (next.done === true) return;
      book.fold(next.value);
    }
    await new Promise((resolve) => setImmediate(resolve));
    if (state.closed) return;
  }
}
