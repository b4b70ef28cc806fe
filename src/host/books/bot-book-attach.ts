// Keeps a bot's books beside its host: first what the journal tells, then every turn that is on the disk. A journal is
// read in slices, so that bots trade on meanwhile; new turns wait until it is read.

import type { JournalReader } from "../../journal/port.ts";
import { openJournalReader } from "../../journal/reader.ts";
import type { BotHost } from "../host.ts";
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

export interface Attached {
  /** Resolves when the journal is folded; until then figures are of the past. Never rejects. */
  readonly ready: Promise<void>;
  readonly isReady: () => boolean;
  /** No more turns are folded. */
  close(): void;
}

/** Folds the journal, then follows the host. Call it before the host starts, or between turns. */
export function attachBook(
  book: BotBook,
  of: { readonly host: Pick<BotHost, "observe" | "state">; readonly journal: JournalReader | null },
  options: AttachOptions,
): Attached {
  const waiting: TurnDone[] = [];
  const state = { ready: false, closed: false };
  const fold = (turn: TurnDone): void => {
    for (const told of toldOfTurn(turn)) for (const change of book.fold(told)) options.onChange(change);
  };
  const end = of.host.observe((turn) => {
    if (state.ready) fold(turn);
    else waiting.push(turn);
  });
  const run = async (): Promise<void> => {
    try {
      if (of.journal !== null) await foldSliced(book, toldOfJournal(of.journal, of.host.state.seq), state);
      if (state.closed) return;
      for (const turn of waiting.splice(0)) fold(turn);
      state.ready = true;
    } catch (error) {
      if (!state.closed) options.onFailed(error);
    }
  };
  return {
    ready: run(),
    isReady: () => state.ready,
    close: () => {
      state.closed = true;
      waiting.length = 0;
      end();
    },
  };
}

/** Folds the journal of a bot that does not run, as it stands in its folder. */
export function readBook(book: BotBook, folder: string, onFailed: (error: unknown) => void): Attached {
  const state = { ready: false, closed: false };
  const run = async (): Promise<void> => {
    try {
      const journal = openJournalReader(folder);
      try {
        await foldSliced(book, toldOfJournal(journal, journal.seq), state);
        state.ready = true;
      } finally {
        journal.close();
      }
    } catch (error) {
      if (!state.closed) onFailed(error);
    }
  };
  return {
    ready: run(),
    isReady: () => state.ready,
    close: () => {
      state.closed = true;
    },
  };
}

async function foldSliced(book: BotBook, past: Iterator<Told>, state: { readonly closed: boolean }): Promise<void> {
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
