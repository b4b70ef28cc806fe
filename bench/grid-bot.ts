// An engine with a grid at work, fed by hand: every place is accepted, every cancel done, so that after a book the grid
// has all the orders it wants. For benches of `step` alone; there is no host, no exchange and no clock here.

import { BINANCE_USDM_BTCUSDT } from "../src/data/rules.ts";
import type { BotState } from "../src/engine/state.ts";
import { initialState, step } from "../src/engine/step.ts";
import { lots, money, ticks } from "../src/market/amounts.ts";
import type { Instrument } from "../src/market/instrument.ts";
import type { RiskTexts } from "../src/risk/limits.ts";
import type { ClientOrderId } from "../src/trading/client-order-id.ts";
import type { Effect } from "../src/trading/effect.ts";
import type { BookEvent, EngineEvent, Level, OrderEvent } from "../src/trading/event.ts";
import { benchLimits, gridOf, gridTexts } from "./plans.ts";

const START_MS = 1_700_000_000_000;
const MID = 600_000;
/** Around this price, this far, no level (100 ticks apart, one of them at MID) comes into the window or leaves it. */
const QUIET = { mid: MID + 25, reach: 20 };

type Unstamped<E> = E extends EngineEvent ? Omit<E, "atMs"> : never;

export interface GridBotOptions {
  /** A name the engine knows whose configuration is the grid's; the grid itself unless told. */
  readonly strategy?: string;
  readonly symbol?: string;
  /** Limits over those of the timed plans. */
  readonly limits?: RiskTexts;
}

export class GridBot {
  readonly state: BotState;
  private readonly instrument: Instrument;
  private atMs = START_MS;

  constructor(slots: number, { strategy = "grid", symbol, limits: texts = {} }: GridBotOptions = {}) {
    this.instrument = { ...BINANCE_USDM_BTCUSDT, leverage: 3, ...(symbol === undefined ? {} : { symbol }) };
    this.state = initialState({ bot: "bench", tag: "bench0", lineage: 1 });
    const limits = benchLimits(this.instrument, texts);
    if (!limits.ok) throw new Error(JSON.stringify(limits.error));
    const { config } = gridOf(gridTexts(slots), this.instrument);
    this.start({ strategy, strategyConfig: config, risk: limits.value });
    // one level after the other is met, so that half of the slots hold lots and offer them
    for (let i = 1; i <= slots / 4; i += 1) this.fillNearest();
    this.settle(this.feed(this.bookAt(QUIET.mid)));
  }

  get orders(): number {
    return this.state.orders.size;
  }

  private start(config: { strategy: string; strategyConfig: unknown; risk: unknown }): void {
    const epoch = { epoch: 1, lineage: 1, host: "bench", release: "0", coreHash: "0" };
    this.feed({ kind: "run-started", ...epoch, configHash: "0", clockOffsetMs: 0 });
    const whole = { ...config, cancelOnExit: "all" } as const;
    this.feed({ kind: "configured", revision: 1, hash: "0", by: "bench", instrument: this.instrument, config: whole });
    const rich = money(10n ** 24n);
    const account = { positionLots: lots(0), positionEntry: null, quoteAvailable: rich, equity: rich, leverage: 3 };
    const facts = { oneWayMode: true, foreignOrders: 0, clockOffsetMs: 0, clockErrorMs: 0, keyMayWithdraw: false };
    this.feed({ kind: "start-facts", ...account, ...facts });
    this.feed({ kind: "recovered" });
    // the first price is believed at the third book
    for (let i = 0; i < 3; i += 1) this.settle(this.feed(this.bookAt(MID)));
  }

  private feed(event: Unstamped<EngineEvent>): readonly Effect[] {
    this.atMs += 1;
    return step(this.state, { ...event, atMs: this.atMs } as EngineEvent).effects;
  }

  /** Answers until the grid wants nothing more. */
  private settle(effects: readonly Effect[]): void {
    let waiting = effects;
    while (waiting.length > 0) waiting = waiting.flatMap((effect) => this.answer(effect));
  }

  private answer(effect: Effect): readonly Effect[] {
    if (effect.kind !== "place" && effect.kind !== "cancel") return [];
    const { kind, clientOrderId } = effect;
    const status = kind === "place" ? "open" : "canceled";
    return [...this.outcome(kind, clientOrderId), ...this.seen(clientOrderId, status)];
  }

  private outcome(of: "place" | "cancel", clientOrderId: ClientOrderId): readonly Effect[] {
    const exchangeOrderId = of === "place" ? `x${clientOrderId}` : null;
    return this.feed({
      kind: "outcome",
      of,
      clientOrderId,
      result: "accepted",
      exchangeOrderId,
      reason: null,
      text: "",
    });
  }

  private seen(clientOrderId: ClientOrderId, status: OrderEvent["status"]): readonly Effect[] {
    const known = this.state.orders.get(clientOrderId);
    if (known === undefined) return [];
    const { symbol, side, price, quantity } = known.order;
    const cumulative = status === "filled" ? quantity : known.cumulative;
    const id = { clientOrderId, exchangeOrderId: `x${clientOrderId}`, symbol, side, price, quantity };
    return this.feed({ kind: "order", ...id, status, cumulative, reason: null, source: "stream" });
  }

  /** The entries nearest to the price are met, one on each side. */
  private fillNearest(): void {
    for (const side of ["buy", "sell"] as const) {
      const sign = side === "buy" ? -1 : 1;
      const resting = [...this.state.orders.values()].filter((each) => each.order.side === side);
      const nearest = resting.sort((a, b) => (a.order.price - b.order.price) * sign)[0];
      if (nearest === undefined) continue;
      const { clientOrderId, order } = nearest;
      const { symbol, price, quantity } = order;
      const made = { tradeId: `t${clientOrderId}`, clientOrderId, exchangeOrderId: `x${clientOrderId}`, side };
      const fee = { feeAsset: "USDT", fee: money(10n ** 15n), liquidity: "maker", origin: "order" } as const;
      this.settle(this.seen(clientOrderId, "filled"));
      this.settle(this.feed({ kind: "fill", symbol, ...made, price, quantity, ...fee, exchangeAtMs: this.atMs }));
      this.settle(this.feed(this.bookAt(MID)));
    }
  }

  /** Five levels a side around a mid, as a stream shows them. */
  bookAt(mid: number, atMs = this.atMs): BookEvent {
    const side = (sign: 1 | -1): Level[] =>
      Array.from({ length: 5 }, (_, i): Level => {
        return [ticks(mid + sign * (i + 1)), lots(150 + ((mid * 31 + i * 57) % 900))];
      });
    const { symbol } = this.instrument;
    return { kind: "book", symbol, bids: side(-1), asks: side(1), exchangeAtMs: atMs, replaced: 0, atMs };
  }
}

/** Books of a price that wanders within its cell, each unlike the one before. */
export function wanderingBooks(bot: GridBot, count: number): readonly BookEvent[] {
  const { mid, reach } = QUIET;
  let offset = 0;
  return Array.from({ length: count }, (_, i) => {
    offset += ((i * 7919) % 13) - 6;
    if (Math.abs(offset) > reach) offset = -Math.sign(offset) * (reach - 1);
    return bot.bookAt(mid + offset, bot.state.nowMs);
  });
}
