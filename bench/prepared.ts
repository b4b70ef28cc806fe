// Data prepared as `opensqt data prepare` does it (BT-10), timed apart from what runs on it.

import { join } from "node:path";
import type { Loaded } from "../src/data/loaded.ts";
import { loadData } from "../src/data/open.ts";
import { PreparedFile } from "../src/data/prepared.ts";
import { PreparedWriter } from "../src/data/prepared-writer.ts";

export interface Prepared {
  readonly loaded: Loaded;
  /** Reading the source, checking it and writing the prepared file. */
  readonly prepareMs: number;
  /** Reading the prepared file into memory and verifying its hash. */
  readonly loadMs: number;
}

export async function prepare(path: string, dir: string): Promise<Prepared> {
  const out = join(dir, "bench.osq");
  const start = performance.now();
  const writer = new PreparedWriter(out);
  try {
    writer.finish(await loadData([path], { onPiece: (piece) => writer.append(piece) }));
  } catch (error) {
    writer.abort();
    throw error;
  }
  const written = performance.now();
  const file = PreparedFile.open(out);
  try {
    const loaded = file.load();
    return { loaded, prepareMs: written - start, loadMs: performance.now() - written };
  } finally {
    file.close();
  }
}
