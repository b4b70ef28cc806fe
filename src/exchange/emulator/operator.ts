// What an operator does to the emulated exchanges while they run: prices, rules, money and positions, all at the
// emulator's time of now. Each deed answers null, or says in words why there was nothing to do. The control API and the
// faults both act through it.

import type { Result } from "../../base/result.ts";
import type { Money } from "../../market/amounts.ts";
import type { Instrument, InstrumentStatus } from "../../market/instrument.ts";
import type { Interventions } from "../../sim/interventions.ts";
import type { InjectedRow, SimMarket } from "../../sim/market.ts";
import { coarser, lotsOf, markOf, moneyOf, notionalUnits, rateOf, ticksOf } from "./amounts.ts";
import type { Deed, FaultHands } from "./faults/hands.ts";
import type { FundingClock } from "./funding-clock.ts";
import type { ProtocolName } from "./protocol.ts";
import type { ProtocolEntry } from "./registry.ts";
import { OTHERS, type SimulatedWorld } from "./simulated-world.ts";
import { walletOf } from "./world.ts";

/** Decimal text in the exchange's units, or whole ticks and lots. */
export type Amount = string | number;

/** The whole book, best first or in any order. */
export type GivenLevel = readonly [price: Amount, quantity: Amount];

export interface OutsideOrder {
  readonly symbol: string;
  readonly side: "buy" | "sell";
  readonly lots: Amount;
  /** Null: it takes what is there. */
  readonly price: Amount | null;
  /** `web_<n>` unless told. */
  readonly clientOrderId?: string;
}

export interface OperatorParts {
  readonly world: SimulatedWorld;
  readonly protocols: readonly ProtocolEntry[];
  readonly funding: FundingClock;
  readonly settle: () => void;
}

export class Operator implements FaultHands {
  private readonly parts: OperatorParts;
  private readonly interventions: Interventions;
  private outsideOrders = 0;

  constructor(parts: OperatorParts) {
    this.parts = parts;
    this.interventions = parts.world.interventions;
  }

  /** Null: the exchanges' time as everybody is told it. */
  skew(account: string | null, ms: number): Deed {
    const { world } = this.parts;
    const meant = world.accounts.all().filter(({ name }) => account === null || name === account);
    if (account === null) world.accounts.publicSkewMs = ms;
    for (const each of meant) each.skewMs = ms;
    return account !== null && meant.length === 0 ? `there is no account ${account}` : null;
  }

  /** Coarser steps and another least notional, for orders that come from now on; those that rest stay. */
  change(
    symbol: string,
    rules: { readonly tickSize?: string; readonly lotSize?: string; readonly minNotional?: string },
  ): Deed {
    return this.inMarket(symbol, (market) => {
      const { instrument, grid } = market;
      const price = rules.tickSize === undefined ? null : coarser(instrument.tickSize, rules.tickSize);
      const quantity = rules.lotSize === undefined ? null : coarser(instrument.lotSize, rules.lotSize);
      const least = rules.minNotional === undefined ? null : notionalUnits(instrument, rules.minNotional);
      for (const read of [price, quantity, least]) if (read !== null && !read.ok) return read.error;
      const minNotional = least?.ok === true ? least.value : instrument.minNotional;
      const priceStep = price?.ok === true ? price.value : grid.priceStep;
      const quantityStep = quantity?.ok === true ? quantity.value : grid.quantityStep;
      this.interventions.setRules({ ...instrument, minNotional }, { priceStep, quantityStep });
      return null;
    });
  }

  status(symbol: string, status: InstrumentStatus): Deed {
    return this.inMarket(symbol, (market) => {
      this.interventions.setRules({ ...market.instrument, status });
      return null;
    });
  }

  /** Funding is settled now; what is said of the coming one is the same rate. `intervalMs`: a new interval. */
  settleFunding(symbol: string, rate: string, intervalMs: number | null = null): Deed {
    return this.onPerpetual(symbol, (market) =>
      withValue(rateOf(rate), (ratePpt) => {
        if (intervalMs !== null) this.newInterval(market.instrument, intervalMs);
        this.interventions.settleFunding(symbol, ratePpt, this.parts.world.exchange.nowUs());
        return null;
      }),
    );
  }

  /** The rate told for the coming settlement, and settled then. */
  fundingRate(symbol: string, rate: string): Deed {
    return this.onPerpetual(symbol, () =>
      withValue(rateOf(rate), (ratePpt) => {
        this.interventions.predictFunding(symbol, ratePpt);
        return null;
      }),
    );
  }

  liquidate(account: string, symbol: string, partPpm = 1_000_000): Deed {
    return this.onPerpetual(symbol, (market, wallet) => {
      const { clearing } = market;
      const held = Math.abs(clearing.lots(wallet(account)));
      const quantity = Math.ceil((held * partPpm) / 1_000_000);
      const name = { account: wallet(account), symbol };
      const done = this.interventions.closeByForce(name, { origin: "liquidation", quantity });
      return done ? null : `${account} has no position in ${symbol}`;
    });
  }

