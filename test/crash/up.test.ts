// `opensqt up` itself, killed and started again as a person would. Its processes end when it is gone; what the
// exchange's file remembers and what the journal says must agree in the end. Each process killed alone is in
// test/system.

import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { readRunFile } from "../../src/apps/opensqt/run-file.ts";
import { readExchange } from "../../src/exchange/simulated-file.ts";
import { productionEngine } from "../../src/host/engine.ts";
import { replayJournal } from "../../src/host/replay-journal.ts";
import { decodeEvent } from "../../src/journal/codec.ts";
import { openJournalReader } from "../../src/journal/reader.ts";
import type { SavedExchange } from "../../src/sim/saved-exchange.ts";
import { until } from "./victim.ts";

const OPENSQT = resolve(import.meta.dirname, "../../bin/opensqt");
const KILLS = 2;
const START_MS_MAX = 180_000;

interface Running {
  /** What it said on its error stream. */
  readonly said: string[];
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
}

function start(folder: string): Running {
  const child = spawn(OPENSQT, ["up", "--data-dir", folder, "--speed", "25", "--seed", "7"], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const said: string[] = [];
  child.stderr?.setEncoding("utf8").on("data", (text: string) => said.push(text));
  return { child, said, ended: new Promise((done) => child.once("exit", (code) => done(code))) };
}

/** Runs that got as far as `recovered`, and fills; none while the journal is only being made. */
function counts(bot: string): { readonly recoveries: number; readonly fills: number } {
  const reader = readerOf(bot);
  if (reader === null) return { recoveries: 0, fills: 0 };
  try {
    let [recoveries, fills] = [0, 0];
    for (const record of reader.records(0)) {
      if (record.kind === "recovered") recoveries += 1;
      if (record.kind === "fill") fills += 1;
    }
    return { recoveries, fills };
  } finally {
    reader.close();
  }
}

function readerOf(bot: string): ReturnType<typeof openJournalReader> | null {
  try {
    return openJournalReader(bot);
  } catch {
    // its tables are not there yet
    return null;
  }
}

/** Waits until it has recovered so many times, and has traded since. */
async function trading(folder: string, times: number): Promise<void> {
  const bot = join(folder, "synthetic-7", "bots", "btc-grid");
  await until("a journal", START_MS_MAX, () => (existsSync(join(bot, "journal.db")) ? true : undefined));
  await until(`${times} recoveries`, START_MS_MAX, () => (counts(bot).recoveries >= times ? true : undefined));
  const { fills } = counts(bot);
  await until("another fill", START_MS_MAX, () => (counts(bot).fills > fills ? true : undefined));
}

test("DUR-49 DUR-58 DUR-68…70 opensqt up, killed again and again, goes on, stops, replays and explains", async () => {
  const folder = mkdtempSync(join(tmpdir(), "opensqt-up-"));
  let running: Running | null = null;
  try {
    for (let i = 1; i <= KILLS; i += 1) {
      running = start(folder);
      await trading(folder, i);
      running.child.kill("SIGKILL");
      await running.ended;
    }
    running = start(folder);
    await trading(folder, KILLS + 1);
    assert.ok(readRunFile(folder) !== null);
    running.child.kill("SIGTERM");
    assert.equal(await running.ended, 0, running.said.join(""));
    running = null;
    assert.equal(readRunFile(folder), null, "nothing of the run is left");
    const market = join(folder, "synthetic-7");
    const bot = join(market, "bots", "btc-grid");
    execFileSync(OPENSQT, ["journal", "verify", bot], { stdio: "pipe" });
    execFileSync(OPENSQT, ["replay", bot], { stdio: "pipe" });
    expectAgreement(market, bot);
    expectAnswers(folder, bot);
  } finally {
    if (running?.child.kill("SIGTERM") === true) await running.ended;
    rmSync(folder, { recursive: true, force: true });
  }
});

/** What was killed is explained and asked what-if like anything else (DUR-69, DUR-70). */
function expectAnswers(folder: string, bot: string): void {
  const { order, text } = rememberedOf(bot);
  const explained = execFileSync(OPENSQT, ["explain", order, "--journal", bot], { encoding: "utf8" });
  assert.ok(explained.includes(order), explained);
  const config = join(folder, "as-it-ran.yaml");
  writeFileSync(config, text);
  const whatIf = execFileSync(OPENSQT, ["what-if", bot, "--config", config, "--json"], { encoding: "utf8" });
  const { data } = JSON.parse(whatIf) as { readonly data: { readonly unchanged: boolean } };
  assert.equal(data.unchanged, true, "the configuration that ran is a replay, bit for bit");
}

/** The newest order a bot decided, and the configuration it has. */
function rememberedOf(bot: string): { readonly order: string; readonly text: string } {
  const reader = openJournalReader(bot);
  try {
    let [order, text] = ["", ""];
    for (const record of reader.records(0)) {
      if (record.kind === "place") order = record.clientOrderId ?? "";
      if (record.kind !== "configured") continue;
      const event = decodeEvent(record);
      if (event.kind === "configured") text = reader.configText(event.hash) ?? "";
    }
    return { order, text };
  } finally {
    reader.close();
  }
}

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
