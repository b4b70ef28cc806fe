// The exchange `opensqt up` trades on: the simulated one, with a synthetic market or a recording, living in a file of its
// own so that it remembers through a kill what it accepted, as a real exchange would.

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { hostname } from "node:os";
import { join, resolve } from "node:path";
import type { Clock } from "../../base/clock.ts";
import { PacedClock } from "../../base/paced-clock.ts";
import type { LoadedConfig } from "../../config/load.ts";
import { assertAccepted } from "../../data/finding.ts";
import { loadData } from "../../data/open.ts";
import type { ExchangePort } from "../../exchange/port.ts";
import { SimulatedPort } from "../../exchange/simulated.ts";
import { SimulatedDriver } from "../../exchange/simulated-driver.ts";
import { readExchange, writeExchange } from "../../exchange/simulated-file.ts";
import { MONOTONIC_CLOCK } from "../../host/wall-clock.ts";
import { JournalLock } from "../../journal/lock.ts";
import { parsePrice } from "../../market/instrument.ts";
import type { Tape } from "../../market/tape.ts";
import { calmMarket } from "../../sim/calm-market.ts";
import { SimulatedExchange } from "../../sim/exchange.ts";
import { type MarketSource, tapeSource } from "../../sim/market-source.ts";
import { type FillModel, type MarketOptions, simulationOptions } from "../../sim/options.ts";
import { SyntheticMarket } from "../../sim/synthetic-market.ts";
import { startProgress } from "../../terminal/progress.ts";
import { EXIT_CODES } from "./exit-codes.ts";
import { CommandError } from "./output.ts";

/** First price of a synthetic market that is told none. */
const DEFAULT_PRICE = "60000";

/** Name of the one account of a paper exchange. */
const PAPER_ACCOUNT = "paper";

export interface PaperMarket {
  readonly clock: Clock;
  /** Folder of everything this market's bots keep: another recording is another exchange. */
  readonly folder: string;
  /** What the numbers are worth, in words. */
  readonly source: string;
  /** The paper account's connection. */
  connect(): ExchangePort;
  /** The bot has lived until `atMs` already: what the market did since the exchange last kept itself is gone through. */
  resumeAt(atMs: number): void;
  /** True when the recording is over. */
  ended(): boolean;
  /** Stands still from now on. */
  stop(): void;
}

export interface PaperMarketOptions {
  /** No progress bar while a recording is loaded. */
  readonly quiet: boolean;
  /** The exchange's memory could not be written; called once. */
  readonly onLost: (error: unknown) => void;
}

/** Makes the exchange of the configuration, as its file remembers it. Errors: DataError, CommandError, LOCK_HELD. */
export async function openPaperMarket(config: LoadedConfig, options: PaperMarketOptions): Promise<PaperMarket> {
  const { simulated, bot, store } = config;
  const speed = simulated.speed === 0 ? FULL_SPEED : simulated.speed;
  const chosen = simulated.data === null ? synthetic(config) : await recorded(config, simulated.data, options);
  const folder = join(resolve(store.sqlite), chosen.folder);
  // before its memory is read: two processes that both believe to be this exchange would forget each other's orders
  const lock = new JournalLock(folder, bot.id, { host: hostname(), pid: process.pid, sinceMs: Date.now() });
  const file = join(folder, "exchange.json");
  const market: MarketOptions = {
    instrument: bot.instrument,
    source: chosen.source,
    fill: chosen.fill,
    margin: { mode: simulated.margin, liquidationFeePpm: 5000 },
    ...(simulated.fees === null ? {} : { fees: simulated.fees }),
  };
  const balances = new Map([[bot.instrument.quote, simulated.balance]]);
  if (simulated.baseBalance > 0n) balances.set(bot.instrument.base, simulated.baseBalance);
  const exchange = new SimulatedExchange(
    simulationOptions({
      seed: simulated.seed,
      markets: [market],
      accounts: [{ name: PAPER_ACCOUNT, balances }],
      latency: simulated.latency,
    }),
  );
  const saved = readExchange(file);
  if (saved !== null) {
    const other = saved.markets.find(({ symbol }) => symbol !== bot.instrument.symbol);
    if (other !== undefined) {
      lock.release();
      const text = `${folder} is where a paper exchange of ${other.symbol} is kept, not of ${bot.instrument.symbol}`;
      throw new CommandError(
        EXIT_CODES.refused,
        text,
        "Name another folder with --data-dir, or another seed with --seed.",
      );
    }
    exchange.restore(saved);
  }
  const startMs = Math.floor((saved === null ? chosen.startUs : exchange.nowUs()) / 1000);
  const clock = new PacedClock(MONOTONIC_CLOCK, startMs, speed);
  const persist = remembering(file, exchange, options.onLost);
  const driver = new SimulatedDriver(exchange, clock, { persist });
  const source = speed === 1 ? chosen.words : `${chosen.words}, ${speed}×`;
  return {
    clock,
    folder,
    source,
    connect: () => new SimulatedPort(driver, { account: PAPER_ACCOUNT, marks: true }),
    resumeAt: (atMs) => clock.skipTo(atMs),
    ended: () => exchange.ended(),
    stop: () => {
      driver.stop();
      lock.release();
    },
  };
}

