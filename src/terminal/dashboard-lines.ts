// The dashboard as lines of toned text: a pure function of a snapshot and a size. It fits any terminal from 80×24 on,
// says everything in words and shapes as well as in colour, and never writes more lines than it was given.

import { countText, decimalText, signedText } from "../backtest/figures.ts";
import { type Lots, lots, type Money, milliTicks, type Side, type Ticks, ticks } from "../market/amounts.ts";
import { formatMark, formatMoney, formatPrice, formatQuantity } from "../market/instrument.ts";
import type { LadderRow } from "../strategy/contract.ts";
import type { DashboardFill, DashboardOrder, DashboardSnapshot } from "./dashboard-model.ts";
import { cellText } from "./table.ts";
import { fitLine, type Line, seg, spread, type Tone, widthOf } from "./toned-line.ts";

export interface DashboardView {
  readonly columns: number;
  readonly rows: number;
  readonly ascii: boolean;
  /** Rows the ladder is scrolled away from the price, up positive. */
  readonly scroll: number;
  /** Text being typed to confirm a kill; null when nobody is. */
  readonly confirm: string | null;
  /** The operator asked to stop and waits for it. */
  readonly stopping: boolean;
}

const LEFT_COLUMNS = 45;
const FIXED_ROWS = 10;

/** At most `view.rows` lines, none wider than `view.columns`. */
export function dashboardLines(snapshot: DashboardSnapshot, view: DashboardView): readonly Line[] {
  const body = Math.max(4, view.rows - FIXED_ROWS);
  const rule = [seg((view.ascii ? "-" : "─").repeat(view.columns), "quiet")];
  const lines: Line[] = [
    header(snapshot, view.columns),
    priceLine(snapshot, view),
    positionLine(snapshot),
    pnlLine(snapshot),
    rule,
    ...bodyLines(snapshot, view, body),
    rule,
    ...alertLines(snapshot, view),
    machineLine(snapshot),
    keyLine(snapshot, view),
  ];
  return lines.slice(0, view.rows).map((line) => fitLine(line, view.columns));
}

/** One line that says it all: for logs and pipes. */
export function statusLine(s: DashboardSnapshot): string {
  const parts = [
    new Date(s.nowMs).toISOString().slice(0, 19).replace("T", " "),
    s.bot,
    s.symbol,
    s.bid === null || s.ask === null ? "no book" : `${priceText(s, s.bid)}/${priceText(s, s.ask)}`,
    `position ${positionText(s)}`,
    `pnl ${s.pnl === null ? "n/a" : moneyText(s.pnl.total)}`,
    `orders ${s.orders.length}`,
    `fills ${s.fillCount}`,
    s.phase,
    ...(s.gates.length === 0 ? [] : [`gates ${s.gates.join(",")}`]),
    ...(s.feedStale ? ["book stale"] : []),
    `journal ${s.journal.position}${s.journal.lagRecords > 0 ? ` (${s.journal.lagRecords} behind)` : ""}`,
  ];
  return parts.join("  ");
}

function header(s: DashboardSnapshot, columns: number): Line {
  const left = [seg(s.bot, "strong"), seg(`  ${s.strategy} on ${s.symbol} at ${s.exchange}`)];
  const right = [seg(s.source, "warn"), seg(`  up ${clockText(s.uptimeMs)}`, "quiet")];
  return spread(left, right, columns);
}

function priceLine(s: DashboardSnapshot, view: DashboardView): Line {
  const { bid, ask } = s;
  if (bid === null || ask === null) {
    return spread([seg("waiting for the first book", "quiet")], phaseOf(s, view), view.columns);
  }
  const age = s.feedAgeMs === null ? "" : ageText(s.feedAgeMs);
  const left = [
    seg(midText(s, bid, ask), s.feedStale ? "quiet" : "strong"),
    seg(`  ${priceText(s, bid)} / ${priceText(s, ask)}`, s.feedStale ? "quiet" : "plain"),
    s.feedStale ? seg(`  STALE ${age}`, "alarm") : seg(`  ${age}`, "quiet"),
  ];
  return spread(left, phaseOf(s, view), view.columns);
}

function phaseOf(s: DashboardSnapshot, view: DashboardView): Line {
  const calm = s.phase === "running";
  const phase = view.stopping && calm ? "stopping" : s.phase;
  const gates = s.gates.length === 0 ? "no gate" : `gates: ${s.gates.join(", ")}`;
  return [
    seg(phase, calm && !view.stopping ? "accent" : "warn"),
    seg(`  ${gates}`, s.gates.length === 0 ? "quiet" : "warn"),
  ];
}

function positionLine(s: DashboardSnapshot): Line {
  const at =
    s.entry === null || s.position === 0 ? "" : ` at ${decimalText(formatMark(s, s.entry), digitsOf(s.tickSize))}`;
  const tone = s.position > 0 ? "buy" : s.position < 0 ? "sell" : "plain";
  const equity = s.equity === null ? "n/a" : decimalText(formatMoney(s.equity), 2);
  return [
    seg("position ", "quiet"),
    seg(positionText(s), tone),
    seg(at),
    seg("   equity ", "quiet"),
    seg(`${equity} ${s.quote}`),
  ];
}

