// `ACCOUNT_UPDATE`: what a wallet and the named positions are after something moved them, and why.

import type { SimulatedExchange } from "../../../../sim/exchange.ts";
import type { EmulatedAccount, EmulatedInstrument } from "../../world.ts";
import { positionOf, QUOTE } from "./account-view.ts";
import { averageText, moneyText, quantityText } from "./shapes.ts";

export type BalanceReason = "ORDER" | "FUNDING_FEE" | "DEPOSIT" | "WITHDRAW" | "MARGIN_TRANSFER" | "ADJUSTMENT";

export interface AccountChange {
  readonly wallet: string;
  readonly account: EmulatedAccount;
  readonly reason: BalanceReason;
  /** What came in but for profit and commission, Money; negative: what went out. */
  readonly change: bigint;
  /** Name of the instrument whose funding it is; null for any other reason. */
  readonly fundingOf: string | null;
  readonly instruments: readonly EmulatedInstrument[];
  readonly realizedOf: (symbol: string) => bigint;
  readonly atMs: number;
  readonly eventMs: number;
}

export function accountUpdate(exchange: SimulatedExchange, change: AccountChange): Record<string, unknown> {
  const held = exchange.clearing.account(change.wallet);
  const wallet = moneyText(exchange.clearing.wallet(held, QUOTE));
  return {
    e: "ACCOUNT_UPDATE",
    T: change.atMs,
    E: change.eventMs,
    a: {
      B: [{ a: QUOTE, wb: wallet, cw: wallet, bc: moneyText(change.change) }],
      P: change.instruments.map((instrument) => positionEntry(exchange, change, instrument)),
      m: change.reason,
      ...(change.fundingOf === null ? {} : { S: change.fundingOf }),
    },
  };
}

function positionEntry(
  exchange: SimulatedExchange,
  change: AccountChange,
  instrument: EmulatedInstrument,
): Record<string, unknown> {
  const position = positionOf({ exchange, wallet: change.wallet, account: change.account }, instrument);
  const entry = averageText(instrument.instrument, position.cost, position.lots);
  return {
    s: instrument.wireName,
    pa: quantityText(instrument.instrument, position.lots),
    ep: entry,
    cr: moneyText(change.realizedOf(instrument.instrument.symbol)),
    up: moneyText(position.unrealized),
    mt: position.mode,
    iw: moneyText(position.isolated),
    ps: "BOTH",
    ma: QUOTE,
    bep: entry,
  };
}
