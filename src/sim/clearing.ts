// Who owns what on the exchange: accounts, positions and the house (market, fees, funding, insurance) as
// counterparties, so that every asset sums to what was there at the start (P23). A perpetual's cash is kept at full
// notional: the wallet is cash + cost of the open positions, the equity is cash + position at mark, both exact.

import { assert } from "../base/assert.ts";
import { bigCeilDiv } from "../base/integer.ts";
import {
  type Lots,
  lots,
  type MilliTicks,
  type Money,
  money,
  type Side,
  signOf,
  type Ticks,
} from "../market/amounts.ts";
import { baseMoney, type Instrument, markMoney, notionalMoney, unitMoney } from "../market/instrument.ts";
import type { Fee } from "./fees.ts";
import type { AccountOptions, FeeModel, MarginModel } from "./options.ts";

/** What one account holds and has open in one market. Values are in value units (tick × lot), as doubles: estimates. */
export interface Holding {
  /** Signed position of a perpetual; stays 0 on spot, where the base asset is a balance. */
  lots: number;
  /** Signed Σ price × quantity of the open position, Money. */
  cost: bigint;
  /** Margin set aside for the position in isolated mode, Money. */
  isolated: bigint;
  openBuyValue: number;
  openSellValue: number;
  openSellLots: number;
  openOrders: number;
  /** Mark that liquidates, milliticks; null when none does. */
  liquidation: number | null;
  /** Set by the account; null: the instrument's own. */
  leverage: number | null;
}

export interface SimAccount {
  readonly name: string;
  fees: FeeModel | null;
  readonly balances: Map<string, bigint>;
  readonly holdings: Map<string, Holding>;
}

/** The part of a market that clearing needs. */
export interface ClearingMarket {
  readonly instrument: Instrument;
  readonly margin: MarginModel | null;
  /** Mark in use, milliticks; 0 while unknown. */
  mark(): MilliTicks;
}

/** What the house pays from; `outside` is the world beyond the exchange: deposits and withdrawals. */
export type HousePocket = "market" | "fees" | "funding" | "insurance" | "outside";

export interface Trade {
  readonly market: ClearingMarket;
  readonly side: Side;
  readonly price: Ticks;
  readonly quantity: Lots;
  readonly fee: Fee;
}

export class Clearing {
  readonly accounts = new Map<string, SimAccount>();
  /** `market USDT`, `fees BNB`, `funding USDT`, `insurance USDT`, `market <symbol>` (lots of a perpetual). */
  readonly house = new Map<string, bigint>();
  private readonly markets: readonly ClearingMarket[];

  constructor(accounts: readonly AccountOptions[], markets: readonly ClearingMarket[]) {
    this.markets = markets;
    for (const options of accounts) this.add(options);
  }

  /** One more account, of a name that is not taken. */
  add(options: AccountOptions): void {
    assert(!this.accounts.has(options.name), () => `account ${options.name} is given twice`);
    const holdings = new Map<string, Holding>();
    for (const { instrument } of this.markets) holdings.set(instrument.symbol, emptyHolding());
    this.accounts.set(options.name, {
      name: options.name,
      fees: options.fees ?? null,
      balances: new Map(options.balances),
      holdings,
    });
  }

  account(name: string): SimAccount {
    const account = this.accounts.get(name);
    assert(account !== undefined, () => `account ${name} is missing`);
    return account;
  }

  holding(account: SimAccount, symbol: string): Holding {
    const holding = account.holdings.get(symbol);
    assert(holding !== undefined, () => `holding of ${symbol} is missing`);
    return holding;
  }

  balance(account: SimAccount, asset: string): bigint {
    return account.balances.get(asset) ?? 0n;
  }

  /** Books one side of a trade; the counterparty is the market, or another account that books its own side. */
  book(account: SimAccount, trade: Trade): void {
    const { market, side, price, quantity, fee } = trade;
    const { instrument } = market;
    const notional = notionalMoney(instrument, price, quantity) * BigInt(signOf(side));
    this.move(account, "market", instrument.quote, -notional);
    if (instrument.kind === "spot") {
      this.move(account, "market", instrument.base, baseMoney(instrument, quantity) * BigInt(signOf(side)));
    } else {
      this.shiftPosition(this.holding(account, instrument.symbol), trade);
      this.houseAdd(`market ${instrument.symbol}`, -BigInt(quantity * signOf(side)));
    }
    this.move(account, "fees", fee.asset, -fee.amount);
  }

