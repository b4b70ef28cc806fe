// Findings (BT-11): what a look at the data showed before anything is simulated on it. Counted with their first place,
// never repaired silently. Which of them stop a run, and how the user accepts one, is decided here.

import { DataError } from "./error.ts";

export type Severity = "note" | "warn" | "refuse";

interface Rule {
  readonly severity: Severity;
  /** What it means for whoever uses the data. */
  readonly effect: string;
  /** What a run does about it. */
  readonly action: string;
}

/** Every finding with its default. The order is the order of the table a person reads. */
export const FINDINGS = {
  truncated: {
    severity: "refuse",
    effect: "the compressed file ends early: its end is unknown",
    action: "stops; with --accept truncated, uses all whole lines before the cut",
  },
  syncImpossible: {
    severity: "refuse",
    effect: "no diff straddles the snapshot's update id: the book cannot be built",
    action: "stops; with --accept syncImpossible, runs without that book (L1)",
  },
  sequenceBreak: {
    severity: "warn",
    effect: "depth frames are missing: the book is wrong from here",
    action: "book invalid, no fills, until the next snapshot",
  },
  staleFrame: { severity: "warn", effect: "a frame or row older than the last one used", action: "drops it" },
  duplicateFrame: { severity: "warn", effect: "a frame or row that was already used", action: "drops it" },
  tradeIdGap: { severity: "warn", effect: "trades are missing", action: "goes on" },
  duplicateTrade: { severity: "warn", effect: "a trade with the id of the one before", action: "drops the row" },
  tradeIdBackwards: {
    severity: "warn",
    effect: "trades out of order; some published files interleave two parts of a month",
    action: "keeps the file's order; --sort sorts by id",
  },
  clockBackwards: {
    severity: "warn",
    effect: "a stamp falls within the file or its stream",
    action: "keeps the file's order and holds local time; stops when it falls by more than 1 s",
  },
  clockSkew: {
    severity: "warn",
    effect: "recorder and exchange clocks differ: local − exchange is negative, or its median is above 5 s",
    action: "corrects by the smallest difference (BT-23)",
  },
  crossedBook: {
    severity: "warn",
    effect: "best bid at or above best ask after a whole frame",
    action: "book invalid until it uncrosses",
  },
  quoteMismatch: { severity: "warn", effect: "quote and book differ at the same update id", action: "goes on" },
  beyondSnapshot: {
    severity: "warn",
    effect: "the best left the snapshot's price range: levels unchanged since are unknown",
    action: "goes on; expect quoteMismatch there",
  },
  negativePrice: { severity: "warn", effect: "a price not above zero", action: "drops the row" },
  zeroTrade: { severity: "warn", effect: "a trade without a quantity", action: "drops the row" },
  foreignSymbol: { severity: "warn", effect: "a row of another instrument", action: "drops the row" },
  unparsable: { severity: "warn", effect: "a row that cannot be read", action: "drops the row" },
  missingCandle: {
    severity: "note",
    effect: "minutes without a row: no trade then",
    action: "no event in that minute",
  },
  candleShape: {
    severity: "warn",
    effect: "not 0 < low ≤ min(open, close), max(open, close) ≤ high; off the minute, doubled or out of order",
    action: "drops the row",
  },
  offTick: {
    severity: "warn",
    effect: "a value off the tick or lot grid",
    action: "rounds a price to the nearest tick, a quantity down to the lot",
  },
  missingFunding: {
    severity: "refuse",
    effect: "settlements without a rate",
    action: "stops; missingFunding: skip or carry goes on",
  },
  oneSidedTape: {
    severity: "warn",
    effect: "one side took in over 99 % of the trades: the aggressor flag is not to be trusted",
    action: "L1 and L2 stop",
  },
  priceJump: {
    severity: "warn",
    effect: "a price over 10 % from its neighbour, and back within 3 rows",
    action: "goes on",
  },
} as const satisfies Record<string, Rule>;

export type FindingName = keyof typeof FINDINGS;
export const FINDING_NAMES = Object.keys(FINDINGS) as FindingName[];

/** Plain data: stands in reports, in `findings.json` and in prepared files. */
export interface Finding {
  readonly name: FindingName;
  readonly count: number;
  /** Base name of the source and 1-based line of the first one. */
  readonly file: string;
  readonly line: number;
  readonly severity: Severity;
  readonly effect: string;
  readonly action: string;
  /** Numbers that belong to it, such as a rate; "" when there are none. */
  readonly detail: string;
}

interface Tally {
  count: number;
  file: string;
  line: number;
  severity: Severity;
  detail: string;
}

/** Collects findings during one pass over one or several files. Bounded: one tally a name. */
export class Findings {
  /** Base name of the file being read. */
  file = "";
  private readonly tallies = new Map<FindingName, Tally>();

  add(name: FindingName, line: number, count = 1): void {
    const tally = this.tallies.get(name);
    if (tally !== undefined) tally.count += count;
    else {
      const severity = FINDINGS[name].severity;
      this.tallies.set(name, { count, file: this.file, line, severity, detail: "" });
    }
  }

  count(name: FindingName): number {
    return this.tallies.get(name)?.count ?? 0;
  }

  /** Sets the numbers told with a finding that is there. */
  describe(name: FindingName, detail: string): void {
    const tally = this.tallies.get(name);
    if (tally !== undefined) tally.detail = detail;
  }

  setSeverity(name: FindingName, severity: Severity): void {
    const tally = this.tallies.get(name);
    if (tally !== undefined) tally.severity = severity;
  }

  /** Moves the first place of a finding known only at the end, such as a median. */
  setPlace(name: FindingName, file: string, line: number): void {
    const tally = this.tallies.get(name);
    if (tally === undefined) return;
    tally.file = file;
    tally.line = line;
  }

  list(): Finding[] {
    const result: Finding[] = [];
    for (const name of FINDING_NAMES) {
      const tally = this.tallies.get(name);
      if (tally === undefined) continue;
      const { effect, action } = FINDINGS[name];
      result.push({ name, effect, action, ...tally });
    }
    return result;
  }
}

/** Simulation levels (BT-14). */
export type Level = "L0" | "L1" | "L2";

/** Findings that stop a run at `level` because nobody accepted them. */
export function refusals(findings: readonly Finding[], accept: readonly string[], level?: Level): Finding[] {
  return findings.filter((finding) => {
    if (accept.includes(finding.name)) return false;
    if (finding.severity === "refuse") return true;
    return finding.name === "oneSidedTape" && (level === "L1" || level === "L2");
  });
}

/** Throws {@link DataError} `refused` unless every refusal is accepted: what each run calls before it starts. */
export function assertAccepted(findings: readonly Finding[], accept: readonly string[], level?: Level): void {
  const first = refusals(findings, accept, level)[0];
  if (first === undefined) return;
  throw new DataError("refused", {
    file: first.file,
    line: first.line,
    what: `${first.name} (${first.count}): ${first.effect}`,
    expected: "data without it",
    advice: `Get better data, or run with --accept ${first.name}`,
  });
}

/** Throws {@link DataError} `badOption` when `--accept` names something that is no finding. */
export function assertFindingNames(names: readonly string[]): void {
  for (const name of names) {
    if (Object.hasOwn(FINDINGS, name)) continue;
    throw new DataError("badOption", {
      file: "--accept",
      what: `"${name}" is not a finding`,
      expected: `one of ${FINDING_NAMES.join(", ")}`,
      advice: "Name the finding as `opensqt data check` prints it",
    });
  }
}
