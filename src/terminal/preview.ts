// The preview as text for a terminal or a log: orders, skipped levels, totals, warnings. Computes nothing of its own
// but the words.

import { floorDiv } from "../base/integer.ts";
import type { Money } from "../market/amounts.ts";
import { ticks } from "../market/amounts.ts";
import { formatMoney, formatPrice, formatQuantity } from "../market/instrument.ts";
import type { PreviewReport, PreviewTotals } from "../strategy/grid/preview.ts";
import { renderTable, type TableOptions } from "./table.ts";

/** Lines joined by "\n". A report that refuses shows why and nothing else. */
export function renderPreview(report: PreviewReport, options: TableOptions = {}): string {
  const head = `${report.symbol}: what the grid would do now`;
  if (report.totals === null) return [head, "", ...report.refusals.map((text) => `refused: ${text}`)].join("\n");
  const parts = [head, "", ordersTable(report, options), "", ...totalsLines(report, report.totals)];
  if (report.skipped.length > 0) parts.push("", skippedTable(report, options));
  if (report.warnings.length > 0) parts.push("", ...report.warnings.map((text) => `warning: ${text}`));
  return parts.join("\n");
}

function ordersTable(report: PreviewReport, options: TableOptions): string {
  const right = "right" as const;
  const columns = [
    { title: "leg" },
    { title: "level", align: right },
    { title: "side" },
    { title: "price", align: right },
    { title: report.base, align: right },
    { title: report.quote, align: right },
    { title: "exit", align: right },
    { title: "net a cycle", align: right },
    { title: "" },
  ];
  const rows = report.orders.map((order) => [
    order.leg,
    String(order.level),
    order.side,
    formatPrice(report, order.price),
    formatQuantity(report, order.quantity),
    cents(order.value),
    formatPrice(report, order.exitPrice),
    formatMoney(order.profit, 2),
    `${order.purpose}${order.postOnly ? " post-only" : ""}${order.reduceOnly ? " reduce-only" : ""}`,
  ]);
  return renderTable(columns, rows, options);
}

function skippedTable(report: PreviewReport, options: TableOptions): string {
  const rows = report.skipped.map((skip) => [
    skip.leg,
    String(skip.level),
    formatPrice(report, skip.price),
    REASONS[skip.reason],
  ]);
  const columns = [
    { title: "leg" },
    { title: "level", align: "right" as const },
    { title: "price", align: "right" as const },
    { title: "no entry, because" },
  ];
  return renderTable(columns, rows, options);
}

const REASONS = {
  occupied: "the slot holds lots or has an order",
  cell: "its cell overlaps another slot",
  cap: "heldSlotsMax is reached",
  quota: "openOrdersMax is reached",
  too_small: "orderQuote leaves no size here",
  cooldown: "the slot is cooling down",
  gate: "a gate is shut",
  range: "outside the range or the fence",
  band: "outside risk's price band",
  fees: "a cycle here loses to fees",
};

function totalsLines(report: PreviewReport, totals: PreviewTotals): readonly string[] {
  const { inventory, worst, breakEven, capital } = totals;
  const { quote } = report;
  const span = `${formatPrice(report, inventory.nearest)} … ${formatPrice(report, inventory.farthest)}`;
  const full = `${formatQuantity(report, inventory.lots)} ${report.base}, ${cents(inventory.value)} ${quote}`;
  const average = formatPrice(report, ticks(floorDiv(inventory.average + 500, 1000)));
  const gap = `${formatPrice(report, breakEven.gap)} at ${formatPrice(report, breakEven.price)}`;
  const parts = `${cents(worst.loss)} + fees ${cents(worst.entryFees)} + ${cents(worst.exitFees)}`;
  return [
    `first window      ${cents(totals.windowValue)} ${quote}`,
    `full inventory    ${span}: ${full}, average ${average}`,
    `capital for it    ${cents(capital)} ${quote}`,
    `break-even gap    ${gap}; the grid's is ${formatPrice(report, breakEven.actual)}`,
    `worst case        ${cents(worst.total)} ${quote} lost at ${formatPrice(report, worst.stressPrice)} (${parts})`,
    `anchor            ${formatPrice(report, ticks(totals.anchor))}`,
    `rounding          ${rounding(totals.roundingMilliLots)} lots against orderQuote, whole window`,
  ];
}

const rounding = (milli: number): string => {
  const size = Math.abs(milli);
  const fraction = String(size % 1000).padStart(3, "0");
  return `${milli < 0 ? "-" : "+"}${Math.trunc(size / 1000)}.${fraction}`;
};

/** Money with two decimals, away from zero: a loss is never shown smaller than it is. */
export function cents(amount: Money): string {
  const unit = 10n ** 16n;
  const size = amount < 0n ? -amount : amount;
  const up = (size + unit - 1n) / unit;
  const text = String(up).padStart(3, "0");
  return `${amount < 0n ? "-" : ""}${text.slice(0, -2)}.${text.slice(-2)}`;
}
