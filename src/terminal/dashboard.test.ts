// The dashboard on fake and real terminals: what it shows, how often it draws, what keys do, and that the terminal
// comes back on every way out.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { PassThrough, Writable } from "node:stream";
import { describe, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { exampleSnapshot, movingModel } from "../../test/example-dashboard.ts";
import { lots } from "../market/amounts.ts";
import { onKey, REDRAW_MS, startDashboard, terminalTaste } from "./dashboard.ts";
import { type DashboardView, dashboardLines, statusLine } from "./dashboard-lines.ts";
import type { DashboardActions, DashboardSnapshot } from "./dashboard-model.ts";
import { displayWidth } from "./table.ts";
import { RESTORE_SEQUENCE } from "./terminal-state.ts";
import type { Line } from "./toned-line.ts";

const VIEW: DashboardView = { columns: 80, rows: 23, ascii: false, scroll: 0, confirm: null, stopping: false };
const textOf = (line: Line): string => line.map(({ text }) => text).join("");
const show = (s: DashboardSnapshot, view = VIEW): string => dashboardLines(s, view).map(textOf).join("\n");

test("TUI-01 the dashboard fits 80×24 and any larger terminal, and never overflows", () => {
  for (const [columns, rows] of [
    [80, 23],
    [81, 16],
    [120, 40],
    [200, 60],
  ] as const) {
    const lines = dashboardLines(exampleSnapshot(), { ...VIEW, columns, rows });
    assert.ok(lines.length <= rows);
    for (const line of lines) assert.ok(displayWidth(textOf(line)) <= columns, textOf(line));
  }
});

test("the dashboard shows price, ladder, orders, fills, position, the result and its parts, journal and mailbox", () => {
  const screen = show(exampleSnapshot());
  for (const words of [
    "grid-btc  grid on BTC/USDT:USDT at simulated",
    "synthetic market  up 01:12:33",
    "61,664.75  61,664.7 / 61,664.8  now",
    "running  no gate",
    "position +0.070 BTC at 61,655.3   equity 9,983.77 USDT",
    "result −5.62 = realised +12.40  unrealised −1.20  fees −16.28  funding −0.54",
    "open orders 20, nearest",
    "fills 1,234",
    "journal 48,211 on disk",
    "mailbox 3 of 10,000",
    "no answer for 3 s",
    "q stop   p pause   r resume   K kill",
  ]) {
    assert.ok(screen.includes(words), `${words}\n${screen}`);
  }
});

test("the ladder stands around the price and scrolls by rows", () => {
  const rows = (scroll: number): string[] =>
    show(exampleSnapshot(), { ...VIEW, scroll })
      .split("\n")
      .slice(6, 18)
      .map((row) => row.slice(0, 3).trim());
  assert.deepEqual(rows(0).slice(4, 9), ["L14", "L13", "", "L12", "L11"]);
  assert.equal(rows(3)[0], "L19");
  assert.equal(rows(-100).at(-1), "L0");
});

test("a stale book, a lagging journal, an unknown order and missing figures are said in words", () => {
  const s = exampleSnapshot();
  const worst: DashboardSnapshot = {
    ...s,
    feedStale: true,
    feedAgeMs: 7200,
    gates: ["feed-book", "operator"],
    phase: "paused",
    journal: { position: 5, lagRecords: 12, lagMs: 1500 },
    position: lots(-3),
  };
  const screen = show(worst);
  for (const words of [
    "STALE 7 s",
    "paused",
    "gates: feed-book, operator",
    "12 behind, 1500 ms",
    "position −0.003 BTC",
  ]) {
    assert.ok(screen.includes(words), words);
  }
  const empty = show({
    ...s,
    bid: null,
    ask: null,
    pnl: null,
    equity: null,
    ladder: [],
    orders: [],
    fills: [],
    alerts: [],
  });
  for (const words of ["waiting for the first book", "result n/a", "equity n/a", "no ladder yet", "no alerts"]) {
    assert.ok(empty.includes(words), words);
  }
});

test("TUI-01 ASCII on demand: no character beyond it but in figures and names", () => {
  const screen = show(exampleSnapshot(), { ...VIEW, ascii: true }).replaceAll("−", "-");
  assert.match(screen, /^[\x20-\x7e\n…]*$/u);
});

test("TUI-01 NO_COLOR, dumb terminals and plain locales are respected", () => {
  assert.deepEqual(terminalTaste({ LANG: "en_US.UTF-8" }), { color: true, ascii: false });
  assert.deepEqual(terminalTaste({ LANG: "en_US.UTF-8", NO_COLOR: "1" }), { color: false, ascii: false });
  assert.deepEqual(terminalTaste({ LANG: "C" }), { color: true, ascii: true });
  assert.deepEqual(terminalTaste({ TERM: "dumb" }), { color: false, ascii: true });
});

test("without a terminal there is one status line at a time", async () => {
  const out = new FakeTerminal(false);
  const dashboard = startDashboard({ ...optionsFor(out), statusEveryMs: 5 });
  while (out.text.split("\n").length < 4) await once(out, "written");
  await dashboard.close();
  const lines = out.text.trimEnd().split("\n");
  const expected =
    /^2026-01-05 23:42:33 {2}grid-btc {2}BTC\/USDT:USDT {2}61,664.7\/61,664.8 {2}position \+0.070 BTC {2}pnl −5.62 {2}orders 20/;
  for (const line of lines) assert.match(line, expected);
  assert.ok(!out.text.includes("\u001b"));
  assert.equal(statusLine(exampleSnapshot()), lines[0]);
});

test("TUI-01 on a terminal it redraws at most five times a second and gives the screen back", async () => {
  const out = new FakeTerminal(true);
  const started = performance.now();
  const dashboard = startDashboard(optionsFor(out));
  while (!out.text.includes("fills 1,24")) await once(out, "written");
  const frames = out.frames;
  const seconds = (performance.now() - started) / 1000;
  await dashboard.close();
  assert.ok(frames <= Math.ceil(seconds * (1000 / REDRAW_MS)) + 2, `${frames} frames in ${seconds} s`);
  assert.ok(out.text.startsWith(RESTORE_SEQUENCE), "a start repairs what a killed run left");
  assert.ok(out.text.lastIndexOf("\u001b[?1049l") > out.text.lastIndexOf("\u001b[?1049h"));
  assert.ok(out.text.lastIndexOf("\u001b[?25h") > out.text.lastIndexOf("\u001b[?25l"));
  await dashboard.close();
});

describe("keys", () => {
  const NO_KEY = {
    ctrl: false,
    escape: false,
    return: false,
    backspace: false,
    delete: false,
    upArrow: false,
    downArrow: false,
    meta: false,
  };
  const START = { scroll: 0, confirm: null, stopping: false };
  const press = (keys: readonly (string | Partial<typeof NO_KEY>)[]) => {
    const done: string[] = [];
    const actions: DashboardActions = {
      stop: () => done.push("stop"),
      abort: () => done.push("abort"),
      pause: () => done.push("pause"),
      resume: () => done.push("resume"),
      kill: (flatten) => done.push(flatten ? "kill flatten" : "kill"),
    };
    let state: ReturnType<typeof onKey> = START;
    for (const k of keys) {
      const input = typeof k === "string" ? k : k.ctrl === true ? "c" : "";
      const key = typeof k === "string" ? NO_KEY : { ...NO_KEY, ...k };
      state = onKey({ input, key, before: state, bot: "grid-btc", actions });
    }
    return { done, state };
  };

  test("q and Ctrl-C stop gracefully once; a second Ctrl-C leaves at once", () => {
    assert.deepEqual(press(["q", "q"]).done, ["stop"]);
    assert.deepEqual(press([{ ctrl: true }, { ctrl: true }]).done, ["stop", "abort"]);
    assert.deepEqual(press(["K", "g", { ctrl: true }]).done, ["stop"]);
  });

  test("p pauses, r resumes, arrows scroll", () => {
    assert.deepEqual(press(["p", "r"]).done, ["pause", "resume"]);
    assert.equal(press([{ upArrow: true }, { upArrow: true }, { downArrow: true }]).state.scroll, 1);
    assert.equal(press([{ upArrow: true }, { escape: true }]).state.scroll, 0);
  });

  test("K kills only when the bot's name was typed out", () => {
    const enter = { return: true };
    assert.deepEqual(press(["K", "grid-btc", enter]).done, ["kill"]);
    assert.deepEqual(press(["K", "grid-btc flatten", enter]).done, ["kill flatten"]);
    assert.deepEqual(press(["K", "grid-bt", enter]).done, []);
    assert.deepEqual(press(["K", "y", enter]).done, []);
    assert.deepEqual(press(["K", "grid-btcx", { backspace: true }, enter]).done, ["kill"]);
    assert.deepEqual(press(["K", "grid-btc", { escape: true }, enter]).done, []);
    assert.deepEqual(press(["K", "q"]).done, [], "while typing, keys are letters");
  });
});

// what bin/opensqt does before it starts Node
const launcher = readFileSync(new URL("../../bin/opensqt", import.meta.url), "utf8");
const LAUNCHER_REPAIR = launcher.split("\n").find((line) => line.startsWith("[ -t 0 ]")) ?? "false";
const hasTmux = spawnSync("tmux", ["-V"]).status === 0;

describe("a real terminal", { skip: hasTmux ? false : "tmux is not installed" }, () => {
  for (const [name, argument, key, says] of [
    ["q", "", "q", "stopped cleanly"],
    ["Ctrl-C", "", "C-c", "stopped cleanly"],
    ["a second Ctrl-C", "hang", "C-c", "left at once"],
    ["an exception", "throw", "", "a bug somewhere else"],
    ["SIGTERM", "term", "", "terminated"],
    ["a start that follows a SIGKILL", "killed", "q", "stopped cleanly"],
  ] as const) {
    test(`TUI-01 the terminal is restored after ${name}`, async () => {
      // a server of its own: one that just lost its last session may be on its way out
      const session = name.replaceAll(/\W/g, "");
      const server = ["-L", `opensqt-${process.pid}-${session}`, "-f", "/dev/null"];
      const tmux = (...args: string[]) => spawnSync("tmux", [...server, ...args], { encoding: "utf8" });
      const script = new URL("../../test/example-dashboard.ts", import.meta.url).pathname;
      const start = `'${process.execPath}' '${script}'`;
      const shell = argument === "killed" ? `${start} kill; ${LAUNCHER_REPAIR}; ${start}` : `${start} ${argument}`;
      tmux("new-session", "-d", "-s", session, "-x", "80", "-y", "24", `sh -mc "${shell}; stty -a; sleep 60"`);
      const screen = () => tmux("capture-pane", "-p", "-t", session).stdout;
      try {
        if (key !== "") await until(() => screen().includes("K kill"), screen);
        if (argument === "killed") await until(() => /journal 48,[2-9][4-9]/.test(screen()), screen);
        if (key !== "") tmux("send-keys", "-t", session, key);
        if (argument === "hang") {
          await until(() => screen().includes("Ctrl-C again"), screen);
          tmux("send-keys", "-t", session, key);
        }
        await until(() => screen().includes("icanon"), screen);
        assert.ok(screen().includes(says), screen());
        assert.match(screen(), /(?<!-)\bicanon\b/);
        assert.match(screen(), /(?<!-)\becho\b/);
        assert.equal(tmux("display", "-p", "-t", session, "#{alternate_on} #{cursor_flag}").stdout.trim(), "0 1");
      } finally {
        tmux("kill-server");
      }
    });
  }
});

async function until(holds: () => boolean, screen: () => string): Promise<void> {
  const deadline = performance.now() + 15_000;
  while (!holds()) {
    assert.ok(performance.now() < deadline, `not seen in 15 s:\n${screen()}`);
    await wait(50);
  }
}

const NO_ACTIONS: DashboardActions = {
  stop: () => undefined,
  abort: () => undefined,
  pause: () => undefined,
  resume: () => undefined,
  kill: () => undefined,
};

function optionsFor(stdout: FakeTerminal) {
  const stdin = Object.assign(new PassThrough(), {
    isTTY: false,
    setRawMode: () => stdin,
    ref: () => stdin,
    unref: () => stdin,
  });
  stdin.isTTY = stdout.isTTY;
  const model = stdout.isTTY ? movingModel() : { snapshot: () => exampleSnapshot(), subscribe: () => () => undefined };
  return { model, actions: NO_ACTIONS, stdout, stdin, color: true, ascii: false };
}

class FakeTerminal extends Writable {
  readonly isTTY: boolean;
  readonly columns = 80;
  readonly rows = 24;
  readonly fd = 1;
  text = "";
  frames = 0;

  constructor(isTTY: boolean) {
    super();
    this.isTTY = isTTY;
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    const text = chunk.toString();
    this.text += text;
    if (text.includes("fills")) this.frames += 1;
    this.emit("written");
    done();
  }
}
