// The screen of `opensqt top` as lines of toned text: a pure function of a snapshot and a view. It fits any terminal
// from 80×24 on, says everything in words and shapes as well as in colour, and never writes more lines than it was
// given.

import { signedText } from "../backtest/figures.ts";
import { cellText } from "./table.ts";
import { fitLine, type Line, seg, type Tone, widthOf } from "./toned-line.ts";
import { headLines } from "./top-head.ts";
import type { TopFill, TopLogLine, TopOrder, TopSlot, TopSnapshot } from "./top-model.ts";
import { compare, connectionWords, positionText, priceText, signOf } from "./top-text.ts";

export const PANES = ["ladder", "orders", "fills", "risk", "log"] as const;
export type Pane = (typeof PANES)[number];

export interface TopView {
  readonly columns: number;
  readonly rows: number;
  readonly ascii: boolean;
  readonly pane: Pane;
  /** Row chosen in the pane; below 0 none, and the ladder stands around the price. */
  readonly chosen: number;
  /** Text typed to confirm a kill; null when nobody is. */
  readonly confirm: string | null;
  /** Text rows must hold; null without a search. */
  readonly search: string | null;
  readonly searching: boolean;
  /** The explanation that is open; null without one. */
  readonly why: readonly string[] | null;
  /** What came of the last key. */
  readonly message: string;
}

const LEFT_COLUMNS = 40;
const HEAD_ROWS = 4;
const LOG_ROWS = 3;
/** Header, two rules, risk and log with the keys below. */
const FIXED_ROWS = HEAD_ROWS + 2 + 2 + LOG_ROWS + 1;

export function topLines(s: TopSnapshot, view: TopView): readonly Line[] {
  const body = Math.max(5, view.rows - FIXED_ROWS);
  const rule = [seg((view.ascii ? "-" : "─").repeat(view.columns), "quiet")];
  const lines: Line[] = [
    ...headLines(s, view.columns),
    rule,
    ...(view.why === null ? bodyLines(s, view, body) : whyLines(view.why, view, body)),
    rule,
    ...riskLines(s, view),
    ...logLines(s, view),
    keyLine(s, view),
  ];
  return lines.slice(0, view.rows).map((line) => fitLine(line, view.columns));
}

/** One line that says it all: for logs and pipes. */
export function topStatus(s: TopSnapshot): string {
  const { bot } = s;
  if (bot === null) return `${s.address}  ${connectionWords(s.connection)}  no bot`;
  const parts = [
    bot.bot,
    bot.symbol,
    bot.price === null ? "no price" : priceText(s, bot.price),
    `position ${positionText(bot)}`,
    `net today ${moneyText(bot.netToday)}`,
    `orders ${s.orders.length}`,
    bot.phase,
    ...(bot.gates.length === 0 ? [] : [`gates ${bot.gates.map(({ name }) => name).join(",")}`]),
    ...(bot.unknownOrders === 0 ? [] : [`${bot.unknownOrders} orders unknown`]),
    ...(s.connection.state === "connected" ? [] : [connectionWords(s.connection)]),
  ];
  return parts.join("  ");
}

/** Levels above the price: the first one below it comes next. */
export function levelsAbove({ slots, bot }: TopSnapshot): number {
  const price = bot?.price ?? null;
  if (price === null) return Math.floor(slots.length / 2);
  return slots.filter(({ entry }) => compare(entry, price) > 0).length;
}

/** The rows of a pane a search leaves, in the order they are shown. */
export function rowsOf(
  s: TopSnapshot,
  pane: Pane,
  search: string | null,
): readonly { readonly clientOrderId: string }[] {
  if (pane === "orders") return s.orders.filter((order) => holds(search, orderWords(order)));
  if (pane === "fills") return s.fills.filter((fill) => holds(search, fillWords(fill)));
  if (pane === "ladder") return s.slots;
  return [];
}

function bodyLines(s: TopSnapshot, view: TopView, rows: number): readonly Line[] {
  const left = ladderLines(s, view, rows);
  const rightWidth = view.columns - LEFT_COLUMNS - 3;
  const fillRows = Math.max(2, Math.floor(rows / 2));
  const right = [...orderLines(s, view, rows - fillRows), ...fillLines(s, view, fillRows)];
  const bar = seg(view.ascii ? " | " : " │ ", "quiet");
  return Array.from({ length: rows }, (_, i) => {
    const cell = fitLine(left[i] ?? [], LEFT_COLUMNS);
    const space = seg(" ".repeat(Math.max(0, LEFT_COLUMNS - widthOf(cell))));
    return [...cell, space, bar, ...fitLine(right[i] ?? [], rightWidth)];
  });
}

