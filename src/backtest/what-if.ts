// What-if on a journal (DUR-70, BT-44): the market a bot saw, played to the configuration it had and to another one.
// Both sides are filled by the simulated exchange, so simulated is compared with simulated; how far simulated is from
// what really happened is said beside it (BT-45, free form).

import type { BoundBot } from "../config/process/bot-draft.ts";
import { factTexts } from "../host/because-text.ts";
import { productionEngine } from "../host/engine.ts";
import type { TurnDone } from "../host/loop.ts";
import { type ReplayReport, replayJournal } from "../host/replay-journal.ts";
import { decodeEvent } from "../journal/codec.ts";
import type { JournalReader } from "../journal/port.ts";
import { milliTicks } from "../market/amounts.ts";
import { formatMoney, formatPrice, formatQuantity, type Instrument } from "../market/instrument.ts";
import { midOf } from "../risk/exposure.ts";
import { BINANCE_USDM, simulationOptions } from "../sim/options.ts";
import type { Because } from "../trading/effect.ts";
import { profitAndLoss } from "../trading/ledger.ts";
import type { NewOrder } from "../trading/order.ts";
import { type JournalMarket, type JournalRange, openingQuote } from "./journal-market.ts";
import { withMonitorSeen } from "./monitor-off.ts";
import type { RunRecord } from "./run-record.ts";
import { type BacktestPlan, runBacktest } from "./runner.ts";

/** One decision of a run in words; `because`: what it was made from, prices and quantities decimal, its code first. */
export interface Decided {
  readonly atMs: number;
  readonly text: string;
  readonly because: { readonly [name: string]: string };
}

/** One side of the comparison. Amounts are exact decimal text in the quote asset. */
export interface WhatIfSide {
  readonly configHash: string;
  readonly orders: number;
  readonly fills: number;
  readonly lotsFilled: string;
  readonly pnl: string;
  readonly realised: string;
  readonly fees: string;
  readonly funding: string;
  readonly curve: RunRecord["curve"];
}

/** Orders by what they say (side, price, quantity), each counted as often as it was placed. */
export interface OrderOverlap {
  readonly onlyBefore: number;
  readonly onlyAfter: number;
  readonly both: number;
}

export interface WhatIf {
  readonly note: string;
  readonly before: WhatIfSide;
  readonly after: WhatIfSide;
  readonly orders: OrderOverlap;
  /** The first decision that differs; null when none does. A side without one decided nothing more. */
  readonly first: { readonly index: number; readonly before: Decided | null; readonly after: Decided | null } | null;
}

/** What the journal itself says happened, and how close the simulation of the same configuration comes to it. */
export interface Recorded {
  readonly orders: number;
  readonly fills: number;
  readonly pnl: string;
  /** 100 · 2·Σ min(lived, simulated) / (Σ lived + Σ simulated) of lots filled by side and price; null without fills. */
  readonly parityPercent: number | null;
}

export const NOTE = "fills simulated, books conflated";
const ACCOUNT = "what-if";

export interface WhatIfRun {
  readonly played: JournalMarket;
  readonly release: string;
  readonly onProgress?: (part: number) => boolean;
}

interface Played {
  readonly record: RunRecord;
  readonly decisions: readonly Decided[];
  readonly orders: ReadonlyMap<string, number>;
  readonly filled: ReadonlyMap<string, number>;
}

/** Runs both sides. Null when it was ended through `onProgress`. */
export async function whatIf(before: BoundBot, after: BoundBot, run: WhatIfRun): Promise<WhatIfResult | null> {
  const first = await play(before, run, 0);
  if (first === null) return null;
  const second = await play(after, run, 1);
  if (second === null) return null;
  const sides = { before: sideOf(before, first), after: sideOf(after, second) };
  const result = {
    note: NOTE,
    ...sides,
    orders: overlap(first.orders, second.orders),
    first: differing(first, second),
  };
  return { result, filledBefore: first.filled };
}

export interface WhatIfResult {
  readonly result: WhatIf;
  /** Lots filled by side and price in the simulation of the configuration that really ran. */
  readonly filledBefore: ReadonlyMap<string, number>;
}

/** The journal decided again, bit for bit, and what it earned. Errors: JOURNAL_DIFFERS. */
export function recorded(
  reader: JournalReader,
  { range, filledBefore }: { readonly range: JournalRange; readonly filledBefore: ReadonlyMap<string, number> },
): { readonly replay: ReplayReport; readonly lived: Recorded } {
  const replay = replayJournal(reader, { engine: productionEngine, ...range });
  const filled = new Map<string, number>();
  let orders = 0;
  let fills = 0;
  for (const record of reader.records(0)) {
    if (record.seq < range.fromSeq || record.seq > range.toSeq) continue;
    if (record.type === "effect" && record.kind === "place") orders += 1;
    if (record.type !== "event" || record.kind !== "fill") continue;
    const event = decodeEvent(record);
    if (event.kind !== "fill") continue;
    fills += 1;
    add(filled, `${event.side} ${event.price}`, event.quantity);
  }
  const { ledger, instrument, mark, book } = replay.state;
  const mid = midOf(book?.bids[0]?.[0] ?? null, book?.asks[0]?.[0] ?? null);
  const at = mid === null ? (mark?.mark ?? null) : milliTicks(mid);
  const pnl = instrument === null ? "0" : formatMoney(profitAndLoss(ledger, instrument, at).net);
  return { replay, lived: { orders, fills, pnl, parityPercent: parity(filled, filledBefore) } };
}

