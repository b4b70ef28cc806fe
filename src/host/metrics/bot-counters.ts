// What the bots of a process did, as counters and histograms (RISK-45, OPS-24): folded from turns that are on the disk,
// so that nothing is counted that a kill could take back. Labels are enums of the code, configured bots, instruments.

import { ACCOUNT_PREFIX, GRANT_BLOCK } from "../../engine/grant.ts";
import { PAUSE_BLOCK } from "../../engine/names.ts";
import type { BotState } from "../../engine/state.ts";
import { profitOf } from "../../engine/view.ts";
import { type Money, money } from "../../market/amounts.ts";
import { formatMoney, unitMoney } from "../../market/instrument.ts";
import { INSTRUMENT_LABELS_MAX, type Metrics } from "../../observe/metrics.ts";
import { REFUSAL_CODES } from "../../risk/check.ts";
import type { Effect } from "../../trading/effect.ts";
import type { EngineEvent, OutcomeEvent } from "../../trading/event.ts";
import { REJECT_REASONS } from "../../trading/order.ts";
import type { Fleet } from "../fleet/fleet.ts";
import type { FleetBot } from "../fleet/fleet-bot.ts";
import type { TurnDone } from "../loop.ts";
import { BLOCK_NAMES, BOTS_MAX, numberOf } from "./bot-gauges.ts";

const EXCHANGES_MAX = 20;
/** Milliseconds of a call to the exchange, and from a market event to the order it caused. */
const CALL_MS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000];
const TICK_MS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 1_000];
const BLOCK_REASONS = [...BLOCK_NAMES, PAUSE_BLOCK, GRANT_BLOCK, "account"];
const ASKED = ["place", "cancel"] as const;
const WHY_FAILED = ["unknown", "not-sent", ...REJECT_REASONS] as const;

/** What was counted of a bot's ledger and refusals already. */
interface Counted {
  net: bigint;
  blocks: ReadonlySet<string>;
  refusals: Map<string, number>;
}

/** Returns the function that ends the counting. */
export function botCounters(fleet: Fleet, metrics: Metrics): () => void {
  const count = counters(metrics);
  const known = new Map<string, Counted>();
  return fleet.observe((bot, turn) => {
    if (turn === null) return;
    const [instrument = ""] = bot.record.instruments;
    const labels = { bot: bot.id, instrument };
    const { state } = bot;
    const exchange = state?.instrument?.exchange ?? "";
    const booked = new Set(turn.postings.flatMap(({ seq, posting }) => (posting.cause === "fill" ? [seq] : [])));
    for (const [i, event] of turn.events.entries()) {
      // a fill of others, and one that is told twice, books nothing
      if (event.kind === "fill" && !booked.has(turn.firstSeq + i)) continue;
      eventCounted(count, event, { labels, exchange, state });
    }
    placesCounted(count, turn, { labels, exchange });
    if (state === null) return;
    const counted = known.get(bot.id) ?? { net: 0n, blocks: new Set(), refusals: new Map() };
    known.set(bot.id, counted);
    blocksCounted(count, bot.id, { counted, state });
    if (turn.postings.length > 0 || counted.net === 0n) moneyCounted(count, { counted, state, labels });
    for (const [code, times] of state.refusals) {
      const before = counted.refusals.get(code) ?? 0;
      if (times > before) count.refusals.add({ bot: bot.id, code }, times - before);
      counted.refusals.set(code, times);
    }
    tickToTrade(count, bot, turn);
  });
}

type Counters = ReturnType<typeof counters>;

function counters(metrics: Metrics) {
  const bot = { bot: BOTS_MAX } as const;
  const instrument = { ...bot, instrument: INSTRUMENT_LABELS_MAX } as const;
  const side = { ...instrument, side: ["buy", "sell"] } as const;
  const exchange = { exchange: EXCHANGES_MAX } as const;
  return {
    placed: metrics.counter({ name: "market_maker_orders_placed_total", help: "orders decided", labels: side }),
    filled: metrics.counter({ name: "market_maker_orders_filled_total", help: "fills booked", labels: side }),
    volume: metrics.counter({ name: "market_maker_volume_total", help: "value of fills, in quote", labels: side }),
    realized: metrics.counter({
      name: "market_maker_pnl_realized_total",
      help: "realised result of the ledger, fees and funding included; net is gain less loss",
      labels: { ...instrument, sign: ["gain", "loss"] },
    }),
    placements: metrics.counter({
      name: "order_placements_total",
      help: "sends answered or given up",
      labels: exchange,
    }),
    retries: metrics.counter({ name: "order_retries_total", help: "tries beyond the first", labels: exchange }),
    failures: metrics.counter({
      name: "order_failures_total",
      help: "sends that did not become an order",
      labels: { ...exchange, reason: WHY_FAILED },
    }),
    refusals: metrics.counter({
      name: "market_maker_refusals_total",
      help: "orders risk refused",
      labels: { ...bot, code: REFUSAL_CODES },
    }),
    blocked: metrics.counter({
      name: "opensqt_entry_blocks_total",
      help: "times something began to keep the bot from entries",
      labels: { ...bot, reason: BLOCK_REASONS },
    }),
    corrections: metrics.counter({
      name: "market_maker_position_corrections_total",
      help: "unexplained differences booked as adjustments",
      labels: { ...instrument, action: ["auto", "manual"] },
    }),
    conflated: metrics.counter({
      name: "opensqt_conflated_total",
      help: "books a newer one replaced before the engine saw them",
      labels: bot,
    }),
    call: metrics.histogram(
      {
        name: "market_maker_latency_exchange_ms",
        help: "from send to answer of an order's call",
        labels: { ...exchange, call: ASKED },
      },
      CALL_MS,
    ),
    tick: metrics.histogram(
      {
        name: "market_maker_latency_tick_to_trade_ms",
        help: "from taking a market event to handing over the order it caused",
        labels: bot,
      },
      TICK_MS,
    ),
  };
}

