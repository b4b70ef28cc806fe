// A made-up bot for tests of the terminal dashboard, and a script that shows it: `node test/example-dashboard.ts`. Its
// argument says how it is to end: throw, hang, term or kill.

import { lots, milliTicks, money, ticks } from "../src/market/amounts.ts";
import type { LadderRow } from "../src/strategy/contract.ts";
import { type Dashboard, startDashboard, terminalTaste } from "../src/terminal/dashboard.ts";
import type { DashboardActions, DashboardModel, DashboardSnapshot } from "../src/terminal/dashboard-model.ts";
import { foreignOrderId } from "../src/trading/client-order-id.ts";

const T0 = Date.UTC(2026, 0, 5, 22, 30);
const cents = (value: number) => money(BigInt(Math.round(value * 100)) * 10n ** 16n);

function ladderRow(i: number): LadderRow {
  const held = i > 12 ? 10 : 0;
  const state = held > 0 ? "exit open" : i === 7 ? "unknown" : "entry open";
  return {
    key: `L${i}`,
    price: ticks(616_000 + i * 50),
    exitPrice: ticks(616_050 + i * 50),
    leg: "L",
    held: lots(held),
    state,
    clientOrderId: foreignOrderId(`oexampl${i}`),
    note: "",
  };
}

export function exampleSnapshot(step = 0): DashboardSnapshot {
  const ladder = Array.from({ length: 20 }, (_, i) => ladderRow(i));
  const bid = ticks(616_647 + (step % 7));
  return {
    bot: "grid-btc",
    strategy: "grid",
    exchange: "simulated",
    symbol: "BTC/USDT:USDT",
    base: "BTC",
    quote: "USDT",
    tickSize: "0.1",
    lotSize: "0.001",
    source: "synthetic market",
    nowMs: T0 + 4_353_000 + step * 100,
    uptimeMs: 4_353_000 + step * 100,
    phase: "running",
    gates: [],
    feedAgeMs: 120,
    feedStale: false,
    bid,
    ask: ticks(bid + 1),
    ladder,
    orders: ladder.map((row, i) => ({
      clientOrderId: row.clientOrderId ?? "",
      side: row.held > 0 ? "sell" : "buy",
      price: row.held > 0 ? (row.exitPrice ?? row.price) : row.price,
      quantity: lots(10),
      filled: lots(i === 3 ? 4 : 0),
      state: row.state === "unknown" ? "unknown" : "open",
      placedAtMs: T0 + i * 200_000,
    })),
    fills: Array.from({ length: 12 }, (_, i) => ({
      atMs: T0 + 4_350_000 - i * 17_000,
      side: i % 3 === 0 ? "sell" : "buy",
      price: ticks(616_600 + i * 7),
      quantity: lots(10),
      fee: cents(0.12),
      feeAsset: "USDT",
      maker: i !== 4,
    })),
    fillCount: 1234 + step,
    position: lots(70),
    entry: milliTicks(616_552_500),
    equity: cents(9983.77),
    pnl: {
      realised: cents(12.4),
      unrealised: cents(-1.2),
      fees: cents(-16.28),
      funding: cents(-0.54),
      total: cents(-5.62),
    },
    journal: { position: 48_211 + step, lagRecords: 0, lagMs: 0 },
    mailbox: { depth: 3, capacity: 10_000 },
    alerts: [
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
export function movingModel(): DashboardModel {
  let step = 0;
  return {
    snapshot: () => exampleSnapshot(step),
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

function show(mode: string): void {
  let dashboard: Dashboard | null = null;
  const say = (text: string): void => {
    void dashboard?.close().then(() => {
      process.stdout.write(`${text}\n`);
      process.exit(0);
    });
  };
  const actions: DashboardActions = {
    stop: () => {
      if (mode !== "hang") say("stopped cleanly");
    },
    abort: () => {
      say("left at once");
    },
    pause: () => undefined,
    resume: () => undefined,
    kill: (flatten) => {
      say(flatten ? "killed and flattened" : "killed");
    },
  };
  // before input is raw, Ctrl-C is a signal
  process.on("SIGINT", () => {
    actions.stop();
  });
  process.on("SIGTERM", () => {
    say("terminated");
  });
  const { stdout, stdin } = process;
  dashboard = startDashboard({ model: movingModel(), actions, stdout, stdin, ...terminalTaste(process.env) });
  if (mode === "throw") {
    setTimeout(() => {
      throw new Error("a bug somewhere else");
    }, 500);
  }
  if (mode === "term" || mode === "kill") {
    setTimeout(() => process.kill(process.pid, mode === "term" ? "SIGTERM" : "SIGKILL"), 500);
  }
}

if (import.meta.main) show(process.argv[2] ?? "");
