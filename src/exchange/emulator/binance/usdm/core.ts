// What all handlers of the emulated USDⓈ-M market share: its instruments by either name, and one desk a wallet, made
// when somebody first asks with the account's key. Events leave through the hub it is given.

import { Prng } from "../../../../base/prng.ts";
import type { Side } from "../../../../market/amounts.ts";
import type { Instrument } from "../../../../market/instrument.ts";
import { type EmulatedAccount, type EmulatedInstrument, type EmulatorWorld, walletOf } from "../../world.ts";
import type { RequestLimits } from "../wire/limits.ts";
import { moneyOf, positionOf, type WalletQuestion } from "./account-view.ts";
import type { MarginView } from "./margin-watch.ts";
import type { FormContext } from "./order-form.ts";
import type { UsdmOrder, UsdmTrade } from "./order-memory.ts";
import { WalletDesk } from "./wallet-desk.ts";

export interface CoreOptions {
  readonly world: EmulatorWorld;
  readonly limits: RequestLimits;
  /** An account's event, for whoever listens to it. */
  readonly tell: (
    account: string,
    event: { readonly name: string; readonly symbol: string | null },
    body: object,
  ) => void;
  readonly forced: (order: UsdmOrder, trade: UsdmTrade) => void;
}

/** Share of the price band that a market order uses up. */
const MARKET_BAND_PERCENT = 98;
const BAND_PPM_ELSE = 500_000;

export class UsdmCore {
  readonly world: EmulatorWorld;
  readonly limits: RequestLimits;
  private readonly options: CoreOptions;
  private readonly desks = new Map<string, WalletDesk>();
  private readonly prng: Prng;
  private readonly endDeposits: () => void;
  private idsMade = 0;

  constructor(options: CoreOptions) {
    this.options = options;
    this.world = options.world;
    this.limits = options.limits;
    this.prng = new Prng(`${options.world.seed}/binance-usdm/events`);
    this.endDeposits = options.world.followDeposits((wallet, asset, amount) => {
      for (const desk of this.desks.values()) if (desk.wallet === wallet) desk.deposited(asset, amount);
    });
  }

  instruments(): readonly EmulatedInstrument[] {
    return this.world.instruments("binance-usdm");
  }

  /** By the exchange's name. */
  named(wireName: string): EmulatedInstrument | null {
    return this.instruments().find((each) => each.wireName === wireName) ?? null;
  }

  /** By our symbol. */
  ofSymbol(symbol: string): EmulatedInstrument | null {
    return this.instruments().find((each) => each.instrument.symbol === symbol) ?? null;
  }

  desk(account: EmulatedAccount): WalletDesk {
    const known = this.desks.get(account.name);
    if (known !== undefined) return known;
    const made = new WalletDesk({
      world: this.world,
      account,
      prng: this.prng.fork(account.name),
      instrumentOf: (symbol) => this.ofSymbol(symbol),
      tell: (name, symbol, body) => this.options.tell(account.name, { name, symbol }, body),
      forced: this.options.forced,
      margin: () => this.marginOf(account),
    });
    this.desks.set(account.name, made);
    return made;
  }

  question(account: EmulatedAccount): WalletQuestion {
    return { exchange: this.world.exchange, wallet: this.desk(account).wallet, account };
  }

  /** Money and positions of an account as they are now. */
  marginOf(account: EmulatedAccount): MarginView {
    const wallet = walletOf(account.name, "binance-usdm");
    const question = { exchange: this.world.exchange, wallet, account };
    const positions = this.instruments().map((instrument) => positionOf(question, instrument));
    return { positions, money: moneyOf(question, positions) };
  }

  formContext(account: EmulatedAccount): FormContext {
    return {
      account,
      instrumentOf: (wireName) => this.named(wireName),
      marketPrice: (instrument, side) => this.marketPrice(instrument, side),
      gridOf: (symbol) => this.world.exchange.market(symbol).grid,
      madeId: () => {
        this.idsMade += 1;
        return `em${account.userId.toString(36)}_${this.world.clock.nowMs().toString(36)}_${this.idsMade.toString(36)}`;
      },
    };
  }

  /** Twice the mid in ticks, 0 while a side is empty, and how far a price may be beyond it. */
  band(symbol: string): { readonly mid2: number; readonly bandPpm: number } {
    const market = this.world.exchange.market(symbol);
    const [bid, ask] = [market.best("buy"), market.best("sell")];
    const { priceBandPpm } = this.world.exchange.options.profile;
    return { mid2: bid === 0 || ask === 0 ? 0 : bid + ask, bandPpm: priceBandPpm ?? BAND_PPM_ELSE };
  }

  close(): void {
    this.endDeposits();
    for (const desk of this.desks.values()) desk.close();
    this.desks.clear();
  }

  private marketPrice({ symbol }: Instrument, side: Side): number {
    const { mid2, bandPpm } = this.band(symbol);
    const reach = Math.floor((mid2 * bandPpm * MARKET_BAND_PERCENT) / 200_000_000);
    const mid = Math.floor(mid2 / 2);
    return side === "buy" ? mid + reach : Math.max(mid2 === 0 ? 0 : 1, mid - reach);
  }
}
