// `step` on a book event against reading that event (TEST-38): the grid as it runs, and the same grid made to plan anew
// at every book, which is its worst case.

import { step } from "../src/engine/step.ts";
import { addStrategy } from "../src/engine/strategies.ts";
import { patientGrid } from "../src/strategy/grid/grid.ts";
import { GridBot, wanderingBooks } from "./grid-bot.ts";
import { alternate, type BenchOptions, best, medianRatio, roundsOf } from "./rounds.ts";
import { numberText, type Row } from "./row.ts";

const BOOKS = 1_000;
const TIMES = 20;

export async function benchStep(options: BenchOptions): Promise<readonly Row[]> {
  addStrategy(patientGrid);
  return [
    ...(await parseRows(options)),
    await slotsRow(options, "grid", "as it runs"),
    await slotsRow(options, patientGrid.name, "planning at every book"),
  ];
}

async function parseRows(options: BenchOptions): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const [strategy, how] of [
    ["grid", "as it runs"],
    [patientGrid.name, "planning at every book"],
  ] as const) {
    const bot = new GridBot(20, { strategy });
    const books = wanderingBooks(bot, BOOKS);
    const texts = books.map((book) => JSON.stringify(book));
    const rounds = await alternate(roundsOf(options), stepper(bot), () => {
      for (let i = 0; i < TIMES; i += 1) for (const text of texts) JSON.parse(text);
    });
    const perSecond = (BOOKS * TIMES * 1_000) / best(rounds.a);
    const parsed = (BOOKS * TIMES * 1_000) / best(rounds.b);
    rows.push({
      bench: "step",
      measure: `step on a book, grid of 20 slots ${how} / JSON.parse of it`,
      value: medianRatio(rounds),
      unit: "×",
      must: { most: 20 },
      want: null,
      detail: `${numberText(perSecond)} events/s with ${bot.orders} orders out; JSON.parse ${numberText(parsed)}/s`,
    });
  }
  return rows;
}

async function slotsRow(options: BenchOptions, strategy: string, how: string): Promise<Row> {
  const many = new GridBot(100, { strategy });
  const few = new GridBot(10, { strategy });
  const rounds = await alternate(roundsOf(options), stepper(many), stepper(few));
  const us = (ms: number): string => numberText((ms * 1_000) / (BOOKS * TIMES));
  return {
    bench: "step",
    measure: `step on a book, grid ${how}, 100 slots / 10 slots`,
    value: medianRatio(rounds),
    unit: "×",
    must: { most: 12 },
    want: null,
    detail: `${us(best(rounds.a))} µs with ${many.orders} orders, ${us(best(rounds.b))} µs with ${few.orders}`,
  };
}

function stepper(bot: GridBot): () => void {
  const books = wanderingBooks(bot, BOOKS);
  let effects = 0;
  return () => {
    for (let i = 0; i < TIMES; i += 1) for (const book of books) effects += step(bot.state, book).effects.length;
    if (effects > 0) throw new Error("the grid traded: this is no bench of quiet books any more");
  };
}
