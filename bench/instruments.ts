// What one event costs with fifty instruments against one (TEST-38): in a process of fifty bots, each on its own, and
// in a bot whose risk monitor watches fifty.

import { step } from "../src/engine/step.ts";
import { lots, ticks } from "../src/market/amounts.ts";
import type { CandleEvent } from "../src/trading/event.ts";
import { GridBot, wanderingBooks } from "./grid-bot.ts";
import { alternate, type BenchOptions, best, medianRatio, type Rounds, roundsOf } from "./rounds.ts";
import { detailOf, numberText, type Row } from "./row.ts";

const INSTRUMENTS = 50;
const SLOTS = 20;
const MINUTE_MS = 60_000;
const START_MS = 1_700_000_040_000;
/** Events of one round, so many for each instrument: of books there are a few, told over and over. */
const BOOKS_EACH = 50;
const TIMES = 200;
const CANDLES_EACH = 4_000;
/** Updates of an open candle before it closes. */
const UPDATES = 19;
/** `averageWindow` of the monitor, as configured by default. */
const WINDOW = 20;

export async function benchInstruments(options: BenchOptions): Promise<readonly Row[]> {
  return [await booksRow(options), await candlesRow(options)];
}

const symbolOf = (n: number): string => `C${n}/USDT:USDT`;

const row = (measure: string, rounds: Rounds, events: number): Row => ({
  bench: "instruments",
  measure,
  value: medianRatio(rounds),
  unit: "×",
  must: { most: 1.3 },
  want: null,
  detail: detailOf(
    `${numberText((best(rounds.a) * 1_000) / events)} µs an event with ${INSTRUMENTS}`,
    `${numberText((best(rounds.b) * 1_000) / events)} µs with 1`,
  ),
});

/** The bots of one process take turns, one book after the other, as their mailboxes do. */
async function booksRow(options: BenchOptions): Promise<Row> {
  const bots = Array.from({ length: INSTRUMENTS }, (_, n) => new GridBot(SLOTS, { symbol: symbolOf(n) }));
  const [alone] = bots;
  if (alone === undefined) throw new Error("there are bots");
  const events = INSTRUMENTS * BOOKS_EACH * TIMES;
  const rounds = await alternate(roundsOf(options), player(bots), player(bots.map(() => alone)));
  return row(`step on a book, ${INSTRUMENTS} bots with an instrument each in turn / 1 bot`, rounds, events);
}

/** `bots` in turn, a book each, over and over. */
function player(bots: readonly GridBot[]): () => void {
  const pairs = bots.map((bot) => ({ bot, books: wanderingBooks(bot, BOOKS_EACH) }));
  return () => {
    let effects = 0;
    for (let i = 0; i < BOOKS_EACH * TIMES; i += 1) {
      for (const { bot, books } of pairs) {
        const book = books[i % BOOKS_EACH];
        if (book !== undefined) effects += step(bot.state, book).effects.length;
      }
    }
    if (effects > 0) throw new Error("the grid traded: this is no bench of quiet books any more");
  };
}

async function candlesRow(options: BenchOptions): Promise<Row> {
  const events = INSTRUMENTS * CANDLES_EACH;
  const rounds = await alternate(roundsOf(options), watcher(INSTRUMENTS), watcher(1));
  return row(`step on a candle of the risk monitor, ${INSTRUMENTS} instruments watched / 1 (RISK-25)`, rounds, events);
}

/** A bot whose monitor has seen its whole window of each instrument; the same number of candles whatever it watches. */
function watcher(instruments: number): () => void {
  const symbols = Array.from({ length: instruments }, (_, n) => symbolOf(n + 1));
  const bot = new GridBot(SLOTS, {
    limits: {
      "monitor.instruments": symbols.join(" "),
      "monitor.averageWindow": String(WINDOW),
      "monitor.recoveryThreshold": "1",
    },
  });
  let minute = 0;
  const play = (updates: number): number => {
    let effects = 0;
    for (let update = 0; update <= updates; update += 1) {
      for (const symbol of symbols) {
        effects += step(bot.state, candle(symbol, { minute, update, closed: update === updates, bot })).effects.length;
      }
    }
    minute += 1;
    return effects;
  };
  for (let i = 0; i <= WINDOW; i += 1) play(0);
  const minutes = (INSTRUMENTS * CANDLES_EACH) / (instruments * (UPDATES + 1));
  return () => {
    let effects = 0;
    for (let i = 0; i < minutes; i += 1) effects += play(UPDATES);
    if (effects > 0) throw new Error("the monitor said something: this is no bench of quiet candles any more");
  };
}

interface Seen {
  readonly minute: number;
  readonly update: number;
  readonly closed: boolean;
  readonly bot: GridBot;
}

/** Neither a fall nor a volume that anybody would call abnormal. */
function candle(symbol: string, { minute, update, closed, bot }: Seen): CandleEvent {
  const close = ticks(600_000 + ((minute * 7 + update * 3) % 40));
  return {
    kind: "candle",
    symbol,
    interval: "1m",
    openAtMs: START_MS + minute * MINUTE_MS,
    open: ticks(600_000),
    high: ticks(600_050),
    low: ticks(599_950),
    close,
    volume: lots(500 + update * 25 + (minute % 5)),
    closed,
    atMs: bot.state.nowMs,
  };
}
