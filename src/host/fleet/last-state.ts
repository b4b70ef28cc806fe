// The state of a bot that does not run, from its journal: what it held and had open when it ended. Reads only.

import { existsSync } from "node:fs";
import { join } from "node:path";
import type { BotState } from "../../engine/state.ts";
import { decodeEvent } from "../../journal/codec.ts";
import { JOURNAL_FILE, openJournalReader } from "../../journal/reader.ts";
import type { Engine } from "../context.ts";
import { baseFor } from "../replay-journal.ts";

/** A bot's own folder below the store folder. */
export const botFolder = (storeFolder: string, id: string): string => join(storeFolder, "bots", id);

export const hasJournal = (folder: string): boolean => existsSync(join(folder, JOURNAL_FILE));

/**
 * The newest state, or the one before event `poisonedSeq` where that is not 0. Null for a bot that never ran, and where
 * the journal cannot be read: then nothing is known.
 */
export function lastState(folder: string, engine: Engine, poisonedSeq = 0): BotState | null {
  if (!hasJournal(folder)) return null;
  let reader: ReturnType<typeof openJournalReader>;
  try {
    reader = openJournalReader(folder);
  } catch {
    return null;
  }
  try {
    const until = poisonedSeq === 0 ? Number.MAX_SAFE_INTEGER : poisonedSeq;
    const { state, position } = baseFor(reader, engine, until);
    for (const record of reader.records(position)) {
      if (record.seq >= until) break;
      if (record.type === "event") engine.step(state, decodeEvent(record));
    }
    return state;
  } catch {
    return null;
  } finally {
    reader.close();
  }
}
