// The world protocols see, over one simulated exchange that holds every instrument of all of them. Requests are applied
// at the emulator's time of now and are answered before the call returns.

import { assert, present } from "../../base/assert.ts";
import { lots, type MilliTicks, type Money, milliTicks, ticks } from "../../market/amounts.ts";
import { formatPrice, formatQuantity, type Instrument } from "../../market/instrument.ts";
import type { SimulatedExchange } from "../../sim/exchange.ts";
import { Interventions } from "../../sim/interventions.ts";
import type { SimMarket } from "../../sim/market.ts";
import type { OrderRequest } from "../../sim/order-rules.ts";
import type { MutationReply, Session, SessionMessage } from "../../sim/session.ts";
import type { WatchMessage, WatchWish } from "../../sim/watchers.ts";
import type { Accounts } from "./accounts.ts";
import type { ProtocolName } from "./protocol.ts";
import type { Pump } from "./pump.ts";
import type { ProtocolEntry } from "./registry.ts";
import type { EmulatorTime } from "./time.ts";
import type { EmulatedAccount, EmulatedInstrument, EmulatorWorld, ProtocolHabits, StrikeOf } from "./world.ts";

/** The simulated account of people nobody emulates: it looks at markets and sends foreign orders. */
export const OTHERS = "others";

export interface WorldOptions {
  readonly seed: string;
  readonly habits: ProtocolHabits;
  readonly exchange: SimulatedExchange;
  readonly time: EmulatorTime;
  readonly pump: Pump;
  readonly accounts: Accounts;
  readonly protocols: readonly ProtocolEntry[];
  readonly strike: StrikeOf;
}

export class SimulatedWorld implements EmulatorWorld {
  readonly seed: string;
  readonly habits: ProtocolHabits;
  readonly exchange: SimulatedExchange;
  readonly clock: EmulatorTime;
  readonly strike: StrikeOf;
  private readonly options: WorldOptions;
  readonly interventions: Interventions;
  readonly accounts: Accounts;
  private readonly indices = new Map<string, number>();
  private readonly senders = new Map<string, Session>();
  private readonly depositors = new Set<(wallet: string, asset: string, amount: Money) => void>();
  private readonly listed = new Map<string, EmulatedInstrument>();

  constructor(options: WorldOptions) {
    this.options = options;
    this.seed = options.seed;
    this.habits = options.habits;
    this.exchange = options.exchange;
    this.clock = options.time;
    this.strike = options.strike;
    this.accounts = options.accounts;
    this.interventions = new Interventions(options.exchange);
  }

  instruments(protocol: ProtocolName): readonly EmulatedInstrument[] {
    const entry = present(
      this.options.protocols.find(({ name }) => name === protocol),
      `protocol ${protocol}`,
    );
    return entry.instruments.map(({ symbol }) => this.listing(entry, symbol));
  }

  accountByKey(apiKey: string): EmulatedAccount | null {
    return this.options.accounts.withKey(apiKey);
  }

  timeFor(account: EmulatedAccount | null): number {
    return this.clock.nowMs() + (account?.skewMs ?? this.options.accounts.publicSkewMs);
  }

  index(symbol: string): MilliTicks {
    const index = this.indices.get(symbol);
    return index === undefined ? this.exchange.market(symbol).mark() : milliTicks(index);
  }

  /** Null: it is the mark again. */
  setIndex(symbol: string, index: number | null): void {
    if (index === null) this.indices.delete(symbol);
    else this.indices.set(symbol, index);
  }

  setLeverage(wallet: string, symbol: string, leverage: number): void {
    this.options.pump.settle();
    this.interventions.setLeverage({ account: wallet, symbol }, leverage);
    this.options.pump.settle();
  }

  place(wallet: string, order: OrderRequest): MutationReply {
    return this.answered((done) => this.sender(wallet).place(this.exchange.nowUs(), order, done));
  }

  cancel(wallet: string, symbol: string, clientOrderId: string): MutationReply {
    return this.answered((done) => this.sender(wallet).cancel(this.exchange.nowUs(), symbol, clientOrderId, done));
  }

  amend(wallet: string, to: Parameters<EmulatorWorld["amend"]>[1]): MutationReply {
    return this.answered((done) => this.sender(wallet).amend(this.exchange.nowUs(), to, done));
  }

  follow(wallet: string, listener: (symbol: string, message: SessionMessage) => void): () => void {
    const session = this.exchange.connect(wallet);
    session.listen(listener);
    return () => session.close();
  }

  watch(symbol: string, wish: WatchWish, listener: (message: WatchMessage) => void): () => void {
    const session = this.exchange.connect(OTHERS);
    session.watch(symbol, wish, listener);
    this.options.pump.settle();
    return () => session.close();
  }

  deposit(wallet: string, asset: string, amount: Money): void {
    this.options.pump.settle();
    this.interventions.deposit(wallet, asset, amount);
    this.options.pump.settle();
    for (const listener of this.depositors) listener(wallet, asset, amount);
  }

  followDeposits(listener: (wallet: string, asset: string, amount: Money) => void): () => void {
    this.depositors.add(listener);
    return () => this.depositors.delete(listener);
  }

  /** An order is judged by what the market is now; its answer and what it caused come before the call returns. */
  private answered(send: (done: (reply: MutationReply) => void) => void): MutationReply {
    this.options.pump.settle();
    let answer: MutationReply | null = null;
    send((reply) => {
      answer = reply;
    });
    this.options.pump.settle();
    const reply: MutationReply | null = answer;
    assert(reply !== null, "an exchange without latency answers at once");
    return reply;
  }

  private sender(wallet: string): Session {
    let session = this.senders.get(wallet);
    if (session === undefined) {
      session = this.exchange.connect(wallet);
      this.senders.set(wallet, session);
    }
    return session;
  }

  /** Made again only when the instrument itself is another. */
  private listing(entry: ProtocolEntry, symbol: string): EmulatedInstrument {
    const { instrument, grid } = this.exchange.market(symbol);
    const known = this.listed.get(symbol);
    if (known?.instrument === instrument) return known;
    const { priceBandPpm } = this.exchange.options.profile;
    const { description } = entry.emulated(published(instrument, grid), priceBandPpm);
    const listing = { ...entry.emulated(instrument, priceBandPpm), description };
    this.listed.set(symbol, listing);
    return listing;
  }
}

/** What the exchange tells of an instrument whose grid was made coarser; orders are still counted in the old steps. */
function published(instrument: Instrument, grid: SimMarket["grid"]): Instrument {
  const { priceStep, quantityStep } = grid;
  if (priceStep === 1 && quantityStep === 1) return instrument;
  return {
    ...instrument,
    tickSize: formatPrice(instrument, ticks(priceStep)),
    lotSize: formatQuantity(instrument, lots(quantityStep)),
    minLots: lots(Math.ceil(instrument.minLots / quantityStep)),
    maxLots: lots(Math.floor(instrument.maxLots / quantityStep)),
    minNotional: Math.ceil(instrument.minNotional / (priceStep * quantityStep)),
  };
}
