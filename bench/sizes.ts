// What ten times the size costs (TEST-38): the request budget with ten times the requests waiting, a book with ten
// times the levels, a ledger with ten times the fills. Twelve is the bound: in proportion is allowed, worse is not.

import { join } from "node:path";
import { Prng } from "../src/base/prng.ts";
import { VirtualClock } from "../src/base/virtual-clock.ts";
import { BINANCE_USDM_BTCUSDT } from "../src/data/rules.ts";
import { RequestBudget } from "../src/exchange/ccxt/budget/request-budget.ts";
import type { Priority } from "../src/exchange/ccxt/call.ts";
import { MoneyRows } from "../src/host/books/money-rows.ts";
import type { Journal } from "../src/journal/port.ts";
import { FastDepth } from "../src/market/depth.ts";
import { bookFill, emptyLedger, type Posting } from "../src/trading/ledger.ts";
import { foldPostings } from "../src/trading/posting-fold.ts";
import { GridBot } from "./grid-bot.ts";
import { LIFE_BEGAN_MS, lifeFill, longJournal } from "./long-journal.ts";
import { alternate, type BenchOptions, best, medianRatio, type Rounds, roundsOf } from "./rounds.ts";
import { numberText, type Row } from "./row.ts";

const WAITING = 1_000;
const LEVELS = 10_000;
const FILLS = 20_000;
const URGENT = 2_000;
const UPDATES = 100_000;
const FILLED = 50;
const QUERIES = 20_000;
const MID = 600_000;

export async function benchSizes(options: BenchOptions, dir: string): Promise<readonly Row[]> {
  return [
    await budgetRow(options),
    ...(await bookRows(options)),
    await postingsRow(options, dir),
    await resultsRow(options),
  ];
}

interface Measured {
  readonly measure: string;
  /** The smaller one is asked ten times as often, so that its rounds are as long and as often interrupted. */
  readonly rounds: Rounds;
  /** Questions to the larger one in a round. */
  readonly count: number;
}

function row({ measure, rounds, count }: Measured): Row {
  const us = (times: readonly number[], asked: number): string => `${numberText((best(times) * 1_000) / asked)} µs`;
  return {
    bench: "sizes",
    measure,
    value: medianRatio(rounds) * TENFOLD,
    unit: "×",
    must: { most: 12 },
    want: null,
    detail: `${us(rounds.a, count)} against ${us(rounds.b, count * TENFOLD)} each`,
  };
}

const TENFOLD = 10;
const tenth = (count: number): number => count / TENFOLD;

/** The same, ten times over. */
const tenfold = (ask: () => void | Promise<void>) => async (): Promise<void> => {
  for (let i = 0; i < TENFOLD; i += 1) await ask();
};

/** What cancels go through while the rest waits for the minute to pass. */
async function budgetRow(options: BenchOptions): Promise<Row> {
  const asking = (waiting: number) => {
    const budget = usedUp(waiting);
    return async (): Promise<void> => {
      for (let i = 0; i < URGENT; i += 1) await asked(budget, 0, 0);
    };
  };
  const rounds = await alternate(roundsOf(options), asking(WAITING), tenfold(asking(tenth(WAITING))));
  const measure = `request budget: a cancel passes while ${numberText(WAITING)} / ${tenth(WAITING)} requests wait`;
  return row({ measure, rounds, count: URGENT });
}

/** A budget whose share for orders is spent, with so many reads that wait for it. */
function usedUp(waiting: number): RequestBudget {
  const limits = {
    buckets: [{ name: "weight", limit: 10_000, windowMs: 60_000 }],
    costs: ({ cost }: { readonly cost: number }) => [{ bucket: "weight", cost }],
    used: () => [],
    told: () => [],
  };
  const table = { limits, rateStatuses: [429], banStatuses: [418] };
  const budget = new RequestBudget({ clock: new VirtualClock(LIFE_BEGAN_MS), table, health: () => undefined });
  void asked(budget, 0, 8_000);
  for (let i = 0; i < waiting; i += 1) void asked(budget, 3, 1);
  return budget;
}

function asked(budget: RequestBudget, priority: Priority, cost: number): Promise<void> {
  const untilMs = LIFE_BEGAN_MS + 600_000;
  const wish = { priority, waitUntilMs: untilMs, deadlineMs: untilMs, expiresAtMs: null };
  return budget.pass({ api: "private", method: "POST", path: "order", params: {}, cost }, wish);
}

async function bookRows(options: BenchOptions): Promise<readonly Row[]> {
  const rounds = await alternate(roundsOf(options), updater(LEVELS), tenfold(updater(tenth(LEVELS))));
  const whole = await alternate(roundsOf(options), filler(LEVELS), tenfold(filler(tenth(LEVELS))));
  const sizes = `${numberText(LEVELS)} / ${numberText(tenth(LEVELS))} levels a side`;
  return [
    row({ measure: `book of ${sizes}: a level changes, the best twenty are read at times`, rounds, count: UPDATES }),
    row({ measure: `book of ${sizes}: taken whole`, rounds: whole, count: FILLED }),
  ];
}

