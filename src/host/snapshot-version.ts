// A snapshot's text as state (DUR-20): one of another version of the state is refused with the release that reads it,
// before the engine sees it.

import { type BotState, STATE_VERSION } from "../engine/state.ts";
import { decodeEvent } from "../journal/codec.ts";
import { JournalError } from "../journal/errors.ts";
import type { JournalReader, JournalRecord, Snapshot } from "../journal/port.ts";
import type { RunStarted } from "../trading/event.ts";
import type { Engine, MachineState } from "./context.ts";
import { HostError } from "./host-error.ts";

/** The state of a snapshot. Errors: OTHER_STATE_VERSION, with the release that wrote it. */
export function stateOfSnapshot<S extends MachineState = BotState>(
  reader: JournalReader,
  engine: Engine<S>,
  snapshot: Snapshot,
): S {
  const { stateVersion = STATE_VERSION, stateVersionMin = stateVersion } = engine;
  if (snapshot.version >= stateVersionMin && snapshot.version <= stateVersion) return engine.decode(snapshot.state);
  throw new HostError(
    "OTHER_STATE_VERSION",
    `OTHER_STATE_VERSION: the newest snapshot of ${reader.meta.bot} holds a state of version ${snapshot.version}, ` +
      `this release knows version ${stateVersion}: it needs release ${releaseOf(reader, snapshot)}, which wrote it, ` +
      "or a newer one that reads both. " +
      "Nothing was changed and nothing was sent; own orders may be open on the exchange.",
  );
}

/** Marks hash the state, and an older state has another shape: they cannot be compared. */
export const isOlderState = (
  { stateVersion = STATE_VERSION }: { readonly stateVersion?: number },
  { version }: Snapshot,
): boolean => version < stateVersion;

/** The release of the run that took the snapshot. */
const releaseOf = (reader: JournalReader, { position }: Snapshot): string =>
  writerOf(reader, position)?.release ?? "(its name is not recorded)";

/** The run that wrote this position, as its `run-started` says. */
function writerOf(reader: JournalReader, position: number): RunStarted | null {
  let writer: RunStarted | null = null;
  for (const record of allRecords(reader)) {
    if (record.position > position) break;
    if (record.type !== "event" || record.kind !== "run-started") continue;
    const event = decodeEvent(record);
    if (event.kind === "run-started") writer = event;
  }
  return writer;
}

/**
 * Does the work of a replay; where it differs and other code than this wrote that record, the error says which release
 * is needed (DUR-33).
 */
export function replayedBy<T>(reader: JournalReader, coreHash: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof JournalError) || error.code !== "JOURNAL_DIFFERS") throw error;
    const writer = writerOf(reader, error.facts.position ?? reader.position);
    if (writer === null || writer.coreHash === coreHash) throw error;
    throw new JournalError(
      "JOURNAL_NEEDS_RELEASE",
      `JOURNAL_NEEDS_RELEASE ${writer.release}: the records after the newest snapshot were decided by release ` +
        `${writer.release}, and this one decides otherwise. Start ${writer.release} once and stop it cleanly, then ` +
        "start this one; or `opensqt journal adopt`, which begins anew from the exchange. Nothing was changed and " +
        `nothing was sent.\n${error.message}`,
      { ...error.facts, cause: error },
    );
  }
}

function* allRecords(reader: JournalReader): Iterable<JournalRecord> {
  yield* reader.kept();
  yield* reader.records(0);
}
