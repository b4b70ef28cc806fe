// The bots of a process as metrics under the names dashboards know (RISK-45): counted from turns that are on the disk,
// measured when somebody scrapes. Labels are configured bots and instruments.

import { botPhases } from "../../host/fleet/bot-phase.ts";
import { botView } from "../../host/fleet/bot-view.ts";
import type { Fleet } from "../../host/fleet/fleet.ts";
import { INSTRUMENT_LABELS_MAX, type Metrics } from "../../observe/metrics.ts";

const BOTS_MAX = 1000;

/** Returns the function that ends the counting. */
export function countBots(fleet: Fleet, metrics: Metrics): () => void {
  const bot = { bot: BOTS_MAX, instrument: INSTRUMENT_LABELS_MAX };
  const gauge = (name: string, help: string) => metrics.gauge({ name, help, labels: bot });
  const gauges = {
    position: gauge("market_maker_position_size", "position, in the base asset"),
    unrealized: gauge("market_maker_pnl_unrealized", "result of what is held, in the quote asset"),
    active: gauge("market_maker_orders_active", "own orders on the exchange"),
    unknown: gauge("market_maker_orders_unknown", "own orders whose outcome nobody knows"),
    held: gauge("position_active_slots", "slots that hold something"),
    mailbox: gauge("market_maker_mailbox_depth", "events that wait for the bot"),
  };
  const phase = metrics.gauge({
    name: "opensqt_bot_phase",
    help: "1 for the phase the bot is in",
    labels: { bot: BOTS_MAX, phase: botPhases },
  });
  const side = { ...bot, side: ["buy", "sell"] } as const;
  const placed = metrics.counter({ name: "market_maker_orders_placed_total", help: "orders decided", labels: side });
  const filled = metrics.counter({ name: "market_maker_orders_filled_total", help: "fills booked", labels: side });
  metrics.onScrape(() => {
    for (const each of fleet.bots()) {
      const view = botView(each);
      const labels = { bot: view.id, instrument: view.symbols[0] ?? "" };
      gauges.position.set(labels, numberOf(view.position));
      gauges.unrealized.set(labels, numberOf(view.unrealized));
      gauges.active.set(labels, view.liveOrders);
      gauges.unknown.set(labels, view.unknownOrders);
      gauges.held.set(labels, view.heldSlots);
      gauges.mailbox.set(labels, each.host?.loop.mailbox.size ?? 0);
      for (const name of botPhases) phase.set({ bot: view.id, phase: name }, name === view.phase ? 1 : 0);
    }
  });
  return fleet.observe((each, turn) => {
    if (turn === null) return;
    const labels = { bot: each.id, instrument: each.record.instruments[0] ?? "" };
    for (const event of turn.events) if (event.kind === "fill") filled.add({ ...labels, side: event.side });
    for (const { effect } of turn.effects) {
      if (effect.kind === "place") placed.add({ ...labels, side: effect.order.side });
    }
  });
}

/** For a gauge only: an opinion of the size, never an amount. */
// tidy-ok: a metric is a float by its format
const numberOf = (text: string | null): number => Number.parseFloat(text ?? "0");
