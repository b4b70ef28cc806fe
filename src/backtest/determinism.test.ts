// Equal data, configuration and seed give equal decisions and an equal state, whatever the way: twice, in pieces, with
// a journal, as paper, replayed.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { presentData, skipWithoutData } from "../../test/data.ts";
import { dataPrepare } from "../data/commands.ts";
import { productionEngine } from "../host/engine.ts";
import { replayJournal } from "../host/replay-journal.ts";
import { openJournalReader } from "../journal/reader.ts";
import { openSqliteJournal } from "../journal/sqlite-open.ts";
import { type MarketData, type MarketDataOptions, recordedMarket } from "./market-data.ts";
import { calmMarketOf, decisionsOf, gridConfig, paperDecisionsOf, planOf } from "./run.fixture.ts";

const CAPTURE = "ticks/binance-usdm-btcusdt_20240808.gz";
const SECONDS = 1200;
/** Each turn of these is on the disk. */
const JOURNALED_SECONDS = 240;

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "opensqt-determinism-"));
  try {
    await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const journalIn = (dir: string) =>
  openSqliteJournal(dir, {
    bot: "fixture",
    tag: gridConfig().bot.tag,
    sync: "kill",
    holder: { host: "test", pid: 1, sinceMs: 0 },
    warn: () => undefined,
    reserveBytes: 0,
  });

/** State hash, events and effects of a whole replay; it throws where anything differs from what was recorded. */
function replayed(dir: string): { readonly stateHash: string; readonly effects: number } {
  const reader = openJournalReader(dir);
  try {
    reader.verify(0);
    const { stateHash, effects } = replayJournal(reader, {
      engine: productionEngine,
      fromSeq: 1,
      toSeq: Number.MAX_SAFE_INTEGER,
    });
    return { stateHash, effects };
  } finally {
    reader.close();
  }
}

test("BT-25 two runs of one backtest give the same effects and the same state hash; another seed gives others", async () => {
  const config = gridConfig();
  const first = await decisionsOf(planOf(config, calmMarketOf(config, SECONDS)));
  const second = await decisionsOf(planOf(config, calmMarketOf(config, SECONDS)));
  assert.ok(first.fills > 20, `only ${first.fills} fills: this proves little`);
  assert.deepEqual(second, first);
  const other = gridConfig(2);
  const third = await decisionsOf(planOf(other, calmMarketOf(other, SECONDS)));
  assert.notEqual(third.stateHash, first.stateHash);
});

test(
  "BT-25 a raw file, the prepared file, and its pieces of any size give the same run",
  skipWithoutData(CAPTURE),
  async () => {
    await inFolder(async (folder) => {
      const config = gridConfig();
      const raw = presentData(CAPTURE);
      const prepared = join(folder, "capture.osq");
      const quiet = { out: () => undefined, err: () => undefined };
      assert.equal(await dataPrepare({ files: [raw], out: prepared }, quiet), 0);
      const options: MarketDataOptions = { instrument: config.bot.instrument, accept: [] };
      const run = async (market: MarketData) => {
        const decisions = await decisionsOf(planOf(config, market));
        market.close();
        return decisions;
      };
      const whole = await run(await recordedMarket([raw], options));
      assert.ok(whole.fills > 5);
      for (const pieceRows of [undefined, 1 << 16, 4096, 777]) {
        const more = pieceRows === undefined ? {} : { pieceRows };
        assert.deepEqual(await run(await recordedMarket([prepared], { ...options, ...more })), whole);
      }
    });
  },
);

test("BT-26 the journal of a backtest is an ordinary one: verified, and replayed to the same state", async () => {
  await inFolder(async (folder) => {
    const config = gridConfig();
    const market = calmMarketOf(config, JOURNALED_SECONDS);
    const silent = await decisionsOf(planOf(config, market));
    const journal = journalIn(folder);
    const journaled = await decisionsOf(planOf(config, market, { journal }));
    journal.close();
    assert.deepEqual(journaled, silent);
    const again = replayed(folder);
    assert.equal(again.stateHash, silent.stateHash);
    assert.ok(again.effects >= silent.effects.length);
  });
});

test("TEST-P32 backtest, paper at full speed, and replay of that paper run agree order for order", async () => {
  for (const seed of [1, 2, 3]) {
    await inFolder(async (folder) => {
      const config = gridConfig(seed);
      const market = calmMarketOf(config, JOURNALED_SECONDS);
      const backtest = await decisionsOf(planOf(config, market));
      const journal = journalIn(folder);
      const paper = paperDecisionsOf(planOf(config, market), journal);
      journal.close();
      assert.ok(backtest.fills > 5);
      assert.deepEqual(paper.effects, backtest.effects);
      assert.equal(paper.fills, backtest.fills);
      assert.equal(paper.stateHash, backtest.stateHash);
      assert.equal(replayed(folder).stateHash, paper.stateHash);
    });
  }
});
