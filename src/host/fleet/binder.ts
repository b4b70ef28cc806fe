// How the fleet reads a bot's configuration: the text alone first, then bound to the instrument the exchange tells.
// What stands in a text is the business of config/; the fleet passes it on.

import type { Result } from "../../base/result.ts";
import type { ConfigProblem } from "../../config/problem.ts";
import type { Instrument } from "../../market/instrument.ts";
import type { BotConfigData } from "../../trading/event.ts";

/** What a text says without knowing the instrument. */
export interface BotHead {
  readonly id: string;
  /** Six characters, unique per account (DUR-41). */
  readonly tag: string;
  readonly strategy: string;
  readonly symbol: string;
}

/** A text bound to its instrument. */
export interface BoundBot {
  readonly id: string;
  readonly tag: string;
  readonly strategy: string;
  readonly instrument: Instrument;
  /** What the engine is given. */
  readonly data: BotConfigData;
  /** Over strategy and risk values only (OPS-08), SHA-256. */
  readonly hash: string;
  readonly text: string;
}

/** OPS-09: how a changed key takes effect. */
export type ChangeClass = "live" | "drain" | "restart" | "flat";

/** One key that differs, as texts; empty where it was not, or is no more. */
export interface ConfigDifference {
  readonly key: string;
  readonly old: string;
  readonly new: string;
  readonly change: ChangeClass;
}

export interface BotBinder {
  read(text: string): Result<BotHead, readonly ConfigProblem[]>;
  bind(text: string, instrument: Instrument): Result<BoundBot, readonly ConfigProblem[]>;
  /** Between two texts that can be read; empty for others. */
  diff(before: string, after: string): readonly ConfigDifference[];
}
