// A small honest exchange around the grid, for its properties: random delays, duplicates, rejects, time-outs, partial
// fills, gates and refusals, all from one seed. Every input goes into a journal that can be run again. For tests only.

import { Prng } from "../../src/base/prng.ts";
import { type Lots, lots, type Ticks, ticks } from "../../src/market/amounts.ts";
import type { Instrument } from "../../src/market/instrument.ts";
import type { GateLevel, OrderChange, Outbox, StrategyContext, StrategyInput } from "../../src/strategy/contract.ts";
import type { GridConfig } from "../../src/strategy/grid/config.ts";
import type { GridTexts } from "../../src/strategy/grid/config-reader.ts";
import { gridStrategy } from "../../src/strategy/grid/grid.ts";
import type { GridState } from "../../src/strategy/grid/state.ts";
import { type ClientOrderId, makeClientOrderId } from "../../src/trading/client-order-id.ts";
import type { Because } from "../../src/trading/effect.ts";
import type { NewOrder, RejectReason } from "../../src/trading/order.ts";
import { ETH, readConfig, startFacts } from "./bench.ts";

/** One journaled input, with what the strategy was shown beside it. */
export interface Entry {
  readonly context: StrategyContext;
  readonly input: StrategyInput;
}

export interface Placed {
  readonly id: ClientOrderId;
  readonly order: NewOrder;
  readonly because: Because;
}

/** What one step wanted. Texts compare runs; `placed` and `cancelled` are carried out. */
export class Recorder implements Outbox {
  readonly texts: string[] = [];
  readonly placed: Placed[] = [];
  candles = 0;
  readonly cancelled: { readonly id: ClientOrderId; readonly because: Because }[] = [];
  private readonly seq: number;

  constructor(seq: number) {
    this.seq = seq;
  }

  place(order: NewOrder, because: Because): ClientOrderId {
    const id = makeClientOrderId({ tag: "world0", lineage: 1, seq: this.seq, index: this.placed.length });
    this.placed.push({ id, order, because });
    this.texts.push(`place ${id} ${JSON.stringify(order)} ${JSON.stringify(because)}`);
    return id;
  }

  cancel(id: ClientOrderId, because: Because): void {
    this.cancelled.push({ id, because });
    this.texts.push(`cancel ${id} ${JSON.stringify(because)}`);
  }

  timer(name: string, atMs: number | null): void {
    this.texts.push(`timer ${name} ${atMs}`);
  }

  alert(code: string, _severity: string, text: string): void {
    this.texts.push(`alert ${code} ${text}`);
  }

  reconcile(because: Because): void {
    this.texts.push(`reconcile ${because.code}`);
  }

  reloadCandles(interval: string, count: number): void {
    this.candles = count;
    this.texts.push(`candles ${interval} ${count}`);
  }

  flatten(because: Because): void {
    this.texts.push(`flatten ${because.code}`);
  }

  adjustLedger(quantity: Lots, price: Ticks): void {
    this.texts.push(`adjust ${quantity} ${price}`);
  }

  acceptConfig(): void {
    this.texts.push("config");
  }
}

/** An order as the exchange has it. */
export interface Resting extends Placed {
  readonly entryPrice: number;
  readonly exitPrice: number;
  readonly purpose: "entry" | "exit";
  /** Price has not come to the order until it arrived. */
  arrived: boolean;
  executed: number;
  /** Value executed: Σ price·lots. */
  value: bigint;
  open: boolean;
}

/** Called after every step with what the step wanted. */
export type Watch = (world: World, step: { readonly entry: Entry; readonly out: Recorder }) => void;

interface Message {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

export class World {
  readonly prng: Prng;
  readonly config: GridConfig;
  readonly instrument: Instrument;
  readonly state: GridState;
  readonly journal: Entry[] = [];
  readonly effects: string[][] = [];
  readonly orders = new Map<ClientOrderId, Resting>();
  nowMs = 6_001_000;
  bid = 0;
  ask = 0;
  /** Signed position on the exchange. */
  position = 0;
  /** While true, sends and replies may fail. */
  faulty = true;
  private readonly queue: Message[] = [];
  private sent = 0;
  private nextCandleMs = 6_060_000;
  private readonly watch: Watch;
  private readonly farBps: number;

