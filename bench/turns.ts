// The journal against the bare store it stands on (DUR-13, TEST-38): one turn of one book and one place, turns of 32
// events, and turns that must be on the disk before their order leaves.

import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openMemoryJournal } from "../src/journal/memory.ts";
import type { Journal, SyncPolicy } from "../src/journal/port.ts";
import { openSqliteJournal } from "../src/journal/sqlite-open.ts";
import { lots, ticks } from "../src/market/amounts.ts";
import { recordedApproval } from "../src/risk/recorded.ts";
import { makeClientOrderId } from "../src/trading/client-order-id.ts";
import type { Effect } from "../src/trading/effect.ts";
import type { BookEvent, Level } from "../src/trading/event.ts";
import { alternate, type BenchOptions, best, median, medianRatio, p99, type Rounds, roundsOf } from "./rounds.ts";
import { numberText, type Row } from "./row.ts";

const TURNS = 2_000;
const SYNCED_TURNS = 200;
const TURN_EVENTS = 32;
const TAG = "bench0";
const START_MS = 1_700_000_000_000;

export async function benchTurns(options: BenchOptions, dir: string): Promise<readonly Row[]> {
  const kill = open(dir, "kill");
  const send = open(dir, "send");
  const memory = openMemoryJournal();
  const bare = new BareTable(join(dir, "bare.db"), "x".repeat(430));
  try {
    const one = await alternate(
      roundsOf(options),
      () => times(TURNS, () => turn(kill, 1)),
      () => times(TURNS, () => bare.turn()),
    );
    const many = await alternate(
      roundsOf(options),
      () => times(TURNS / 10, () => turn(kill, TURN_EVENTS)),
      () => times(TURNS / 10, () => turn(memory, TURN_EVENTS)),
    );
    return [turnRow(one), manyRow(many), ...(await syncedRows(options, send, kill))];
  } finally {
    for (const each of [kill, send, memory, bare]) each.close();
  }
}

const each = (ms: number, count: number): string => `${numberText((ms * 1_000) / count)} µs`;

const turnRow = (rounds: Rounds): Row => ({
  bench: "turn",
  measure: "turn of one book and one place, SQLite `kill` / a bare SQLite insert of two rows",
  value: medianRatio(rounds),
  unit: "×",
  must: null,
  want: null,
  detail: `${each(best(rounds.a), TURNS)} against ${each(best(rounds.b), TURNS)}: codec, chain, checks included`,
});

const manyRow = (rounds: Rounds): Row => ({
  bench: "turn",
  measure: "turn of 32 events and one place, SQLite `kill` / memory journal",
  value: medianRatio(rounds),
  unit: "×",
  must: { most: 5 },
  want: null,
  detail: `${each(best(rounds.a), TURNS / 10)} against ${each(best(rounds.b), TURNS / 10)}`,
});

/** The disk decides these: each turn is timed alone, for its 99th percentile. */
async function syncedRows(options: BenchOptions, send: Journal, kill: Journal): Promise<readonly Row[]> {
  const tails: number[] = [];
  const rounds = await alternate(
    roundsOf(options),
    () => {
      const turnsMs: number[] = [];
      times(SYNCED_TURNS, () => {
        const start = performance.now();
        turn(send, 1);
        turnsMs.push(performance.now() - start);
      });
      tails.push(p99(turnsMs));
    },
    () => times(SYNCED_TURNS, () => turn(kill, 1)),
  );
  const detail = `${each(best(rounds.a), SYNCED_TURNS)} against ${each(best(rounds.b), SYNCED_TURNS)}`;
  const common = { bench: "turn", want: null } as const;
  return [
    {
      ...common,
      measure: "turn with one order, `send` (on the disk before it leaves) / `kill`",
      value: medianRatio(rounds),
      unit: "×",
      must: { most: 40 },
      detail,
    },
    {
      ...common,
      measure: "turn with one order, `send`, 99th percentile, best round",
      value: best(tails),
      unit: "ms",
      must: { most: 5 },
      detail: `median of the rounds ${numberText(median(tails))} ms; the disk of the temporary folder is measured with it`,
    },
  ];
}

function times(count: number, work: () => void): void {
  for (let i = 0; i < count; i += 1) work();
}

function open(dir: string, sync: SyncPolicy): Journal {
  const holder = { host: "bench", pid: process.pid, sinceMs: START_MS };
  const options = { bot: "bench", tag: TAG, sync, holder, warn: console.warn, reserveBytes: 0 };
  return openSqliteJournal(join(dir, sync), options);
}

/** Half A with `events` books, half B with one place. */
function turn(journal: Journal, events: number): void {
  const firstSeq = journal.seq + 1;
  const books = Array.from({ length: events }, (_, i) => book(firstSeq + i));
  journal.appendEvents(firstSeq, books);
  const { seq } = journal;
  const effects = [{ seq, index: 0, atMs: START_MS + seq, effect: place(seq) }];
  journal.appendEffects({ effects, postings: [], mark: null, sends: true });
}

/** Five levels a side, as strategies may read. */
function book(seq: number): BookEvent {
  const side = (step: number): Level[] =>
    Array.from({ length: 5 }, (_, i): Level => [ticks(600_000 + step * (i + 1) + (seq % 50)), lots(100 + i)]);
  const [bids, asks] = [side(-1), side(1)];
  const symbol = "BTC/USDT:USDT";
  return { kind: "book", atMs: START_MS + seq, symbol, bids, asks, exchangeAtMs: START_MS, replaced: 0 };
}

const place = (seq: number): Effect => ({
  kind: "place",
  clientOrderId: makeClientOrderId({ tag: TAG, lineage: 1, seq, index: 0 }),
  order: recordedApproval({
    symbol: "BTC/USDT:USDT",
    side: "buy",
    price: ticks(600_000),
    quantity: lots(10),
    timeInForce: "GTC",
    postOnly: true,
    reduceOnly: false,
    slotKey: `L/${seq % 20}`,
  }),
  because: { code: "grid.entry", slot: seq % 20, gap: 100 },
});

/** The same bytes in two rows and one transaction, with nothing else around it. */
class BareTable {
  private readonly db: DatabaseSync;
  private readonly begin;
  private readonly insert;
  private readonly commit;
  private readonly body: string;
  private rows = 0;

  constructor(path: string, body: string) {
    this.body = body;
    this.db = new DatabaseSync(path);
    this.db.exec(
      "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; CREATE TABLE bare (id INTEGER PRIMARY KEY, body TEXT)",
    );
    this.begin = this.db.prepare("BEGIN IMMEDIATE");
    this.insert = this.db.prepare("INSERT INTO bare (id, body) VALUES (?, ?)");
    this.commit = this.db.prepare("COMMIT");
  }

  turn(): void {
    this.begin.run();
    for (let i = 0; i < 2; i += 1) {
      this.rows += 1;
      this.insert.run(this.rows, this.body);
    }
    this.commit.run();
  }

  close(): void {
    this.db.close();
  }
}
