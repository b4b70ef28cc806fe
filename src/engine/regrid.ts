// An instrument counts in other ticks or lots from now on (decision 0033: after a restart). What the engine keeps in
// ticks, lots and value units is said in the new ones, so that money stays what it was: a realised profit must not
// shrink to a tenth because a tick did. What is no whole lot any more is cut toward zero; the reconciler finds more.

import { bigNearestDiv, toSafe } from "../base/integer.ts";
import { type Lots, lots, type Ticks, ticks } from "../market/amounts.ts";
import { baseMoney, type Instrument, unitMoney } from "../market/instrument.ts";
import type { BudgetState } from "../risk/budget.ts";
import type { RiskLimits } from "../risk/limits.ts";
import type { ClientOrderId } from "../trading/client-order-id.ts";
import { regridLedger } from "../trading/ledger.ts";
import type { Order } from "../trading/order.ts";
import type { BotState } from "./state.ts";

/** Changes `state` in place; nothing where the grid is the same. */
export function regrid(state: BotState, before: Instrument | null, after: Instrument): void {
  if (before === null || (before.tickSize === after.tickSize && before.lotSize === after.lotSize)) return;
  const [from, to] = [baseMoney(before, lots(1)), baseMoney(after, lots(1))];
  const lotsOf = (count: number) => lots(toSafe((BigInt(count) * from) / to));
  const [tickFrom, tickTo] = [tickMoney(before), tickMoney(after)];
  const priceOf = (price: Ticks): Ticks => ticks(Math.max(1, toSafe(bigNearestDiv(BigInt(price) * tickFrom, tickTo))));
  regridLedger(state.ledger, before, after);
  for (const counts of [state.unbooked, state.strays ?? new Map<ClientOrderId, Lots>()]) {
    for (const [id, count] of counts) counts.set(id, lotsOf(count));
  }
  for (const orders of [state.orders, state.ended]) for (const order of orders.values()) regridOrder(order);
  for (const [key, slot] of state.history.slots) state.history.slots.set(key, { ...slot, lots: lotsOf(slot.lots) });
  if (state.budget !== null) regridBudget(state.budget);
  if (state.fundingNext !== undefined)
    state.fundingNext = { ...state.fundingNext, held: lotsOf(state.fundingNext.held) };
  if (state.fundingOwed !== undefined)
    state.fundingOwed = { ...state.fundingOwed, held: lotsOf(state.fundingOwed.held) };
  if (state.spotBaseline !== null) state.spotBaseline = lotsOf(state.spotBaseline);
  if (state.closedDust !== null) state.closedDust = lotsOf(state.closedDust);
  if (state.closer !== null) state.closer = { ...state.closer, target: lotsOf(state.closer.target) };
  if (state.divergence !== null) {
    const { local, exchange } = state.divergence;
    state.divergence = { ...state.divergence, local: lotsOf(local), exchange: lotsOf(exchange) };
  }
  // what was found is told in today's lots, like everything else of the state; the journal keeps what was said then
  state.divergences = state.divergences.map((one) => ({
    ...one,
    local: lotsOf(one.local),
    exchange: lotsOf(one.exchange),
  }));
  const limitsOf = (limits: RiskLimits): RiskLimits => ({
    ...limits,
    orderQuantityMax: limits.orderQuantityMax === null ? null : lotsOf(limits.orderQuantityMax),
    positionQuantityMax: limits.positionQuantityMax === null ? null : lotsOf(limits.positionQuantityMax),
  });
  if (state.limits !== null) state.limits = limitsOf(state.limits);
  if (state.config !== null) state.config = { ...state.config, risk: limitsOf(state.config.risk as RiskLimits) };
  // seen in the old units: looked at anew
  state.suspicion = null;
  state.book = null;
  state.mark = null;
  state.liquidation = null;

  function regridBudget(budget: BudgetState): void {
    budget.position = lotsOf(budget.position);
    // what is held back stays the same money; a fill asks what the rest of the order needs
    for (const [id, held] of budget.reservations) {
      budget.reservations.set(id, { ...held, price: priceOf(held.price), remaining: lotsOf(held.remaining) });
    }
  }

  function regridOrder(order: Order): void {
    const { price, quantity } = order.order;
    order.order = { ...order.order, price: priceOf(price), quantity: lotsOf(quantity) };
    order.cumulative = lotsOf(order.cumulative);
    order.filled = lotsOf(order.filled);
  }
}

/** One tick of the price of one whole coin. */
const tickMoney = ({ tickSize }: Instrument): bigint => unitMoney({ tickSize, lotSize: "1" });