/** Writes the exchange's memory; when the disk refuses, says so once and goes on, so that the bot can stop in order. */
function remembering(file: string, exchange: SimulatedExchange, onLost: PaperMarketOptions["onLost"]): () => void {
  let lost = false;
  return () => {
    try {
      writeExchange(file, exchange);
    } catch (error) {
      if (!lost) onLost(error);
      lost = true;
    }
  };
}

/** "As fast as it can" in real time: a minute of market in less than a tenth of a second. */
const FULL_SPEED = 1000;

interface Chosen {
  readonly source: MarketSource;
  readonly fill: FillModel;
  readonly startUs: number;
  readonly folder: string;
  readonly words: string;
}

function synthetic(config: LoadedConfig): Chosen {
  const { simulated, bot } = config;
  const startUs = Date.now() * 1000;
  const price = parsePrice(bot.instrument, simulated.startPrice ?? DEFAULT_PRICE, "nearest");
  if (!price.ok) throw new CommandError(EXIT_CODES.refused, `simulated.startPrice: ${price.error}`);
  const { instrument } = bot;
  const source = new SyntheticMarket(calmMarket({ instrument, price: price.value, seed: simulated.seed, startUs }));
  const fill: FillModel = { level: "L2", queue: simulated.fill.queue };
  return { source, fill, startUs, folder: `synthetic-${simulated.seed}`, words: "synthetic market" };
}

async function recorded(config: LoadedConfig, path: string, options: { readonly quiet: boolean }): Promise<Chosen> {
  const { bot } = config;
  const progress = startProgress({
    label: "loading",
    unit: "rows",
    quiet: options.quiet,
    stream: process.stderr,
    nowMs: () => performance.now(),
  });
  const loaded = await loadData([path], {
    symbol: bot.instrument.symbol,
    onProgress: ({ bytesDone, bytesTotal }) =>
      progress.update({ done: bytesDone, total: bytesTotal, simulatedUs: null, equity: null }),
  });
  progress.stop();
  assertAccepted(loaded.findings, []);
  const { tickSize, lotSize } = bot.instrument;
  if (loaded.instrument.tickSize !== tickSize || loaded.instrument.lotSize !== lotSize) {
    const there = `tick ${loaded.instrument.tickSize}, lot ${loaded.instrument.lotSize}`;
    const text = `${path} was read in steps of ${there}; the configuration has tick ${tickSize}, lot ${lotSize}: make them equal`;
    throw new CommandError(EXIT_CODES.refused, text);
  }
  const fill = fillFor(config, loaded.kind);
  const startUs = firstUs(loaded.tape);
  const digest = await fileHash(path);
  const folder = `recorded-${digest.slice(0, 12)}`;
  return { source: tapeSource(loaded.tape), fill, startUs, folder, words: "recorded market" };
}

function fillFor(config: LoadedConfig, kind: string): FillModel {
  const { fill } = config.simulated;
  if (kind === "candles") {
    const path = fill.path === "both" ? "nearest" : fill.path;
    return { level: "L0", path, rule: fill.rule, volumeShareMaxPpm: fill.volumeShareMaxPpm };
  }
  if (kind === "trades" || fill.level === "L1")
    return { level: "L1", queue: fill.queue === "front" ? "front" : "back" };
  return { level: "L2", queue: fill.queue };
}

/** Exchange time of the first row that has one. */
function firstUs(tape: Tape): number {
  for (const us of tape.exchangeUs) if (us > 0) return us;
  return 0;
}

async function fileHash(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}
