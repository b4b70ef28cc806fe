// What happens before a ccxt port stands: markets, limits, clock, rights, account (EXCH-24, EXCH-33, EXCH-34, EXCH-38,
// EXCH-54). It reads, judges, and says what to change; it changes nothing on the account.

import type { KeyRights } from "../port.ts";
import type { CallFailure } from "./call.ts";
import type { Calls } from "./calls.ts";
import type { CcxtInstance } from "./ccxt-instance.ts";
import type { AccountKind, ExchangeTable } from "./exchanges/exchange-table.ts";
import type { InstrumentDesk, MarginSetting } from "./instrument-desk.ts";
import { judgeStart, type StartVerdict, type StartWish } from "./start-checks.ts";

/** Why a port could not be opened; the message says what to change. */
export class CcxtPortError extends Error {
  override readonly name = "CcxtPortError";
  readonly code: "UNREACHABLE" | "REFUSED" | "CREDENTIALS" | "UNSUPPORTED";

  constructor(code: CcxtPortError["code"], text: string) {
    super(text);
    this.code = code;
  }
}

export interface StartParts {
  readonly table: ExchangeTable;
  readonly instance: CcxtInstance;
  readonly calls: Calls;
  readonly desk: InstrumentDesk;
  readonly symbols: readonly string[];
}

export interface Started {
  readonly verdict: StartVerdict;
  readonly kind: AccountKind | null;
}

/** The list of markets, parsed by ccxt; gives the exchange's raw reply. Throws {@link CcxtPortError}. */
export async function loadMarkets({ table, calls }: Pick<StartParts, "table" | "calls">): Promise<unknown> {
  const reply = await calls.read({ method: "loadMarkets", args: [] }, 1);
  if (reply.ok) return reply.body;
  throw unreachable(table, calls, reply);
}

/** Reads what the account is set to, and judges it. Throws {@link CcxtPortError} where trading must not begin. */
export async function startAccount(parts: StartParts, wish: StartWish): Promise<Started> {
  const { table, calls, instance, desk, symbols } = parts;
  const rights = await readRights(parts);
  const mayTrade = rights?.trade !== false;
  const kind = mayTrade ? await readKind(parts) : null;
  if (kind !== null && kind !== "unread") instance.setOptions(kind.options);
  const oneWay = mayTrade ? await readOneWay(parts) : null;
  const margin = new Map<string, MarginSetting | "unread" | null>();
  if (mayTrade && table.marginSettings !== null) {
    for (const symbol of symbols) margin.set(symbol, (await desk.marginSetting(symbol, 1)) ?? "unread");
  }
  const verdict = judgeStart({ exchange: table.name, rights, kind, oneWay, margin, instruments: [] }, wish);
  if (verdict.refusals.length > 0) throw new CcxtPortError("REFUSED", verdict.refusals.join("; "));
  const answered = await calls.read({ method: "fetchBalance", args: [] }, 1);
  if (!answered.ok) throw unreachable(table, calls, answered);
  return { verdict, kind: kind === "unread" ? null : kind };
}

/** The instruments asked for. Throws {@link CcxtPortError} where one of them cannot be traded exactly. */
export async function startInstruments({ table, desk, symbols }: StartParts): Promise<void> {
  const troubles: string[] = [];
  for (const symbol of symbols) {
    const trouble = await desk.open(symbol);
    if (trouble !== null) troubles.push(trouble);
  }
  if (troubles.length === 0) return;
  throw new CcxtPortError("REFUSED", `${table.name}: ${troubles.join("; ")}: take it out of \`instruments\``);
}

/** Null: it does not tell. Throws {@link CcxtPortError} where the key is refused. */
export async function readRights({ table, calls }: Pick<StartParts, "table" | "calls">): Promise<KeyRights | null> {
  if (table.rights === null) return null;
  const reply = await calls.read(table.rights.call, 1);
  if (reply.ok) return table.rights.read(reply.value);
  if (calls.meaning(reply).means === "credentials") throw unreachable(table, calls, reply);
  return null;
}

export async function readKind({ table, calls }: StartParts): Promise<AccountKind | "unread" | null> {
  if (table.accountKind === null) return null;
  const reply = await calls.read(table.accountKind.call, 1);
  if (reply.ok) return table.accountKind.read(reply.value);
  return (reply.word === null ? null : table.accountKind.refused?.(reply.word)) ?? "unread";
}

export async function readOneWay({ table, calls }: StartParts): Promise<boolean | "unread" | null> {
  if (table.positionMode === null) return null;
  const reply = await calls.read(table.positionMode.call, 1);
  return reply.ok ? (table.positionMode.read(reply.value) ?? "unread") : "unread";
}

export function unreachable(table: ExchangeTable, calls: Calls, failure: CallFailure): CcxtPortError {
  if (calls.meaning(failure).means === "credentials") {
    const advice = "check the API key, its secret and the addresses it is bound to";
    return new CcxtPortError("CREDENTIALS", `${table.name} refused the API key (${failure.text}): ${advice}`);
  }
  return new CcxtPortError("UNREACHABLE", `${table.name} could not be asked: ${failure.text}`);
}
