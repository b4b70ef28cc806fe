// The account machine with bots a (BTC) and b (ETH), which acknowledge each grant at once. Test code only.

import { money } from "../../market/amounts.ts";
import type { AccountFigures, AccountLimits, BotFigures } from "../../trading/account-event.ts";
import type { Effect } from "../../trading/effect.ts";
import type { EngineEvent } from "../../trading/event.ts";
import { type AccountState, initialAccountState } from "./state.ts";
import { accountStep } from "./step.ts";

export const DAY_MS = 86_400_000;
export const usdt = (n: number): ReturnType<typeof money> => money(BigInt(Math.round(n * 100)) * 10n ** 16n);

export const LIMITS: AccountLimits = {
  exposureGrossMax: usdt(20_000),
  exposureNetMax: usdt(10_000),
  drawdownTotalBpsMax: 1_500,
  dailyLossMax: usdt(0),
  openOrdersMax: 0,
  latencyP99MsMax: 2_000,
  retryRatioBpsMax: 5_000,
  marginRatioWarnBps: 3_000,
  marginRatioTripBps: 5_000,
  accountShareBps: 10_000,
};

/** Nothing is judged but what is told, and a bot may have the whole of what is there. */
export const accountLimits = (change: Partial<AccountLimits>): AccountLimits => ({
  exposureGrossMax: usdt(10_000),
  exposureNetMax: usdt(0),
  drawdownTotalBpsMax: 0,
  dailyLossMax: usdt(0),
  openOrdersMax: 0,
  latencyP99MsMax: 0,
  retryRatioBpsMax: 0,
  marginRatioWarnBps: 3_000,
  marginRatioTripBps: 5_000,
  accountShareBps: 10_000,
  ...change,
});

type Given = Partial<Omit<BotFigures, "bot">>;

export class Account {
  readonly state: AccountState = initialAccountState();
  effects: Effect[] = [];
  atMs = 100 * DAY_MS;

  constructor(limits: Partial<AccountLimits> = {}, bots: readonly string[] = ["a", "b"]) {
    this.tell({ kind: "account-configured", atMs: 0, limits: { ...LIMITS, ...limits }, by: "test" });
    for (const bot of bots) this.join(bot);
    this.effects = [];
  }

  join(bot: string): void {
    const base = bot === "a" ? "BTC" : "ETH";
    this.tell({ kind: "bot-joined", atMs: 0, bot, base, wanted: usdt(20_000) });
  }

  tell(event: EngineEvent, afterMs = 0): void {
    this.atMs += afterMs;
    const effects = accountStep(this.state, { ...event, atMs: this.atMs });
    this.effects.push(...effects);
    for (const effect of effects) {
      if (effect.kind !== "grant") continue;
      const exposure = this.state.bots.get(effect.bot)?.figures?.exposure ?? usdt(0);
      this.tell({ kind: "grant-acknowledged", atMs: 0, bot: effect.bot, id: effect.id, exposure });
    }
  }

  figures(
    bots: { readonly [bot: string]: Given },
    more: Partial<Omit<AccountFigures, "kind" | "atMs" | "bots">> = {},
    afterMs = 1_000,
  ): void {
    const all = Object.entries(bots).map(([bot, given]): BotFigures => {
      const nothing = { exposure: null, net: null, profit: null, budget: null, cash: null, orders: 0 };
      return { bot, ...nothing, ...given };
    });
    const rest = { equity: null, outside: null, requests: [], ...more };
    this.tell({ kind: "account-figures", atMs: 0, bots: all, ...rest }, afterMs);
  }

  timer(): void {
    const [[name, atMs] = ["", 0]] = [...this.state.timers];
    this.tell({ kind: "timer", atMs: 0, name, missed: 0 }, Math.max(0, atMs - this.atMs));
  }

  command(command: Extract<EngineEvent, { kind: "command" }>["command"], reason = "because"): void {
    this.tell({ kind: "command", atMs: 0, command, by: "ann", reason });
  }

  open(name: string): boolean {
    return this.state.breakers.get(name)?.phase === "open";
  }

  /** Codes and severities of alerts since the last call. */
  alerts(): string[] {
    const told = this.effects.flatMap((effect) =>
      effect.kind === "alert" ? [`${effect.code} ${effect.severity}`] : [],
    );
    this.effects = [];
    return told;
  }

  /** What people were told since the last call, word for word: `code severity: text`. */
  said(): string[] {
    const told = this.effects.flatMap((effect) =>
      effect.kind === "alert" ? [`${effect.code} ${effect.severity}: ${effect.text}`] : [],
    );
    this.effects = [];
    return told;
  }

  /** Facts of the newest alert with this code since the last `alerts()` or `said()`. */
  facts(code: string): object | undefined {
    const alerts = this.effects.flatMap((effect) => (effect.kind === "alert" ? [effect] : []));
    return alerts.findLast((alert) => alert.code === code)?.facts;
  }

  /** What bots were told of a breaker since the last `alerts()`. */
  told(breaker: string): string[] {
    return this.effects.flatMap((effect) =>
      effect.kind === "bot-breaker" && effect.breaker === breaker
        ? [`${effect.bot} ${effect.phase} ${effect.action}`]
        : [],
    );
  }

  grants(): (readonly [bot: string, gross: bigint])[] {
    return [...this.state.bots].map(([bot, { grant }]) => [bot, grant?.gross ?? -1n] as const);
  }
}
