// `opensqt up` itself, killed and started again as a person would: exchange and bot in one process, the exchange's memory
// in a file. What the file remembers and what the journal says must agree in the end.

import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { Prng } from "../../src/base/prng.ts";
import { readExchange } from "../../src/exchange/simulated-file.ts";
import { productionEngine } from "../../src/host/engine.ts";
import { replayJournal } from "../../src/host/replay-journal.ts";
import { openJournalReader } from "../../src/journal/reader.ts";
import type { SavedExchange } from "../../src/sim/saved-exchange.ts";
import { pass, until } from "./victim.ts";

const OPENSQT = resolve(import.meta.dirname, "../../bin/opensqt");
const KILLS = 3;
const START_MS_MAX = 20_000;

interface Running {
  /** What it said on its error stream. */
  readonly said: string[];
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
}

function start(folder: string): Running {
  const child = spawn(OPENSQT, ["up", "--data-dir", folder, "--quiet", "--speed", "100", "--seed", "7"], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const said: string[] = [];
  child.stderr?.setEncoding("utf8").on("data", (text: string) => said.push(text));
  return { child, said, ended: new Promise((done) => child.once("exit", (code) => done(code))) };
}

/** Folders of the market and of the bot, once its door was opened: then there is a journal. */
function foldersIn(folder: string): { readonly market: string; readonly bot: string } | undefined {
  const [market] = existsSync(folder) ? readdirSync(folder) : [];
  if (market === undefined) return undefined;
  const bots = join(folder, market, "bots");
  const [bot] = existsSync(bots) ? readdirSync(bots) : [];
  if (bot === undefined || !existsSync(join(bots, bot, "control.sock"))) return undefined;
  return { market: join(folder, market), bot: join(bots, bot) };
}

/** Runs that got as far as `recovered`. */
function recoveries(bot: string): number {
  const reader = openJournalReader(bot);
  try {
    let count = 0;
    for (const record of reader.records(0)) if (record.kind === "recovered") count += 1;
    return count;
  } finally {
    reader.close();
  }
}

async function recovered(folder: string, times: number): Promise<{ readonly market: string; readonly bot: string }> {
  const folders = await until("a journal", START_MS_MAX, () => foldersIn(folder));
  await until(`${times} recoveries`, START_MS_MAX, () => (recoveries(folders.bot) >= times ? true : undefined));
  return folders;
}

test("DUR-49 DUR-58 DUR-68 opensqt up, killed again and again, goes on where it was, stops cleanly and replays", async () => {
  const folder = mkdtempSync(join(tmpdir(), "opensqt-up-"));
  const prng = new Prng("up");
  let running: Running | null = null;
  try {
    for (let i = 1; i <= KILLS; i += 1) {
      running = start(folder);
      await recovered(folder, i);
      await pass(prng.integer(300, 1_200));
      running.child.kill("SIGKILL");
      await running.ended;
    }
    running = start(folder);
    const { market, bot } = await recovered(folder, KILLS + 1);
    await pass(1_000);
    running.child.kill("SIGTERM");
    assert.equal(await running.ended, 0, running.said.join(""));
    running = null;
    execFileSync(OPENSQT, ["journal", "verify", bot], { stdio: "pipe" });
    execFileSync(OPENSQT, ["replay", bot], { stdio: "pipe" });
    expectAgreement(market, bot);
  } finally {
    if (running?.child.kill("SIGKILL") === true) await running.ended;
    rmSync(folder, { recursive: true, force: true });
  }
});

/** The file of the exchange against the journal: orders, fills, position, cash. */
function expectAgreement(market: string, bot: string): void {
  const saved = readExchange(join(market, "exchange.json"));
  assert.ok(saved !== null, "the exchange remembers");
  const reader = openJournalReader(bot);
  try {
    const { state } = replayJournal(reader, { engine: productionEngine, fromSeq: 1, toSeq: Number.POSITIVE_INFINITY });
    const account = accountOf(saved);
    assert.ok(state.ledger.fills > 0, "it traded");
    assert.equal(state.ledger.fills, saved.fills.length, "fills");
    assert.equal(state.ledger.position, account.lots, "position");
    assert.deepEqual([saved.open.length, state.orders.size], [0, 0], "open orders after the stop");
    const ids = saved.finished.map((text) => (JSON.parse(text) as { clientOrderId: string }).clientOrderId);
    assert.equal(new Set(ids).size, ids.length, "one exchange order per client order id");
    assert.deepEqual(
      ids.filter((id) => reader.placeOf(id) === null),
      [],
      "orders that nobody recorded",
    );
    let cash = 0n;
    for (const { posting } of reader.postings(0)) if (posting.account === "cash") cash += posting.amount;
    assert.equal(cash, account.cash, "cash");
  } finally {
    reader.close();
  }
}

const OPENING = 10_000n * 10n ** 18n;

interface SavedAccount {
  readonly balances: ReadonlyMap<string, bigint>;
  readonly holdings: ReadonlyMap<string, { readonly lots: number }>;
}

function accountOf(saved: SavedExchange): { readonly lots: number; readonly cash: bigint } {
  const given: unknown = saved.accounts;
  const [account] = given as readonly SavedAccount[];
  assert.ok(account !== undefined, "there is one account");
  const [holding] = account.holdings.values();
  return { lots: holding?.lots ?? 0, cash: (account.balances.get("USDT") ?? 0n) - OPENING };
}
