// Lines of a downloaded file: what each kind of data is written as, and how its place in time is read back. The formats
// are those the loaders of this folder read (BT-03…05).

export type DownloadKind = "candles" | "trades" | "funding";

/** One line of the file. `id` is the trade's own where the exchange gives one, else the time. */
export interface DownloadRow {
  readonly atMs: number;
  readonly id: string;
  readonly line: string;
}

export interface RowFormat {
  readonly header: string;
  /** Null: no such line, as the last one of a file whose writer was killed. */
  read(line: string): DownloadRow | null;
}

const WHOLE = /^\d{1,16}$/;
const DECIMAL = /^-?\d+(\.\d+)?$/;

const cellsOf = (line: string, count: number): readonly string[] | null => {
  const cells = line.split(",");
  return cells.length === count ? cells : null;
};

export const CANDLE_FORMAT: RowFormat = {
  header: "timestamp_ms,open,high,low,close,volume",
  read: (line) => {
    const cells = cellsOf(line, 6);
    const [time = "", ...values] = cells ?? [];
    if (!WHOLE.test(time) || !values.every((value) => DECIMAL.test(value))) return null;
    return { atMs: Number.parseInt(time, 10), id: time, line };
  },
};

export const TRADE_FORMAT: RowFormat = {
  header: "id,price,qty,time,is_buyer_maker",
  read: (line) => {
    const [id = "", price = "", quantity = "", time = "", maker = ""] = cellsOf(line, 5) ?? [];
    if (id === "" || !DECIMAL.test(price) || !DECIMAL.test(quantity)) return null;
    if (!WHOLE.test(time) || !/^(true|false)$/.test(maker)) return null;
    return { atMs: Number.parseInt(time, 10), id, line };
  },
};

export const FUNDING_FORMAT: RowFormat = {
  header: "Symbol,Date,Funding Rate",
  read: (line) => {
    const [symbol = "", date = "", rate = ""] = cellsOf(line, 3) ?? [];
    const atMs = Date.parse(`${date.replace(" ", "T")}Z`);
    if (symbol === "" || Number.isNaN(atMs) || !DECIMAL.test(rate)) return null;
    return { atMs, id: String(atMs), line };
  },
};

export const FORMATS: Readonly<Record<DownloadKind, RowFormat>> = {
  candles: CANDLE_FORMAT,
  trades: TRADE_FORMAT,
  funding: FUNDING_FORMAT,
};

/** `2024-08-08 00:00:00.000`, in UTC: dates of a funding file. */
export const dateText = (atMs: number): string => new Date(atMs).toISOString().replace("T", " ").replace("Z", "");
