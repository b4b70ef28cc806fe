// Answers of a bot as text for people. What a bot told is JSON of unknown shape: nothing is assumed of it.

import { renderTable } from "../../terminal/table.ts";
import { terminalWidth } from "./output.ts";

type Row = { readonly [key: string]: unknown };

const rowOf = (value: unknown): Row =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Row) : {};
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const word = (value: unknown): string =>
  typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : "";

export function statusText(answer: unknown): string {
  const { recovery: _recovery, blocks, refusals, ...plain } = rowOf(answer);
  const lines = Object.entries(plain).map(([name, value]) => `${name.padEnd(14)}  ${word(value) || "none"}`);
  for (const block of listOf(blocks)) {
    const { name, reason } = rowOf(block);
    lines.push(`${"block".padEnd(14)}  ${word(name)}: ${word(reason)}`);
  }
  for (const [code, count] of Object.entries(rowOf(refusals))) {
    lines.push(`${"refused".padEnd(14)}  ${code} ×${word(count)}`);
  }
  return lines.join("\n");
}

export function ordersText(answer: unknown): string {
  const orders = listOf(answer).map(rowOf);
  if (orders.length === 0) return "no open orders";
  const columns = ["side", "price", "quantity", "filled", "slot", "place", "clientOrderId"];
  const aligned = columns.map((title) =>
    ["price", "quantity", "filled"].includes(title) ? { title, align: "right" as const } : { title, widthMax: null },
  );
  return renderTable(
    aligned,
    orders.map((order) => columns.map((name) => word(order[name]))),
    { width: terminalWidth() },
  );
}

export function ladderText(answer: unknown): string {
  const { phase, gates, ladder } = rowOf(answer);
  const rows = listOf(ladder).map(rowOf);
  if (rows.length === 0) return `phase ${word(phase) || "none"}; no level yet`;
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const shut = listOf(gates).map((gate) => {
    const { name, level, reason } = rowOf(gate);
    return `gate ${word(name)} ${word(level)}: ${word(reason)}`;
  });
  const table = renderTable(
    columns.map((title) => ({ title })),
    rows.map((row) => columns.map((name) => word(row[name]))),
    { width: terminalWidth() },
  );
  return [`phase ${word(phase)}`, ...shut, "", table].join("\n");
}
