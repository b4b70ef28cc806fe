// The reference grid of BT-32: ten levels a side, 1.0 USDT apart, 0.010 BTC, re-placed at each book it is shown (every
// 100 ms). A strategy like any other, so the bench measures the whole engine. It is no advice on how to trade.

import { lots, type Side, ticks } from "../src/market/amounts.ts";
import type { Outbox, Strategy, StrategyContext, StrategyInput } from "../src/strategy/contract.ts";
import type { ClientOrderId } from "../src/trading/client-order-id.ts";

export interface ReferenceGridConfig {
  readonly levels: number;
  readonly intervalTicks: number;
  readonly quantity: number;
  readonly positionMax: number;
}

export interface ReferenceGridState {
  readonly buy: Map<number, ClientOrderId>;
  readonly sell: Map<number, ClientOrderId>;
  readonly side: Map<string, number>;
  ready: boolean;
}

const BECAUSE = { code: "reference.grid" } as const;

export const referenceGrid: Strategy<ReferenceGridConfig, ReferenceGridState> = {
  name: "reference-grid",
  initial: () => ({ buy: new Map(), sell: new Map(), side: new Map(), ready: false }),
  step(config, context, state, input, out) {
    if (input.kind === "recovered") state.ready = true;
    else if (input.kind === "order") onOrder(state, input);
    else if (input.kind === "book" && state.ready) {
      replace(config, context, { state, out, bid: input.bid, ask: input.ask });
    }
  },
  view: () => ({ phase: "running", reference: null, gates: [], ladder: [] }),
  check: () => [],
};

/** What the order may still be after this: anything else has ended it. */
const ALIVE: readonly string[] = ["open", "executed", "unknown", "cancel-failed"];

function onOrder(state: ReferenceGridState, input: Extract<StrategyInput, { kind: "order" }>): void {
  if (ALIVE.includes(input.change.change)) return;
  const price = state.side.get(input.clientOrderId);
  if (price === undefined) return;
  state.side.delete(input.clientOrderId);
  const orders = price > 0 ? state.buy : state.sell;
  if (orders.get(Math.abs(price)) === input.clientOrderId) orders.delete(Math.abs(price));
}

interface Round {
  readonly state: ReferenceGridState;
  readonly out: Outbox;
  readonly bid: number;
  readonly ask: number;
}

function replace(config: ReferenceGridConfig, context: StrategyContext, round: Round): void {
  const step = config.intervalTicks;
  const buyTop = Math.floor(round.bid / step) * step;
  const sellTop = Math.ceil(round.ask / step) * step;
  quote(config, context, { ...round, side: "buy", first: buyTop, step: -step });
  quote(config, context, { ...round, side: "sell", first: sellTop, step });
}

interface Quote extends Round {
  readonly side: Side;
  readonly first: number;
  readonly step: number;
}

function quote(config: ReferenceGridConfig, context: StrategyContext, wish: Quote): void {
  const { state, out, side } = wish;
  const orders = side === "buy" ? state.buy : state.sell;
  const last = wish.first + wish.step * (config.levels - 1);
  const low = Math.min(wish.first, last);
  const high = Math.max(wish.first, last);
  for (const [price, id] of orders) {
    if (price >= low && price <= high && (price - wish.first) % wish.step === 0) continue;
    out.cancel(id, BECAUSE);
    orders.delete(price);
  }
  const full = side === "buy" ? context.position >= config.positionMax : context.position <= -config.positionMax;
  if (full) return;
  for (let i = 0; i < config.levels; i += 1) {
    const price = wish.first + wish.step * i;
    if (orders.has(price)) continue;
    const id = out.place(
      {
        symbol: context.instrument.symbol,
        side,
        price: ticks(price),
        quantity: lots(config.quantity),
        timeInForce: "GTC",
        postOnly: true,
        reduceOnly: false,
        slotKey: `${side}${price}`,
      },
      BECAUSE,
    );
    orders.set(price, id);
    state.side.set(id, side === "buy" ? price : -price);
  }
}
