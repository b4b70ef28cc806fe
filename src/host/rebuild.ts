// Recovery steps 2 to 4 as one: the state is rebuilt and proved, and what the last turn did not get to record is
// recorded.

import { assert } from "../base/assert.ts";
import { crashPoint } from "../base/crash-point.ts";
import type { BotState } from "../engine/state.ts";
import type { Engine, MachineState } from "./context.ts";
import type { HostOptions } from "./host-options.ts";
import { type Replayed, replayTail } from "./replay-tail.ts";
import { replayedBy } from "./snapshot-version.ts";

/** Who rebuilds: a bot's host, or the account machine's. */
export interface RebuildOptions<S extends MachineState = BotState>
  extends Pick<HostOptions, "identity" | "journal" | "onWarning" | "onReplay" | "coreHash"> {
  readonly engine: Engine<S>;
}

/** Errors: JOURNAL_DIFFERS, JOURNAL_NEEDS_RELEASE and those of the journal. */
export function rebuildState<S extends MachineState = BotState>(options: RebuildOptions<S>): Replayed<S> {
  const { engine, identity, journal, onReplay } = options;
  crashPoint("recover.after-lock");
  if (journal === null) {
    const nothing = { effects: [], postings: [] };
    return {
      state: engine.initial(identity),
      missing: nothing,
      lastTurn: [],
      lastReload: null,
      records: 0,
      wasKilled: false,
    };
  }
  assert(journal.meta.lineage === identity.lineage, "the journal is of another lineage than the bot was told");
  const told = onReplay === undefined ? {} : { onProgress: onReplay };
  const tail = { engine, identity, warn: (text: string) => options.onWarning?.(text), ...told };
  const replayed = replayedBy(journal, options, () => replayTail(journal, tail));
  const { effects, postings } = replayed.missing;
  if (effects.length > 0 || postings.length > 0) {
    journal.appendEffects({
      effects,
      postings,
      mark: null,
      sends: effects.some(({ effect }) => effect.kind === "place"),
    });
  }
  return replayed;
}
