// What `opensqt what-if` does (DUR-70): the journal is proved first, then its market is played to the configuration it
// had and to the one given. Reads only; the bot that writes the journal may be running.

import { readFileSync } from "node:fs";
import { JournalMarketError, journalMarket } from "../../backtest/journal-market.ts";
import { type Decided, type Recorded, recorded, type WhatIf, type WhatIfSide, whatIf } from "../../backtest/what-if.ts";
import { renderProblems } from "../../config/problem.ts";
import type { BoundBot } from "../../config/process/bot-draft.ts";
import { bindBot, readBotText } from "../../config/process/draft.ts";
import { release } from "../../config/release.ts";
import type { JournalReader } from "../../journal/port.ts";
import type { Instrument } from "../../market/instrument.ts";
import { tableText } from "./engine/words.ts";
import { EXIT_CODES, signalCode } from "./exit-codes.ts";
import { Interrupt } from "./interrupt.ts";
import { openReaderAt } from "./journal-at.ts";
import { seqOption } from "./journal-run.ts";
import { CommandError, print, printJson, timeText } from "./output.ts";
import { progressBar } from "./progress-bar.ts";

export interface WhatIfFlags {
  readonly config: string;
  readonly from: string;
  readonly to?: string;
  readonly json?: true;
}

/** Below this parity a person is warned. */
const ROUGH_PERCENT = 80;
const ROUGH =
  "take this as rough: what traded between two journaled books is not in the journal, so both sides fill less " +
  "than they would";

/** Errors: CommandError 3 for a configuration or journal that does not serve; JournalError (6, 7). */
export async function runWhatIf(path: string, flags: WhatIfFlags): Promise<void> {
  const { reader } = openReaderAt(path);
  const interrupt = new Interrupt();
  try {
    await compare(reader, flags, interrupt);
  } finally {
    interrupt.close();
    reader.close();
  }
}

async function compare(reader: JournalReader, flags: WhatIfFlags, interrupt: Interrupt): Promise<void> {
  const range = {
    fromSeq: seqOption(flags.from, 1, "--from"),
    toSeq: seqOption(flags.to, Number.MAX_SAFE_INTEGER, "--to"),
  };
  reader.verify(0);
  const played = marketOf(reader, range);
  const hash = played.configHashes.at(-1) ?? "";
  const text = reader.configText(hash);
  if (text === null)
    throw new CommandError(EXIT_CODES.refused, `the journal does not hold the text of configuration ${hash}`);
  const before = boundOf(text, played.instrument, "the journal's configuration");
  const after = boundOf(readFileSync(flags.config, "utf8"), played.instrument, flags.config);
  if (before.hash === after.hash) {
    sayUnchanged(reader, { range, flags });
    return;
  }
  const bar = progressBar("what-if", "permille", flags);
  const compared = await whatIf(
    before,
    { ...after, id: before.id, tag: before.tag },
    {
      played,
      release: release(),
      onProgress: (part) => {
        bar.update({ done: Math.round(part * 1000), total: 1000, simulatedUs: null, equity: null });
        return interrupt.signal !== null;
      },
    },
  );
  bar.stop();
  if (compared === null)
    throw new CommandError(signalCode(interrupt.signal ?? "SIGINT"), "stopped; nothing was written");
  const { result, filledBefore } = compared;
  const { lived } = recorded(reader, { range, filledBefore });
  const revisions = played.configHashes.length;
  if (flags.json === true) printJson({ unchanged: false, revisions, recorded: lived, ...documentOf(result) });
  else print(textOf(result, lived, revisions));
}

function marketOf(reader: JournalReader, range: Parameters<typeof journalMarket>[1]): ReturnType<typeof journalMarket> {
  try {
    return journalMarket(reader, range);
  } catch (error) {
    if (error instanceof JournalMarketError) throw new CommandError(EXIT_CODES.refused, error.message);
    throw error;
  }
}

function boundOf(text: string, instrument: Instrument, file: string): BoundBot {
  const draft = readBotText(text, { file, environment: process.env });
  const bound = draft.ok ? bindBot(draft.value, instrument) : draft;
  if (!bound.ok) throw new CommandError(EXIT_CODES.refused, renderProblems(bound.error));
  return bound.value;
}

/** The same configuration is a replay, bit for bit. */
function sayUnchanged(
  reader: JournalReader,
  { range, flags }: { readonly range: Parameters<typeof recorded>[1]["range"]; readonly flags: WhatIfFlags },
): void {
  const { replay, lived } = recorded(reader, { range, filledBefore: new Map() });
  const { state: _state, ...facts } = replay;
  if (flags.json === true) {
    printJson({ unchanged: true, replay: facts, recorded: lived });
    return;
  }
  print("the configuration is the one that ran, so this is a replay:");
  print(`${facts.effects} effects, ${facts.postings} postings and ${facts.marks} marks are the same, byte for byte`);
  print(`state hash ${facts.stateHash}`);
}

/** Without the curves' flat memory: time and equity alone. */
function documentOf(result: WhatIf): object {
  const side = ({ curve, ...figures }: WhatIfSide): object => ({
    ...figures,
    curve: { timeUs: [...curve.column(0)], equity: [...curve.column(3)] },
  });
  return { ...result, before: side(result.before), after: side(result.after) };
}

function textOf({ note, before, after, orders, first }: WhatIf, lived: Recorded, revisions: number): string {
  const rows = [
    rowOf("orders placed", lived.orders, before.orders, after.orders),
    rowOf("fills", lived.fills, before.fills, after.fills),
    rowOf("lots filled", "", before.lotsFilled, after.lotsFilled),
    rowOf("result", lived.pnl, before.pnl, after.pnl),
    rowOf("fees", "", before.fees, after.fees),
    rowOf("funding", "", before.funding, after.funding),
  ];
  const columns = [
    { name: "what", title: "" },
    { name: "happened", right: true },
    { name: "before", title: "before, simulated", right: true },
    { name: "after", title: "after, simulated", right: true },
  ] as const;
  const parity = lived.parityPercent === null ? "no fills on either side" : `${lived.parityPercent} %`;
  return [
    tableText(rows, columns, ""),
    "",
    `orders of both: ${orders.both}; only before: ${orders.onlyBefore}; only after: ${orders.onlyAfter}`,
    ...firstText(first),
    `parity of "before" with what happened: ${parity} of the lots filled, by side and price`,
    ...(lived.parityPercent !== null && lived.parityPercent < ROUGH_PERCENT ? [ROUGH] : []),
    ...(revisions > 1 ? [`the journal ran ${revisions} configurations; "before" is the newest of them`] : []),
    note,
  ].join("\n");
}

const rowOf = (what: string, happened: unknown, before: unknown, after: unknown): Record<string, unknown> => ({
  what,
  happened,
  before,
  after,
});

function firstText(first: WhatIf["first"]): readonly string[] {
  if (first === null) return ["every decision is the same"];
  const { index, before, after } = first;
  return [
    `first decision that differs: number ${index + 1}`,
    `  before  ${saidOf(before)}`,
    `  after   ${saidOf(after)}`,
  ];
}

function saidOf(decided: Decided | null): string {
  if (decided === null) return "nothing more";
  const { code, ...facts } = decided.because;
  const why = Object.entries(facts).map(([name, value]) => `${name}=${String(value)}`);
  return `${timeText(decided.atMs)}  ${decided.text}  (${[code, ...why].join(" ")})`;
}
