// A bot for tests of the engine: a strategy that keeps one buy and one sell around the book, and a driver that feeds
// events and collects effects. Test code only.

import { ETH_PERPETUAL } from "../../test/instruments.ts";
import { lots, milliTicks, money, ticks } from "../market/amounts.ts";
import type { Instrument } from "../market/instrument.ts";
import { defaultRiskLimits } from "../risk/limits.ts";
import type { Strategy } from "../strategy/contract.ts";
import type { ClientOrderId } from "../trading/client-order-id.ts";
import type { Effect } from "../trading/effect.ts";
import type { EngineEvent } from "../trading/event.ts";
import type { BotState } from "./state.ts";
import { initialState, step } from "./step.ts";
import { addStrategy } from "./strategies.ts";

export const INSTRUMENT: Instrument = { ...ETH_PERPETUAL, minNotional: 0, leverage: 3 };

interface ProbeState {
  ready: boolean;
  halted: boolean;
  heard: string[];
  buy: ClientOrderId | null;
  sell: ClientOrderId | null;
}

const ENDS: readonly string[] = ["filled", "canceled", "expired", "rejected", "refused", "withdrawn", "absent"];

/** Quotes ten lots one hundred ticks away on both sides; cancels both when a gate closes; remembers what it heard. */
export const probe: Strategy<null, ProbeState> = {
  name: "probe",
  initial: () => ({ ready: false, halted: false, heard: [], buy: null, sell: null }),
  step(_config, context, state, input, out) {
    if (input.kind === "recovered") state.ready = true;
    if (input.kind === "gate") state.halted = input.level !== "RUN";
    if (input.kind === "order") {
      state.heard = [...state.heard, input.change.change].slice(-20);
      const ended = ENDS.includes(input.change.change);
      if (ended && state.buy === input.clientOrderId) state.buy = null;
      if (ended && state.sell === input.clientOrderId) state.sell = null;
    }
    if (state.halted) {
      if (state.buy !== null) out.cancel(state.buy, { code: "probe.halt" });
      if (state.sell !== null) out.cancel(state.sell, { code: "probe.halt" });
    }
    if (input.kind !== "book" || !state.ready || state.halted) return;
    const common = {
      symbol: context.instrument.symbol,
      quantity: lots(10),
      timeInForce: "GTC",
      postOnly: true,
    } as const;
    state.buy ??= out.place(
      { ...common, side: "buy", price: ticks(input.bid - 100), reduceOnly: false, slotKey: "b" },
      { code: "probe.buy" },
    );
    state.sell ??= out.place(
      { ...common, side: "sell", price: ticks(input.ask + 100), reduceOnly: false, slotKey: "s" },
      { code: "probe.sell" },
    );
  },
  view: () => ({ phase: "running", reference: null, gates: [], ladder: [] }),
  check: () => [],
};

/** An event without its time. */
type Untimed = EngineEvent extends infer E ? (E extends EngineEvent ? Omit<E, "atMs"> : never) : never;

export class Bench {
  readonly state: BotState;
  readonly effects: Effect[] = [];
  atMs = 1_000_000;

  constructor(state?: BotState) {
    addStrategy(probe);
    this.state = state ?? initialState({ bot: "probe", tag: "probe0", lineage: 0 });
  }

  /** Feeds one event now; returns what it caused. */
  feed(event: Untimed): readonly Effect[] {
    this.atMs += 1;
    const { effects } = step(this.state, { ...event, atMs: this.atMs } as EngineEvent);
    this.effects.push(...effects);
    return effects;
  }

  /** Configured, checked, recovered, one book at 3000.00. */
  running(): this {
    this.feed(STARTED);
    this.feed(CONFIGURED);
    this.feed(START_FACTS);
    this.feed({ kind: "recovered" });
    this.feed(book(300_000));
    return this;
  }

  /** Ids of the places so far. */
  placed(): readonly ClientOrderId[] {
    return this.effects.flatMap((effect) => (effect.kind === "place" ? [effect.clientOrderId] : []));
  }

  alerts(): readonly string[] {
    return this.effects.flatMap((effect) => (effect.kind === "alert" ? [effect.code] : []));
  }
}

export const STARTED: Untimed = {
  kind: "run-started",
  epoch: 1,
  lineage: 0,
  host: "test",
  release: "0",
  coreHash: "0",
  configHash: "0",
  clockOffsetMs: 0,
};

export const CONFIGURED: Untimed = {
  kind: "configured",
  revision: 1,
  hash: "0",
  by: "test",
  instrument: INSTRUMENT,
  config: {
    strategy: "probe",
    strategyConfig: null,
    risk: defaultRiskLimits(INSTRUMENT),
    cancelOnExit: "all",
  },
};

export const START_FACTS: Untimed = {
  kind: "start-facts",
  positionLots: lots(0),
  positionEntry: null,
  quoteAvailable: money(10n ** 22n),
  equity: money(10n ** 22n),
  leverage: 3,
  oneWayMode: true,
  foreignOrders: 0,
  clockOffsetMs: 0,
  clockErrorMs: 0,
  keyMayWithdraw: false,
};

export const book = (mid: number): Untimed => ({
  kind: "book",
  symbol: INSTRUMENT.symbol,
  bids: [[ticks(mid - 1), lots(1000)]],
  asks: [[ticks(mid + 1), lots(1000)]],
  exchangeAtMs: 0,
  replaced: 0,
});

export const accepted = (clientOrderId: ClientOrderId): Untimed => ({
  kind: "outcome",
  of: "place",
  clientOrderId,
  result: "accepted",
  exchangeOrderId: "x1",
  reason: null,
  text: "",
});

export const orderSeen = (
  state: BotState,
  clientOrderId: ClientOrderId,
  seen: { status: "open" | "filled" | "canceled" | "expired"; cumulative: number },
): Untimed => {
  const order = state.orders.get(clientOrderId) ?? state.ended.get(clientOrderId);
  return {
    kind: "order",
    symbol: INSTRUMENT.symbol,
    clientOrderId,
    exchangeOrderId: "x1",
    side: order?.order.side ?? "buy",
    price: order?.order.price ?? ticks(299_900),
    quantity: order?.order.quantity ?? lots(10),
    status: seen.status,
    cumulative: lots(seen.cumulative),
    reason: null,
    source: "stream",
  };
};

export const fillOf = (
  state: BotState,
  clientOrderId: ClientOrderId,
  part: { tradeId: string; quantity: number },
): Untimed => {
  const order = state.orders.get(clientOrderId) ?? state.ended.get(clientOrderId);
  return {
    kind: "fill",
    symbol: INSTRUMENT.symbol,
    tradeId: part.tradeId,
    clientOrderId,
    exchangeOrderId: "x1",
    side: order?.order.side ?? "buy",
    price: order?.order.price ?? ticks(299_900),
    quantity: lots(part.quantity),
    feeAsset: "USDT",
    fee: money(10n ** 15n),
    liquidity: "maker",
    origin: "order",
    exchangeAtMs: 0,
  };
};

export const MARK: Untimed = { kind: "mark", symbol: INSTRUMENT.symbol, mark: milliTicks(300_000_000) };
