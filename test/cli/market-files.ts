// Small made-up data files for the command line: a candle walk and a recorded book, whole and broken. Nothing of a real
// recording is in here.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { Prng } from "../../src/base/prng.ts";

const START_MS = 1_700_000_000_000;
const MINUTE_MS = 60_000;

/** One line a minute: `timestamp_ms,open,high,low,close,volume`. */
export function candleLines(count = 400): string[] {
  const random = new Prng("candles");
  const lines = ["timestamp_ms,open,high,low,close,volume"];
  const start = Math.floor(START_MS / MINUTE_MS) * MINUTE_MS;
  let price = 2_000_000;
  for (let i = 0; i < count; i += 1) {
    const open = price;
    price += random.integer(-3_000, 3_000);
    const high = Math.max(open, price) + random.integer(0, 2_000);
    const low = Math.min(open, price) - random.integer(0, 2_000);
    const cells = [open, high, low, price].map((cents) => decimal(cents, 2));
    lines.push(`${start + i * MINUTE_MS},${cells.join(",")},${random.integer(1, 50)}.5`);
  }
  return lines;
}

/** A USDⓈ-M recording: a snapshot, then a book and trades that walk. */
export function frameLines(count = 300): string[] {
  const random = new Prng("frames");
  const lines: string[] = [];
  let ms = START_MS;
  let id = 1000;
  let mid = 600_000;
  const line = (body: unknown): void => {
    ms += 100;
    lines.push(`${ms}000000 ${JSON.stringify(body)}`);
  };
  const stream = (name: string, data: object): void =>
    line({ stream: `btcusdt@${name}`, data: { ...data, E: ms + 100, s: "BTCUSDT" } });
  const side = (sign: number, quantity: string): string[][] =>
    [1, 2, 3, 4, 5].map((step) => [decimal(mid + sign * step, 1), quantity]);
  line({ lastUpdateId: id, bids: side(-1, "2.000"), asks: side(1, "2.000") });
  for (let i = 0; i < count; i += 1) {
    const gone = { b: side(-1, "0"), a: side(1, "0") };
    mid += random.integer(-60, 60);
    const body = { b: [...gone.b, ...side(-1, "2.000")], a: [...gone.a, ...side(1, "2.000")] };
    stream("depth@0ms", { e: "depthUpdate", U: id, u: id + 2, pu: id, ...body });
    id += 2;
    const sold = random.chance(0.5);
    const price = decimal(mid + (sold ? -1 : 1), 1);
    stream("trade", { e: "trade", T: ms + 90, t: i + 1, p: price, q: "0.050", X: "MARKET", m: sold });
  }
  return lines;
}

export const packed = (lines: readonly string[]): Buffer => gzipSync(`${lines.join("\n")}\n`);

/** Writes a file into `folder` and returns its path. */
export function put(folder: string, name: string, content: string | Buffer | readonly string[]): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === "string" || content instanceof Buffer ? content : `${content.join("\n")}\n`);
  return path;
}

/** `lines` with one of them changed or, when null comes back, left out. `at` is the 1-based line. */
export function changed(lines: readonly string[], at: number, change: (line: string) => string | null): string[] {
  return lines.flatMap((line, index) => {
    const result = index + 1 === at ? change(line) : line;
    return result === null ? [] : [result];
  });
}

function decimal(units: number, digits: number): string {
  const text = String(units).padStart(digits + 1, "0");
  return `${text.slice(0, -digits)}.${text.slice(-digits)}`;
}
