// What differs between two configurations of one bot, and what each difference may do to it while it runs (OPS-09).

import { type ChangeClass, GRID_KEYS } from "../../strategy/grid/keys.ts";
import { type BotValues, bot } from "../bot-schema.ts";
import { isSection } from "../problem-desk.ts";
import { KnownKeys } from "../schema-walk.ts";

/** One key that differs. Values are texts as a person writes them; null where there is none. */
export interface BotChange {
  /** Dotted, inside the bot: `grid.entryLevels`. */
  readonly key: string;
  readonly old: string | null;
  readonly new: string | null;
  readonly change: ChangeClass | "restart";
}

const KEYS = new KnownKeys(bot);

/** Keys that make it another bot. */
const IDENTITY = ["id", "tag", "strategy", "instrument"];

const GRID_CLASSES = new Map<string, ChangeClass>(GRID_KEYS.map(({ key, change }) => [`grid.${key}`, change]));

/** Every key whose value with defaults differs, in the order of the schema. Pure. */
export function diffBotConfig(before: BotValues, after: BotValues): readonly BotChange[] {
  const counted = before.grid["gridCount"] !== undefined || after.grid["gridCount"] !== undefined;
  const changes: BotChange[] = [];
  for (const key of KEYS.all.keys()) {
    const was = textAt(before, key);
    const is = textAt(after, key);
    if (was !== is) changes.push({ key, old: was, new: is, change: classOf(key, counted) });
  }
  return changes;
}

/** With gridCount the bounds belong to the lattice (grid.md section 11). */
function classOf(key: string, counted: boolean): ChangeClass {
  if (IDENTITY.includes(key)) return "flat";
  if (counted && (key === "grid.rangeLow" || key === "grid.rangeHigh")) return "drain";
  return GRID_CLASSES.get(key) ?? "live";
}

function textAt(values: BotValues, key: string): string | null {
  let at: unknown = values;
  for (const name of key.split(".")) at = isSection(at) ? at[name] : undefined;
  return typeof at === "string" || typeof at === "number" || typeof at === "boolean" ? `${at}` : null;
}
