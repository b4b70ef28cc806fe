// A journal decided again by whichever machine wrote it: a bot's engine, or the account machine (DUR-01, DUR-68).

import type { JournalReader } from "../../journal/port.ts";
import { productionEngine } from "../engine.ts";
import { type ReplayJournalOptions, type ReplayReport, replayJournal } from "../replay-journal.ts";
import { accountEngine, isAccountJournal } from "./account-engine.ts";

/** Errors: JOURNAL_DIFFERS at the first difference, with both versions and the last events. */
export function replayAny(
  reader: JournalReader,
  range: Omit<ReplayJournalOptions, "engine">,
): Omit<ReplayReport, "state"> {
  return isAccountJournal(reader.meta)
    ? replayJournal(reader, { ...range, engine: accountEngine })
    : replayJournal(reader, { ...range, engine: productionEngine });
}
