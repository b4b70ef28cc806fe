// One event's worth of the account machine's effects, and its timers. Decides nothing.

import type { AlertSeverity, Effect } from "../../trading/effect.ts";
import type { AccountState } from "./state.ts";

type Facts = { readonly [name: string]: string | number | boolean | null };

/** Wakes the machine for whatever it waits for; one is enough. */
export const ACCOUNT_TIMER = "account.look";

export class AccountTurn {
  readonly state: AccountState;
  readonly effects: Effect[] = [];

  constructor(state: AccountState) {
    this.state = state;
  }

  alert(code: string, severity: AlertSeverity, said: string | { readonly text: string; readonly facts: Facts }): void {
    const { text, facts } = typeof said === "string" ? { text: said, facts: {} } : said;
    this.effects.push({ kind: "alert", code, severity, text, facts });
  }

  /** Arms the one timer anew; null disarms it. */
  wake(atMs: number | null): void {
    const { timers } = this.state;
    if ((timers.get(ACCOUNT_TIMER) ?? null) === atMs) return;
    if (atMs === null) timers.delete(ACCOUNT_TIMER);
    else timers.set(ACCOUNT_TIMER, atMs);
    this.effects.push({ kind: "timer", name: ACCOUNT_TIMER, atMs });
  }
}
