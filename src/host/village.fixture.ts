// A tiny exchange for tests of the host: a book without depth, orders that rest until a test fills them, and a wire
// that loses requests and replies when told to. It outlives the hosts that are killed around it. Test code only.

import type { VirtualClock } from "../base/virtual-clock.ts";
import { INSTRUMENT } from "../engine/probe.fixture.ts";
import { SIMULATED_CAPABILITIES } from "../exchange/capabilities.ts";
import type { ExchangePort, PlaceRequest, StreamMessage, Unstamped } from "../exchange/port.ts";
import { lots, money, ticks } from "../market/amounts.ts";
import type { ClientOrderId } from "../trading/client-order-id.ts";
import type { CandleEvent, FillEvent, OrderEvent } from "../trading/event.ts";

/** What happens to one request: `lost`: it never arrives; `deaf`: it arrives, its answer does not. */
export type Fate = "fine" | "lost" | "deaf" | "refused" | "not-sent";

type Order = { -readonly [K in keyof Unstamped<OrderEvent>]: Unstamped<OrderEvent>[K] };

/** The exchange itself: one account, one instrument. */
export class Village {
  readonly clock: VirtualClock;
  readonly orders = new Map<ClientOrderId, Order>();
  readonly fills: Unstamped<FillEvent>[] = [];
  /** Every request to place that arrived, in order: the wire's tape. */
  readonly arrived: ClientOrderId[] = [];
  readonly mutations: string[] = [];
  /** Closed candles by symbol, oldest first. */
  readonly candles = new Map<string, Unstamped<CandleEvent>[]>();
  /** Lots by which the coming reads of the account are wrong, one a read. */
  readonly lies: number[] = [];
  /** Maintenance margin as the account shows it. */
  maintenance = money(0n);
  latencyMs = 5;
  fate: (what: "place" | "cancel" | "lookup" | "read") => Fate = () => "fine";
  private readonly listeners = new Set<(message: StreamMessage) => void>();
  private serial = 0;
  mid = 300_000;

  constructor(clock: VirtualClock) {
    this.clock = clock;
  }

  get position(): number {
    return this.fills.reduce((sum, { side, quantity }) => sum + (side === "buy" ? quantity : -quantity), 0);
  }

  open(): readonly Order[] {
    return [...this.orders.values()].filter(({ status }) => status === "open");
  }

  tell(message: StreamMessage): void {
    for (const listener of this.listeners) listener({ ...message });
  }

  book(mid: number): void {
    this.mid = mid;
    this.tell({
      kind: "book",
      symbol: INSTRUMENT.symbol,
      bids: [[ticks(mid - 1), lots(1000)]],
      asks: [[ticks(mid + 1), lots(1000)]],
      exchangeAtMs: this.clock.nowMs(),
      replaced: 0,
    });
  }

  /** Executes part of a resting order; `heard`: whether the streams say so. */
  fill(order: Order, quantity: number, heard = true): void {
    this.serial += 1;
    order.cumulative = lots(order.cumulative + quantity);
    if (order.cumulative >= order.quantity) order.status = "filled";
    const fill: Unstamped<FillEvent> = {
      kind: "fill",
      symbol: order.symbol,
      tradeId: `t${this.serial}`,
      clientOrderId: order.clientOrderId,
      exchangeOrderId: order.exchangeOrderId,
      side: order.side,
      price: order.price,
      quantity: lots(quantity),
      feeAsset: "USDT",
      fee: money(10n ** 15n),
      liquidity: "maker",
      origin: "order",
      exchangeAtMs: this.clock.nowMs(),
    };
    this.fills.push(fill);
    if (!heard) return;
    this.tell(fill);
    this.tell({ ...order, source: "stream" });
  }

  /** A connection of one process; `cut` makes it deaf and dumb, as a killed process is. */
  connect(): VillagePort {
    return new VillagePort(this, this.listeners);
  }

  accept({ clientOrderId, order }: PlaceRequest): Order {
    this.arrived.push(clientOrderId);
    this.serial += 1;
    const { symbol, side, price, quantity } = order;
    const rest: Order = {
      kind: "order",
      symbol,
      clientOrderId,
      exchangeOrderId: `x${this.serial}`,
      side,
      price,
      quantity,
      status: "open",
      cumulative: lots(0),
      reason: null,
      source: "stream",
    };
    this.orders.set(clientOrderId, rest);
    this.tell({ ...rest });
    return rest;
  }
}

export class VillagePort implements ExchangePort {
  readonly name = "village";
  readonly capabilities = SIMULATED_CAPABILITIES;
  requestExpiryMs = 500;
  lookupLagMs = 500;
  private readonly village: Village;
  private readonly listeners: Set<(message: StreamMessage) => void>;
  private own: ((message: StreamMessage) => void)[] = [];
  private dead = false;

  constructor(village: Village, listeners: Set<(message: StreamMessage) => void>) {
    this.village = village;
    this.listeners = listeners;
  }

  /** The process is gone: nothing it hears reaches anyone; what it sent is on its way. */
  cut(): void {
    this.dead = true;
    for (const listener of this.own) this.listeners.delete(listener);
  }

