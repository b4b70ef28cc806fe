// What the bots of a process are now, as gauges under the names dashboards know (RISK-45, OPS-24): measured when
// somebody scrapes, and forgotten with a bot that is gone. Gauges are opinions of a size, never amounts.

import { MONITOR_BLIND_BLOCK } from "../../engine/names.ts";
import type { BotState } from "../../engine/state.ts";
import { provenPosition } from "../../engine/unbooked.ts";
import { markOf, strategyView } from "../../engine/view.ts";
import type { Money } from "../../market/amounts.ts";
import { formatMoney } from "../../market/instrument.ts";
import { type GaugeOf, INSTRUMENT_LABELS_MAX, type LabelBounds, type Metrics } from "../../observe/metrics.ts";
import { BREAKERS } from "../../risk/breaker/breaker.ts";
import { reservedBudget } from "../../risk/budget.ts";
import { exposureMoney, liveTotals, worstCase } from "../../risk/exposure.ts";
import { botPhases } from "../fleet/bot-phase.ts";
import { type BotView, botView } from "../fleet/bot-view.ts";
import type { Fleet } from "../fleet/fleet.ts";
import type { FleetBot } from "../fleet/fleet-bot.ts";

export const BOTS_MAX = 1000;

/** Blocks that are no breaker of the table but close the same door. */
const BLOCKS = ["manual", "host-overload", "host-disk", "host-clock", "monitor"] as const;
const BREAKER_NAMES = [...new Set([...Object.keys(BREAKERS), ...BLOCKS])];
const FEEDS = ["book", "orders", "account", "candles", "funding"] as const;
/** What keeps entries away, but for the operator's pause and the terms of the account. */
export const BLOCK_NAMES = [...BREAKER_NAMES, MONITOR_BLIND_BLOCK, ...FEEDS.map((feed) => `feed-${feed}`)];

const BOT = { bot: BOTS_MAX } as const;
const BOT_INSTRUMENT = { bot: BOTS_MAX, instrument: INSTRUMENT_LABELS_MAX } as const;

/** One gauge: what it is called, and how it is read off a bot; null is "not known", and has no series. */
interface Reading {
  readonly name: string;
  readonly help: string;
  readonly read: (state: BotState, about: About) => number | null;
}

interface About {
  readonly bot: FleetBot;
  readonly view: BotView;
}

/** Readings whose labels are bot and instrument. */
const OF_INSTRUMENT: readonly Reading[] = [
  {
    name: "market_maker_position_size",
    help: "position, in the base asset",
    read: (_, { view }) => numberOf(view.position),
  },
  {
    name: "market_maker_pnl_unrealized",
    help: "result of what is held, in the quote asset",
    read: (_, { view }) => numberOf(view.unrealized),
  },
  { name: "market_maker_orders_active", help: "own orders on the exchange", read: (_, { view }) => view.liveOrders },
  {
    name: "market_maker_orders_unknown",
    help: "own orders whose outcome nobody knows",
    read: (_, { view }) => view.unknownOrders,
  },
  {
    name: "position_active_slots",
    help: "slots that hold something",
    read: (_, { view }) => view.heldSlots,
  },
  {
    name: "position_total_slots",
    help: "slots of the ladder, held or quoted",
    read: (state) => strategyView(state)?.ladder.length ?? null,
  },
  {
    name: "position_margin_locked",
    help: "margin of the position: notional at mark ÷ leverage, in the quote asset",
    read: (state) => {
      const { instrument } = state;
      const mark = markOf(state);
      if (instrument === null || mark === null) return null;
      return moneyOf(exposureMoney(instrument, mark, provenPosition(state))) / Math.max(1, instrument.leverage);
    },
  },
  {
    name: "market_maker_exposure_quote",
    help: "worst case of position and live orders at mark, in the quote asset",
    read: (state) => {
      const { instrument } = state;
      const mark = markOf(state);
      if (instrument === null || mark === null) return null;
      return moneyOf(exposureMoney(instrument, mark, worstCase(provenPosition(state), liveTotals(state.orders, null))));
    },
  },
  {
    name: "market_maker_liquidation_distance_ratio",
    help: "distance of mark and liquidation price ÷ mark; absent when flat",
    read: (state) => {
      const mark = markOf(state);
      if (mark === null || state.liquidation === null || provenPosition(state) === 0) return null;
      return Math.abs(mark - state.liquidation.price) / mark;
    },
  },
  {
    name: "market_maker_position_divergence_lots",
    help: "exchange less ledger while a divergence stands, in lots",
    read: ({ divergence }) => (divergence === null ? 0 : divergence.exchange - divergence.local),
  },
  {
    name: "opensqt_dust_quote",
    help: "what the closer left because no order could close it, at mark, in the quote asset",
    read: (state) => {
      const { instrument, closedDust } = state;
      const mark = markOf(state);
      if (instrument === null || mark === null || closedDust === null) return null;
      return moneyOf(exposureMoney(instrument, mark, closedDust));
    },
  },
];

