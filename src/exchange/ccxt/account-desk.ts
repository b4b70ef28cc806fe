// What an account's owner may ask and change beside orders: rights of the key, fees, leverage, margin mode, the
// exchange's own dead-man timer (EXCH-31, EXCH-32, EXCH-54). Settings look first and act once.

import { isDeepStrictEqual } from "node:util";
import type {
  AccountSettings,
  ExchangeDeadMan,
  KeyRights,
  SettingOutcome,
  Unavailable,
  UpstreamHealth,
} from "../port.ts";
import type { Calls } from "./calls.ts";
import type { CcxtInstance } from "./ccxt-instance.ts";
import type { ExchangeTable } from "./exchanges/exchange-table.ts";
import { feesOf, type InstrumentDesk } from "./instrument-desk.ts";
import type { Instruments } from "./instruments.ts";
import { unavailable } from "./order-reads.ts";
import { judgeSetting } from "./outcome.ts";
import { wholeOf } from "./raw.ts";

export interface AccountDeskOptions {
  readonly table: ExchangeTable;
  readonly instance: CcxtInstance;
  readonly calls: Calls;
  readonly instruments: Instruments;
  readonly desk: InstrumentDesk;
  readonly nowMs: () => number;
  readonly health: (health: UpstreamHealth) => void;
  readonly exclusive: boolean;
  readonly allowWithdrawKeys: boolean;
  /** Why nothing may be changed; null: it may. */
  readonly objection: () => string | null;
  /** Gives the first digits of the new key's hash. */
  readonly reload: () => Promise<string>;
}

type RightsResult = { readonly result: "ok"; readonly rights: KeyRights } | Unavailable;

export class AccountDesk {
  private readonly options: AccountDeskOptions;
  /** Instruments the exchange's timer is armed for. */
  private readonly armed = new Set<string>();

  constructor(options: AccountDeskOptions) {
    this.options = options;
  }

  async rights(): Promise<RightsResult> {
    const { table, calls, allowWithdrawKeys: withdrawAllowed } = this.options;
    if (table.rights === null) return unavailable(`${table.name} does not tell what a key may do`);
    const reply = await calls.read(table.rights.call, 1);
    if (!reply.ok) return unavailable(reply.text);
    return { result: "ok", rights: { ...table.rights.read(reply.value), withdrawAllowed } };
  }

  readonly settings: AccountSettings = {
    rights: (done) => void this.rights().then(done),
    feeTier: (symbol, done) => {
      const { table, calls, instruments } = this.options;
      const wireName = instruments.get(symbol)?.wireName ?? "";
      const call = table.feeTier?.call(symbol, wireName) ?? { method: "fetchTradingFee", args: [symbol] };
      void calls.read(call, 3).then((reply) => {
        const fees = feesOf(reply, table);
        if (fees !== null) done({ result: "ok", ...fees });
        else done(unavailable(reply.ok ? "the account's fees cannot be read" : reply.text));
      });
    },
    setLeverage: (symbol, leverage, done) => void this.leverage(symbol, leverage).then(done),
    setMarginMode: (symbol, mode, done) => void this.marginMode(symbol, mode).then(done),
    reloadCredentials: () => this.options.reload(),
  };

  readonly deadMan: ExchangeDeadMan = {
    arm: (symbol, ttlMs, done) => void this.arm(symbol, ttlMs).then(done),
  };

  /** The timer of some instrument is armed, or was asked to be. */
  timerRuns(): boolean {
    return this.armed.size > 0;
  }

  private async leverage(symbol: string, leverage: number): Promise<SettingOutcome> {
    const { desk } = this.options;
    const now = await desk.marginSetting(symbol, 1);
    if (now !== null && wholeOf(now.leverage) === leverage) return { result: "unchanged" };
    const outcome = await this.set("setLeverage", [leverage, symbol]);
    if (outcome.result === "accepted" || outcome.result === "unchanged") desk.leverageIs(symbol, leverage);
    return outcome;
  }

  private async marginMode(symbol: string, mode: "cross" | "isolated"): Promise<SettingOutcome> {
    const now = await this.options.desk.marginSetting(symbol, 1);
    return now?.marginMode === mode ? { result: "unchanged" } : this.set("setMarginMode", [mode, symbol]);
  }

  private async set(method: string, args: readonly unknown[]): Promise<SettingOutcome> {
    const { calls, table, instance, nowMs, objection } = this.options;
    const against = instance.has(method) ? objection() : `${table.name} has no such setting`;
    if (against !== null) return { result: "rejected", text: against };
    const reply = await calls.change({ method, args }, { priority: 2, askedAtMs: nowMs() });
    return reply.ok ? { result: "accepted" } : judgeSetting(table, reply);
  }

  private async arm(symbol: string, ttlMs: number | null): Promise<SettingOutcome> {
    const { table, calls, instruments, exclusive, nowMs, health } = this.options;
    const { deadMan } = table;
    const of = instruments.get(symbol);
    if (deadMan === null || of === null) return { result: "rejected", text: `no dead-man timer for ${symbol}` };
    // it cancels foreign orders too (RISK-38)
    if (!exclusive && ttlMs !== null) {
      return { result: "rejected", text: "the timer cancels every order: it needs account.exclusive: true" };
    }
    if (ttlMs !== null) this.armed.add(symbol);
    else if (this.armed.delete(symbol) && this.armed.size > 0 && isOfAccount(deadMan)) {
      // one timer for all: the others still need it
      return { result: "unchanged" };
    }
    const bounded = ttlMs === null ? null : Math.min(deadMan.ttlMsMax, Math.max(deadMan.ttlMsMin, ttlMs));
    const askedAtMs = nowMs();
    const reply = await calls.change(deadMan.call(of.wireName, bounded), { priority: 0, askedAtMs });
    const outcome: SettingOutcome = reply.ok ? { result: "accepted" } : judgeSetting(table, reply);
    const good = outcome.result === "accepted" || outcome.result === "unchanged";
    const words = bounded === null ? "off" : `armed for ${bounded} ms`;
    health({
      subject: "dead-man",
      state: good ? "live" : "suspect",
      text: good ? words : `not renewed: ${reply.ok ? "" : reply.text}`,
    });
    return outcome;
  }
}

/** Whether the timer is the whole account's: its request names no instrument. */
const isOfAccount = (timer: NonNullable<ExchangeTable["deadMan"]>): boolean =>
  isDeepStrictEqual(timer.call("one", null), timer.call("another", null));
