// Trades of a tape as an `aggTrades` CSV of data.binance.vision (BT-10): what is written loads as the same trades.

import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { lots, ticks } from "../market/amounts.ts";
import { formatPrice, formatQuantity, type Instrument } from "../market/instrument.ts";
import { RowFlag, RowKind, type Tape } from "../market/tape.ts";
import { commitFile, discardFile, temporaryFor } from "./atomic.ts";
import { DataError } from "./error.ts";

const HEADER = "agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker\n";
const ROWS_A_CHUNK = 4096;

/** Writes the trades to `path`, gzipped when it ends in `.gz`. Returns their number. Throws `cannotWrite`. */
export async function exportTrades(tape: Tape, instrument: Instrument, path: string): Promise<number> {
  const temporary = temporaryFor(path, "new");
  const rows = { count: 0 };
  try {
    const text = Readable.from(csvChunks(tape, instrument, rows));
    const out = createWriteStream(temporary);
    if (path.endsWith(".gz")) await pipeline(text, createGzip(), out);
    else await pipeline(text, out);
  } catch (error) {
    discardFile(temporary);
    throw DataError.fromSystem(error, path, "write");
  }
  commitFile(temporary, path);
  return rows.count;
}

function* csvChunks(tape: Tape, instrument: Instrument, rows: { count: number }): Generator<string> {
  // the unit of a file is one: microseconds as soon as one trade needs them
  const micro = needsMicroseconds(tape);
  let text = HEADER;
  for (let i = 0; i < tape.length; i += 1) {
    if (tape.kind[i] !== RowKind.trade) continue;
    const id = tape.id[i] ?? 0;
    const price = formatPrice(instrument, ticks(tape.price[i] ?? 0));
    const quantity = formatQuantity(instrument, lots(tape.quantity[i] ?? 0));
    const us = tape.exchangeUs[i] ?? 0;
    const sellerTook = ((tape.flags[i] ?? 0) & RowFlag.sellerTook) !== 0;
    text += `${id},${price},${quantity},${id},${id},${micro ? us : us / 1000},${sellerTook}\n`;
    rows.count += 1;
    if (rows.count % ROWS_A_CHUNK !== 0) continue;
    yield text;
    text = "";
  }
  if (text !== "") yield text;
}

function needsMicroseconds(tape: Tape): boolean {
  for (let i = 0; i < tape.length; i += 1) {
    if (tape.kind[i] === RowKind.trade && (tape.exchangeUs[i] ?? 0) % 1000 !== 0) return true;
  }
  return false;
}
