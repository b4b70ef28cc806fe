// Names of the original system's configuration (grid.md section 11): read with a warning, moved to where they live now,
// or refused when their meaning changed. Works on the tree before the schema sees it.

import { OLD_NAMES } from "../strategy/grid/keys.ts";
import type { Place, Tree } from "./tree.ts";

/** Keys of the old grid section that now live elsewhere. */
const MOVED: { readonly [old: string]: string } = {
  position_safety_check: "bot.risk.affordableOrdersMin",
  cancel_on_exit: "bot.cancelOnExit",
  cleanup_batch_size: "bot.risk.cleaner.cleanBatch",
};
const IGNORED: { readonly [old: string]: string } = { min_order_value: "the instrument knows it" };
const REFUSED: { readonly [old: string]: string } = {
  inventory_skew_factor: "is refused, because its unit differs; use skewLevels, gaps at full inventory",
};

interface OldNameProblem {
  readonly key: string;
  readonly text: string;
}

/** The tree with today's names. `old` says where a value of a new key was written. */
export interface Renamed {
  readonly values: unknown;
  readonly places: ReadonlyMap<string, Place>;
  readonly warnings: readonly { readonly key: string; readonly text: string }[];
  readonly problems: readonly OldNameProblem[];
}

type Section = { [name: string]: unknown };

const isSection = (value: unknown): value is Section =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export function renameOldKeys(tree: Tree): Renamed {
  const places = new Map(tree.places);
  const result = { values: tree.values, places, warnings: [], problems: [] };
  if (!isSection(tree.values) || !isSection(tree.values["bot"])) return result;
  const bot = tree.values["bot"];
  const grid = bot["grid"];
  if (!isSection(grid)) return result;
  const warnings: OldNameProblem[] = [];
  const problems: OldNameProblem[] = [];
  const values = structuredClone(tree.values);
  for (const [old, value] of Object.entries(grid)) {
    const key = `bot.grid.${old}`;
    const refused = ownText(REFUSED, old);
    const ignored = ownText(IGNORED, old);
    const target = targetOf(old);
    if (refused !== null) problems.push({ key, text: refused });
    else if (ignored !== null) warnings.push({ key, text: `is ignored: ${ignored}` });
    else if (target !== null) {
      warnings.push({ key, text: `is an old name; write ${target}` });
      if (!put(values, target, translated(old, value))) problems.push({ key, text: `and ${target} are both given` });
      const place = places.get(key);
      if (place !== undefined && !places.has(target)) places.set(target, place);
    } else continue;
    remove(values, old);
  }
  return { values, places, warnings, problems };
}

function targetOf(old: string): string | null {
  const inGrid = ownText(OLD_NAMES, old);
  return inGrid === null ? ownText(MOVED, old) : `bot.grid.${inGrid}`;
}

const ownText = (table: { readonly [name: string]: string }, name: string): string | null =>
  Object.hasOwn(table, name) ? (table[name] ?? null) : null;

/** Seconds became milliseconds, a switch became a choice. */
function translated(old: string, value: unknown): unknown {
  if (old === "margin_lock_duration_seconds" && typeof value === "number") return value * 1000;
  if (old === "cancel_on_exit" && typeof value === "boolean") return value ? "all" : "none";
  return value;
}

/** Sets a dotted key; false when it is there already, or a part of its way is no section. */
function put(values: unknown, target: string, value: unknown): boolean {
  const names = target.split(".");
  const last = names.pop() ?? "";
  let at: unknown = values;
  for (const name of names) {
    if (!isSection(at)) return false;
    at[name] ??= {};
    at = at[name];
  }
  if (!isSection(at) || Object.hasOwn(at, last)) return false;
  at[last] = value;
  return true;
}

function remove(values: unknown, old: string): void {
  if (!isSection(values) || !isSection(values["bot"]) || !isSection(values["bot"]["grid"])) return;
  delete values["bot"]["grid"][old];
}
