// What an operator may tell a bot (GRID-46, RISK-21, RISK-22). Each arrives as one journaled event with who and why.

import type { Lots, MilliTicks, Money, Ticks } from "../market/amounts.ts";
import type { BotConfigData } from "./event.ts";

export type Leg = "L" | "S";

/** What a breaker does while it is open (RISK-18): pause, P and cancel opening, cancel all, A and flatten. */
export type BreakerAction = "P" | "O" | "A" | "F";

/** Limits an operator may change while the bot runs (RISK-08); null keeps what is in force. */
export interface LimitsWanted {
  readonly positionQuantityMax: Lots | null;
  readonly positionNotionalMax: Money | null;
  readonly orderQuantityMax: Lots | null;
  readonly leverageMaxMilli: number | null;
}

export type Command =
  | { readonly name: "start" }
  | { readonly name: "pause"; readonly cancelEntries: boolean; readonly leg: Leg | "both" }
  | { readonly name: "resume" }
  | { readonly name: "stop"; readonly cancelOnExit: "all" | "opening" | "none" | null }
  | { readonly name: "flatten" }
  | { readonly name: "adopt"; readonly lots: Lots; readonly average: MilliTicks | null }
  | { readonly name: "writeOff"; readonly lots: Lots; readonly leg: Leg }
  | { readonly name: "reanchor"; readonly price: Ticks }
  | { readonly name: "relattice"; readonly config: BotConfigData }
  | { readonly name: "update"; readonly config: BotConfigData }
  | { readonly name: "clearGate"; readonly gate: string }
  | { readonly name: "kill"; readonly flatten: boolean }
  | { readonly name: "killReset" }
  | { readonly name: "reconcileAccept" }
  | { readonly name: "limits"; readonly wanted: LimitsWanted }
  | { readonly name: "breakerOpen"; readonly action: BreakerAction }
  /** `force`: also while its cause holds. */
  | { readonly name: "breakerClose"; readonly breaker: string; readonly force: boolean };

export type CommandName = Command["name"];
