// The exchange's own dead-man timer (EXCH-32): armed while a bot's is, renewed at a third of its time to live, switched
// off only after the bot said that nothing is left. It cancels every order of an instrument, foreign ones too, so there
// is one only where the account is the bots' alone. Where the bots fall silent it is left to fire.

import type { ExchangeDeadMan, SettingOutcome } from "../port.ts";
import type { ConnectorCore } from "./core.ts";

/** The engine's time to live on the exchange, ms. */
export const EXCHANGE_TTL_MS = 60_000;
/** Milliseconds after which a renewal that failed is tried again. */
const RETRY_MS = 2_000;

interface Guard {
  cancel: () => void;
  /** Bots that are alive on this instrument. */
  readonly bots: Set<string>;
  armed: boolean;
}

export interface ExchangeGuardOptions {
  readonly core: Pick<ConnectorCore, "machine" | "log">;
  readonly timer: ExchangeDeadMan;
  readonly ttlMs?: number;
  /** Told of each change: `armed`, `off`, or why not. */
  readonly onState: (symbol: string, state: "armed" | "off" | "failed", text: string) => void;
}

export class ExchangeGuard {
  private readonly options: ExchangeGuardOptions;
  private readonly guards = new Map<string, Guard>();
  private readonly ttlMs: number;
  private closed = false;

  constructor(options: ExchangeGuardOptions) {
    this.options = options;
    this.ttlMs = options.ttlMs ?? EXCHANGE_TTL_MS;
  }

  /** A bot is alive on these instruments. */
  keep(botId: string, symbols: readonly string[]): void {
    for (const symbol of symbols) {
      const guard = this.guards.get(symbol);
      if (guard === undefined) {
        const made: Guard = { cancel: () => undefined, bots: new Set([botId]), armed: false };
        this.guards.set(symbol, made);
        this.renew(symbol, made);
      } else guard.bots.add(botId);
    }
  }

  /** A bot left and nothing of it is left: the timer ends with the last one. */
  leave(botId: string, symbols: readonly string[]): void {
    for (const symbol of symbols) {
      const guard = this.guards.get(symbol);
      if (guard === undefined || !guard.bots.delete(botId) || guard.bots.size > 0) continue;
      this.drop(symbol, guard);
      this.options.timer.arm(symbol, null, (outcome) => {
        if (this.closed || this.guards.has(symbol)) return;
        if (isDone(outcome)) this.options.onState(symbol, "off", "the exchange's dead-man timer is off");
        else
          this.options.onState(
            symbol,
            "failed",
            `the exchange's dead-man timer was not switched off: ${textOf(outcome)}`,
          );
      });
    }
  }

  /** A bot fell silent: with the last one the timer is renewed no more, and runs out by itself. */
  silent(botId: string, symbols: readonly string[]): void {
    for (const symbol of symbols) {
      const guard = this.guards.get(symbol);
      if (guard === undefined || !guard.bots.delete(botId) || guard.bots.size > 0) continue;
      this.drop(symbol, guard);
    }
  }

  /** The timers are left as they are: a connector that went away is what they are for. */
  close(): void {
    this.closed = true;
    for (const guard of this.guards.values()) guard.cancel();
    this.guards.clear();
  }

  private drop(symbol: string, guard: Guard): void {
    guard.cancel();
    this.guards.delete(symbol);
  }

  private renew(symbol: string, guard: Guard): void {
    this.options.timer.arm(symbol, this.ttlMs, (outcome) => {
      if (this.closed || this.guards.get(symbol) !== guard) return;
      const done = isDone(outcome);
      if (done && !guard.armed) {
        this.options.onState(
          symbol,
          "armed",
          `the exchange cancels everything ${this.ttlMs / 1000} s after our last word`,
        );
      }
      if (!done) {
        this.options.core.log.warn("the exchange's dead-man timer was not armed", { symbol, why: textOf(outcome) });
        this.options.onState(symbol, "failed", `the exchange's dead-man timer was not armed: ${textOf(outcome)}`);
      }
      guard.armed = done;
      this.later(symbol, guard, done ? Math.floor(this.ttlMs / 3) : RETRY_MS);
    });
  }

  private later(symbol: string, guard: Guard, waitMs: number): void {
    const { machine } = this.options.core;
    guard.cancel = machine.at(machine.nowMs() + waitMs, () => this.renew(symbol, guard));
  }
}

const isDone = ({ result }: SettingOutcome): boolean => result === "accepted" || result === "unchanged";

const textOf = (outcome: SettingOutcome): string => ("text" in outcome ? outcome.text : outcome.result);