/** Readings whose label is the bot alone. */
const OF_BOT: readonly Reading[] = [
  {
    name: "market_maker_mailbox_depth",
    help: "events that wait for the bot",
    read: (_, { bot: { host } }) => host?.waiting ?? null,
  },
  {
    name: "market_maker_journal_bytes",
    help: "bytes of records, postings and snapshots written since the start",
    read: (_, { bot: { journal } }) => journal?.bytesWritten ?? null,
  },
  {
    name: "market_maker_risk_triggered",
    help: "1 while the risk monitor is triggered",
    read: ({ monitor }) => (monitor.triggeredAtMs === null ? 0 : 1),
  },
  {
    name: "market_maker_leverage_ratio",
    help: "worst-case exposure ÷ equity",
    read: (state) => {
      const { instrument, equity } = state;
      const mark = markOf(state);
      if (instrument === null || mark === null || equity === null) return null;
      const worst = worstCase(provenPosition(state), liveTotals(state.orders, null));
      return ofEquity(exposureMoney(instrument, mark, worst), equity.equity);
    },
  },
  {
    name: "market_maker_margin_ratio",
    help: "maintenance margin ÷ equity of the account",
    read: ({ equity }) => {
      if (equity === null || equity.maintenanceMargin === null) return null;
      return ofEquity(equity.maintenanceMargin, equity.equity);
    },
  },
  {
    name: "opensqt_budget_reserved_quote",
    help: "budget held back for live orders, in the quote asset",
    read: ({ budget }) => (budget === null ? null : moneyOf(reservedBudget(budget))),
  },
  {
    name: "opensqt_snapshot_age_seconds",
    help: "age of the newest snapshot",
    read: (_, { bot: { host } }) => secondsOf(host?.recording.snapshot?.ageMs),
  },
];

/** Measures every bot at each scrape. */
export function botGauges(fleet: Fleet, metrics: Metrics): void {
  const ofInstrument = OF_INSTRUMENT.map((one) => ({
    ...one,
    gauge: metrics.gauge({ ...one, labels: BOT_INSTRUMENT }),
  }));
  const ofBot = OF_BOT.map((one) => ({ ...one, gauge: metrics.gauge({ ...one, labels: BOT }) }));
  const states = stateGauges(metrics);
  let known = new Map<string, string>();
  metrics.onScrape(() => {
    const now = new Map<string, string>();
    for (const bot of fleet.bots()) {
      const { state } = bot;
      const about = { bot, view: botView(bot) };
      const [instrument = ""] = bot.record.instruments;
      now.set(bot.id, instrument);
      for (const { read, gauge } of ofInstrument)
        put(gauge, { bot: bot.id, instrument }, state === null ? null : read(state, about));
      for (const { read, gauge } of ofBot) put(gauge, { bot: bot.id }, state === null ? null : read(state, about));
      states.set(about, state);
    }
    for (const [bot, instrument] of known) {
      if (now.has(bot)) continue;
      for (const { gauge } of ofInstrument) gauge.remove({ bot, instrument });
      for (const { gauge } of ofBot) gauge.remove({ bot });
      states.remove(bot);
    }
    known = now;
  });
}

/** One gauge for the breakers of bots, and of the account under the name of one. */
export const breakerOpen = (names: readonly string[]) =>
  ({
    name: "market_maker_circuit_breaker_open",
    help: "1 while the breaker is open",
    labels: { bot: BOTS_MAX, breaker: names },
  }) as const;

/** Gauges that are 1 for what is so: the phase, the open breakers, the stale feeds. */
function stateGauges(metrics: Metrics) {
  const phase = metrics.gauge({
    name: "opensqt_bot_phase",
    help: "1 for the phase the bot is in",
    labels: { bot: BOTS_MAX, phase: botPhases },
  });
  const breaker = metrics.gauge(breakerOpen(BREAKER_NAMES));
  const stale = metrics.gauge({
    name: "market_maker_feed_stale",
    help: "1 while a needed feed is stale",
    labels: { bot: BOTS_MAX, stream: FEEDS },
  });
  const age = metrics.gauge({
    name: "market_maker_feed_age_seconds",
    help: "age of the newest message of the feed, by engine time",
    labels: { bot: BOTS_MAX, stream: FEEDS },
  });
  return {
    set: ({ bot, view }: About, state: BotState | null): void => {
      for (const name of botPhases) phase.set({ bot: bot.id, phase: name }, name === view.phase ? 1 : 0);
      for (const name of BREAKER_NAMES) breaker.set({ bot: bot.id, breaker: name }, state?.blocks.has(name) ? 1 : 0);
      for (const stream of FEEDS) stale.set({ bot: bot.id, stream }, state?.blocks.has(`feed-${stream}`) ? 1 : 0);
      const nowMs = bot.host?.clock.nowMs() ?? null;
      const ages = { book: state?.book?.atMs, account: state?.equity?.atMs };
      for (const stream of ["book", "account"] as const) {
        const atMs = ages[stream];
        put(age, { bot: bot.id, stream }, nowMs === null || atMs === undefined ? null : (nowMs - atMs) / 1000);
      }
    },
    remove: (bot: string): void => {
      for (const name of botPhases) phase.remove({ bot, phase: name });
      for (const name of BREAKER_NAMES) breaker.remove({ bot, breaker: name });
      for (const stream of FEEDS) {
        stale.remove({ bot, stream });
        age.remove({ bot, stream });
      }
    },
  };
}

function put<B extends LabelBounds>(
  gauge: GaugeOf<B>,
  labels: Parameters<GaugeOf<B>["set"]>[0],
  value: number | null,
): void {
  if (value === null) gauge.remove(labels);
  else gauge.set(labels, value);
}

/** Without equity whatever is there is infinitely much of it (risk.md section 2). */
const ofEquity = (amount: Money, equity: Money): number =>
  equity > 0n ? moneyOf(amount) / moneyOf(equity) : amount > 0n ? Number.POSITIVE_INFINITY : 0;

const secondsOf = (ms: number | null | undefined): number | null => (ms == null ? null : ms / 1000);
const moneyOf = (amount: Money): number => numberOf(formatMoney(amount)) ?? 0;

/** For a gauge only: an opinion of the size, never an amount. */
// tidy-ok: a metric is a float by its format
export const numberOf = (text: string | null): number | null => (text === null ? null : Number.parseFloat(text));
