// Files of market data: recorded frames, candles, trades, funding, plain and packed, and prepared columns. What is
// wrong with them is a DataError or a finding.

import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { dataPrepare } from "../../../src/data/commands.ts";
import { DataError } from "../../../src/data/error.ts";
import { loadData } from "../../../src/data/open.ts";
import { PreparedFile } from "../../../src/data/prepared.ts";
import { zipOf } from "../../zip.ts";
import type { Decoder, FuzzTarget } from "../target.ts";

const CORPUS = join(import.meta.dirname, "../corpus");
const corpusFile = (name: string): string => readFileSync(join(CORPUS, name, "real.txt"), "utf8");
const FRAMES = corpusFile("frames");
const CANDLES = corpusFile("candles");

const OPTIONS = { symbol: "BTC/USDT:USDT", market: "usdm" } as const;
const isTyped = (error: unknown): boolean => error instanceof DataError;

const load =
  (name: string) =>
  async (bytes: Uint8Array): Promise<unknown> => {
    const { rows, findings, figures } = await loadData([{ name, bytes }], OPTIONS);
    return { rows, findings, figures };
  };

async function preparedBytes(): Promise<Uint8Array> {
  const folder = mkdtempSync(join(tmpdir(), "opensqt-fuzz-"));
  try {
    const file = join(folder, "frames.txt");
    writeFileSync(file, FRAMES);
    const to = join(folder, "frames.osq");
    const silent = { out: () => undefined, err: () => undefined };
    const exitCode = await dataPrepare({ files: [file], out: to, ...OPTIONS }, silent);
    if (exitCode !== 0) throw new Error(`the frames of the corpus are refused: ${exitCode}`);
    return readFileSync(to);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function preparedDecoder(): Decoder {
  const folder = mkdtempSync(join(tmpdir(), "opensqt-fuzz-"));
  const path = join(folder, "fuzzed.osq");
  return {
    read: (bytes) => {
      writeFileSync(path, bytes);
      const file = PreparedFile.open(path);
      try {
        file.verify();
        return [...file.pieces(2)].map(({ length }) => length);
      } finally {
        file.close();
      }
    },
    close: () => rmSync(folder, { recursive: true }),
  };
}

export const MARKET_FILES: readonly FuzzTarget[] = [
  { name: "frames", corpus: [], isTyped, share: 20, open: () => ({ read: load("frames.txt") }) },
  { name: "candles", corpus: [], isTyped, share: 20, open: () => ({ read: load("candles.csv") }) },
  { name: "trades", corpus: [], isTyped, share: 20, open: () => ({ read: load("trades.csv") }) },
  { name: "funding", corpus: [], isTyped, share: 20, open: () => ({ read: load("funding.csv") }) },
  { name: "gzip", corpus: [gzipSync(FRAMES)], isTyped, share: 10, open: () => ({ read: load("frames.gz") }) },
  {
    name: "zip",
    corpus: [zipOf("candles.csv", CANDLES)],
    isTyped,
    share: 10,
    open: () => ({ read: load("candles.zip") }),
  },
];

const FOOTER_OFFSET_AT = 16;
const FOOTER_SHA_AT = 24;

/** The file with another footer, its length and its hash made right: what lies behind the hash is read too. */
function withFooter(whole: Uint8Array, footer: Uint8Array): Uint8Array {
  const file = Buffer.from(whole);
  const offset = Number(file.readBigUInt64LE(FOOTER_OFFSET_AT));
  file.writeUInt32LE(footer.length, FOOTER_OFFSET_AT - 4);
  createHash("sha256").update(footer).digest().copy(file, FOOTER_SHA_AT);
  return Buffer.concat([file.subarray(0, offset), footer]);
}

export async function preparedTargets(): Promise<readonly FuzzTarget[]> {
  const whole = await preparedBytes();
  const footer = whole.subarray(Number(Buffer.from(whole).readBigUInt64LE(FOOTER_OFFSET_AT)));
  const inFooter = (): Decoder => {
    const inner = preparedDecoder();
    return { read: (bytes) => inner.read(withFooter(whole, bytes)), close: () => inner.close?.() };
  };
  return [
    { name: "prepared", corpus: [whole], isTyped, share: 10, open: preparedDecoder },
    { name: "prepared-footer", corpus: [footer], isTyped, share: 10, open: inFooter },
  ];
}
