// What the exchange keeps through the death of the process it lives in, as canonical data: accounts, orders, fills, its
// place on the timeline, its dice. Finished orders and fills are kept as text, since they never change again.

import { assert } from "../base/assert.ts";
import { type Canonical, decodeCanonical, encodeCanonical } from "../base/canonical.ts";
import type { SettledRate } from "../market/public-trade.ts";
import type { Clearing } from "./clearing.ts";
import { emptyHolding } from "./clearing.ts";
import type { FaultPlan } from "./fault-plan.ts";
import { type LatencyClock, restorePrng } from "./latency.ts";
import type { MarginDesk, Settlement } from "./margin-desk.ts";
import type { MarketSaved, SimMarket } from "./market.ts";
import { leftOf, type SimOrder } from "./order.ts";
import type { OrderDesk } from "./order-desk.ts";
import type { SimFill } from "./order-ledger.ts";
import { countOpen } from "./order-rules.ts";
import type { Mutation } from "./session.ts";

export interface InFlight {
  readonly atUs: number;
  readonly mutation: Mutation;
}

/** Canonical: {@link encodeCanonical} takes it as it is. */
export interface SavedExchange {
  readonly version: 1;
  readonly nowUs: number;
  readonly counts: {
    readonly orders: number;
    readonly trades: number;
    readonly priority: number;
    readonly recorded: number;
  };
  readonly accounts: Canonical;
  readonly house: ReadonlyMap<string, bigint>;
  readonly open: readonly SimOrder[];
  readonly finished: readonly string[];
  readonly fills: readonly string[];
  readonly markets: readonly {
    readonly symbol: string;
    readonly state: MarketSaved;
  }[];
  readonly rates: ReadonlyMap<string, number>;
  readonly settlements: readonly Settlement[];
  /** Absent in files of before they were kept. */
  readonly settledRates?: readonly SettledRate[];
  readonly inFlight: readonly InFlight[];
  readonly faultDice: readonly number[];
  readonly latency: { readonly [direction in "feed" | "entry" | "response"]: ReturnType<LatencyClock["save"]> };
}

export interface Savable {
  readonly clearing: Clearing;
  readonly desk: OrderDesk;
  readonly margin: MarginDesk;
  readonly faults: FaultPlan;
  readonly markets: ReadonlyMap<string, SimMarket>;
  recorded: number;
  nowUs(): number;
}

type Latencies = { readonly [direction in "feed" | "entry" | "response"]: LatencyClock };

// each finished order and fill is encoded once
const texts = new WeakMap<object, string>();
function textOf(value: SimOrder | SimFill): string {
  let text = texts.get(value);
  if (text === undefined) {
    text = encodeCanonical(value);
    texts.set(value, text);
  }
  return text;
}

const fromText = (text: string): unknown => decodeCanonical(text);

export function saveExchange(
  exchange: Savable,
  rest: { readonly inFlight: readonly InFlight[]; readonly latency: Latencies },
): SavedExchange {
  const { desk, clearing, margin, faults } = exchange;
  const { finished, fills } = desk.ledger.save();
  const accounts = [...clearing.accounts.values()].map(({ name, balances, holdings }) => ({
    name,
    balances: new Map(balances),
    holdings: new Map([...holdings].map(([symbol, { lots, cost, isolated }]) => [symbol, { lots, cost, isolated }])),
  }));
  return {
    version: 1,
    nowUs: exchange.nowUs(),
    counts: { orders: desk.orderCount, trades: desk.tradeCount, priority: desk.priority, recorded: exchange.recorded },
    accounts,
    house: new Map(clearing.house),
    open: [...desk.ledger.allOpen()].map((order) => ({ ...order })),
    finished: finished.map(textOf),
    fills: fills.map(textOf),
    markets: [...exchange.markets.values()].map((market) => ({
      symbol: market.symbol,
      state: market.save(),
    })),
    rates: new Map(margin.rates),
    settlements: [...margin.settlements],
    settledRates: [...margin.settledRates],
    inFlight: rest.inFlight,
    faultDice: faults.prng.state.map((word) => word + 0),
    latency: {
      feed: rest.latency.feed.save(),
      entry: rest.latency.entry.save(),
      response: rest.latency.response.save(),
    },
  };
}

/** Fills a fresh exchange; returns the requests that were under way. */
export function restoreExchange(exchange: Savable, saved: SavedExchange, latency: Latencies): readonly InFlight[] {
  assert(saved.version === 1, () => `an exchange saved by version ${saved.version} cannot be restored`);
  const { desk, clearing, margin, faults } = exchange;
  // a halt is a fault that runs its course in the process that drew it: a restored market trades as its options say
  for (const { symbol, state } of saved.markets) {
    const market = exchange.markets.get(symbol);
    assert(market !== undefined, () => `${symbol} was saved, but the exchange has no such market`);
    market.restore(state);
  }
  restoreAccounts(clearing, saved);
  desk.orderCount = saved.counts.orders;
  desk.tradeCount = saved.counts.trades;
  desk.priority = saved.counts.priority;
  exchange.recorded = saved.counts.recorded;
  desk.ledger.restore({
    finished: saved.finished.map((text) => fromText(text) as SimOrder),
    fills: saved.fills.map((text) => fromText(text) as SimFill),
  });
  for (const order of [...saved.open].sort((a, b) => a.priority - b.priority)) restoreOrder(exchange, { ...order });
  for (const [symbol, rate] of saved.rates) margin.rates.set(symbol, rate);
  margin.settlements = [...saved.settlements];
  margin.settledRates = [...(saved.settledRates ?? [])];
  restorePrng(faults.prng, saved.faultDice);
  latency.feed.restore(saved.latency.feed);
  latency.entry.restore(saved.latency.entry);
  latency.response.restore(saved.latency.response);
  for (const account of clearing.accounts.values()) margin.refresh(account);
  return saved.inFlight;
}

function restoreOrder({ desk, clearing, markets }: Savable, order: SimOrder): void {
  desk.ledger.addOpen(order);
  markets.get(order.symbol)?.resting.add(order);
  const holding = clearing.holding(clearing.account(order.account), order.symbol);
  holding.openOrders += 1;
  countOpen(holding, order, leftOf(order));
}

function restoreAccounts(clearing: Clearing, saved: SavedExchange): void {
  type SavedAccount = {
    name: string;
    balances: Map<string, bigint>;
    holdings: Map<string, { lots: number; cost: bigint; isolated: bigint }>;
  };
  const given: unknown = saved.accounts;
  for (const { name, balances, holdings } of given as readonly SavedAccount[]) {
    const account = clearing.account(name);
    account.balances.clear();
    for (const [asset, amount] of balances) account.balances.set(asset, amount);
    for (const [symbol, { lots, cost, isolated }] of holdings) {
      account.holdings.set(symbol, { ...emptyHolding(), lots, cost, isolated });
    }
  }
  clearing.house.clear();
  for (const [pocket, amount] of saved.house) clearing.house.set(pocket, amount);
}
