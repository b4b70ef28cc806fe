// Recovery (TEST-38): a journal of a million events opened after a kill, replay against the run that wrote it, and
// whether a ten times longer tail takes ten times as long.

import { join } from "node:path";
import { runBacktest } from "../src/backtest/runner.ts";
import { productionEngine } from "../src/host/engine.ts";
import { identityOf, replayJournal } from "../src/host/replay-journal.ts";
import { replayTail } from "../src/host/replay-tail.ts";
import type { Journal, JournalReader, JournalRecord, Snapshot } from "../src/journal/port.ts";
import { openSqliteJournal } from "../src/journal/sqlite-open.ts";
import { syntheticPlan } from "./plans.ts";
import { alternate, type BenchOptions, best, median, medianRatio, p99, roundsOf } from "./rounds.ts";
import { numberText, type Row } from "./row.ts";

const EVENTS = 1_000_000;
/** Nearly a snapshot's worth more: the longest tail there can be is the one to replay. */
const TAIL_EVENTS = 9_900;
/** Starts that are timed: enough for a 99th percentile. */
const STARTS = 100;
const TAILS = { long: 50_000, short: 5_000 };
/** Newest snapshots held back, enough to reach over two long tails. */
const SNAPSHOTS = 40;

export async function benchRecovery(options: BenchOptions, dir: string): Promise<readonly Row[]> {
  const wanted = (options.quick ? EVENTS / 10 : EVENTS) + TAIL_EVENTS;
  const tails = options.quick ? { long: 20_000, short: 2_000 } : TAILS;
  const path = join(dir, "journal");
  const run = await write(path, wanted, tails.long);
  const rows = [await openRow(options, path, run), await replayRow(options, path, run)];
  return [...rows, await tailRow(options, path, { run, ...tails })];
}

interface Written {
  /** A snapshot near the end of the run, when the state was as large as it gets: what the tails are replayed from. */
  readonly middle: Snapshot;
  readonly events: number;
  readonly records: number;
  readonly eventsPerSecond: number;
}

/** A grid on a synthetic market, journaled as `up` does it, until so many events are in; then the process "dies". */
async function write(path: string, events: number, tail: number): Promise<Written> {
  const journal = open(path);
  let ended = false;
  const start = performance.now();
  // the end of the data is out of reach: the run is over when the journal is long enough
  const taken: Snapshot[] = [];
  const plan = { ...syntheticPlan(30 * 86_400), journal: unsealed(journal, taken) };
  const { events: seen } = await runBacktest(plan, {
    onProgress: (progress) => {
      ended = progress.events >= events;
      return ended;
    },
  });
  const seconds = (performance.now() - start) / 1_000;
  const records = journal.position;
  journal.close();
  const middle = taken.findLast((snapshot) => snapshot.position + tail <= records);
  if (!ended || middle === undefined) throw new Error("the run ended before the journal was long enough");
  return { middle, events: seen, records, eventsPerSecond: seen / seconds };
}

async function openRow(options: BenchOptions, path: string, run: Written): Promise<Row> {
  const ms: number[] = [];
  const starts = options.quick ? STARTS / 4 : STARTS;
  let replayed = 0;
  for (let round = 0; round < starts; round += 1) {
    const start = performance.now();
    const journal = open(path);
    replayed = replayTail(journal, { engine: productionEngine, identity: identityOf(journal), warn: fail }).records;
    ms.push(performance.now() - start);
    journal.close();
  }
  return {
    bench: "recovery",
    measure: `recovery of a journal of ${numberText(run.events)} events, 99th percentile: opened, snapshot checked, tail replayed`,
    value: p99(ms),
    unit: "ms",
    must: { most: 1_000 },
    want: null,
    detail: `${starts} starts, median ${numberText(median(ms))} ms, slowest ${numberText(Math.max(...ms))} ms; ${numberText(run.records)} records, ${replayed} of them after the snapshot`,
  };
}

