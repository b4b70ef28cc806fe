// What an operator may tell a bot (GRID-46, RISK-21, RISK-22). Each arrives as one journaled event with who and why.

import type { Lots, MilliTicks, Ticks } from "../market/amounts.ts";
import type { BotConfigData } from "./event.ts";

export type Leg = "L" | "S";

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
  | { readonly name: "reconcileAccept" };

export type CommandName = Command["name"];
