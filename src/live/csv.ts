// Downloads: decimals as they are, times in ISO 8601 UTC.

import type { Fill, Ms, PnlPoint } from "./messages.ts";

const iso = (at: Ms): string => new Date(at).toISOString();

const NUMBER = /^-?\d+(?:\.\d+)?$/;

/** A cell; text that a spreadsheet would run as a formula is shown as text, also where it begins like a number. */
function cell(value: string): string {
  const safe = /^[-=+@\t\r]/.test(value) && !NUMBER.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

const rows = (list: readonly (readonly string[])[]): string =>
  list.map((row) => `${row.map(cell).join(",")}\r\n`).join("");

const FILL_COLUMNS = [
  "time",
  "exchange",
  "symbol",
  "bot",
  "side",
  "price",
  "quantity",
  "quote",
  "fee",
  "fee_asset",
  "maker",
  "realized",
  "order",
  "client_order",
  "id",
];

/** Oldest first. */
export const fillsCsv = (fills: readonly Fill[]): string =>
  rows([
    FILL_COLUMNS,
    ...fills.map((fill) => [
      iso(fill.at),
      fill.exchange,
      fill.symbol,
      fill.bot,
      fill.side,
      fill.price,
      fill.qty,
      fill.quote,
      fill.fee,
      fill.feeAsset,
      String(fill.maker),
      fill.realized,
      fill.order,
      fill.clientOrder,
      fill.id,
    ]),
  ]);

/** Points of every bot, oldest first within each. */
export const pnlCsv = (curves: ReadonlyMap<string, readonly PnlPoint[]>): string =>
  rows([
    ["time", "bot", "gross", "fees", "funding", "unrealized", "net"],
    ...[...curves].flatMap(([bot, points]) => points.map(([at, ...values]) => [iso(at), bot, ...values])),
  ]);
