// `opensqt top` on a terminal: draws snapshots with ink, at most five times a second, and turns keys into actions
// (TUI-01, TUI-02). It decides nothing and knows no transport.

import { Box, type Key, render, Text, useInput } from "ink";
import { createElement, type ReactElement, useEffect, useReducer, useRef, useState } from "react";
import { guardTerminal, RESTORE_SEQUENCE } from "./terminal-state.ts";
import type { Line, Segment, Tone } from "./toned-line.ts";
import { levelsAbove, PANES, type Pane, rowsOf, type TopView, topLines } from "./top-lines.ts";
import type { TopActions, TopModel, TopSnapshot } from "./top-model.ts";

/** What is needed of `process.stdout`. */
export type TerminalOutput = NodeJS.WritableStream & {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  readonly fd?: number;
};

export interface TopOptions {
  readonly model: TopModel;
  readonly actions: TopActions;
  readonly stdout: TerminalOutput;
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  /** False under NO_COLOR: tones become bold and plain, words and shapes stay. */
  readonly color: boolean;
  readonly ascii: boolean;
}

export interface TopScreen {
  /** Takes the screen down and gives the terminal back; a second call does nothing. */
  close(): Promise<void>;
}

export const REDRAW_MS = 200;
const COLUMNS_MIN = 80;
const ROWS_MIN = 18;
const ROWS_USUAL = 24;
const MESSAGE_MS = 5_000;
const TYPED_MAX = 64;

/** Whether colour and more than ASCII are wanted here: NO_COLOR, TERM=dumb, and locales without UTF-8 are respected. */
export function terminalTaste(env: NodeJS.ProcessEnv): { readonly color: boolean; readonly ascii: boolean } {
  const locale = env["LC_ALL"] || env["LC_CTYPE"] || env["LANG"] || "UTF-8";
  const dumb = env["TERM"] === "dumb";
  const ascii = env["OPENSQT_ASCII"] !== undefined || dumb || env["TERM"] === "linux" || !/utf-?8/i.test(locale);
  return { color: (env["NO_COLOR"] ?? "") === "" && !dumb, ascii };
}

export function startTop(options: TopOptions): TopScreen {
  const { stdout, stdin } = options;
  // a killed run may have left its screen here
  stdout.write(RESTORE_SEQUENCE);
  const release = guardTerminal(stdout.fd ?? 1);
  const screen = render(createElement(Screen, options), {
    stdout,
    stdin,
    exitOnCtrlC: false,
    patchConsole: true,
    maxFps: 1000 / REDRAW_MS,
    incrementalRendering: true,
    alternateScreen: true,
    interactive: true,
  });
  let closing: Promise<void> | null = null;
  return {
    close: () => {
      closing ??= (async () => {
        const ended = screen.waitUntilExit();
        screen.unmount();
        await ended;
        release();
      })();
      return closing;
    },
  };
}

/** What was typed so far. */
export type Typed = Omit<TopView, "columns" | "rows" | "ascii">;

export const NOTHING_TYPED: Typed = {
  pane: "ladder",
  chosen: -1,
  confirm: null,
  search: null,
  searching: false,
  why: null,
  message: "",
};

function Screen(options: TopOptions): ReactElement {
  const { model, stdout, actions } = options;
  const snapshot = useSnapshot(model);
  const size = useSize(stdout);
  // a reference, not state: a key acts at once and once, whatever React does with updates
  const typed = useRef<Typed>(NOTHING_TYPED);
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  const set = (change: Partial<Typed>): void => {
    typed.current = { ...typed.current, ...change };
    redraw();
  };
  useInput((input, key) => {
    const said = {
      message: (message: string) => set({ message }),
      why: (why: readonly string[]) => set({ why, chosen: 0, message: "" }),
    };
    set(onKey({ input, key, before: typed.current, snapshot: model.snapshot(), actions, said }));
  });
  useEffect(() => {
    const forget = setInterval(() => {
      if (typed.current.message !== "") set({ message: "" });
    }, MESSAGE_MS);
    return () => clearInterval(forget);
  });
  // one line less than the terminal has: a full screen would scroll
  const view = { ...size, rows: size.rows - 1, ascii: options.ascii, ...typed.current };
  const lines = topLines(snapshot, view);
  const children = lines.map((line, i) => createElement(LineText, { key: i, line, color: options.color }));
  return createElement(Box, { flexDirection: "column", width: size.columns }, ...children);
}

/**
 * The snapshot as of the last redraw: changes are gathered, so that the screen never costs more than five frames a
 * second.
 */
function useSnapshot(model: TopModel): TopSnapshot {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    let due: NodeJS.Timeout | null = null;
    const later = (): void => {
      due ??= setTimeout(() => {
        due = null;
        redraw();
      }, REDRAW_MS);
    };
    const unsubscribe = model.subscribe(later);
    // ages move on while nothing happens
    const tick = setInterval(later, 1000);
    return () => {
      unsubscribe();
      clearInterval(tick);
      if (due !== null) clearTimeout(due);
    };
  }, [model]);
  return model.snapshot();
}

const measure = ({ columns, rows }: TerminalOutput): { readonly columns: number; readonly rows: number } => ({
  columns: Math.max(COLUMNS_MIN, columns ?? COLUMNS_MIN),
  rows: Math.max(ROWS_MIN, rows ?? ROWS_USUAL),
});

function useSize(stdout: TerminalOutput): { readonly columns: number; readonly rows: number } {
  const [size, setSize] = useState(() => measure(stdout));
  useEffect(() => {
    const resized = (): void => {
      setSize(measure(stdout));
    };
    stdout.on("resize", resized);
    return () => {
      stdout.off("resize", resized);
    };
  }, [stdout]);
  return size;
}