  constructor(seed: number, watch: Watch = () => {}, texts: GridTexts = {}) {
    this.prng = new Prng(`grid-world/${seed}`);
    this.instrument = { ...ETH, minNotionalOnReduceOnly: this.prng.chance(0.5) };
    this.config = readConfig({ ...randomTexts(this.prng), ...texts }, this.instrument);
    this.state = gridStrategy.initial(this.config, this.instrument);
    this.watch = watch;
    this.farBps = this.prng.pick([40, 3000]);
    this.setBook(300_000);
    this.tell({ kind: "start", facts: startFacts(lots(0), null) });
    this.tell({ kind: "recovered" });
  }

  /** Runs `steps` moves of the market, with everything that arrives between them. */
  run(steps: number): this {
    for (let i = 0; i < steps; i += 1) {
      this.advance(this.prng.integer(10, 2500));
      this.moveMarket();
      this.disturb();
    }
    return this;
  }

  /** Faults cease, gates open, the price rests: time passes until nothing is under way (P16). */
  rest(): this {
    this.faulty = false;
    for (const gate of ["operator", "risk", "feed-book"] as const) this.tellGate(gate, "RUN");
    for (let i = 0; i < 200; i += 1) {
      this.advance(5_000);
      this.tellBook();
    }
    return this;
  }

  private advance(durationMs: number): void {
    const until = this.nowMs + durationMs;
    // a host may be late with a timer: then other events come first
    const wakes = !this.faulty || this.prng.chance(0.6);
    for (;;) {
      this.queue.sort((a, b) => a.atMs - b.atMs || a.order - b.order);
      const timer = wakes ? this.state.timerAtMs : null;
      const next = this.queue[0];
      if (timer !== null && timer <= until && (next === undefined || timer <= next.atMs)) {
        this.nowMs = Math.max(this.nowMs, timer);
        this.tell({ kind: "timer", name: "grid-wake" });
        continue;
      }
      if (next === undefined || next.atMs > until) break;
      this.queue.shift();
      this.nowMs = Math.max(this.nowMs, next.atMs);
      next.run();
    }
    this.nowMs = until;
  }

  private later(minMs: number, maxMs: number, run: () => void): void {
    this.sent += 1;
    this.queue.push({ atMs: this.nowMs + this.prng.integer(minMs, maxMs), order: this.sent, run });
  }

  private setBook(mid: number): void {
    const half = this.prng.integer(1, 15);
    this.bid = Math.max(1, mid - half);
    this.ask = mid + half;
  }

  private moveMarket(): void {
    const size = this.prng.chance(0.03) ? 2500 : this.prng.chance(0.3) ? 300 : 60;
    const mid = Math.trunc((this.bid + this.ask) / 2) + this.prng.integer(-size, size);
    // the fence of the lattice is far away; the walk stays where the grid trades
    this.setBook(Math.min(340_000, Math.max(260_000, mid)));
    this.match();
    this.tellBook();
    while (this.nowMs >= this.nextCandleMs) this.tellCandle();
  }

  private tellBook(): void {
    const one = lots(1_000);
    const kind = this.faulty && this.prng.chance(0.02) ? "bad-book" : "book";
    if (kind === "bad-book") this.tell({ kind });
    else if (this.faulty && this.prng.chance(0.01)) {
      this.tell({ kind: "book", bid: ticks(30_000), ask: ticks(30_010), bidQuantity: one, askQuantity: one });
    } else this.tell({ kind, bid: ticks(this.bid), ask: ticks(this.ask), bidQuantity: one, askQuantity: one });
  }

  private tellCandle(): void {
    const openAtMs = this.nextCandleMs - 60_000;
    this.nextCandleMs += 60_000;
    if (!this.prng.chance(0.03)) this.sendCandle(openAtMs);
  }

  /** Closed candles of the past, as a reload brings them. */
  private sendHistory(count: number): void {
    for (let i = count; i >= 1; i -= 1) this.sendCandle(this.nextCandleMs - 60_000 - i * 60_000);
  }

