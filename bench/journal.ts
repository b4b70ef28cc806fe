// The journal against the bare store it stands on (DUR-13, TEST-38): one turn of one event and one effect, and a journal
// of a million events written, read, verified and opened. Run: `node bench/journal.ts [events]`.

import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { decodeEvent } from "../src/journal/codec.ts";
import { openMemoryJournal } from "../src/journal/memory.ts";
import type { OpenOptions } from "../src/journal/open-options.ts";
import type { Journal, SyncPolicy } from "../src/journal/port.ts";
import { openSqliteJournal } from "../src/journal/sqlite-open.ts";
import { lots, ticks } from "../src/market/amounts.ts";
import { recordedApproval } from "../src/risk/recorded.ts";
import { makeClientOrderId } from "../src/trading/client-order-id.ts";
import type { Effect } from "../src/trading/effect.ts";
import type { BookEvent, Level } from "../src/trading/event.ts";

const ROUNDS = 7;
const TURNS = 5000;
const TAG = "bench0";
const START_MS = 1_700_000_000_000;

const options = (sync: SyncPolicy): OpenOptions => ({
  bot: "bench",
  tag: TAG,
  sync,
  holder: { host: "bench", pid: process.pid, sinceMs: START_MS },
  warn: console.warn,
});

/** Five levels a side, as strategies may read. */
function book(seq: number): BookEvent {
  const side = (step: number): Level[] =>
    Array.from({ length: 5 }, (_, i): Level => [ticks(600_000 + step * (i + 1) + (seq % 50)), lots(100 + i)]);
  const [bids, asks] = [side(-1), side(1)];
  return {
    kind: "book",
    atMs: START_MS + seq,
    symbol: "BTC/USDT:USDT",
    bids,
    asks,
    exchangeAtMs: START_MS,
    replaced: 0,
  };
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

function turn(journal: Journal, sends: boolean): void {
  const seq = journal.seq + 1;
  const event = book(seq);
  journal.appendEvents(seq, [event]);
  const effects = [{ seq, index: 0, atMs: event.atMs, effect: place(seq) }];
  journal.appendEffects({ effects, postings: [], mark: null, sends });
}

/** The same bytes in two rows and one transaction, with nothing else around it. */
class BareTable {
  private readonly db: DatabaseSync;
  private readonly begin;
  private readonly insert;
  private readonly commit;
  private rows = 0;

  constructor(path: string, body: string) {
    this.db = new DatabaseSync(path);
    this.db.exec(
      "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; CREATE TABLE bare (id INTEGER PRIMARY KEY, body TEXT)",
    );
    this.begin = this.db.prepare("BEGIN IMMEDIATE");
    this.insert = this.db.prepare("INSERT INTO bare (id, body) VALUES (?, ?)");
    this.commit = this.db.prepare("COMMIT");
    this.body = body;
  }

  private readonly body: string;

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

/** Microseconds of one call, on average over `times`. */
function microseconds(times: number, work: () => void): number {
  const start = performance.now();
  for (let i = 0; i < times; i += 1) work();
  return ((performance.now() - start) * 1000) / times;
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

export interface TurnBench {
  readonly bareUs: number;
  readonly journalUs: number;
  readonly sendUs: number;
  readonly memoryUs: number;
  /** Medians of the ratios of each round. */
  readonly journalPerBare: number;
  readonly journalPerMemory: number;
}

/** One turn (A with one book, B with one place), alternated with the bare insert. */
export function benchTurn(dir: string): TurnBench {
  const journal = openSqliteJournal(join(dir, "turn"), { ...options("kill"), reserveBytes: 0 });
  const sending = openSqliteJournal(join(dir, "send"), { ...options("send"), reserveBytes: 0 });
  const memory = openMemoryJournal();
  const bare = new BareTable(join(dir, "bare.db"), "x".repeat(430));
  const rounds = Array.from({ length: ROUNDS }, () => ({
    bare: microseconds(TURNS, () => bare.turn()),
    journal: microseconds(TURNS, () => turn(journal, true)),
    send: microseconds(TURNS / 10, () => turn(sending, true)),
    memory: microseconds(TURNS, () => turn(memory, true)),
  }));
  for (const open of [journal, sending, bare]) open.close();
  return {
    bareUs: median(rounds.map((round) => round.bare)),
    journalUs: median(rounds.map((round) => round.journal)),
    sendUs: median(rounds.map((round) => round.send)),
    memoryUs: median(rounds.map((round) => round.memory)),
    journalPerBare: median(rounds.map((round) => round.journal / round.bare)),
    journalPerMemory: median(rounds.map((round) => round.journal / round.memory)),
  };
}

export interface LongBench {
  readonly records: number;
  readonly bytes: number;
  readonly writeUs: number;
  readonly scanUs: number;
  readonly decodeUs: number;
  readonly verifyUs: number;
  readonly openSeconds: number;
}

/** A journal of `events` books in turns of 32, then read, decoded, verified and opened without a snapshot; per record. */
export function benchLong(dir: string, events: number): LongBench {
  const path = join(dir, "long");
  const journal = openSqliteJournal(path, { ...options("kill"), reserveBytes: 0 });
  const writeUs = microseconds(1, () => {
    for (let seq = 1; seq <= events; seq += 32) {
      journal.appendEvents(
        seq,
        Array.from({ length: Math.min(32, events - seq + 1) }, (_, i) => book(seq + i)),
      );
    }
  });
  const scanUs = microseconds(1, () => {
    for (const _record of journal.records(0));
  });
  const decodeUs = microseconds(1, () => {
    for (const record of journal.records(0)) decodeEvent(record);
  });
  const verifyUs = microseconds(1, () => journal.verify(0));
  journal.close();
  const open = microseconds(1, () => openSqliteJournal(path, { ...options("kill"), reserveBytes: 0 }).close());
  const { size } = statSync(join(path, "journal.db"));
  const each = (us: number): number => us / events;
  return {
    records: events,
    bytes: size,
    writeUs: each(writeUs),
    scanUs: each(scanUs),
    decodeUs: each(decodeUs),
    verifyUs: each(verifyUs),
    openSeconds: open / 1e6,
  };
}

if (import.meta.main) {
  const dir = mkdtempSync(join(tmpdir(), "opensqt-bench-"));
  try {
    console.log(benchTurn(dir));
    console.log(benchLong(dir, Number.parseInt(process.argv[2] ?? "1000000", 10)));
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
