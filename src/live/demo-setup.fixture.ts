// Setup and replay of the demonstration: answers made from the picture alone, in the shapes a real engine gives.

import { fail, ok } from "../base/result.ts";
import type { Bot, WhatIfSide } from "./messages.ts";
import type { Picture } from "./picture.ts";
import type { Questions, ToldWhatIf } from "./questions.ts";

/** The configuration the demonstration pretends to have. */
export const DEMO_CONFIG = `id: btc-grid
strategy: grid
instrument: "BTC/USDT:USDT"
budget: "5000"
grid:
  interval: "20"
  orderQuote: "420"
`;

const START_MS = 1_760_000_000_000;

/** A what-if that is done: the wider grid earned less and paid less. */
function demoWhatIf(bot: string): ToldWhatIf {
  const side = (orders: number, hash: string): WhatIfSide => ({
    orders,
    fills: orders >> 1,
    lotsFilled: String(orders * 5),
    pnl: `${orders >> 4}.25`,
    fees: "-1.042",
    funding: "0.08",
    configHash: hash.repeat(64),
    curve: Array.from({ length: 60 }, (_, n) => [START_MS + n * 60_000, `${((n * orders) >> 7) - (n % 7)}`] as const),
  });
  const because = { code: "entry.window", level: "2" };
  return {
    bot,
    job: "1",
    state: "done",
    progress: 10_000,
    fault: "",
    result: {
      happened: { orders: 241, fills: 118, pnl: "15.5" },
      sides: { before: side(236, "a"), after: side(140, "b") },
      orders: { both: 96, onlyBefore: 140, onlyAfter: 44 },
      first: {
        index: 4,
        before: { at: START_MS, text: "place buy 0.010 at 41980.0", because },
        after: { at: START_MS, text: "place buy 0.010 at 41960.0", because },
      },
      parity: "71.4",
      notes: ["take this as rough", "fills simulated, books conflated"],
    },
  };
}

/** Setup and replay: a text is refused unless it names its strategy; journal number 1 is an empty book, each later one a fill. */
export function demoSetup(picture: Picture): Pick<Questions, "config" | "preview" | "state" | "whatIf"> {
  const bot = (id: string): Bot | undefined => picture.botsOf.get(id)?.bot;
  const key = { key: "grid.interval", type: "decimal", range: "above 0 quote", default: "", meaning: "gap of levels" };
  return {
    config: (id) =>
      Promise.resolve(
        bot(id) === undefined
          ? fail(`no engine here has ${id}`)
          : ok({ bot: id, revision: 1, text: DEMO_CONFIG, keys: [key] }),
      ),
    preview: (id, config) => {
      if (bot(id) === undefined) return Promise.resolve(fail({ error: `no engine here has ${id}`, problems: [] }));
      if (config !== "" && !config.includes("strategy: grid")) {
        const problems = [{ key: "config.strategy", message: "line 1: is missing; give grid" }];
        return Promise.resolve(fail({ error: "the configuration is refused", problems }));
      }
      const sides = [...picture.orderBook.all()].map(({ order }) => order);
      const orders = sides.map(({ side, price: at, qty }) => {
        return { leg: "LONG", slot: "1", side, price: at, qty, value: "42", exit: at, profit: "0.01" } as const;
      });
      const finding = { code: "start-warning", severity: "WARNING", passed: true, text: "The gap is wide.", fix: "" };
      return Promise.resolve(
        ok({
          bot: id,
          orders,
          skipped: [{ slot: "7", reason: "quota" }],
          totals: {
            windowValue: "420",
            capitalFull: "840",
            breakEvenTicks: 34,
            gapTicks: 200,
            worstLoss: "120.5",
            stressPrice: "33600.0",
          },
          findings: [{ ...finding, severity: "WARNING" as const }],
        }),
      );
    },
    whatIf: (id) => Promise.resolve(bot(id) === undefined ? fail(`no engine here has ${id}`) : ok(demoWhatIf(id))),
    state: ({ bot: id, sequence, at }) => {
      const fills = [...picture.fillBook.last(2000)].sort((a, b) => a.at - b.at);
      const before = fills.filter((fill) => fill.at <= at);
      const number = sequence === 0 ? before.length + 1 : sequence;
      if (bot(id) === undefined || number > fills.length + 1)
        return Promise.resolve(fail(`the journal of ${id} has events 1 to ${fills.length + 1}, not ${number}`));
      const fill = fills[number - 2];
      const entry = { sequence: number, index: 0, kind: fill === undefined ? "start" : "fill", at: fill?.at ?? 1 };
      const slots = [...picture.slotsOf.values()].find(({ of }) => of.bot === id)?.slots.slots ?? [];
      return Promise.resolve(
        ok({
          bot: id,
          sequence: number,
          slots,
          orders: [],
          position: { size: fill?.qty ?? "0", entry: fill?.price ?? "", mark: fill?.price ?? "", unrealized: "0" },
          gates: [],
          book: null,
          event: { ...entry, body: JSON.stringify({ kind: entry.kind }) },
          effects: [{ ...entry, index: 1, kind: "book", body: "{}" }],
        }),
      );
    },
  };
}
