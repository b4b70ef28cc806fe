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
  for (const run of runsOf(reader)) {
    if (run.position > position) break;
    writer = run.event;
  }
  return writer;
}

function* runsOf(reader: JournalReader): Iterable<{ position: number; seq: number; event: RunStarted }> {
  for (const record of allRecords(reader)) {
    if (record.type !== "event" || record.kind !== "run-started") continue;
    const event = decodeEvent(record);
    if (event.kind === "run-started") yield { position: record.position, seq: record.seq, event };
  }
}

/** `start`: a bot is about to go on from it. `look`: somebody replays what was; how a bot starts is another matter. */
export type ReplayedFor = "start" | "look";

/**
 * Does the work of a replay; where it differs and other code than this wrote that record, the error says which release
 * is needed (DUR-33).
 */
export function replayedBy<T>(
  reader: JournalReader,
  { coreHash, replayedFor = "start" }: { readonly coreHash: string; readonly replayedFor?: ReplayedFor },
  work: () => T,
): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof JournalError) || error.code !== "JOURNAL_DIFFERS") throw error;
    const writer = writerOf(reader, error.facts.position ?? reader.position);
    if (writer === null || writer.coreHash === coreHash) throw error;
    const { facts } = error;
    if (replayedFor === "look")
      throw new JournalError("JOURNAL_NEEDS_RELEASE", lookedAt(reader, coreHash, { error, writer }), facts);
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

/** Whoever looks is not sent back to an old release with a journal that goes on well on this one. */
function lookedAt(
  reader: JournalReader,
  coreHash: string,
  { error, writer }: { readonly error: JournalError; readonly writer: RunStarted },
): string {
  const at = error.facts.position ?? reader.position;
  const own = [...runsOf(reader)].find(({ position, event }) => position > at && event.coreHash === coreHash);
  const ours = own === undefined ? "" : `; from this code's first run on: --from ${own.seq}`;
  return (
    `JOURNAL_NEEDS_RELEASE ${writer.release}: the records at position ${at} were decided by release ` +
    `${writer.release} or a build of it, and this code decides otherwise. Only that code replays them${ours}. ` +
    "A bot that runs on this journal is not hindered, and nothing was changed.\n" +
    (error.message.split(" This code")[0] ?? "")
  );
}

function* allRecords(reader: JournalReader): Iterable<JournalRecord> {
  yield* reader.kept();
  yield* reader.records(0);
}
