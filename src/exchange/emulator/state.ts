// What the emulated exchanges hold right now, as everybody could check it: accounts, positions, open orders, books, and
// one hash over all of it; and how a client's belief differs from it (EMU-36). Amounts are decimal text.

import { encodeCanonical, sha256 } from "../../base/canonical.ts";
import { lots, milliTicks, money, ticks } from "../../market/amounts.ts";
import { formatMark, formatMoney, formatPrice, formatQuantity, type Instrument } from "../../market/instrument.ts";
import type { SimMarket } from "../../sim/market.ts";
import type { SimOrder } from "../../sim/order.ts";
import type { ProtocolName } from "./protocol.ts";
import type { ProtocolEntry } from "./registry.ts";
import type { SimulatedWorld } from "./simulated-world.ts";
import { walletOf } from "./world.ts";

export interface OpenOrderView {
  readonly symbol: string;
  readonly clientOrderId: string;
  readonly exchangeOrderId: string;
  readonly side: "buy" | "sell";
  readonly price: string;
  readonly quantity: string;
  readonly filled: string;
  readonly reduceOnly: boolean;
}

export interface WalletView {
  readonly protocol: ProtocolName;
  /** What exchanges call the wallet balance: the cost of open perpetuals is put back. */
  readonly balances: Readonly<Record<string, string>>;
  readonly positions: readonly {
    readonly symbol: string;
    readonly quantity: string;
    readonly liquidation: string | null;
    readonly leverage: number;
  }[];
  readonly openOrders: readonly OpenOrderView[];
}

export interface AccountView {
  readonly name: string;
  readonly userId: number;
  readonly positionMode: "one-way" | "hedge";
  readonly revoked: boolean;
  readonly skewMs: number;
  readonly wallets: readonly WalletView[];
}

export interface MarketView {
  readonly symbol: string;
  readonly status: string;
  readonly mark: string;
  readonly bids: readonly (readonly [price: string, quantity: string])[];
  readonly asks: readonly (readonly [price: string, quantity: string])[];
}

export interface StateView {
  readonly nowMs: number;
  readonly seed: string;
  readonly accounts: readonly AccountView[];
  readonly markets: readonly MarketView[];
}

const LEVELS = 5;

export interface StateSource {
  readonly world: SimulatedWorld;
  readonly protocols: readonly ProtocolEntry[];
}

/** With the SHA-256 of everything in it, which two runs are compared by. */
export function stateOf({ world, protocols }: StateSource): StateView & { readonly hash: string } {
  const accounts = world.accounts.all().map((account): AccountView => {
    const { name, userId, positionMode, revoked, skewMs } = account;
    const wallets = protocols.map((entry) => walletView(world, entry, name));
    return { name, userId, positionMode, revoked, skewMs, wallets };
  });
  const markets = [...world.exchange.markets.values()].map(marketView);
  const state: StateView = { nowMs: world.clock.nowMs(), seed: world.seed, accounts, markets };
  return { ...state, hash: sha256(encodeCanonical(state)) };
}

function walletView(world: SimulatedWorld, { name: protocol, instruments }: ProtocolEntry, owner: string): WalletView {
  const { clearing, desk, markets } = world.exchange;
  const wallet = walletOf(owner, protocol);
  const account = clearing.account(wallet);
  const quotes = new Set(instruments.map(({ quote }) => quote));
  const balances: Record<string, string> = {};
  for (const asset of [...new Set([...quotes, ...account.balances.keys()])].sort()) {
    const amount: bigint = quotes.has(asset) ? clearing.wallet(account, asset) : clearing.balance(account, asset);
    balances[asset] = formatMoney(money(amount));
  }
  const positions = instruments.flatMap((instrument) => {
    const holding = clearing.holding(account, instrument.symbol);
    if (holding.lots === 0) return [];
    const { liquidation } = holding;
    return {
      symbol: instrument.symbol,
      quantity: formatQuantity(instrument, lots(holding.lots)),
      liquidation: liquidation === null ? null : formatMark(instrument, milliTicks(liquidation)),
      leverage: holding.leverage ?? instrument.leverage,
    };
  });
  const openOrders = [...desk.ledger.openOrders(wallet)].flatMap((order) => {
    const instrument = markets.get(order.symbol)?.instrument;
    return instrument === undefined ? [] : orderView(instrument, order);
  });
  return { protocol, balances, positions, openOrders };
}

