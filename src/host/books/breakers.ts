// The breakers of bots as the engine has them: every block but the operator's pause, and those on probation. A closed
// one is not listed, except the manual ones, which anybody may open.

import { isBreaker, MANUAL_BREAKER } from "../../engine/manual-breaker.ts";
import type { Block, BotState } from "../../engine/state.ts";
import type { Instrument } from "../../market/instrument.ts";
import { ACCOUNT_MANUAL } from "../../risk/account/breakers.ts";
import type { AccountState } from "../../risk/account/state.ts";
import { BREAKERS, type BreakerState, isBreakerName } from "../../risk/breaker/breaker.ts";
import type { BreakerAction } from "../../trading/command.ts";
import { lotsText } from "./text.ts";

export interface BreakerFigures {
  readonly name: string;
  /** `instrument`: about the instrument's market or position; `bot`: about the bot or its process. */
  readonly scope: "instrument" | "bot" | "account";
  /** Symbol, bot or exchange. */
  readonly id: string;
  readonly bot: string;
  readonly open: boolean;
  /** On probation it stops nothing, and limits are halved (RISK-18). */
  readonly phase: BreakerState["phase"] | "closed";
  readonly reason: string;
  readonly value: string;
  readonly limit: string;
  readonly openedAtMs: number;
  /** Earliest end of its phase; 0: only by hand, or when its cause is gone. */
  readonly closesAtMs: number;
  /** As the API words it: `pause`, `reduce` (opening orders are cancelled too) or `halt`. */
  readonly action: string;
  readonly manual: boolean;
}

const CLOSED: Block = { reason: "", sinceMs: 0, level: "RUN", leg: "both", reducing: true };
/** Feeds of the instrument's own market and orders; of the breakers the table says it (RISK-18). */
const INSTRUMENT_FEEDS: ReadonlySet<string> = new Set(["feed-book", "feed-orders"]);
const isAboutInstrument = (name: string): boolean =>
  isBreakerName(name) ? BREAKERS[name].scope === "instrument" : INSTRUMENT_FEEDS.has(name);

/** Sorted by name; the manual one always, the others while they are open or on probation. */
export function breakersOf(bot: string, instrument: Instrument, state: BotState): readonly BreakerFigures[] {
  const listed = new Map([...state.blocks].filter(([name]) => isBreaker(name)));
  for (const name of [MANUAL_BREAKER, ...state.breakers.keys()]) if (!listed.has(name)) listed.set(name, CLOSED);
  return [...listed]
    .map(([name, block]) => figures({ name, block, bot, instrument, state }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function figures(of: {
  readonly name: string;
  readonly block: Block;
  readonly bot: string;
  readonly instrument: Instrument;
  readonly state: BotState;
}): BreakerFigures {
  const { name, block, bot, instrument, state } = of;
  const isOfInstrument = isAboutInstrument(name);
  const divergence = name === "divergence" ? state.divergence : null;
  const held = isBreakerName(name) ? state.breakers.get(name) : undefined;
  const open = block !== CLOSED;
  return {
    name,
    scope: isOfInstrument ? "instrument" : "bot",
    id: isOfInstrument ? instrument.symbol : bot,
    bot,
    open,
    phase: open ? "open" : (held?.phase ?? "closed"),
    reason: open ? block.reason : (held?.reason ?? ""),
    value: divergence === null ? (held?.value ?? "") : lotsText(instrument, divergence.exchange),
    limit: divergence === null ? (held?.limit ?? "") : lotsText(instrument, divergence.local),
    openedAtMs: open ? block.sinceMs : (held?.openedAtMs ?? 0),
    closesAtMs: held?.untilMs ?? 0,
    action: held === undefined ? ACTIONS[block.level] : WORDS[held.action],
    manual: name === MANUAL_BREAKER,
  };
}

/** Breakers of the account that are not closed (RISK-18), sorted by name. `id`: its exchange. */
export function accountBreakersOf(id: string, { breakers }: AccountState): readonly BreakerFigures[] {
  return [...breakers]
    .map(([name, { phase, reason, value, limit, openedAtMs, untilMs, action }]) => {
      const own = { name, scope: "account", id, bot: "", reason, value, limit, openedAtMs } as const;
      const open = phase === "open";
      return { ...own, open, phase, closesAtMs: untilMs ?? 0, action: WORDS[action], manual: name === ACCOUNT_MANUAL };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

const WORDS: Readonly<Record<BreakerAction, string>> = { P: "pause", O: "reduce", A: "halt", F: "flatten" };

const ACTIONS: Readonly<Record<Block["level"], string>> = {
  RUN: "",
  HOLD: "pause",
  REDUCE: "reduce",
  FREEZE: "halt",
  HALT: "halt",
};
