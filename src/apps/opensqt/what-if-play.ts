// A what-if whoever asks for it (DUR-70): the journal proved first, then its market played to the configuration it had
// and to the one given. It reads the journal and prints nothing.

import { JournalMarketError, journalMarket } from "../../backtest/journal-market.ts";
import { type Recorded, recorded, type WhatIf, whatIf } from "../../backtest/what-if.ts";
import { renderProblems } from "../../config/problem.ts";
import type { BoundBot } from "../../config/process/bot-draft.ts";
import { bindBot, readBotText } from "../../config/process/draft.ts";
import { release } from "../../config/release.ts";
import type { JournalReader } from "../../journal/port.ts";
import { EXIT_CODES } from "./exit-codes.ts";
import { CommandError } from "./output.ts";

type Range = Parameters<typeof journalMarket>[1];

export interface WhatIfQuestion {
  readonly range: Range;
  /** The other configuration, YAML, and what it is called where it is refused. */
  readonly text: string;
  readonly file: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** From 0 to 1; true ends it. */
  readonly onProgress: (part: number) => boolean;
}

/** The configuration is the one that ran: a replay, bit for bit. */
export interface Unchanged {
  readonly unchanged: true;
  readonly replay: ReturnType<typeof recorded>["replay"];
  readonly lived: Recorded;
}

export interface Changed {
  readonly unchanged: false;
  readonly result: WhatIf;
  readonly lived: Recorded;
  /** Configurations the journal ran. */
  readonly revisions: number;
}

/** Below this parity a person is warned. */
const ROUGH_PERCENT = 80;
const ROUGH =
  "take this as rough: what traded between two journaled books is not in the journal, so both sides fill less " +
  "than they would";

/**
 * Null when it was ended through `onProgress`. Errors: CommandError 3 for a configuration or journal that does not
 * serve; JournalError (6, 7).
 */
export async function playWhatIf(
  reader: JournalReader,
  { range, text, file, environment, onProgress }: WhatIfQuestion,
): Promise<Changed | Unchanged | null> {
  reader.verify(0);
  const played = marketOf(reader, range);
  const hash = played.configHashes.at(-1) ?? "";
  const ran = reader.configText(hash);
  if (ran === null)
    throw new CommandError(EXIT_CODES.refused, `the journal does not hold the text of configuration ${hash}`);
  const bind = (given: string, called: string): BoundBot => {
    const draft = readBotText(given, { file: called, environment });
    const bound = draft.ok ? bindBot(draft.value, played.instrument) : draft;
    if (!bound.ok) throw new CommandError(EXIT_CODES.refused, renderProblems(bound.error));
    return bound.value;
  };
  const before = bind(ran, "the journal's configuration");
  const after = bind(text, file);
  if (before.hash === after.hash) return { unchanged: true, ...recorded(reader, { range, filledBefore: new Map() }) };
  const sameBot = { ...after, id: before.id, tag: before.tag };
  const compared = await whatIf(before, sameBot, { played, release: release(), onProgress });
  if (compared === null) return null;
  const { result, filledBefore } = compared;
  const { lived } = recorded(reader, { range, filledBefore });
  return { unchanged: false, result, lived, revisions: played.configHashes.length };
}

/** What a reader must know of the result, a sentence each. */
export function notesOf({ result, lived, revisions }: Changed): readonly string[] {
  return [
    ...(lived.parityPercent !== null && lived.parityPercent < ROUGH_PERCENT ? [ROUGH] : []),
    ...(revisions > 1 ? [`the journal ran ${revisions} configurations; "before" is the newest of them`] : []),
    result.note,
  ];
}

function marketOf(reader: JournalReader, range: Range): ReturnType<typeof journalMarket> {
  try {
    return journalMarket(reader, range);
  } catch (error) {
    if (error instanceof JournalMarketError) throw new CommandError(EXIT_CODES.refused, error.message);
    throw error;
  }
}
