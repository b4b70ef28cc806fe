// The state of a bot that does not run, from its journal: what it held and had open when it ended. Reads only.

import type { BotState } from "../../engine/state.ts";
import { decodeEvent } from "../../journal/codec.ts";
import type { JournalReader } from "../../journal/port.ts";
import type { Engine } from "../context.ts";
import { baseFor } from "../replay-journal.ts";

/**
 * The newest state, or the one before event `poisonedSeq` where that is not 0. Null for a bot that never ran, and where
 * the journal cannot be read: then nothing is known.
 */
export function lastState(open: () => JournalReader, engine: Engine, poisonedSeq = 0): BotState | null {
  let reader: JournalReader;
  try {
    reader = open();
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