function orderView(instrument: Instrument, order: SimOrder): OpenOrderView {
  const { symbol, clientOrderId, exchangeOrderId, side, reduceOnly } = order;
  return {
    symbol,
    clientOrderId,
    exchangeOrderId,
    side,
    reduceOnly,
    price: formatPrice(instrument, ticks(order.price)),
    quantity: formatQuantity(instrument, lots(order.quantity)),
    filled: formatQuantity(instrument, lots(order.filled)),
  };
}

function marketView(market: SimMarket): MarketView {
  const { instrument, symbol } = market;
  const side = (which: "buy" | "sell"): [string, string][] =>
    Array.from(market.levels(which, LEVELS), ([price, quantity]) => [
      formatPrice(instrument, ticks(price)),
      formatQuantity(instrument, lots(quantity)),
    ]);
  const mark = formatMark(instrument, market.mark());
  return { symbol, status: instrument.status, mark, bids: side("buy"), asks: side("sell") };
}

/** What a client believes of one wallet; what it does not say is not compared. */
export interface Belief {
  readonly account: string;
  readonly protocol: ProtocolName;
  readonly balances?: Readonly<Record<string, string>>;
  /** Symbol → signed quantity; a position it does not name is believed flat. */
  readonly positions?: Readonly<Record<string, string>>;
  /** Client ids of all open orders. */
  readonly openOrders?: readonly string[];
  /** Client id → quantity filled so far. */
  readonly filled?: Readonly<Record<string, string>>;
}

export interface Difference {
  /** `balance USDT`, `position BTC/USDT:USDT`, `open order x`, `filled x`. */
  readonly what: string;
  readonly world: string;
  readonly client: string;
}

/** How the belief differs from the world; empty where it does not. `filledOf`: decimal text, by client id. */
export function differences(
  state: StateView,
  belief: Belief,
  filledOf: (clientOrderId: string) => string,
): readonly Difference[] {
  const account = state.accounts.find(({ name }) => name === belief.account);
  const wallet = account?.wallets.find(({ protocol }) => protocol === belief.protocol);
  if (wallet === undefined) {
    return [{ what: `account ${belief.account} at ${belief.protocol}`, world: "absent", client: "present" }];
  }
  const found: Difference[] = [];
  const compare = (what: string, world: string, client: string): void => {
    if (plain(world) !== plain(client)) found.push({ what, world, client });
  };
  for (const [asset, amount] of Object.entries(belief.balances ?? {})) {
    compare(`balance ${asset}`, wallet.balances[asset] ?? "0", amount);
  }
  if (belief.positions !== undefined) {
    const held = new Map(wallet.positions.map(({ symbol, quantity }) => [symbol, quantity]));
    for (const symbol of new Set([...held.keys(), ...Object.keys(belief.positions)])) {
      compare(`position ${symbol}`, held.get(symbol) ?? "0", belief.positions[symbol] ?? "0");
    }
  }
  if (belief.openOrders !== undefined) {
    const open = new Set(wallet.openOrders.map(({ clientOrderId }) => clientOrderId));
    for (const id of new Set([...open, ...belief.openOrders])) {
      compare(`open order ${id}`, open.has(id) ? "open" : "none", belief.openOrders.includes(id) ? "open" : "none");
    }
  }
  for (const [id, quantity] of Object.entries(belief.filled ?? {})) compare(`filled ${id}`, filledOf(id), quantity);
  return found;
}

/** 1.500 and 1.5 are the same amount. */
function plain(text: string): string {
  if (!/^-?\d+(?:\.\d+)?$/.test(text)) return text;
  const bare = text.includes(".") ? text.replace(/\.?0+$/, "") : text;
  return bare === "-0" ? "0" : bare;
}
