// Several sources read one after the other as one stream of lines, with one progress and one set of findings.

import { stat } from "node:fs/promises";
import type { Findings } from "./finding.ts";
import type { OnLine } from "./line-splitter.ts";
import type { LoadProgress, TapeOut } from "./loaded.ts";
import { readLines, type Source, type SourceFacts, sourceName } from "./source.ts";

/** What takes the lines of one kind of file. */
export interface LineLoader {
  readonly findings: Findings;
  readonly out: TapeOut;
  onLine(...line: Parameters<OnLine>): void;
  /** Called before the first line of each source. */
  onSource?(index: number): void;
}

/** Reads all sources in the order given. Throws {@link DataError}; an early end is the finding `truncated`. */
export async function readSources(
  sources: readonly Source[],
  loader: LineLoader,
  onProgress?: (progress: LoadProgress) => void,
): Promise<SourceFacts[]> {
  const { findings, out } = loader;
  const onLine: OnLine = (bytes, start, end, line) => loader.onLine(bytes, start, end, line);
  let bytesTotal = 0;
  if (onProgress !== undefined) for (const source of sources) bytesTotal += await sizeOf(source);
  const facts: SourceFacts[] = [];
  let bytesBefore = 0;
  let linesBefore = 0;
  for (const [index, source] of sources.entries()) {
    findings.file = sourceName(source);
    out.builder.sourceFile = index;
    loader.onSource?.(index);
    const one = await readLines(source, onLine, (done) => {
      onProgress?.({
        rows: out.rows,
        lines: linesBefore + done.lines,
        bytesDone: bytesBefore + done.bytesDone,
        bytesTotal,
      });
    });
    if (one.truncated) {
      findings.add("truncated", one.lines);
      findings.describe("truncated", `${one.lines} whole lines before the cut`);
    }
    bytesBefore += one.bytes;
    linesBefore += one.lines;
    facts.push(one);
  }
  return facts;
}

async function sizeOf(source: Source): Promise<number> {
  if (typeof source !== "string") return source.bytes.length;
  try {
    return (await stat(source)).size;
  } catch {
    return 0; // reading it says what is wrong
  }
}
