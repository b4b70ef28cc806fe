// What stands against trading on an account, judged from what was read at the start (EXCH-38, EXCH-54). Each sentence
// says what is wrong and which setting to change.

import type { KeyRights } from "../port.ts";
import type { AccountKind } from "./exchanges/exchange-table.ts";
import type { MarginSetting } from "./instrument-desk.ts";

export interface StartFacts {
  readonly exchange: string;
  /** Null: could not be read. */
  readonly rights: KeyRights | null;
  readonly kind: AccountKind | "unread" | null;
  /** Null: this market knows no other mode. */
  readonly oneWay: boolean | "unread" | null;
  /** By symbol; `unread` where it could not be read, null where there is nothing to set. */
  readonly margin: ReadonlyMap<string, MarginSetting | "unread" | null>;
  /** Instruments that cannot be traded, with the reason. */
  readonly instruments: readonly string[];
}

export interface StartWish {
  readonly leverage: number | null;
  readonly marginMode: "cross" | "isolated" | null;
  readonly allowWithdrawKeys: boolean;
}

export interface StartVerdict {
  readonly refusals: readonly string[];
  readonly warnings: readonly string[];
  /** The key may not trade: orders are refused, all else works. */
  readonly readOnly: boolean;
}

export function judgeStart(facts: StartFacts, wish: StartWish): StartVerdict {
  const { exchange, rights } = facts;
  const refusals: string[] = [...facts.instruments];
  const warnings: string[] = [];
  if (rights === null) warnings.push(`${exchange} did not tell what the API key may do: check its rights by hand`);
  else rightsVerdict(exchange, rights, { wish, refusals, warnings });
  const readOnly = rights?.trade === false;
  if (readOnly) return { refusals, warnings, readOnly };
  if (facts.oneWay === false) {
    refusals.push(`the account is in hedge mode: switch the position mode of ${exchange} to one-way`);
  } else if (facts.oneWay === "unread") {
    refusals.push(`the position mode could not be read: allow the API key to read the account, it must be one-way`);
  }
  if (facts.kind === "unread") refusals.push("the kind of account could not be read: try again, or check the API key");
  else if (facts.kind !== null && !facts.kind.supported) {
    refusals.push(`accounts of kind ${facts.kind.kind} are not supported: ${facts.kind.advice}`);
  }
  for (const [symbol, margin] of facts.margin) refusals.push(...marginRefusals(symbol, margin, wish));
  return { refusals, warnings, readOnly };
}

function rightsVerdict(
  exchange: string,
  rights: KeyRights,
  to: { readonly wish: StartWish; readonly refusals: string[]; readonly warnings: string[] },
): void {
  const { wish, refusals, warnings } = to;
  if (rights.withdraw === true) {
    if (wish.allowWithdrawKeys) warnings.push(`the API key of ${exchange} may withdraw money`);
    else {
      const advice = "make one without that right, or set allowWithdrawKeys: true";
      refusals.push(`the API key of ${exchange} may withdraw money: ${advice}`);
    }
  }
  if (rights.transfer === true) warnings.push(`the API key of ${exchange} may transfer between accounts`);
  if (rights.ipRestricted === false) warnings.push(`the API key of ${exchange} works from every address`);
  if (rights.trade === false) warnings.push(`the API key of ${exchange} may not trade: read-only`);
  const untold = rights.withdraw === null || rights.trade === null;
  if (untold) warnings.push(`${exchange} told only a part of what the API key may do: check its rights by hand`);
}

function marginRefusals(symbol: string, margin: MarginSetting | "unread" | null, wish: StartWish): string[] {
  if (margin === null) return [];
  if (margin === "unread" || margin.leverage === null || margin.marginMode === null) {
    return [`leverage and margin mode of ${symbol} could not be read: allow the API key to read the account`];
  }
  if (margin.oneWay === false) return [`${symbol} is in hedge mode: switch its position mode to one-way`];
  const refusals: string[] = [];
  if (wish.leverage !== null && margin.leverage !== String(wish.leverage)) {
    refusals.push(
      `leverage of ${symbol} is ${margin.leverage}, the configuration says ${wish.leverage}: change one of them`,
    );
  }
  if (wish.marginMode !== null && margin.marginMode !== wish.marginMode) {
    refusals.push(
      `margin mode of ${symbol} is ${margin.marginMode}, the configuration says ${wish.marginMode}: change one of them`,
    );
  }
  return refusals;
}