  adl(account: string, symbol: string, lots: Amount): Deed {
    return this.onPerpetual(symbol, (market, wallet) =>
      withValue(lotsOf(market.instrument, lots), (quantity) => {
        const name = { account: wallet(account), symbol };
        const done = this.interventions.closeByForce(name, { origin: "adl", quantity });
        return done ? null : `${account} has no position in ${symbol}`;
      }),
    );
  }

  /** Money from outside, to it where negative; `protocol` null: where the account's first wallet is. */
  deposit(
    account: string,
    to: { readonly protocol: string | null; readonly asset: string; readonly amount: string },
  ): Deed {
    const { protocols, world } = this.parts;
    const entry = to.protocol === null ? protocols[0] : protocols.find(({ name }) => name === to.protocol);
    if (entry === undefined) return `there is no protocol ${to.protocol ?? ""}`;
    if (world.accounts.named(account) === null) return `there is no account ${account}`;
    return withValue<Money>(moneyOf(to.amount), (amount) => {
      world.deposit(walletOf(account, entry.name), to.asset, amount);
      return null;
    });
  }

  /** An order of the account that its bot did not send. */
  foreignOrder(account: string, order: OutsideOrder): Deed {
    return this.inMarket(order.symbol, (_market, wallet) => {
      if (this.parts.world.accounts.named(account) === null) return `there is no account ${account}`;
      return this.place(wallet(account), order);
    });
  }

  /** An order of somebody else: it trades with the shown book and with our orders alike. */
  othersOrder(order: OutsideOrder): Deed {
    return this.inMarket(order.symbol, () => this.place(OTHERS, order));
  }

  /** The exchange cancels every open order; null: at every protocol. */
  cancelOrders(protocol: string | null): Deed {
    const { world, protocols } = this.parts;
    const { desk } = world.exchange;
    this.parts.settle();
    for (const { name, instruments } of protocols) {
      if (protocol !== null && protocol !== name) continue;
      for (const account of world.accounts.all()) {
        for (const { symbol } of instruments) desk.cancelAll(walletOf(account.name, name), symbol, "maintenance");
      }
    }
    this.parts.settle();
    return null;
  }

  /** All that is left of a resting order trades with the market at its price. */
  fillWhole(account: string, symbol: string, clientOrderId: string): Deed {
    return this.fill(account, { symbol, clientOrderId, quantity: null });
  }

  fill(
    account: string,
    order: { readonly symbol: string; readonly clientOrderId: string; readonly quantity: Amount | null },
  ): Deed {
    const { symbol, clientOrderId } = order;
    return this.inMarket(symbol, (market, wallet) =>
      withValue(order.quantity === null ? null : lotsOf(market.instrument, order.quantity), (quantity) => {
        const filled = this.interventions.fill(wallet(account), clientOrderId, quantity);
        return filled ? null : `${account} has no open order ${clientOrderId}`;
      }),
    );
  }

  /** A public trade prints; `side` is the taker's. Orders of ours that it reaches fill. */
  trade(
    symbol: string,
    trade: { readonly side: "buy" | "sell"; readonly price: Amount; readonly quantity: Amount },
  ): Deed {
    return this.inject(symbol, (instrument) =>
      both(instrument, [trade.price, trade.quantity], (price, quantity) => [
        { kind: "trade", side: trade.side, price, quantity },
      ]),
    );
  }

  /** What rests at one price, of others; quantity 0 takes the level away. */
  level(
    symbol: string,
    level: { readonly side: "buy" | "sell"; readonly price: Amount; readonly quantity: Amount },
  ): Deed {
    return this.inject(symbol, (instrument) =>
      both(instrument, [level.price, level.quantity], (price, quantity) => [
        { kind: "level", side: level.side, price, quantity },
      ]),
    );
  }

  /** The whole book is another. */
  book(symbol: string, book: { readonly bids: readonly GivenLevel[]; readonly asks: readonly GivenLevel[] }): Deed {
    return this.inject(symbol, (instrument) => {
      const sides: (readonly [number, number])[][] = [];
      for (const given of [book.bids, book.asks]) {
        const levels: (readonly [number, number])[] = [];
        for (const level of given) {
          const read = both(instrument, level, (price, quantity) => [price, quantity] as const);
          if (typeof read === "string") return read;
          levels.push(read);
        }
        sides.push(levels);
      }
      const [bids = [], asks = []] = sides;
      return [{ kind: "book", bids, asks }];
    });
  }

  /** Null: it follows the market again. */
  mark(symbol: string, mark: string | null): Deed {
    if (mark === null) return this.inject(symbol, () => [{ kind: "mark", mark: null }]);
    return this.inject(symbol, (instrument) => {
      const read = markOf(instrument, mark);
      return read.ok ? [{ kind: "mark", mark: read.value }] : read.error;
    });
  }