  instrument(_symbol: string, done: Parameters<ExchangePort["instrument"]>[1]): void {
    this.read(done, () => done({ result: "ok", instrument: INSTRUMENT }));
  }

  place(request: PlaceRequest, done: Parameters<ExchangePort["place"]>[1]): void {
    const { village } = this;
    if (this.dead) return;
    const fate = village.fate("place");
    village.mutations.push(`place ${request.clientOrderId}`);
    const unknown = (): void => this.later(1_000, () => done({ result: "unknown", text: "no answer" }));
    if (fate === "not-sent") this.later(1, () => done({ result: "not-sent", text: "refused connection" }));
    else if (fate === "lost") unknown();
    else {
      this.arrive(() => {
        if (fate === "refused") {
          this.answer(() => done({ result: "rejected", reason: "POST_ONLY_WOULD_TAKE", text: "would take" }));
          return;
        }
        const order = village.accept(request);
        if (fate === "deaf") unknown();
        else this.answer(() => done({ result: "accepted", exchangeOrderId: order.exchangeOrderId }));
      });
    }
  }

  cancel(_symbol: string, id: ClientOrderId, done: Parameters<ExchangePort["cancel"]>[2]): void {
    const { village } = this;
    if (this.dead) return;
    const fate = village.fate("cancel");
    village.mutations.push(`cancel ${id}`);
    if (fate === "not-sent") this.later(1, () => done({ result: "not-sent", text: "refused connection" }));
    else if (fate === "lost") this.later(1_000, () => done({ result: "unknown", text: "no answer" }));
    else {
      this.arrive(() => {
        const order = village.orders.get(id);
        const open = order?.status === "open";
        if (order !== undefined && open) {
          order.status = "canceled";
          village.tell({ ...order });
        }
        if (fate === "deaf") this.later(1_000, () => done({ result: "unknown", text: "no answer" }));
        else this.answer(() => done(open ? { result: "accepted" } : { result: "not-open", text: "not open" }));
      });
    }
  }

  lookup(_symbol: string, id: ClientOrderId, done: Parameters<ExchangePort["lookup"]>[2]): void {
    if (this.village.fate("lookup") !== "fine") {
      this.later(20, () => done({ result: "unavailable", text: "no answer" }));
      return;
    }
    this.arrive(() => {
      const order = this.village.orders.get(id);
      const found = order === undefined ? null : { ...order, source: "lookup" as const };
      this.answer(() => done(found === null ? { result: "absent" } : { result: "found", order: found }));
    });
  }

  openOrders(_symbol: string, done: Parameters<ExchangePort["openOrders"]>[1]): void {
    this.read(done, () => {
      const orders = this.village.open().map((order) => ({ ...order, source: "open-orders" as const }));
      done({ result: "ok", orders });
    });
  }

  fills(_symbol: string, since: { sinceMs: number }, done: Parameters<ExchangePort["fills"]>[2]): void {
    this.read(done, () => {
      const fills = this.village.fills.filter(({ exchangeAtMs }) => exchangeAtMs >= since.sinceMs);
      done({ result: "ok", fills, cursor: "" });
    });
  }

  account(_symbol: string, done: Parameters<ExchangePort["account"]>[1]): void {
    this.read(done, () => {
      const { symbol } = INSTRUMENT;
      const shown = lots(this.village.position + (this.village.lies.shift() ?? 0));
      const held = { symbol, lots: shown, entry: null, liquidation: null, leverage: 3 };
      const equity = money(10n ** 22n);
      const totals = {
        quoteTotal: equity,
        quoteAvailable: equity,
        equity,
        maintenanceMargin: this.village.maintenance,
      };
      done({ result: "ok", ...totals, baseTotal: money(0n), positions: [held], oneWayMode: true });
    });
  }

  candles({ symbol, count }: { symbol: string; count: number }, done: Parameters<ExchangePort["candles"]>[1]): void {
    this.read(done, () => done({ result: "ok", candles: (this.village.candles.get(symbol) ?? []).slice(-count) }));
  }

  subscribe(_request: unknown, listener: (message: StreamMessage) => void): () => void {
    const heard = (message: StreamMessage): void => this.answer(() => listener(message));
    this.own.push(heard);
    this.listeners.add(heard);
    return () => this.listeners.delete(heard);
  }

  close(): void {
    this.cut();
  }

  private read(done: (result: { result: "unavailable"; text: string }) => void, then: () => void): void {
    if (this.village.fate("read") !== "fine") {
      this.later(20, () => done({ result: "unavailable", text: "no answer" }));
      return;
    }
    this.arrive(() => this.answer(then));
  }

  /** At the exchange: happens even when the sender is dead by then. */
  private arrive(then: () => void): void {
    const { clock, latencyMs } = this.village;
    clock.at(clock.nowMs() + latencyMs, then);
  }

  private answer(then: () => void): void {
    this.later(this.village.latencyMs, then);
  }

  private later(ms: number, then: () => void): void {
    const { clock } = this.village;
    clock.at(clock.nowMs() + ms, () => {
      if (!this.dead) then();
    });
  }
}
