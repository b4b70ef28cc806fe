// `opensqt top` on fake and real terminals: what it shows, how often it draws, what keys do, and that the terminal
// comes back on every way out.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { PassThrough, Writable } from "node:stream";
import { describe, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { exampleTop, movingTop, NO_ACTIONS } from "../../test/example-top.ts";
import { displayWidth } from "./table.ts";
import { RESTORE_SEQUENCE } from "./terminal-state.ts";
import type { Line } from "./toned-line.ts";
import { type KeyPress, NOTHING_TYPED, onKey, REDRAW_MS, startTop, type Typed, terminalTaste } from "./top.ts";
import { type TopView, topLines, topStatus } from "./top-lines.ts";
import type { TopActions, TopSnapshot } from "./top-model.ts";

const VIEW: TopView = { ...NOTHING_TYPED, columns: 80, rows: 23, ascii: false };
const textOf = (line: Line): string => line.map(({ text }) => text).join("");
const show = (s: TopSnapshot, view: TopView = VIEW): string => topLines(s, view).map(textOf).join("\n");

test("TUI-01 top fits 80×24 and any larger terminal, and never overflows", () => {
  for (const [columns, rows] of [
    [80, 23],
    [81, 18],
    [120, 40],
    [200, 60],
  ] as const) {
    const lines = topLines(exampleTop(), { ...VIEW, columns, rows });
    assert.ok(lines.length <= rows, `${lines.length} of ${rows}`);
    for (const line of lines) assert.ok(displayWidth(textOf(line)) <= columns, textOf(line));
  }
});

test("TUI-02 header, ladder around the price, orders, fills, risk and log stand on one screen of 80×24", () => {
  const screen = show(exampleTop());
  for (const words of [
    "grid-btc  grid on BTC/USDT:USDT at simulated  (2 of 2, b next)",
    "connected",
    "61,664.7",
    "running  no gate",
    "position +0.070 BTC at 61,655.3   net today −5.62",
    "realised +12.40  unrealised −1.20  fees −16.28  funding −0.54",
    "open orders 20",
    "fills",
    "taker",
    "no breaker open   journal 48211   lag 3 ms",
    "every gate is open",
    "no answer for 3 s",
    "Tab pane  ↑↓ row  Enter why  / search  b bot  p pause  r resume  K kill  q quit",
  ]) {
    assert.ok(screen.includes(words), `${words}\n${screen}`);
  }
});

test("TUI-02 the ladder stands around the price, and the chosen level stays in sight", () => {
  const rows = (chosen: number): string[] =>
    show(exampleTop(), { ...VIEW, chosen })
      .split("\n")
      .slice(6, 16)
      .map((row) => row.slice(2, 6).trim());
  assert.deepEqual(rows(-1).slice(3, 7), ["L14", "L13", "", "L12"]);
  assert.ok(rows(0).includes("L19"), rows(0).join());
  assert.ok(rows(19).includes("L0"), rows(19).join());
  const orders = show(exampleTop(), { ...VIEW, pane: "orders", chosen: 19 });
  assert.match(orders, /▸ ▲ buy {2}61,600\.0/);
});

test("TUI-03 disconnected, silent, without a bot and without figures are said in words, with age and next try", () => {
  const s = exampleTop();
  const lost = { state: "lost", ageMs: 65_000, nextTryMs: 4_000, reason: "connection refused" } as const;
  assert.ok(show({ ...s, connection: lost }).includes("DISCONNECTED, data 1 min old, next try in 4 s"));
  assert.ok(show({ ...s, connection: { ...lost, ageMs: null } }).includes("DISCONNECTED, never connected"));
  assert.ok(show({ ...s, connection: { state: "connected", ageMs: 7_200 } }).includes("silent for 7 s"));
  assert.ok(show({ ...s, connection: { state: "connecting" }, bot: null }).includes("connecting"));
  assert.ok(show({ ...s, bot: null, bots: [], slots: [] }).includes("no bot: add one with opensqt bot add FILE"));
  const gates = [{ name: "feed-book", level: "freeze", reason: "no book for 7 s" }];
  const { bot } = s;
  assert.ok(bot !== null);
  const blocked = { ...s, bot: { ...bot, phase: "blocked", gates, unknownOrders: 1, price: null, netToday: null } };
  const screen = show({
    ...blocked,
    slots: [],
    orders: [],
    fills: [],
    log: [],
    breakers: [{ name: "loss", reason: "day" }],
  });
  for (const words of [
    "blocked  gates: feed-book  1 unknown",
    "BREAKER loss: day",
    "feed-book freeze: no book for 7 s",
    "no price yet",
    "net today n/a",
    "no ladder yet",
    "nothing in the log",
  ]) {
    assert.ok(screen.includes(words), `${words}\n${screen}`);
  }
});

test("TUI-01 ASCII on demand: no character beyond it but in figures and names", () => {
  const screen = show(exampleTop(), { ...VIEW, ascii: true }).replaceAll("−", "-");
  assert.match(screen, /^[\x20-\x7e\n…]*$/u);
});

test("TUI-01 NO_COLOR, dumb terminals and plain locales are respected", () => {
  assert.deepEqual(terminalTaste({ LANG: "en_US.UTF-8" }), { color: true, ascii: false });
  assert.deepEqual(terminalTaste({ LANG: "en_US.UTF-8", NO_COLOR: "1" }), { color: false, ascii: false });
  assert.deepEqual(terminalTaste({ LANG: "C" }), { color: true, ascii: true });
  assert.deepEqual(terminalTaste({ TERM: "dumb" }), { color: false, ascii: true });
});

test("TUI-01 without a terminal one line says it all", () => {
  assert.equal(
    topStatus(exampleTop()),
    "grid-btc  BTC/USDT:USDT  61,664.7  position +0.070 BTC  net today −5.62  orders 20  running",
  );
});

test("TUI-01 on a terminal it redraws at most five times a second and gives the screen back", async () => {
  const out = new FakeTerminal();
  const started = performance.now();
  const screen = startTop(optionsFor(out));
  while (out.frames < 6) await once(out, "written");
  const { frames } = out;
  const seconds = (performance.now() - started) / 1000;
  await screen.close();
  assert.ok(frames <= Math.ceil(seconds * (1000 / REDRAW_MS)) + 2, `${frames} frames in ${seconds} s`);
  assert.ok(out.text.startsWith(RESTORE_SEQUENCE), "a start repairs what a killed run left");
  assert.ok(out.text.lastIndexOf("\u001b[?1049l") > out.text.lastIndexOf("\u001b[?1049h"));
  assert.ok(out.text.lastIndexOf("\u001b[?25h") > out.text.lastIndexOf("\u001b[?25l"));
  await screen.close();
});

describe("keys", () => {
  const press = (keys: readonly (string | KeyPress["key"])[], snapshot = exampleTop()) => {
    const done: string[] = [];
    const actions: TopActions = {
      nextBot: () => done.push("next"),
      pause: () => done.push("pause"),
      resume: () => done.push("resume"),
      kill: (flatten) => done.push(flatten ? "kill flatten" : "kill"),
      why: (id) => done.push(`why ${id}`),
      quit: () => done.push("quit"),
    };
    let state: Typed = NOTHING_TYPED;
    const said = { message: () => undefined, why: () => undefined };
    for (const k of keys) {
      const input = typeof k === "string" ? k : k.ctrl === true ? "c" : "";
      const key = typeof k === "string" ? {} : k;
      state = { ...state, ...onKey({ input, key, before: state, snapshot, actions, said }) };
    }
    return { done, state };
  };
  const enter = { return: true };
  const tab = { tab: true };
  const down = { downArrow: true };

  test("TUI-02 q and Ctrl-C leave, whatever is typed, and touch no bot", () => {
    assert.deepEqual(press(["q"]).done, ["quit"]);
    assert.deepEqual(press([{ ctrl: true }]).done, ["quit"]);
    assert.deepEqual(press(["K", "g", { ctrl: true }]).done, ["quit"]);
  });

  test("TUI-02 Tab goes through the panes, arrows choose a row, Enter asks why", () => {
    assert.equal(press([tab]).state.pane, "orders");
    assert.equal(press([tab, tab, tab, tab, tab]).state.pane, "ladder");
    assert.equal(press([{ tab: true, shift: true }]).state.pane, "log");
    assert.deepEqual(press([tab, down, down, enter]).done, ["why oexampl17"]);
    assert.deepEqual(press([tab, tab, down, enter]).done, ["why ofilled1"]);
    assert.equal(press([tab, { upArrow: true }]).state.chosen, 0, "not above the first");
    assert.deepEqual(press([down, enter]).done, ["why oexampl12"], "the ladder begins at the price");
    assert.deepEqual(press([{ upArrow: true }, enter]).done, ["why oexampl13"]);
    assert.match(press([tab, tab, tab, enter]).state.message, /no order in this row/);
  });

  test("TUI-02 b shows the next bot, p pauses, r resumes", () => {
    assert.deepEqual(press(["b", "p", "r"]).done, ["next", "pause", "resume"]);
  });

  test("TUI-02 / searches orders and fills, Esc ends it", () => {
    const found = press([tab, "/", "oexampl7", enter]).state;
    assert.equal(found.search, "oexampl7");
    const screen = show(exampleTop(), { ...VIEW, ...found });
    assert.ok(screen.includes('open orders 1 with "oexampl7"'), screen);
    assert.deepEqual(press([tab, "/", "oexampl7", enter, enter]).done, ["why oexampl7"]);
    assert.equal(press(["/", "x", { escape: true }]).state.search, null);
    assert.deepEqual(press(["/", "q"]).done, [], "while typing, keys are letters");
  });

  test("TUI-02 K kills only when the bot's name was typed out", () => {
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
    ["q", "", "q", "left"],
    ["Ctrl-C", "", "C-c", "left"],
    ["an exception", "throw", "", "a bug somewhere else"],
    ["SIGTERM", "term", "", "terminated"],
    ["a start that follows a SIGKILL", "killed", "q", "left"],
  ] as const) {
    test(`TUI-01 the terminal is restored after ${name}`, async () => {
      // a server of its own: one that just lost its last session may be on its way out
      const session = name.replaceAll(/\W/g, "");
      const server = ["-L", `opensqt-${process.pid}-${session}`, "-f", "/dev/null"];
      const tmux = (...args: string[]) => spawnSync("tmux", [...server, ...args], { encoding: "utf8" });
      const script = new URL("../../test/example-top.ts", import.meta.url).pathname;
      const start = `'${process.execPath}' '${script}'`;
      const shell = argument === "killed" ? `${start} kill; ${LAUNCHER_REPAIR}; ${start}` : `${start} ${argument}`;
      tmux("new-session", "-d", "-s", session, "-x", "80", "-y", "24", `sh -mc "${shell}; stty -a; sleep 60"`);
      const screen = () => tmux("capture-pane", "-p", "-t", session).stdout;
      try {
        if (key !== "") await until(() => screen().includes("K kill"), screen);
        if (argument === "killed") await until(() => /journal 482[3-9]/.test(screen()), screen);
        if (key !== "") tmux("send-keys", "-t", session, key);
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

function optionsFor(stdout: FakeTerminal) {
  const stdin = Object.assign(new PassThrough(), {
    isTTY: true,
    setRawMode: () => stdin,
    ref: () => stdin,
    unref: () => stdin,
  });
  return { model: movingTop(), actions: NO_ACTIONS, stdout, stdin, color: true, ascii: false };
}

class FakeTerminal extends Writable {
  readonly isTTY = true;
  readonly columns = 80;
  readonly rows = 24;
  readonly fd = 1;
  text = "";
  frames = 0;

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    const text = chunk.toString();
    this.text += text;
    if (text.includes("lag 3 ms")) this.frames += 1;
    this.emit("written");
    done();
  }
}
