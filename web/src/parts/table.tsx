// A table that sorts exactly and draws only the rows in sight, so 10,000 rows cost as much as 30 (UI-02). A real
// <table>: rows out of sight are two spacers. `j`, `k` and Enter walk its rows (keys.ts).

import { createSortedRowModel, type RowData, rowSortingFeature, tableFeatures, useTable } from "@tanstack/react-table";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useMemo, useRef } from "react";
import { compare, isDecimal } from "../money/exact.ts";

export interface Column<T> {
  readonly id: string;
  readonly head: string;
  /** What is sorted by: text as text, decimals exactly. */
  readonly value: (row: T) => string | number;
  readonly cell?: (row: T) => ReactNode;
  readonly num?: boolean;
}

interface TableProps<T extends RowData> {
  readonly label: string;
  readonly columns: readonly Column<T>[];
  readonly rows: readonly T[];
  readonly idOf: (row: T) => string;
  readonly classOf?: (row: T) => string;
  readonly empty: ReactNode;
}

const features = tableFeatures({ rowSortingFeature, sortedRowModel: createSortedRowModel() });

function order(left: unknown, right: unknown): number {
  if (typeof left === "number" && typeof right === "number") return left - right;
  const [a, b] = [String(left), String(right)];
  return isDecimal(a) && isDecimal(b) ? compare(a, b) : a.localeCompare(b);
}

/** The height of a row as the page has it, px. */
export const rowHeight = (): number =>
  Number.parseInt(getComputedStyle(document.documentElement).getPropertyValue("--row"), 10) || 26;

const sortWord = (sorted: false | "asc" | "desc"): "ascending" | "descending" | undefined =>
  sorted === false ? undefined : sorted === "asc" ? "ascending" : "descending";

export function Table<T extends RowData>({ label, columns, rows, idOf, classOf, empty }: TableProps<T>): ReactNode {
  const scroll = useRef<HTMLDivElement>(null);
  const definitions = useMemo(
    () =>
      columns.map((column) => ({
        id: column.id,
        header: column.head,
        accessorFn: (row: T) => column.value(row),
        sortFn: (a: { getValue: (id: string) => unknown }, b: { getValue: (id: string) => unknown }, id: string) =>
          order(a.getValue(id), b.getValue(id)),
      })),
    [columns],
  );
  const data = useMemo(() => [...rows], [rows]);
  const table = useTable({ features, columns: definitions, data, getRowId: idOf });
  const sorted = table.getRowModel().rows;
  const virtual = useVirtualizer({
    count: sorted.length,
    getScrollElement: () => scroll.current,
    estimateSize: rowHeight,
    overscan: 12,
  });
  if (rows.length === 0) return empty;
  const items = virtual.getVirtualItems();
  const above = items[0]?.start ?? 0;
  const below = virtual.getTotalSize() - (items.at(-1)?.end ?? 0);
  return (
    <div className="table-scroll" ref={scroll} data-rows>
      <table aria-label={label} aria-rowcount={rows.length + 1}>
        <thead>
          <tr>
            {table.getHeaderGroups()[0]?.headers.map((header, index) => (
              <th
                key={header.id}
                scope="col"
                className={columns[index]?.num === true ? "num" : ""}
                aria-sort={sortWord(header.column.getIsSorted())}
              >
                <button type="button" onClick={header.column.getToggleSortingHandler()}>
                  {columns[index]?.head}
                  {header.column.getIsSorted() === "asc" ? " ↑" : header.column.getIsSorted() === "desc" ? " ↓" : ""}
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {above > 0 && <Spacer height={above} span={columns.length} />}
          {items.map((item) => {
            const row = sorted[item.index];
            if (row === undefined) return null;
            return (
              <tr key={row.id} aria-rowindex={item.index + 2} className={classOf?.(row.original) ?? ""} data-row>
                {columns.map((column) => (
                  <td key={column.id} className={column.num === true ? "num" : ""}>
                    {column.cell?.(row.original) ?? column.value(row.original)}
                  </td>
                ))}
              </tr>
            );
          })}
          {below > 0 && <Spacer height={below} span={columns.length} />}
        </tbody>
      </table>
    </div>
  );
}

/** Stands for the rows out of sight. */
export const Spacer = ({ height, span }: { readonly height: number; readonly span: number }): ReactNode => (
  <tr className="spacer">
    <td colSpan={span} style={{ height }} />
  </tr>
);
