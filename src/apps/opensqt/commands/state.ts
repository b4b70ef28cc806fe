// `opensqt status | orders | positions | fills | pnl`: what a running system knows, asked over gRPC. Options and words
// only.

import type { Command } from "commander";
import { formatDecimal } from "../../../base/decimal.ts";
import { refusalOf } from "../../../rpc/refusal.ts";
import { botMeant, type Engine, type EngineFlags, engineOptions, withEngine } from "../engine/connect.ts";
import { decimalOf, plainBot, plainFill, plainOrder, plainPnl, plainPosition } from "../engine/plain.ts";
import { tieText } from "../engine/sentences.ts";
import { BOT_COLUMNS, FILL_COLUMNS, listText, ORDER_COLUMNS, POSITION_COLUMNS, tableText } from "../engine/words.ts";
import { print, printJson, usageError } from "../output.ts";

interface StateFlags extends EngineFlags {
  readonly bot?: string;
  readonly limit: string;
  readonly since?: string;
}

interface Question {
  readonly name: string;
  readonly text: string;
  readonly example: string;
  /** The document, and how people read it. */
  readonly ask: (engine: Engine, flags: StateFlags) => Promise<{ readonly data: unknown; readonly words: string }>;
}

const PAGE_MAX = 1000;
const SINCE_UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

export function register(program: Command): void {
  const status = { name: "status", text: "every bot: phase, position, result, what blocks it", example: "status" };
  question(program, { ...status, ask: askStatus });
  const orders = { name: "orders", text: "open orders", example: "orders --bot btc-grid" };
  question(program, { ...orders, ask: askOrders });
  question(program, { name: "positions", text: "positions by the ledger", example: "positions", ask: askPositions });
  const fills = { name: "fills", text: "our fills, newest first", example: "fills --since 1h --limit 20" };
  question(program, { ...fills, ask: askFills });
  question(program, { name: "pnl", text: "the result and its parts", example: "pnl --since 24h", ask: askPnl });
}

function question(program: Command, { name, text, example, ask }: Question): void {
  engineOptions(program.command(name))
    .description(text)
    .option("--bot <name>", "this bot alone")
    .option("--limit <n>", "rows at most", "50")
    .option("--since <time>", "only what is younger: 90s, 15m, 24h, 7d")
    .addHelpText("after", `\nExample:\n  opensqt ${example}`)
    .action(async (flags: StateFlags) => {
      const { data, words } = await withEngine(flags, (engine) => ask(engine, flags));
      if (flags.json === true) printJson(data);
      else print(words);
    });
}

async function askStatus(engine: Engine, { bot }: StateFlags) {
  const { bots } = await engine.bots.listBots({ pageSize: PAGE_MAX });
  const own = await askProcess(engine);
  const shown = bots.filter(({ botId }) => bot === undefined || botId === bot).map(plainBot);
  if (bot !== undefined && shown.length === 0) throw usageError(`there is no bot ${bot}`);
  const gates = bots.flatMap(({ botId, gates: shut }) =>
    shut.map((gate) => `${botId}: gate ${gate.name}${sinceText(gate.sinceMs)}: ${gate.reason}`),
  );
  const rows = shown.map((row) => ({ ...row, gates: gatesOf(row["gates"]) }));
  const table = tableText(rows, BOT_COLUMNS, "no bot; add one with opensqt bot add FILE");
  const { words, ...machine } = own;
  return { data: { bots: shown, ...machine }, words: [table, ...gates, ...words].join("\n") };
}

/** The engine as a process, with its journals; nothing of one whose release does not tell. */
async function askProcess({ bots }: Engine) {
  try {
    const { process: self, journals } = await bots.getProcess({});
    const name = `${self?.name ?? "engine"} ${self?.release ?? ""}`;
    const failed = (self?.checks ?? []).filter(({ ok }) => !ok).map(({ name: check, text }) => `${check}: ${text}`);
    const ready = failed.length === 0 ? "ready" : failed.join("; ");
    const mib = decimalMib(journals.reduce((sum, { bytes }) => sum + bytes, 0));
    const slowestUs = Math.max(0, ...journals.map(({ commitP99Us }) => commitP99Us));
    const kept = journals.length === 0 ? "" : `; journals ${mib} MiB, commit p99 ${Math.ceil(slowestUs / 1000)} ms`;
    const line = `${name}, up ${Math.floor((self?.uptimeMs ?? 0) / 1000)} s, ${ready}${kept}`;
    return { process: self ?? null, journals, words: ["", line] };
  } catch (error) {
    if (refusalOf(error).status !== "UNIMPLEMENTED") throw error;
    return { process: null, journals: [], words: [] };
  }
}