function pnlLine({ pnl }: DashboardSnapshot): Line {
  if (pnl === null) return [seg("result n/a until the first book", "quiet")];
  const part = (label: string, amount: Money): Line => [seg(label, "quiet"), seg(moneyText(amount))];
  return [
    seg("result ", "quiet"),
    seg(moneyText(pnl.total), "strong"),
    ...part(" = realised ", pnl.realised),
    ...part("  unrealised ", pnl.unrealised),
    ...part("  fees ", pnl.fees),
    ...part("  funding ", pnl.funding),
  ];
}

function bodyLines(s: DashboardSnapshot, view: DashboardView, rows: number): readonly Line[] {
  const left = ladderLines(s, view, rows);
  const rightWidth = view.columns - LEFT_COLUMNS - 3;
  const fillRows = Math.min(Math.max(2, Math.floor((rows - 2) / 2)), Math.max(2, s.fills.length + 1));
  const right = [...orderLines(s, rows - fillRows - 1), ...fillLines(s, fillRows, view)];
  const bar = seg(view.ascii ? " | " : " │ ", "quiet");
  return Array.from({ length: rows }, (_, i) => {
    const cell = fitLine(left[i] ?? [], LEFT_COLUMNS);
    const space = seg(" ".repeat(Math.max(0, LEFT_COLUMNS - widthOf(cell))));
    return [...cell, space, bar, ...fitLine(right[i] ?? [], rightWidth)];
  });
}

function ladderLines(s: DashboardSnapshot, view: DashboardView, rows: number): readonly Line[] {
  const title: Line = [
    seg("slot", "quiet"),
    seg(
      `${cellText("entry", 13, "right")}${cellText("exit", 11, "right")}${cellText("held", 7, "right")} state`,
      "quiet",
    ),
  ];
  if (s.ladder.length === 0) return [title, [seg("no ladder yet", "quiet")]];
  const sorted = [...s.ladder].sort((a, b) => b.price - a.price);
  const mid = s.bid === null || s.ask === null ? null : (s.bid + s.ask) / 2;
  const above = mid === null ? Math.floor(sorted.length / 2) : sorted.filter((row) => row.price > mid).length;
  const all: Line[] = [
    ...sorted.slice(0, above).map((row) => ladderLine(s, row, view)),
    priceRow(s, view),
    ...sorted.slice(above).map((row) => ladderLine(s, row, view)),
  ];
  const room = rows - 1;
  const first = Math.max(0, Math.min(all.length - room, above - Math.floor(room / 2) - view.scroll));
  return [title, ...all.slice(first, first + room)];
}

function priceRow(s: DashboardSnapshot, view: DashboardView): Line {
  const dash = view.ascii ? "-" : "╌";
  if (s.bid === null || s.ask === null) return [seg(dash.repeat(LEFT_COLUMNS), "quiet")];
  const text = cellText(midText(s, s.bid, s.ask), 18, "right");
  return [seg(text, "accent"), seg(` ${dash.repeat(LEFT_COLUMNS - 19)}`, "quiet")];
}

function ladderLine(s: DashboardSnapshot, row: LadderRow, view: DashboardView): Line {
  const [enter, leave]: [Side, Side] = row.leg === "L" ? ["buy", "sell"] : ["sell", "buy"];
  const holds = row.held !== 0;
  const live = row.clientOrderId !== null;
  const exit = row.exitPrice === null ? "" : priceText(s, row.exitPrice);
  const held = holds ? quantityText(s, row.held) : "";
  return [
    seg(cellText(row.key.replace(/^(slot|skip) /, ""), 5, "left"), "quiet"),
    seg(
      `${live && !holds ? shape(enter, view.ascii) : " "}${cellText(priceText(s, row.price), 11, "right")}`,
      holds ? "quiet" : enter,
    ),
    seg(`${live && holds ? shape(leave, view.ascii) : " "}${cellText(exit, 10, "right")}`, holds ? leave : "quiet"),
    seg(cellText(held, 7, "right")),
    seg(` ${live || holds || row.note === "" ? row.state.toLowerCase() : row.note.replace(/^skip\./, "")}`, "quiet"),
  ];
}

function orderLines(s: DashboardSnapshot, rows: number): readonly Line[] {
  const mid = ((s.bid ?? 0) + (s.ask ?? 0)) / 2;
  const near = [...s.orders].sort((a, b) => Math.abs(a.price - mid) - Math.abs(b.price - mid));
  const shown = near.slice(0, rows - 1);
  const more = s.orders.length > shown.length ? `, nearest ${shown.length}` : "";
  const title: Line = [seg(`open orders ${countText(s.orders.length)}${more}`, "quiet")];
  const lines = [title, ...shown.map((order) => orderLine(s, order))];
  return Array.from({ length: rows }, (_, i) => lines[i] ?? []);
}

