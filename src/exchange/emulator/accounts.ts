// Who may trade on the emulated exchanges (EMU-06): keys, rights, modes and skews, and what each owns at the start.
// Money itself is the simulated exchange's.

import type { Money } from "../../market/amounts.ts";
import { parseMoney } from "../../market/instrument.ts";
import { EmulatorError } from "./error.ts";
import type { ProtocolName } from "./protocol.ts";
import type { EmulatedAccount } from "./world.ts";

/** What an account is told when it is made; everything but the name has a value of its own. */
export interface AccountSpec {
  readonly name: string;
  /** `<name>-key` unless told. */
  readonly apiKey?: string;
  /** `<name>-secret` unless told. */
  readonly secret?: string;
  readonly passphrase?: string;
  readonly userId?: number;
  readonly rights?: { readonly trade?: boolean; readonly withdraw?: boolean; readonly transfer?: boolean };
  readonly ipRestricted?: boolean;
  readonly positionMode?: EmulatedAccount["positionMode"];
  /** Added to the emulator's time in what this account is told and checked against, ms. */
  readonly skewMs?: number;
  /** Fee rates in millionths of the notional; the instrument's own where absent. */
  readonly fees?: { readonly makerPpm: number; readonly takerPpm: number };
  /** Of every perpetual at the start; the instrument's own where absent. */
  readonly leverage?: number;
  /** Protocol → asset → decimal text; nothing where absent. */
  readonly balances?: { readonly [protocol in ProtocolName]?: Readonly<Record<string, string>> };
}

/** The account every emulator has unless others are named. */
export const DEMO_ACCOUNT: AccountSpec = {
  name: "demo",
  balances: {
    "binance-usdm": { USDT: "1000000" },
    "binance-spot": { USDT: "1000000", BTC: "10" },
  },
};

export class Accounts {
  /** Added to the emulator's time for whoever asks without a key. */
  publicSkewMs = 0;
  private readonly byKey = new Map<string, EmulatedAccount>();
  private readonly byName = new Map<string, EmulatedAccount>();
  private readonly specs = new Map<string, AccountSpec>();

  /** Errors: {@link EmulatorError} ACCOUNT_TWICE. */
  add(spec: AccountSpec): EmulatedAccount {
    const apiKey = spec.apiKey ?? `${spec.name}-key`;
    if (this.byName.has(spec.name) || this.byKey.has(apiKey)) {
      throw new EmulatorError("ACCOUNT_TWICE", `an account named ${spec.name}, or with its key, is there already`);
    }
    const account = accountOf(spec, apiKey, 1_000_001 + this.byName.size);
    this.byName.set(account.name, account);
    this.specs.set(account.name, { ...spec, userId: account.userId });
    this.byKey.set(apiKey, account);
    return account;
  }

  /** The account has another key from now on; the old one is unknown. Errors: {@link EmulatorError} ACCOUNT_TWICE. */
  rekey(account: EmulatedAccount, apiKey: string, secret: string): void {
    const owner = this.byKey.get(apiKey);
    if (owner !== undefined && owner !== account) {
      throw new EmulatorError("ACCOUNT_TWICE", `an account with this key is there already`);
    }
    this.byKey.delete(account.apiKey);
    account.apiKey = apiKey;
    account.secret = secret;
    this.byKey.set(apiKey, account);
    this.specs.set(account.name, { ...this.specOf(account.name), apiKey, secret });
  }

  withKey(apiKey: string): EmulatedAccount | null {
    return this.byKey.get(apiKey) ?? null;
  }

  named(name: string): EmulatedAccount | null {
    return this.byName.get(name) ?? null;
  }

  /** What it was made of. */
  specOf(name: string): AccountSpec {
    return this.specs.get(name) ?? { name };
  }

  all(): readonly EmulatedAccount[] {
    return [...this.byName.values()];
  }
}

function accountOf(spec: AccountSpec, apiKey: string, userId: number): EmulatedAccount {
  const { trade = true, withdraw = false, transfer = false } = spec.rights ?? {};
  return {
    name: spec.name,
    apiKey,
    secret: spec.secret ?? `${spec.name}-secret`,
    passphrase: spec.passphrase ?? "",
    userId: spec.userId ?? userId,
    rights: { trade, withdraw, transfer },
    ipRestricted: spec.ipRestricted ?? true,
    positionMode: spec.positionMode ?? "one-way",
    leverage: new Map(),
    marginMode: new Map(),
    skewMs: spec.skewMs ?? 0,
    revoked: false,
  };
}

/** What the account owns at one protocol at the start. Errors: {@link EmulatorError} AMOUNT. */
export function openingBalances(spec: AccountSpec, protocol: ProtocolName): ReadonlyMap<string, Money> {
  const balances = new Map<string, Money>();
  for (const [asset, text] of Object.entries(spec.balances?.[protocol] ?? {})) balances.set(asset, amountOf(text));
  return balances;
}

/** Decimal text → money. Errors: {@link EmulatorError} AMOUNT. */
export function amountOf(text: string): Money {
  const amount = parseMoney(text);
  if (!amount.ok) throw new EmulatorError("AMOUNT", `${JSON.stringify(text)} is no amount: ${amount.error}`);
  return amount.value;
}
