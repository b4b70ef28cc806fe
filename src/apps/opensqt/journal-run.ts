// What `opensqt replay`, `explain` and `journal …` do: questions to a journal, answered beside a running bot without
// disturbing it.

import { hostname } from "node:os";
import {
  type Decision,
  explainDecision,
  type Happened,
  happenedTo,
  type NumberedEvent,
  refusedOrders,
} from "../../engine/explain.ts";
import { replayAny } from "../../host/account/replay-any.ts";
import { factTexts } from "../../host/because-text.ts";
import { coreHash } from "../../host/core-hash.ts";
import { productionEngine } from "../../host/engine.ts";
import { baseFor, type ReplayReport } from "../../host/replay-journal.ts";
import { replayedBy } from "../../host/snapshot-version.ts";
import { decodeEvent } from "../../journal/codec.ts";
import type { JournalReader } from "../../journal/port.ts";
import { JOURNAL_FILE } from "../../journal/reader.ts";
import { salvageJournal } from "../../journal/salvage.ts";
import { type JournalReport, verifyReader } from "../../journal/verify.ts";
import { lots } from "../../market/amounts.ts";
import { formatMoney, formatPrice, formatQuantity, type Instrument } from "../../market/instrument.ts";
import { type ClientOrderId, foreignOrderId, parseClientOrderId } from "../../trading/client-order-id.ts";
import { botFolders } from "./bot-folders.ts";
import { folderOf, openReaderAt } from "./journal-at.ts";
import { CommandError, note, print, printJson, timeText, usageError } from "./output.ts";

function withReader<T>(path: string, work: (reader: JournalReader) => T): T {
  const { reader } = openReaderAt(path);
  try {
    return work(reader);
  } finally {
    reader.close();
  }
}

const seqOption = (text: string | undefined, fallback: number, name: string): number => {
  if (text === undefined) return fallback;
  if (!/^\d{1,15}$/.test(text))
    throw new CommandError(2, `${name} ${text} is not allowed; give the number of an event`);
  return Number.parseInt(text, 10);
};

export interface SeqRange {
  readonly fromSeq: number;
  readonly toSeq: number;
}

/** Both ends of `--from` and `--to`. Errors: CommandError 2. */
export function seqRange({ from, to }: { from?: string; to?: string }, first: number): SeqRange {
  const fromSeq = seqOption(from, first, "--from");
  const toSeq = seqOption(to, Number.MAX_SAFE_INTEGER, "--to");
  if (fromSeq > toSeq) throw usageError(`--from ${fromSeq} is after --to ${toSeq}; give the earlier event first`);
  return { fromSeq, toSeq };
}

/** What is not there cannot be compared, and was not found to be the same. */
export function assertReaches(reader: { readonly seq: number }, { fromSeq }: SeqRange): void {
  if (fromSeq <= Math.max(1, reader.seq)) return;
  throw new CommandError(3, `event ${fromSeq} is not there: the journal ends at event ${reader.seq}`);
}

export function replay(path: string, options: { from: string; to?: string; json?: true }): void {
  const range = seqRange(options, 1);
  withReader(path, (reader) => {
    // a damaged record must not look like code that decides otherwise
    reader.verify(0);
    assertReaches(reader, range);
    const replayed = (): Omit<ReplayReport, "state"> =>
      replayAny(reader, {
        ...range,
        onProgress: (done, total) => {
          if (process.stderr.isTTY && options.json === undefined) process.stderr.write(`\r${done} of ${total} records`);
        },
      });
    const report = replayedBy(reader, { coreHash: coreHash(), replayedFor: "look" }, replayed);
    if (process.stderr.isTTY && options.json === undefined) note("");
    if (options.json) {
      const { baseSeq, events, effects, postings, marks, lastSeq, stateHash } = report;
      printJson({ bot: reader.meta.bot, baseSeq, events, effects, postings, marks, lastSeq, stateHash });
      return;
    }
    print(
      `${reader.meta.bot}: ${report.events} events replayed after event ${report.baseSeq}, up to ${report.lastSeq}`,
    );
    print(
      `${report.effects} effects, ${report.postings} postings and ${report.marks} marks are the same, byte for byte`,
    );
    print(`state hash ${report.stateHash}`);
  });
}