function orderLine(s: DashboardSnapshot, order: DashboardOrder): Line {
  const left = quantityText(s, lots(order.quantity - order.filled));
  const tone: Tone = order.state === "unknown" ? "alarm" : "quiet";
  return [
    seg(cellText(order.side, 5, "left"), order.side),
    seg(cellText(priceText(s, order.price), 11, "right")),
    seg(cellText(left, 8, "right")),
    seg(` ${order.state === "open" ? ageText(s.nowMs - order.placedAtMs) : order.state}`, tone),
  ];
}

function fillLines(s: DashboardSnapshot, rows: number, view: DashboardView): readonly Line[] {
  const title: Line = [seg(`fills ${countText(s.fillCount)}`, "quiet")];
  const line = (fill: DashboardFill): Line => [
    seg(`${shape(fill.side, view.ascii)} ${cellText(fill.side, 4, "left")}`, fill.side),
    seg(cellText(priceText(s, fill.price), 10, "right")),
    seg(cellText(quantityText(s, fill.quantity), 7, "right")),
    seg(` ${new Date(fill.atMs).toISOString().slice(11, 19)}${fill.maker ? "" : " taker"}`, "quiet"),
  ];
  return [[], title, ...s.fills.slice(0, rows - 1).map(line)];
}

function alertLines(s: DashboardSnapshot, view: DashboardView): readonly Line[] {
  if (s.alerts.length === 0) return [[seg("no alerts", "quiet")], []];
  const lines = s.alerts.slice(0, 2).map((alert): Line => {
    const tone: Tone = alert.severity === "info" ? "plain" : alert.severity === "warning" ? "warn" : "alarm";
    const when = new Date(alert.atMs).toISOString().slice(11, 19);
    return fitLine([seg(`${when} `, "quiet"), seg(`${alert.severity} `, tone), seg(alert.text)], view.columns);
  });
  return [lines[0] ?? [], lines[1] ?? []];
}

function machineLine({ journal, mailbox }: DashboardSnapshot): Line {
  const behind = journal.lagRecords === 0 ? "on disk" : `${countText(journal.lagRecords)} behind, ${journal.lagMs} ms`;
  const slow = journal.lagMs > 1000;
  const full = mailbox.depth * 2 > mailbox.capacity;
  return [
    seg("journal ", "quiet"),
    seg(countText(journal.position)),
    seg(` ${behind}`, slow ? "warn" : "quiet"),
    seg("   mailbox ", "quiet"),
    seg(`${countText(mailbox.depth)} of ${countText(mailbox.capacity)}`, full ? "warn" : "plain"),
  ];
}

function keyLine(s: DashboardSnapshot, view: DashboardView): Line {
  if (view.confirm !== null) {
    const ask = `kill: type ${s.bot}, or ${s.bot} flatten, then Enter: `;
    return [seg(ask, "alarm"), seg(view.confirm, "strong"), seg("_")];
  }
  if (view.stopping) return [seg("stopping: cancelling orders and proving it; Ctrl-C again leaves at once", "warn")];
  const keys = [
    ["q", "stop"],
    ["p", "pause"],
    ["r", "resume"],
    ["K", "kill"],
    [view.ascii ? "up/down" : "↑↓", "ladder"],
  ] as const;
  return keys.flatMap(([key, does]) => [seg(key, "strong"), seg(` ${does}   `, "quiet")]);
}

// --- text -------------------------------------------------------------------

const shape = (side: Side, ascii: boolean): string => (side === "buy" ? (ascii ? "^" : "▲") : ascii ? "v" : "▼");
const digitsOf = (step: string): number => formatPrice({ tickSize: step }, ticks(1)).split(".")[1]?.length ?? 0;
const priceText = (s: DashboardSnapshot, price: Ticks): string =>
  decimalText(formatPrice(s, price), digitsOf(s.tickSize));
const quantityText = (s: DashboardSnapshot, quantity: Lots): string => formatQuantity(s, quantity);
const positionText = (s: DashboardSnapshot): string =>
  s.position === 0 ? "flat" : `${signedText(formatQuantity(s, s.position), digitsOf(s.lotSize))} ${s.base}`;
const moneyText = (amount: Money): string => signedText(formatMoney(amount), 2);

// a mid lies on half ticks, so it has a digit more than the book
const midText = (s: DashboardSnapshot, bid: Ticks, ask: Ticks): string =>
  decimalText(formatMark(s, milliTicks((bid + ask) * 500)), digitsOf(s.tickSize) + 1);

function ageText(ms: number): string {
  if (ms < 1000) return "now";
  const seconds = Math.floor(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  return seconds < 3600 ? `${Math.floor(seconds / 60)} min` : `${Math.floor(seconds / 3600)} h`;
}

function clockText(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return [hours, minutes, seconds % 60].map((part) => String(part).padStart(2, "0")).join(":");
}
