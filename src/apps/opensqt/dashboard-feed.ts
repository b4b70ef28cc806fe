// What the dashboard shows, read from a host between turns. Keeps the last fills and alerts; decides nothing.

import { ownedLots } from "../../engine/owned.ts";
import { markOf, phaseText, profitOf, strategyView } from "../../engine/view.ts";
import type { HostAlert } from "../../host/context.ts";
import type { BotHost } from "../../host/host.ts";
import type { Journal } from "../../journal/port.ts";
import { milliTicks } from "../../market/amounts.ts";
import type {
  DashboardAlert,
  DashboardFill,
  DashboardModel,
  DashboardSnapshot,
} from "../../terminal/dashboard-model.ts";
import { averageEntry } from "../../trading/ledger.ts";
import type { Order } from "../../trading/order.ts";

const FILLS_KEPT = 50;
const ALERTS_KEPT = 50;

export interface FeedOptions {
  readonly host: BotHost;
  readonly journal: Journal;
  /** "synthetic market", "recorded, 10×": what the numbers are worth. */
  readonly source: string;
  readonly startedAtMs: number;
}

export class DashboardFeed implements DashboardModel {
  private readonly options: FeedOptions;
  private readonly fills: DashboardFill[] = [];
  private readonly alerts: DashboardAlert[] = [];
  private readonly listeners = new Set<() => void>();

  constructor(options: FeedOptions) {
    this.options = options;
    options.host.observe((turn) => {
      for (const event of turn.events) {
        if (event.kind !== "fill") continue;
        const { atMs, side, price, quantity, fee, feeAsset, liquidity } = event;
        this.fills.unshift({ atMs, side, price, quantity, fee, feeAsset, maker: liquidity === "maker" });
      }
      this.fills.length = Math.min(this.fills.length, FILLS_KEPT);
      this.changed();
    });
  }

  addAlert(alert: HostAlert): void {
    const { severity, text } = alert;
    this.alerts.unshift({ atMs: this.options.host.clock.nowMs(), severity, text });
    this.alerts.length = Math.min(this.alerts.length, ALERTS_KEPT);
    this.changed();
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  }

  snapshot(): DashboardSnapshot {
    const { host, source, startedAtMs } = this.options;
    const { state } = host;
    const nowMs = host.clock.nowMs();
    const { instrument } = state;
    const view = strategyView(state);
    return {
      bot: state.identity.bot,
      strategy: state.config?.strategy ?? "",
      exchange: instrument?.exchange ?? "",
      symbol: instrument?.symbol ?? host.symbol,
      base: instrument?.base ?? "",
      quote: instrument?.quote ?? "",
      tickSize: instrument?.tickSize ?? "1",
      lotSize: instrument?.lotSize ?? "1",
      source,
      nowMs,
      uptimeMs: nowMs - startedAtMs,
      phase: phaseText(state),
      gates: view?.gates ?? [],
      feedAgeMs: state.book === null ? null : Math.max(0, nowMs - state.book.atMs),
      feedStale: state.blocks.has("feed-book") || state.blocks.has("feed-orders"),
      bid: state.book?.bids[0]?.[0] ?? null,
      ask: state.book?.asks[0]?.[0] ?? null,
      ladder: view?.ladder ?? [],
      orders: [...state.orders.values()].map(shownOrder),
      fills: this.fills,
      fillCount: state.ledger.fills,
      position: ownedLots(state),
      entry: entryOf(host),
      equity: state.equity?.equity ?? null,
      pnl: this.pnl(),
      journal: { position: this.options.journal.position, lagRecords: 0, lagMs: 0 },
      mailbox: { depth: host.loop.mailbox.size, capacity: host.loop.mailbox.capacity },
      alerts: this.alerts,
    };
  }

  private pnl(): DashboardSnapshot["pnl"] {
    const { state } = this.options.host;
    const pnl = profitOf(state);
    if (pnl === null || markOf(state) === null) return null;
    const { realised, unrealised, fees, funding, net } = pnl;
    return { realised, unrealised, fees, funding, total: net };
  }

  private changed(): void {
    for (const listener of this.listeners) listener();
  }
}

function shownOrder(order: Order): DashboardSnapshot["orders"][number] {
  const { clientOrderId, placedAtMs, cumulative: filled } = order;
  const { side, price, quantity } = order.order;
  const state = order.place === "acknowledged" ? (order.cancelAsked ? "canceling" : "open") : order.place;
  return { clientOrderId, side, price, quantity, filled, state, placedAtMs };
}

function entryOf(host: BotHost): DashboardSnapshot["entry"] {
  const average = averageEntry(host.state.ledger);
  return average === null ? null : milliTicks(Number(average));
}
