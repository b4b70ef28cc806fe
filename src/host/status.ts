// What the operator door tells about a bot: plain JSON, decimals as text. Reads the state, changes nothing.

import { ownedLots } from "../engine/owned.ts";
import { strategyView as viewOfState } from "../engine/view.ts";
import { formatMoney, formatPrice, formatQuantity } from "../market/instrument.ts";
import type { StrategyView } from "../strategy/contract.ts";
import type { Order } from "../trading/order.ts";
import type { BotHost } from "./host.ts";
import { settingsText } from "./settings.ts";

type Told = string | number | boolean | null;

/** The queries every bot answers. */
export function botQueries(host: BotHost): Readonly<Record<string, () => unknown>> {
  return {
    status: () => status(host),
    orders: () => [...host.state.orders.values()].map((order) => orderLine(host, order)),
    ladder: () => ladder(host),
    settings: () => settingsText(host),
  };
}

function status(host: BotHost): Readonly<Record<string, unknown>> {
  const { state } = host;
  const { instrument, ledger, identity } = state;
  return {
    bot: identity.bot,
    symbol: host.symbol,
    phase: state.phase,
    recovery: host.recoveryProgress,
    seq: state.seq,
    epoch: state.epoch,
    atMs: state.nowMs,
    position: instrument === null ? null : formatQuantity(instrument, ownedLots(state)),
    equity: state.equity === null ? null : formatMoney(state.equity.equity),
    openOrders: state.orders.size,
    unknownOrders: [...state.orders.values()].filter(({ place }) => place === "unknown").length,
    fills: ledger.fills,
    inFlight: host.inFlight,
    waiting: host.loop.mailbox.size,
    kill: state.kill.phase,
    blocks: [...state.blocks].map(([name, { reason, sinceMs }]) => ({ name, reason, sinceMs })),
    refusals: Object.fromEntries(state.refusals),
  };
}

function orderLine(host: BotHost, { clientOrderId, order, ...known }: Order): Readonly<Record<string, Told>> {
  const { instrument } = host.state;
  if (instrument === null) return { clientOrderId };
  return {
    clientOrderId,
    exchangeOrderId: known.exchangeOrderId,
    side: order.side,
    price: formatPrice(instrument, order.price),
    quantity: formatQuantity(instrument, order.quantity),
    filled: formatQuantity(instrument, known.cumulative),
    slot: order.slotKey,
    reduceOnly: order.reduceOnly,
    place: known.place,
    status: known.status,
    cancelAsked: known.cancelAsked,
    placedAtMs: known.placedAtMs,
  };
}

/** The strategy's own view of its levels, or null before it is configured. */
export const strategyView = (host: Pick<BotHost, "state">): StrategyView | null => viewOfState(host.state);

function ladder(host: BotHost): unknown {
  const view = strategyView(host);
  const { instrument } = host.state;
  if (view === null || instrument === null) return null;
  return {
    phase: view.phase,
    gates: view.gates,
    ladder: view.ladder.map((row) => ({
      ...row,
      price: formatPrice(instrument, row.price),
      exitPrice: row.exitPrice === null ? null : formatPrice(instrument, row.exitPrice),
      held: formatQuantity(instrument, row.held),
    })),
  };
}
