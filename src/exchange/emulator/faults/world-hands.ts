// What acts do to the world, by the operator's interventions: money, rules, positions and orders that come from outside.
// Amounts arrive as decimal text and become ticks, lots and money exactly, or not at all.

import { parseDecimal, unitsOf } from "../../../base/decimal.ts";
import { bigNearestDiv, toSafe } from "../../../base/integer.ts";
import { type Instrument, parseMoney, parsePrice, parseQuantity, unitMoney } from "../../../market/instrument.ts";
import { Interventions } from "../../../sim/interventions.ts";
import type { EmulatorParts } from "../parts.ts";
import type { ProtocolName } from "../protocol.ts";
import { OTHERS } from "../simulated-world.ts";
import { walletOf } from "../world.ts";
import type { Deed, FaultHands } from "./hands.ts";

type Rules = Parameters<FaultHands["change"]>[1];

const RATE_UNIT = { digits: 1n, scale: 12 };

export class WorldHands implements FaultHands {
  private readonly parts: EmulatorParts;
  private readonly interventions: Interventions;
  private foreign = 0;

  constructor(parts: EmulatorParts) {
    this.parts = parts;
    this.interventions = new Interventions(parts.exchange);
  }

  skew(account: string | null, ms: number): Deed {
    const { accounts } = this.parts;
    if (account === null) accounts.publicSkewMs = ms;
    const meant = accounts.all().filter(({ name }) => account === null || name === account);
    for (const each of meant) each.skewMs = ms;
    return meant.length === 0 ? `there is no account ${account}` : null;
  }

  change(symbol: string, rules: Rules): Deed {
    const { instrument } = this.parts.exchange.market(symbol);
    const grid = gridOf(instrument, rules);
    if (typeof grid === "string") return grid;
    let { minNotional } = instrument;
    if (rules.minNotional !== undefined) {
      const least = parseMoney(rules.minNotional);
      if (!least.ok || least.value < 0n) return `${rules.minNotional} is no notional`;
      minNotional = toSafe(bigNearestDiv(least.value, unitMoney(instrument)));
    }
    return this.done(() => this.interventions.setRules({ ...instrument, minNotional }, grid));
  }

  status(symbol: string, status: "trading" | "halted" | "cancel-only"): Deed {
    return this.done(() => this.parts.exchange.market(symbol).setStatus(status));
  }

  settleFunding(symbol: string, rate: string, intervalMs: number | null): Deed {
    const { exchange, time } = this.parts;
    const { instrument } = exchange.market(symbol);
    if (instrument.kind === "spot") return `${symbol} pays no funding`;
    const parsed = parseDecimal(rate);
    const ratePpt = parsed.ok ? unitsOf(parsed.value, RATE_UNIT, "nearest") : parsed;
    if (!ratePpt.ok) return `${rate} is no rate`;
    return this.done(() => {
      this.interventions.settleFunding(symbol, toSafe(ratePpt.value), time.nowMs() * 1000);
      if (intervalMs !== null) this.interventions.setRules({ ...instrument, fundingIntervalMs: intervalMs });
    });
  }

  liquidate(account: string, symbol: string, partPpm: number): Deed {
    const held = this.heldLots(account, symbol);
    const quantity = Math.max(1, Math.floor((Math.abs(held) * partPpm) / 1_000_000));
    return this.force({ account, symbol, quantity, origin: "liquidation" });
  }

  adl(account: string, symbol: string, lots: number): Deed {
    return this.force({ account, symbol, quantity: lots, origin: "adl" });
  }

  deposit(
    account: string,
    to: { readonly protocol: string | null; readonly asset: string; readonly amount: string },
  ): Deed {
    const amount = parseMoney(to.amount);
    if (!amount.ok) return amount.error;
    const protocol = this.protocols().find((name) => to.protocol === null || name === to.protocol);
    if (protocol === undefined) return `there is no protocol ${to.protocol}`;
    return this.done(() => this.interventions.deposit(walletOf(account, protocol), to.asset, amount.value));
  }