function verifiedAt(path: string): JournalReport {
  const { reader, head } = openReaderAt(path);
  return verifyReader(reader, head);
}

export function verify(path: string, options: { json?: true }): void {
  const { meta, goodTo, hash, snapshots, headFound, damage, start } = verifiedAt(path);
  if (damage !== null) throw damage;
  const skipped = snapshots.filter(({ problem }) => problem !== null);
  const records = goodTo - start;
  if (options.json) {
    printJson({ records, meta, chainHash: hash, start, headFound, skipped });
    return;
  }
  print(`${meta.bot}: ${records} records, the chain is whole; epoch ${meta.epoch}, lineage ${meta.lineage}`);
  if (start > 0) print(`records 1 to ${start} were archived, and their archives are not here`);
  for (const { position, problem } of skipped)
    print(position === null ? String(problem) : `the snapshot at position ${position} will be skipped: ${problem}`);
  if (!headFound) print("the file `head` is missing or damaged: a lost end would not be noticed");
}

export function salvage(path: string, folder: string, { json }: { readonly json?: true } = {}): void {
  const holder = { host: hostname(), pid: process.pid, sinceMs: Date.now() };
  const { meta, goodTo, lost, damage } = salvageJournal(folderOf(path), folder, holder);
  if (json === true) {
    printJson({ folder, records: goodTo, lineage: meta.lineage, lost, damage: damage?.message ?? null });
    return;
  }
  print(`${goodTo} good records were copied to ${folder}; it is lineage ${meta.lineage}`);
  if (lost > 0) print(`${lost} records that were written before are lost`);
  if (damage !== null) print(`what stopped it: ${damage.message}`);
  print(`Put it in place with: opensqt journal restore ${folder} ${path}`);
}

export interface ExplainOptions {
  readonly journal?: string;
  readonly dataDir: string;
  readonly refusals?: true;
  readonly json?: true;
}

/** Refused orders shown at most, the newest. */
const REFUSALS_MAX = 1000;

export function explain(wanted: string | undefined, options: ExplainOptions): void {
  const folders = options.journal === undefined ? botFolders(options.dataDir, JOURNAL_FILE) : [options.journal];
  if (folders.length === 0) {
    throw new CommandError(3, `there is no journal below ${options.dataDir}: name one with --journal or --data-dir`);
  }
  if (options.refusals === true) {
    for (const folder of folders) withReader(folder, (reader) => listRefusals(reader, options));
    return;
  }
  if (wanted === undefined) throw usageError("name an order or a fill, or give --refusals");
  const explained = folders.some((folder) => withReader(folder, (reader) => explainIn(reader, wanted, options)));
  if (!explained) throw new CommandError(3, `no order or fill ${wanted} is in ${folders.join(", ")}`);
}

/** False when this journal knows no such order. */
function explainIn(reader: JournalReader, wanted: string, options: ExplainOptions): boolean {
  const place = reader.placeOf(wanted) ?? reader.placeOf(orderOfFill(reader, wanted));
  const parts = parseClientOrderId(wanted);
  const refusedSeq = parts !== null && parts.tag === reader.meta.tag ? parts.seq : null;
  const seq = place?.seq ?? refusedSeq;
  if (seq === null || seq > reader.seq) return false;
  const clientOrderId = foreignOrderId(place?.clientOrderId ?? wanted);
  const base = baseFor(reader, productionEngine, seq);
  const decision = explainDecision(base.state, eventsAfter(reader, base.position), { clientOrderId, seq });
  if (decision === null) {
    if (place === null) return false;
    throw new CommandError(7, `event ${seq} does not decide order ${wanted} any more: run opensqt replay`);
  }
  const { instrument } = base.state;
  const history = place === null ? [] : historyOf(reader, place.position, { id: clientOrderId, instrument });
  if (options.json) printJson({ decision, history });
  else if (instrument !== null) printDecision(decision, history, instrument);
  return true;
}