  /** Null: it is the mark again. */
  index(symbol: string, index: string | null): Deed {
    return this.inMarket(symbol, ({ instrument }) =>
      withValue(index === null ? null : markOf(instrument, index), (value) => {
        this.parts.world.setIndex(symbol, value);
        return null;
      }),
    );
  }

  private newInterval(instrument: Instrument, intervalMs: number): void {
    this.interventions.setRules({ ...instrument, fundingIntervalMs: intervalMs });
    this.parts.funding.changed(instrument.symbol);
  }

  private place(wallet: string, order: OutsideOrder): Deed {
    const { world } = this.parts;
    const market = world.exchange.market(order.symbol);
    const { side } = order;
    const far = farPrice(market, side, world.exchange.options.profile.priceBandPpm ?? 50_000);
    const price = order.price === null ? far : ticksOf(market.instrument, order.price);
    if (typeof price === "number" && price === 0) return `${order.symbol} shows nothing to take`;
    const read = typeof price === "number" ? { ok: true as const, value: price } : price;
    if (!read.ok) return read.error;
    return withValue(lotsOf(market.instrument, order.lots), (quantity) => {
      this.outsideOrders += 1;
      const clientOrderId = order.clientOrderId ?? `web_${this.outsideOrders}`;
      const timeInForce = order.price === null ? "IOC" : "GTC";
      const rules = { postOnly: false, reduceOnly: false, timeInForce } as const;
      const { symbol } = order;
      const reply = world.place(wallet, { symbol, clientOrderId, side, price: read.value, quantity, ...rules });
      if (reply.result === "accepted") return null;
      return "text" in reply ? reply.text : reply.result;
    });
  }

  private inject(symbol: string, rows: (instrument: Instrument) => readonly InjectedRow[] | string): Deed {
    return this.inMarket(symbol, ({ instrument }) => {
      const read = rows(instrument);
      if (typeof read === "string") return read;
      this.interventions.inject(symbol, read);
      return null;
    });
  }

  private onPerpetual(symbol: string, act: (market: HeldMarket, wallet: (account: string) => string) => Deed): Deed {
    return this.inMarket(symbol, (market, wallet) => {
      if (market.instrument.kind !== "perpetual") return `${symbol} is no perpetual`;
      const { clearing } = this.parts.world.exchange;
      const lots = (name: string): number =>
        clearing.accounts.has(name) ? clearing.holding(clearing.account(name), symbol).lots : 0;
      return act({ instrument: market.instrument, clearing: { lots } }, wallet);
    });
  }

  /** What is due has happened before, and what the deed causes is told after it. */
  private inMarket(symbol: string, act: (market: SimMarket, wallet: (account: string) => string) => Deed): Deed {
    const { world, protocols, settle } = this.parts;
    const entry = protocols.find(({ instruments }) => instruments.some((each) => each.symbol === symbol));
    if (entry === undefined) return `no protocol lists ${symbol}`;
    settle();
    const deed = act(world.exchange.market(symbol), (account) => walletOf(account, entry.name as ProtocolName));
    settle();
    return deed;
  }
}

interface HeldMarket {
  readonly instrument: Instrument;
  readonly clearing: { lots(wallet: string): number };
}

function withValue<T>(read: Result<T, string> | null, act: (value: T) => Deed): Deed;
function withValue<T>(read: Result<T, string> | null, act: (value: T | null) => Deed): Deed;
function withValue<T>(read: Result<T, string> | null, act: (value: T) => Deed): Deed {
  if (read === null) return act(null as T);
  return read.ok ? act(read.value) : read.error;
}

/** Reads a price and a quantity; the words of the first that cannot be read. */
function both<T>(
  instrument: Instrument,
  [price, quantity]: readonly [Amount, Amount],
  then: (price: number, quantity: number) => T,
): T | string {
  const read = { price: ticksOf(instrument, price), quantity: lotsOf(instrument, quantity) };
  if (!read.price.ok) return read.price.error;
  if (!read.quantity.ok) return read.quantity.error;
  return then(read.price.value, read.quantity.value);
}

/** The farthest price an order may have, so that it takes whatever there is within the band; 0 without a book. */
function farPrice(market: SimMarket, side: "buy" | "sell", bandPpm: number): number {
  const twice = market.best("buy") + market.best("sell");
  if (market.best("buy") === 0 || market.best("sell") === 0) return 0;
  const { priceStep } = market.grid;
  const through = Math.floor((twice * bandPpm) / 2_000_000);
  const price = side === "buy" ? Math.floor(twice / 2) + through : Math.ceil(twice / 2) - through;
  return Math.max(priceStep, Math.floor(price / priceStep) * priceStep);
}
