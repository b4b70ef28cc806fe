// The live dashboard of `make run`: draws snapshots with ink, at most five times a second, and turns keys into actions.
// It decides nothing. Without a terminal it prints one status line every few seconds instead.

import { Box, type Key, render, Text, useInput } from "ink";
import { createElement, type ReactElement, useEffect, useReducer, useRef, useState } from "react";
import { dashboardLines, statusLine } from "./dashboard-lines.ts";
import type { DashboardActions, DashboardModel } from "./dashboard-model.ts";
import { guardTerminal, RESTORE_SEQUENCE } from "./terminal-state.ts";
import type { Line, Segment, Tone } from "./toned-line.ts";

/** What is needed of `process.stdout`. */
export type TerminalOutput = NodeJS.WritableStream & {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  readonly fd?: number;
};

export interface DashboardOptions {
  readonly model: DashboardModel;
  readonly actions: DashboardActions;
  readonly stdout: TerminalOutput;
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  /** False under NO_COLOR: tones become bold and plain, words and shapes stay. */
  readonly color: boolean;
  readonly ascii: boolean;
  /** Milliseconds between status lines where there is no terminal. */
  readonly statusEveryMs?: number;
}

export interface Dashboard {
  /** Takes the dashboard down and gives the terminal back; a second call does nothing. */
  close(): Promise<void>;
}

export const REDRAW_MS = 200;
const STATUS_MS = 5000;
const COLUMNS_MIN = 80;
const ROWS_MIN = 16;
const ROWS_USUAL = 24;

/** Starts whichever form the terminal allows. */
export function startDashboard(options: DashboardOptions): Dashboard {
  const live = options.stdout.isTTY === true && options.stdin.isTTY === true;
  return live ? startScreen(options) : startStatusLines(options);
}

/** Whether colour and more than ASCII are wanted here: NO_COLOR, TERM=dumb, and locales without UTF-8 are respected. */
export function terminalTaste(env: NodeJS.ProcessEnv): { readonly color: boolean; readonly ascii: boolean } {
  const locale = env["LC_ALL"] || env["LC_CTYPE"] || env["LANG"] || "UTF-8";
  const dumb = env["TERM"] === "dumb";
  const ascii = env["OPENSQT_ASCII"] !== undefined || dumb || env["TERM"] === "linux" || !/utf-?8/i.test(locale);
  return { color: (env["NO_COLOR"] ?? "") === "" && !dumb, ascii };
}

function startStatusLines({ model, stdout, statusEveryMs }: DashboardOptions): Dashboard {
  const print = (): void => {
    stdout.write(`${statusLine(model.snapshot())}\n`);
  };
  print();
  const timer = setInterval(print, statusEveryMs ?? STATUS_MS);
  let open = true;
  return {
    close: () => {
      if (open) {
        open = false;
        clearInterval(timer);
        print();
      }
      return Promise.resolve();
    },
  };
}

function startScreen(options: DashboardOptions): Dashboard {
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

interface Typed {
  readonly scroll: number;
  readonly confirm: string | null;
  readonly stopping: boolean;
}

function Screen(options: DashboardOptions): ReactElement {
  const { model, stdout } = options;
  const snapshot = useSnapshot(model);
  const size = useSize(stdout);
  // a reference, not state: a key acts at once and once, whatever React does with updates
  const typed = useRef<Typed>({ scroll: 0, confirm: null, stopping: false });
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  useInput((input, key) => {
    const before = typed.current;
    typed.current = onKey({ input, key, before, bot: model.snapshot().bot, actions: options.actions });
    redraw();
  });
  // one line less than the terminal has: a full screen would scroll
  const view = { ...size, rows: size.rows - 1, ascii: options.ascii, ...typed.current };
  const lines = dashboardLines(snapshot, view);
  const children = lines.map((line, i) => createElement(LineText, { key: i, line, color: options.color }));
  return createElement(Box, { flexDirection: "column", width: size.columns }, ...children);
}

/**
 * The snapshot as of the last redraw: changes are gathered, so the screen never costs more than five frames a second.
 */
function useSnapshot(model: DashboardModel): ReturnType<DashboardModel["snapshot"]> {
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
    // ages and the uptime move on while nothing happens
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

interface KeyPress {
  readonly input: string;
  readonly key: Pick<Key, "ctrl" | "escape" | "return" | "backspace" | "delete" | "upArrow" | "downArrow" | "meta">;
  readonly before: Typed;
  readonly bot: string;
  readonly actions: DashboardActions;
}

/** What a key does. Ctrl-C works in every state. */
export function onKey(press: KeyPress): Typed {
  const { input, key, before, actions } = press;
  if (key.ctrl && input === "c") {
    if (before.stopping) actions.abort();
    else actions.stop();
    return { ...before, confirm: null, stopping: true };
  }
  if (before.confirm !== null) return confirmKey(press, before.confirm);
  if (key.upArrow) return { ...before, scroll: before.scroll + 1 };
  if (key.downArrow) return { ...before, scroll: before.scroll - 1 };
  if (key.escape) return { ...before, scroll: 0 };
  if (key.ctrl || key.meta) return before;
  switch (input) {
    case "q":
      if (!before.stopping) actions.stop();
      return { ...before, stopping: true };
    case "p":
      actions.pause();
      return before;
    case "r":
      actions.resume();
      return before;
    case "K":
      return { ...before, confirm: "" };
    default:
      return before;
  }
}

function confirmKey({ input, key, before, bot, actions }: KeyPress, typed: string): Typed {
  if (key.escape) return { ...before, confirm: null };
  if (key.return) {
    const words = typed.trim();
    if (words === bot) actions.kill(false);
    else if (words === `${bot} flatten`) actions.kill(true);
    return { ...before, confirm: null };
  }
  if (key.backspace || key.delete) return { ...before, confirm: typed.slice(0, -1) };
  if (key.ctrl || key.meta || /\p{Cc}/u.test(input)) return before;
  return { ...before, confirm: (typed + input).slice(0, 64) };
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
