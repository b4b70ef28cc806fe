// One bot as its text says it, before the instrument is known: id and symbol are checked, money is still text.
// `bindBot` makes it a BotConfig once the exchange has told the instrument.

import type { BotValues } from "../bot-schema.ts";
import type { BotConfig } from "../loaded.ts";
import type { ConfigProblem } from "../problem.ts";

export interface BotDraft {
  readonly id: string;
  /** Six characters, unique per account (DUR-41). */
  readonly tag: string;
  readonly strategy: "grid";
  /** Unified symbol, `BASE/QUOTE` or `BASE/QUOTE:QUOTE`. */
  readonly symbol: string;
  /** YAML of this bot alone; reading it gives the same draft. The registry keeps it. */
  readonly text: string;
  /** Validated texts with all defaults. */
  readonly values: BotValues;
  readonly warnings: readonly string[];
  /** A problem at a key of the bot (`grid.interval`), with file and line where it was written. */
  readonly problemAt: (key: string, text: string) => ConfigProblem;
}

/** A bot bound to its instrument. */
export interface BoundBot extends BotConfig {
  /** Over strategy and risk values only (OPS-08), SHA-256. */
  readonly hash: string;
  readonly text: string;
}
