// The exchange's own truth against what the engine believes: orders, fills, position, money. Test code only.

import { walletOf } from "../../src/exchange/emulator/world.ts";
import { money } from "../../src/market/amounts.ts";
import { formatMoney } from "../../src/market/instrument.ts";
import { balanceOf } from "../../src/trading/ledger.ts";
import { isLive } from "../../src/trading/order.ts";
import { ACCOUNT, TAG, type Town } from "./town.ts";

/** How far the two sides are from each other; nothing anywhere when all is well. */
export interface Differences {
  /** Client ids by which the exchange has more than one order. */
  readonly duplicates: readonly string[];
  /** Orders open on one side alone. */
  readonly forgotten: readonly string[];
  /** Fills of the exchange the journal does not have, and fills the journal has beyond them. */
  readonly fills: readonly string[];
  /** Exchange less ledger: lots of the perpetual, coins on spot; decimal text. */
  readonly position: string;
  /** Decimal text of USDT: exchange less ledger. */
  readonly money: string;
}

const OPENING = 1_000_000n * 10n ** 18n;

/** `movedIn`: money from outside that is no bot's, decimal USDT in units of 10^-18. */
export function differences(town: Town, movedIn = 0n): Differences {
  const { host, journal, emulator } = town;
  const { protocol, symbol, market } = town.at;
  const wallet = walletOf(ACCOUNT, protocol);
  const { universe } = emulator.control;
  universe.pump.settle();
  const { exchange, history } = universe;
  const { state } = host;
  const lives = history.save().filter(({ account }) => account === wallet);
  const used = new Map<string, number>();
  for (const { clientOrderIds } of lives) {
    for (const id of clientOrderIds) used.set(id, (used.get(id) ?? 0) + 1);
  }
  const theirs = new Set([...exchange.desk.ledger.openOrders(wallet)].map(({ clientOrderId }) => clientOrderId));
  const ours = new Set([...state.orders.values()].filter(isLive).map(({ clientOrderId }): string => clientOrderId));
  const fills = exchange.desk.ledger.fillsSince(wallet, symbol, { n: 0, sinceUs: 0 }).map(({ fill }) => fill);
  const name = state.instrument?.exchange ?? "";
  const lost = fills.filter(({ tradeId, side }) => !journal.hasFill(name, symbol, tradeId, side));
  const account = exchange.clearing.account(wallet);
  const cash = exchange.clearing.balance(account, "USDT") - OPENING - movedIn;
  const off = cash - balanceOf(state.ledger, "cash", "USDT");
  const coins = exchange.clearing.balance(account, "BTC") - balanceOf(state.ledger, "holding", "BTC");
  const held = exchange.clearing.holding(account, symbol).lots - state.ledger.position;
  return {
    duplicates: [...used].filter(([, times]) => times > 1).map(([id]) => id),
    forgotten: [
      ...[...theirs].filter((id) => id.includes(TAG) && !ours.has(id)).map((id) => `${id} only at the exchange`),
      ...[...ours].filter((id) => !theirs.has(id)).map((id) => `${id} only in the engine`),
    ],
    fills: [
      ...lost.map(({ tradeId, origin }) => `${tradeId} (${origin}) not booked`),
      ...(state.ledger.fills > fills.length ? [`${state.ledger.fills - fills.length} booked too many`] : []),
    ],
    position: market === "spot" ? formatMoney(money(coins)) : String(held),
    money: off === 0n ? "0" : formatMoney(money(off)),
  };
}

export const differ = ({ duplicates, forgotten, fills, position, money: off }: Differences): readonly string[] => [
  ...duplicates.map((id) => `duplicate ${id}`),
  ...forgotten,
  ...fills,
  ...(position === "0" ? [] : [`position ${position}`]),
  ...(off === "0" ? [] : [`money ${off}`]),
];
