// What happens to positions by time and mark: funding at its instant, liquidation when the margin is used up, and the
// account's own view of its money. Exact; what a liquidated account cannot pay comes out of the insurance pocket.

import { bigFloorDiv } from "../base/integer.ts";
import { lots, type MilliTicks, type Money, money, opposite } from "../market/amounts.ts";
import { markMoney, unitMoney } from "../market/instrument.ts";
import type { SettledRate } from "../market/public-trade.ts";
import type { AccountEvent, FundingSettled } from "../trading/event.ts";
import type { Clearing, Holding, SimAccount } from "./clearing.ts";
import { liquidationMark, maintenanceMargin, tiersOf } from "./margin.ts";
import type { SimMarket } from "./market.ts";
import { leftOf } from "./order.ts";
import type { OrderDesk, RecordBody } from "./order-desk.ts";
import type { MarketMessage } from "./publisher.ts";

const TRILLION = 10n ** 12n;

export interface MarginWorld {
  readonly clearing: Clearing;
  readonly markets: ReadonlyMap<string, SimMarket>;
  readonly desk: OrderDesk;
}

export interface MarginOutlet {
  tell(account: string, symbol: string, message: Omit<FundingSettled, "atMs">): void;
  record(entry: RecordBody): void;
  nowUs(): number;
}

/** One settlement of one account. */
export type Settlement = Omit<FundingSettled, "atMs"> & { readonly account: string };

/** Settlements kept for those who ask later. */
const SETTLEMENTS_MAX = 10_000;
/** Settled rates kept, of all markets; written with every change, so few. */
const RATES_MAX = 1_000;

export class MarginDesk {
  private readonly world: MarginWorld;
  private readonly out: MarginOutlet;
  /** Newest settled rate of a market: the predicted one until something better is known (BT-20). */
  readonly rates = new Map<string, number>();
  /** What accounts paid or received, oldest first; the oldest are forgotten. */
  settlements: Settlement[] = [];
  /** Settled rates, oldest first; the oldest are forgotten. */
  settledRates: SettledRate[] = [];
  private readonly lastTold = new Map<string, Told>();
  private readonly openValues = new WeakMap<Holding, OpenValues>();
  private liquidations = 0;

  constructor(world: MarginWorld, out: MarginOutlet) {
    this.world = world;
    this.out = out;
  }

  /**
   * Funding: −position × mark × rate at the position and mark of the instant, rounded down, which favours the exchange.
   */
  settle(market: SimMarket, ratePpt: number, atUs: number): void {
    if (market.instrument.kind !== "perpetual" || market.markMilli === 0) return;
    this.rates.set(market.symbol, ratePpt);
    const mark = market.mark();
    const settledAtMs = Math.floor(atUs / 1000);
    if (this.settledRates.length >= 2 * RATES_MAX) this.settledRates = this.settledRates.slice(-RATES_MAX);
    this.settledRates.push({ symbol: market.symbol, ratePpt, mark, settledAtMs });
    for (const account of this.world.clearing.accounts.values()) {
      const holding = this.world.clearing.holding(account, market.symbol);
      if (holding.lots === 0) continue;
      const amount = fundingPayment(market, lots(holding.lots), ratePpt);
      this.world.clearing.move(account, "funding", market.instrument.quote, amount);
      const { symbol } = market;
      const positionLots = lots(holding.lots);
      this.out.record({
        kind: "funding",
        account: account.name,
        symbol,
        ratePpt,
        mark,
        positionLots,
        amount: String(amount),
      });
      const settled = { kind: "funding-settled", symbol, settledAtMs, ratePpt, mark, positionLots, amount } as const;
      if (this.settlements.length >= SETTLEMENTS_MAX) this.settlements = this.settlements.slice(SETTLEMENTS_MAX / 2);
      this.settlements.push({ ...settled, account: account.name });
      this.out.tell(account.name, symbol, settled);
      this.refresh(account);
    }
    this.tellRate(market, (message) => market.publisher.toAll(message));
  }

  /** The predicted rate as known now; nothing where no rate was settled yet. */
  tellRate(market: SimMarket, send: (message: MarketMessage) => void): void {
    const ratePpt = this.rates.get(market.symbol);
    const interval = market.instrument.fundingIntervalMs;
    if (ratePpt === undefined || interval === 0) return;
    const nowMs = Math.floor(this.out.nowUs() / 1000);
    const nextAtMs = (Math.floor(nowMs / interval) + 1) * interval;
    send({ kind: "funding-rate", symbol: market.symbol, ratePpt, nextAtMs });
  }

  /** Computes again at which mark an account is liquidated, and where its markets must call out. */
  refresh(account: SimAccount): void {
    for (const market of this.world.markets.values()) {
      if (market.margin === null || market.instrument.kind !== "perpetual") continue;
      const holding = this.world.clearing.holding(account, market.symbol);
      if (holding.lots === 0 && holding.liquidation === null) continue;
      holding.liquidation = this.liquidationOf(account, market, holding);
      this.setAlarms(market);
    }
  }