function title(view: TopView, pane: Pane, text: string): Line {
  const mine = view.pane === pane;
  return [seg(mine ? (view.ascii ? "> " : "▸ ") : "  ", "accent"), seg(text, mine ? "accent" : "quiet")];
}

function ladderLines(s: TopSnapshot, view: TopView, rows: number): readonly Line[] {
  const columns = `${cellText("entry", 9, "right")}${cellText("exit", 12, "right")}${cellText("held", 7, "right")} state`;
  const head = [...title(view, "ladder", "slot"), seg(columns, "quiet")];
  if (s.slots.length === 0) return [head, [seg("  no ladder yet", "quiet")]];
  const above = levelsAbove(s);
  const chosen = view.pane === "ladder" && view.chosen >= 0 ? view.chosen : null;
  const all: Line[] = s.slots.map((slot, i) => slotLine(s, slot, { view, chosen: chosen === i }));
  all.splice(above, 0, priceRow(s, view));
  const room = rows - 1;
  const middle = chosen === null ? above : chosen + (chosen >= above ? 1 : 0);
  const first = Math.max(0, Math.min(all.length - room, middle - Math.floor(room / 2)));
  return [head, ...all.slice(first, first + room)];
}

function priceRow(s: TopSnapshot, { ascii }: TopView): Line {
  const dash = ascii ? "-" : "╌";
  const price = s.bot?.price ?? null;
  if (price === null) return [seg(dash.repeat(LEFT_COLUMNS), "quiet")];
  const text = cellText(priceText(s, price), 16, "right");
  return [seg(text, "accent"), seg(` ${dash.repeat(LEFT_COLUMNS - 17)}`, "quiet")];
}

function slotLine(s: TopSnapshot, slot: TopSlot, { view, chosen }: { view: TopView; chosen: boolean }): Line {
  const [enter, leave] = slot.leg === "long" ? (["buy", "sell"] as const) : (["sell", "buy"] as const);
  const holding = signOf(slot.held) !== 0;
  const words = slot.live || holding || slot.note === "" ? slot.state : slot.note;
  return [
    seg(`${mark(view, chosen)}${cellText(slot.key, 4, "left")}`, chosen ? "accent" : "quiet"),
    seg(slot.live && !holding ? shape(enter, view.ascii) : " ", enter),
    seg(cellText(priceText(s, slot.entry), 9, "right"), holding ? "quiet" : enter),
    seg(slot.live && holding ? shape(leave, view.ascii) : " ", leave),
    seg(cellText(priceText(s, slot.exit), 10, "right"), holding ? leave : "quiet"),
    seg(cellText(holding ? (slot.held ?? "") : "", 7, "right")),
    seg(` ${words}`, slot.state === "unknown" ? "alarm" : "quiet"),
  ];
}

function orderLines(s: TopSnapshot, view: TopView, rows: number): readonly Line[] {
  const found = s.orders.filter((order) => holds(view.search, orderWords(order)));
  const first = firstShown(view, "orders", { rows: rows - 1, count: found.length });
  const lines = found.slice(first, first + rows - 1).map((order, i): Line => {
    const chosen = view.pane === "orders" && view.chosen === first + i;
    return [
      seg(mark(view, chosen), "accent"),
      seg(`${shape(order.side, view.ascii)} ${cellText(order.side, 4, "left")}`, order.side),
      seg(cellText(priceText(s, order.price), 9, "right")),
      seg(cellText(order.quantity ?? "", 7, "right")),
      seg(statusWords(order), order.status === "unknown-outcome" ? "alarm" : "quiet"),
    ];
  });
  return filled([title(view, "orders", `open orders ${found.length}${searched(view)}`), ...lines], rows);
}

function fillLines(s: TopSnapshot, view: TopView, rows: number): readonly Line[] {
  const found = s.fills.filter((fill) => holds(view.search, fillWords(fill)));
  const first = firstShown(view, "fills", { rows: rows - 1, count: found.length });
  const lines = found.slice(first, first + rows - 1).map((fill, i): Line => {
    const chosen = view.pane === "fills" && view.chosen === first + i;
    return [
      seg(mark(view, chosen), "accent"),
      seg(`${shape(fill.side, view.ascii)} ${cellText(fill.side, 4, "left")}`, fill.side),
      seg(cellText(priceText(s, fill.price), 9, "right")),
      seg(cellText(fill.quantity ?? "", 7, "right")),
      seg(fill.maker ? ` ${timeText(fill.atMs)}` : ` ${timeText(fill.atMs).slice(0, 5)} taker`, "quiet"),
    ];
  });
  return filled([title(view, "fills", `fills${searched(view)}`), ...lines], rows);
}

