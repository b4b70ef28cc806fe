// Recovery (TEST-38): a journal of a million events opened after a kill, replay against the run that wrote it, and
// whether a ten times longer tail takes ten times as long.

import { join } from "node:path";
import { runBacktest } from "../src/backtest/runner.ts";
import { productionEngine } from "../src/host/engine.ts";
import { identityOf, replayJournal } from "../src/host/replay-journal.ts";
import { replayTail } from "../src/host/replay-tail.ts";
import type { Journal, JournalReader, JournalRecord } from "../src/journal/port.ts";
import { openSqliteJournal } from "../src/journal/sqlite-open.ts";
import { syntheticPlan } from "./plans.ts";
import { alternate, type BenchOptions, best, median, medianRatio, msText, roundsOf } from "./rounds.ts";
import { numberText, type Row } from "./row.ts";

const EVENTS = 1_000_000;
const TAILS = { long: 50_000, short: 5_000 };

export async function benchRecovery(options: BenchOptions, dir: string): Promise<readonly Row[]> {
  const wanted = options.quick ? EVENTS / 10 : EVENTS;
  const path = join(dir, "journal");
  const run = await write(path, wanted);
  return [await openRow(options, path, run), await replayRow(options, path, run), await tailRow(options, path)];
}

interface Written {
  readonly events: number;
  readonly records: number;
  readonly eventsPerSecond: number;
}

/** A grid on a synthetic market, journaled as `up` does it, until so many events are in; then the process "dies". */
async function write(path: string, events: number): Promise<Written> {
  const journal = open(path);
  let ended = false;
  const start = performance.now();
  // the end of the data is out of reach: the run is over when the journal is long enough
  const plan = { ...syntheticPlan(30 * 86_400), journal: unsealed(journal) };
  const { events: seen } = await runBacktest(plan, {
    onProgress: (progress) => {
      ended = progress.events >= events;
      return ended;
    },
  });
  const seconds = (performance.now() - start) / 1_000;
  const records = journal.position;
  journal.close();
  if (!ended) throw new Error("the run ended before the journal was long enough");
  return { events: seen, records, eventsPerSecond: seen / seconds };
}

async function openRow(options: BenchOptions, path: string, run: Written): Promise<Row> {
  const ms: number[] = [];
  let replayed = 0;
  for (let round = 0; round < roundsOf(options); round += 1) {
    const start = performance.now();
    const journal = open(path);
    replayed = replayTail(journal, { engine: productionEngine, identity: identityOf(journal), warn: fail }).records;
    ms.push(performance.now() - start);
    journal.close();
  }
  return {
    bench: "recovery",
    measure: `recovery of a journal of ${numberText(run.events)} events: opened, snapshot checked, tail replayed`,
    value: median(ms),
    unit: "ms",
    must: null,
    want: null,
    detail: `${msText(ms)}; ${numberText(run.records)} records, ${replayed} of them after the snapshot`,
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

async function tailRow(options: BenchOptions, path: string): Promise<Row> {
  const journal = open(path);
  const recover = (records: number) => () => {
    const tail = new FirstRecords(journal, records);
    const replayed = replayTail(tail, { engine: productionEngine, identity: identityOf(journal), warn: fail });
    if (replayed.state.seq === 0) throw new Error("nothing was replayed");
  };
  const rounds = await alternate(roundsOf(options), recover(TAILS.long), recover(TAILS.short));
  journal.close();
  const ms = (values: readonly number[]): string => `${numberText(best(values))} ms`;
  return {
    bench: "recovery",
    measure: "recovery of 50,000 / 5,000 tail records",
    value: medianRatio(rounds),
    unit: "×",
    must: { most: 12 },
    want: null,
    detail: `${ms(rounds.a)} against ${ms(rounds.b)}, no snapshot to help`,
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

/** A process that is killed seals nothing. */
function unsealed(journal: Journal): Journal {
  return new Proxy(journal, {
    get: (target, name) => {
      if (name === "seal") return () => {};
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** The beginning of a journal, as if nothing came after it and no snapshot had been taken. */
class FirstRecords implements JournalReader {
  readonly meta;
  readonly position: number;
  readonly seq;
  readonly chainHash;
  private readonly whole: JournalReader;

  constructor(whole: JournalReader, records: number) {
    this.whole = whole;
    this.meta = whole.meta;
    this.position = records;
    this.seq = whole.seq;
    this.chainHash = whole.chainHash;
  }

  *records(after: number): IterableIterator<JournalRecord> {
    for (const record of this.whole.records(after)) {
      if (record.position > this.position) return;
      yield record;
    }
  }

  newestSnapshot(): null {
    return null;
  }

  snapshots(): readonly [] {
    return [];
  }

  hasFill(exchange: string, symbol: string, tradeId: string, side: "buy" | "sell"): boolean {
    return this.whole.hasFill(exchange, symbol, tradeId, side);
  }

  postings(afterSeq: number): ReturnType<JournalReader["postings"]> {
    return this.whole.postings(afterSeq);
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