  /** The mark is at or past an alarm: liquidates whoever it is for. */
  liquidateAt(market: SimMarket): void {
    for (const account of this.world.clearing.accounts.values()) {
      const holding = this.world.clearing.holding(account, market.symbol);
      const at = holding.liquidation;
      if (at === null || holding.lots === 0) continue;
      if (holding.lots > 0 ? market.markMilli <= at : market.markMilli >= at) this.liquidate(account, market);
    }
    this.setAlarms(market);
  }

  /**
   * The exchange closes up to `quantity` lots of a position now, whatever its margin: by liquidation, after its orders
   * are cancelled, or against somebody's bankruptcy (`adl`), which costs no liquidation fee. False: there is none.
   */
  closeByForce(
    account: SimAccount,
    market: SimMarket,
    how: { readonly origin: "liquidation" | "adl"; readonly quantity: number },
  ): boolean {
    const holding = this.world.clearing.holding(account, market.symbol);
    const quantity = Math.min(how.quantity, Math.abs(holding.lots));
    if (quantity <= 0) return false;
    if (how.origin === "liquidation") this.liquidate(account, market, quantity);
    else {
      const side = holding.lots > 0 ? "sell" : "buy";
      this.forcedFill(account, market, { side, quantity, origin: "adl" });
      this.refresh(account);
    }
    return true;
  }

  accountView(account: SimAccount, quote: string): Omit<AccountEvent, "atMs"> {
    let maintenance = 0n;
    for (const market of this.world.markets.values()) {
      const { instrument } = market;
      if (instrument.quote !== quote || instrument.kind !== "perpetual") continue;
      const held = this.world.clearing.holding(account, market.symbol).lots;
      maintenance += maintenanceMargin(instrument, tiersOf(instrument, market.margin ?? undefined), {
        lots: held,
        mark: market.mark(),
      });
    }
    return {
      kind: "account",
      equity: this.world.clearing.equity(account, quote),
      quoteAvailable: this.available(account, quote),
      maintenanceMargin: money(maintenance),
    };
  }

  /** Quote asset free for new orders; never below zero. */
  available(account: SimAccount, quote: string): Money {
    const free = this.world.clearing.free(account, quote, (market, side) => {
      const values = this.openValuesOf(account, market.instrument.symbol);
      return (side === "buy" ? values.buy : values.sell) * unitMoney(market.instrument);
    });
    return money(free > 0n ? free : 0n);
  }

  /** Tells an account's money where it changed since it was last told. */
  tellAccount(name: string, send: (symbol: string, message: Omit<AccountEvent, "atMs">) => void): void {
    const account = this.world.clearing.account(name);
    const told = new Set<string>();
    for (const market of this.world.markets.values()) {
      const { quote } = market.instrument;
      if (told.has(quote) || market.markMilli === 0) continue;
      told.add(quote);
      const view = this.accountView(account, quote);
      const key = `${name} ${quote}`;
      const last = this.lastTold.get(key);
      if (last !== undefined && sameMoney(last, view)) continue;
      this.lastTold.set(key, view);
      send(market.symbol, view);
    }
  }

  /** What an account's open orders in a market would cost, summed anew only after one of them changed. */
  private openValuesOf(account: SimAccount, symbol: string): OpenValues {
    const { ledger } = this.world.desk;
    const holding = this.world.clearing.holding(account, symbol);
    const known = this.openValues.get(holding);
    if (known?.version === ledger.version) return known;
    const buy = new ValueSum();
    const sell = new ValueSum();
    for (const order of ledger.openOrders(account.name)) {
      if (order.symbol !== symbol || order.reduceOnly) continue;
      (order.side === "buy" ? buy : sell).add(order.price, leftOf(order));
    }
    const values = { version: ledger.version, buy: buy.total(), sell: sell.total() };
    this.openValues.set(holding, values);
    return values;
  }

  private liquidationOf(account: SimAccount, market: SimMarket, holding: Holding): MilliTicks | null {
    if (holding.lots === 0) return null;
    const { instrument, margin } = market;
    let collateral = holding.isolated;
    if (margin?.mode !== "isolated") collateral = this.crossCollateral(account, market);
    return liquidationMark(instrument, tiersOf(instrument, margin ?? undefined), {
      lots: lots(holding.lots),
      cost: holding.cost,
      collateral,
    });
  }

