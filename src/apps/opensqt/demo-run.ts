// What `opensqt demo` does: starts the whole system on a simulated market, lets it trade, kills the engine in the
// middle with kill -9, watches it recover, proves that nothing was lost or doubled, reports, and leaves nothing behind.

import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { makeFolder } from "../../config/make-folder.ts";
import { productionEngine } from "../../host/engine.ts";
import { replayJournal } from "../../host/replay-journal.ts";
import { JOURNAL_FILE, openJournalReader } from "../../journal/reader.ts";
import type { Fill } from "../../rpc/generated/opensqt/market_maker/v1/resources.ts";
import { BotPhase } from "../../rpc/generated/opensqt/market_maker/v1/types.ts";
import { botFolders } from "./bot-folders.ts";
import { Interrupted, Stage } from "./demo/stage.ts";
import { decimalOf, sideWord } from "./engine/plain.ts";
import { EXIT_CODES, signalCode } from "./exit-codes.ts";
import { Interrupt } from "./interrupt.ts";
import { CommandError, note, print, printJson, usageError } from "./output.ts";

export interface DemoFlags {
  readonly seed: string;
  readonly keep?: string;
  readonly json?: true;
}

const BOT = "eth-grid";
const SYMBOL = "ETH/USDT:USDT";
const START_MS = 30_000;
const TRADE_MS = 20_000;
const BACK_MS = 30_000;
/** Fills to see before the kill, and again after it. */
const FILLS_WANTED = 6;
const FILLS_SHOWN = 3;

const configOf = (seed: string): string => `
bots:
  - id: ${BOT}
    strategy: grid
    instrument: "${SYMBOL}"
    grid:
      { mode: neutral, spacing: geometric, spacingBps: "5", orderQuote: "130", entryLevels: 5, exitLevels: 5,
        heldSlotsMax: 30, openOrdersMax: 40 }
exchange: simulated
simulated: { market: synthetic, balance: "20000", seed: ${seed}, speed: 40 }
`;

interface Books {
  readonly sequence: number;
  readonly fills: number;
  readonly position: string;
  readonly openOrders: number;
}

interface Report {
  readonly before: Books;
  readonly after: Books;
  readonly backMs: number;
  readonly fills: number;
  readonly pnl: { readonly gross: string; readonly fees: string; readonly net: string };
  readonly replayedEvents: number;
  readonly stoppedInOrder: boolean;
  readonly problems: readonly string[];
}

/** Exit 0 when everything held, 4 when something did not, 130 on Ctrl-C. Errors: CommandError 2, 3, 5. */
export async function demo(flags: DemoFlags): Promise<void> {
  if (!/^\d{1,9}$/.test(flags.seed)) throw usageError(`--seed ${flags.seed} is not allowed; give a whole number`);
  const folder = folderOf(flags.keep);
  const interrupt = new Interrupt();
  const stage = new Stage({ folder, config: configOf(flags.seed), interrupt });
  const say = flags.json === true ? note : print;
  try {
    const report = await play(stage, say);
    if (flags.json === true) printJson(report, report.problems.length === 0);
    else for (const problem of report.problems) print(`NOT SO: ${problem}`);
    if (report.problems.length > 0) process.exitCode = EXIT_CODES.checkFailed;
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    process.exitCode = signalCode(interrupt.signal ?? "SIGINT");
  } finally {
    await stage.close();
    interrupt.close();
    if (flags.keep === undefined) rmSync(folder, { recursive: true, force: true });
    else note(`kept in ${folder}: opensqt export fills --data-dir ${join(folder, "data")}`);
  }
}

function folderOf(keep: string | undefined): string {
  if (keep === undefined) return mkdtempSync(join(tmpdir(), "opensqt-demo-"));
  const folder = resolve(keep);
  if (existsSync(folder)) throw new CommandError(EXIT_CODES.refused, `${keep} is there already`, "Name a new folder.");
  makeFolder(folder);
  return folder;
}

async function play(stage: Stage, say: (text: string) => void): Promise<Report> {
  say(
    "1. Start: connector, market-maker and live-server, three processes on this machine; simulated money, no network.",
  );
  await sure(
    stage.until(START_MS, () => stage.ready()),
    "the system is ready",
  );
  say(`   Ready. Look if you like: ${stage.run.console}`);
  say(`2. Trade: a grid on ${SYMBOL}, 40 times as fast as the clock.`);
  await sure(seeFills(stage, say, FILLS_WANTED), "fills came");
  const { before, after, backMs } = await killAndReturn(stage, say);
  say("5. Trade on.");
  await sure(seeFills(stage, say, after.fills + FILLS_WANTED), "fills came after the recovery");
  const problems = await compare(stage, { before, after });
  const { pnl, fills } = await results(stage);
  say("6. Stop in order: orders cancelled, and proved to be gone.");
  const stoppedInOrder = await stage.close();
  if (!stoppedInOrder) problems.push("the system stopped in order");
  const replayedEvents = replayed(stage.dataDir);
  say(`7. Replay: ${replayedEvents} events decided again from the journal; every order is the same, byte for byte.`);
  const { gross, fees, net } = pnl;
  say(`Report: ${fills} fills; gross ${gross}, fees ${fees}, net ${net} USDT of simulated money.`);
  if (problems.length === 0) {
    say(`Killed once: back and trading after ${(backMs / 1000).toFixed(1)} s, no order lost, none twice.`);
    say("Next: opensqt up, and opensqt init for a configuration of your own.");
  }
  return { before, after, backMs, fills, pnl, replayedEvents, stoppedInOrder, problems };
}

