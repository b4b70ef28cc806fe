// A snapshot's text as state (DUR-20): one of another version of the state is refused with the release that reads it,
// before the engine sees it.

import { type BotState, STATE_VERSION } from "../engine/state.ts";
import { decodeEvent } from "../journal/codec.ts";
import type { JournalReader, JournalRecord, Snapshot } from "../journal/port.ts";
import type { Engine, MachineState } from "./context.ts";
import { HostError } from "./host-error.ts";

/** The state of a snapshot. Errors: OTHER_STATE_VERSION, with the release that wrote it. */
export function stateOfSnapshot<S extends MachineState = BotState>(
  reader: JournalReader,
  engine: Engine<S>,
  snapshot: Snapshot,
): S {
  const { stateVersion = STATE_VERSION } = engine;
  if (snapshot.version === stateVersion) return engine.decode(snapshot.state);
  throw new HostError(
    "OTHER_STATE_VERSION",
    `OTHER_STATE_VERSION: the newest snapshot of ${reader.meta.bot} holds a state of version ${snapshot.version}, ` +
      `this release knows version ${stateVersion}: it needs release ${releaseOf(reader, snapshot)}, which wrote it, ` +
      "or a newer one that reads both. " +
      "Nothing was changed and nothing was sent; own orders may be open on the exchange.",
  );
}

/** The release of the run that took the snapshot, as its `run-started` says. */
function releaseOf(reader: JournalReader, snapshot: Snapshot): string {
  let release = "(its name is not recorded)";
  for (const record of allRecords(reader)) {
    if (record.position > snapshot.position) break;
    if (record.type !== "event" || record.kind !== "run-started") continue;
    const event = decodeEvent(record);
    if (event.kind === "run-started") release = event.release;
  }
  return release;
}

function* allRecords(reader: JournalReader): Iterable<JournalRecord> {
  yield* reader.kept();
  yield* reader.records(0);
}