interface Told {
  readonly labels: { readonly bot: string; readonly instrument: string };
  readonly exchange: string;
}

function eventCounted(
  count: Counters,
  event: EngineEvent,
  { labels, exchange, state }: Told & { readonly state: BotState | null },
): void {
  if (event.kind === "book") {
    if (event.replaced > 0) count.conflated.add({ bot: labels.bot }, event.replaced);
  } else if (event.kind === "outcome") outcomeCounted(count, event, exchange);
  else if (event.kind === "fill") {
    const { side, price, quantity } = event;
    count.filled.add({ ...labels, side });
    const instrument = state?.instrument ?? null;
    if (instrument === null) return;
    const value = money(BigInt(price) * BigInt(quantity) * unitMoney(instrument));
    count.volume.add({ ...labels, side }, sizeOf(value));
  }
}

function outcomeCounted(count: Counters, event: OutcomeEvent, exchange: string): void {
  const { of, result, reason, tookMs, tries = 1 } = event;
  if (tookMs !== undefined) count.call.observe({ exchange, call: of }, tookMs);
  if (of !== "place") return;
  count.placements.add({ exchange });
  if (tries > 1) count.retries.add({ exchange }, tries - 1);
  if (result === "rejected") count.failures.add({ exchange, reason: reason ?? "OTHER" });
  else if (result === "unknown" || result === "not-sent") count.failures.add({ exchange, reason: result });
}

function placesCounted(count: Counters, turn: TurnDone, { labels }: Told): void {
  const accepted = (seq: number): boolean =>
    turn.effects.some((each) => each.seq === seq && isAlert(each.effect, "reconcile-accepted"));
  for (const { seq, effect } of turn.effects) {
    if (effect.kind === "place") count.placed.add({ ...labels, side: effect.order.side });
    else if (isAlert(effect, "adjusted")) {
      count.corrections.add({ ...labels, action: accepted(seq) ? "manual" : "auto" });
    }
  }
}

const isAlert = (effect: Effect, code: string): boolean => effect.kind === "alert" && effect.code === code;

/** What began: a block that stands for long is counted once, and "account" is each term of the account machine. */
function blocksCounted(count: Counters, bot: string, { counted, state }: { counted: Counted; state: BotState }): void {
  for (const name of state.blocks.keys()) {
    if (counted.blocks.has(name)) continue;
    count.blocked.add({ bot, reason: name.startsWith(ACCOUNT_PREFIX) ? "account" : name });
  }
  counted.blocks = new Set(state.blocks.keys());
}

/** The change of the ledger's realised net: what a counter that starts from the ledger grows by. */
function moneyCounted(
  count: Counters,
  { counted, state, labels }: { counted: Counted; state: BotState; labels: Told["labels"] },
): void {
  const profit = profitOf(state);
  if (profit === null) return;
  const net = profit.net - profit.unrealised;
  const change = net - counted.net;
  counted.net = net;
  if (change > 0n) count.realized.add({ ...labels, sign: "gain" }, sizeOf(money(change)));
  else if (change < 0n) count.realized.add({ ...labels, sign: "loss" }, sizeOf(money(-change)));
}

/** Only where a book or trades caused the order: what an answer of the exchange caused is no tick. */
function tickToTrade(count: Counters, bot: FleetBot, turn: TurnDone): void {
  const { host } = bot;
  if (host === null || !turn.effects.some(({ effect }) => effect.kind === "place")) return;
  if (!turn.events.every(({ kind }) => kind === "book" || kind === "trades" || kind === "mark")) return;
  // by the clock the turn was taken by: an exchange in another process has another than the machine
  count.tick.observe({ bot: bot.id }, host.clock.monotonicMs() - turn.takenAtMs);
}

const sizeOf = (amount: Money): number => numberOf(formatMoney(amount)) ?? 0;