  private sendCandle(openAtMs: number): void {
    const close = ticks(Math.trunc((this.bid + this.ask) / 2));
    const reach = this.prng.integer(0, 900);
    this.tell({
      kind: "candle",
      candle: {
        kind: "candle",
        atMs: this.nowMs,
        symbol: this.instrument.symbol,
        interval: "1m",
        openAtMs,
        open: close,
        high: ticks(close + reach),
        low: ticks(close - reach),
        close,
        volume: lots(5),
        closed: true,
      },
    });
  }

  private disturb(): void {
    for (const gate of ["operator", "risk", "feed-book"] as const) {
      const shut = this.state.gates.has(gate);
      if (shut && this.prng.chance(0.2)) this.tellGate(gate, "RUN");
      else if (!shut && this.prng.chance(0.01)) {
        this.tellGate(gate, this.prng.pick<GateLevel>(["HOLD", "REDUCE", "FREEZE", "HALT"]));
      }
    }
  }

  private tellGate(gate: "operator" | "risk" | "feed-book", level: GateLevel): void {
    this.tell({ kind: "gate", gate, level, leg: "both", reason: "disturbed" });
  }

  /** One input to the grid; risk refuses some wishes at once, the rest is sent. */
  tell(input: StrategyInput): void {
    const out = this.step(input);
    for (const placed of out.placed) {
      if (this.faulty && this.prng.chance(0.02)) {
        this.tellOrder(placed.id, { change: "refused", code: "position", text: "no" });
      } else this.send(placed);
    }
    for (const { id } of out.cancelled) this.sendCancel(id);
    if (out.candles > 0) this.later(50, 2_000, () => this.sendHistory(out.candles));
  }

  private step(input: StrategyInput): Recorder {
    const entry = { context: this.context(), input };
    const out = new Recorder(this.journal.length);
    this.journal.push(entry);
    gridStrategy.step(this.config, entry.context, this.state, input, out);
    this.effects.push(out.texts);
    this.watch(this, { entry, out });
    return out;
  }

  private context(): StrategyContext {
    const { nowMs, instrument } = this;
    const seq = this.journal.length;
    return {
      nowMs,
      seq,
      instrument,
      position: lots(this.position),
      priceBandBps: 100,
      priceBandFarBps: this.farBps,
      openOrdersLimit: 180,
    };
  }

  private tellOrder(clientOrderId: ClientOrderId, change: OrderChange): void {
    this.tell({ kind: "order", clientOrderId, change });
  }

  /** A message about an order: late by some time, and sometimes twice. */
  private report(id: ClientOrderId, change: OrderChange): void {
    const times = this.faulty && this.prng.chance(0.1) ? 2 : 1;
    for (let i = 0; i < times; i += 1) this.later(5, 400, () => this.tellOrder(id, change));
  }

  private send(placed: Placed): void {
    const { prng } = this;
    if (this.faulty && prng.chance(0.02)) {
      this.later(1, 50, () => this.tellOrder(placed.id, { change: "withdrawn" }));
      return;
    }
    const reason = this.refusal(placed.order);
    if (reason !== null) {
      this.report(placed.id, { change: "rejected", cumulative: lots(0), reason, text: "exchange said no" });
      return;
    }
    if (this.faulty && prng.chance(0.05)) {
      const arrives = prng.chance(0.5);
      this.later(100, 900, () => this.tellOrder(placed.id, { change: "unknown" }));
      if (arrives) this.later(10, 900, () => this.arrive(placed));
      else this.later(3_000, 12_000, () => this.tellOrder(placed.id, { change: "absent" }));
      return;
    }
    this.later(5, prng.chance(0.3) ? 3_000 : 300, () => this.arrive(placed));
  }

  private refusal(order: NewOrder): RejectReason | null {
    if (!this.faulty) return null;
    if (this.prng.chance(0.02)) return "OTHER";
    if (this.prng.chance(0.005)) return "INSUFFICIENT_FUNDS";
    return order.reduceOnly && this.prng.chance(0.01) ? "REDUCE_ONLY_REJECTED" : null;
  }

