// The chart as text: a summary in one sentence and the candles and orders as tables, for copying and screen readers.

import { type ReactNode, useMemo } from "react";
import type { ClassicKline, ConsoleOrder } from "../../../src/live/messages.ts";
import { compare, difference } from "../money/exact.ts";
import { plain, signed } from "../money/show.ts";
import { type Column, Table } from "../parts/table.tsx";
import { Time } from "../parts/values.tsx";

interface ChartDataProps {
  readonly candles: readonly ClassicKline[];
  readonly orders: readonly ConsoleOrder[];
  readonly title: string;
}

const COLUMNS: readonly Column<ClassicKline>[] = [
  { id: "time", head: "time", value: (row) => row.time, cell: (row) => <Time at={row.time * 1000} day /> },
  { id: "open", head: "open", value: (row) => row.open, cell: (row) => plain(row.open), num: true },
  { id: "high", head: "high", value: (row) => row.high, cell: (row) => plain(row.high), num: true },
  { id: "low", head: "low", value: (row) => row.low, cell: (row) => plain(row.low), num: true },
  { id: "close", head: "close", value: (row) => row.close, cell: (row) => plain(row.close), num: true },
  { id: "volume", head: "volume", value: (row) => row.volume, cell: (row) => plain(row.volume), num: true },
];

function summary(candles: readonly ClassicKline[], orders: readonly ConsoleOrder[], title: string): string {
  const [first, last] = [candles[0], candles.at(-1)];
  if (first === undefined || last === undefined) return "";
  const high = candles.reduce((best, candle) => (compare(candle.high, best) > 0 ? candle.high : best), first.high);
  const low = candles.reduce((best, candle) => (compare(candle.low, best) < 0 ? candle.low : best), first.low);
  const buys = orders.filter((order) => order.side === "BUY").length;
  return `${title}: ${candles.length} candles, last ${last.close}, change ${signed(difference(last.close, first.open))}, high ${high}, low ${low}. Open orders: ${buys} buys, ${orders.length - buys} sells.`;
}

export function ChartData({ candles, orders, title }: ChartDataProps): ReactNode {
  const newestFirst = useMemo(() => candles.toReversed(), [candles]);
  return (
    <div className="chart-data">
      <p>{summary(candles, orders, title)}</p>
      <Table
        label={`Candles of ${title}`}
        columns={COLUMNS}
        rows={newestFirst}
        idOf={(row) => String(row.time)}
        empty={null}
      />
    </div>
  );
}