function riskLines({ bot, breakers }: TopSnapshot, view: TopView): readonly Line[] {
  const open = breakers.map(({ name, reason }) => `${name}: ${reason}`).join("; ");
  const gates = (bot?.gates ?? []).map(({ name, level, reason }) => `${name} ${level}: ${reason}`).join("; ");
  const risk: Line = [
    ...title(view, "risk", "risk and feeds "),
    seg(open === "" ? "no breaker open" : `BREAKER ${open}`, open === "" ? "plain" : "alarm"),
    seg(bot === null ? "" : `   journal ${bot.sequence}   lag ${bot.lagMs} ms`, "quiet"),
  ];
  return [risk, gates === "" ? [seg("  every gate is open", "quiet")] : [seg(`  ${gates}`, "warn")]];
}

function logLines({ log }: TopSnapshot, view: TopView): readonly Line[] {
  const found = log.filter((line) => view.pane !== "log" || holds(view.search, line.text));
  const first = view.pane === "log" ? Math.max(0, Math.min(view.chosen, found.length - LOG_ROWS)) : 0;
  const head = view.pane === "log" ? "accent" : "quiet";
  const lines = found.slice(first, first + LOG_ROWS).map((line): Line => {
    return [seg(mark(view, view.pane === "log"), head), seg(`${timeText(line.atMs)} `, "quiet"), ...logWords(line)];
  });
  return filled(lines.length === 0 ? [[seg("  nothing in the log", "quiet")]] : lines, LOG_ROWS);
}

function logWords({ severity, text }: TopLogLine): Line {
  const tone: Tone = severity === "info" ? "quiet" : severity === "warning" ? "warn" : "alarm";
  return [seg(`${severity} `, tone), seg(text)];
}

function whyLines(why: readonly string[], view: TopView, rows: number): readonly Line[] {
  const first = Math.max(0, Math.min(view.chosen, why.length - (rows - 1)));
  const head: Line = [seg("why this order", "accent"), seg("   Esc closes, arrows scroll", "quiet")];
  return filled([head, ...why.slice(first, first + rows - 1).map((text): Line => [seg(text)])], rows);
}

function keyLine(s: TopSnapshot, view: TopView): Line {
  if (view.confirm !== null) {
    const bot = s.bot?.bot ?? "";
    const ask = `kill: type ${bot}, or ${bot} flatten, then Enter: `;
    return [seg(ask, "alarm"), seg(view.confirm, "strong"), seg("_")];
  }
  if (view.searching) return [seg("search: ", "accent"), seg(view.search ?? "", "strong"), seg("_")];
  if (view.message !== "") return [seg(view.message, "warn")];
  const keys = [
    ["Tab", "pane"],
    [view.ascii ? "up/down" : "↑↓", "row"],
    ["Enter", "why"],
    ["/", "search"],
    ["b", "bot"],
    ["p", "pause"],
    ["r", "resume"],
    ["K", "kill"],
    ["q", "quit"],
  ] as const;
  return keys.flatMap(([key, does], i) => [seg(`${i === 0 ? "" : "  "}${key}`, "strong"), seg(` ${does}`, "quiet")]);
}

// --- text -------------------------------------------------------------------

const shape = (side: "buy" | "sell", ascii: boolean): string =>
  side === "buy" ? (ascii ? "^" : "▲") : ascii ? "v" : "▼";
const mark = (view: TopView, chosen: boolean): string => (chosen ? (view.ascii ? "> " : "▸ ") : "  ");
const moneyText = (text: string | null): string => signedText(text, 2);
const orderWords = (order: TopOrder): string => Object.values(order).join(" ");
const fillWords = (fill: TopFill): string => Object.values(fill).join(" ");
const searched = ({ search }: TopView): string => (search === null || search === "" ? "" : ` with "${search}"`);
const timeText = (atMs: number): string => (atMs === 0 ? "        " : new Date(atMs).toISOString().slice(11, 19));

const holds = (search: string | null, text: string): boolean =>
  search === null || text.toLowerCase().includes(search.toLowerCase());

const filled = (lines: readonly Line[], rows: number): readonly Line[] =>
  Array.from({ length: rows }, (_, i) => lines[i] ?? []);

/** The chosen row stays in sight. */
function firstShown(view: TopView, pane: Pane, { rows, count }: { rows: number; count: number }): number {
  if (view.pane !== pane) return 0;
  return Math.max(0, Math.min(count - rows, view.chosen - rows + 1));
}

/** Nothing for an order that rests whole. */
function statusWords({ status, filled: done }: TopOrder): string {
  if (signOf(done) !== 0) return ` ${done ?? ""} filled`;
  return status === "new" ? "" : ` ${status}`;
}
