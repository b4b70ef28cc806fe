// Files of market data: recorded frames, candles, trades, funding, plain and packed, and prepared columns. What is wrong
// with them is a DataError or a finding.

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

const stamp = (at: number): string => `17231088000${String(at).padStart(8, "0")}`;

const FRAMES = [
  `${stamp(1)} {"lastUpdateId":100,"E":1723108800000,"T":1723108800000,"bids":[["60000.0","1.000"]],"asks":[["60000.1","2.000"]]}`,
  `${stamp(2)} {"stream":"btcusdt@depth@0ms","data":{"e":"depthUpdate","E":1723108800001,"T":1723108800001,"s":"BTCUSDT","U":99,"u":101,"pu":98,"b":[["60000.0","1.500"]],"a":[]}}`,
  `${stamp(3)} {"stream":"btcusdt@bookTicker","data":{"e":"bookTicker","u":101,"s":"BTCUSDT","b":"60000.0","B":"1.5","a":"60000.1","A":"2.0","T":1723108800002,"E":1723108800002}}`,
  `${stamp(4)} {"stream":"btcusdt@trade","data":{"e":"trade","E":1723108800003,"T":1723108800003,"s":"BTCUSDT","t":7,"p":"60000.10","q":"0.010","X":"MARKET","m":false}}`,
  `${stamp(5)} {"stream":"btcusdt@markPrice","data":{"e":"markPriceUpdate","E":1723108800004,"s":"BTCUSDT","p":"60000.05000000","P":"60000.0","i":"60000.0","r":"0.00010000","T":1723132800000}}`,
].join("\n");
const CANDLES = `open_time,open,high,low,close,volume\n1672531200000,16500.1,16510.0,16490.0,16505.5,12.5\n1672531260000,16505.5,16506.0,16500.0,16501.0,0\n`;
const TRADES = `1,16500.10,0.010,165.0010,1672531200001,True\n2,16500.20,0.020,330.0040,1672531200002,False\n`;
const FUNDING = `calc_time,funding_interval_hours,last_funding_rate\n1672531200000,8,0.00010000\n1672560000000,8,-0.00002500\n`;

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
  { name: "frames", corpus: [FRAMES], isTyped, share: 20, open: () => ({ read: load("frames.txt") }) },
  { name: "candles", corpus: [CANDLES], isTyped, share: 20, open: () => ({ read: load("candles.csv") }) },
  { name: "trades", corpus: [TRADES], isTyped, share: 20, open: () => ({ read: load("trades.csv") }) },
  { name: "funding", corpus: [FUNDING], isTyped, share: 20, open: () => ({ read: load("funding.csv") }) },
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
    const { read, ...rest } = preparedDecoder();
    return { ...rest, read: (bytes) => read(withFooter(whole, bytes)) };
  };
  return [
    { name: "prepared", corpus: [whole], isTyped, share: 10, open: preparedDecoder },
    { name: "prepared-footer", corpus: [footer], isTyped, share: 10, open: inFooter },
  ];
}
