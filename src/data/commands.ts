// `opensqt data check | prepare | export` without the command line: options in, text out through a port, exit code
// back.

import { describeLoaded, findingsTable, verdict } from "./check-text.ts";
import { DataError } from "./error.ts";
import { exportTrades } from "./export.ts";
import { assertAccepted, assertFindingNames, type Finding, refusals } from "./finding.ts";
import type { Loaded, LoadOptions, LoadProgress } from "./loaded.ts";
import { loadData, loadRecognized, type Recognized, recognize, sameStream } from "./open.ts";
import { PreparedWriter } from "./prepared-writer.ts";

/** Where a command writes: results to `out`, everything for people only to `err`. */
export interface DataOutput {
  out(text: string): void;
  err(text: string): void;
}

export interface DataCommandOptions extends LoadOptions {
  readonly files: readonly string[];
  /** Findings accepted although they refuse. */
  readonly accept?: readonly string[];
  readonly json?: boolean;
}

export interface DataCheckOptions extends DataCommandOptions {
  /** No warning either. */
  readonly strict?: boolean;
}

export interface DataWriteOptions extends DataCommandOptions {
  /** Path of the file to write. */
  readonly out: string;
}

// Exit codes of the one table in design.md.
const DONE = 0;
const UNEXPECTED = 1;
const USAGE = 2;
const REFUSED = 3;
const CHECK_FAILED = 4;
const CANNOT_WRITE = 13;

/**
 * Looks at files and prints their findings. Files that continue one another are one stream, others are looked at apart.
 * Returns 0 when nothing is refused (with `strict`: no warning either), 4 when something is, 3 for files that cannot be
 * read at all, 2 for a wrong option.
 */
export function dataCheck(options: DataCheckOptions, output: DataOutput): Promise<number> {
  return guarded(options, output, async () => {
    const accept = options.accept ?? [];
    assertFindingNames(accept);
    let failed = false;
    const reports: unknown[] = [];
    for (const stream of await streamsOf(options)) {
      // the rows are not wanted: they are handed to nobody, piece by piece
      const loaded = await loadRecognized(stream.files, stream.recognized, { ...options, onPiece: () => undefined });
      const refused = refusals(loaded.findings, accept);
      const warnings = loaded.findings.filter((finding) => isWarning(finding, accept)).length;
      failed ||= refused.length > 0 || (options.strict === true && warnings > 0);
      if (options.json === true) reports.push(jsonOf(loaded, refused));
      else {
        output.out(describeLoaded(loaded));
        output.out(findingsTable(loaded.findings, refused));
        output.out(verdict(refused, warnings, options.strict === true));
      }
    }
    if (options.json === true) output.out(`${JSON.stringify({ ok: !failed, streams: reports }, null, 2)}\n`);
    return failed ? CHECK_FAILED : DONE;
  });
}

/**
 * Writes one prepared file of all rows, with the hashes of its sources and its findings. Returns 0; 3 when the data are
 * refused or cannot be read, 13 when the file cannot be written. Nothing half-written is left.
 */
export function dataPrepare(options: DataWriteOptions, output: DataOutput): Promise<number> {
  return guarded(options, output, async () => {
    const accept = options.accept ?? [];
    assertFindingNames(accept);
    const writer = new PreparedWriter(options.out);
    try {
      const loaded = await loadData(options.files, { ...options, onPiece: (piece) => writer.append(piece) });
      if (options.json !== true) output.err(findingsTable(loaded.findings, refusals(loaded.findings, accept)));
      assertAccepted(loaded.findings, accept);
      const tapeSha256 = writer.finish(loaded);
      const told = { out: options.out, rows: loaded.rows, tapeSha256 };
      if (options.json === true) output.out(`${JSON.stringify({ ...told, ...jsonOf(loaded, []) }, null, 2)}\n`);
      else output.out(`${options.out}: ${loaded.rows} rows, sha256 ${tapeSha256}\n`);
      return DONE;
    } catch (error) {
      writer.abort();
      throw error;
    }
  });
}

/** Writes the trades as an `aggTrades` CSV. Returns as {@link dataPrepare}. */
export function dataExport(
  options: DataWriteOptions & { readonly format: string },
  output: DataOutput,
): Promise<number> {
  return guarded(options, output, async () => {
    const accept = options.accept ?? [];
    assertFindingNames(accept);
    if (options.format !== "aggtrades") {
      throw new DataError("badOption", {
        file: "--format",
        what: `"${options.format}" is no export format`,
        expected: "aggtrades",
        advice: "Trades are written as data.binance.vision publishes them",
      });
    }
    const loaded = await loadData(options.files, options);
    assertAccepted(loaded.findings, accept);
    const trades = await exportTrades(loaded.tape, loaded.instrument, options.out);
    if (options.json === true) output.out(`${JSON.stringify({ out: options.out, trades })}\n`);
    else output.out(`${options.out}: ${trades} trades\n`);
    return DONE;
  });
}

/** Progress of a load as one line: percent, rows, megabytes. */
export function progressText(progress: LoadProgress): string {
  const percent = progress.bytesTotal === 0 ? 0 : Math.floor((progress.bytesDone * 100) / progress.bytesTotal);
  const megabytes = Math.floor(progress.bytesDone / 1e6);
  return `${percent} %  ${progress.lines} lines  ${progress.rows} rows  ${megabytes} MB`;
}

/** A finding that is worth a second look and that nobody accepted; a note is not. */
const isWarning = (finding: Finding, accept: readonly string[]): boolean =>
  finding.severity !== "note" && !accept.includes(finding.name);

interface Stream {
  readonly files: string[];
  readonly recognized: Recognized;
}

/** Files in the order given, gathered into streams of one kind and instrument. */
async function streamsOf(options: DataCommandOptions): Promise<Stream[]> {
  if (options.files.length === 0) await loadData([]); // says that no file was named
  const streams: Stream[] = [];
  for (const file of options.files) {
    const recognized = await recognize(file, options);
    const known = streams.find((stream) => sameStream(stream.recognized, recognized));
    if (known === undefined) streams.push({ files: [file], recognized });
    else known.files.push(file);
  }
  return streams;
}

function jsonOf(loaded: Loaded, refused: readonly Finding[]): Record<string, unknown> {
  const { kind, instrument, rows, sources, findings, clock, figures } = loaded;
  const { symbol, exchange, tickSize, lotSize } = instrument;
  const names = refused.map((finding) => finding.name);
  return {
    kind,
    instrument: { exchange, symbol, tickSize, lotSize },
    rows,
    sources,
    findings,
    refused: names,
    clock,
    figures,
  };
}

/** One clear message and the right code for whatever goes wrong. */
async function guarded(
  options: { readonly json?: boolean },
  output: DataOutput,
  work: () => Promise<number>,
): Promise<number> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof DataError)) {
      output.err(`unexpected: ${error instanceof Error ? error.message : String(error)}\n`);
      return UNEXPECTED;
    }
    const { code, file, line, message } = error;
    if (options.json === true) output.out(`${JSON.stringify({ ok: false, error: { code, file, line, message } })}\n`);
    output.err(`${message}\n`);
    if (code === "badOption") return USAGE;
    return code === "cannotWrite" ? CANNOT_WRITE : REFUSED;
  }
}
