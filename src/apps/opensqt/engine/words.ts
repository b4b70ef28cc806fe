// Plain documents as text for people: tables that fit the terminal, and lists of name and value.

import { renderTable } from "../../../terminal/table.ts";
import { terminalWidth, timeText } from "../output.ts";
import type { Plain } from "./plain.ts";

interface Column {
  readonly name: string;
  readonly title?: string;
  readonly right?: true;
  /** Never cut: what a person copies. */
  readonly whole?: true;
}

/** A table of these columns, or `none` where there is no row. */
export function tableText(rows: readonly Plain[], columns: readonly Column[], none: string): string {
  if (rows.length === 0) return none;
  return renderTable(
    columns.map(({ name, title = name, right, whole }) => ({
      title,
      ...(right === true ? { align: "right" as const } : {}),
      ...(whole === true ? { widthMax: null } : {}),
    })),
    rows.map((row) => columns.map(({ name }) => cellOf(name, row[name]))),
    { width: terminalWidth() },
  );
}

/** One line for each name. */
export function listText(document: Plain): string {
  const entries = Object.entries(document).map(([name, value]) => [name, cellOf(name, value) || "none"] as const);
  const width = Math.max(...entries.map(([name]) => name.length));
  return entries.map(([name, text]) => `${name.padEnd(width)}  ${text}`).join("\n");
}

function cellOf(name: string, value: unknown): string {
  if (value === null || value === undefined) return "";
  if (name.endsWith("AtMs") || name === "atMs") return value === 0 ? "" : timeText(Number(value));
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (Array.isArray(value)) return value.map((item) => cellOf("", item)).join(", ");
  if (typeof value === "object") return JSON.stringify(value);
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

export const BOT_COLUMNS: readonly Column[] = [
  { name: "bot", whole: true },
  { name: "phase" },
  { name: "symbols" },
  { name: "position", right: true },
  { name: "realizedNet", title: "realised net", right: true },
  { name: "unrealized", title: "unrealised", right: true },
  { name: "liveOrders", title: "orders", right: true },
  { name: "unknownOrders", title: "unknown", right: true },
  { name: "gates" },
];

export const ORDER_COLUMNS: readonly Column[] = [
  { name: "bot" },
  { name: "side" },
  { name: "price", right: true },
  { name: "quantity", right: true },
  { name: "filled", right: true },
  { name: "status" },
  { name: "clientOrderId", title: "client order id", whole: true },
];

export const FILL_COLUMNS: readonly Column[] = [
  { name: "atMs", title: "time" },
  { name: "bot" },
  { name: "side" },
  { name: "price", right: true },
  { name: "quantity", right: true },
  { name: "fee", right: true },
  { name: "maker" },
  { name: "clientOrderId", title: "client order id", whole: true },
];

export const POSITION_COLUMNS: readonly Column[] = [
  { name: "bot" },
  { name: "symbol" },
  { name: "quantity", right: true },
  { name: "entry", right: true },
  { name: "mark", right: true },
  { name: "unrealized", title: "unrealised", right: true },
  { name: "realized", title: "realised", right: true },
  { name: "fees", right: true },
  { name: "funding", right: true },
];

export const SLOT_COLUMNS: readonly Column[] = [
  { name: "slot", right: true },
  { name: "leg" },
  { name: "state" },
  { name: "entry", right: true },
  { name: "exit", right: true },
  { name: "held", right: true },
  { name: "skipReason", title: "why not" },
];

export const BREAKER_COLUMNS: readonly Column[] = [
  { name: "name" },
  { name: "scope" },
  { name: "id" },
  { name: "phase" },
  { name: "closesAtMs", title: "until" },
  { name: "action" },
  { name: "value", right: true },
  { name: "limit", right: true },
  { name: "reason" },
];
