// What `opensqt what-if` does (DUR-70): the journal is proved first, then its market is played to the configuration it
// had and to the one given. Reads only; the bot that writes the journal may be running.

import type { Decided, WhatIf, WhatIfSide } from "../../backtest/what-if.ts";
import { renderProblems } from "../../config/problem.ts";
import { readSource } from "../../config/source.ts";
import type { JournalReader } from "../../journal/port.ts";
import { tableText } from "./engine/words.ts";
import { EXIT_CODES, signalCode } from "./exit-codes.ts";
import { Interrupt } from "./interrupt.ts";
import { openReaderAt } from "./journal-at.ts";
import { seqRange } from "./journal-run.ts";
import { CommandError, print, printJson, timeText } from "./output.ts";
import { progressBar } from "./progress-bar.ts";
import { type Changed, notesOf, playWhatIf, type Unchanged } from "./what-if-play.ts";

export interface WhatIfFlags {
  readonly config: string;
  readonly from: string;
  readonly to?: string;
  readonly json?: true;
}

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
  const source = readSource({ path: flags.config });
  if (!source.ok) throw new CommandError(EXIT_CODES.refused, renderProblems(source.error));
  const bar = progressBar("what-if", "permille", flags);
  const compared = await playWhatIf(reader, {
    range: seqRange(flags, 1),
    text: source.value.text,
    file: flags.config,
    environment: process.env,
    onProgress: (part) => {
      bar.update({ done: Math.round(part * 1000), total: 1000, simulatedUs: null, equity: null });
      return interrupt.signal !== null;
    },
  }).finally(() => bar.stop());
  if (compared === null)
    throw new CommandError(signalCode(interrupt.signal ?? "SIGINT"), "stopped; nothing was written");
  if (compared.unchanged) {
    sayUnchanged(compared, flags);
    return;
  }
  const { result, lived, revisions } = compared;
  if (flags.json === true) printJson({ unchanged: false, revisions, recorded: lived, ...documentOf(result) });
  else print(textOf(compared));
}

/** The same configuration is a replay, bit for bit. */
function sayUnchanged({ replay, lived }: Unchanged, flags: WhatIfFlags): void {
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

function textOf(changed: Changed): string {
  const { result, lived } = changed;
  const { before, after, orders, first } = result;
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
    ...notesOf(changed),
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
  const why = Object.entries(facts).map(([name, text]) => `${name}=${text}`);
  return `${timeText(decided.atMs)}  ${decided.text}  (${[code, ...why].join(" ")})`;
}