  private arrive(placed: Placed): void {
    const { order, id, because } = placed;
    const crosses = order.side === "buy" ? order.price >= this.ask : order.price <= this.bid;
    if (order.postOnly && crosses) {
      const reason = "POST_ONLY_WOULD_TAKE";
      this.report(id, { change: "rejected", cumulative: lots(0), reason, text: "would take" });
      return;
    }
    const resting: Resting = { ...placed, ...pricesOf(because), arrived: true, executed: 0, value: 0n, open: true };
    this.orders.set(id, resting);
    if (crosses) this.execute(resting, order.quantity, order.side === "buy" ? this.ask : this.bid);
    else this.report(id, { change: "open", cumulative: lots(0) });
  }

  private sendCancel(id: ClientOrderId): void {
    if (this.faulty && this.prng.chance(0.1)) {
      this.report(id, { change: "cancel-failed" });
      this.later(2_000, 3_000, () => this.sendCancel(id));
      return;
    }
    this.later(5, 300, () => {
      const order = this.orders.get(id);
      if (order?.open !== true) return;
      order.open = false;
      this.report(id, { change: "canceled", cumulative: lots(order.executed) });
    });
  }

  /** Resting orders the price went through are executed, sometimes in parts; some are cancelled by the exchange. */
  private match(): void {
    for (const order of this.orders.values()) {
      if (!order.open) continue;
      const { side, price, quantity } = order.order;
      if (side === "buy" ? price >= this.ask : price <= this.bid) {
        const rest = quantity - order.executed;
        this.execute(order, this.prng.chance(0.4) ? this.prng.integer(1, rest) : rest, price);
      } else if (this.faulty && this.prng.chance(0.002)) {
        order.open = false;
        this.report(order.id, { change: "expired", cumulative: lots(order.executed) });
      }
    }
  }

  private execute(order: Resting, quantity: number, price: number): void {
    order.executed += quantity;
    order.value += BigInt(price) * BigInt(quantity);
    this.position += order.order.side === "buy" ? quantity : -quantity;
    const cumulative = lots(order.executed);
    if (order.executed < order.order.quantity) this.report(order.id, { change: "executed", cumulative });
    else {
      order.open = false;
      this.report(order.id, { change: "filled", cumulative });
    }
  }
}

/** The grid tells slot, leg and width in words the exchange does not need; the ledger check does. */
function pricesOf(because: Because): Pick<Resting, "entryPrice" | "exitPrice" | "purpose"> {
  const purpose = because.code.startsWith("entry") ? "entry" : "exit";
  return { entryPrice: Number(because["entry"]), exitPrice: Number(because["exit"]), purpose };
}

function randomTexts(prng: Prng): GridTexts {
  const geometric = prng.chance(0.3);
  const bounded = prng.chance(0.3);
  return {
    mode: prng.pick(["long", "short", "neutral"]),
    spacing: geometric ? "geometric" : "arithmetic",
    ...(geometric ? { spacingBps: prng.pick(["8", "20"]) } : { interval: prng.pick(["2.00", "5.00"]) }),
    ...(bounded ? { rangeLow: "2900.00", rangeHigh: "3100.00" } : {}),
    anchor: prng.pick(["auto", "3000.00"]),
    orderQuote: prng.pick(["30", "45"]),
    entryLevels: prng.integer(1, 8),
    exitLevels: prng.integer(1, 8),
    windowSlack: prng.integer(1, 3),
    heldSlotsMax: prng.pick([3, 10, 40]),
    openOrdersMax: 40,
    skewLevels: prng.pick([0, 0, 4]),
    entryGapPct: prng.pick([1, 10]),
    postOnlyFallback: prng.pick(["none", "exits"]),
    postOnlyRejectsMax: prng.integer(1, 3),
    marginLockMs: 2000,
    spreadBpsMax: prng.pick([1, 100]),
    dynamic: { enabled: prng.chance(0.3), period: 5, strideMax: 4, holdCandles: prng.integer(1, 2) },
    trend: { enabled: prng.chance(0.2), fast: 2, slow: 3, bandBps: 5 },
  };
}
