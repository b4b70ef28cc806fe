// A new configuration for a bot (OPS-09, OPS-10): which keys differ, whether they may change now, and which commands
// bring them into force. Decides; sends nothing.

import { encodeCanonical } from "../../base/canonical.ts";
import type { BotState } from "../../engine/state.ts";
import type { RiskLimits } from "../../risk/limits.ts";
import { asGridConfig } from "../../strategy/grid/config-change.ts";
import { type PreviewReport, preview } from "../../strategy/grid/preview.ts";
import type { Command } from "../../trading/command.ts";
import type { BoundBot, ConfigDifference } from "./binder.ts";

/** Nothing held, nothing open, nothing unknown. */
export const isFlat = (state: BotState): boolean => state.ledger.position === 0 && state.orders.size === 0;

export interface ChangeFacts {
  readonly diff: readonly ConfigDifference[];
  /** State of the bot; null when it never ran. */
  readonly state: BotState | null;
  /** A run is under way. */
  readonly live: boolean;
}

/** The condition that is missing, or null when the change may be made now. */
export function missingCondition({ diff, state, live }: ChangeFacts): string | null {
  const named = (change: ConfigDifference["change"]): string =>
    diff
      .filter((one) => one.change === change)
      .map(({ key }) => key)
      .join(", ");
  const restart = named("restart");
  if (restart !== "") return `${restart} is the process's: it cannot change while the process runs`;
  const flat = named("flat");
  const held = state !== null && !isFlat(state);
  if (flat !== "" && (live || held)) {
    return `${flat} changes only without position and orders: stop the bot flat first`;
  }
  const drain = named("drain");
  if (!live && drain !== "" && held) {
    return `${drain} changes while the grid runs (its entries end first) or when it is flat: start it, or flatten it`;
  }
  if (live && diff.length > 0 && state?.phase !== "running") {
    return `the bot is ${state?.phase ?? "starting"}: a change needs it running; try again when it is`;
  }
  return null;
}

/** A change between two bound texts. */
export interface BoundChange {
  readonly diff: readonly ConfigDifference[];
  /** Null where the old text no longer fits the instrument. */
  readonly old: BoundBot | null;
  readonly after: BoundBot;
}

/** What a running bot is told: live keys by `update`, the others by the grid's own `relattice`. */
export function commandsFor({ diff, old, after }: BoundChange, state: BotState): readonly Command[] {
  if (diff.length === 0) return [];
  const drains = diff.some(({ change }) => change === "drain");
  const inForce = state.config?.strategyConfig;
  if (!drains) return [{ name: "update", config: { ...after.data, strategyConfig: changedOnly(inForce, old, after) } }];
  const relattice: Command = { name: "relattice", config: after.data };
  const rest = old === null ? null : encodeCanonical({ ...old.data, strategyConfig: null });
  if (rest === encodeCanonical({ ...after.data, strategyConfig: null })) return [relattice];
  return [{ name: "update", config: { ...after.data, strategyConfig: inForce } }, relattice];
}

/** What is in force with the fields the texts differ in: what a command set since (an anchor, say) stays. */
function changedOnly(inForce: unknown, old: BoundBot | null, after: BoundBot): unknown {
  const now = fieldsOf(inForce);
  const [before, next] = [fieldsOf(old?.data.strategyConfig), fieldsOf(after.data.strategyConfig)];
  if (now === null || before === null || next === null) return after.data.strategyConfig;
  const changed = Object.entries(next).filter(([key, value]) => textOf(before[key]) !== textOf(value));
  return { ...now, ...Object.fromEntries(changed) };
}

const fieldsOf = (value: unknown): { readonly [key: string]: unknown } | null =>
  typeof value === "object" && value !== null ? { ...value } : null;
const textOf = (value: unknown): string => encodeCanonical(value ?? null);

/** What the grid would do with it on the bot's own book and account; null without a book, or for another strategy. */
export function previewOn(state: BotState, { data, instrument }: BoundBot): PreviewReport | null {
  const grid = asGridConfig(data.strategyConfig);
  const bid = state.book?.bids[0]?.[0];
  const ask = state.book?.asks[0]?.[0];
  if (grid === null || bid === undefined || ask === undefined || state.equity === null) return null;
  const { priceBandBps, priceBandFarBps, openOrdersMax } = data.risk as RiskLimits;
  return preview({ ...grid, adoptPosition: "ignore" }, instrument, {
    book: { bid, ask },
    account: {
      quoteAvailable: state.equity.quoteAvailable,
      leverage: instrument.leverage,
      position: state.ledger.position,
      positionEntry: null,
      priceBandBps,
      priceBandFarBps,
      openOrdersLimit: openOrdersMax,
    },
  });
}