  foreignOrder(account: string, order: Parameters<FaultHands["foreignOrder"]>[1]): Deed {
    const { exchange, world } = this.parts;
    const { symbol, side, lots } = order;
    const market = exchange.market(symbol);
    const best = market.best(side === "buy" ? "sell" : "buy");
    const price = order.price === null ? null : parsePrice(market.instrument, order.price);
    if (price !== null && !price.ok) return price.error;
    if (price === null && best === 0) return `nothing of ${symbol} is on offer`;
    this.foreign += 1;
    const reply = world.place(this.wallet(account, symbol), {
      symbol,
      clientOrderId: `web_${this.foreign}`,
      side,
      price: price === null ? best : price.value,
      quantity: lots,
      timeInForce: price === null ? "IOC" : "GTC",
      postOnly: false,
      reduceOnly: false,
    });
    return reply.result === "accepted" ? null : `the order was ${reply.result}`;
  }

  cancelOrders(protocol: string | null): Deed {
    const { exchange, world } = this.parts;
    const meant = this.protocols().filter((name) => protocol === null || name === protocol);
    const ours = (wallet: string): boolean => meant.some((name) => wallet.endsWith(`@${name}`));
    const open = [...exchange.desk.ledger.allOpen()].filter(({ account }) => account !== OTHERS && ours(account));
    for (const { account, symbol, clientOrderId } of open) world.cancel(account, symbol, clientOrderId);
    return null;
  }

  fillWhole(account: string, symbol: string, clientOrderId: string): Deed {
    const wallet = this.wallet(account, symbol);
    let filled = false;
    this.done(() => {
      filled = this.interventions.fill(wallet, clientOrderId, null);
    });
    return filled ? null : `order ${clientOrderId} is not open`;
  }

  private force(given: {
    readonly account: string;
    readonly symbol: string;
    readonly quantity: number;
    readonly origin: "liquidation" | "adl";
  }): Deed {
    const { account, symbol, quantity, origin } = given;
    let closed = false;
    this.done(() => {
      const wallet = this.wallet(account, symbol);
      closed = this.interventions.closeByForce({ account: wallet, symbol }, { origin, quantity });
    });
    return closed ? null : `${account} has no position in ${symbol}`;
  }

  private heldLots(account: string, symbol: string): number {
    const { clearing } = this.parts.exchange;
    return clearing.holding(clearing.account(this.wallet(account, symbol)), symbol).lots;
  }

  private protocols(): readonly ProtocolName[] {
    return [...this.parts.protocols.keys()];
  }

  /** The wallet in which that instrument is traded. */
  private wallet(account: string, symbol: string): string {
    const { world } = this.parts;
    const lists = (name: ProtocolName): boolean =>
      world.instruments(name).some(({ instrument }) => instrument.symbol === symbol);
    const found = this.protocols().find(lists);
    if (found === undefined) throw new RangeError(`${symbol} is listed nowhere`);
    return walletOf(account, found);
  }

  private done(act: () => void): null {
    this.parts.settle();
    act();
    this.parts.settle();
    return null;
  }
}

/** A coarser grid in ticks and lots of the instrument; text: why not. */
function gridOf(instrument: Instrument, rules: Rules): { priceStep: number; quantityStep: number } | string {
  const price = rules.tickSize === undefined ? null : parsePrice(instrument, rules.tickSize);
  if (price !== null && !price.ok) return `a new tick must be a multiple of the old one: ${price.error}`;
  const quantity = rules.lotSize === undefined ? null : parseQuantity(instrument, rules.lotSize);
  if (quantity !== null && !quantity.ok) return `a new lot must be a multiple of the old one: ${quantity.error}`;
  return { priceStep: Math.max(1, price?.value ?? 1), quantityStep: Math.max(1, quantity?.value ?? 1) };
}