async function play(bot: BoundBot, { played, release, onProgress }: WhatIfRun, nth: number): Promise<Played | null> {
  const decisions: Decided[] = [];
  const orders = new Map<string, number>();
  const filled = new Map<string, number>();
  const { instrument, market } = played;
  const onTurn = (turn: TurnDone): void => {
    for (const { effect, atMs } of turn.effects) {
      if (effect.kind === "place") {
        const text = orderText(instrument, effect.order);
        add(orders, text, 1);
        decisions.push({ atMs, text: `place ${text}`, because: textsOf(effect.because, instrument) });
      } else if (effect.kind === "cancel") {
        decisions.push({ atMs, text: `cancel ${effect.clientOrderId}`, because: textsOf(effect.because, instrument) });
      }
    }
    for (const event of turn.events)
      if (event.kind === "fill") add(filled, `${event.side} ${event.price}`, event.quantity);
  };
  const { startUs, endUs } = market.facts;
  const { record, end } = await runBacktest(planOf(bot, played, release), {
    onTurn,
    commands: played.commands,
    onProgress: ({ nowUs }) => onProgress?.((nth + (nowUs - startUs) / Math.max(1, endUs - startUs)) / 2) ?? false,
  });
  if (!record.end.whole && end === null) return null;
  return { record, decisions, orders, filled };
}

function planOf(bot: BoundBot, { instrument, market, start }: JournalMarket, release: string): BacktestPlan {
  const equity = openingQuote(instrument, start);
  const balances = new Map([[instrument.quote, equity]]);
  const { name, hash } = market.sources[0] ?? { name: "journal", hash: "" };
  const config = { ...bot.data, risk: withMonitorSeen(bot.risk, instrument.symbol) };
  return {
    bot: { name: bot.id, tag: bot.tag },
    instrument,
    configuration: { revision: 1, hash: bot.hash, by: "what-if", config, text: bot.text },
    simulation: simulationOptions({
      markets: [
        {
          instrument,
          source: market.open(),
          fill: { level: "L1", queue: "back" },
          ...(instrument.kind === "spot" ? {} : { margin: { mode: "cross", liquidationFeePpm: 5_000 } }),
        },
      ],
      accounts: [{ name: ACCOUNT, balances }],
      profile:
        instrument.kind === "spot" ? { ...BINANCE_USDM, name: instrument.exchange, priceBandPpm: null } : BINANCE_USDM,
    }),
    account: ACCOUNT,
    equity,
    startUs: market.facts.startUs,
    endUs: market.facts.endUs,
    bookIntervalMs: 0,
    candleInterval: bot.grid.dynamic.enabled || bot.grid.trend.enabled ? bot.grid.candleInterval : null,
    identity: {
      strategy: bot.strategy,
      instrument,
      level: "L1",
      fillModel: "queue back",
      latency: "none",
      markSource: "mid",
      data: [{ name, hash }],
      dataHash: hash,
      synthetic: false,
      configHash: bot.hash,
      configText: bot.text,
      seed: "1",
      codeVersion: release,
      findings: [],
      positionLimitLots: null,
    },
    folder: null,
    journal: null,
  };
}

function sideOf(bot: BoundBot, { record }: Played): WhatIfSide {
  const { split, counts, curve } = record;
  const { total: pnl, spread: realised, fees, funding } = split;
  const { ordersPlaced: orders, fills, lotsFilled } = counts;
  return { configHash: bot.hash, orders, fills, lotsFilled, pnl, realised, fees, funding, curve };
}

function overlap(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): OrderOverlap {
  let both = 0;
  for (const [text, count] of before) both += Math.min(count, after.get(text) ?? 0);
  return { both, onlyBefore: sum(before) - both, onlyAfter: sum(after) - both };
}

function differing(before: Played, after: Played): WhatIf["first"] {
  const count = Math.max(before.decisions.length, after.decisions.length);
  for (let index = 0; index < count; index += 1) {
    const a = before.decisions[index] ?? null;
    const b = after.decisions[index] ?? null;
    if (a?.text !== b?.text || a?.atMs !== b?.atMs) return { index, before: a, after: b };
  }
  return null;
}

function parity(lived: ReadonlyMap<string, number>, simulated: ReadonlyMap<string, number>): number | null {
  const all = sum(lived) + sum(simulated);
  if (all === 0) return null;
  let shared = 0;
  for (const [key, lots] of lived) shared += Math.min(lots, simulated.get(key) ?? 0);
  return Math.round((20_000 * shared) / all) / 100;
}

function orderText(instrument: Instrument, { side, price, quantity, reduceOnly }: NewOrder): string {
  const words = [side, formatQuantity(instrument, quantity), "at", formatPrice(instrument, price)];
  return [...words, ...(reduceOnly ? ["reduce-only"] : [])].join(" ");
}

const textsOf = (because: Because, instrument: Instrument): Decided["because"] =>
  Object.fromEntries(factTexts(because, instrument));

const add = (counts: Map<string, number>, key: string, by: number): void => {
  counts.set(key, (counts.get(key) ?? 0) + by);
};
const sum = (counts: ReadonlyMap<string, number>): number => [...counts.values()].reduce((a, b) => a + b, 0);
