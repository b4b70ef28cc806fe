// What an operator does to the emulated exchanges while they run: rules, money, positions and orders from outside, at
// the emulator's time of now. Each deed is recorded, and answers null or says in words why there was nothing to do. The
// control API and the faults both act through it.

import type { InstrumentStatus } from "../../market/instrument.ts";
import type { Interventions } from "../../sim/interventions.ts";
import type { SimMarket } from "../../sim/market.ts";
import { coarser, lotsOf, moneyOf, notionalUnits, rateOf, ticksOf } from "./amounts.ts";
import type { Deed, FaultHands } from "./faults/hands.ts";
import type { FundingClock } from "./funding-clock.ts";
import { type Amount, MarketDesk, type Named } from "./market-desk.ts";
import type { WireRecord } from "./record.ts";
import type { ProtocolEntry } from "./registry.ts";
import { OTHERS, type SimulatedWorld } from "./simulated-world.ts";
import { walletOf } from "./world.ts";

/** An order nobody's bot sent. */
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
  readonly record: WireRecord;
  readonly settle: () => void;
}

type WalletOf = (account: string) => string;

export class Operator implements FaultHands {
  /** Prices. */
  readonly market: MarketDesk;
  private readonly parts: OperatorParts;
  private readonly interventions: Interventions;
  private outsideOrders = 0;

  constructor(parts: OperatorParts) {
    this.parts = parts;
    this.interventions = parts.world.interventions;
    this.market = new MarketDesk(parts.world, ({ name, ...deed }, act) =>
      this.inMarket({ name: `market/${name}`, ...deed }, ({ instrument }) => act(instrument)),
    );
  }

  /** Null: the exchanges' time as everybody is told it. */
  skew(account: string | null, ms: number): Deed {
    const { accounts } = this.parts.world;
    this.told("skew", { account, ms });
    const meant = accounts.all().filter(({ name }) => account === null || name === account);
    if (account === null) accounts.publicSkewMs = ms;
    for (const each of meant) each.skewMs = ms;
    return account !== null && meant.length === 0 ? `there is no account ${account}` : null;
  }