async function replayRow(options: BenchOptions, path: string, run: Written): Promise<Row> {
  const toSeq = Math.min(run.events, 100_000);
  const rates: number[] = [];
  for (let round = 0; round < Math.min(3, roundsOf(options)); round += 1) {
    const journal = open(path);
    const start = performance.now();
    const { events } = replayJournal(journal, { engine: productionEngine, fromSeq: 1, toSeq });
    rates.push((events * 1_000) / (performance.now() - start));
    journal.close();
  }
  const rate = median(rates);
  return {
    bench: "recovery",
    measure: "replay from the first event, every effect compared / the run that wrote the journal, events per second",
    value: rate / run.eventsPerSecond,
    unit: "×",
    must: { least: 0.5 },
    want: null,
    detail: `${numberText(rate)} against ${numberText(run.eventsPerSecond)} events/s; the run has the market to make`,
  };
}

interface Tails {
  readonly run: Written;
  readonly long: number;
  readonly short: number;
}

async function tailRow(options: BenchOptions, path: string, { run, long, short }: Tails): Promise<Row> {
  const journal = open(path);
  const recover = (records: number) => () => {
    const tail = new Tail(journal, run.middle, records);
    const replayed = replayTail(tail, { engine: productionEngine, identity: identityOf(journal), warn: fail });
    if (replayed.records !== records) throw new Error(`${replayed.records} records were replayed, not ${records}`);
  };
  const rounds = await alternate(roundsOf(options), recover(long), recover(short));
  journal.close();
  const ms = (values: readonly number[]): string => `${numberText(best(values))} ms`;
  return {
    bench: "recovery",
    measure: `recovery of ${numberText(long)} / ${numberText(short)} tail records`,
    value: medianRatio(rounds),
    unit: "×",
    must: { most: 12 },
    want: null,
    detail: `${ms(rounds.a)} against ${ms(rounds.b)}, after a snapshot of ${numberText(run.middle.state.length)} bytes`,
  };
}

function open(path: string): Journal {
  const holder = { host: "bench", pid: process.pid, sinceMs: Date.now() };
  const options = { bot: "bench", tag: "bench0", sync: "kill" as const, holder, warn: fail, reserveBytes: 0 };
  return openSqliteJournal(path, options);
}

function fail(text: string): never {
  throw new Error(text);
}

/** A process that is killed seals nothing. Snapshots are also put into `taken`, because a journal keeps only three. */
function unsealed(journal: Journal, taken: Snapshot[]): Journal {
  return new Proxy(journal, {
    get: (target, name) => {
      if (name === "seal") return () => {};
      if (name === "writeSnapshot") {
        return (snapshot: Snapshot): void => {
          taken.push(snapshot);
          if (taken.length > SNAPSHOTS) taken.shift();
          target.writeSnapshot(snapshot);
        };
      }
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** A journal that ends so many records after a snapshot. */
class Tail implements JournalReader {
  readonly meta;
  readonly position: number;
  readonly seq;
  readonly chainHash;
  readonly oldest = 0;
  private readonly whole: JournalReader;
  private readonly snapshot: Snapshot;

  constructor(whole: JournalReader, snapshot: Snapshot, records: number) {
    this.whole = whole;
    this.snapshot = snapshot;
    this.meta = whole.meta;
    this.position = snapshot.position + records;
    this.seq = whole.seq;
    this.chainHash = whole.chainHash;
  }

  *records(after: number): IterableIterator<JournalRecord> {
    for (const record of this.whole.records(after)) {
      if (record.position > this.position) return;
      yield record;
    }
  }

  newestSnapshot(): Snapshot {
    return this.snapshot;
  }

  snapshots(): readonly Snapshot[] {
    return [this.snapshot];
  }

  hasFill(exchange: string, symbol: string, tradeId: string, side: "buy" | "sell"): boolean {
    return this.whole.hasFill(exchange, symbol, tradeId, side);
  }

  postings(afterSeq: number): ReturnType<JournalReader["postings"]> {
    return this.whole.postings(afterSeq);
  }

  kept(): readonly JournalRecord[] {
    return this.whole.kept();
  }

  configText(hash: string): string | null {
    return this.whole.configText(hash);
  }

  placeOf(clientOrderId: string): JournalRecord | null {
    return this.whole.placeOf(clientOrderId);
  }

  verify(after: number): number {
    return this.whole.verify(after);
  }

  close(): void {}
}