/** Errors: CommandError 5 naming what did not come. */
async function sure(came: Promise<boolean>, what: string): Promise<void> {
  if (await came) return;
  throw new CommandError(EXIT_CODES.unreachable, `waited in vain that ${what}`, "Is the machine very busy? Try again.");
}

/** Shows the first of the new ones; true when there are so many. */
async function seeFills(stage: Stage, say: (text: string) => void, wanted: number): Promise<boolean> {
  const had = (await fillsOf(stage)).length;
  let shown = 0;
  return stage.until(TRADE_MS, async () => {
    const fills = await fillsOf(stage);
    for (const fill of fills.slice(had + shown, had + FILLS_SHOWN)) {
      const [side, price, quantity] = [sideWord(fill.side), decimalOf(fill.price), decimalOf(fill.quantity)];
      const realized = decimalOf(fill.realizedPnl);
      say(
        `   ${side} ${quantity} at ${price}${realized === null ? "" : `, a round trip: ${realized} USDT before fees`}`,
      );
      shown += 1;
    }
    return fills.length >= wanted;
  });
}

/** Oldest first. */
async function fillsOf({ engine }: Stage): Promise<readonly Fill[]> {
  const { fills } = await engine.positions.getFills({ botIds: [BOT], pageSize: 1_000 });
  return fills.toSorted((a, b) => a.atMs - b.atMs);
}

async function booksOf(stage: Stage): Promise<Books> {
  const { bot } = await stage.engine.bots.getBot({ botId: BOT });
  const fills = (await fillsOf(stage)).length;
  const position = decimalOf(bot?.position) ?? "0";
  return { sequence: bot?.sequence ?? 0, fills, position, openOrders: bot?.liveOrders ?? 0 };
}

async function killAndReturn(stage: Stage, say: (text: string) => void) {
  const before = await booksOf(stage);
  const { pid } = stage.run.marketMaker;
  if (pid === null) throw new CommandError(EXIT_CODES.unreachable, "the market-maker has no process");
  say(
    `3. kill -9 ${pid}: the market-maker, in the middle of trading; event ${before.sequence}, ` +
      `position ${before.position}, ${before.openOrders} orders on the exchange.`,
  );
  process.kill(pid, "SIGKILL");
  const fromMs = performance.now();
  await sure(
    stage.until(BACK_MS, async () => {
      const again = stage.run.marketMaker.pid;
      if (again === null || again === pid) return false;
      const { bot } = await stage.engine.bots.getBot({ botId: BOT });
      return bot?.phase === BotPhase.RUNNING && bot.unknownOrders === 0 && bot.liveOrders > 0;
    }),
    "the market-maker came back",
  );
  const backMs = Math.round(performance.now() - fromMs);
  const after = await booksOf(stage);
  say(
    `4. Recovery: a new process replayed its journal, asked the exchange about every order, and trades again after ` +
      `${(backMs / 1000).toFixed(1)} s; position ${after.position}, ${after.fills - before.fills} fills meanwhile.`,
  );
  return { before, after, backMs };
}

/** What must hold after all: no fill lost, none twice, the same orders and the same position on both sides. */
async function compare(stage: Stage, { before, after }: Pick<Report, "before" | "after">): Promise<string[]> {
  const problems: string[] = [];
  if (after.fills < before.fills) problems.push(`the journal kept its ${before.fills} fills`);
  const same = await stage.until(TRADE_MS, async () => {
    const theirs = await stage.exchange.getFills({ symbol: SYMBOL });
    const ours = await fillsOf(stage);
    const { positions } = await stage.exchange.getPositions({});
    const { bot } = await stage.engine.bots.getBot({ botId: BOT });
    const there = decimalOf(positions.find(({ symbol }) => symbol === SYMBOL)?.size) ?? "0";
    const ids = new Set(ours.map(({ tradeId }) => tradeId));
    const all = ids.size === ours.length && theirs.fills.every(({ tradeId }) => ids.has(tradeId));
    return all && (decimalOf(bot?.position) ?? "0") === there;
  });
  if (!same) problems.push("journal and exchange agree on every fill and on the position");
  return problems;
}

async function results({ engine }: Stage) {
  const { total } = await engine.positions.getRealizedPnL({ botIds: [BOT] });
  const { fills } = await engine.positions.getFills({ botIds: [BOT], pageSize: 1_000 });
  const [gross, fees, net] = [total?.gross, total?.fees, total?.net].map((value) => decimalOf(value) ?? "0");
  return { pnl: { gross: gross ?? "0", fees: fees ?? "0", net: net ?? "0" }, fills: fills.length };
}

/** Errors: those of the replay: a journal that differs (7) or is damaged (6). */
function replayed(dataDir: string): number {
  const [folder] = botFolders(dataDir, JOURNAL_FILE);
  if (folder === undefined) throw new CommandError(EXIT_CODES.refused, `there is no journal below ${dataDir}`);
  const journal = openJournalReader(folder);
  try {
    journal.verify(0);
    return replayJournal(journal, { engine: productionEngine, fromSeq: 1, toSeq: Number.MAX_SAFE_INTEGER }).events;
  } finally {
    journal.close();
  }
}
