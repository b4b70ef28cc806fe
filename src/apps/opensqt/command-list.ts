// The commands there are, each with the file that is loaded when it is called.

import type { Command } from "commander";

export interface CommandFile {
  /** Name → the line `opensqt --help` shows. */
  readonly names: { readonly [name: string]: string };
  readonly load: () => Promise<{ register(program: Command): void }>;
}

export const COMMANDS: readonly CommandFile[] = [
  {
    names: { up: "start everything on this machine; on paper unless --live says otherwise" },
    load: () => import("./commands/up.ts"),
  },
  {
    names: { demo: "one minute offline: trades, kill -9 in the middle, recovery, report; leaves nothing behind" },
    load: () => import("./commands/demo.ts"),
  },
  {
    names: { init: "write a commented configuration for a strategy and an exchange, to be edited" },
    load: () => import("./commands/init.ts"),
  },
  { names: { top: "watch a running system in the terminal" }, load: () => import("./commands/top.ts") },
  {
    names: {
      status: "every bot: phase, position, result, what blocks it",
      orders: "open orders",
      positions: "positions by the ledger",
      fills: "our fills, newest first",
      pnl: "the result and its parts",
    },
    load: () => import("./commands/state.ts"),
  },
  { names: { bot: "add, change and steer the bots of a running system" }, load: () => import("./commands/bot.ts") },
  {
    names: {
      kill: "cancel every order, prove that none is left, place none until reset",
      breaker: "circuit breakers: see, open, close",
      reconcile: "compare journal and exchange now: positions and orders",
    },
    load: () => import("./commands/risk.ts"),
  },
  {
    names: {
      stop: "stop the running opensqt up in order, and wait until it has",
      health: "probe: exit 0 when every process is healthy, 4 when one is not, 5 when one does not answer",
      token: "keys for callers of the API",
    },
    load: () => import("./commands/system.ts"),
  },
  {
    names: {
      connector: "the process that holds the exchange's keys and serves it over gRPC",
      "market-maker": "the process that hosts bots, over a connector or with the simulated exchange in itself",
      "live-server": "the process that shows it in a browser, read-only",
    },
    load: () => import("./commands/processes.ts"),
  },
  {
    names: { emulator: "a local exchange on real wire protocols, for clients that do not know it is none" },
    load: () => import("./commands/emulator.ts"),
  },
  {
    names: { preview: "every order a grid would place now, what it needs and what it can lose" },
    load: () => import("./commands/preview.ts"),
  },
  { names: { backtest: "run a configuration over recorded data" }, load: () => import("./commands/backtest.ts") },
  { names: { data: "check, prepare, export and download market data" }, load: () => import("./commands/data.ts") },
  {
    names: {
      replay: "decide a whole journal again and compare every effect, posting and mark",
      explain: "why an order was placed: what it saw, the rule, the risk checks, what became of it",
      journal: "check a journal, keep it small, back it up, put it right",
    },
    load: () => import("./commands/journal.ts"),
  },
  {
    names: { "what-if": "play a journal's market to another configuration, and compare the two" },
    load: () => import("./commands/what-if.ts"),
  },
  {
    names: { export: "fills, lots, ledger or audit of journals as CSV or JSON lines" },
    load: () => import("./commands/export.ts"),
  },
  {
    names: { certs: "a private authority, and certificates of processes and callers" },
    load: () => import("./commands/certs.ts"),
  },
  {
    names: { doctor: "look at machine, configuration, exchange, journals and what runs, without trading" },
    load: () => import("./commands/doctor.ts"),
  },
  {
    names: { alerts: "where alerts go beside log and console; test sends one to each" },
    load: () => import("./commands/alerts.ts"),
  },
  {
    names: { config: "check a configuration, show it, compare it, or print its schema" },
    load: () => import("./commands/config.ts"),
  },
];
