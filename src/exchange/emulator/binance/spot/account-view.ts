// A wallet as Binance spot shows it: free and locked by asset. Open buys lock the quote asset, open sells the base
// asset; fees are taken from what is received and lock nothing.

import { lots } from "../../../../market/amounts.ts";
import { baseMoney } from "../../../../market/instrument.ts";
import { leftOf } from "../../../../sim/order.ts";
import type { EmulatedAccount, EmulatorWorld } from "../../world.ts";
import { moneyText, quoteOf, rateText } from "./amounts.ts";
import type { OrderRecords } from "./order-records.ts";

export interface AssetView {
  readonly asset: string;
  readonly free: bigint;
  readonly locked: bigint;
}

export class AccountView {
  private readonly world: EmulatorWorld;
  private readonly records: OrderRecords;

  constructor(world: EmulatorWorld, records: OrderRecords) {
    this.world = world;
    this.records = records;
  }

  /** Every asset the market trades, in alphabetical order, whatever the wallet holds of it. */
  assets(account: EmulatedAccount): readonly AssetView[] {
    const { clearing } = this.world.exchange;
    const held = clearing.account(this.records.wallet(account));
    const locked = this.locked(account);
    const names = new Set([...held.balances.keys(), ...this.assetNames()]);
    return [...names].sort().map((asset) => {
      const sum = clearing.balance(held, asset);
      const bound = locked.get(asset) ?? 0n;
      return { asset, free: sum - bound, locked: bound };
    });
  }

  /** Names of the assets that are traded. */
  assetNames(): readonly string[] {
    const listed = this.world.instruments("binance-spot");
    return [...new Set(listed.flatMap(({ instrument }) => [instrument.base, instrument.quote]))].sort();
  }

  /** `GET /api/v3/account`, `account.status`. */
  status(account: EmulatedAccount, omitZero: boolean): unknown {
    const rates = this.rates(account, null);
    const shown = this.assets(account).filter(({ free, locked }) => !omitZero || free + locked !== 0n);
    return {
      makerCommission: Math.round(rates.makerPpm / 100),
      takerCommission: Math.round(rates.takerPpm / 100),
      buyerCommission: 0,
      sellerCommission: 0,
      commissionRates: {
        maker: rateText(rates.makerPpm),
        taker: rateText(rates.takerPpm),
        buyer: rateText(0),
        seller: rateText(0),
      },
      canTrade: account.rights.trade,
      canWithdraw: account.rights.withdraw,
      canDeposit: true,
      brokered: false,
      requireSelfTradePrevention: false,
      preventSor: false,
      updateTime: this.world.timeFor(account),
      accountType: "SPOT",
      balances: shown.map(({ asset, free, locked }) => ({
        asset,
        free: moneyText(free),
        locked: moneyText(locked),
      })),
      permissions: ["SPOT"],
      uid: account.userId,
    };
  }

  /** `GET /api/v3/account/commission` of one instrument. */
  commission(account: EmulatedAccount, wireName: string, symbol: string): unknown {
    const { makerPpm, takerPpm } = this.rates(account, symbol);
    const none = { maker: rateText(0), taker: rateText(0), buyer: rateText(0), seller: rateText(0) };
    return {
      symbol: wireName,
      standardCommission: { ...none, maker: rateText(makerPpm), taker: rateText(takerPpm) },
      specialCommission: none,
      taxCommission: none,
      discount: {
        enabledForAccount: false,
        enabledForSymbol: false,
        discountAsset: "BNB",
        discount: "0.75000000",
      },
    };
  }

  /** Rates the account pays on an instrument; on the first one where none is named. */
  rates(account: EmulatedAccount, symbol: string | null): { readonly makerPpm: number; readonly takerPpm: number } {
    const { exchange } = this.world;
    const own = exchange.clearing.account(this.records.wallet(account)).fees;
    if (own !== null) return own;
    const listed = this.world.instruments("binance-spot");
    const found = listed.find(({ instrument }) => symbol === null || instrument.symbol === symbol);
    if (found === undefined) return { makerPpm: 0, takerPpm: 0 };
    return exchange.market(found.instrument.symbol).fees ?? found.instrument;
  }

  private locked(account: EmulatedAccount): ReadonlyMap<string, bigint> {
    const locked = new Map<string, bigint>();
    for (const order of this.records.open(account, null)) {
      const { instrument } = this.world.exchange.market(order.symbol);
      const buys = order.side === "buy";
      const asset = buys ? instrument.quote : instrument.base;
      const left = leftOf(order);
      const bound: bigint = buys ? quoteOf(instrument, order.price, left) : baseMoney(instrument, lots(left));
      locked.set(asset, (locked.get(asset) ?? 0n) + bound);
    }
    return locked;
  }
}