/** With one place. */
const decimalMib = (bytes: number): string => formatDecimal(BigInt(Math.round((bytes * 10) / (1 << 20))), 1, 1);

/** A gate that is shut since the start has no time of its own. */
const sinceText = (sinceMs: number): string => (sinceMs <= 0 ? "" : ` since ${new Date(sinceMs).toISOString()}`);

const gatesOf = (gates: unknown): readonly string[] =>
  Array.isArray(gates) ? gates.map((gate: { readonly name: string }) => gate.name) : [];

async function askOrders(engine: Engine, flags: StateFlags) {
  const { orders } = await engine.positions.getOpenOrders({ botIds: botsOf(flags), pageSize: PAGE_MAX });
  const data = orders.map(plainOrder);
  return { data, words: tableText(data, ORDER_COLUMNS, "no open orders") };
}

async function askPositions(engine: Engine, { bot }: StateFlags) {
  const { positions, tie } = await engine.positions.getPositions({});
  const data = positions.filter(({ botId }) => bot === undefined || botId === bot).map(plainPosition);
  const tied = { tiedAtMs: tie?.tiedAtMs ?? 0, difference: decimalOf(tie?.difference) };
  const table = tableText(data, POSITION_COLUMNS, "no position");
  return { data: { positions: data, tie: tied }, words: `${table}\n${tieText(tied)}` };
}

async function askFills(engine: Engine, flags: StateFlags) {
  const pageSize = limitOf(flags.limit);
  const fromMs = await sinceMs(engine, flags.since);
  const { fills } = await engine.positions.getFills({ botIds: botsOf(flags), fromMs, pageSize });
  const data = fills.map(plainFill);
  return { data, words: tableText(data, FILL_COLUMNS, "no fills") };
}

async function askPnl(engine: Engine, flags: StateFlags) {
  const bot = flags.bot === undefined ? [] : [await botMeant(engine, flags.bot)];
  const fromMs = await sinceMs(engine, flags.since);
  const [realized, open] = await Promise.all([
    engine.positions.getRealizedPnL({ botIds: bot, fromMs }),
    engine.positions.getUnrealizedPnL({}),
  ]);
  const data = {
    realized: plainPnl(realized.total),
    unrealized: decimalOf(open.total),
    bySymbol: realized.bySymbol.map(({ symbol, exchange, pnl, cycles, winning, losing }) => {
      return { symbol, exchange, ...plainPnl(pnl), cycles, winning, losing };
    }),
  };
  return { data, words: listText({ ...data.realized, "unrealised now": data.unrealized }) };
}

const botsOf = ({ bot }: StateFlags): string[] => (bot === undefined ? [] : [bot]);

function limitOf(text: string): number {
  const value = /^\d{1,4}$/.test(text) ? Number.parseInt(text, 10) : 0;
  if (value >= 1 && value <= PAGE_MAX) return value;
  throw usageError(`--limit ${text} is not allowed; give 1 to ${PAGE_MAX}`);
}

/** So long ago by the exchange's time, which runs faster or slower than ours at another SPEED. Unix ms, 0: no bound. */
async function sinceMs(engine: Engine, text: string | undefined): Promise<number> {
  if (text === undefined) return 0;
  const [, count = "", unit = ""] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const seconds = SINCE_UNITS[unit];
  if (seconds === undefined) throw usageError(`--since ${text} is not allowed; give 90s, 15m, 24h or 7d`);
  const { nowMs } = await engine.bots.listBots({ pageSize: 1 });
  return Math.max(1, (nowMs === 0 ? Date.now() : nowMs) - Number.parseInt(count, 10) * seconds * 1000);
}
