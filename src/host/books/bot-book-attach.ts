// Keeps a bot's books beside its host: first what the journal tells, then every turn that is on the disk. A long journal
// is read in slices, so that a bot trades on meanwhile; its new turns wait their turn.

import type { JournalReader } from "../../journal/port.ts";
import type { BotHost } from "../host.ts";
import type { TurnDone } from "../loop.ts";
import type { BookChange, BotBook } from "./bot-book.ts";
import { toldOfJournal, toldOfTurn } from "./told.ts";

/** Events folded before others get their turn. */
const SLICE_EVENTS = 4_000;

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
  let ready = false;
  let closed = false;
  const fold = (turn: TurnDone): void => {
    for (const told of toldOfTurn(turn)) for (const change of book.fold(told)) options.onChange(change);
  };
  const end = of.host.observe((turn) => {
    if (ready) fold(turn);
    else waiting.push(turn);
  });
  const past = of.journal === null ? [][Symbol.iterator]() : toldOfJournal(of.journal, of.host.state.seq);
  const finish = (): void => {
    for (const turn of waiting.splice(0)) fold(turn);
    ready = true;
  };
  const slice = (): boolean => {
    for (let i = 0; i < SLICE_EVENTS; i += 1) {
      const next = past.next();
      if (next.done === true) return true;
      book.fold(next.value);
    }
    return false;
  };
  const run = async (): Promise<void> => {
    try {
      for (let done = slice(); !done; done = slice()) {
        await new Promise((resolve) => setImmediate(resolve));
        if (closed) return;
      }
      finish();
    } catch (error) {
      options.onFailed(error);
    }
  };
  return {
    ready: run(),
    isReady: () => ready,
    close: () => {
      closed = true;
      end();
    },
  };
}
