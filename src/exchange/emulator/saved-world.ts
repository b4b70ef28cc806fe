// A world put aside and taken up again: the simulated exchange, the accounts with what they set, the rules and the
// history of orders. What protocols keep (listen keys, sequence numbers, sockets) is not in it: clients dial again.

import { type Canonical, decodeCanonical, encodeCanonical } from "../../base/canonical.ts";
import type { Instrument } from "../../market/instrument.ts";
import type { SimMarket } from "../../sim/market.ts";
import type { SavedExchange } from "../../sim/saved-exchange.ts";
import type { AccountSpec, Accounts } from "./accounts.ts";
import type { MarketChoice } from "./market/choice.ts";
import type { OrderHistory, OrderLife } from "./order-history.ts";
import type { SimulatedWorld } from "./simulated-world.ts";
import type { ClockMode } from "./time.ts";
import type { EmulatedAccount } from "./world.ts";

interface SavedAccount {
  readonly spec: AccountSpec;
  readonly positionMode: EmulatedAccount["positionMode"];
  readonly leverage: ReadonlyMap<string, number>;
  readonly marginMode: ReadonlyMap<string, "cross" | "isolated">;
  readonly skewMs: number;
  readonly revoked: boolean;
}

export interface SavedWorld {
  readonly seed: string;
  readonly market: MarketChoice;
  /** When its markets began, and where it stood; Unix ms. */
  readonly startMs: number;
  readonly nowMs: number;
  readonly clock: { readonly mode: ClockMode; readonly speed: number };
  /** The exchange as canonical text, which nothing can change any more. */
  readonly exchange: string;
  readonly accounts: readonly SavedAccount[];
  readonly leverages: readonly { readonly wallet: string; readonly symbol: string; readonly leverage: number }[];
  readonly rules: readonly { readonly instrument: Instrument; readonly grid: SimMarket["grid"] }[];
  readonly history: readonly OrderLife[];
  /** Ended orders that the history no longer knows; 0 where absent. */
  readonly forgottenOrders?: number;
}

export function saveWorld(world: SimulatedWorld, history: OrderHistory): Omit<SavedWorld, "market" | "startMs"> {
  const { exchange, accounts, clock } = world;
  return {
    seed: world.seed,
    nowMs: Math.ceil(exchange.nowUs() / 1000),
    clock: { mode: clock.mode, speed: clock.speed },
    exchange: encodeCanonical(exchange.save()),
    accounts: accounts.all().map(({ name, positionMode, leverage, marginMode, skewMs, revoked }) => ({
      spec: accounts.specOf(name),
      positionMode,
      leverage: new Map(leverage),
      marginMode: new Map(marginMode),
      skewMs,
      revoked,
    })),
    leverages: [...exchange.clearing.accounts.values()].flatMap(({ name: wallet, holdings }) =>
      [...holdings].flatMap(([symbol, { leverage }]) => (leverage === null ? [] : { wallet, symbol, leverage })),
    ),
    rules: [...exchange.markets.values()].map(({ instrument, grid }) => ({ instrument, grid: { ...grid } })),
    history: history.save(),
    ...(history.forgotten === 0 ? {} : { forgottenOrders: history.forgotten }),
  };
}

/** What a world is made with so that it goes on where the saved one stood. */
export function savedOptions(saved: SavedWorld) {
  const { seed, market } = saved;
  const accounts = saved.accounts.map(({ spec }) => spec);
  return { seed, market, accounts, saved, clock: { ...saved.clock, startMs: saved.nowMs } };
}

/** The exchange's own part, before anybody is connected to it. */
export function savedExchange(saved: SavedWorld): SavedExchange {
  const decoded: Canonical = decodeCanonical(saved.exchange);
  const exchange: unknown = decoded;
  return exchange as SavedExchange;
}

/** The rest, once the world stands. */
export function restoreWorld(saved: SavedWorld, world: SimulatedWorld, history: OrderHistory): void {
  restoreAccounts(saved, world.accounts);
  for (const { wallet, symbol, leverage } of saved.leverages) {
    world.interventions.setLeverage({ account: wallet, symbol }, leverage);
  }
  for (const { instrument, grid } of saved.rules) world.interventions.setRules(instrument, grid);
  history.restore(saved.history, saved.forgottenOrders);
}

function restoreAccounts(saved: SavedWorld, accounts: Accounts): void {
  for (const { spec, positionMode, leverage, marginMode, skewMs, revoked } of saved.accounts) {
    const account = accounts.named(spec.name);
    if (account === null) continue;
    account.positionMode = positionMode;
    account.skewMs = skewMs;
    account.revoked = revoked;
    for (const [symbol, times] of leverage) account.leverage.set(symbol, times);
    for (const [symbol, mode] of marginMode) account.marginMode.set(symbol, mode);
  }
}