export interface KeyPress {
  readonly input: string;
  readonly key: Partial<
    Pick<
      Key,
      "ctrl" | "escape" | "return" | "backspace" | "delete" | "upArrow" | "downArrow" | "meta" | "tab" | "shift"
    >
  >;
  readonly before: Typed;
  readonly snapshot: TopSnapshot;
  readonly actions: TopActions;
  readonly said: {
    readonly message: (text: string) => void;
    readonly why: (lines: readonly string[]) => void;
  };
}

/** What a key does; the change of what was typed. Ctrl-C leaves from every state and touches no bot. */
export function onKey(press: KeyPress): Partial<Typed> {
  const { input, key, before, actions } = press;
  if (key.ctrl === true && input === "c") {
    actions.quit();
    return { confirm: null };
  }
  if (before.confirm !== null) return confirmKey(press, before.confirm);
  if (before.searching) return searchKey(press);
  if (key.escape === true) {
    return { why: null, search: before.why === null ? null : before.search, ...paneChosen(before.pane) };
  }
  if (key.upArrow === true) return { chosen: Math.max(0, standing(press, 0) - 1) };
  if (key.downArrow === true) return { chosen: Math.min(lastRow(press), standing(press, -1) + 1) };
  if (key.tab === true) return paneChosen(nextPane(before.pane, key.shift === true ? -1 : 1));
  if (key.return === true) return whyOf(press);
  if (key.ctrl === true || key.meta === true) return {};
  return letter(press);
}

function letter({ input, before, actions, said }: KeyPress): Partial<Typed> {
  switch (input) {
    case "q":
      actions.quit();
      return {};
    case "b":
      actions.nextBot();
      return { why: null, ...paneChosen(before.pane) };
    case "p":
      actions.pause(said.message);
      return { message: "pausing" };
    case "r":
      actions.resume(said.message);
      return { message: "resuming" };
    case "K":
      return { confirm: "" };
    case "/":
      return { searching: true, search: "", chosen: 0 };
    default:
      return {};
  }
}

/** A pane begins at its first row, the ladder at the price. */
const paneChosen = (pane: Pane): Pick<Typed, "pane" | "chosen"> => ({ pane, chosen: pane === "ladder" ? -1 : 0 });

/** Where the arrows start from: the chosen row, or the price in the ladder (`side` 0 above it, -1 below). */
function standing({ before, snapshot }: KeyPress, side: 0 | -1): number {
  if (before.chosen >= 0 || before.pane !== "ladder" || before.why !== null) return before.chosen;
  return levelsAbove(snapshot) + side;
}

function lastRow({ before, snapshot }: KeyPress): number {
  if (before.why !== null) return before.why.length - 1;
  if (before.pane === "log") return snapshot.log.length - 1;
  return rowsOf(snapshot, before.pane, before.search).length - 1;
}

const nextPane = (pane: Pane, step: number): Pane =>
  PANES[(PANES.indexOf(pane) + step + PANES.length) % PANES.length] ?? pane;

function whyOf({ before, snapshot, actions, said }: KeyPress): Partial<Typed> {
  if (before.why !== null) return {};
  const id = rowsOf(snapshot, before.pane, before.search)[before.chosen]?.clientOrderId ?? "";
  if (id === "") return { message: "no order in this row: choose one with Tab and the arrows" };
  actions.why(id, said.why);
  return { message: `asking why ${id}` };
}

function searchKey({ input, key, before }: KeyPress): Partial<Typed> {
  const text = before.search ?? "";
  if (key.escape === true) return { searching: false, search: null };
  if (key.return === true) return { searching: false, search: text === "" ? null : text };
  if (key.backspace === true || key.delete === true) return { search: text.slice(0, -1) };
  if (key.ctrl === true || key.meta === true || /\p{Cc}/u.test(input)) return {};
  return { search: (text + input).slice(0, TYPED_MAX), chosen: 0 };
}

function confirmKey({ input, key, snapshot, actions, said }: KeyPress, typed: string): Partial<Typed> {
  if (key.escape === true) return { confirm: null };
  if (key.return === true) {
    const words = typed.trim();
    const name = snapshot.bot?.bot ?? "";
    const flatten = words === `${name} flatten`;
    if (name === "" || (words !== name && !flatten)) return { confirm: null, message: "nothing was killed" };
    actions.kill(flatten, said.message);
    return { confirm: null, message: "killing" };
  }
  if (key.backspace === true || key.delete === true) return { confirm: typed.slice(0, -1) };
  if (key.ctrl === true || key.meta === true || /\p{Cc}/u.test(input)) return {};
  return { confirm: (typed + input).slice(0, TYPED_MAX) };
}

const COLORS: { readonly [tone in Tone]?: string } = {
  accent: "#7ba6f9",
  buy: "#3cb8a8",
  sell: "#f0875c",
  warn: "#e2b65a",
  alarm: "#f0875c",
};

function LineText({ line, color }: { readonly line: Line; readonly color: boolean }): ReactElement {
  const parts = line.map((segment, i) => createElement(Text, { key: i, ...toneOf(segment, color) }, segment.text));
  return createElement(Text, { wrap: "truncate" }, ...(parts.length === 0 ? [" "] : parts));
}

function toneOf({ tone }: Segment, color: boolean): { color?: string; bold?: boolean; dimColor?: boolean } {
  const bold = tone === "strong" || tone === "alarm";
  if (!color) return bold ? { bold } : {};
  if (tone === "quiet") return { dimColor: true };
  const named = COLORS[tone];
  return { ...(named === undefined ? {} : { color: named }), ...(bold ? { bold } : {}) };
}