function listRefusals(reader: JournalReader, options: ExplainOptions): void {
  const base = baseFor(reader, productionEngine, 1);
  const refused = refusedOrders(base.state, eventsAfter(reader, base.position), REFUSALS_MAX);
  const { instrument } = base.state;
  if (options.json) {
    printJson({ bot: reader.meta.bot, refused });
    return;
  }
  print(`${reader.meta.bot}: ${refused.length} orders were refused by risk`);
  for (const { clientOrderId, atMs, order, code, text } of refused) {
    const price = instrument === null ? String(order.price) : formatPrice(instrument, order.price);
    print(`  ${timeText(atMs)}  ${clientOrderId}  ${order.side} at ${price}: ${code}: ${text}`);
  }
}

function* eventsAfter(reader: JournalReader, position: number): Iterable<NumberedEvent> {
  for (const record of reader.records(position)) {
    if (record.type === "event") yield { seq: record.seq, event: decodeEvent(record) };
  }
}

/** Client id of the order a trade id belongs to, or the text itself. */
function orderOfFill(reader: JournalReader, tradeId: string): string {
  const needle = `"tradeId":${JSON.stringify(tradeId)}`;
  for (const record of reader.records(0)) {
    if (record.kind !== "fill" || !record.body.includes(needle)) continue;
    const event = decodeEvent(record);
    if (event.kind === "fill" && event.clientOrderId !== null) return event.clientOrderId;
  }
  return tradeId;
}

function historyOf(
  reader: JournalReader,
  position: number,
  order: { readonly id: ClientOrderId; readonly instrument: Instrument | null },
): readonly Happened[] {
  const history: Happened[] = [];
  for (const record of reader.records(position)) {
    if (record.type !== "event" || !record.body.includes(order.id)) continue;
    const happened = happenedTo(order.id, { seq: record.seq, event: decodeEvent(record) }, order.instrument);
    if (happened !== null) history.push(happened);
  }
  return history;
}

function printDecision(decision: Decision, history: readonly Happened[], instrument: Instrument): void {
  const { order, because, book } = decision;
  const { code, ...facts } = because;
  const flags = [order.postOnly ? "post-only" : "", order.reduceOnly ? "reduce-only" : "", order.timeInForce];
  const price = formatPrice(instrument, order.price);
  print(`${decision.clientOrderId}${decision.refused ? "  refused by risk: nothing was sent" : ""}`);
  print(
    `  ${order.side} ${formatQuantity(instrument, order.quantity)} ${instrument.base} at ${price} ${flags.filter(Boolean).join(" ")}`,
  );
  print(
    `  decided ${timeText(decision.atMs)} by event ${decision.seq} (${decision.event.kind}), configuration ${decision.configRevision} ${decision.configHash.slice(0, 12)}`,
  );
  const best = (level: readonly [number, number] | undefined): string =>
    level === undefined ? "none" : formatPrice(instrument, level[0] as typeof order.price);
  print(
    `  book it saw: ${best(book?.bids[0])} / ${best(book?.asks[0])}${book === null ? "" : `, ${decision.atMs - book.atMs} ms old`}; position ${formatQuantity(instrument, lots(decision.position))} ${instrument.base}`,
  );
  const why = factTexts(facts, instrument).map(([name, text]) => `${name}=${text}`);
  print(`  why: ${[code, ...why].join(" ")}`);
  print("  risk:");
  for (const check of decision.checks) {
    const measured = check.value === null ? "" : ` ${check.value} of ${check.limit ?? "no limit"} ${check.unit}`;
    print(
      `    ${check.passed ? "ok " : "NO "} ${check.code}${check.spared ? " (not asked: it only reduces)" : measured}`,
    );
  }
  print("  what became of it:");
  if (history.length === 0) print("    nothing is recorded yet");
  for (const line of history) {
    print(`    ${timeText(line.atMs)}  ${line.text}`);
    for (const posting of line.postings)
      print(`      ${posting.account} ${formatMoney(posting.amount)} ${posting.asset}`);
  }
}
