// The simulated exchange as a process keeps it (EXCH-47): several instruments, one account, a clock of its own, and a
// file by which it remembers through a kill what it accepted. After a restart it goes through the time that passed
// while it was down, as a real exchange would have gone on.

import { hostname } from "node:os";
import { join } from "node:path";
import type { Clock } from "../base/clock.ts";
import { PacedClock } from "../base/paced-clock.ts";
import type { FillChoice } from "../config/loaded.ts";
import { JournalLock } from "../journal/lock.ts";
import type { Money } from "../market/amounts.ts";
import type { Instrument } from "../market/instrument.ts";
import { SimulatedExchange } from "../sim/exchange.ts";
import { type FeeModel, type Latency, type MarketOptions, simulationOptions } from "../sim/options.ts";
import { followedMarkets } from "./followed.ts";
import {
  PaperExchangeError,
  type PaperSource,
  recordedSource,
  recordingDigest,
  syntheticSource,
} from "./paper-source.ts";
import type { ExchangePort } from "./port.ts";
import { SimulatedPort } from "./simulated.ts";
import { SimulatedDriver } from "./simulated-driver.ts";
import { type KeptExchange, readExchange, writeExchange } from "./simulated-file.ts";

/** Name of the one account of a paper exchange. */
export const PAPER_ACCOUNT = "paper";

/** "As fast as it can" in real time: a minute of market in less than a tenth of a second. */
const FULL_SPEED = 1000;

/** Exchange time that is gone through after an absence; what lies beyond is left out. */
const CATCH_UP_US_MAX = 2 * 3_600_000_000;

/**
 * A made-up market is that old when its exchange opens: who looks finds a chart, and strategies find their candles.
 * Many markets share the time it takes to make it, and none has less than half an hour.
 */
const PAST_US = 2 * 3_600_000_000;
const PAST_US_MIN = PAST_US / 4;

export interface PaperInstrument {
  readonly instrument: Instrument;
  /** Decimal text; null leaves it to the market. */
  readonly startPrice: string | null;
}

export interface PaperExchangeOptions {
  /** Folder of all paper exchanges; each keeps itself in one of its own below it. */
  readonly dataDir: string;
  readonly instruments: readonly PaperInstrument[];
  /** Path of a recording, which is of one instrument; null makes the markets up, or follows. */
  readonly data: string | null;
  /** A real exchange whose public market is followed; the instruments are its own. Closed with the paper exchange. */
  readonly follow?: ExchangePort;
  readonly seed: string;
  /** Seconds of the market in one second; 0: as fast as it can. */
  readonly speed: number;
  /** Asset → opening balance, of a fresh exchange. */
  readonly balances: ReadonlyMap<string, Money>;
  readonly margin: "cross" | "isolated";
  readonly fees: FeeModel | null;
  readonly latency: Latency;
  readonly fill: FillChoice;
  /** Time of the machine that nobody can set: what the market is paced by. */
  readonly machine: Clock;
  /** Unix ms, by which it is known how long the exchange was down. */
  readonly unixMs: () => number;
  /** Told while a recording is read. */
  readonly onProgress?: (progress: { readonly bytesDone: number; readonly bytesTotal: number }) => void;
  /** The exchange's memory could not be written; called once. */
  readonly onLost: (error: unknown) => void;
}

export interface PaperExchange {
  readonly exchange: SimulatedExchange;
  /** The exchange's own time. */
  readonly clock: Clock;
  /** Millionths: 1,000,000 is as fast as the machine's clock. */
  readonly ratePpm: number;
  readonly folder: string;
  /** What the numbers are worth, in words. */
  readonly words: string;
  /** A connection of the paper account. `trades`: sums of the public trades too, which a bot has no use for. */
  connect(options?: { readonly trades?: boolean }): ExchangePort;
  /** A bot has lived until `atMs` already: what the market did since the exchange last kept itself is gone through. */
  resumeAt(atMs: number): void;
  /** True when a recording is over. */
  ended(): boolean;
  /** Stands still from now on; its file and its lock are free. */
  stop(): void;
}

