// A made-up system for tests of `opensqt top`, and a script that shows it: `node test/example-top.ts`. Its argument
// says how it is to end: throw, term or kill.

import { startTop, type TopScreen, terminalTaste } from "../src/terminal/top.ts";
import type { TopActions, TopModel, TopSlot, TopSnapshot } from "../src/terminal/top-model.ts";

const T0 = Date.UTC(2026, 0, 5, 22, 30);

function slot(i: number): TopSlot {
  const held = i > 12;
  return {
    key: `L${i}`,
    leg: "long",
    state: held ? "held" : i === 7 ? "unknown" : "live",
    entry: `${61_600 + i * 5}.0`,
    exit: `${61_605 + i * 5}.0`,
    held: held ? "0.010" : "0",
    live: i !== 7,
    clientOrderId: `oexampl${i}`,
    note: "",
  };
}

export function exampleTop(step = 0): TopSnapshot {
  // highest price first, as the API tells them
  const slots = Array.from({ length: 20 }, (_, i) => slot(19 - i));
  return {
    address: "127.0.0.1:50052",
    connection: { state: "connected", ageMs: 120 },
    bots: ["eth-grid", "grid-btc"],
    bot: {
      bot: "grid-btc",
      strategy: "grid",
      exchange: "simulated",
      symbol: "BTC/USDT:USDT",
      phase: "running",
      gates: [],
      unknownOrders: 0,
      position: "0.070",
      entry: "61655.25",
      price: `616${64 + (step % 7)}.7`,
      unrealized: "-1.20",
      realized: "12.40",
      fees: "-16.28",
      funding: "-0.54",
      netToday: "-5.62",
      lagMs: 3,
      sequence: 48_211 + step,
    },
    slots,
    orders: slots.map(({ clientOrderId, entry, exit, held }, i) => ({
      clientOrderId,
      side: held === "0" ? "buy" : "sell",
      price: held === "0" ? entry : exit,
      quantity: "0.010",
      filled: i === 3 ? "0.004" : "0.000",
      status: i === 12 ? "unknown-outcome" : i === 3 ? "partially-filled" : "new",
    })),
    fills: Array.from({ length: 12 }, (_, i) => ({
      atMs: T0 + 4_350_000 - i * 17_000,
      side: i % 3 === 0 ? "sell" : "buy",
      price: `${61_660 + i}.1`,
      quantity: "0.010",
      maker: i !== 1,
      clientOrderId: `ofilled${i}`,
    })),
    breakers: [],
    log: [
      {
        atMs: T0 + 4_000_000,
        severity: "warning",
        text: "order oexampl7 has no answer for 3 s; its slot waits for proof",
      },
      { atMs: T0, severity: "info", text: "recovered: 20 orders settled, 0 unknown" },
    ],
  };
}

/** A model that moves every 50 ms of real time while somebody watches. */
export function movingTop(): TopModel {
  let step = 0;
  return {
    snapshot: () => exampleTop(step),
    subscribe: (listener) => {
      const timer = setInterval(() => {
        step += 1;
        listener();
      }, 50);
      return () => {
        clearInterval(timer);
      };
    },
  };
}

export const NO_ACTIONS: TopActions = {
  nextBot: () => undefined,
  pause: () => undefined,
  resume: () => undefined,
  kill: () => undefined,
  why: () => undefined,
  quit: () => undefined,
};

function show(mode: string): void {
  let screen: TopScreen | null = null;
  const say = (text: string): void => {
    void screen?.close().then(() => {
      process.stdout.write(`${text}\n`);
      process.exit(0);
    });
  };
  const actions: TopActions = {
    ...NO_ACTIONS,
    quit: () => say("left"),
    why: (id, told) => told([`12  ${id} was placed because its slot was empty`, "risk passed OPEN_ORDERS: 20 of 48"]),
    kill: (flatten) => say(flatten ? "killed and flattened" : "killed"),
  };
  // before input is raw, Ctrl-C is a signal
  process.on("SIGINT", () => say("left"));
  process.on("SIGTERM", () => say("terminated"));
  const { stdout, stdin } = process;
  screen = startTop({ model: movingTop(), actions, stdout, stdin, ...terminalTaste(process.env) });
  if (mode === "throw") {
    setTimeout(() => {
      throw new Error("a bug somewhere else");
    }, 500);
  }
  if (mode === "term") setTimeout(() => process.kill(process.pid, "SIGTERM"), 500);
  if (mode === "kill") setTimeout(() => process.kill(process.pid, "SIGKILL"), 500);
}

if (import.meta.main) show(process.argv[2] ?? "");
