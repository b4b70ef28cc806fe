// A change of a bot as somebody asks for it, and what came of it. No logic.

import type { Result } from "../../base/result.ts";
import type { Commander } from "../command-desk.ts";
import type { ConfigDifference } from "./binder.ts";
import type { FleetBot } from "./fleet-bot.ts";
import type { FleetRefusal } from "./refusal.ts";

/** Who asks, by which call (API-10, API-11). */
export interface Asker extends Commander {
  readonly requestId: string;
  readonly address: string;
}

/** What a change did; `sequence` is the journal's number of its newest event, 0 where the bot has no run. */
export interface Changed {
  readonly bot: FleetBot;
  readonly sequence: number;
  readonly diff: readonly ConfigDifference[];
}

/** A change that was only looked at, or was made. `bot` is null when it was only looked at. */
export interface Proposed {
  readonly bot: FleetBot | null;
  readonly sequence: number;
  readonly diff: readonly ConfigDifference[];
}

/** What a change did, or why it was refused. */
export type Outcome<T> = Promise<Result<T, FleetRefusal>>;

/** A change that is done, without a difference of texts. */
export const changed = (bot: FleetBot): Changed => ({ bot, sequence: bot.state?.seq ?? 0, diff: [] });