/** Five ticks apart, so that the larger book reaches as far as those of exchanges do. */
const priceOf = (level: number): number => MID + (level + 1) * 5;

function filled(depth: FastDepth, levels: number): FastDepth {
  depth.clear();
  for (let i = 0; i < levels; i += 1) {
    depth.set("buy", 2 * MID - priceOf(i), 100 + i);
    depth.set("sell", priceOf(i), 100 + i);
  }
  return depth;
}

const filler = (levels: number) => {
  const depth = new FastDepth();
  return (): void => {
    for (let i = 0; i < FILLED; i += 1) filled(depth, levels);
  };
};

/** Levels anywhere change or go and come back; what strategies read of the book is read every hundred updates. */
function updater(levels: number): () => void {
  const depth = filled(new FastDepth(), levels);
  const prng = new Prng("book");
  return () => {
    let seen = 0;
    for (let i = 0; i < UPDATES; i += 1) {
      const price = priceOf(prng.integer(0, levels - 1));
      const before = depth.set("sell", price, 0);
      depth.set("sell", price, before === 500 ? 400 : 500);
      seen += depth.best("sell");
      if (i % 100 === 0) for (const [, quantity] of depth.levels("sell", 20)) seen += quantity;
    }
    if (seen === 0) throw new Error("the book was empty");
  };
}

/** The ledger rebuilt from what the journal holds of it, as figures of an account are. */
async function postingsRow(options: BenchOptions, dir: string): Promise<Row> {
  const { state } = new GridBot(20);
  const written = (orders: number): Journal => longJournal(join(dir, `${orders}`), { orders, everyMs: 1, state });
  const [long, short] = [written(FILLS), written(tenth(FILLS))];
  const queried = (journal: Journal, fills: number) => (): void => {
    const found = entriesOf(journal);
    if (found !== fills) throw new Error(`${found} fills were found, not ${fills}`);
  };
  const rounds = await alternate(roundsOf(options), queried(long, FILLS), tenfold(queried(short, tenth(FILLS))));
  for (const journal of [long, short]) journal.close();
  const fills = `${numberText(FILLS)} / ${numberText(tenth(FILLS))} fills`;
  const measure = `ledger: all postings of ${fills} read from SQLite and added up`;
  return row({ measure, rounds, count: 1 });
}

/** Adds up event by event, as books do; returns how many entries the ledger has. */
function entriesOf(journal: Journal): number {
  const ledger = emptyLedger();
  let entries = 0;
  let event: Posting[] = [];
  let seqOfEvent = 0;
  const fold = (): void => {
    entries += foldPostings(ledger, BINANCE_USDM_BTCUSDT, event).length;
    event = [];
  };
  for (const { seq, posting } of journal.postings(0)) {
    if (seq !== seqOfEvent) fold();
    seqOfEvent = seq;
    event.push(posting);
  }
  fold();
  return entries;
}

/** What a period brought, as a console asks it every other second. */
async function resultsRow(options: BenchOptions): Promise<Row> {
  const asking = (fills: number) => {
    const rows = rowsOf(fills);
    return (): void => {
      let cycles = 0;
      for (let i = 0; i < QUERIES; i += 1) {
        const fromMs = LIFE_BEGAN_MS + ((i * 7_919) % fills);
        cycles += rows.between(fromMs, LIFE_BEGAN_MS + fills)?.cycles ?? 0;
      }
      if (cycles === 0) throw new Error("nothing was closed");
    };
  };
  const rounds = await alternate(roundsOf(options), asking(FILLS), tenfold(asking(tenth(FILLS))));
  const measure = `ledger: what a period brought, of ${numberText(FILLS)} / ${numberText(tenth(FILLS))} fills`;
  return row({ measure, rounds, count: QUERIES });
}

function rowsOf(fills: number): MoneyRows {
  const rows = new MoneyRows();
  const { symbol } = BINANCE_USDM_BTCUSDT;
  const [booked, folded] = [emptyLedger(), emptyLedger()];
  for (let i = 0; i < fills; i += 1) {
    const fill = lifeFill(i, { symbol, clientOrderId: null, atMs: LIFE_BEGAN_MS + i });
    const postings = bookFill(booked, BINANCE_USDM_BTCUSDT, fill);
    for (const entry of foldPostings(folded, BINANCE_USDM_BTCUSDT, postings))
      rows.add(entry, BINANCE_USDM_BTCUSDT, { seq: i + 1, fill });
  }
  return rows;
}