  /** Coarser steps and another least notional, for orders that come from now on; those that rest stay. */
  change(
    symbol: string,
    rules: { readonly tickSize?: string; readonly lotSize?: string; readonly minNotional?: string },
  ): Deed {
    return this.inMarket({ name: "change", symbol, given: rules }, ({ instrument, grid }) => {
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
    return this.inMarket({ name: "status", symbol, given: status }, ({ instrument }) => {
      this.interventions.setRules({ ...instrument, status });
      return null;
    });
  }

  /** Funding is settled now, at this rate. `intervalMs`: a new interval from now on. */
  settleFunding(symbol: string, rate: string, intervalMs: number | null = null): Deed {
    const { world, funding } = this.parts;
    return this.inMarket({ name: "settleFunding", symbol, given: { rate, intervalMs } }, ({ instrument }) => {
      if (instrument.kind !== "perpetual") return `${symbol} is no perpetual`;
      const read = rateOf(rate);
      if (!read.ok) return read.error;
      this.interventions.settleFunding(symbol, read.value, world.exchange.nowUs());
      if (intervalMs === null) return null;
      this.interventions.setRules({ ...instrument, fundingIntervalMs: intervalMs });
      funding.changed(symbol);
      return null;
    });
  }

  liquidate(account: string, symbol: string, partPpm = 1_000_000): Deed {
    const { clearing } = this.parts.world.exchange;
    return this.inMarket({ name: "liquidate", symbol, given: { account, partPpm } }, (_market, wallet) => {
      const owner = clearing.accounts.get(wallet(account));
      const held = owner === undefined ? 0 : Math.abs(clearing.holding(owner, symbol).lots);
      if (held === 0) return `${account} has no position in ${symbol}`;
      const quantity = Math.max(1, Math.floor((held * partPpm) / 1_000_000));
      const name = { account: wallet(account), symbol };
      return this.interventions.closeByForce(name, { origin: "liquidation", quantity }) ? null : "nothing was closed";
    });
  }

  adl(account: string, symbol: string, lots: Amount): Deed {
    const { clearing } = this.parts.world.exchange;
    return this.inMarket({ name: "adl", symbol, given: { account, lots } }, ({ instrument }, wallet) => {
      const read = lotsOf(instrument, lots);
      if (!read.ok) return read.error;
      const name = { account: wallet(account), symbol };
      const known = clearing.accounts.has(name.account);
      const done = known && this.interventions.closeByForce(name, { origin: "adl", quantity: read.value });
      return done ? null : `${account} has no position in ${symbol}`;
    });
  }

  /** Money from outside, to it where negative; `protocol` null: into the account's first wallet. */
  deposit(
    account: string,
    to: { readonly protocol: string | null; readonly asset: string; readonly amount: string },
  ): Deed {
    const { protocols, world } = this.parts;
    this.told("deposit", { account, ...to });
    const entry = protocols.find(({ name }) => to.protocol === null || name === to.protocol);
    if (entry === undefined) return `there is no protocol ${to.protocol ?? ""}`;
    if (world.accounts.named(account) === null) return `there is no account ${account}`;
    const read = moneyOf(to.amount);
    if (!read.ok) return read.error;
    world.deposit(walletOf(account, entry.name), to.asset, read.value);
    return null;
  }

  /** An order of the account that its bot did not send. */
  foreignOrder(account: string, order: OutsideOrder): Deed {
    const { symbol } = order;
    return this.inMarket({ name: "foreignOrder", symbol, given: { account, ...order } }, (market, wallet) => {
      if (this.parts.world.accounts.named(account) === null) return `there is no account ${account}`;
      return this.place(wallet(account), market, order);
    });
  }

  /** An order of somebody else: it trades with the shown book and with our orders alike. */
  othersOrder(order: OutsideOrder): Deed {
    const { symbol } = order;
    return this.inMarket({ name: "othersOrder", symbol, given: order }, (market) => this.place(OTHERS, market, order));
  }

  /** The exchange cancels every open order of everybody; null: at every protocol. */
  cancelOrders(protocol: string | null): Deed {
    const { world, protocols, settle } = this.parts;
    this.told("cancelOrders", { protocol });
    settle();
    for (const { name, instruments } of protocols) {
      if (protocol !== null && protocol !== name) continue;
      for (const account of world.accounts.all()) {
        const wallet = walletOf(account.name, name);
        for (const { symbol } of instruments) world.exchange.desk.cancelAll(wallet, symbol, "maintenance");
      }
    }
    settle();
    return null;
  }

  /** All that is left of a resting order trades with the market at its price. */
  fillWhole(account: string, symbol: string, clientOrderId: string): Deed {
    return this.fill(account, { symbol, clientOrderId, quantity: null });
  }

  /** A resting order trades with the market at its price; `quantity` null: all that is left of it. */
  fill(
    account: string,
    order: { readonly symbol: string; readonly clientOrderId: string; readonly quantity: Amount | null },
  ): Deed {
    const { symbol, clientOrderId, quantity } = order;
    return this.inMarket({ name: "fill", symbol, given: { account, ...order } }, ({ instrument }, wallet) => {
      const read = quantity === null ? null : lotsOf(instrument, quantity);
      if (read !== null && !read.ok) return read.error;
      const filled = this.interventions.fill(wallet(account), clientOrderId, read?.value ?? null);
      return filled ? null : `${account} has no open order ${clientOrderId} in ${symbol}`;
    });
  }

  private place(wallet: string, market: SimMarket, order: OutsideOrder): Deed {
    const { world } = this.parts;
    const { side, symbol } = order;
    const { instrument } = market;
    const far = farPrice(market, side, world.exchange.options.profile.priceBandPpm ?? 50_000);
    if (order.price === null && far === 0) return `${symbol} shows nothing to take`;
    const price = ticksOf(instrument, order.price ?? far);
    if (!price.ok) return price.error;
    const quantity = lotsOf(instrument, order.lots);
    if (!quantity.ok) return quantity.error;
    this.outsideOrders += 1;
    const reply = world.place(wallet, {
      symbol,
      clientOrderId: order.clientOrderId ?? `web_${this.outsideOrders}`,
      side,
      price: price.value,
      quantity: quantity.value,
      timeInForce: order.price === null ? "IOC" : "GTC",
      postOnly: false,
      reduceOnly: false,
    });
    if (reply.result === "accepted") return null;
    return "text" in reply ? reply.text : reply.result;
  }

  /** What is due has happened before, and what the deed causes is told after it. */
  private inMarket({ name, symbol, given }: Named, act: (market: SimMarket, wallet: WalletOf) => Deed): Deed {
    const { world, protocols, settle } = this.parts;
    this.told(name, { symbol, given });
    const entry = protocols.find(({ instruments }) => instruments.some((each) => each.symbol === symbol));
    if (entry === undefined) return `no protocol lists ${symbol}`;
    settle();
    const deed = act(world.exchange.market(symbol), (account) => walletOf(account, entry.name));
    settle();
    return deed;
  }

  private told(operation: string, given: unknown): void {
    this.parts.record.add({ kind: "control", operation, given });
  }
}

/** The farthest price an order may have, so that it takes whatever there is within the band; 0 without a book. */
function farPrice(market: SimMarket, side: "buy" | "sell", bandPpm: number): number {
  const [bid, ask] = [market.best("buy"), market.best("sell")];
  if (bid === 0 || ask === 0) return 0;
  const { priceStep } = market.grid;
  const through = Math.floor(((bid + ask) * bandPpm) / 2_000_000);
  const price = side === "buy" ? Math.floor((bid + ask) / 2) + through : Math.ceil((bid + ask) / 2) - through;
  return Math.max(priceStep, Math.floor(price / priceStep) * priceStep);
}