  /** Moves `amount` of an asset from the house's pocket to the account (negative: the other way). */
  move(account: SimAccount, pocket: HousePocket, asset: string, amount: bigint): void {
    if (amount === 0n) return;
    account.balances.set(asset, (account.balances.get(asset) ?? 0n) + amount);
    this.houseAdd(`${pocket} ${asset}`, -amount);
  }

  /** Quote balance with the cost of open perpetuals put back: what exchanges call the wallet balance. */
  wallet(account: SimAccount, quote: string): bigint {
    let sum = this.balance(account, quote);
    for (const { instrument } of this.markets) {
      if (instrument.kind === "perpetual" && instrument.quote === quote) {
        sum += this.holding(account, instrument.symbol).cost;
      }
    }
    return sum;
  }

  /** Cash and everything held at mark, in the quote asset. */
  equity(account: SimAccount, quote: string): Money {
    let sum = this.balance(account, quote);
    for (const market of this.markets) {
      const { instrument } = market;
      if (instrument.quote !== quote) continue;
      const mark = market.mark();
      if (instrument.kind === "perpetual") {
        sum += markMoney(instrument, mark, lots(this.holding(account, instrument.symbol).lots));
      } else {
        const base = this.balance(account, instrument.base);
        const lot: bigint = baseMoney(instrument, lots(1));
        sum += (base * BigInt(mark) * unitMoney(instrument)) / (lot * 1000n);
      }
    }
    return money(sum);
  }

  /** Margin put aside or needed for positions and for `open` orders' values (Money, by market), in the quote asset. */
  free(account: SimAccount, quote: string, open: (market: ClearingMarket, side: Side) => bigint): bigint {
    let free = this.balance(account, quote);
    for (const market of this.markets) {
      const { instrument, margin } = market;
      if (instrument.quote !== quote) continue;
      const buys = open(market, "buy");
      if (instrument.kind === "spot") {
        free -= buys;
        continue;
      }
      const holding = this.holding(account, instrument.symbol);
      const sells = open(market, "sell");
      const held: bigint = markMoney(instrument, market.mark(), lots(holding.lots));
      const isolated = margin?.mode === "isolated";
      free += isolated ? holding.cost - holding.isolated : held;
      const size = held < 0n ? -held : held;
      const opening = larger(held >= 0n ? buys : buys - size, held >= 0n ? sells - size : sells);
      const exposure = isolated ? larger(opening, 0n) : larger(size + (held >= 0n ? buys : sells), opening);
      free -= bigCeilDiv(exposure, BigInt(holding.leverage ?? instrument.leverage));
    }
    return free;
  }

  private shiftPosition(holding: Holding, trade: Trade): void {
    const { instrument } = trade.market;
    const unit = unitMoney(instrument);
    const isolated = trade.market.margin?.mode === "isolated";
    const leverage = BigInt(holding.leverage ?? instrument.leverage);
    let signed = trade.quantity * signOf(trade.side);
    if (holding.lots !== 0 && Math.sign(signed) !== Math.sign(holding.lots)) {
      const closing = Math.min(Math.abs(signed), Math.abs(holding.lots));
      const size = BigInt(Math.abs(holding.lots));
      holding.cost -= (holding.cost * BigInt(closing)) / size;
      holding.isolated -= (holding.isolated * BigInt(closing)) / size;
      holding.lots += closing * Math.sign(signed);
      signed -= closing * Math.sign(signed);
      if (holding.lots === 0) holding.cost = holding.isolated = 0n;
    }
    if (signed === 0) {
      holding.lots += 0;
      return;
    }
    holding.lots += signed;
    holding.cost += BigInt(signed) * BigInt(trade.price) * unit;
    if (isolated) holding.isolated += bigCeilDiv(BigInt(Math.abs(signed)) * BigInt(trade.price) * unit, leverage);
  }

  private houseAdd(pocket: string, amount: bigint): void {
    this.house.set(pocket, (this.house.get(pocket) ?? 0n) + amount);
  }
}

export function emptyHolding(): Holding {
  return {
    lots: 0,
    cost: 0n,
    isolated: 0n,
    openBuyValue: 0,
    openSellValue: 0,
    openSellLots: 0,
    openOrders: 0,
    liquidation: null,
    leverage: null,
  };
}

const larger = (a: bigint, b: bigint): bigint => (a > b ? a : b);