/** Opens the exchange as its file remembers it. Errors: DataError, {@link PaperExchangeError}, LOCK_HELD. */
export async function openPaperExchange(options: PaperExchangeOptions): Promise<PaperExchange> {
  const rate = options.speed === 0 ? FULL_SPEED : options.speed;
  const folder = join(options.dataDir, await folderOf(options));
  // before its memory is read: two processes that both believe to be this exchange would forget each other's orders
  const holder = { host: hostname(), pid: process.pid, sinceMs: options.unixMs() };
  const lock = new JournalLock(folder, PAPER_ACCOUNT, holder);
  try {
    const file = join(folder, "exchange.json");
    const saved = readExchange(file);
    const openedUs = options.unixMs() * 1000;
    const time: { clock: Clock | null } = { clock: null };
    const nowUs = (): number => (time.clock === null ? openedUs : time.clock.nowMs() * 1000);
    const sources = await sourcesOf(options, {
      startUs: saved?.nowUs ?? openedUs - Math.max(PAST_US_MIN, PAST_US / Math.max(1, options.instruments.length)),
      nowUs,
    });
    const exchange = makeExchange(options, sources.markets);
    if (saved !== null) restore(exchange, saved, folder);
    const freshUs = options.data === null ? openedUs : firstUs(sources.markets);
    const startUs = saved === null ? freshUs : resumedUs(exchange, saved, { options, rate });
    const clock = new PacedClock(options.machine, Math.floor(startUs / 1000), rate);
    time.clock = clock;
    await sources.begin(exchange);
    catchUp(exchange, clock.nowMs() * 1000);
    const driver = new SimulatedDriver(exchange, clock, { persist: remembering(file, exchange, options) });
    return {
      exchange,
      clock,
      ratePpm: Math.round(rate * 1_000_000),
      folder,
      words: rate === 1 ? sources.words : `${sources.words}, ${rate}×`,
      connect: ({ trades = false } = {}) => new SimulatedPort(driver, { account: PAPER_ACCOUNT, marks: true, trades }),
      resumeAt: (atMs) => clock.skipTo(atMs),
      ended: () => exchange.ended(),
      stop: () => {
        driver.stop();
        sources.end();
        lock.release();
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

interface Sources {
  readonly markets: readonly (PaperSource & { readonly instrument: Instrument })[];
  readonly words: string;
  /** What must be done before the exchange goes on: nothing, or beginning to follow. */
  readonly begin: (exchange: SimulatedExchange) => Promise<void>;
  readonly end: () => void;
}

const ALONE = { begin: async () => undefined, end: () => undefined } as const;

/** Another seed, another recording or another exchange that is followed is another exchange. */
async function folderOf({ data, seed, follow }: PaperExchangeOptions): Promise<string> {
  if (follow !== undefined) return `followed-${follow.name}`;
  return data === null ? `synthetic-${seed}` : `recorded-${await recordingDigest(data)}`;
}

async function sourcesOf(
  options: PaperExchangeOptions,
  { startUs, nowUs }: { readonly startUs: number; readonly nowUs: () => number },
): Promise<Sources> {
  const { data, seed, fill, instruments, follow } = options;
  if (follow !== undefined) {
    const followed = followedMarkets(follow, { instruments: instruments.map(({ instrument }) => instrument), nowUs });
    const markets = followed.markets.map(({ instrument, source }) => {
      return { instrument, source, fill: { level: "L2", queue: fill.queue } as const, startUs: nowUs() };
    });
    return { markets, words: `live market of ${follow.name}`, begin: followed.begin, end: followed.end };
  }
  if (data === null) {
    const markets = instruments.map(({ instrument, startPrice }, i) => {
      // the first market is the one a seed has always meant
      const own = i === 0 ? seed : `${seed}/${instrument.symbol}`;
      return { instrument, ...syntheticSource(instrument, { seed: own, startPrice, startUs, fill }) };
    });
    return { markets, words: "synthetic market", ...ALONE };
  }
  const [first, ...others] = instruments;
  if (first === undefined || others.length > 0) {
    const named = instruments.map(({ instrument }) => instrument.symbol).join(", ");
    const text = `a recording is of one instrument, and the configuration has ${instruments.length}: ${named}`;
    throw new PaperExchangeError("ONE_INSTRUMENT", text, "Leave one instrument, or the recording out.");
  }
  const { instrument } = first;
  const onProgress = options.onProgress ?? (() => undefined);
  const source = await recordedSource(data, instrument, { fill, onProgress });
  return { markets: [{ instrument, ...source }], words: "recorded market", ...ALONE };
}

function makeExchange(options: PaperExchangeOptions, markets: Sources["markets"]): SimulatedExchange {
  const { fees } = options;
  return new SimulatedExchange(
    simulationOptions({
      seed: options.seed,
      markets: markets.map(
        ({ instrument, source, fill }): MarketOptions => ({
          instrument,
          source,
          fill,
          margin: { mode: options.margin, liquidationFeePpm: 5000 },
          ...(fees === null ? {} : { fees }),
        }),
      ),
      accounts: [{ name: PAPER_ACCOUNT, balances: options.balances }],
      latency: options.latency,
    }),
  );
}

function restore(exchange: SimulatedExchange, saved: KeptExchange, folder: string): void {
  const missing = saved.markets.map(({ symbol }) => symbol).filter((symbol) => !exchange.markets.has(symbol));
  if (missing.length > 0) {
    const kept = `a paper exchange of ${missing.join(", ")} is kept`;
    const text = `${folder} is where ${kept}, which the configuration leaves out`;
    const advice = "Name another folder with --data-dir, or another seed with --seed, or add the instrument again.";
    throw new PaperExchangeError("INSTRUMENTS_CHANGED", text, advice);
  }
  exchange.restore(saved);
}

const firstUs = (markets: Sources["markets"]): number => Math.min(...markets.map(({ startUs }) => startUs));

/** Exchange time now: where it was kept, and what passed since. A recording nobody watched for long waits instead. */
function resumedUs(
  exchange: SimulatedExchange,
  saved: KeptExchange,
  { options, rate }: { readonly options: PaperExchangeOptions; readonly rate: number },
): number {
  const awayMs = saved.keptAtMs === undefined ? 0 : Math.max(0, options.unixMs() - saved.keptAtMs);
  const nowUs = exchange.nowUs() + Math.round(awayMs * rate) * 1000;
  if (nowUs - exchange.nowUs() <= CATCH_UP_US_MAX) return nowUs;
  if (options.data !== null) return exchange.nowUs();
  exchange.skipTo(nowUs);
  return nowUs;
}

/** Nobody listens yet: what happens is booked, and found by whoever asks. */
function catchUp(exchange: SimulatedExchange, nowUs: number): void {
  for (let due = exchange.advance(nowUs); due <= nowUs; due = exchange.advance(nowUs)) exchange.deliver(nowUs);
}

/** Writes the exchange's memory; when the disk refuses, says so once and goes on, so that bots can stop in order. */
function remembering(file: string, exchange: SimulatedExchange, options: PaperExchangeOptions): () => void {
  let lost = false;
  return () => {
    try {
      writeExchange(file, exchange, options.unixMs());
    } catch (error) {
      if (!lost) options.onLost(error);
      lost = true;
    }
  };
}