  /** Wallet less what isolated positions hold, plus other cross positions at their marks of now. */
  private crossCollateral(account: SimAccount, market: SimMarket): bigint {
    const { quote } = market.instrument;
    let sum = this.world.clearing.wallet(account, quote);
    for (const other of this.world.markets.values()) {
      if (other === market || other.instrument.quote !== quote || other.instrument.kind !== "perpetual") continue;
      const holding = this.world.clearing.holding(account, other.symbol);
      if (holding.lots === 0) continue;
      if (other.margin?.mode === "isolated") sum -= holding.isolated;
      else {
        const position = { lots: holding.lots, mark: other.mark() };
        sum += markMoney(other.instrument, other.mark(), lots(holding.lots)) - holding.cost;
        sum -= maintenanceMargin(other.instrument, tiersOf(other.instrument, other.margin ?? undefined), position);
      }
    }
    return sum;
  }

  private setAlarms(market: SimMarket): void {
    market.alarmBelow = Number.NEGATIVE_INFINITY;
    market.alarmAbove = Number.POSITIVE_INFINITY;
    for (const account of this.world.clearing.accounts.values()) {
      const { lots: held, liquidation } = this.world.clearing.holding(account, market.symbol);
      if (liquidation === null) continue;
      if (held > 0) market.alarmBelow = Math.max(market.alarmBelow, liquidation);
      if (held < 0) market.alarmAbove = Math.min(market.alarmAbove, liquidation);
    }
  }

  /** Orders go first, then the whole position at the best price shown, with the taker's and the liquidation's fee. */
  private liquidate(account: SimAccount, market: SimMarket, most = Number.POSITIVE_INFINITY): void {
    const { clearing, desk } = this.world;
    const holding = clearing.holding(account, market.symbol);
    const quantity = Math.min(most, Math.abs(holding.lots));
    desk.cancelAll(account.name, market.symbol, "liquidation");
    const { quote } = market.instrument;
    const isolated = market.margin?.mode === "isolated";
    const floor = isolated ? clearing.wallet(account, quote) - holding.isolated : 0n;
    const positionLots = holding.lots;
    const side = positionLots > 0 ? "sell" : "buy";
    const mark = market.markMilli;
    this.forcedFill(account, market, { side, quantity, origin: "liquidation" });
    const missing = floor - clearing.wallet(account, quote);
    const insurance = missing > 0n ? missing : 0n;
    clearing.move(account, "insurance", quote, insurance);
    const { symbol } = market;
    this.out.record({
      kind: "liquidation",
      account: account.name,
      symbol,
      mark,
      positionLots,
      insurance: String(insurance),
    });
    this.refresh(account);
  }

  /** At the best price shown, or near the mark where none is. */
  private forcedFill(account: SimAccount, market: SimMarket, { side, quantity, origin }: ForcedClose): void {
    const mark = market.markMilli;
    const shown = market.best(opposite(side));
    const fallback = side === "sell" ? Math.floor(mark / 1000) : Math.ceil(mark / 1000);
    this.liquidations += 1;
    this.world.desk.bookFill(account, market, {
      symbol: market.symbol,
      side,
      price: Math.max(1, shown === 0 ? fallback : shown),
      quantity,
      liquidity: "taker",
      counterparty: "market",
      clientOrderId: null,
      exchangeOrderId: `${origin === "adl" ? "adl_autoclose" : "autoclose"}-${this.liquidations}`,
      origin,
      extraPpm: origin === "adl" ? 0 : (market.margin?.liquidationFeePpm ?? 0),
    });
  }
}

/** A close the account did not ask for. */
interface ForcedClose {
  readonly side: "buy" | "sell";
  readonly quantity: number;
  readonly origin: "liquidation" | "adl";
}

/** Sums of price × quantity left over an account's open orders in one market, exact, at a version of the ledger. */
interface OpenValues {
  readonly version: number;
  readonly buy: bigint;
  readonly sell: bigint;
}

/** Exact sum of products: in a number as long as it is safe, carried over to a bigint before it is not. */
class ValueSum {
  private small = 0;
  private large = 0n;

  add(price: number, quantity: number): void {
    const value = price * quantity;
    if (this.small + value <= Number.MAX_SAFE_INTEGER) {
      this.small += value;
      return;
    }
    this.large += BigInt(this.small) + BigInt(price) * BigInt(quantity);
    this.small = 0;
  }

  total(): bigint {
    return this.large + BigInt(this.small);
  }
}

type Told = Omit<AccountEvent, "atMs">;

const sameMoney = (a: Told, b: Told): boolean =>
  a.equity === b.equity && a.quoteAvailable === b.quoteAvailable && a.maintenanceMargin === b.maintenanceMargin;

/** −position × mark × rate as Money, rounded down. `ratePpt` is the rate × 10^12. */
export function fundingPayment(
  market: Pick<SimMarket, "instrument" | "mark">,
  position: number,
  ratePpt: number,
): Money {
  const notional = BigInt(position) * BigInt(market.mark()) * unitMoney(market.instrument);
  return money(bigFloorDiv(-notional * BigInt(ratePpt), TRILLION * 1000n));
}
